"""What a model says of an object as its observations arrive."""

import numpy as np
import pandas as pd

from zoo.inference import predict
from zoo.light_curves import LightCurves
from zoo.network import LightCurveNetwork
from zoo.preprocess import NO_TRIGGER, preprocess, trigger_rows


def history(model: LightCurveNetwork, light_curve: LightCurves) -> pd.DataFrame:
    """Class probabilities after every observation of one object.

    Features are causal, so this is what the model would have said then. The first row
    is the detection that confirms the trigger; before it nobody knows of the object.

    Args:
        model: the model.
        light_curve: one object.

    Returns:
        DataFrame, one row per observation from then on within the model's window:
        `mjd`, `days_since_trigger` and one float32 column per class, rows that sum
        to 1.

    Raises:
        ValueError: there is not one object, or it has no trigger.

    Example:
        >>> import zoo
        >>> from zoo.golden import golden_light_curves
        >>> table = history(zoo.load("ztfsims-gru"), golden_light_curves().take([0]))
        >>> bool(table["days_since_trigger"].is_monotonic_increasing)
        True
    """
    if len(light_curve) != 1:
        raise ValueError(f"give one object, not {len(light_curve)}.")
    preprocessing = model.preset.preprocessing
    trigger = int(trigger_rows(light_curve, preprocessing.pair_days)[0])
    if trigger < 0:
        reason = NO_TRIGGER.format(days=preprocessing.pair_days)
        raise ValueError(f"object {light_curve.object_id[0]!r} has {reason}.")
    inputs = preprocess(light_curve, preprocessing)
    days = light_curve.mjd - light_curve.mjd[trigger]
    first, last = preprocessing.window
    rows = np.flatnonzero((days >= first) & (days <= last))  # those of the inputs
    detections = np.flatnonzero(light_curve.detected)
    confirmed = int(detections[detections > trigger][0])
    ends = np.flatnonzero(rows >= confirmed)
    if not len(ends):  # a window shorter than the pair rule
        ends = np.array([len(rows) - 1])
    copies = inputs.take(np.zeros(len(ends), np.int64))
    row = np.tile(np.arange(len(rows)), len(ends))
    probabilities = predict(model, copies.with_rows(row <= np.repeat(ends, len(rows))))
    at = rows[ends]
    return pd.DataFrame(
        {
            "mjd": light_curve.mjd[at],
            "days_since_trigger": days[at],
            **dict(zip(model.preset.classes, probabilities.T, strict=True)),
        }
    )
