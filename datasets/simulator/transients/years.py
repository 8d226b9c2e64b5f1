"""What explosions do in the years around their peak, beside the model of the peak.

A late component that declines as a power law (interaction, magnetars, the disc of a
TDE) or exponentially (56Co); precursors and rebrightenings; the variability of an
active host. Each adds a flux in units of the peak in the passband, so that redshift and
dust are those of the object. The numbers of each class are in `populations.toml`.
"""

import numpy as np

from zoo.datasets.simulator.cadence import Years, span
from zoo.datasets.simulator.populations import LongTerm
from zoo.datasets.simulator.transients.explosion import REFERENCE, Parameters, between

_MOST = 4  # precursors of an object, and rebrightenings
_SETS_IN = 40.0  # rest-frame days from the peak until the late component is full
# Of a precursor or rebrightening at t days from the peak: log10 of the ratio of its
# rise to t, and of its decline to its rise: weeks within the last months, months within
# the last years (Strotjohann et al. 2021, ApJ 907 99).
_RISE, _FALL = (-1.2, -0.4), (0.0, 0.5)
_COLOUR = 0.3  # mag per unit ln(wavelength): scatter of their colour against the peak's
# An active host: log10 of the time scale of its walk in days, mean and sigma (MacLeod
# et al. 2010, ApJ 721 1014), and of its scatter in units of the peak, lowest, highest.
_LOG_DAYS, _LOG_SCATTER, _STEP = (2.3, 0.4), (-2.0, -0.7), 8.0


def draw(
    rng: np.random.Generator, this: LongTerm, n: int, spread: float, years: Years
) -> Parameters:
    """Draw what `n` objects do within the years; `spread` is a factor on ln-sigmas."""
    share, median, sigma = this.late
    late = median * np.exp(spread * sigma * rng.standard_normal(n))
    parameters = {
        "late": np.minimum(np.where(rng.random(n) < share, late, 0), 0.8),
        "late_days": this.late_days[0]
        * np.exp(spread * this.late_days[1] * rng.standard_normal(n)),
        "late_index": rng.uniform(*this.late_index, n),
        "late_colour": rng.normal(*this.late_colour, n),
    }
    for name, number, size, days, sign in (
        ("precursor", this.precursors, this.precursor_flux, this.precursor_days, -1),
        ("bump", this.bumps, this.bump_flux, this.bump_days, 1),
    ):
        happens = np.arange(_MOST) < rng.poisson(number, n)[:, None]
        at = np.exp(rng.uniform(*np.log(days), (n, _MOST)))
        rise = at * 10 ** rng.uniform(*_RISE, (n, _MOST))
        parameters |= {
            name: happens * np.exp(rng.uniform(*np.log(size), (n, _MOST))),
            f"{name}_at": sign * at,
            f"{name}_rise": rise,
            f"{name}_fall": rise * 10 ** rng.uniform(*_FALL, (n, _MOST)),
            f"{name}_colour": rng.normal(0, _COLOUR, (n, _MOST)),
        }
    begin, end = span(years)
    steps = int((end - begin) / _STEP) + 2
    memory = np.exp(-_STEP / 10 ** rng.normal(*_LOG_DAYS, n))
    scatter = 10 ** rng.uniform(*_LOG_SCATTER, n) * (rng.random(n) < this.active_hosts)
    walk = rng.standard_normal((steps, n), dtype=np.float32)
    walk[1:] *= np.sqrt(1 - memory**2).astype(np.float32)
    for i in range(1, steps):
        walk[i] += memory.astype(np.float32) * walk[i - 1]
    parameters |= {"host": scatter, "walk": np.ascontiguousarray(walk.T)}
    parameters |= {"begin": np.full(n, begin)}
    return {name: values.astype(np.float32) for name, values in parameters.items()}


def flux(
    drawn: Parameters,
    peak: np.ndarray,
    redshift: np.ndarray,
    wavelength: np.ndarray,
    of: np.ndarray,
    band: np.ndarray,
    days: np.ndarray,
) -> np.ndarray:
    """Flux without noise and Milky Way dust, to be added to that of the model.

    Args:
        drawn: from `draw`.
        peak: float32 `(n, b)`, flux at the peak in each passband.
        redshift: `(n,)`.
        wavelength: `(b,)`, um, of the passbands.
        of: int `(m,)`, the object of each row.
        band: int `(m,)`, index of the passband.
        days: float32 `(m,)`, observer-frame days since the peak.
    """
    colour = np.log(wavelength / REFERENCE).astype(np.float32)
    phase = days / (1 + redshift).astype(np.float32)[of]
    total = np.zeros(len(of), np.float32)

    rows = np.flatnonzero((drawn["late"][of] > 0) & (phase > 0))
    which, since = of[rows], phase[rows]
    index = drawn["late_index"][which]
    decline = (1 + since / (index * drawn["late_days"][which])) ** -index
    tilt = _tilt(drawn["late_colour"][which], colour[band[rows]])
    whole = np.minimum(since / np.float32(_SETS_IN), 1)
    total[rows] += drawn["late"][which] * decline * tilt * whole

    for name in ("precursor", "bump"):
        for i in range(_MOST):
            p = {
                key: drawn[f"{name}{key}"][:, i]
                for key in ("", "_at", "_rise", "_fall", "_colour")
            }
            rows = np.flatnonzero(p[""][of] > 0)
            which = of[rows]
            since = phase[rows] - p["_at"][which]
            early = np.exp(-((np.minimum(since, 0) / p["_rise"][which]) ** 2) / 2)
            later = np.exp(-np.maximum(since, 0) / p["_fall"][which])
            tilt = _tilt(p["_colour"][which], colour[band[rows]])
            total[rows] += p[""][which] * early * later * tilt

    rows = np.flatnonzero(drawn["host"][of] > 0)
    which, walk = of[rows], drawn["walk"]
    position = (days[rows] - drawn["begin"][which]) / np.float32(_STEP)
    below, share = between(position, walk.shape[1])
    offset = (1 - share) * walk[which, below] + share * walk[which, below + 1]
    total[rows] += drawn["host"][which] * offset
    return total * peak[of, band]


def _tilt(colour: np.ndarray, log_wavelength: np.ndarray) -> np.ndarray:
    """Factor on the flux of a colour in mag per unit ln(wavelength), 1 at 0.62 um."""
    return np.exp(np.float32(-0.4 * np.log(10)) * colour * log_wavelength)
