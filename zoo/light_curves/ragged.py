"""Light curves in memory: ragged arrays, whatever the number of objects.

`LightCurves` is what every other module works on. It is built from a light-curve table
by `zoo.light_curves.table`, which refuses what it cannot read, or from the examples of
a tfds builder; rows are sorted by object and time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape

import numpy as np
import pandas as pd

from zoo.condition import rows_where
from zoo.light_curves.columns import shown
from zoo.passbands import CATALOGUE, Passband, in_order
from zoo.spelling import did_you_mean

ZEROPOINT = 27.5
"""AB zero point of every flux in memory: SNANA's FLUXCAL."""

DETECTION_SNR = 5.0
"""Where a survey gives no detection flag: ZTF and LSST alert at 5 sigma (Bellm et al.
2019, PASP 131 018002; LSST DMTN-102)."""

_COMPARED = 10_000  # ids with which a misspelt one is compared, in 0.3 s

ROW_ARRAYS = {
    "mjd": np.float64,
    "flux": np.float32,
    "flux_err": np.float32,
    "band": np.int16,
    "detected": np.bool_,
}
"""Types of the arrays with one value per observation."""


@dataclass(frozen=True, eq=False, repr=False)
class LightCurves:
    """Light curves of `n` objects with `m` observations in all.

    Attributes:
        object_id: str `(n,)`, each once.
        offsets: int64 `(n + 1,)`; object i owns the rows `offsets[i]:offsets[i + 1]`.
        mjd: float64 `(m,)`, days, not decreasing within an object.
        flux: float32 `(m,)`, AB, zero point 27.5, not corrected for Milky Way dust.
        flux_err: float32 `(m,)`, same unit, positive.
        band: int16 `(m,)`, index in `passbands`.
        detected: bool `(m,)`, the survey's detection flag, or flux / flux_err >= 5.
        metadata: DataFrame of `n` rows with `redshift` and `mwebv` (float32, NaN =
            unknown), `label` (canonical, None = unknown) and any further columns.
        passbands: what the codes in `band` stand for: the catalogue, then passbands
            that a user gave, by wavelength and name.
    """

    object_id: np.ndarray
    offsets: np.ndarray
    mjd: np.ndarray
    flux: np.ndarray
    flux_err: np.ndarray
    band: np.ndarray
    detected: np.ndarray
    metadata: pd.DataFrame
    passbands: tuple[Passband, ...] = CATALOGUE

    def __len__(self) -> int:
        return len(self.object_id)

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}: {value}" for name, value in self._facts().items())
        return f"<LightCurves: {facts}>"

    def _repr_html_(self) -> str:
        """The same as a small table, for notebooks."""
        rows = (
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self._facts().items()
        )
        return f"<table><caption>LightCurves</caption>{''.join(rows)}</table>"

    def _facts(self) -> dict[str, str]:
        return {
            "objects": f"{len(self):,}",
            "observations": f"{len(self.mjd):,}",
            "passbands": " ".join(self.bands) or "none",
            "labelled objects": f"{self.metadata['label'].notna().sum():,}",
        }

    @property
    def labels(self) -> np.ndarray:
        """Canonical labels, object `(n,)`; None where the class is not known."""
        labels = self.metadata["label"].astype(object)
        return labels.where(labels.notna(), None).to_numpy(object)

    @property
    def lengths(self) -> np.ndarray:
        """Number of observations of each object, int64 `(n,)`."""
        return self.offsets[1:] - self.offsets[:-1]  # a third of the time of np.diff

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the passbands that occur, in the order of `passbands`."""
        return tuple(passband.name for passband in self.observed)

    @property
    def observed(self) -> tuple[Passband, ...]:
        """The passbands that occur, in the order of `passbands`."""
        counts = np.bincount(self.band)
        return tuple(self.passbands[code] for code in np.flatnonzero(counts))

    @property
    def own(self) -> tuple[Passband, ...]:
        """Those of `passbands` that a user gave."""
        return self.passbands[len(CATALOGUE) :]

    def take(self, indices: np.ndarray | Sequence[int]) -> "LightCurves":
        """Pick objects by position, in the order given."""
        indices = np.asarray(indices, dtype=np.int64)
        rows, offsets = ragged_rows(self.offsets, indices)
        return LightCurves(
            object_id=self.object_id[indices],
            offsets=offsets,
            metadata=self.metadata.iloc[indices].reset_index(drop=True),
            passbands=self.passbands,
            **{name: getattr(self, name)[rows] for name in ROW_ARRAYS},
        )

    def find(self, object_id: object, data: str = "the data") -> "LightCurves":
        """Pick one object by its id.

        Args:
            object_id: its id, or what becomes the id as a text.
            data: what to call these light curves in an error.

        Raises:
            KeyError: there is none of that id; the message names the nearest one.

        Example:
            >>> from zoo.light_curves.analytic import golden_light_curves
            >>> golden_light_curves().find("golden-3").object_id.tolist()
            ['golden-3']
        """
        wanted = str(object_id)
        places = np.flatnonzero(self.object_id == wanted)
        if len(places):
            return self.take(places[:1])
        if not len(self):
            raise KeyError(f"{data} has no objects. Give light curves.")
        ids = self.object_id[:_COMPARED].tolist()
        raise KeyError(
            f"{data} has no object {shown(wanted)}; its first is {shown(ids[0])}."
            f"{did_you_mean(wanted, ids)}"
        )

    def keep(self, rows: np.ndarray) -> "LightCurves":
        """The same objects with some of their observations, bool `(m,)`."""
        kept = np.concatenate([[0], np.cumsum(rows)])
        arrays = {name: getattr(self, name)[rows] for name in ROW_ARRAYS}
        return replace(self, offsets=kept[self.offsets], **arrays)

    def without(self, object_ids: Iterable[str]) -> "LightCurves":
        """Leave out objects by their ids, where they are among these."""
        left_out = pd.Index(self.object_id).isin([str(one) for one in object_ids])
        return self.take(np.flatnonzero(~left_out))

    def where(self, condition: str) -> "LightCurves":
        """The objects whose metadata have a value, given as COLUMN=VALUE.

        Errors as for `zoo.condition.rows_where`.

        Example:
            >>> from zoo.light_curves.analytic import golden_light_curves
            >>> len(golden_light_curves().where("label=SNIa"))
            1
        """
        return self.take(rows_where(self.metadata, condition))

    def without_metadata(self, columns: Iterable[str] = ()) -> "LightCurves":
        """The same light curves with every redshift and mwebv unknown, and some further
        columns."""
        held = {"redshift_err", *columns} & set(self.metadata)
        unknown = dict.fromkeys(("redshift", "mwebv", *held), np.float32("nan"))
        return replace(self, metadata=self.metadata.assign(**unknown))

    def to_tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The photometry and the metadata table of these light curves."""
        names = np.array([p.name for p in self.passbands], dtype=object)
        photometry = pd.DataFrame(
            {
                "object_id": np.repeat(self.object_id, self.lengths),
                "mjd": self.mjd,
                "band": names[self.band],
                "flux": self.flux,
                "flux_err": self.flux_err,
                "detected": self.detected,
            }
        )
        if set(self.own) & set(self.observed):  # nobody else knows their wavelength
            wavelengths = np.array([p.wavelength for p in self.passbands])
            photometry["wavelength"] = wavelengths[self.band]
        metadata = self.metadata.copy()
        metadata.insert(0, "object_id", self.object_id)
        return photometry, metadata


