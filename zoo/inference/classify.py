"""Classify and embed: preprocess, run the network in chunks of like length, label.

No Keras is needed: a Keras model's weights run in ONNX Runtime, and the name of a model
does where there is none. Objects without a trigger keep their row, empty, with the
reason in the last column.
"""

from typing import Any

import pandas as pd

from zoo.inference.result import announce, as_table
from zoo.inference.runtime import AnyModel, Runtime, predict
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.accept import read


def classify(model: AnyModel, photometry: Any, metadata: Any = None) -> pd.DataFrame:
    """Class probabilities of each object.

    Args:
        model: a loaded model, or the name or folder of one: then Keras is not needed.
        photometry: a photometry frame, or any data that
            `zoo.light_curves.accept.read` reads: files, folders, other frames.
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


def embed(model: AnyModel, photometry: Any, metadata: Any = None) -> pd.DataFrame:
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
