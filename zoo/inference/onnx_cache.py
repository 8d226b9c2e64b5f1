"""The ONNX graph of a model folder, kept beside its weights.

Writing it takes the `onnx` package 0.2 s to import, reading it a millisecond. The file
is hidden, is no part of the model and is never pushed; its name holds the sha256 of the
`zoo.json` it was made from and of its own bytes, so that neither another version of the
model nor a damaged file is ever taken for it.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from zoo.inference.onnx_graph import onnx_graph
from zoo.model_folder.manifest import read_manifest
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import read_tensors

_DIGITS = 16  # of a sha256: enough to tell accidents apart
_FORMAT = "2"  # of the graph; a new one is not served from an old file


def cached_graph(folder: Path, preset: Preset) -> bytes:
    """Read the graph of a model folder, or write it and, where allowed, keep it.

    Args:
        folder: a model folder whose files were checked.
        preset: of that folder.

    Raises:
        ValueError: the weights cannot be read or do not fit the preset.
    """
    made_from = read_manifest(folder)["sha256"][:_DIGITS]
    stem = f".onnx-{_FORMAT}-{made_from}-"
    for path in folder.glob(f"{stem}*"):
        graph = path.read_bytes()
        if path.name == stem + _digest(graph):
            return graph
    graph = onnx_graph(preset, read_tensors(folder, preset))
    _keep(graph, folder / (stem + _digest(graph)))
    return graph


def _keep(graph: bytes, path: Path) -> None:
    try:
        handle, aside = tempfile.mkstemp(prefix=".onnx.", dir=path.parent)
    except OSError:  # a folder that may only be read: the graph is made anew each time
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(graph)
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    except OSError:  # a full disk
        pass
    finally:
        Path(aside).unlink(missing_ok=True)


def _digest(graph: bytes) -> str:
    return hashlib.sha256(graph).hexdigest()[:_DIGITS]
