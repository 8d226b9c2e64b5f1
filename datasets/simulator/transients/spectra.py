"""Supernovae whose spectra come from templates, through sncosmo.

The optional realism of the simulator, for those who have templates: see `templates`.
Each template is turned once into a table of fluxes by redshift, passband and phase;
the rest is interpolation. The magnitudes and the dust or colours are those of the
population; shape and spectrum are the template's.
"""

import gzip
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.simulator.cadence import AFTER, BEFORE
from zoo.datasets.simulator.populations import Population
from zoo.datasets.simulator.surveys import Instrument
from zoo.datasets.simulator.transients import explosion, snia
from zoo.datasets.simulator.transients.cosmology import distance_modulus
from zoo.datasets.simulator.transients.dust import extinction
from zoo.datasets.simulator.transients.explosion import (
    COBALT_DAYS,
    Parameters,
    between,
)
from zoo.light_curves.ragged import ZEROPOINT

REDSHIFT_MAX = 1.2
"""How far objects are simulated: there LSST u begins at 0.155 um in the rest frame, and
published templates begin at 0.16 (SN II) to 0.2 um (SALT3)."""

# Rest-frame days from the peak, to cover every visit of its season; beyond, nothing
# before, and 56Co after.
_PHASES = np.arange(-BEFORE, AFTER + 1)
_SHIFT_STEP = 0.0085  # steps of ln(1 + z)
_SHIFTS = int(np.log1p(REDSHIFT_MAX) / _SHIFT_STEP) + 2
_WAVELENGTHS = np.geomspace(0.14, 1.15, 800)  # um; 0.26 % apart
_PER_PASSBAND = 24  # wavelengths that represent a passband
# Where the peak magnitude of a population is given, um: `explosion`'s 0.62 +- 5 %, and
# the half-maximum range of B (Bessell 1990, PASP 102 1181).
_RED, _BLUE = (0.589, 0.651), (0.391, 0.485)
# Where a series of spectra is summed up to find its peak, um: about g and r. In r alone
# the maximum of an SN II may be the end of its plateau.
_OPTICAL = (0.41, 0.69)
# e-folding time after the end of a SALT3 template, days: SNe Ia lose 0.015 mag a day
# between 50 and 100 days. That of other templates is 56Co's.
_LATE_SNIA = 72.0
_COLOUR_STEP = 0.1  # of SALT3's c, for the slope of the magnitude in c


def import_sncosmo() -> Any:
    """Import sncosmo.

    Raises:
        ImportError: it is not installed; the message says how to install it.
    """
    try:
        import sncosmo
    except ImportError as error:
        raise ImportError(
            "templates are read with sncosmo, which is not installed. Install it with: "
            'pip install "transient-zoo[sim]"'
        ) from error
    return sncosmo


@dataclass(frozen=True)
class TemplateModel:
    """Draws the objects of one class from its templates, each equally often.

    It has the functions of the modules `explosion` and `snia`.

    Attributes:
        files: of the templates.
        salt3: whether they are SALT3 surfaces, or else series of spectra.
        on: who observes.
    """

    files: tuple[Path, ...]
    salt3: bool
    on: Instrument

    def draw(
        self, rng: np.random.Generator, population: Population, n: int, spread: float
    ) -> Parameters:
        """Draw `n` objects: see `explosion.draw`."""
        module = snia if self.salt3 else explosion
        drawn = module.draw(rng, population, n, spread)
        return {**drawn, "template": rng.integers(len(self.files), size=n)}

    def place(
        self, parameters: Parameters, redshift: np.ndarray, on: Instrument
    ) -> Parameters:
        """Put objects at their redshifts: see `explosion.place`."""
        _, colour = _tables(self.files, self.salt3, on)
        template = parameters["template"]
        below, share = between(np.log1p(redshift) / _SHIFT_STEP, _SHIFTS)
        if self.salt3:
            reddened = parameters["colour"][:, None] * colour[template, below]
            second = parameters["x1"]
        else:
            wavelength = on.wavelengths / (1 + redshift[:, None])
            reddened = parameters["host_dust"][:, None] * extinction(wavelength)
            second = np.zeros(len(redshift), np.float32)
        magnitude = parameters["magnitude"] + distance_modulus(redshift)
        dimming = (magnitude - 2.5 * np.log10(1 + redshift) - ZEROPOINT)[:, None]
        return {
            "template": template,
            "below": below,
            "share": share.astype(np.float32),
            "second": second,
            "scale": (10 ** (-0.4 * (dimming + reddened))).astype(np.float32),
            "stretch": (1 / (1 + redshift)).astype(np.float32),
        }

    def flux(
        self, placed: Parameters, of: np.ndarray, band: np.ndarray, days: np.ndarray
    ) -> np.ndarray:
        """Flux without noise and Milky Way dust: see `explosion.flux`."""
        tables, _ = _tables(self.files, self.salt3, self.on)
        days = days * placed["stretch"][of]
        position = days - np.float32(_PHASES[0])
        phase, share = between(position, len(_PHASES))
        template, shift = placed["template"][of], placed["below"][of]
        further = placed["share"][of]
        value = np.zeros(len(of), np.float32)
        weights = (np.float32(1), placed["second"][of])
        for component, weight in zip(range(tables.shape[1]), weights, strict=False):
            table = tables[:, component]
            early, late = (
                (1 - further) * table[template, shift, band, phase + i]
                + further * table[template, shift + 1, band, phase + i]
                for i in (0, 1)
            )
            value += weight * ((1 - share) * early + share * late)
        late = np.maximum(days - np.float32(AFTER), 0) / np.float32(COBALT_DAYS)
        # The sum of the components of SALT3 may be negative.
        return placed["scale"][of, band] * np.maximum(value, 0) * np.exp(-late)


