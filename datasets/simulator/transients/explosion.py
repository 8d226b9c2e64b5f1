"""Every explosion other than SN Ia: one shape, one cooling blackbody.

With t in rest-frame days, t = 0 where the decline sets in, the shape is (after Villar
et al. 2019, ApJ 884 83)

    sigmoid(t / rise) * [plateau(t) * decline(t) * (1 - tail) + tail * exp(-t / 111.3)]

or, with an onset before which there is no flux, with this in place of the sigmoid

    1 - exp(-((t / rise + 3) / 2.6)^index), 0 for t < -3 rise

times a blackbody whose temperature falls along a logistic curve (Russeil et al. 2024,
A&A 683 A251), dimmed at short wavelengths by line blanketing and by the host's dust.
"""

import numpy as np

from zoo.datasets.simulator.populations import Population, Spread
from zoo.datasets.simulator.surveys import Instrument
from zoo.datasets.simulator.transients.cosmology import distance_modulus
from zoo.datasets.simulator.transients.dust import extinction
from zoo.light_curves.ragged import ZEROPOINT

Parameters = dict[str, np.ndarray]

COBALT_DAYS = 111.3
"""e-folding time of 56Co."""

HC_OVER_K = 1.438777e4
"""Second radiation constant, um K (CODATA 2018)."""

REFERENCE = 0.62
"""Wavelength, um, that magnitudes are given at and colours turn about: that of r."""

_BLANKETED = (0.395, 0.022)  # um: where line blanketing sets in, and how sharply
_WARMS_FROM, _WARMS_TO = 25.0, 100.0  # days after the peak, see `rewarming`
_TILT = 0.45  # mag: scatter of the colour beyond the blackbody, per unit ln(wavelength)
_ONSETS = 0.5  # share of explosions with an onset: the sigmoid is a fit to detections
_INDEX = (1.2, 3.0)  # about 2, broadly; not as steep as shock cooling, below 1
# From the onset to t = 0, and to 63 % of the flux, in units of `rise`: it takes about
# as long as the sigmoid from half of the maximum to it (TDE 11.6 and 12.7 days).
_BEFORE, _RISE = 3.0, 2.6


