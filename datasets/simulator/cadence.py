"""When each light curve is observed, and how deep: visits drawn from statistics.

A field is visited at a planned interval of nights, with exponential delays, some of
them long (weather, full moon, other programmes), within one season around the peak, or
in the seasons of several years. The depth follows the moon, the field and the night.
"""

from typing import NamedTuple

import numpy as np

from zoo.datasets.simulator.surveys import QUANTILES, Instrument
from zoo.datasets.survey_files import SCORES

BEFORE, AFTER = 80.0, 180.0
"""Days before and after the peak within which visits are drawn."""

Years = tuple[int, int]
"""Years added before and after these days."""

YEAR = 365.25
"""Days; the seasons of a field recur after it."""

_MOST_YEARS = 15  # more than any survey lasts


def check_years(years: Years) -> None:
    """Refuse years that are out of range.

    Raises:
        ValueError: they are.
    """
    if len(years) != 2 or not all(
        isinstance(number, int) and 0 <= number <= _MOST_YEARS for number in years
    ):
        raise ValueError(
            f"years is {years}. Give two whole numbers from 0 to {_MOST_YEARS}: how "
            "many before and how many after the season of the peak."
        )


def span(years: Years | None) -> tuple[float, float]:
    """First and last day of the visits, since the peak."""
    before, after = years or (0, 0)
    return -BEFORE - YEAR * before, AFTER + YEAR * after


_MOST_NIGHTS = 150
_LONG_DELAY, _LONG_FACTOR = 0.07, 6.0  # share of the delays, and how much longer
_OUT_OF_SEASON = (-0.1, 1.05)  # where in the season the peak may be, fraction of it
_NEW_MOON, _LUNATION = 51549.76, 29.530588  # MJD, days (Meeus 1998, chapter 49)
# Within several years. Nights of a season, at most; chance that a field is left out for
# a season; days that a season lasts, at most; ln-sigma of a season's delays against the
# field's: LSST revisits a field 1.8 times as often as on average in some years and half
# as often in others (baseline_v3.0, rolling cadence; Ivezic et al. 2019, ApJ 873 111),
# and ZTF's programmes change (Bellm et al. 2019, PASP 131 068003).
_SEASON_NIGHTS, _LEFT_OUT, _LONGEST, _SEASON_DELAY = 240, 0.06, 340.0, 0.6
_REPEAT_DAYS = 0.1  # within which visits are repeated in dense fields
# Shares of the variance of the depth: field, moon, night, visit; they add up to 1.
_DEPTH_VARIANCE = (0.15, 0.35, 0.35, 0.15)


def moon_phase(mjd: np.ndarray) -> np.ndarray:
    """1 at new moon and -1 at full moon, float32."""
    return np.cos(2 * np.pi * (mjd - _NEW_MOON) / _LUNATION).astype(np.float32)


class Visits(NamedTuple):
    """Visits of many objects, `m` rows, by object and time.

    Attributes:
        of: int64 `(m,)`, position of the object.
        band: int64 `(m,)`, index in the instrument's passbands.
        mjd: float64 `(m,)`, days.
        days: float32 `(m,)`, days since the peak.
        depth: float32 `(m,)`, 5-sigma AB magnitude.
    """

    of: np.ndarray
    band: np.ndarray
    mjd: np.ndarray
    days: np.ndarray
    depth: np.ndarray


def draw_visits(
    rng: np.random.Generator,
    on: Instrument,
    kept: np.ndarray,
    years: Years | None,
    peak: np.ndarray | None = None,
) -> Visits:
    """Draw the visits of `n` objects.

    Args:
        rng: where the randomness comes from.
        on: who observes.
        kept: `(n,)`, the share of the nights that count for each object.
        years: added before and after the season of the peak; None: only that season.
        peak: `(n,)`, MJD; None: drawn.
    """
    n = len(kept)
    peak = rng.uniform(*on.mjd_range, n) if peak is None else peak
    night = _nights(rng, on, n) if years is None else _seasons(rng, on, n, years)
    seen = np.isfinite(night)
    seen &= rng.random(night.shape, dtype=np.float32) < kept[:, None]
    of, _ = np.nonzero(seen)
    date = np.floor(peak)[of] + night[seen] + rng.uniform(*on.night_time, len(of))

    new_moon = moon_phase(date)
    field, moon, whole, single = np.sqrt(np.array(_DEPTH_VARIANCE, dtype=np.float32))
    score = field * rng.standard_normal(n, dtype=np.float32)[of]
    score += moon * np.float32(np.sqrt(2)) * new_moon
    score += whole * rng.standard_normal(len(of), dtype=np.float32)

    bands = _bands(rng, on, new_moon > 0)
    delay = rng.uniform(*on.pair_delay, len(date))
    dates = date[:, None] + delay[:, None] * np.arange(bands.shape[1])
    scores = score[:, None] + single * rng.standard_normal(bands.shape, np.float32)
    made = bands >= 0
    of, band, mjd = np.repeat(of, made.sum(1)), bands[made], dates[made]
    score = scores[made]
    if years is not None:
        rows, later = _repeated(rng, on, of, n)
        mjd = mjd[rows] + later
        rows = rows[order := np.lexsort((mjd, of[rows]))]
        of, band, mjd, score = of[rows], band[rows], mjd[order], score[rows]
    depth = np.empty(len(mjd), dtype=np.float32)
    for i, quantiles in enumerate(on.depth):
        rows = band == i
        depth[rows] = np.interp(score[rows], SCORES, quantiles)
    useful = depth > on.shallowest
    of, band, mjd, depth = of[useful], band[useful], mjd[useful], depth[useful]
    return Visits(of, band, mjd, (mjd - peak[of]).astype(np.float32), depth)


