"""Nightly averages in one passband, as a padded array."""

from typing import NamedTuple

import numpy as np

from zoo.datasets.compare.passbands import Group, codes
from zoo.light_curves.ragged import LightCurves

BEFORE, AFTER = 60.0, 120.0
"""Days before and after the brightest point that are used."""

_NIGHT = 0.3  # no night of Palomar (MJD .1 to .6) or Pachon (.9 to .5) crosses MJD .7


class Nights(NamedTuple):
    """Nights of `n` objects in one passband, padded with NaN to `m`.

    Attributes:
        days: `(n, m)`, since the brightest point of the object.
        flux: `(n, m)`, zero point 27.5, weighted mean of the night.
        error: `(n, m)`, same unit.
    """

    days: np.ndarray
    flux: np.ndarray
    error: np.ndarray


def brightest(light_curves: LightCurves, passbands: Group) -> np.ndarray:
    """Time of the brightest point in some passbands, mjd `(n,)`, NaN without a point.

    The highest lower end of an error bar: a noisy point is not the brightest one.
    """
    chosen = codes(passbands, light_curves.passbands)
    rows = np.flatnonzero(np.isin(light_curves.band, chosen))
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)[rows]
    height = light_curves.flux[rows] - light_curves.flux_err[rows]
    order = np.lexsort((height, owner))
    last = np.flatnonzero(np.diff(owner[order], append=len(light_curves)))
    mjd = np.full(len(light_curves), np.nan)
    mjd[owner[order][last]] = light_curves.mjd[rows][order][last]
    return mjd


def nights(light_curves: LightCurves, passbands: Group, start: np.ndarray) -> Nights:
    """Average each night in passbands that count as one.

    Args:
        light_curves: `n` objects.
        passbands: some of theirs.
        start: `(n,)`, mjd that `days` counts from.
    """
    n = len(light_curves)
    chosen = codes(passbands, light_curves.passbands)
    owner = np.repeat(np.arange(n), light_curves.lengths)
    days = light_curves.mjd - start[owner]
    rows = np.flatnonzero(
        np.isin(light_curves.band, chosen) & (days >= -BEFORE) & (days <= AFTER)
    )
    owner, days = owner[rows], days[rows]
    night = np.floor(light_curves.mjd[rows] + _NIGHT)
    # Rows are sorted by object and time: a new night is where either changes.
    group = (
        np.cumsum((np.diff(owner, prepend=-1) != 0) | (np.diff(night, prepend=0) != 0))
        - 1
    )
    number = group[-1] + 1 if len(group) else 0
    weight = 1 / light_curves.flux_err[rows].astype(float) ** 2
    total = np.bincount(group, weight, number)
    flux = np.bincount(group, weight * light_curves.flux[rows], number) / total
    mean_days = np.bincount(group, weight * days, number) / total
    object_of = np.zeros(number, dtype=int)
    object_of[group] = owner
    count = np.bincount(object_of, minlength=n)
    column = np.arange(number) - np.repeat(np.cumsum(count) - count, count)
    padded = np.full((3, n, max(count.max(initial=0), 1)), np.nan)
    padded[:, object_of, column] = mean_days, flux, 1 / np.sqrt(total)
    return Nights(*padded)
