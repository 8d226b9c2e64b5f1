"""The trigger of a light curve: the rule, and the flux at it."""

import numpy as np

from zoo.light_curves.ragged import LightCurves

NO_PHOTOMETRY = "no photometry"
OUT_OF_RANGE = "no photometry within the wavelengths that the model was trained on"
NO_TRIGGER = "no trigger: no detection with another one within {days:g} days"


def trigger_rows(
    light_curves: LightCurves, pair_days: float, detected: np.ndarray | None = None
) -> np.ndarray:
    """Find the row of each object's trigger, see `paired_rows`.

    Args:
        light_curves: any number of objects.
        pair_days: days.
        detected: the detections that count, bool `(m,)`; default: all.
    """
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    if detected is None:
        detected = light_curves.detected
    return paired_rows(detected, light_curves.mjd, owner, len(light_curves), pair_days)


def paired_rows(
    detected: np.ndarray,
    mjd: np.ndarray,
    owner: np.ndarray,
    objects: int,
    pair_days: float,
) -> np.ndarray:
    """Find the row of the trigger: the rule itself.

    The trigger is the first detection that has another one, in any passband, within
    `pair_days` after it.

    Args:
        detected: bool `(m,)`.
        mjd: float64 `(m,)`, days, not decreasing within an object.
        owner: int64 `(m,)`, the object of each row, not decreasing.
        objects: number of objects, `n`.
        pair_days: days.

    Returns:
        int64 `(n,)`: index of the row, -1 where there is none.
    """
    rows = np.flatnonzero(detected)
    first, second = rows[:-1], rows[1:]
    paired = (owner[first] == owner[second]) & (mjd[second] - mjd[first] <= pair_days)
    found = first[paired][::-1]
    trigger = np.full(objects, -1)
    trigger[owner[found]] = found  # of several, the last assignment stays: the first
    return trigger


def trigger_flux(flux: np.ndarray, flux_err: np.ndarray) -> np.ndarray:
    """The unit of an object's fluxes, from those of its trigger.

    A survey may flag a negative flux as detection; its size still sets the scale.
    """
    return np.maximum(np.abs(flux), flux_err)


def thinned(
    light_curves: LightCurves,
    most: int,
    pair_days: float,
    generator: np.random.Generator,
) -> LightCurves:
    """The same objects with rows left out at random, and with the same triggers.

    No row is left out from the trigger to the detection that confirms it, so an object
    may keep more.

    Args:
        light_curves: any number of objects, each with a trigger.
        most: number of rows that an object keeps.
        pair_days: days, see `paired_rows`.
        generator: source of the randomness.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> random = np.random.default_rng(0)
        >>> int(thinned(golden_light_curves(), 30, 30.0, random).lengths.max())
        30
    """
    trigger = trigger_rows(light_curves, pair_days)
    rows = np.arange(len(light_curves.mjd))
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    later = light_curves.detected & (rows > trigger[owner])
    starts = light_curves.offsets[:-1]
    confirmed = np.minimum.reduceat(np.where(later, rows, len(rows)), starts)
    order = generator.random(len(rows))
    order[(rows >= trigger[owner]) & (rows <= confirmed[owner])] = -1
    rank = np.empty(len(rows), np.int64)
    rank[np.lexsort((order, owner))] = rows - light_curves.offsets[owner]
    return light_curves.keep((rank < most) | (order < 0))
