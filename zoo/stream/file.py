"""A stream as one `.npz` file: plain arrays, nothing pickled."""

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.analytic import golden_light_curves
from zoo.system.atomic import new_file

FORMAT = 2
_READ = (1, FORMAT)  # the first has texts as arrays of NumPy's strings


def save(path: Path, runtime: Runtime, arrays: dict[str, Any]) -> Path:
    """Write the arrays of a stream, which `load` returns, whole or not at all."""
    with new_file(path) as part, part.open("wb") as file:
        np.savez(
            file,
            format=np.array(FORMAT),
            **packed("model", [runtime.source]),
            says=_fingerprint(runtime),
            **arrays,
        )
    return path


def as_json(content: Any) -> str:
    """Notes as text, from which `json.loads` makes the same again.

    Raises:
        ValueError: JSON cannot hold them.
    """
    try:
        text = json.dumps(content)
        same = json.loads(text) == content
    except (TypeError, ValueError):
        same = False
    if not same:
        raise ValueError(
            f"the notes of the stream are {content[-1]!r}, of which JSON cannot hold "
            "all. Use texts, finite numbers, lists, and dictionaries by text."
        )
    return text


def load(path: Path, runtime: Runtime) -> dict[str, np.ndarray]:
    """Read the arrays of a stream that was saved.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a saved stream, or one of another model.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not a file. Give one that `Stream.save` wrote."
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        if arrays["format"] not in _READ:
            raise ValueError(f"format {arrays['format']}, not {FORMAT}")
        source = "".join(unpacked("model", arrays))
        same = np.allclose(arrays["says"], _fingerprint(runtime), atol=1e-4)
    except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a saved stream: {error}.") from None
    if not same:
        raise ValueError(
            f"{path} is a stream of {source}, whose states do not fit "
            f"{runtime.source}. Give the model that it was saved with."
        )
    return arrays


def packed(name: str, texts: Iterable[str]) -> dict[str, Any]:
    """Texts as arrays, each of its own length and every letter of it kept.

    An array of NumPy's strings would make all as long as the longest, and drop null
    characters at their ends.

    Example:
        >>> unpacked("a", packed("a", ["SNIa", "", "SNIa\\0"]))
        ['SNIa', '', 'SNIa\\x00']
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return {
        name: np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}_length": np.array([len(one) for one in encoded], np.int64),
    }


def unpacked(name: str, arrays: Mapping[str, np.ndarray]) -> list[str]:
    """Undo `packed`; of a file of the first format, the strings as they are.

    Raises:
        ValueError: lengths and letters do not fit each other.
    """
    held = arrays[name]
    if held.dtype.kind == "U":
        return held.reshape(-1).tolist()
    lengths = arrays[f"{name}_length"]
    if held.dtype != np.uint8 or lengths.dtype != np.int64 or lengths.ndim != 1:
        raise ValueError(f"{name} is damaged")
    ends = lengths.tolist()
    if min(ends, default=0) < 0 or sum(ends) != held.size:
        raise ValueError(f"{name} is damaged")
    ends = np.cumsum([0, *ends]).tolist()
    text = held.tobytes()
    return [
        text[start:end].decode("utf-8", "surrogatepass")
        for start, end in pairwise(ends)
    ]


def _fingerprint(runtime: Runtime) -> np.ndarray:
    """Probabilities of a few light curves: they tell one set of weights from another,
    on any machine and with any version of the packages, whatever passbands it knows."""
    every = runtime.keeping_all_passbands()
    inputs = to_inputs(golden_light_curves(), every.preset.preprocessing)
    return every.run(inputs, "probabilities")[0]