def _nights(rng: np.random.Generator, on: Instrument, n: int) -> np.ndarray:
    """Visited nights, in days since the night of the peak, increasing, `(n, k)`.

    Nights after the season are moved to infinity.
    """
    length = np.interp(rng.random(n), QUANTILES, on.seasons)
    start = np.floor(-length * rng.uniform(*_OUT_OF_SEASON, n))
    end = start + length
    nights, shares = zip(*on.revisit, strict=True)
    planned = rng.choice(nights, n, p=shares).astype(np.float32)
    scale = on.delay[0] * np.exp(on.delay[1] * rng.standard_normal(n))
    since = _waits(rng, planned, scale, _MOST_NIGHTS)
    night = np.maximum(start, -BEFORE)[:, None] - 1 + since
    last = np.minimum(end, AFTER)
    return np.where(night < last[:, None], night, np.float32(np.inf))


def _waits(
    rng: np.random.Generator, planned: np.ndarray, scale: np.ndarray, nights: int
) -> np.ndarray:
    """Nights from the start of a season to each visit, increasing, `(n, nights)`."""
    shape = (len(planned), nights)
    longer = rng.random(shape, dtype=np.float32) < _LONG_DELAY
    delay = rng.standard_exponential(shape, dtype=np.float32)
    delay *= np.where(longer, np.float32(_LONG_FACTOR), np.float32(1))
    gaps = planned[:, None] + np.floor(delay * scale[:, None].astype(np.float32))
    return np.cumsum(gaps, axis=1)


def _seasons(
    rng: np.random.Generator, on: Instrument, n: int, years: Years
) -> np.ndarray:
    """Visited nights of several years: see `_nights`.

    The survey of each object begins and ends at any date within the years, as surveys
    do; around the peak it observes as in one season.
    """
    begin = -BEFORE - YEAR * years[0] * rng.random(n)
    stop = AFTER + YEAR * years[1] * rng.random(n)
    length = np.interp(rng.random(n), QUANTILES, on.seasons)
    start = -length * rng.uniform(*_OUT_OF_SEASON, n)
    nights, shares = zip(*on.revisit, strict=True)
    planned = rng.choice(nights, n, p=shares).astype(np.float32)
    scale = on.delay[0] * np.exp(on.delay[1] * rng.standard_normal(n))
    # A field that is observed all the time: start of the year that holds the peak.
    start = np.where(length < YEAR, start, -YEAR * rng.random(n))
    seasons = []
    for k in range(-years[0] - 1, years[1] + 2):
        pace, lasts, lost = scale, length, np.zeros(n, bool)
        if k:  # a field has long or short seasons, but not every one alike
            pace = scale * np.exp(_SEASON_DELAY * rng.standard_normal(n))
            lasts = np.sqrt(length * np.interp(rng.random(n), QUANTILES, on.seasons))
            lost = rng.random(n) < _LEFT_OUT
        lasts = np.where(length < YEAR, np.minimum(lasts, _LONGEST), np.floor(YEAR))
        first = np.floor(start + k * YEAR)
        night = first[:, None] - 1 + _waits(rng, planned, pace, _SEASON_NIGHTS)
        end = np.minimum(first + lasts, stop)
        seen = (night < end[:, None]) & (night >= begin[:, None]) & ~lost[:, None]
        seasons.append(np.where(seen, night, np.inf).astype(np.float32))
    return np.concatenate(seasons, axis=1)


def _repeated(
    rng: np.random.Generator, on: Instrument, of: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Which row each visit is a repetition of, and how many days later it is."""
    share, most = on.dense
    often = np.where(rng.random(n) < share, rng.integers(2, most + 1, n), 1)
    number = often[of]
    rows = np.repeat(np.arange(len(of)), number)
    first = np.concatenate([[True], rows[1:] != rows[:-1]])[: len(rows)]
    return rows, np.where(first, 0, rng.uniform(0, _REPEAT_DAYS, len(rows)))


def _bands(rng: np.random.Generator, on: Instrument, dark: np.ndarray) -> np.ndarray:
    """Passbands of the visits of each night, `(k, v)`; -1 for no further visit."""
    letters = [band[-1] for band in on.bands]
    # Two at least, so that a survey draws the same numbers as ever.
    visits = np.full((len(on.nights), max(2, *(len(n) for n, _, _ in on.nights))), -1)
    for row, (names, _, _) in zip(visits, on.nights, strict=True):
        known = letters if isinstance(names, str) else on.bands
        row[: len(names)] = [known.index(name) for name in names]
    bright_share, dark_share = (
        np.cumsum([night[i] for night in on.nights])[:-1] for i in (2, 1)
    )
    u = rng.random(len(dark))
    kind = np.where(
        dark, np.searchsorted(dark_share, u), np.searchsorted(bright_share, u)
    )
    return visits[kind]
