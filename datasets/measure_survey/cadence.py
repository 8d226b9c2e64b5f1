"""The nights, gaps and seasons of light curves."""

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from zoo.datasets.measure_survey.noise import FEWEST
from zoo.datasets.simulator.cadence import moon_phase
from zoo.datasets.survey_files import QUANTILES
from zoo.light_curves.ragged import LightCurves

_PATTERNS = 40  # kinds of nights kept; the rarest beyond are left out
_MOST_VISITS = 12
_SEASON_GAP = 60.0  # days without a visit that end a season
_AROUND = 20.0  # days around the brightest row within which detections are complete
_USUAL_SEASON = 200.0
_HOURS, _HARDLY = 24, 0.01  # of a day; share of the rows in an hour of daylight
# The simulator makes 7 % of the delays six times as long (`simulator.cadence`).
_LONGER = 1 + 0.07 * 5


class Nights(NamedTuple):
    """The visited nights of all objects, by object and time.

    Attributes:
        of: position of the object, int64 `(k,)`.
        day: number of the night, int64 `(k,)`.
        start: first row of each.
        count: number of its rows.
    """

    of: np.ndarray
    day: np.ndarray
    start: np.ndarray
    count: np.ndarray


def measure_cadence(
    light_curves: LightCurves, peak: np.ndarray, forced: bool, windowed: bool
) -> tuple[dict[str, Any], list[str]]:
    """Measure the table [cadence].

    Args:
        light_curves: `n` objects, in passbands that are measured.
        peak: mjd of the brightest row of each.
        forced: whether rows without a detection are there; without them, only the
            nights around the peak tell how often a field is visited.
        windowed: whether the light curves are cut to a window, which hides seasons.

    Returns:
        The table, and notes on what could not be measured.
    """
    notes: list[str] = []
    noon, night_time = _night_time(light_curves.mjd)
    of = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    near = np.full(len(of), True) if forced else _near(light_curves, peak, of)
    nights = _nights(of[near], light_curves.mjd[near] - noon)
    table = {
        "nights": _patterns(light_curves, near, nights),
        **_gaps(nights, notes),
        "seasons": _seasons(light_curves, windowed, notes),
        "pair_delay": _pair_delay(light_curves.mjd[near], nights, notes),
        "night_time": [round(one, 3) for one in night_time],
        "dates": _dates(peak),
    }
    return table, notes


def _near(light_curves: LightCurves, peak: np.ndarray, of: np.ndarray) -> np.ndarray:
    return np.abs(light_curves.mjd - peak[of]) <= _AROUND


def _night_time(mjd: np.ndarray) -> tuple[float, tuple[float, float]]:
    """The middle of the day, in the longest run of hours with hardly a row, as a
    fraction of a UT day; and the times of the night."""
    counts = np.bincount((np.mod(mjd, 1) * _HOURS).astype(int), minlength=_HOURS)
    empty = np.tile(counts < _HARDLY * len(mjd), 2)
    ends = np.flatnonzero(~empty)
    runs = np.diff(ends)
    longest = int(runs.argmax()) if len(runs) else 0
    if not len(runs) or runs[longest] < 3:  # telescopes all around the Earth
        return 0.0, (0.0, 1.0)
    noon = np.mod((ends[longest] + 0.5 + runs[longest] / 2) / _HOURS, 1)
    low, high = np.quantile(np.mod(mjd - noon, 1), (0.02, 0.98)) + noon
    shift = np.floor(low)
    return float(noon), (float(low - shift), float(high - shift))


