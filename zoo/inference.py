"""Classify and embed: preprocess, run the network in chunks of like length, label.

No Keras is needed: a Keras model's weights run in ONNX Runtime, and the name of a model
does where there is none. Objects without a trigger keep their row, empty, with the
reason in the last column.
"""

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np
import pandas as pd

from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.runtime import Runtime

if TYPE_CHECKING:
    from zoo.network import LightCurveNetwork

AnyModel: TypeAlias = Union["LightCurveNetwork", Runtime, str, PathLike[str]]
"""A loaded model, its runtime, or its name or folder: all that inference needs."""

NAMED = 3
"""Objects that a warning names."""


def classify(
    model: AnyModel, photometry: Any, metadata: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Class probabilities of each object.

    Args:
        model: a loaded model, or the name or folder of one: then Keras is not needed.
        photometry: a photometry frame, or anything `as_light_curves` accepts.
        metadata: one row per object, where `photometry` is a frame.

    Returns:
        DataFrame, index `object_id`: one float32 column per class, rows that sum to 1,
        and `reason`, an empty string. An object without a trigger has NaN
        probabilities and the reason why.

    Raises:
        ValueError: the table breaks a rule, or no object at all can be classified.

    Warns:
        UserWarning: some objects cannot be classified (one warning, with the count),
            or a passband is new to the model.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> zoo.classify("ztfsims-gru", *golden_light_curves().to_tables()).shape[1]
        13
    """
    runtime = Runtime.of(model)
    light_curves = read(photometry, metadata)
    inputs = preprocess(light_curves, runtime.preset.preprocessing)
    announce(light_curves, inputs)
    return as_table(
        light_curves, inputs, predict(runtime, inputs), runtime.preset.classes
    )


def embed(
    model: AnyModel, photometry: Any, metadata: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The latent layer of each object.

    Args, errors and warnings as for `classify`.

    Returns:
        DataFrame, index `object_id`: float32 columns `latent_0`, `latent_1`, ..., NaN
        for an object without a trigger, and `reason`.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> zoo.embed("ztfsims-gru", golden_light_curves()).shape
        (8, 101)
    """
    runtime = Runtime.of(model)
    light_curves = read(photometry, metadata)
    inputs = preprocess(light_curves, runtime.preset.preprocessing)
    announce(light_curves, inputs)
    latent = predict(runtime, inputs, "latent")
    columns = [f"latent_{i}" for i in range(latent.shape[1])]
    return as_table(light_curves, inputs, latent, columns)


def predict(
    model: AnyModel,
    inputs: Inputs,
    output: str = "probabilities",
    *,
    advance: Callable[[int], None] = lambda objects: None,
) -> np.ndarray:
    """One output of a model for ragged inputs, float32 `(k, width)`, in their order.

    Args:
        model: the model, or its name.
        inputs: of `k` objects.
        output: `probabilities`, or `latent`: the latent layer.
        advance: called with the number of objects of each chunk that is done.
    """
    return Runtime.of(model).run(inputs, output, advance=advance)[0]


def announce(light_curves: LightCurves, inputs: Inputs) -> None:
    """Say what cannot be classified: an error if nothing can, else one warning.

    Raises:
        ValueError: no object at all has inputs.
    """
    left_out = np.flatnonzero(inputs.reason != "")
    if not len(left_out):
        return
    message = left_out_message(
        len(left_out),
        len(light_curves),
        light_curves.object_id[left_out[:NAMED]].tolist(),
        inputs.reason[left_out[0]],
    )
    if not len(inputs):
        raise ValueError(message)
    warnings.warn(message, stacklevel=3)


def left_out_message(
    left_out: int, objects: int, names: Sequence[str], reason: str
) -> str:
    """What is said of objects that cannot be classified, `names` the first of them."""
    more = ", ..." if left_out > len(names) else ""
    given = ", ".join(x if x.isprintable() else repr(x) for x in names)
    message = (
        f"{left_out} of {objects} objects cannot be classified ({given}{more}): "
        f"{reason}."
    )
    if left_out == objects:
        return f"{message} Mark the detections in a `detected` column."
    return message


def as_table(
    light_curves: LightCurves, inputs: Inputs, values: np.ndarray, columns: Any
) -> pd.DataFrame:
    """Values `(k, columns)` of the objects with inputs as a table of all objects."""
    full = np.full((len(light_curves), values.shape[1]), np.nan, np.float32)
    full[inputs.index] = values
    return label_rows(light_curves.object_id, full, columns, inputs.reason)


def label_rows(
    object_id: np.ndarray, values: np.ndarray, columns: Any, reason: np.ndarray
) -> pd.DataFrame:
    """Values `(n, columns)`, NaN where there is a reason, as a table."""
    index = pd.Index(object_id, name="object_id")
    table = pd.DataFrame(values, index=index, columns=_names(tuple(columns)))
    reasons = pd.DataFrame(reason[:, None], index=index, columns=_names(("reason",)))
    return pd.concat([table, reasons], axis=1)


@lru_cache(16)
def _names(columns: tuple[str, ...]) -> pd.Index:
    """An index of columns; making one takes a tenth of the time of a single object."""
    return pd.Index(columns)
