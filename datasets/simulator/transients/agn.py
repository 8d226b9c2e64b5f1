"""Active galactic nuclei: a damped random walk, seen against a reference image."""

import numpy as np

from zoo.datasets.simulator.populations import Population
from zoo.datasets.simulator.surveys import Instrument
from zoo.datasets.simulator.transients.explosion import Parameters, between
from zoo.light_curves.ragged import ZEROPOINT

# MacLeod et al. 2010, ApJ 721 1014: log10 of the time scale in observer-frame days and
# of the asymptotic structure function in mag, mean and sigma; its colour dependence.
_LOG_DAYS, _LOG_AMPLITUDE, _COLOUR = (2.3, 0.4), (-0.75, 0.25), -0.479
_REDSHIFT = (2.2, 0.35, 0.05, 3.0)  # shape and scale of a gamma, lowest and highest
_STEP = 2.0  # days between the steps of the walk
_SPAN = (-120.0, 260.0)  # days
# Magnitude of the nucleus compared with the depth: mean, sigma, brightest, faintest.
_BRIGHTNESS = (-1.7, 1.1, -5.0, 0.3)


def draw(
    rng: np.random.Generator, population: Population, n: int, spread: float
) -> Parameters:
    """Draw `n` nuclei: see `explosion.draw`.

    The numbers are those of this module, not of the population; `spread` is a factor on
    the scatter of time scale and amplitude.
    """
    days = 10 ** rng.normal(_LOG_DAYS[0], spread * _LOG_DAYS[1], n)
    amplitude = 10 ** rng.normal(_LOG_AMPLITUDE[0], spread * _LOG_AMPLITUDE[1], n)
    sigma = amplitude / np.sqrt(2)
    memory = np.exp(-_STEP / days).astype(np.float32)
    kick = (sigma * np.sqrt(1 - memory**2)).astype(np.float32)
    steps = int((_SPAN[1] - _SPAN[0]) / _STEP) + 1
    walk = rng.standard_normal((steps, n), dtype=np.float32)
    walk[0] *= sigma.astype(np.float32)
    walk[1:] *= kick
    for i in range(1, steps):
        walk[i] += memory * walk[i - 1]
    shape, scale, low, high = _REDSHIFT
    mean, scatter, bright, faint = _BRIGHTNESS
    return {
        "walk": np.ascontiguousarray(walk.T),
        # The mean of a few epochs, long before: half of the variance.
        "reference": (rng.normal(0, 0.5, n) * sigma).astype(np.float32),
        "redshift": np.clip(rng.gamma(shape, scale, n), low, high),
        "brightness": np.clip(rng.normal(mean, scatter, n), bright, faint),
        "slope": rng.normal(0.1, 0.2, n),
    }


def place(parameters: Parameters, redshift: np.ndarray, on: Instrument) -> Parameters:
    """Set the magnitudes of the nuclei in each passband: see `explosion.place`."""
    colour = (on.wavelengths / 0.5) ** _COLOUR
    depth = np.interp(0.62, on.wavelengths, on.median_depth)
    magnitude = depth + parameters["brightness"][:, None]
    magnitude = magnitude - parameters["slope"][:, None] * np.log(on.wavelengths / 0.62)
    mean = (10 ** (-0.4 * (magnitude - ZEROPOINT))).astype(np.float32)
    return {
        "walk": parameters["walk"],
        "mean": mean,
        "before": mean
        * (10 ** (-0.4 * parameters["reference"][:, None] * colour)).astype(np.float32),
        "colour": np.broadcast_to(colour.astype(np.float32), mean.shape),
    }


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
    position = (days - np.float32(_SPAN[0])) / np.float32(_STEP)
    below, share = between(position, walk.shape[1])
    offset = (1 - share) * walk[of, below] + share * walk[of, below + 1]
    exponent = np.float32(-0.4 * np.log(10)) * offset * placed["colour"][of, band]
    return placed["mean"][of, band] * np.exp(exponent) - placed["before"][of, band]