def between(position: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Index of the grid point below each position, int64, and the share of the way to
    the next; positions outside the grid of `points` are moved to its ends."""
    share, below = np.modf(np.clip(position, 0, points - 1.001))
    return below.astype(np.int64), share


def draw(
    rng: np.random.Generator, population: Population, n: int, spread: float
) -> Parameters:
    """Draw `n` explosions.

    Args:
        rng: where the randomness comes from.
        population: the class.
        n: number of objects.
        spread: factor on the ln-sigmas.

    Returns:
        Arrays `(n,)`: `magnitude` (absolute, AB, at 0.62 um) and what `place` and
        `flux` need.
    """

    def lognormal(quantity: Spread) -> np.ndarray:
        median, sigma = quantity
        return median * np.exp(spread * sigma * rng.standard_normal(n))

    width = population.cooling_width
    parameters = {
        "magnitude": _truncated_normal(rng, population.magnitude, n),
        "rise": lognormal(population.rise),
        "fall": lognormal(population.fall),
        "plateau": lognormal(population.plateau),
        "drop": np.clip(rng.normal(*population.plateau_drop, n), 0, 0.95),
        "tail": np.minimum(lognormal((population.tail, 0.5)), 0.5),
        "hot": lognormal(population.hot),
        "cool": lognormal(population.cool),
        "cooling_start": rng.normal(population.cooling_start, 0.35 * width[0], n),
        "cooling_width": lognormal(width),
        "blanketing": lognormal((population.blanketing[0], 0.35)),
        "ageing": np.full(n, population.blanketing[1]),
        "rewarming": np.full(n, population.rewarming),
        "host_dust": rng.exponential(population.host_dust, n),
        "tilt": rng.normal(0, _TILT, n),
        "power_law": np.full(n, population.power_law),
        "index": np.zeros(n),
    }
    return {name: values.astype(np.float32) for name, values in parameters.items()}


def draw_index(rng: np.random.Generator, n: int) -> np.ndarray:
    """The power of time since their onset by which `n` explosions begin to brighten,
    float32 `(n,)`; 0 for those without an onset.

    Forced photometry sees an explosion before its first detection, where a sigmoid has
    an exponential tail and nature has none: SNe Ia, which have a template here, begin
    as about the square of time since the explosion (Miller et al. 2020, ApJ 902 47),
    and so did a tidal disruption event (Holoien et al. 2019, ApJ 883 111). The prior is
    broad, because classes differ, and half of them keep the sigmoid.
    """
    index = rng.uniform(*_INDEX, n)
    index[rng.random(n) >= _ONSETS] = 0
    return index.astype(np.float32)


def _truncated_normal(
    rng: np.random.Generator, values: tuple[float, float, float, float], n: int
) -> np.ndarray:
    mean, sigma, low, high = values
    drawn = rng.normal(mean, sigma, n)
    while (outside := (drawn < low) | (drawn > high)).any():
        drawn[outside] = rng.normal(mean, sigma, outside.sum())
    return drawn


def place(parameters: Parameters, redshift: np.ndarray, on: Instrument) -> Parameters:
    """Put explosions at their redshifts.

    Args:
        parameters: from `draw`.
        redshift: `(n,)`.
        on: whose passbands are used.

    Returns:
        What `flux` needs: arrays of first axis `n`.
    """
    p = parameters
    # Find the maximum on a grid: phase 0 is there, and the flux is 1.
    grid = np.linspace(-1, 8, 28, dtype=np.float32) * p["rise"][:, None]
    shape = _shape({k: p[k][:, None] for k in _SHAPE}, grid)
    highest = shape.argmax(1)[:, None]
    peak = np.take_along_axis(grid, highest, 1)[:, 0]

    wavelength = on.wavelengths / (1 + redshift[:, None])  # rest frame, (n, b)
    magnitude = (
        p["magnitude"] + distance_modulus(redshift) - 2.5 * np.log10(1 + redshift)
    )
    dimming = (
        magnitude[:, None]
        - ZEROPOINT
        + p["host_dust"][:, None] * extinction(wavelength)
        + p["tilt"][:, None] * np.log(wavelength / REFERENCE)
    )
    edge, sharpness = _BLANKETED
    blanketed = 0.35 * np.logaddexp(0, (edge - wavelength) / sharpness)
    scale = 10 ** (-0.4 * dimming) * (REFERENCE / wavelength) ** 3
    return {
        **{k: p[k] for k in (*_SHAPE, *_COOLING)},
        "peak": peak,
        "stretch": (1 / (1 + redshift)).astype(np.float32),
        "scale": (scale / np.take_along_axis(shape, highest, 1)).astype(np.float32),
        "blanketed": (blanketed * p["blanketing"][:, None]).astype(np.float32),
        "energy": (HC_OVER_K / wavelength).astype(np.float32),
    }


_SHAPE = ("rise", "fall", "plateau", "drop", "tail", "power_law", "index")
_COOLING = ("hot", "cool", "cooling_start", "cooling_width", "ageing", "rewarming")


def _shape(p: Parameters, t: np.ndarray) -> np.ndarray:
    """Bolometric shape at `t`, rest-frame days from the centre of the rise."""
    since = np.maximum(t, 0)
    late = np.maximum(since - p["plateau"], 0) / p["fall"]
    plateau = 1 - p["drop"] * np.minimum(since / p["plateau"], 1)
    if p["power_law"].any():
        decline = (1 + late) ** np.float32(-5 / 3)
    else:
        decline = np.exp(-late)
    tail = p["tail"] * np.exp(since * np.float32(-1 / COBALT_DAYS))
    shape = plateau * decline * (1 - p["tail"]) + tail
    rises = t / p["rise"]
    smooth = shape / (1 + np.exp(np.clip(-rises, -30, 30)))
    since_onset = np.maximum(rises + np.float32(_BEFORE), 0) / np.float32(_RISE)
    sharp = shape * -np.expm1(-(since_onset ** p["index"]))
    return np.where(p["index"] > 0, sharp, smooth)


def flux(
    placed: Parameters, of: np.ndarray, band: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Flux without noise and Milky Way dust.

    Args:
        placed: from `place`.
        of: int `(m,)`, the object of each row.
        band: int `(m,)`, index in the instrument's passbands.
        days: float32 `(m,)`, observer-frame days since the peak.

    Returns:
        float32 `(m,)`, AB zero point 27.5.
    """
    p = {k: placed[k][of] for k in (*_SHAPE, *_COOLING, "peak", "stretch")}
    phase = days * p["stretch"]
    cooled = 1 / (
        1 + np.exp(np.clip((p["cooling_start"] - phase) / p["cooling_width"], -30, 30))
    )
    temperature = p["hot"] + (p["cool"] - p["hot"]) * cooled
    warm = np.clip(phase, _WARMS_FROM, _WARMS_TO) - np.float32(_WARMS_FROM)
    temperature *= 1 + p["rewarming"] * warm
    energy = placed["energy"][of, band] / temperature
    reference = np.float32(HC_OVER_K / REFERENCE) / temperature
    colour = np.expm1(np.minimum(reference, 60)) / np.expm1(np.minimum(energy, 60))
    blanketing = placed["blanketed"][of, band] * (1 + p["ageing"] * cooled)
    return (
        placed["scale"][of, band]
        * _shape(p, phase + p["peak"])
        * colour
        * np.exp(np.float32(-0.4 * np.log(10)) * blanketing)
    )
