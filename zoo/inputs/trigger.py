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
