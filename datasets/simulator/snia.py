"""Normal SNe Ia: a spectral template with stretch and colour.

The template (`make_snia_template.py` says where it comes from) is averaged in
ln(wavelength) over a boxcar with the centre and the variance of each passband.
"""

from functools import cache
from importlib import resources

import numpy as np

from zoo.datasets.simulator.cosmology import distance_modulus
from zoo.datasets.simulator.dust import extinction
from zoo.datasets.simulator.explosion import Parameters
from zoo.datasets.simulator.populations import Population
from zoo.datasets.simulator.surveys import Instrument
from zoo.light_curves import ZEROPOINT

# x1: two modes, after Nicolas et al. 2021, A&A 649 A74: share, mean and sigma.
_YOUNG, _OLD = (0.62, 0.35, 0.62), (0.38, -1.25, 0.62)
# Colour: a narrow intrinsic part and dust (Mandel et al. 2017, ApJ 842 93).
_COLOUR, _DUST, _COLOUR_RANGE = (-0.055, 0.05), 0.125, (-0.3, 1.0)
# Tripp 1998, A&A 331 815: M(B), alpha, beta and scatter; tuned to the BTS.
_MAGNITUDE, _ALPHA, _BETA, _SCATTER = -19.30, 0.14, 3.1, 0.11
_TEMPLATE_COLOUR = 0.07  # mag, added to the colour for the template to match c = 0
_TILT = 0.25  # mag: scatter of the colour beyond c, per unit ln(wavelength)
_LATE_DAYS = 70.0  # e-folding time of the flux after the end of the template


def draw(
    rng: np.random.Generator, population: Population, n: int, spread: float
) -> Parameters:
    """Draw `n` SNe Ia.

    Args:
        rng: where the randomness comes from.
        population: not used: the numbers are those of this module.
        n: number of objects.
        spread: not used: the distributions are well known.

    Returns:
        float32 arrays `(n,)`: `magnitude` (absolute, AB, in B), `x1`, `colour`, `tilt`.
    """
    old = rng.random(n) < _OLD[0]
    x1 = np.where(old, rng.normal(*_OLD[1:], n), rng.normal(*_YOUNG[1:], n))
    x1 = np.clip(x1, -3, 3)
    colour = rng.normal(*_COLOUR, n) + rng.exponential(_DUST, n)
    colour = np.clip(colour, *_COLOUR_RANGE)
    scatter = rng.normal(0, _SCATTER, n)
    magnitude = _MAGNITUDE - _ALPHA * x1 + _BETA * colour + scatter
    parameters = {
        "magnitude": magnitude,
        "x1": x1,
        "colour": colour,
        "tilt": rng.normal(0, _TILT, n),
    }
    return {name: values.astype(np.float32) for name, values in parameters.items()}


def place(parameters: Parameters, redshift: np.ndarray, on: Instrument) -> Parameters:
    """Put SNe Ia at their redshifts: see `explosion.place`."""
    x1 = parameters["x1"]
    # Guy et al. 2007, A&A 466 11: stretch of a SALT2 x1.
    stretch = 0.98 + 0.091 * x1 + 0.003 * x1**2 - 0.00075 * x1**3
    wavelength = on.wavelengths / (1 + redshift[:, None])
    dimming = (
        (parameters["magnitude"] + distance_modulus(redshift))[:, None]
        - ZEROPOINT
        + (parameters["colour"] + _TEMPLATE_COLOUR)[:, None] * _colour_law(wavelength)
        + parameters["tilt"][:, None] * np.log(wavelength / 0.5)
    )
    phase, logs, tables = _tables(on)
    position = np.log([[centre for centre, _ in on.box]] / (1 + redshift[:, None]))
    position = (position - logs[0]) / (logs[1] - logs[0])
    position = np.clip(position, 0, len(logs) - 1.001)
    below = position.astype(np.int64)
    share = (position - below)[..., None].astype(np.float32)
    bands = np.arange(len(on.bands))
    curve = (1 - share) * tables[bands, below] + share * tables[bands, below + 1]
    scale = 10 ** (-0.4 * dimming)
    return {
        "curve": curve * scale[..., None].astype(np.float32),
        "rate": (1 / ((1 + redshift) * stretch)).astype(np.float32),
        "grid": np.broadcast_to(phase, (len(redshift), len(phase))),
    }


def _colour_law(wavelength: np.ndarray) -> np.ndarray:
    """Magnitudes per unit of colour: 0 in B, -1 in V, about that of SALT2.

    Guy et al. 2007 find dust-like extinction in the blue and less of it in the red.
    """
    law = 3.1 * (extinction(wavelength) - extinction(np.array(0.44)))
    knee = 3.1 * (extinction(np.array(0.55)) - extinction(np.array(0.44)))
    return np.where(wavelength > 0.55, knee + 0.62 * (law - knee), law)


@cache
def _tables(on: Instrument) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Phases `(p,)`, ln(wavelength / um) `(w,)` and band-averaged flux `(b, w, p)`."""
    file = resources.files(__package__).joinpath("snia_template.npz")
    with file.open("rb") as stream, np.load(stream) as data:
        phase, logs = data["phase"], data["log_wavelength"]
        spectra = data["flux"].astype(np.float64).T
    step = logs[1] - logs[0]
    integral = np.concatenate(
        [np.zeros((1, len(phase))), np.cumsum((spectra[1:] + spectra[:-1]) / 2, 0)]
    )
    steps = np.arange(len(logs))
    tables = []
    for _, width in on.box:
        low = np.clip(steps - width / step / 2, 0, len(logs) - 1)
        high = np.clip(steps + width / step / 2, 0, len(logs) - 1)
        tables.append(
            np.stack(
                [
                    (np.interp(high, steps, column) - np.interp(low, steps, column))
                    / (high - low)
                    for column in integral.T
                ],
                axis=1,
            )
        )
    return phase, logs, np.array(tables, dtype=np.float32)


def flux(
    placed: Parameters, of: np.ndarray, band: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Flux without noise and Milky Way dust: see `explosion.flux`."""
    grid = placed["grid"][0]
    phase = days * placed["rate"][of]
    position = (phase - grid[0]) / (grid[1] - grid[0])
    inside = np.clip(position, 0, len(grid) - 1.001)
    share, below = np.modf(inside)
    below = below.astype(np.int64)
    curve = placed["curve"]
    value = (1 - share) * curve[of, band, below] + share * curve[of, band, below + 1]
    late = np.exp(-np.maximum(phase - grid[-1], 0) / np.float32(_LATE_DAYS))
    return np.where(position < 0, np.float32(0), value * late)
