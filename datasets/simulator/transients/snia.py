"""Normal SNe Ia: a spectral template with stretch and colour.

The template (`benchmarks/make_snia_template.py` has its source) is averaged over eight
wavelengths per passband. From day -12 to 60 and redshift 0 to 1 this is within 0.03 mag
of an integral over the transmission curve in every passband of ZTF and LSST, and
within 0.01 mag in most.
"""

from functools import lru_cache
from importlib import resources

import numpy as np

from zoo.datasets.simulator.populations import Population
from zoo.datasets.simulator.surveys import Instrument
from zoo.datasets.simulator.transients.cosmology import distance_modulus
from zoo.datasets.simulator.transients.dust import extinction
from zoo.datasets.simulator.transients.explosion import Parameters, between
from zoo.light_curves.ragged import ZEROPOINT

# x1: two modes, after Nicolas et al. 2021, A&A 649 A74: share, mean and sigma.
_YOUNG, _OLD = (0.62, 0.35, 0.62), (0.38, -1.25, 0.62)
# Colour: a narrow intrinsic part and dust (Mandel et al. 2017, ApJ 842 93).
_COLOUR, _DUST, _COLOUR_RANGE = (-0.055, 0.05), 0.125, (-0.3, 1.0)
# Tripp 1998, A&A 331 815: M(B), alpha, beta and scatter; tuned to the BTS.
_MAGNITUDE, _ALPHA, _BETA, _SCATTER = -19.22, 0.14, 3.1, 0.11
_TEMPLATE_COLOUR = 0.09  # mag, added to the colour for the template to match c = 0
_TILT = 0.25  # mag: scatter of the colour beyond c, per unit ln(wavelength)
# Factor on the rise time beyond stretch, median and ln-sigma: half-maximum rises of the
# Bright Transient Survey are 7.4, 9.8 and 12.9 d (16, 50, 84 %), those of the template
# 8.3 to 10.9; 8 to 12 d before peak its SNe Ia have 0.60 of the peak flux in r, the
# template 0.52.
_RISE = (1.08, 0.18)
_SHIFTS, _SHIFT_STEP = 100, 0.0085  # steps of ln(1 + z), to z = 1.3
_LATE_DAYS = 70.0  # e-folding time of the flux after the end of the template


def draw(
    rng: np.random.Generator, population: Population, n: int, spread: float
) -> Parameters:
    """Draw `n` SNe Ia: see `explosion.draw`.

    The numbers are those of this module, not of the population; `spread` is a factor on
    the scatter of the rise time, as the other distributions are well known.

    Returns:
        float32 arrays `(n,)`: `magnitude` (absolute, AB, in B), `x1`, `colour`, `tilt`,
        `rise` (factor on the rise time).
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
        "rise": _RISE[0] * np.exp(rng.normal(0, _RISE[1] * spread, n)),
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
        - 2.5 * np.log10(1 + redshift)[:, None]
        - ZEROPOINT
        + (parameters["colour"] + _TEMPLATE_COLOUR)[:, None] * _colour_law(wavelength)
        + parameters["tilt"][:, None] * np.log(wavelength / 0.5)
    )
    phase, tables = _tables(on)
    below, share = between(np.log1p(redshift) / _SHIFT_STEP, len(tables))
    share = share[:, None, None].astype(np.float32)
    curve = (1 - share) * tables[below] + share * tables[below + 1]
    scale = 10 ** (-0.4 * dimming)
    return {
        "curve": curve * scale[..., None].astype(np.float32),
        "rate": (1 / ((1 + redshift) * stretch)).astype(np.float32),
        "rise": parameters["rise"],
        "grid": np.broadcast_to(phase, (len(redshift), len(phase))),
    }


def _colour_law(wavelength: np.ndarray) -> np.ndarray:
    """Magnitudes per unit of colour: 0 in B, -1 in V, about that of SALT2.

    Guy et al. 2007 find dust-like extinction in the blue and less of it in the red.
    """
    law = 3.1 * (extinction(wavelength) - extinction(np.array(0.44)))
    knee = 3.1 * (extinction(np.array(0.55)) - extinction(np.array(0.44)))
    return np.where(wavelength > 0.55, knee + 0.62 * (law - knee), law)


@lru_cache(8)  # a survey drawn at random has its own
def _tables(on: Instrument) -> tuple[np.ndarray, np.ndarray]:
    """Phases `(p,)` and flux `(k, b, p)` in each passband at steps of ln(1 + z)."""
    file = resources.files(__package__).joinpath("snia_template.npz")
    with file.open("rb") as stream, np.load(stream) as data:
        phase, logs = data["phase"], data["log_wavelength"]
        spectra = data["flux"].astype(np.float32)
    shifts = _SHIFT_STEP * np.arange(_SHIFTS)[:, None, None]
    position = (np.log(on.samples) - shifts - logs[0]) / (logs[1] - logs[0])
    # Beyond the template, 0.14 to 2.05 um, the flux is that of its end: bluer there is
    # next to no light.
    position = np.clip(position, 0, len(logs) - 1.001)
    below = position.astype(np.int64)
    share = (position - below).astype(np.float32)
    flux = (1 - share) * spectra[:, below] + share * spectra[:, below + 1]
    return phase, np.ascontiguousarray(np.moveaxis(flux.mean(-1), 0, -1))


def flux(
    placed: Parameters, of: np.ndarray, band: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Flux without noise and Milky Way dust: see `explosion.flux`."""
    if not len(of):
        return np.zeros(0, np.float32)
    grid = placed["grid"][0]
    phase = days * placed["rate"][of]
    phase = np.where(phase < 0, phase / placed["rise"][of], phase)
    position = (phase - grid[0]) / (grid[1] - grid[0])
    below, share = between(position, len(grid))
    curve = placed["curve"]
    value = (1 - share) * curve[of, band, below] + share * curve[of, band, below + 1]
    late = np.exp(-np.maximum(phase - grid[-1], 0) / np.float32(_LATE_DAYS))
    return np.where(position < 0, np.float32(0), value * late)
