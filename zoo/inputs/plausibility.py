"""Whether light curves can be what the table says: units, zero points, times, metadata.

Data that break no rule may still mean something else: magnitudes in the column of the
fluxes, microjansky at zero point 27.5, days since the start. What no survey observes is
told in one sentence. The rules look at a whole table, because a single object may be
odd, and at sums, so that a table can be read part by part.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from zoo.light_curves.ragged import ZEROPOINT, LightCurves
from zoo.passbands import CATALOGUE, Passband

DEPTH = {
    # Bellm et al. 2019, PASP 131 018002: 30 s exposures.
    **{"ztfg": 20.8, "ztfr": 20.6, "ztfi": 19.9},
    # Ivezic et al. 2019, ApJ 873 111, table 1: visits of 30 s.
    **{"lsstu": 23.9, "lsstg": 25.0, "lsstr": 24.7},
    **{"lssti": 24.0, "lsstz": 23.3, "lssty": 22.1},
    # Tonry et al. 2018, PASP 130 064505: 30 s exposures.
    **{"atlasc": 19.7, "atlaso": 19.7},
    # Chambers et al. 2016, arXiv 1612.05560: single epochs of the 3 pi survey.
    **{"ps1::g": 22.0, "ps1::r": 21.8, "ps1::i": 21.5, "ps1::z": 20.9, "ps1::y": 19.7},
    # Kessler et al. 2015, AJ 150 172: visits of the deep fields.
    **{"desg": 24.5, "desr": 24.5, "desi": 24.5, "desz": 24.5},
}
"""AB magnitude of a 5-sigma source in one exposure, in the surveys that define it."""

_OTHER_DEPTH = 26.0
"""The same for other passbands from the ground and small telescopes in space: no survey
for transients is deeper than that of Hyper Suprime-Cam (Yasuda et al. 2019, PASJ 71
74)."""

_SPACE_DEPTH = 30.0
"""From large telescopes in space, and where nothing is known of a passband (DeCoursey
et al. 2025, ApJ 979 250: JWST)."""

_SPACE = ("hst", "jwst", "roman", "euclid", "user")

_DEEPER = 2.0
"""Magnitudes by which a stack of 40 exposures is deeper than one of them."""

_SHALLOWER = 3.5
"""Magnitudes by which clouds, the Moon and a bright host may raise the noise. Of 16,000
objects with a redshift, from ZTF, ATLAS, Pan-STARRS and simulations of LSST, the noise
of none was raised as much; that of Galactic variable stars in alerts of ZTF is."""

_USUAL = -0.6
"""Median difference, magnitudes, between the depth of real tables and `DEPTH`, which
holds for a dark and clear night."""

_FAINT = 15.0
"""Signal-to-noise ratio below which noise of the sky dominates."""

_PRECISE = 1000.0
"""Signal-to-noise ratio beyond the calibration of any survey: 1 mmag (Ivezic et al.
2019 aim at 5)."""

_EARLIEST, _LATEST = 40_000, 88_069
"""MJD of May 1968, before any photometry with a CCD, and of the year 2100."""

_DUSTY = 0.4
"""E(B-V) in the plane of the Milky Way: extragalactic surveys avoid more than 0.3
(Bellm et al. 2019; Lochner et al. 2022, ApJS 259 58)."""

_MAGNITUDES = (8.0, 30.0)

_UNITS = {8.9: "Jy", 16.4: "mJy", 23.9: "uJy", 25.0: "counts at 25", 31.4: "nJy"}
"""AB zero points of units that tables are in."""

_FEWEST = 2
"""Observations needed for a judgement of their noise."""

_FEWEST_ERRORS = 8
"""Different errors of a table that was measured; fewer are made up, such as one for each
passband, and tell no depth."""

_MADE_UP = 5.0
"""Magnitudes beyond `DEPTH` that errors which are made up must not reach either."""

_FEWEST_BURIED = 8
"""Observations that all have 0 < S/N < 1: by chance, 1 in 6,000 of pure noise."""

_FEWEST_OBJECTS = 10
"""Objects needed for a judgement of where in the sky a survey looks."""


@dataclass(frozen=True)
class Noise:
    """What the errors of a table look like.

    Attributes:
        passband: the one with most observations.
        depth: AB magnitude of a median 5-sigma source in it.
        offset: median difference from `DEPTH`, magnitudes; NaN where none is known.
        magnitudes: whether fluxes look like magnitudes.
    """

    passband: str
    depth: float
    offset: float
    magnitudes: bool


@dataclass
class Plausibility:
    """Counts of the observations and objects of a table that no survey would have.

    Attributes:
        rows: number of observations.
        deep: number of these with errors smaller than those of any stack.
        judged: number of these that are faint, so that their errors tell the depth.
        shallow: number of these with errors larger than those of any exposure.
        buried: number of those with 0 < S/N < 1.
        precise: number of those with an S/N above 1,000.
        noise: of the first part in which most are too deep or too shallow.
        errors: the first few different errors of all such parts.
        first, last: MJD of the first and the last observation.
        objects: number of objects.
        at_zero: number of these with redshift 0.
        dusty: number of these in the plane of the Milky Way, by their E(B-V), in parts
            of at least ten.
    """

    rows: int = 0
    deep: int = 0
    judged: int = 0
    shallow: int = 0
    buried: int = 0
    precise: int = 0
    noise: Noise | None = None
    errors: set[float] = field(default_factory=set)
    first: float = np.inf
    last: float = -np.inf
    objects: int = 0
    at_zero: int = 0
    dusty: int = 0

    @classmethod
    def of(cls, light_curves: LightCurves) -> "Plausibility":
        """Count those of light curves.

        Example:
            >>> from zoo.light_curves.analytic import golden_light_curves
            >>> Plausibility.of(golden_light_curves()).messages()
            []
        """
        rows, objects = len(light_curves.mjd), len(light_curves)
        redshift = light_curves.metadata["redshift"].to_numpy()
        counts = cls(objects=objects, at_zero=np.count_nonzero(redshift == 0))
        if objects >= _FEWEST_OBJECTS:  # to read a column takes longer than all the rest
            mwebv = light_curves.metadata["mwebv"].to_numpy()
            counts.dusty = np.count_nonzero(mwebv > _DUSTY)
        if not rows:
            return counts
        smallest, largest, unambiguous = _limits(light_curves.own)
        band, flux_err = light_curves.band, light_curves.flux_err
        snr = light_curves.flux / flux_err
        size = np.abs(snr)
        judged = size < _FAINT
        # Alerts of Galactic variable stars, which have no redshift, carry the noise of
        # a bright star.
        extragalactic = np.repeat(redshift > 0, light_curves.lengths)
        judged &= extragalactic | unambiguous[band]
        counts.rows = rows
        counts.deep = np.count_nonzero(flux_err < smallest[band])
        counts.judged = np.count_nonzero(judged)
        counts.shallow = np.count_nonzero(judged & (flux_err > largest[band]))
        counts.buried = np.count_nonzero((snr > 0) & (size < 1))
        counts.precise = np.count_nonzero(size > _PRECISE)
        counts.first = light_curves.mjd.min()
        counts.last = light_curves.mjd.max()
        if 2 * counts.deep > rows or 2 * counts.shallow > counts.judged:
            counts.noise = _noise(light_curves)
            counts.errors = set(np.unique(flux_err)[:_FEWEST_ERRORS].tolist())
        return counts

    def merge(self, other: "Plausibility") -> None:
        """Count what another one counted, of later parts."""
        self.rows += other.rows
        self.deep += other.deep
        self.judged += other.judged
        self.shallow += other.shallow
        self.buried += other.buried
        self.precise += other.precise
        self.noise = self.noise or other.noise
        if len(self.errors) < _FEWEST_ERRORS:
            self.errors |= other.errors
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.objects += other.objects
        self.at_zero += other.at_zero
        self.dusty += other.dusty

    def messages(self) -> list[str]:
        """One sentence for each thing that is not plausible: the reason, what was seen
        and what to do."""
        return [*self._of_fluxes(), *self._of_times(), *self._of_metadata()]

    def _of_fluxes(self) -> list[str]:
        if self.rows < _FEWEST:
            return []
        deep = self.noise if 2 * self.deep > self.rows else None
        if deep is not None and deep.magnitudes:
            lowest, highest = _MAGNITUDES
            return [
                f"the fluxes seem to be magnitudes: almost all are between {lowest:g} "
                f"and {highest:g}, with errors smaller than those of any survey at "
                f"zero point {ZEROPOINT}; convert them, flux = 10^(-0.4 (mag - "
                f"{ZEROPOINT})) and flux_err = 0.921 flux mag_err."
            ]
        if 2 * self.precise > self.rows:
            return [
                f"flux_err seems to be wrong: it is below 0.1 % of the flux in "
                f"{self.precise:,} of {self.rows:,} rows, and no survey is calibrated "
                "so well; give the 1-sigma error in the unit of the flux."
            ]
        if deep is not None and (self._measured or deep.offset > _MADE_UP):
            return [_wrong_scale("small", deep)]
        # Bright objects have few faint observations, which are the odd ones.
        shallow = self._measured and self.judged < 2 * self.shallow
        if self.noise and shallow and self.rows < 4 * self.judged:
            return [_wrong_scale("large", self.noise)]
        if self.rows >= _FEWEST_BURIED and self.buried > 0.95 * self.rows:
            return [
                f"flux and flux_err seem to be swapped: {self.buried:,} of "
                f"{self.rows:,} fluxes are positive and smaller than their errors, and "
                "noise would be negative as often; check the two columns."
            ]
        return []

    @property
    def _measured(self) -> bool:
        return len(self.errors) >= min(_FEWEST_ERRORS, self.rows // 2 + 1)

    def _of_times(self) -> list[str]:
        # Negative times are counted from an event, on purpose.
        if self.first < 0 or (self.first <= _LATEST and self.last >= _EARLIEST):
            return []
        return [
            f"the values of mjd, {self.first:g} to {self.last:g}, are no dates of "
            "observations (60000 is in February 2023): predictions depend on "
            "differences of mjd in days, so convert other units, and give Modified "
            "Julian Dates, JD - 2400000.5."
        ]

    def _of_metadata(self) -> list[str]:
        messages = []
        if self.at_zero:
            messages.append(
                f"{self.at_zero:,} of {self.objects:,} objects have redshift 0, that of "
                "the Milky Way, and models of extragalactic transients have no class "
                "for stars and novae: leave it empty where it is not known, and leave "
                "Galactic objects out."
            )
        if self.objects >= _FEWEST_OBJECTS and 2 * self.dusty > self.objects:
            messages.append(
                f"{self.dusty:,} of {self.objects:,} objects have an mwebv above "
                f"{_DUSTY:g}, as in the plane of the Milky Way: give E(B-V), not A_V, "
                "and check that redshift and mwebv are not swapped."
            )
        return messages


def _depths(passband: Passband) -> float:
    """5-sigma depth of one exposure in a passband, or of the deepest there may be."""
    if passband.name in DEPTH:
        return DEPTH[passband.name]
    return _SPACE_DEPTH if passband.survey.startswith(_SPACE) else _OTHER_DEPTH


def _error(depth: float) -> float:
    """Error of a flux, zero point 27.5, that makes a magnitude a 5-sigma source."""
    return 10 ** (-0.4 * (depth - ZEROPOINT)) / 5


@lru_cache(8)
def _limits(own: tuple[Passband, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smallest and largest plausible error in each passband, and whether that of an
    object without a redshift tells anything, as LSST saturates at stars whose noise
    would matter (Ivezic et al. 2019, section 3.2)."""
    passbands = (*CATALOGUE, *own)
    smallest = [_error(_depths(p) + _DEEPER) for p in passbands]
    largest = [
        _error(DEPTH[p.name] - _SHALLOWER) if p.name in DEPTH else np.inf
        for p in passbands
    ]
    unambiguous = [p.survey == "lsst" for p in passbands]
    return (
        np.array(smallest, np.float32),
        np.array(largest, np.float32),
        np.array(unambiguous),
    )


