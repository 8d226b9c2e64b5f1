"""The surveys that are simulated; the files of `zoo.datasets.survey_files` have their
numbers and sources."""

import math
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from os import PathLike
from typing import Any

import numpy as np

from zoo.datasets.simulator.transients.dust import reddening
from zoo.datasets.survey_files import QUANTILES as QUANTILES
from zoo.datasets.survey_files import SurveyFile, read_survey
from zoo.datasets.survey_files.read import Observed
from zoo.light_curves.ragged import DETECTION_SNR, ZEROPOINT
from zoo.passbands import CATALOGUE, PASSBANDS, Passband, in_order

Night = tuple[str | tuple[str, ...], float, float]
"""The passbands visited in a night, by name or, in one text, by last letter, and the
share of the nights near new and near full moon with these visits."""


@dataclass(frozen=True)
class Instrument:
    """A telescope and its cadence; tuples per passband are in the order of `bands`.

    Attributes:
        bands: names in `zoo.passbands` or of `own`.
        samples: eight wavelengths, um, of each passband, a mean over which represents
            it; see `zoo.passbands.Passband`, whose they are unless the file has others.
        milky_way: A(band) / E(B-V), with E(B-V) as Schlegel et al. 1998 map it.
        electrons: per flux unit (zero point 27.5), for the Poisson noise; infinite
            where there is none.
        systematic: relative error floor.
        template_depth: 5-sigma AB magnitude of the reference image, one for all or one
            for each passband.
        depth: quantiles of the 5-sigma AB magnitude of a visit at `QUANTILES`.
        shallowest: visits with a 5-sigma magnitude below this are not used.
        nights: the passbands observed in a visited night.
        revisit: planned nights between visits, and the share of the fields with them.
        delay: median over the fields, and ln-sigma, of the scale of the exponential
            delay beyond the plan, nights.
        seasons: quantiles of the season length at `QUANTILES`, days.
        pair_delay: shortest and longest delay from visit to visit of a night, days.
        night_time: start and end of the observations in fractions of a UT day.
        mjd_range: dates that light curves peak at.
        dense: where years are simulated, share of the objects whose visits are repeated
            within the night, and how many there are at most.
        saturation: AB magnitude beyond which nothing is measured.
        own: passbands that are not in the catalogue.
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
    saturation: float = -math.inf
    own: tuple[Passband, ...] = ()

    @property
    def passbands(self) -> tuple[Passband, ...]:
        """What codes of passbands stand for: the catalogue, then its own."""
        return (*CATALOGUE, *in_order(self.own))

    @property
    def codes(self) -> np.ndarray:
        """Codes of its passbands: places in `passbands`, int16 `(b,)`."""
        names = [passband.name for passband in self.passbands]
        return np.array([names.index(band) for band in self.bands], dtype=np.int16)

    @property
    def wavelengths(self) -> np.ndarray:
        """Effective wavelengths, um, float64 `(b,)`."""
        known = self.passbands
        return np.array([known[code].wavelength for code in self.codes])

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
        name: the first part of the ids of its objects.
        snr: signal-to-noise ratio of a detection.
        detections: fewest of them that an object needs; two make its trigger.
        window: days since the trigger of which there is photometry.
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
    name: str = ""
    snr: float = DETECTION_SNR
    detections: int = 2
    window: tuple[float, float] = (-math.inf, math.inf)


def read_toml(name: str) -> dict[str, Any]:
    """The tables of a file beside this one, with tuples in place of lists."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return _with_tuples(tomllib.loads(text))


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


def described(file: SurveyFile) -> Survey:
    """The survey of a file.

    Example:
        >>> described(read_survey("ztf")).instrument.bands
        ('ztfg', 'ztfr')
    """
    observed, tables = file.passbands, file.tables
    noise, cadence, selection = (tables[k] for k in ("noise", "cadence", "selection"))
    passbands = tuple(one.passband for one in observed)
    faintest = min(one.depth[0] for one in observed) - 1  # every visit is used
    instrument = Instrument(
        bands=tuple(passband.name for passband in passbands),
        samples=tuple(one.samples for one in observed),
        milky_way=tuple(
            reddening(one.passband) if one.milky_way is None else one.milky_way
            for one in observed
        ),
        electrons=tuple(map(_electrons, observed)),
        systematic=noise["error_floor"],
        template_depth=tuple(one.template_depth for one in observed),
        depth=tuple(one.depth for one in observed),
        shallowest=faintest if noise["shallowest"] is None else noise["shallowest"],
        saturation=noise["saturation"],
        mjd_range=cadence["dates"],
        own=tuple(one for one in passbands if one.name not in PASSBANDS),
        **{key: value for key, value in cadence.items() if key != "dates"},
    )
    photometry, detection = tables["photometry"], tables["detection"]
    return Survey(
        instrument,
        alerts=photometry["alerts"],
        cut=photometry["detections_only"],
        name=file.name,
        snr=detection["snr"],
        detections=detection["number"],
        window=photometry["window"],
        **selection,
    )


def _electrons(observed: Observed) -> float:
    """Electrons per flux unit."""
    if observed.zeropoint is None:
        return math.inf
    return 10 ** (0.4 * (observed.zeropoint - ZEROPOINT))


def find_survey(survey: "str | PathLike[str] | Survey") -> Survey:
    """The survey that is meant.

    Args:
        survey: the name of one of `SURVEYS` or `anysims`, what
            `zoo.datasets.survey_files` reads, or a survey itself.

    Raises:
        FileNotFoundError, ValueError: see `zoo.datasets.survey_files.read_survey`.

    Example:
        >>> find_survey("atlas").instrument.bands
        ('atlasc', 'atlaso')
    """
    if isinstance(survey, Survey):
        return survey
    if survey == ANYSIMS:
        return replace(SURVEYS["ztfsims"], name=ANYSIMS)
    if isinstance(survey, str) and survey in SURVEYS:
        return SURVEYS[survey]
    return described(read_survey(survey))


ANYSIMS = "anysims"
"""The survey whose every chunk is of another one, which
`zoo.datasets.simulator.any_survey` draws; the rest of it is that of `ztfsims`."""

_DATA_SETS = {"ztfsims": "ztf", "bts": "bts", "lsstsims": "lsst"}

SURVEYS = {
    name: replace(described(read_survey(file)), name=name)
    for name, file in _DATA_SETS.items()
}
"""The simulated data sets of the package, by name."""

ZTF, LSST = (SURVEYS[name].instrument for name in ("ztfsims", "lsstsims"))
