"""Microlensing of a star by a point mass (Paczynski 1986, ApJ 304 1)."""

import numpy as np

from zoo.datasets.simulator.populations import Population
from zoo.datasets.simulator.surveys import Instrument
from zoo.datasets.simulator.transients.explosion import HC_OVER_K, REFERENCE, Parameters
from zoo.light_curves.ragged import ZEROPOINT

# Einstein time: log10 days (Wyrzykowski et al. 2015, ApJS 216 12). Temperature: red
# dwarfs to giants, K. Blending: share of the light that is lensed.
_LOG_DAYS, _IMPACT, _KELVIN = (1.3, 0.3), (0.01, 0.9), (4900.0, 700.0)
_BLENDING = (0.3, 1.0)
_BRIGHTNESS = (-4.5, 1.2)  # mag of the source compared with the depth


def draw(
    rng: np.random.Generator, population: Population, n: int, spread: float
) -> Parameters:
    """Draw `n` events: see `explosion.draw`.

    The numbers are those of this module, not of the population; `spread` is a factor on
    the scatter of the Einstein time.
    """
    parameters = {
        "days": 10 ** rng.normal(_LOG_DAYS[0], spread * _LOG_DAYS[1], n),
        "impact": rng.uniform(*_IMPACT, n),
        "kelvin": np.maximum(rng.normal(*_KELVIN, n), 2500),
        "lensed": rng.uniform(*_BLENDING, n),
        "brightness": rng.uniform(*_BRIGHTNESS, n),
        "redshift": np.zeros(n),
    }
    return {name: values.astype(np.float32) for name, values in parameters.items()}


def place(parameters: Parameters, redshift: np.ndarray, on: Instrument) -> Parameters:
    """Set the magnitudes of the sources in each passband: see `explosion.place`."""
    kelvin = parameters["kelvin"][:, None]
    depth = np.interp(REFERENCE, on.wavelengths, on.median_depth)
    magnitude = depth + parameters["brightness"][:, None]
    colour = (REFERENCE / on.wavelengths) ** 3
    colour = colour * np.expm1(HC_OVER_K / (REFERENCE * kelvin))
    colour = colour / np.expm1(HC_OVER_K / (on.wavelengths * kelvin))
    scale = 10 ** (-0.4 * (magnitude - ZEROPOINT)) * colour
    return {
        "days": parameters["days"],
        "impact": parameters["impact"],
        "scale": (scale * parameters["lensed"][:, None]).astype(np.float32),
    }


def flux(
    placed: Parameters, of: np.ndarray, band: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Difference flux without noise and Milky Way dust: see `explosion.flux`."""
    squared = placed["impact"][of] ** 2 + (days / placed["days"][of]) ** 2
    magnification = (squared + 2) / np.sqrt(squared * (squared + 4))
    return placed["scale"][of, band] * (magnification - 1)
