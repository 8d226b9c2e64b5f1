"""Classify and embed: preprocess, run the network, and put its output in a table.

No Keras is needed: the name of a model is enough, and the weights of a Keras model run
without it too. Objects without a trigger stay in the output, with NaN
probabilities and a `reason`.
"""

from typing import Any

import numpy as np
import pandas as pd

from zoo.inference.novelty import Usual
from zoo.inference.result import as_table
from zoo.inference.runtime import AnyModel, Runtime, predict
from zoo.inference.tally import announce
from zoo.inference.trust import Trust
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.accept import read_objects
from zoo.light_curves.ragged import LightCurves


def classify(
    model: AnyModel,
    photometry: Any,
    metadata: Any = None,
    *,
    trust: bool = False,
    keep_all_passbands: bool = False,
    schema: Any = None,
) -> pd.DataFrame:
    """Class probabilities of each object.

    Args:
        model: a loaded model, or the name or folder of one, which needs no Keras.
        photometry: a photometry frame, or any data that
            `zoo.light_curves.accept.read` reads: files, folders, other frames, alert
            packets.
        metadata: one row per object, where `photometry` is a frame.
        trust: add a column `trust` before `reason`: `ok`, or one word for why not to
            trust the probabilities. In this order: `flux`, most errors are not
            plausible for any survey; `passbands`, most points lie outside the
            wavelengths that the model was trained on; `redshift`, it is beyond those of
            the light curves that travel with the model; `window`, the object was
            detected mostly outside the days that the model sees; `novel`, its
            `zoo.novelty` is above that of 95 % of those light curves. Empty where there
            are no probabilities.
        keep_all_passbands: use also the observations whose wavelength lies outside the
            range that the model was trained on (see `zoo.inputs.wavelengths`); by
            default they are left out.
        schema: of packets as Avro without their schema, as in
            `zoo.light_curves.photometry.ReadOptions`.

    Returns:
        DataFrame, index `object_id`: one float32 column per class, rows that sum to 1,
        and `reason`, an empty string. An object without a trigger has NaN
        probabilities and the reason for them, also where no object has one. Data
        without any object, such as an empty partition, give a table without rows, of
        the same columns and types.

    Raises:
        ValueError: the table breaks a rule, or with `trust` the model carries too few
            light curves to tell what is usual.

    Warns:
        UserWarning: some or all objects cannot be classified, or some observations were
            left out (one warning each, with the count), or the model was not trained on
            a passband, or does not use a column of the metadata, or lacks one, or most
            points of some objects lie outside the days that it sees, or the data are
            not plausible, such as magnitudes in the column of the fluxes (see
            `zoo.inputs.plausibility`).

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> zoo.classify("ztfsims-gru", *golden_light_curves().to_tables()).shape[1]
        13
    """
    runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
    reads = runtime.preset.preprocessing.reads
    light_curves = read_objects(photometry, metadata, schema=schema, **reads)
    inputs = to_inputs(light_curves, runtime.preset.preprocessing)
    known = Trust.of(runtime) if trust else None
    table, reason = classified(runtime, light_curves, inputs, trust=known)
    announce(runtime, light_curves, inputs, reason)
    return table


def classified(
    runtime: Runtime,
    light_curves: LightCurves,
    inputs: Inputs,
    usual: Usual | None = None,
    trust: Trust | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """The table of `classify`, for light curves whose inputs are made, and its reasons.

    Args:
        runtime: of the model.
        light_curves: any number of objects.
        inputs: made from them.
        usual: adds the column of `zoo.novelty`.
        trust: adds the column `trust`. Both stand before `reason`.
    """
    columns, words = runtime.preset.classes, None
    judge = usual if trust is None else trust.usual
    if judge is None:
        values = predict(runtime, inputs)
    else:
        values, latent = runtime.run(inputs, "probabilities", "latent")
        score = judge.score(latent, values)
        if trust is not None:
            preprocessing = runtime.preset.preprocessing
            words = trust.words(light_curves, inputs, preprocessing, score)
        if usual is not None:
            values = np.column_stack([values, score])
            columns = (*columns, "novelty")
    return as_table(light_curves, inputs, values, columns, words)


def embed(
    model: AnyModel,
    photometry: Any,
    metadata: Any = None,
    *,
    keep_all_passbands: bool = False,
) -> pd.DataFrame:
    """The output of the latent layer for each object.

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
    runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
    reads = runtime.preset.preprocessing.reads
    light_curves = read_objects(photometry, metadata, **reads)
    inputs = to_inputs(light_curves, runtime.preset.preprocessing)
    latent = predict(runtime, inputs, "latent")
    columns = [f"latent_{i}" for i in range(latent.shape[1])]
    table, reason = as_table(light_curves, inputs, latent, columns)
    announce(runtime, light_curves, inputs, reason)
    return table
