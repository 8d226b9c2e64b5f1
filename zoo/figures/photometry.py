"""The points of a light curve, as fluxes or as magnitudes with upper limits."""

from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.figures.axes import literal
from zoo.figures.palette import GREY, passband_styles
from zoo.light_curves.ragged import ZEROPOINT, LightCurves

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# A magnitude from 3 sigma on, else an upper limit of 5 sigma, as ZTF's forced
# photometry recommends (Masci et al. 2023, arXiv 2305.16279).
_LEAST, _LIMIT = 3.0, 5.0
_FAINT = 0.6  # opacity of limits, so that points are seen among hundreds
_PALE = 0.25  # opacity of points that a model does not use
_PAD = 0.06  # share of an axis beside the points
_YEAR = 365.25  # days
_MARGIN, _BESIDE = 30.0, 0.25  # days, or share of those of all detections, beside these
_LISTED = 28  # passbands in a legend: two columns beside a panel
_SIZE, _LIMIT_SIZE = 4.5, 6.0  # of points and limits, points of print
_ROOM = 150  # points of that size in a panel; more are smaller, so as to be seen
_LIMITED = 11  # matplotlib's CARETDOWNBASE: a triangle that hangs from the limit
_NAME = 20  # letters of a passband there


def photometry(
    axes: "Axes",
    light_curve: LightCurves,
    times: np.ndarray,
    used: np.ndarray,
    *,
    magnitudes: bool = False,
) -> list["Artist"]:
    """Draw the points of an object, and scale the panel to those that are used.

    Args:
        axes: the panel.
        light_curve: one object.
        times: float64 `(m,)`, days.
        used: bool `(m,)`; the others are pale, or outside the panel. One at least.
            Also outside, and counted in the legend, are used points long before or
            after all detections, and those with errors above the range of these.
        magnitudes: draw AB magnitudes in place of fluxes.

    Returns:
        The lines of the legend: passbands by wavelength, then kinds of points.
    """
    from matplotlib.lines import Line2D

    flux, error = (x.astype(float) for x in (light_curve.flux, light_curve.flux_err))
    limit = np.zeros(len(flux), bool)
    value, low, high = flux, error, error
    if magnitudes:
        limit = flux < _LEAST * error
        value, low, high = _magnitudes(flux, error, limit)
    styles = passband_styles(light_curve.observed)
    names = np.array([one.name for one in light_curve.passbands], object)
    band = names[light_curve.band]
    smaller = min(1.0, (_ROOM / max(1, used.sum())) ** 0.25)
    for name, (colour, marker) in styles.items():
        for seen, detected in ((u, d) for u in (False, True) for d in (False, True)):
            same = (band == name) & (used == seen) & (light_curve.detected == detected)
            rows = same & ~limit
            opacity = 1.0 if seen else _PALE
            axes.errorbar(
                times[rows],
                value[rows],
                [low[rows], high[rows]],
                fmt=marker,
                mfc=colour if detected else "white",
                ms=_SIZE * smaller,
                lw=0.8 if detected else 0.5,
                color=colour,
                alpha=opacity,
                zorder=2 + seen + detected / 2,
            )
            rows = same & limit
            axes.plot(
                times[rows],
                value[rows],
                ls="",
                marker=_LIMITED,
                ms=_LIMIT_SIZE * smaller,
                color=colour,
                alpha=opacity * _FAINT,
            )
    sure = used & light_curve.detected  # the error bars that are to be seen in full
    lowest, highest = value - np.where(sure, low, 0), value + np.where(sure, high, 0)
    near = used & _near(times, used, sure)
    told = near & _telling(flux, error, sure)
    _scale(axes, times[near], lowest[told], highest[told], magnitudes)
    panel = axes.viewLim
    beyond = used & ((times < panel.xmin) | (times > panel.xmax))
    beyond |= used & ((value < panel.ymin) | (value > panel.ymax))
    lines: list[Artist] = [
        Line2D([], [], color=colour, marker=marker, ls="", label=literal(name, _NAME))
        for name, (colour, marker) in [*styles.items()][:_LISTED]
    ]
    kinds: list[tuple[Any, str, str]] = []
    if len(styles) > _LISTED:
        kinds.append(("", GREY, f"and {len(styles) - _LISTED} more"))
    if (used & ~light_curve.detected & ~limit).any():
        kinds.append(("o", "white", "not detected"))
    if (used & limit).any():
        kinds.append((_LIMITED, GREY, f"upper limit, {_LIMIT:g} sigma"))
    if beyond.any():
        kinds.append(("", GREY, f"{beyond.sum():,} outside the panel"))
    return lines + [
        Line2D([], [], color=GREY, ls="", marker=marker, mfc=inside, label=label)
        for marker, inside, label in kinds
    ]


def _near(times: np.ndarray, used: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """Points of the days shown: of more than a year, only those beside the detections,
    where these and the margins would not fill half of the panel.
    """
    if not sure.any() or np.ptp(times[used]) < _YEAR:
        return used
    first, last = times[sure].min(), times[sure].max()
    margin = max(_MARGIN, _BESIDE * (last - first))
    if last - first + 2 * margin > np.ptp(times[used]) / 2:
        return used
    return (first - margin <= times) & (times <= last + margin)


def _telling(flux: np.ndarray, error: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """Points for which an axis is scaled: not those whose errors exceed the range of
    all detections, which would hide these.
    """
    if not sure.any():
        return np.ones(len(flux), bool)
    highest, lowest = (flux + error)[sure].max(), (flux - error)[sure].min()
    return sure | (error <= max(0.0, highest) - min(0.0, lowest))


def _magnitudes(
    flux: np.ndarray, error: np.ndarray, limit: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """AB magnitudes or upper limits, and their errors to bright and to faint."""
    shown = np.where(limit, _LIMIT * error, flux)
    share = np.where(limit, 0.0, error / shown)
    value = ZEROPOINT - 2.5 * np.log10(shown)
    return value, 2.5 * np.log10(1 + share), -2.5 * np.log10(1 - share)


def _scale(
    axes: "Axes",
    times: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    magnitudes: bool,
) -> None:
    """Both axes, for the points given; bright is above."""
    pad = _PAD * np.ptp(times) or 1.0
    axes.set_xlim(times.min() - pad, times.max() + pad)
    if magnitudes:
        pad = _PAD * (highest.max() - lowest.min()) or 0.5
        ends = highest.max() + 2 * pad, lowest.min() - pad
        axes.set(ylim=ends, ylabel="AB magnitude")
        return
    least, most = min(0.0, lowest.min()), max(0.0, highest.max())
    pad = _PAD * (most - least) or 1.0
    axes.set(ylim=(least - pad, most + pad), ylabel=f"flux (zero point {ZEROPOINT})")
    axes.axhline(0, color="0.7", lw=0.8, zorder=1)
