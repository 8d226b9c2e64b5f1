"""Measure every quantity of `zoo.datasets.compare.quantities`, one row per object."""

import numpy as np
import pandas as pd

from zoo.datasets.compare.curves import DAYS, LETTERS, Curves, curves
from zoo.datasets.compare.passbands import (
    REFERENCE,
    Group,
    alike,
    codes,
    green_and_red,
)
from zoo.datasets.simulator.surveys import ZTF
from zoo.datasets.simulator.transients.cosmology import distance_modulus
from zoo.datasets.simulator.transients.dust import reddening
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.ragged import ZEROPOINT, LightCurves
from zoo.passbands import Passband

_LATER = (0, 10, 20, 40)  # days after the peak

# Of the curve itself, below which its magnitude is not used. At 3, too few real SNe Ia
# have every feature for a two-sample test.
_SNR = 2.0


def measure(
    light_curves: LightCurves, passbands: tuple[Group, Group] | None = None
) -> tuple[pd.DataFrame, Curves]:
    """Measure light curves.

    Args:
        light_curves: `n` objects.
        passbands: those of theirs that stand for g, and those for r; others only count
            as points. Default: the nearest to g and r of ZTF.

    Returns:
        A table of `n` rows with a column for every quantity, NaN where it cannot be
        measured, `rise_limit` and `decline_limit` (bool: the value is a lower limit)
        and `label`, the `subclass` of simulated objects; and the smooth curves.
    """
    passbands = passbands or green_and_red(light_curves.observed)
    smooth = curves(light_curves, passbands)
    redshift, mwebv = (
        light_curves.metadata[name].to_numpy(float) for name in ("redshift", "mwebv")
    )
    # Without a reddening nothing is corrected: 0.1 mag at most for the usual object.
    milky_way = np.array([*map(_milky_way, passbands, REFERENCE, ZTF.milky_way)])
    dust = milky_way[:, None] * np.nan_to_num(mwebv)
    measured = _counts(light_curves, passbands) | {
        "peak_mag": _magnitude(smooth.peak_flux[1]),
        "peak_abs_mag": _absolute(smooth, dust, redshift),
        "redshift": redshift,
        "days_to_peak": _days_to_peak(light_curves, smooth),
    }
    measured |= _half_days(smooth) | _fades_and_colours(smooth, dust)
    measured |= {"label": _finest_labels(light_curves)}
    return pd.DataFrame(measured), smooth


def _milky_way(group: Group, usual: Passband, known: float) -> float:
    """A(passband) / E(B-V): that of ZTF nearby, where LSST's differ by 0.3 %."""
    near = not group or alike(group, usual)
    return known if near else float(np.mean([reddening(one) for one in group]))


def _counts(
    light_curves: LightCurves, passbands: tuple[Group, Group]
) -> dict[str, np.ndarray]:
    n = len(light_curves)
    owner = np.repeat(np.arange(n), light_curves.lengths)
    snr = pd.Series(light_curves.flux / light_curves.flux_err).groupby(owner)
    points = {"points": light_curves.lengths.astype(float)}
    for letter, group in zip(LETTERS, passbands, strict=True):
        rows = np.isin(light_curves.band, codes(group, light_curves.passbands))
        points[f"points_{letter}"] = np.bincount(owner[rows], minlength=n).astype(float)
    return points | {
        "snr_median": snr.median().reindex(range(n)).to_numpy(float),
        "snr_peak": snr.max().reindex(range(n)).to_numpy(float),
    }


def _magnitude(flux: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return ZEROPOINT - 2.5 * np.log10(flux)


def _absolute(smooth: Curves, dust: np.ndarray, redshift: np.ndarray) -> np.ndarray:
    """Absolute magnitude in the passband with the brighter peak.

    As in the explorer of the Bright Transient Survey, whose only K-correction is 2.5
    log10(1 + z): its peakabs follows from its peakmag, redshift and A_V within 0.003
    mag, with 1.204 and 0.833 A_V as extinction in g and r. Those here are less than
    0.02 mag away from these for the usual A_V of 0.1.
    """
    which = smooth.brighter, np.arange(len(redshift))
    magnitude = _magnitude(smooth.peak_flux[which]) - dust[which]
    z = np.where(redshift > 0, redshift, np.nan)
    return magnitude - distance_modulus(z) + 2.5 * np.log10(1 + z)


def _days_to_peak(light_curves: LightCurves, smooth: Curves) -> np.ndarray:
    trigger = trigger_rows(light_curves, Preprocessing().pair_days)
    mjd = np.append(light_curves.mjd, np.nan)[trigger]  # -1, no trigger, is the NaN
    days = smooth.start + DAYS[smooth.peak[1]] - mjd
    return np.where(smooth.covered[1], days, np.nan)


def _finest_labels(light_curves: LightCurves) -> np.ndarray:
    """The finer label of simulated objects, else the label."""
    if "subclass" not in light_curves.metadata:
        return light_curves.labels
    finer = light_curves.metadata["subclass"].fillna("").to_numpy(object)
    return np.where(finer != "", finer, light_curves.labels)


def _half_days(smooth: Curves) -> dict[str, np.ndarray]:
    """`rise` and `decline` in days of the observer, in the brighter of g and r, as in
    the explorer of the Bright Transient Survey.

    NaN without a peak seen from both sides; a limit where the curve is not known down
    to half of the peak, and the value is the time over which it is.
    """
    which = smooth.brighter, np.arange(len(smooth.brighter))
    flux, sure = smooth.flux[which], smooth.sure[which]
    peak, covered = smooth.peak[which], smooth.covered[which]
    half = smooth.peak_flux[which] / 2
    days: dict[str, np.ndarray] = {}
    for name, turn in (("rise", -1), ("decline", 1)):
        start = peak if turn == 1 else len(DAYS) - 1 - peak
        value, limit = _days_to_half(flux[:, ::turn], sure[:, ::turn], start, half)
        days[name] = np.where(covered & (value > 0), value, np.nan)
        days[f"{name}_limit"] = limit & np.isfinite(days[name])
    return days


def _days_to_half(
    flux: np.ndarray, sure: np.ndarray, start: np.ndarray, half: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Days from `start` on until the flux is below half; whether that is a limit."""
    rows, days = np.arange(len(start)), flux.shape[1]
    after = np.arange(days) > start[:, None]
    below, unknown = after & (flux < half[:, None]), after & ~sure
    first_below = np.where(below.any(1), below.argmax(1), days)
    first_unknown = np.where(unknown.any(1), unknown.argmax(1), days)
    at = np.clip(first_below, 1, days - 1)
    low, high = flux[rows, at], flux[rows, at - 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        crossing = at - (half - low) / (high - low)
    limit = first_unknown <= first_below
    return np.where(limit, first_unknown - 1.0, crossing) - start, limit


def _fades_and_colours(smooth: Curves, dust: np.ndarray) -> dict[str, np.ndarray]:
    """Decline in r from its peak, and colour g - r without dust, mag `(n,)` each."""
    green, red = ({d: _magnitude_at(smooth, i, d) for d in _LATER} for i in range(2))
    fades = {f"fade_{days}": red[days] - red[0] for days in (10, 20, 40)}
    return fades | {
        f"colour_{days}": green[days] - red[days] - (dust[0] - dust[1])
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
