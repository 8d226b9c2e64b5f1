"""The ONNX graph of a model folder, kept beside its weights.

To write it, the `onnx` package must be imported, which takes 0.2 s; to read it takes a
millisecond. The file is hidden, is not part of the model and is never pushed. Its name
holds the sha256 of the `zoo.json` it was made from and of its own bytes, so that
neither the graph of another version nor a damaged file is ever used.
"""

import hashlib
from contextlib import suppress

from zoo.inference.onnx_graph import onnx_graph
from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.tensors import read_tensors
from zoo.system.atomic import new_file

_DIGITS = 16  # of a sha256: enough to tell accidents apart
_FORMAT = "2"  # of the graph; files of another format are ignored


def cached_graph(folder: ModelFolder) -> bytes:
    """Read the graph of a model folder, or write it and, where allowed, keep it.

    Raises:
        ValueError: the weights cannot be read or do not fit the preset.
    """
    made_from = folder.manifest.sha256[:_DIGITS]
    stem = f".onnx-{_FORMAT}-{made_from}-"
    for path in folder.path.glob(f"{stem}*"):
        graph = path.read_bytes()
        if path.name == stem + _digest(graph):
            return graph
    graph = onnx_graph(folder.preset, read_tensors(folder))
    path = folder.path / (stem + _digest(graph))
    # A folder that may only be read, or a full disk: the graph is made every time.
    with suppress(OSError), new_file(path) as part:
        part.write_bytes(graph)
    return graph


def _digest(graph: bytes) -> str:
    return hashlib.sha256(graph).hexdigest()[:_DIGITS]
