"""A stream as one `.npz` file: plain arrays, nothing pickled."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.analytic import golden_light_curves
from zoo.stream.pending import Observations

if TYPE_CHECKING:
    from zoo.stream.stream import Stream

FORMAT = 1


def save(path: Path, stream: "Stream") -> Path:
    """Write a stream aside, then give the file its name."""
    objects, count = stream._objects, len(stream)
    held, rows = stream._pending.take(np.arange(count))
    order = np.lexsort((rows.mjd, held))
    held, rows = held[order], rows.take(order)
    stream._pending.add(held, rows)
    arrays = {
        "format": np.array(FORMAT),
        "model": np.array(stream.runtime.source),
        "says": _says(stream.runtime),
        "counts": np.array([stream.late, stream.repeated]),
        "object_id": np.array(list(objects.slots), dtype=np.str_),
        "pending_object": held,
        **{f"pending_{name}": column for name, column in vars(rows).items()},
        **{name: column[:count] for name, column in objects.columns.items()},
    }
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        os.replace(aside, path)
    finally:
        Path(aside).unlink(missing_ok=True)
    return path


def fill(stream: "Stream", path: Path) -> None:
    """Fill a new stream with what was saved.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no saved stream, or one of another model.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file. Give what `Stream.save` wrote.")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        if arrays["format"] != FORMAT:
            raise ValueError(f"format {arrays['format']}, not {FORMAT}")
        source = str(arrays["model"])
        same = np.allclose(arrays["says"], _says(stream.runtime), atol=1e-4)
    except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no saved stream: {error}.") from None
    if not same:
        raise ValueError(
            f"{path} is a stream of {source}, whose states mean nothing to "
            f"{stream.runtime.source}. Give the model it was saved with."
        )
    stream.late, stream.repeated = map(int, arrays["counts"])
    stream._objects.find(arrays["object_id"].tolist())
    for name in stream._objects.columns:
        stream._objects.columns[name] = arrays[name]
    rows = {name: arrays[f"pending_{name}"] for name in Observations.__annotations__}
    stream._pending.add(arrays["pending_object"], Observations(**rows))


def _says(runtime: Runtime) -> np.ndarray:
    """What a model says of a few light curves: tells one set of weights from another,
    whatever machine or version runs it."""
    inputs = to_inputs(golden_light_curves(), runtime.preset.preprocessing)
    return runtime.run(inputs, "probabilities")[0]
