"""A stream as one `.npz` file: plain arrays, nothing pickled."""

import json
import reprlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.analytic import golden_light_curves
from zoo.model_folder.arrays import (
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    UNSIGNED,
    check_shapes,
    read_arrays,
)
from zoo.model_folder.manifest import parse_json
from zoo.system.atomic import new_file

FORMAT = 2
_READ = (1, FORMAT)  # the first has texts as arrays of NumPy's strings
_PACKED = ("model", "object_id", "own_names")
_KINDS = {
    **dict.fromkeys(("format", "counts", "pending_object", "pending_band"), INTEGER),
    **dict.fromkeys(_PACKED, TEXT + UNSIGNED),
    **dict.fromkeys((f"{name}_length" for name in _PACKED), INTEGER),
    "notes": TEXT,
    **dict.fromkeys(("says", "margin", "own_wavelengths", "probabilities"), NUMBER),
    **dict.fromkeys(("trigger_mjd", "trigger_flux", "last_mjd"), NUMBER),
    **dict.fromkeys(("redshift", "mwebv", "state_1", "state_2"), NUMBER),
    **dict.fromkeys(("before_1", "before_2", "further", "novelty"), NUMBER),
    **dict.fromkeys(("pending_mjd", "pending_flux", "pending_flux_err"), NUMBER),
    "last_bands": UNSIGNED,
    "pending_detected": FLAG,
}


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
    """Notes as text, from which `parse_json` makes the same again when it is restored.

    Raises:
        ValueError: JSON cannot hold them, or they lie too deep.
    """
    try:
        text = json.dumps(content)
        same = parse_json(text.encode(), "notes") == content
    except (TypeError, ValueError, RecursionError):
        same = False
    if not same:
        raise ValueError(
            f"the notes of the stream are {reprlib.repr(content[-1])}, of which JSON "
            "cannot hold all. Use texts, finite numbers, lists, and dictionaries by "
            "text, not many in each other."
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
        with path.open("rb") as stream:
            # Nothing in it is packed: the file is as large as what it holds.
            arrays = read_arrays(stream, _KINDS, path.stat().st_size)
        check_shapes(arrays, {"format": ()})
        if arrays["format"] not in _READ:
            raise ValueError(f"format {arrays['format']}, not {FORMAT}")
        (source,) = unpacked("model", arrays)
        own = _fingerprint(runtime)
        check_shapes(arrays, {"says": arrays.get("says", own).shape})
    except ValueError as error:
        raise ValueError(f"{path} is not a saved stream: {error}.") from None
    says = arrays["says"]
    same = says.shape == own.shape and np.allclose(says, own, atol=1e-4)
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
        ValueError: one is missing, or lengths and letters do not fit each other.
    """
    held = arrays.get(name, np.empty((), object))
    if held.dtype.kind == TEXT and held.ndim < 2:
        return held.reshape(-1).tolist()
    lengths = arrays.get(f"{name}_length", np.empty(()))
    if held.dtype != np.uint8 or lengths.dtype != np.int64 or lengths.ndim != 1:
        raise ValueError(f"{name} is missing or damaged")
    ends = lengths.tolist()
    if min(ends, default=0) < 0 or sum(ends) != held.size:
        raise ValueError(f"{name} is damaged")
    ends = np.cumsum([0, *ends]).tolist()
    text = held.tobytes()
    parts = (text[start:end] for start, end in pairwise(ends))
    return [part.decode("utf-8", "surrogatepass") for part in parts]


def _fingerprint(runtime: Runtime) -> np.ndarray:
    """Probabilities of a few light curves: they tell one set of weights from another,
    on any machine and with any version of the packages, whatever passbands it knows."""
    every = runtime.keeping_all_passbands()
    inputs = to_inputs(golden_light_curves(), every.preset.preprocessing)
    return every.run(inputs, "probabilities")[0]
