"""Whether light curves can be what the table says: units, zero points, times, metadata.

Data that break no rule may still mean something else: magnitudes in the column of the
fluxes, microjansky at zero point 27.5, days since the start. What no survey observes is
told in one sentence. The rules look at a whole table, because a single object may be
odd, and at sums, so that a table can be read part by part.
"""

from dataclasses import dataclass

import numpy as np

from zoo.inputs.noise import MAGNITUDES, Noise, limits
from zoo.light_curves.ragged import ZEROPOINT, LightCurves

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

_FEWEST = 2
"""Observations needed for a judgement of their noise."""

_FEWEST_BURIED = 8
"""Observations that all have 0 < S/N < 1: by chance, 1 in 6,000 of pure noise."""

_FEWEST_OBJECTS = 10
"""Objects needed for a judgement of where in the sky a survey looks."""


@dataclass(frozen=True, eq=False)
class _Odd:
    """Which observations are what `Plausibility` counts, all bool `(m,)`."""

    deep: np.ndarray
    judged: np.ndarray
    shallow: np.ndarray
    buried: np.ndarray
    precise: np.ndarray

    @classmethod
    def of(cls, light_curves: LightCurves) -> "_Odd":
        smallest, largest, unambiguous = limits(light_curves.own)
        band, flux_err = light_curves.band, light_curves.flux_err
        redshift = light_curves.metadata["redshift"].to_numpy()
        snr = light_curves.flux / flux_err
        size = np.abs(snr)
        # Alerts of Galactic variable stars, which have no redshift, carry the noise of
        # a bright star.
        extragalactic = np.repeat(redshift > 0, light_curves.lengths)
        judged = (size < _FAINT) & (extragalactic | unambiguous[band])
        return cls(
            deep=flux_err < smallest[band],
            judged=judged,
            shallow=judged & (flux_err > largest[band]),
            buried=(snr > 0) & (size < 1),
            precise=size > _PRECISE,
        )


def implausible(light_curves: LightCurves) -> np.ndarray:
    """Objects whose errors no survey has, bool `(n,)`.

    The rules for a whole table, applied to each object: most errors are smaller than
    those of any stack, or below 0.1 % of the flux, or most of those of faint points are
    larger than those of any exposure.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> implausible(golden_light_curves()).shape
        (8,)
    """
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)

    def count(rows: np.ndarray) -> np.ndarray:
        return np.bincount(owner[rows], minlength=len(light_curves))

    odd, rows = _Odd.of(light_curves), light_curves.lengths
    judged = count(odd.judged)
    shallow = (2 * count(odd.shallow) > judged) & (4 * judged > rows)
    few = rows < _FEWEST
    return ~few & ((2 * count(odd.deep | odd.precise) > rows) | shallow)


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
        deep_noise, shallow_noise: of the parts in which most are such.
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
    deep_noise: Noise | None = None
    shallow_noise: Noise | None = None
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
        counts = cls(objects=objects, at_zero=int(np.count_nonzero(redshift == 0)))
        if objects >= _FEWEST_OBJECTS:  # reading a column takes longer than the rest
            mwebv = light_curves.metadata["mwebv"].to_numpy()
            counts.dusty = int(np.count_nonzero(mwebv > _DUSTY))
        if not rows:
            return counts
        odd = _Odd.of(light_curves)
        counts.rows = rows
        for name in ("deep", "judged", "shallow", "buried", "precise"):
            setattr(counts, name, int(np.count_nonzero(getattr(odd, name))))
        counts.first = float(light_curves.mjd.min())
        counts.last = float(light_curves.mjd.max())
        if 2 * counts.deep > rows:
            counts.deep_noise = Noise.of(light_curves)
        if 2 * counts.shallow > counts.judged:
            counts.shallow_noise = Noise.of(light_curves)
        return counts

    def merge(self, other: "Plausibility") -> None:
        """Count what another one counted, of later parts."""
        self.rows += other.rows
        self.deep += other.deep
        self.judged += other.judged
        self.shallow += other.shallow
        self.buried += other.buried
        self.precise += other.precise
        self.deep_noise = _joined(self.deep_noise, other.deep_noise)
        self.shallow_noise = _joined(self.shallow_noise, other.shallow_noise)
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
        deep = self.deep_noise if 2 * self.deep > self.rows else None
        if deep is not None and deep.magnitudes:
            lowest, highest = MAGNITUDES
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
        if self.rows >= _FEWEST_BURIED and self.buried > 0.95 * self.rows:
            return [
                f"flux and flux_err seem to be swapped: {self.buried:,} of "
                f"{self.rows:,} fluxes are positive and smaller than their errors, and "
                "noise would be negative as often; check the two columns."
            ]
        if deep is not None and deep.measured:
            return [deep.wrong_scale("small")]
        # Bright objects have few faint observations, which are the odd ones.
        judged, shallow = self.judged, self.shallow_noise
        most = 2 * self.shallow > judged and 4 * judged > self.rows
        if most and shallow is not None and shallow.measured:
            return [shallow.wrong_scale("large")]
        return []

    def _of_times(self) -> list[str]:
        # Negative times are counted from an event, on purpose.
        meant = not self.rows or self.first < 0
        if meant or (self.first <= _LATEST and self.last >= _EARLIEST):
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
                f"redshift is 0, that of the Milky Way, in {self.at_zero:,} of "
                f"{self.objects:,} objects, and models of extragalactic transients "
                "have no class for stars and novae: leave it empty where it is not "
                "known, and leave Galactic objects out."
            )
        if self.objects >= _FEWEST_OBJECTS and 2 * self.dusty > self.objects:
            messages.append(
                f"mwebv is above {_DUSTY:g}, as in the plane of the Milky Way, in "
                f"{self.dusty:,} of {self.objects:,} objects: give E(B-V), not A_V, "
                "and check that redshift and mwebv are not swapped."
            )
        return messages


def _joined(one: Noise | None, other: Noise | None) -> Noise | None:
    if one is None or other is None:
        return one or other
    return one.joined(other)