@cache
def _tables(
    files: tuple[Path, ...], salt3: bool, on: Instrument
) -> tuple[np.ndarray, np.ndarray]:
    """The light curves of `t` templates in `b` passbands.

    Returns:
        Flux per frequency, float32 `(t, c, k, b, p)`, relative to the peak, of the `c`
        components of each template at `k` steps of ln(1 + z) and at `_PHASES`; and
        magnitudes per unit of SALT3's colour, float32 `(t, k, b)`.
    """
    read = _salt3 if salt3 else _series
    seen = np.stack([_through(read(file), on) for file in files]).astype(np.float32)
    if not salt3:
        return seen, np.zeros((len(files), *seen.shape[2:4]), np.float32)
    peak = seen[..., int(BEFORE)]  # phase 0
    plain, reddened = peak[:, 0], peak[:, 2]
    ratio = np.ones_like(plain)  # where the surface is 0, at its end in the ultraviolet
    np.divide(reddened, plain, out=ratio, where=(plain > 0) & (reddened > 0))
    return seen[:, :2], np.float32(-2.5 / _COLOUR_STEP) * np.log10(ratio)


def _through(spectra: np.ndarray, on: Instrument) -> np.ndarray:
    """Mean flux `(c, k, b, p)` of spectra `(c, p, w)` in shifted passbands."""
    # Wavelengths that halve the 24ths of a transmission curve: those of its eighths,
    # filled in, and continued by half an eighth at the ends.
    eighths = np.arange(-1, 9)
    shares = (np.arange(_PER_PASSBAND) + 0.5) / _PER_PASSBAND * 8 - 0.5
    logs = np.log(on.samples)
    ends = (2 * logs[:, :1] - logs[:, 1:2], 2 * logs[:, -1:] - logs[:, -2:-1])
    known = np.concatenate([ends[0], logs, ends[1]], axis=1)
    samples = np.stack([np.interp(shares, eighths, row) for row in known])
    grid = np.log(_WAVELENGTHS)
    shifts = _SHIFT_STEP * np.arange(_SHIFTS)[:, None, None]
    position = (samples - shifts - grid[0]) / (grid[1] - grid[0])
    below = position.astype(np.int64)
    share = position - below
    means = [
        ((1 - share) * row[below] + share * row[below + 1]).mean(-1)
        for component in spectra
        for row in component
    ]
    shape = (len(spectra), -1, _SHIFTS, len(on.samples))
    return np.moveaxis(np.reshape(means, shape), 1, -1)


def _series(file: Path) -> np.ndarray:
    """Spectra of a file as flux per frequency `(1, p, w)`, 1 at 0.62 um at the peak."""
    phase, wavelength, flux = _read_series(file)
    # Linear in time: visits of one night make a cubic spline overshoot.
    source = import_sncosmo().TimeSeriesSource(
        phase, wavelength, flux, time_spline_degree=1
    )
    times = np.arange(phase[0], phase[-1], 0.25)
    curve = _sample(source, times, COBALT_DAYS)
    peak = _mean(curve / _WAVELENGTHS**2, _OPTICAL).argmax()
    spectra = _sample(source, _PHASES + times[peak], COBALT_DAYS)
    return np.maximum(spectra, 0)[None] / _mean(curve, _RED)[peak]