def _nights(of: np.ndarray, mjd: np.ndarray) -> Nights:
    day = np.floor(mjd).astype(np.int64)
    new = np.diff(of, prepend=-1) != 0
    new |= np.diff(day, prepend=np.iinfo(np.int64).min // 2) != 0
    start = np.flatnonzero(new)
    return Nights(of[start], day[start], start, np.diff(start, append=len(of)))


def _patterns(light_curves: LightCurves, near: np.ndarray, nights: Nights) -> list:
    """Rows of `nights`: the passbands visited, and their shares by the moon."""
    band = light_curves.band[near]
    dark = moon_phase(nights.day.astype(float)) > 0
    counts: tuple[Counter, Counter] = (Counter(), Counter())
    ends = nights.start + np.minimum(nights.count, _MOST_VISITS)
    for start, end, is_dark in zip(nights.start, ends, dark, strict=True):
        counts[0 if is_dark else 1][tuple(sorted(band[start:end].tolist()))] += 1
    kept = [codes for codes, _ in (counts[0] + counts[1]).most_common(_PATTERNS)]
    totals = [sum(count[codes] for codes in kept) for count in counts]
    both = counts[0] + counts[1]
    if min(totals) < FEWEST:  # too few nights to tell the moon
        counts, totals = (both, both), [sum(both[codes] for codes in kept)] * 2
    names = [passband.name for passband in light_curves.passbands]
    return [
        [
            [names[code] for code in codes],
            *(
                round(count[codes] / total, 6)
                for count, total in zip(counts, totals, strict=True)
            ),
        ]
        for codes in kept
    ]


def _gaps(nights: Nights, notes: list[str]) -> dict[str, Any]:
    """`revisit` and `delay`, from the nights between visits of one object."""
    gap, same = np.diff(nights.day), np.diff(nights.of) == 0
    inside = same & (gap <= _SEASON_GAP)
    of, gap = nights.of[1:][inside], gap[inside]
    _, number = np.unique(of, return_counts=True)
    if (number >= 5).sum() < FEWEST:
        notes.append(
            f"revisit and delay: fewer than {FEWEST} objects have six nights, so that "
            "every object is given the mean gap"
        )
        mean = float(gap.mean()) if len(gap) else 3.0
        return {"revisit": [[1, 1.0]], "delay": [round(_scale(mean - 1), 2), 0.5]}
    planned, scales = [], []
    ends = np.cumsum(number)  # the gaps of one object follow each other
    for i in np.flatnonzero(number >= 5):
        own = gap[ends[i] - number[i] : ends[i]]
        plan = max(int(np.quantile(own, 0.1)), 1)
        planned.append(min(plan, 100))
        scales.append(_scale(max(own.mean() - plan, 0)))
    values, counts = np.unique(planned, return_counts=True)
    shares = counts / counts.sum()
    positive = np.log(np.maximum(scales, 0.05))
    spread = (np.quantile(positive, 0.84) - np.quantile(positive, 0.16)) / 2
    return {
        "revisit": [
            [int(v), round(float(s), 6)] for v, s in zip(values, shares, strict=True)
        ],
        "delay": [
            round(float(min(np.exp(np.median(positive)), 100)), 2),
            # A mean of few nights scatters by itself.
            round(float(min(max(spread - 0.2, 0), 3)), 2),
        ],
    }


def _scale(excess: float) -> float:
    """Scale of an exponential whose whole part has a mean, long delays included."""
    return 1 / np.log1p(_LONGER / excess) if excess > 0 else 0.05


def _seasons(light_curves: LightCurves, windowed: bool, notes: list[str]) -> Any:
    if windowed:
        notes.append(
            "seasons: hidden by the window of the photometry; "
            f"{_USUAL_SEASON:g} days are assumed"
        )
        return _USUAL_SEASON
    of = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    new = np.diff(of, prepend=-1) != 0
    new |= np.diff(light_curves.mjd, prepend=0.0) > _SEASON_GAP
    start = np.flatnonzero(new)
    last = np.append(start[1:], len(of)) - 1
    length = light_curves.mjd[last] - light_curves.mjd[start]
    length = length[length >= 2]
    if len(length) < FEWEST:
        notes.append(f"seasons: too few; {_USUAL_SEASON:g} days are assumed")
        return _USUAL_SEASON
    days = np.clip(np.quantile(length, QUANTILES), 2, 20_000)
    return [round(float(one), 1) for one in days]


def _pair_delay(mjd: np.ndarray, nights: Nights, notes: list[str]) -> list[float]:
    later = np.ones(len(mjd), bool)
    later[nights.start] = False
    delay = np.diff(mjd, prepend=0.0)[later]
    if len(delay) < FEWEST:
        notes.append("pair_delay: fewer than 30 nights have two rows; 0.01 to 0.05 day")
        return [0.01, 0.05]
    low, high = np.clip(np.quantile(delay, (0.05, 0.95)), 0, 0.5)
    return [round(float(low), 4), round(float(high), 4)]


def _dates(peak: np.ndarray) -> list[float]:
    first, last = np.quantile(peak, (0.02, 0.98))
    return [float(np.floor(first)), float(np.ceil(last)) + 1]
