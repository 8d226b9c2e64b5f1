"""Objects of which a model sees little: most of their points lie outside its window."""

import numpy as np

from zoo.inputs.inputs import Inputs
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import triggers
from zoo.inputs.wavelengths import usable_rows
from zoo.light_curves.ragged import LightCurves


def mostly_outside(
    light_curves: LightCurves, inputs: Inputs, preprocessing: Preprocessing
) -> np.ndarray:
    """Objects with more points outside the window of a model than within.

    Points at wavelengths that the model leaves out do not count; objects without a
    trigger have no window.

    Args:
        light_curves: the objects that `preprocess` was given.
        inputs: what it made of them.
        preprocessing: what it made them with.

    Returns:
        int64 `(k,)`, positions among the light curves.
    """
    usable, points = usable_rows(light_curves, preprocessing), light_curves.lengths
    if usable is not None:
        owner = np.repeat(np.arange(len(light_curves)), points)
        points = np.bincount(owner[usable], minlength=len(light_curves))
    return inputs.index[2 * inputs.lengths < points[inputs.index]]


def mostly_detected_outside(
    light_curves: LightCurves, inputs: Inputs, preprocessing: Preprocessing
) -> np.ndarray:
    """Objects that were detected more often outside the window of a model than within.

    Those outlast what the model sees. Points alone do not tell: forced photometry goes
    on for years before and after a supernova.

    Args and result as for `mostly_outside`.
    """
    usable = usable_rows(light_curves, preprocessing)
    trigger = np.full(len(light_curves), np.nan)
    rows = triggers(light_curves, preprocessing)[inputs.index]
    trigger[inputs.index] = light_curves.mjd[rows]
    days = light_curves.mjd - np.repeat(trigger, light_curves.lengths)
    first, last = preprocessing.window
    detected = (
        light_curves.detected if usable is None else light_curves.detected & usable
    )
    outside = detected & ((days < first) | (days > last))
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    count = np.bincount(owner[detected], minlength=len(light_curves))
    without = np.bincount(owner[outside], minlength=len(light_curves))
    return inputs.index[2 * without[inputs.index] > count[inputs.index]]


def outside_in_words(light_curve: LightCurves, preprocessing: Preprocessing) -> str:
    """How many points of one object lie outside the window, and where.

    Args:
        light_curve: one object, with a trigger and with points outside.
        preprocessing: the parameters that travel with a model.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> one = golden_light_curves().take([0])
        >>> outside_in_words(one, Preprocessing(window=(-30.0, 3.0)))
        '61 of 80 points after day 3'
    """
    usable = usable_rows(light_curve, preprocessing)
    days = light_curve.mjd - light_curve.mjd[triggers(light_curve, preprocessing)[0]]
    days = days if usable is None else days[usable]
    first, last = preprocessing.window
    before, after = days < first, days > last
    where = [f"before day {first:g}"] if before.any() else []
    where += [f"after day {last:g}"] if after.any() else []
    outside = int((before | after).sum())
    return f"{outside:,} of {len(days):,} points {' or '.join(where)}"
