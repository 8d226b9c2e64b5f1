"""Smooth g and r light curves of every object on one grid of days."""

from dataclasses import dataclass

import numpy as np

from zoo.datasets.compare.light_curves.nights import AFTER, BEFORE, brightest, nights
from zoo.datasets.compare.light_curves.smooth import smooth
from zoo.light_curves.ragged import LightCurves

DAYS = np.arange(-BEFORE, AFTER + 1)
"""The grid, days since the brightest point."""

LETTERS = ("g", "r")
"""The passbands, in the order of the arrays below."""

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


def curves(light_curves: LightCurves) -> Curves:
    """Draw smooth curves through light curves and find their peaks."""
    start = brightest(light_curves)
    bands = [_band(light_curves, letter, start) for letter in LETTERS]
    flux, error, peak, peak_flux, covered = (
        np.stack(parts) for parts in zip(*bands, strict=True)
    )
    return Curves(flux, error, start, peak, peak_flux, covered)


def _band(
    light_curves: LightCurves, letter: str, start: np.ndarray
) -> tuple[np.ndarray, ...]:
    table = nights(light_curves, letter, start)
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
