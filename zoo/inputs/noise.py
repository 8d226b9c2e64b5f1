"""The noise of light curves, against the depth of surveys: is the zero point right?"""

from dataclasses import dataclass, replace
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

MAGNITUDES = (8.0, 30.0)

_UNITS = {8.9: "Jy", 16.4: "mJy", 23.9: "uJy", 25.0: "counts at 25", 31.4: "nJy"}
"""AB zero points of units that tables are in."""

_FEWEST_ERRORS = 8
"""Different errors of a table that was measured; fewer are made up, as one in each
passband, and tell no depth."""

_MADE_UP = 5.0
"""Magnitudes beyond `DEPTH` that errors which are made up must not reach either."""


@dataclass(frozen=True)
class Noise:
    """What the errors of observations look like.

    Attributes:
        rows: number of observations.
        like_magnitudes: number of these whose flux is in the range of magnitudes.
        passband: the one with most observations.
        depth: AB magnitude of a median 5-sigma source in it.
        offset: median difference of such magnitudes from `DEPTH`; NaN where that has
            none of the passbands.
        errors: the first few different errors.
    """

    rows: int
    like_magnitudes: int
    passband: str
    depth: float
    offset: float
    errors: frozenset[float]

    @classmethod
    def of(cls, light_curves: LightCurves) -> "Noise":
        """That of light curves with at least one observation."""
        flux, band = light_curves.flux, light_curves.band
        depth = ZEROPOINT - 2.5 * np.log10(5 * light_curves.flux_err)
        single = np.array([DEPTH.get(p.name, np.nan) for p in light_curves.passbands])
        offset = (depth - single[band])[np.isfinite(single[band])]
        commonest = np.bincount(band).argmax()
        lowest, highest = MAGNITUDES
        errors = np.unique(light_curves.flux_err)[:_FEWEST_ERRORS]
        return cls(
            rows=len(flux),
            like_magnitudes=int(np.sum((flux > lowest) & (flux < highest))),
            passband=light_curves.passbands[commonest].name,
            depth=float(np.median(depth[band == commonest])),
            offset=float(np.median(offset)) if len(offset) else np.nan,
            errors=frozenset(errors.tolist()),
        )

    def joined(self, other: "Noise") -> "Noise":
        """That of both; numbers that are medians are those of the larger part."""
        larger = self if self.rows >= other.rows else other
        errors = self.errors
        if len(errors) < _FEWEST_ERRORS:
            errors |= other.errors
        return replace(
            larger,
            rows=self.rows + other.rows,
            like_magnitudes=self.like_magnitudes + other.like_magnitudes,
            errors=errors,
        )

    @property
    def magnitudes(self) -> bool:
        """Whether the fluxes look like magnitudes."""
        return self.like_magnitudes > 0.95 * self.rows

    @property
    def measured(self) -> bool:
        """Whether the errors are different, as those of measurements are."""
        enough = len(self.errors) >= min(_FEWEST_ERRORS, self.rows // 2 + 1)
        return enough or self.offset > _MADE_UP

    def wrong_scale(self, kind: str) -> str:
        """One sentence on fluxes that are too `small` or too `large`."""
        seen = (
            f"the fluxes seem to be too {kind} for zero point {ZEROPOINT}: their "
            f"errors make a source of mag {self.depth:.1f} in {self.passband} a "
            "5-sigma detection"
        )
        if self.passband in DEPTH:
            seen += f", where one exposure reaches {DEPTH[self.passband]:g}"
        if np.isnan(self.offset):
            needed = [23.9, 31.4]
        else:
            fitting = ZEROPOINT - (self.offset - _USUAL)
            nearest = sorted(_UNITS, key=lambda known: abs(known - fitting))
            needed = [z for z in nearest[:2] if abs(z - fitting) < 1] or nearest[:1]
        options = " or ".join(f"{z:g} ({_UNITS[z]})" for z in needed)
        return (
            f"{seen}; give their zero point, such as --zeropoint {options}, in Python "
            "in a column zeropoint, or correct flux_err."
        )


def _depths(passband: Passband) -> float:
    """5-sigma depth of one exposure in a passband, or of the deepest there may be."""
    if passband.name in DEPTH:
        return DEPTH[passband.name]
    return _SPACE_DEPTH if passband.survey.startswith(_SPACE) else _OTHER_DEPTH


def _error(depth: float) -> float:
    """Error of a flux, zero point 27.5, that makes a magnitude a 5-sigma source."""
    return 10 ** (-0.4 * (depth - ZEROPOINT)) / 5


@lru_cache(8)
def limits(own: tuple[Passband, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smallest and largest plausible error in each passband, and whether that of an
    object without a redshift tells anything, as LSST saturates at stars whose noise
    would matter."""
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
