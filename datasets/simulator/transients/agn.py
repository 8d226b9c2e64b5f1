"""Active galactic nuclei: random walks, damped, seen against a reference image."""

import numpy as np

from zoo.datasets.simulator.cadence import Years, span
from zoo.datasets.simulator.populations import Population
from zoo.datasets.simulator.surveys import Instrument
from zoo.datasets.simulator.transients.dust import smc_extinction
from zoo.datasets.simulator.transients.explosion import REFERENCE, Parameters, between
from zoo.light_curves.ragged import ZEROPOINT

# MacLeod et al. 2010, ApJ 721 1014: log10 of the time scale in observer-frame days and
# of the asymptotic structure function in mag, mean and sigma; its colour dependence.
_LOG_DAYS, _LOG_AMPLITUDE, _COLOUR = (2.3, 0.4), (-0.75, 0.25), -0.479
_REDSHIFT = (2.2, 0.35, 0.05, 3.0)  # shape and scale of a gamma, lowest and highest
_STEP = 2.0  # days between the steps of the walk
_MARGIN = (40.0, 80.0)  # days that the walk begins before and ends after the visits
# Over years: 200 (MacLeod et al. 2010) to 750 days (20 years, Stone et al. 2022, MNRAS
# 514 164; less than ten time scales bias it low, Kozlowski 2017, A&A 597 A128) in
# the rest frame, seen at redshifts near 1, and wider. Amplitudes: nuclei are reported
# because they changed since their reference, so that those with alerts vary more than a
# complete sample does; half as much again, and wider.
_LONG_DAYS, _LONG_AMPLITUDE = (2.9, 0.5), (-0.57, 0.3)
# The short changes of many are weaker than those of a damped random walk, which fits
# less than half of the nuclei that Kepler saw (Kasliwal et al. 2015, MNRAS 451 4328):
# like those of a damped oscillator (Yu et al. 2022, arXiv:2201.08943). Share of the
# nuclei whose walk is smoothed, log10 of the days.
_SMOOTHED, _SMOOTH_DAYS = 0.6, (0.5, 2.3)
# Dust before what varies, mean of an exponential E(B-V): the median is 0.10 in Stripe
# 82 below redshift 0.4, and some have more than 0.4 (Heard & Gaskell 2021,
# arXiv:2108.09995); wider. It is like that of the Small Magellanic Cloud (Weaver &
# Horne 2022, arXiv:2201.11134).
_REDDENING = 0.2
# Large changes over years. In 15 years 30 to 50 % of quasars change by more than 1 mag
# (Rumbaugh et al. 2018, ApJ 854 160), a few through a change of state that takes months
# to years (MacLeod et al. 2016, MNRAS 457 389), others in a flare of months to years
# (Graham et al. 2017, MNRAS 470 4112): share of the nuclei, size in mag, log10 of the
# days.
_STATES, _STATE_SIZE, _STATE_DAYS = 0.15, (0.2, 2.0), (1.5, 3.0)
_FLARES, _FLARE_SIZE, _FLARE_DAYS = 0.10, (0.2, 1.5), (1.3, 2.7)
# Over years the reference of most nuclei is of the first observations, from which they
# walk away, as ZTF's is (Masci et al. 2019, PASP 131 018003) and LSST's first will be.
# Share of the nuclei, length in days.
_REFERENCE_SHARE, _REFERENCE_DAYS = 0.7, (10.0, 400.0)
# Spectrum of the nucleus without dust, mean and sigma in magnitudes per unit of
# ln(wavelength), of one season and of years. With the colour dependence above the mean
# is a spectral index of 1/3, that of the bluest (Heard & Gaskell 2021).
_SLOPE, _LONG_SLOPE = (0.1, 0.2), (0.1, 0.5)
# Magnitude of the nucleus compared with the depth: mean, sigma, brightest, faintest.
_BRIGHTNESS = (-1.7, 1.1, -5.0, 0.3)


def draw(
    rng: np.random.Generator,
    population: Population,
    n: int,
    spread: float,
    years: Years | None = None,
) -> Parameters:
    """Draw `n` nuclei: see `explosion.draw`.

    The numbers are those of this module, not of the population; `spread` is a factor on
    the scatter of time scale and amplitude. Over `years` some have large changes too.
    """
    begin, end = span(years)
    begin, end = begin - _MARGIN[0], end + _MARGIN[1]
    scale, scatter = _LOG_DAYS if years is None else _LONG_DAYS
    size, varied = _LOG_AMPLITUDE if years is None else _LONG_AMPLITUDE
    days = 10 ** rng.normal(scale, spread * scatter, n)
    amplitude = 10 ** rng.normal(size, spread * varied, n)
    sigma = amplitude / np.sqrt(2)
    memory = np.exp(-_STEP / days).astype(np.float32)
    kick = (sigma * np.sqrt(1 - memory**2)).astype(np.float32)
    steps = int((end - begin) / _STEP) + 1
    walk = rng.standard_normal((steps, n), dtype=np.float32)
    walk[0] *= sigma.astype(np.float32)
    walk[1:] *= kick
    for i in range(1, steps):
        walk[i] += memory * walk[i - 1]
    if years is not None:
        _smooth(rng, walk)
    # The mean of a few epochs, long before: half of the variance.
    reference = rng.normal(0, 0.5, n) * sigma
    if years is not None:
        grid = np.arange(steps, dtype=np.float32) * np.float32(_STEP)
        _change(rng, walk, grid)
    shape, scale, low, high = _REDSHIFT
    mean, scatter, bright, faint = _BRIGHTNESS
    return {
        "walk": np.ascontiguousarray(walk.T),
        "begin": np.full(n, begin, np.float32),
        "reference": reference.astype(np.float32),
        "redshift": np.clip(rng.gamma(shape, scale, n), low, high),
        "brightness": np.clip(rng.normal(mean, scatter, n), bright, faint),
        "slope": rng.normal(*(_SLOPE if years is None else _LONG_SLOPE), n),
        "reddening": np.zeros(n) if years is None else rng.exponential(_REDDENING, n),
    }


