"""A stream as one `.npz` file: plain arrays, nothing pickled."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.analytic import golden_light_curves
from zoo.system.atomic import new_file

FORMAT = 1


def save(path: Path, runtime: Runtime, arrays: dict[str, Any]) -> Path:
    """Write the arrays of a stream, whole or not at all.

    Args:
        path: where.
        runtime: of the model that the stream is of.
        arrays: what `load` will return.
    """
    with new_file(path) as part, part.open("wb") as file:
        np.savez(
            file,
            format=np.array(FORMAT),
            model=np.array(runtime.source),
            says=_says(runtime),
            **arrays,
        )
    return path


def load(path: Path, runtime: Runtime) -> dict[str, np.ndarray]:
    """Read the arrays of a stream that was saved.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a saved stream, or one of another model.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file. Give what `Stream.save` wrote.")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        if arrays["format"] != FORMAT:
            raise ValueError(f"format {arrays['format']}, not {FORMAT}")
        source = str(arrays["model"])
        same = np.allclose(arrays["says"], _says(runtime), atol=1e-4)
    except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no saved stream: {error}.") from None
    if not same:
        raise ValueError(
            f"{path} is a stream of {source}, whose states mean nothing to "
            f"{runtime.source}. Give the model it was saved with."
        )
    return arrays


def _says(runtime: Runtime) -> np.ndarray:
    """What a model says of a few light curves: tells one set of weights from another,
    whatever machine or version runs it."""
    inputs = to_inputs(golden_light_curves(), runtime.preset.preprocessing)
    return runtime.run(inputs, "probabilities")[0]
