"""The surveys that are simulated; `surveys.toml` has their numbers and sources."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from zoo.passbands import CATALOGUE, INVENTED, PASSBANDS, Passband, in_order

QUANTILES = (0.01, 0.05, 0.16, 0.25, 0.50, 0.75, 0.84, 0.95, 0.99)
"""The probabilities at which a depth is tabulated."""

Night = tuple[str | tuple[str, ...], float, float]
"""Last letters or names of the passbands visited in a night, in turn, and the share of
the nights near new and near full moon with these visits."""


@dataclass(frozen=True)
class Instrument:
    """A telescope and its cadence; tuples per passband are in the order of `bands`.

    Attributes:
        bands: names in `zoo.passbands`, of the catalogue or invented.
        samples: eight wavelengths, um, of each passband, a mean over which represents
            it; see `zoo.passbands.Passband`, whose they are unless the file has others.
        milky_way: A(band) / E(B-V), with E(B-V) as Schlegel et al. 1998 map it.
        electrons: per flux unit (zero point 27.5), for the Poisson noise.
        systematic: relative error floor.
        template_depth: 5-sigma AB magnitude of the reference image, one or one for each
            passband.
        depth: quantiles of the 5-sigma AB magnitude of a visit at `QUANTILES`.
        shallowest: visits with a 5-sigma magnitude below this are not used.
        nights: the passbands observed in a visited night.
        revisit: planned nights between visits, and the share of the fields with them.
        delay: median over the fields, and ln-sigma, of the scale of the exponential
            delay beyond the plan, nights.
        seasons: quantiles of the season length at `QUANTILES`, days.
        pair_delay: shortest and longest delay between visits of a night, days.
        night_time: start and end of the observations in fractions of a UT day.
        mjd_range: dates that light curves peak at.
        dense: where years are simulated, share of the objects whose visits are repeated
            within the night, and how many there are at most.
    """

    bands: tuple[str, ...]
    samples: tuple[tuple[float, ...], ...]
    milky_way: tuple[float, ...]
    electrons: tuple[float, ...]
    systematic: float
    template_depth: float | tuple[float, ...]
    depth: tuple[tuple[float, ...], ...]
    shallowest: float
    nights: tuple[Night, ...]
    revisit: tuple[tuple[int, float], ...]
    delay: tuple[float, float]
    seasons: tuple[float, ...]
    pair_delay: tuple[float, float]
    night_time: tuple[float, float]
    mjd_range: tuple[float, float]
    dense: tuple[float, int]

    @property
    def passbands(self) -> tuple[Passband, ...]:
        """The passbands, in the order of `bands`."""
        return tuple(PASSBANDS.get(band) or INVENTED[band] for band in self.bands)

    @property
    def invented(self) -> tuple[Passband, ...]:
        """Those that are not in the catalogue, in the order of all tables."""
        return in_order(p for p in self.passbands if p.name not in PASSBANDS)

    @property
    def codes(self) -> np.ndarray:
        """Codes of the passbands: places in `zoo.passbands.CATALOGUE` and after it in
        `invented`, int16 `(b,)`."""
        known = (*CATALOGUE, *self.invented)
        return np.array([known.index(p) for p in self.passbands], dtype=np.int16)

    @property
    def wavelengths(self) -> np.ndarray:
        """Effective wavelengths, um, float64 `(b,)`."""
        return np.array([passband.wavelength for passband in self.passbands])

    @property
    def median_depth(self) -> np.ndarray:
        """Median 5-sigma AB magnitude of a visit in each passband, `(b,)`."""
        return np.array([quantiles[4] for quantiles in self.depth])


@dataclass(frozen=True)
class Survey:
    """What is simulated under one name.

    Attributes:
        instrument: who observes.
        limits: brightest and faintest magnitude limit; each object draws its own. A
            limit holds for the peak in the passband where it is brightest compared
            with the depth, scaled to the depth in r.
        alerts: share of the objects with alert photometry, detections only.
        cut: share of the objects with forced photometry of which only significant rows
            were published; the others have all of it.
        coverage: whether detections before and after the peak are required.
        classes: the taxonomy, by name in `zoo.taxonomy.TAXONOMIES`.
        mix: of its classes by default: `families`, equal numbers of SNIa, SNIb/c, SNII
            and the others, or `bts`, those of the Bright Transient Survey.
        second: another telescope that observes some of the same objects.
        gaps: share of the objects with a gap of weeks.
        group: number of light curves drawn at a time; together they are the unit of
            randomness.
    """

    instrument: Instrument
    limits: tuple[float, float]
    alerts: float
    cut: float
    coverage: bool
    classes: str
    mix: str
    second: Instrument | None = None
    gaps: float = 0.0
    group: int = 512


def read_toml(name: str) -> dict[str, Any]:
    """The tables of a file beside this one, with tuples in place of lists."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return _with_tuples(tomllib.loads(text))


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


_NUMBERS = read_toml("surveys.toml")
_INSTRUMENTS = {
    name: Instrument(
        **{"samples": tuple(PASSBANDS[band].samples for band in row["bands"]), **row}
    )
    for name, row in _NUMBERS["instruments"].items()
}
ZTF, LSST = _INSTRUMENTS["ztf"], _INSTRUMENTS["lsst"]
SURVEYS = {
    name: Survey(**{**row, "instrument": _INSTRUMENTS[row["instrument"]]})
    for name, row in _NUMBERS["surveys"].items()
}
"""Every survey that can be simulated."""