def _smooth(rng: np.random.Generator, walk: np.ndarray) -> None:
    """Weaken the short changes of some of the walks `(steps, n)`."""
    n = walk.shape[1]
    days = 10 ** rng.uniform(*_SMOOTH_DAYS, n)
    memory = np.where(rng.random(n) < _SMOOTHED, np.exp(-_STEP / days), 0)
    memory = memory.astype(np.float32)
    for i in range(1, len(walk)):
        walk[i] += memory * (walk[i - 1] - walk[i])


def _change(rng: np.random.Generator, walk: np.ndarray, grid: np.ndarray) -> None:
    """Add changes of state and flares to a walk `(steps, n)`, at days `(steps,)`."""
    n = walk.shape[1]
    for object_ in np.flatnonzero(rng.random(n) < _STATES):
        size = rng.uniform(*_STATE_SIZE) * rng.choice((-1, 1))
        since = (grid - rng.uniform(0, grid[-1])) / 10 ** rng.uniform(*_STATE_DAYS)
        walk[:, object_] += size / (1 + np.exp(np.clip(-4 * since, -30, 30)))
    for object_ in np.flatnonzero(rng.random(n) < _FLARES):
        rise, fall = np.sort(10 ** rng.uniform(*_FLARE_DAYS, 2))
        since = grid - rng.uniform(0, grid[-1])
        shape = np.exp(np.where(since < 0, since / rise, -since / fall))
        walk[:, object_] -= rng.uniform(*_FLARE_SIZE) * shape


def place(parameters: Parameters, redshift: np.ndarray, on: Instrument) -> Parameters:
    """Set the magnitudes of the nuclei in each passband: see `explosion.place`."""
    colour = (on.wavelengths / 0.5) ** _COLOUR
    depth = np.interp(REFERENCE, on.wavelengths, on.median_depth)
    magnitude = depth + parameters["brightness"][:, None]
    tilt = np.log(on.wavelengths / REFERENCE)
    magnitude = magnitude - parameters["slope"][:, None] * tilt
    stretch = 1 + redshift[:, None]
    dust = smc_extinction(on.wavelengths / stretch)
    dust = dust - smc_extinction(REFERENCE / stretch)  # as bright there as without it
    magnitude = magnitude + parameters["reddening"][:, None] * dust
    mean = (10 ** (-0.4 * (magnitude - ZEROPOINT))).astype(np.float32)
    return {
        "walk": parameters["walk"],
        "begin": parameters["begin"],
        "mean": mean,
        "before": mean
        * (10 ** (-0.4 * parameters["reference"][:, None] * colour)).astype(np.float32),
        "colour": np.broadcast_to(colour.astype(np.float32), mean.shape),
    }


def refer(
    rng: np.random.Generator, placed: Parameters, first: np.ndarray
) -> Parameters:
    """Take the reference of most nuclei from the first observations.

    Args:
        rng: where the randomness comes from.
        placed: from `place`.
        first: `(n,)`, day of the first observation.
    """
    walk = placed["walk"]
    n, steps = walk.shape
    start = ((first - placed["begin"]) / _STEP).clip(0, steps - 1).astype(np.int64)
    length = (rng.uniform(*_REFERENCE_DAYS, n) / _STEP).astype(np.int64)
    stop = np.minimum(start + length + 1, steps)
    summed = np.cumsum(np.pad(walk, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    every = np.arange(n)
    mean = (summed[every, stop] - summed[every, start]) / (stop - start)
    exponent = -0.4 * np.log(10) * mean[:, None] * placed["colour"]
    early = (placed["mean"] * np.exp(exponent)).astype(np.float32)
    chosen = rng.random(n)[:, None] < _REFERENCE_SHARE
    return {**placed, "before": np.where(chosen, early, placed["before"])}


def brightest(placed: Parameters) -> np.ndarray:
    """Highest difference flux in each passband, `(n, b)`: where the walk is highest."""
    lowest = placed["walk"].min(1)[:, None] * placed["colour"]
    rise = np.exp(np.float32(-0.4 * np.log(10)) * lowest)
    return placed["mean"] * rise - placed["before"]


def flux(
    placed: Parameters, of: np.ndarray, band: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Difference flux without noise and Milky Way dust: see `explosion.flux`."""
    walk = placed["walk"]
    position = (days - placed["begin"][of]) / np.float32(_STEP)
    below, share = between(position, walk.shape[1])
    offset = (1 - share) * walk[of, below] + share * walk[of, below + 1]
    exponent = np.float32(-0.4 * np.log(10)) * offset * placed["colour"][of, band]
    return placed["mean"][of, band] * np.exp(exponent) - placed["before"][of, band]