def _noise(light_curves: LightCurves) -> Noise:
    flux, band = light_curves.flux, light_curves.band
    depth = ZEROPOINT - 2.5 * np.log10(5 * light_curves.flux_err)
    single = np.array([DEPTH.get(p.name, np.nan) for p in light_curves.passbands])
    offset = (depth - single[band])[np.isfinite(single[band])]
    commonest = np.bincount(band).argmax()
    lowest, highest = _MAGNITUDES
    return Noise(
        passband=light_curves.passbands[commonest].name,
        depth=float(np.median(depth[band == commonest])),
        offset=float(np.median(offset)) if len(offset) else np.nan,
        magnitudes=bool(np.mean((flux > lowest) & (flux < highest)) > 0.95),
    )


def _wrong_scale(kind: str, noise: Noise) -> str:
    seen = (
        f"the fluxes seem to be too {kind} for zero point {ZEROPOINT}: their errors "
        f"make a source of mag {noise.depth:.1f} in {noise.passband} a 5-sigma "
        "detection"
    )
    if noise.passband in DEPTH:
        seen += f", where one exposure reaches {DEPTH[noise.passband]:g}"
    if np.isnan(noise.offset):
        needed = [23.9, 31.4]
    else:
        fitting = ZEROPOINT - (noise.offset - _USUAL)
        nearest = sorted(_UNITS, key=lambda known: abs(known - fitting))
        needed = [z for z in nearest[:2] if abs(z - fitting) < 1] or nearest[:1]
    options = " or ".join(f"{z:g} ({_UNITS[z]})" for z in needed)
    return (
        f"{seen}; give their zero point, such as --zeropoint {options}, in Python in a "
        "column zeropoint, or correct flux_err."
    )
