"""The ONNX graph of a model folder, kept beside its weights.

To write it, the `onnx` package must be imported, which takes 0.2 s; to read it takes a
millisecond. The file is hidden, is not part of the model and is never pushed. Its name
holds the sha256 of the `zoo.json` it was made from and of its own bytes, so that
neither the graph of another version nor a damaged file is ever used.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

from zoo.inference.onnx_graph import onnx_graph
from zoo.model_folder.manifest import read_manifest
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import read_tensors
from zoo.system.atomic import file_aside

_DIGITS = 16  # of a sha256: enough to tell accidents apart
_FORMAT = "2"  # of the graph; files of another format are ignored


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
    # A folder that may only be read, or a full disk: the graph is made every time.
    with suppress(OSError), file_aside(folder / (stem + _digest(graph))) as aside:
        aside.write_bytes(graph)
    return graph


def _digest(graph: bytes) -> str:
    return hashlib.sha256(graph).hexdigest()[:_DIGITS]
