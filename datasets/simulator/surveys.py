"""The surveys that are simulated: passbands, depth, noise and cadence, as numbers.

ZTF: 703,000 exposures in g and r of 631 extragalactic fields, 2018-06 to 2022-08.
LSST: wide-fast-deep visits of 1,000 points of the simulated survey baseline_v3.0. Of
both, only the quantiles below are kept. Quantities per passband follow the order of
`bands`.
"""

from dataclasses import dataclass

import numpy as np

from zoo.light_curves.ragged import ZEROPOINT
from zoo.passbands import BANDS, PASSBANDS

QUANTILES = (0.01, 0.05, 0.16, 0.25, 0.50, 0.75, 0.84, 0.95, 0.99)
"""The probabilities at which a depth is tabulated."""

Night = tuple[str, float, float]
"""Letters of the passbands visited in a night, and the share of the nights near new
and near full moon with these visits."""


@dataclass(frozen=True)
class Instrument:
    """A telescope and its cadence.

    Attributes:
        bands: names in `zoo.passbands`.
        samples: wavelengths, um, that halve the eighths of each transmission curve
            named in `zoo.passbands` (eighths of its integral over ln(wavelength)); a
            mean over them represents the passband.
        milky_way: A(band) / E(B-V).
        electrons: per flux unit (zero point 27.5), for the Poisson noise.
        systematic: relative error floor.
        template_depth: 5-sigma AB magnitude of the reference image.
        depth: quantiles of the 5-sigma AB magnitude of a visit at `QUANTILES`.
        shallowest: visits with a 5-sigma magnitude below this are not used.
        nights: the passbands observed in a visited night.
        revisit: planned nights between visits, and the share of the fields with them.
        delay: median over the fields, and ln-sigma, of the scale of the exponential
            delay beyond the plan, nights.
        seasons: quantiles of the season length at `QUANTILES`, days.
        pair_delay: shortest and longest delay of the second visit of a night, days.
        night_time: start and end of the observations in fractions of a UT day.
        mjd_range: dates that light curves peak at.
    """

    bands: tuple[str, ...]
    samples: tuple[tuple[float, ...], ...]
    milky_way: tuple[float, ...]
    electrons: tuple[float, ...]
    systematic: float
    template_depth: float
    depth: tuple[tuple[float, ...], ...]
    shallowest: float
    nights: tuple[Night, ...]
    revisit: tuple[tuple[int, float], ...]
    delay: tuple[float, float]
    seasons: tuple[float, ...]
    pair_delay: tuple[float, float]
    night_time: tuple[float, float]
    mjd_range: tuple[float, float]

    @property
    def codes(self) -> np.ndarray:
        """Codes of the passbands in `zoo.passbands.BANDS`, int8 `(b,)`."""
        return np.array([BANDS.index(band) for band in self.bands], dtype=np.int8)

    @property
    def wavelengths(self) -> np.ndarray:
        """Effective wavelengths, um, float64 `(b,)`."""
        return np.array([PASSBANDS[band].wavelength for band in self.bands])

    @property
    def median_depth(self) -> np.ndarray:
        """Median 5-sigma AB magnitude of a visit in each passband, `(b,)`."""
        return np.array([quantiles[4] for quantiles in self.depth])


ZTF = Instrument(
    bands=("ztfg", "ztfr"),
    samples=(
        (0.4213, 0.4364, 0.4521, 0.468, 0.4844, 0.5013, 0.5189, 0.5371),
        (0.5745, 0.5924, 0.6105, 0.6295, 0.6491, 0.6688, 0.6892, 0.71),
    ),
    # Schlafly & Finkbeiner 2011, ApJ 737 103, for filters of this wavelength.
    milky_way=(3.24, 2.28),
    # Zero point 26.3 and 6.2 electrons per DN (Masci et al. 2019, PASP 131 018003).
    electrons=(2.05, 2.05),
    systematic=0.005,
    template_depth=22.2,
    depth=(
        (17.77, 19.21, 20.02, 20.32, 20.97, 21.48, 21.64, 21.87, 22.06),
        (17.04, 18.86, 19.84, 20.17, 20.72, 21.19, 21.36, 21.62, 21.80),
    ),
    shallowest=19.2,
    nights=(("gr", 0.533, 0.533), ("g", 0.18, 0.18), ("r", 0.287, 0.287)),
    revisit=((1, 0.25), (2, 0.35), (3, 0.40)),
    delay=(0.8, 0.4),
    seasons=(11, 29, 87, 135, 215, 272, 287, 446, 1054),
    pair_delay=(0.02, 0.11),
    night_time=(0.13, 0.42),
    mjd_range=(58300.0, 60300.0),
)
"""Zwicky Transient Facility, Palomar (Bellm et al. 2019, PASP 131 018002)."""