def _read_series(file: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Phases `(p,)`, wavelengths `(w,)`, Angstrom, and flux `(p, w)` of a text file.

    Lines without a number (published files end the red of some spectra with NaN), and
    wavelengths not given at every phase, are left out.
    """
    try:
        rows = np.loadtxt(file, ndmin=2)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{file} is not a table of numbers: {error}.") from error
    if rows.shape[1] != 3:
        raise ValueError(
            f"{file} has {rows.shape[1]} columns. Give three: phase in days, "
            "wavelength in Angstrom, flux."
        )
    rows = rows[np.isfinite(rows).all(1)]
    phase = np.unique(rows[:, 0])
    wavelength, count = np.unique(rows[:, 1], return_counts=True)
    wavelength = wavelength[count == len(phase)]
    rows = rows[np.isin(rows[:, 1], wavelength)]
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    low, high = (1e4 * edge for edge in _RED)
    inside = np.sum((wavelength > low) & (wavelength < high))
    grid = len(phase) > 1 and len(rows) == len(phase) * len(wavelength)
    # sncosmo's spline in wavelength is cubic: it takes four.
    if not (grid and inside and len(wavelength) > 3):
        raise ValueError(
            f"{file} is not a grid of spectra around 6200 Angstrom: it has "
            f"{len(phase)} phases and {len(wavelength)} wavelengths in common. Give "
            "every wavelength once for each of two phases or more."
        )
    flux = rows[:, 2].reshape(len(phase), -1)
    if not flux.max() > 0:
        raise ValueError(f"{file} has no flux above 0. Give another file.")
    return phase, wavelength, flux


def _salt3(folder: Path) -> np.ndarray:
    """SALT3's M0, M1 and reddened M0 as flux per frequency `(3, p, w)`.

    The unit is M0 in B at the peak.
    """
    source = _salt3_source(folder)

    def spectra(x1: float, colour: float) -> np.ndarray:
        source.set(x0=1.0, x1=x1, c=colour)
        return _sample(source, _PHASES, _LATE_SNIA)

    first = spectra(0.0, 0.0)
    parts = [first, spectra(1.0, 0.0) - first, spectra(0.0, _COLOUR_STEP)]
    return np.stack(parts) / _mean(first, _BLUE)[int(BEFORE)]


def _salt3_source(folder: Path) -> Any:
    """sncosmo's SALT3 with the surfaces of a folder, gzipped or not."""
    names = {
        "m0file": "template_0",
        "m1file": "template_1",
        "clfile": "color_correction",
        "cdfile": "color_dispersion",
        "lcrv00file": "lc_variance_0",
        "lcrv11file": "lc_variance_1",
        "lcrv01file": "lc_covariance_01",
    }
    texts = {key: _text(folder / f"salt3_{name}.dat") for key, name in names.items()}
    return import_sncosmo().SALT3Source(**texts)


def _text(file: Path) -> StringIO:
    """The text of a file, or of the same file gzipped."""
    if file.is_file():
        return StringIO(file.read_text())
    packed = file.with_name(f"{file.name}.gz")
    if not packed.is_file():
        raise FileNotFoundError(
            f"{file} does not exist. Complete the SALT3 surfaces, or leave them out."
        )
    with gzip.open(packed, "rt") as stream:
        return StringIO(stream.read())


def _sample(source: Any, times: np.ndarray, late: float) -> np.ndarray:
    """Flux per frequency `(p, w)`, arbitrary unit, at days and `_WAVELENGTHS`.

    There is none before the template, and an exponential decline after it. Beyond its
    wavelengths the flux per wavelength stays what it is at their end.
    """
    wavelength = 1e4 * _WAVELENGTHS
    within = np.clip(wavelength, source.minwave(), source.maxwave())
    first, last = source.minphase(), source.maxphase()
    flux = source.flux(np.clip(times, first, last), within) * wavelength**2
    decline = np.exp(-np.maximum(times - last, 0) / late)
    return flux * np.where(times < first, 0, decline)[:, None]


def _mean(spectra: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Mean over a range of wavelengths, um, `(p,)`."""
    return spectra[:, (span[0] < _WAVELENGTHS) & (span[1] > _WAVELENGTHS)].mean(1)
