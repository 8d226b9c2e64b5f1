"""Classify and embed: preprocess, run the network in batches of like length, label.

Objects without a trigger keep their row, empty, with the reason in the last column.
"""

import warnings
from typing import Any

import keras
import numpy as np
import pandas as pd

from zoo.batches import sorted_batches
from zoo.data import as_light_curves
from zoo.light_curves import LightCurves
from zoo.network import LightCurveNetwork
from zoo.preprocess import Inputs, preprocess
from zoo.table import from_tables

_NAMED = 3  # objects that a warning names


def classify(
    model: LightCurveNetwork, photometry: Any, metadata: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Class probabilities of each object.

    Args:
        model: the model.
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
        >>> from zoo.golden import golden_light_curves
        >>> model = zoo.load("ztfsims-gru")
        >>> table = model.classify(*golden_light_curves().to_tables())
        >>> table.shape[1]
        13
    """
    light_curves = read(photometry, metadata)
    inputs = preprocess(light_curves, model.preset.preprocessing)
    announce(light_curves, inputs)
    return as_table(light_curves, inputs, predict(model, inputs), model.preset.classes)


def embed(
    model: LightCurveNetwork, photometry: Any, metadata: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The latent layer of each object.

    Args, errors and warnings as for `classify`.

    Returns:
        DataFrame, index `object_id`: float32 columns `latent_0`, `latent_1`, ..., NaN
        for an object without a trigger, and `reason`.

    Example:
        >>> import zoo
        >>> from zoo.golden import golden_light_curves
        >>> zoo.embed(zoo.load("ztfsims-gru"), golden_light_curves()).shape
        (8, 101)
    """
    light_curves = read(photometry, metadata)
    inputs = preprocess(light_curves, model.preset.preprocessing)
    announce(light_curves, inputs)
    latent = latents(model, inputs)
    columns = [f"latent_{i}" for i in range(latent.shape[1])]
    return as_table(light_curves, inputs, latent, columns)


def predict(model: keras.Model, inputs: Inputs) -> np.ndarray:
    """Run a network over ragged inputs, float32 `(k, width)`, in their order."""
    jit_compile = model.jit_compile
    if keras.backend.backend() == "tensorflow":
        # Compiling one XLA program per shape costs seconds, which one pass over the
        # data does not win back; without, batches of any length share one graph.
        model.jit_compile = False
    output = np.empty((len(inputs), model.output.shape[-1]), np.float32)
    try:
        for objects, batch in sorted_batches(inputs):
            output[objects] = model.predict_on_batch(batch)
    finally:
        model.jit_compile = jit_compile
    return output


def latents(model: keras.Model, inputs: Inputs) -> np.ndarray:
    """The latent layer over ragged inputs, float32 `(k, width)`, in their order."""
    backbone = keras.Model(model.input, model.get_layer("latent").output)
    return predict(backbone, inputs)


def read(photometry: Any, metadata: pd.DataFrame | None) -> LightCurves:
    """The light curves that `classify`, `embed` and `novelty` are given.

    Raises:
        ValueError: the table breaks a rule, or there are metadata beside other data.
    """
    if metadata is None:
        return as_light_curves(photometry)
    if not isinstance(photometry, pd.DataFrame):
        raise ValueError(
            "metadata were given beside data that hold their own. Give two frames, or "
            f"the {type(photometry).__name__} alone."
        )
    return from_tables(photometry, metadata)


def announce(light_curves: LightCurves, inputs: Inputs) -> None:
    """Say what cannot be classified: an error if nothing can, else one warning.

    Raises:
        ValueError: no object at all has inputs.
    """
    left_out = np.flatnonzero(inputs.reason != "")
    if not len(left_out):
        return
    shown = ", ".join(light_curves.object_id[left_out[:_NAMED]])
    more = ", ..." if len(left_out) > _NAMED else ""
    message = (
        f"{len(left_out)} of {len(light_curves)} objects cannot be classified "
        f"({shown}{more}): {inputs.reason[left_out[0]]}."
    )
    if not len(inputs):
        raise ValueError(f"{message} Mark the detections in a `detected` column.")
    warnings.warn(message, stacklevel=3)


def as_table(
    light_curves: LightCurves, inputs: Inputs, values: np.ndarray, columns: Any
) -> pd.DataFrame:
    """Values `(k, columns)` of the objects with inputs as a table of all objects."""
    full = np.full((len(light_curves), values.shape[1]), np.nan, np.float32)
    full[inputs.index] = values
    index = pd.Index(light_curves.object_id, name="object_id")
    table = pd.DataFrame(full, index=index, columns=list(columns))
    return table.assign(reason=inputs.reason)