def nothing_observed(object_id: np.ndarray) -> LightCurves:
    """Objects without any observation or metadata."""
    return LightCurves(
        object_id=object_id,
        offsets=np.zeros(len(object_id) + 1, np.int64),
        metadata=nothing_known(len(object_id)),
        passbands=CATALOGUE,
        **{name: np.array([], dtype) for name, dtype in ROW_ARRAYS.items()},
    )


def nothing_known(objects: int) -> pd.DataFrame:
    """The metadata of objects of which nothing is known."""
    return _nothing_known(objects).copy()


@lru_cache(4)  # copying a frame takes a tenth of the time of making one
def _nothing_known(objects: int) -> pd.DataFrame:
    unknown = np.full(objects, np.nan, np.float32)
    label = np.full(objects, None, dtype=object)
    return pd.DataFrame({"redshift": unknown, "mwebv": unknown, "label": label})


def ragged_rows(
    offsets: np.ndarray, objects: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of some objects of a ragged array, and the offsets of the selection.

    Args:
        offsets: int64 `(n + 1,)`.
        objects: int64 `(k,)`, positions.

    Returns:
        int64 `(m,)` row numbers, object by object, and int64 `(k + 1,)` offsets.
    """
    lengths = np.diff(offsets)[objects]
    chosen = np.concatenate([[0], np.cumsum(lengths)])
    rows = np.arange(chosen[-1]) + np.repeat(offsets[objects] - chosen[:-1], lengths)
    return rows, chosen


def concatenate(parts: Sequence[LightCurves]) -> LightCurves:
    """Join light curves of different objects.

    Raises:
        ValueError: an object occurs in two of the parts.
    """
    object_id = np.concatenate([part.object_id for part in parts])
    ids = pd.Index(object_id)
    if ids.has_duplicates:
        twice = ids[ids.duplicated()][0]
        raise ValueError(
            f"object {shown(twice)} occurs in two parts. Give each object once."
        )
    own = joined_passbands([part.own for part in parts])
    return LightCurves(
        object_id=object_id,
        offsets=np.concatenate(
            [[0], np.cumsum(np.concatenate([p.lengths for p in parts]))]
        ),
        metadata=pd.concat([part.metadata for part in parts], ignore_index=True),
        passbands=(*CATALOGUE, *own),
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ROW_ARRAYS
            if name != "band"
        },
        band=np.concatenate([recoded(part.band, part.own, own) for part in parts]),
    )


def joined_passbands(
    groups: Iterable[Iterable[Passband]],
) -> tuple[Passband, ...]:
    """The different passbands of several users' tables, in order.

    Raises:
        ValueError: one name has two wavelengths, or they are more than codes can tell.
    """
    passbands = in_order(passband for group in groups for passband in group)
    most = np.iinfo(ROW_ARRAYS["band"]).max - len(CATALOGUE)
    if len(passbands) > most:
        raise ValueError(
            f"there are {len(passbands):,} passbands beside those of the catalogue, "
            f"and {most:,} at most can be told apart. Name instruments, not exposures."
        )
    wavelengths: dict[str, float] = {}
    for name, wavelength, *_ in passbands:
        if wavelengths.setdefault(name, wavelength) != wavelength:
            raise ValueError(
                f"passband {name!r} has the wavelength {wavelengths[name]:g} um in one "
                f"table and {wavelength:g} in another. Use two names."
            )
    return passbands


def recoded(
    band: np.ndarray, before: tuple[Passband, ...], after: tuple[Passband, ...]
) -> np.ndarray:
    """Codes of passbands, where those of users change from one tuple to another."""
    if before == after or not before:
        return band
    first = len(CATALOGUE)
    place = {passband: first + number for number, passband in enumerate(after)}
    places = [*range(first), *(place[passband] for passband in before)]
    return np.array(places, dtype=band.dtype)[band]
