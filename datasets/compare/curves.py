"""Smooth g and r light curves of every object on one grid of days.

A Gaussian process per object and passband: it follows dense points, averages noisy
ones, and its error is large where nothing is known.
"""

from dataclasses import dataclass

import numpy as np

from zoo.datasets.compare.nights import AFTER, BEFORE, brightest, nights
from zoo.datasets.compare.passbands import Group
from zoo.light_curves.ragged import LightCurves

DAYS = np.arange(-BEFORE, AFTER + 1)
"""The grid, days since the brightest point."""

LETTERS = ("g", "r")
"""What the passbands stand for, in the order of the arrays below."""

SCALE = 20.0
"""Days over which the flux is correlated; about that of Boone 2019, AJ 158 257."""

FLOOR = 0.01
"""Error added to every night, as a fraction of the peak flux: for the calibration, and
to keep the matrices well conditioned."""

_EMPTY = 1e6  # error of a padding night: it has no weight

_AT_ONCE = 200  # objects; their matrices stay below 100 MB
_SURE = 0.15  # largest error of the curve, in units of the peak, for a point to count
_NEAR = 20.0  # days: a night on each side of the peak within these


@dataclass(frozen=True, eq=False)
class Curves:
    """Smooth light curves of `n` objects in g and r on the `q` days of `DAYS`.

    Attributes:
        flux: `(2, n, q)`, zero point 27.5, as observed.
        error: `(2, n, q)`, same unit.
        start: `(n,)`, mjd of day 0.
        peak: int `(2, n)`, index in `DAYS` of the peak; 0 where there is none.
        peak_flux: `(2, n)`, NaN where there is none.
        covered: bool `(2, n)`, whether the peak was observed from both sides.
    """

    flux: np.ndarray
    error: np.ndarray
    start: np.ndarray
    peak: np.ndarray
    peak_flux: np.ndarray
    covered: np.ndarray

    @property
    def brighter(self) -> np.ndarray:
        """Index in `LETTERS` of the passband with the brighter peak, int `(n,)`."""
        return np.nan_to_num(self.peak_flux).argmax(0)

    @property
    def sure(self) -> np.ndarray:
        """Where the curve is known to 0.15 of the peak, bool `(2, n, q)`."""
        return self.error <= _SURE * self.peak_flux[:, :, None]


def curves(light_curves: LightCurves, passbands: tuple[Group, Group]) -> Curves:
    """Draw smooth curves through light curves and find their peaks.

    Args:
        light_curves: `n` objects.
        passbands: those of theirs that stand for g, and those for r.
    """
    start = brightest(light_curves, (*passbands[0], *passbands[1]))
    bands = [_band(light_curves, group, start) for group in passbands]
    flux, error, peak, peak_flux, covered = (
        np.stack(parts) for parts in zip(*bands, strict=True)
    )
    return Curves(flux, error, start, peak, peak_flux, covered)


def _band(
    light_curves: LightCurves, passbands: Group, start: np.ndarray
) -> tuple[np.ndarray, ...]:
    table = nights(light_curves, passbands, start)
    n = len(start)
    number = np.isfinite(table.days).sum(1)
    scale = np.nan_to_num(table.flux - table.error, nan=0.0).max(1)
    flux, error = np.zeros((n, len(DAYS))), np.full((n, len(DAYS)), np.inf)
    usable = np.flatnonzero(scale > 0)
    usable = usable[np.argsort(number[usable], kind="stable")]  # little padding
    for first in range(0, len(usable), _AT_ONCE):
        some = usable[first : first + _AT_ONCE]
        unit, width = scale[some, None], number[some].max()
        mean, sigma = smooth(
            table.days[some, :width],
            table.flux[some, :width] / unit,
            table.error[some, :width] / unit,
            DAYS,
        )
        flux[some], error[some] = mean * unit, sigma * unit
    known = error <= _SURE * scale[:, None]
    height = np.where(known, flux, -np.inf)
    peak = height.argmax(1)
    has_peak = known.any(1)
    peak_flux = np.where(has_peak, height.max(1), np.nan)
    since = table.days - DAYS[peak][:, None]
    covered = ((since <= -0.5) & (since >= -_NEAR)).any(1)
    covered &= ((since >= 0.5) & (since <= _NEAR)).any(1)
    return flux, error, np.where(has_peak, peak, 0), peak_flux, covered & has_peak


def smooth(
    days: np.ndarray, flux: np.ndarray, error: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate the smooth curves.

    Args:
        days: `(n, m)`, times of the nights; NaN where an object has fewer than `m`.
        flux: `(n, m)`, in units of about the peak flux of each object.
        error: `(n, m)`, same unit.
        at: `(q,)`, days.

    Returns:
        The curve and its error, `(n, q)`, in the unit of the flux. Far from any point
        they are 0 and 1.
    """
    empty = np.isnan(days)
    days, flux = np.where(empty, 0.0, days), np.where(empty, 0.0, flux)
    variance = np.where(empty, _EMPTY**2, error**2 + FLOOR**2)
    covariance = _kernel(days[:, :, None] - days[:, None, :])
    index = np.arange(days.shape[1])
    covariance[:, index, index] += variance
    towards = _kernel(days[:, :, None] - at)
    solved = np.linalg.solve(
        covariance, np.concatenate([flux[:, :, None], towards], axis=2)
    )
    mean = np.einsum("nmq,nm->nq", towards, solved[:, :, 0])
    explained = np.einsum("nmq,nmq->nq", towards, solved[:, :, 1:])
    return mean, np.sqrt(np.clip(1 - explained, 0, None))


def _kernel(days: np.ndarray) -> np.ndarray:
    """Matern 5/2: twice differentiable, as the light of an expanding photosphere."""
    x = np.sqrt(5) / SCALE * np.abs(days)
    return (1 + x + x * x / 3) * np.exp(-x)