_LSST_ZEROPOINTS = (26.52, 28.51, 28.36, 28.17, 27.78, 26.82)
"""AB magnitude of one electron per second, ugrizy (SMTN-002); 30 s are 3.69 mag."""

LSST = Instrument(
    bands=("lsstu", "lsstg", "lsstr", "lssti", "lsstz", "lssty"),
    samples=(
        (0.343, 0.3536, 0.3618, 0.3688, 0.375, 0.3806, 0.3863, 0.3935),
        (0.4103, 0.4308, 0.4497, 0.4678, 0.4858, 0.5039, 0.5224, 0.5417),
        (0.557, 0.5749, 0.5926, 0.6105, 0.6282, 0.646, 0.6636, 0.6817),
        (0.6974, 0.7129, 0.7288, 0.7444, 0.7607, 0.7789, 0.7953, 0.8126),
        (0.8218, 0.8349, 0.847, 0.8594, 0.8721, 0.8852, 0.8993, 0.9161),
        (0.9278, 0.9412, 0.9531, 0.9649, 0.9766, 0.9898, 1.0063, 1.0321),
    ),
    # Schlafly & Finkbeiner 2011, ApJ 737 103, table 6.
    milky_way=(4.145, 3.237, 2.273, 1.684, 1.323, 1.088),
    electrons=tuple(10 ** (0.4 * (zp + 3.69 - ZEROPOINT)) for zp in _LSST_ZEROPOINTS),
    systematic=0.005,
    template_depth=26.5,
    depth=(
        (22.61, 22.97, 23.25, 23.37, 23.60, 23.80, 23.88, 24.05, 24.22),
        (23.30, 23.68, 23.99, 24.14, 24.41, 24.65, 24.75, 24.92, 25.06),
        (22.33, 23.05, 23.51, 23.68, 23.98, 24.23, 24.33, 24.49, 24.62),
        (21.98, 22.47, 22.93, 23.10, 23.40, 23.66, 23.77, 23.94, 24.09),
        (21.59, 22.06, 22.39, 22.53, 22.79, 23.01, 23.10, 23.26, 23.41),
        (21.00, 21.34, 21.63, 21.76, 21.99, 22.18, 22.27, 22.42, 22.56),
    ),
    shallowest=20.0,
    # Solved for the nights per year and field in each band (4.2, 5.9, 15.8, 16.1, 14.0,
    # 10.2 of 39) with u only, and g mostly, near new moon; pairs in 66 % of the nights.
    nights=(
        ("ug", 0.13, 0.0),
        ("ur", 0.08, 0.0),
        ("gr", 0.14, 0.02),
        ("gi", 0.0, 0.01),
        ("ri", 0.14, 0.19),
        ("rz", 0.0, 0.04),
        ("iz", 0.11, 0.20),
        ("zy", 0.06, 0.20),
        ("u", 0.03, 0.0),
        ("g", 0.02, 0.0),
        ("r", 0.09, 0.12),
        ("i", 0.10, 0.06),
        ("z", 0.07, 0.01),
        ("y", 0.03, 0.15),
    ),
    revisit=((1, 1.0),),
    delay=(4.2, 0.55),
    seasons=(34, 79, 137, 155, 183, 209, 224, 250, 272),
    pair_delay=(0.015, 0.023),
    night_time=(0.02, 0.35),
    mjd_range=(61000.0, 64600.0),
)
"""Rubin Observatory's LSST, wide-fast-deep (Ivezic et al. 2019, ApJ 873 111)."""


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
    """

    instrument: Instrument
    limits: tuple[float, float]
    alerts: float
    cut: float
    coverage: bool
    classes: str
    mix: str


SURVEYS = {
    "ztfsims": Survey(ZTF, (17.8, 20.4), 0.35, 0.35, False, "ztfsims", "families"),
    "bts": Survey(ZTF, (18.4, 19.0), 0.85, 0.0, True, "bts", "bts"),
    "lsstsims": Survey(LSST, (21.0, 24.2), 0.0, 0.0, False, "lsst", "families"),
}
"""Every survey that can be simulated. Limits: the Bright Transient Survey classifies
93 % of what is brighter than 18.5 mag, and part of the rest to 19 (Perley et al. 2020,
ApJ 904 35); limits from 18.4 mag on reproduce its redshifts;
the others are spread over the depths at which real samples are classified, so that the
bright and near and the faint and far occur."""
