"""Widths, declines and colours, measured on smooth curves."""

import numpy as np

from zoo.datasets.compare.light_curves.curves import DAYS, Curves

LATER = (10, 20, 40)
"""Days after the peak at which the decline is measured."""

# Of the curve itself, below which its magnitude is not used. At 3, too few real SNe Ia
# have every feature for a two-sample test.
_SNR = 2.0


def half_days(smooth: Curves) -> dict[str, np.ndarray]:
    """Days between the peak and half of its flux, in the brighter of g and r.

    As in the explorer of the Bright Transient Survey, in days of the observer.

    Returns:
        `rise`, `decline` `(n,)`, NaN without a peak seen from both sides, and
        `rise_limit`, `decline_limit`: bool, true where the curve is not known down to
        half of the peak, and the value is the time over which it is.
    """
    n = smooth.flux.shape[1]
    rows, brighter = np.arange(n), smooth.brighter
    flux, sure = smooth.flux[brighter, rows], smooth.sure[brighter, rows]
    peak, covered = smooth.peak[brighter, rows], smooth.covered[brighter, rows]
    half = smooth.peak_flux[brighter, rows] / 2
    days: dict[str, np.ndarray] = {}
    for name, turn in (("rise", -1), ("decline", 1)):
        start = peak if turn == 1 else len(DAYS) - 1 - peak
        value, limit = _half_days(flux[:, ::turn], sure[:, ::turn], start, half)
        days[name] = np.where(covered & (value > 0), value, np.nan)
        days[f"{name}_limit"] = limit & np.isfinite(days[name])
    return days


def _half_days(
    flux: np.ndarray, sure: np.ndarray, start: np.ndarray, half: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Days from `start` on until the flux is below half; whether that is a limit."""
    rows, grid = np.arange(len(start)), np.arange(flux.shape[1])
    after = grid > start[:, None]
    below = after & (flux < half[:, None])
    unknown = after & ~sure
    last = flux.shape[1] - 1
    first_below = np.where(below.any(1), below.argmax(1), last + 1)
    first_unknown = np.where(unknown.any(1), unknown.argmax(1), last + 1)
    at = np.clip(first_below, 1, last)
    low, high = flux[rows, at], flux[rows, at - 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        crossing = at - (half - low) / (high - low)
    limit = first_unknown <= np.minimum(first_below, last)
    limit |= first_below > last
    days = np.where(limit, np.minimum(first_unknown, last + 1) - 1, crossing) - start
    return days.astype(float), limit


def declines(smooth: Curves) -> dict[str, np.ndarray]:
    """Decline in r from its peak to some days later, mag `(n,)` each."""
    peak = _magnitude_at(smooth, 1, 0)
    return {f"fade_{days}": _magnitude_at(smooth, 1, days) - peak for days in LATER}


def colours(smooth: Curves, dust: np.ndarray) -> dict[str, np.ndarray]:
    """Colour g - r at the peak in r and later, mag `(n,)` each.

    Args:
        smooth: the curves.
        dust: `(2, n)`, extinction in g and r that is taken out, mag.
    """
    return {
        f"colour_{days}": _magnitude_at(smooth, 0, days)
        - _magnitude_at(smooth, 1, days)
        - (dust[0] - dust[1])
        for days in (0, 20, 40)
    }


def _magnitude_at(smooth: Curves, band: int, days: int) -> np.ndarray:
    """Magnitude some days after the peak in r, less the zero point, `(n,)`."""
    at = smooth.peak[1] + days
    rows, inside = np.arange(len(at)), at < len(DAYS)
    at = np.minimum(at, len(DAYS) - 1)
    flux, error = smooth.flux[band, rows, at], smooth.error[band, rows, at]
    known = inside & smooth.covered[1] & (flux > _SNR * error)
    return -2.5 * np.log10(np.where(known, flux, np.nan))
