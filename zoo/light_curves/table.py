"""The light-curve table: a photometry frame and, optionally, a metadata frame.

Every check of what comes in happens here, before anything is computed.
"""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from zoo.light_curves.columns import Columns, known_columns
from zoo.light_curves.metadata import read_metadata
from zoo.light_curves.photometry import (
    DEFAULT,
    ReadOptions,
    bands,
    detections,
    fluxes,
    refuse_values,
)
from zoo.light_curves.ragged import (
    DETECTION_SNR,
    ROW_ARRAYS,
    ZEROPOINT,
    LightCurves,
    concatenate,
)
from zoo.light_curves.values import ObjectIds, numbers
from zoo.passbands import CATALOGUE, Passband

EMPTY = "the photometry table is empty. Give at least one observation."
NO_FLUX = "every row of the photometry table has a NaN flux."
"""The errors of a table without observations."""

_BAND_BITS = 2 * len(CATALOGUE).bit_length()  # room for as many of users


class Unobserved(ValueError):
    """Data that hold no observation.

    Attributes:
        object_id: str `(n,)`, the objects that they name, each once.
        left_out: number of rows or files that were left out, by reason.
    """

    def __init__(
        self,
        message: str,
        object_id: np.ndarray,
        left_out: Mapping[str, int] | None = None,
    ):
        super().__init__(message)
        self.object_id = object_id
        self.left_out = left_out or {}


def from_tables(
    photometry: pd.DataFrame,
    metadata: pd.DataFrame | None = None,
    *,
    zeropoint: float | None = None,
    passbands: Mapping[str, Passband] | None = None,
) -> LightCurves:
    """Build light curves from a light-curve table.

    Columns may have any of their names in `zoo.light_curves.columns`, such as `time`
    for `mjd` and `z` for `redshift`. Rows with a NaN flux, and rows that repeat another
    in every one of these columns, are dropped with a counted warning.

    Args:
        photometry: rows in any order, with the columns `object_id` (str or integer),
            `mjd` (days), `band` (`ztfg`, `lsstr`, ...), `flux` and `flux_err`
            (difference-image flux, AB), and optionally `detected` (bool), `zeropoint`,
            and columns of the metadata, repeated in every row of an object.
        metadata: one row per object: `object_id` and, where known, `redshift`,
            `mwebv`, `label`, and any further columns. An object without photometry
            keeps its place, with no observations. A column that is here as well as in
            the photometry is taken from here.
        zeropoint: AB zero point of the fluxes without a `zeropoint` column, such as
            31.4 for nJy, 23.9 for uJy, 8.9 for Jy; default 27.5.
        passbands: what names in `band` stand for, in place of and beside those of the
            catalogue: `{"g": zoo.passbands.find("desg")}`.

    Returns:
        The light curves: objects in the order of the metadata, then of appearance.

    Raises:
        Unobserved: the table has no row, or none with a flux.
        ValueError: the table breaks a rule, such as two different observations at one
            mjd and passband of an object; the message names the rule, the column, the
            object and the row.

    Example:
        >>> table = pd.DataFrame({"object_id": ["a", "a"], "mjd": [60000.0, 60003.0],
        ...     "band": ["ztfg", "ztfr"], "flux": [900.0, 1100.0],
        ...     "flux_err": [30.0, 30.0]})
        >>> len(from_tables(table))
        1
    """
    options = ReadOptions(zeropoint=zeropoint, passbands=passbands or {})
    part = build(photometry, metadata, options)
    for message in dropped_messages(part.dropped, part.repeated, part.rows):
        warnings.warn(message, stacklevel=2)
    return part.light_curves


def dropped_messages(dropped: int, repeated: int, rows: int) -> list[str]:
    """Warnings for rows without a flux, and for rows that repeat another."""
    reasons = {"with a NaN flux": dropped, "that repeat another row": repeated}
    return [f"dropped {n} of {rows} rows {why}." for why, n in reasons.items() if n]


@dataclass(frozen=True)
class Part:
    """Light curves of whole objects, and the rows that were left out of them.

    Attributes:
        light_curves: of any number of objects.
        dropped: number of rows without a flux.
        repeated: number of rows that are equal to another.
        place: int64 `(n,)`, place of each object in the order of the whole table,
            which has gaps; None where parts come in order.
        left_out: number of rows or files that a reader left out, by reason.
        report: of that reader, where it left something out: one sentence.
    """

    light_curves: LightCurves
    dropped: int = 0
    repeated: int = 0
    place: np.ndarray | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    report: str = ""

    @property
    def rows(self) -> int:
        """Number of rows of the photometry."""
        return len(self.light_curves.mjd) + self.dropped + self.repeated


def as_part(light_curves: LightCurves, whole: bool) -> Part:
    """Light curves as a part, their rows in the order of `sort_rows`; where they are
    not whole, those with observations."""
    light_curves = _sorted(light_curves)
    if not whole:
        light_curves = light_curves.take(np.flatnonzero(light_curves.lengths))
    return Part(light_curves)


def _sorted(light_curves: LightCurves) -> LightCurves:
    """Light curves with their rows in order, as they are where none is out of it."""
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    if _in_order(owner, light_curves.mjd, light_curves.band):
        return light_curves
    order = sort_rows(owner, light_curves.mjd, light_curves.band)
    arrays = {name: getattr(light_curves, name)[order] for name in ROW_ARRAYS}
    return replace(light_curves, **arrays)


def joined(parts: Sequence[Part]) -> Part:
    """Parts with different objects as one.

    Raises:
        ValueError: an object occurs in two of them.
    """
    left_out = Counter[str]()
    for part in parts:
        left_out.update(part.left_out)
    return Part(
        concatenate([part.light_curves for part in parts]),
        sum(part.dropped for part in parts),
        sum(part.repeated for part in parts),
        left_out=left_out,
        report=" ".join(filter(None, (part.report for part in parts))),
    )


def build(
    photometry: Columns,
    metadata: pd.DataFrame | None = None,
    options: ReadOptions = DEFAULT,
    *,
    whole: bool = True,
    row_numbers: np.ndarray | None = None,
) -> Part:
    """As `from_tables`, with the number of rows left out in place of warnings.

    Where the rows are not the whole table, all of them may lack a flux, and metadata
    of objects that are not among them are passed over. `row_numbers`, int64
    `(m,)`, are those in the whole table.
    """
    photometry = known_columns(photometry, "photometry", options.columns)
    object_id = ObjectIds.of(photometry, "photometry", row_numbers)
    raw_flux = numbers(photometry, "flux", object_id)
    # A row without a flux is dropped, even if it lacks other values too.
    empty = np.isnan(raw_flux)
    some_empty = bool(empty.any())
    kept = ~empty
    mjd = numbers(photometry, "mjd", object_id)
    band, passbands = bands(photometry, object_id, kept, options)
    unit = ZEROPOINT if options.zeropoint is None else options.zeropoint
    flux, flux_err = fluxes(
        photometry, raw_flux, unit, object_id, kept, passbands, band
    )
    detected = detections(photometry, object_id, kept)

    refuse_values(kept, object_id, mjd, flux, flux_err)
    if detected is None:
        with np.errstate(all="ignore"):  # for rows that are dropped
            detected = flux / flux_err >= DETECTION_SNR

    ids, owner, metadata = read_metadata(
        metadata, photometry, object_id, whole, options.columns
    )
    if not len(kept):
        raise Unobserved(EMPTY, ids)
    if whole and some_empty and empty.all():
        raise Unobserved(NO_FLUX, ids)
    rows = sort_rows(owner, mjd, band, np.flatnonzero(kept) if some_empty else None)
    rows, repeated = _each_once(
        rows, object_id, (owner, mjd, band), (flux, flux_err, detected)
    )
    offsets = np.zeros(len(ids) + 1, np.int64)
    np.cumsum(np.bincount(owner[rows], minlength=len(ids)), out=offsets[1:])
    light_curves = LightCurves(
        object_id=ids,
        offsets=offsets,
        mjd=mjd[rows],
        flux=flux[rows],
        flux_err=flux_err[rows],
        band=band[rows],
        detected=detected[rows],
        metadata=metadata,
        passbands=passbands,
    )
    return Part(light_curves, int(empty.sum()), repeated)


def _each_once(
    rows: np.ndarray,
    object_id: ObjectIds,
    keys: tuple[np.ndarray, ...],
    values: tuple[np.ndarray, ...],
) -> tuple[np.ndarray, int]:
    """Leave out rows, sorted by their keys, that repeat another, and count them.

    Raises:
        ValueError: two rows have the same keys (object, mjd, passband), but different
            values.
    """
    owner, mjd, band = (key[rows] for key in keys)
    same = (owner[1:] == owner[:-1]) & (mjd[1:] == mjd[:-1]) & (band[1:] == band[:-1])
    if not same.any():
        return rows, 0
    # The first in the table comes first, however the rows were sorted.
    starts = np.flatnonzero(np.append(True, ~same))
    first = np.minimum.reduceat(rows, starts)
    run = np.cumsum(np.append(True, ~same)) - 1
    differ = np.zeros(len(rows), bool)
    for value in values:
        differ |= value[rows] != value[first[run]]
    if differ.any():
        at = rows[np.flatnonzero(differ)].min()
        raise ValueError(
            f"{object_id.where(at)}: a second, different observation at the same mjd "
            f"and band ({differ.sum()} such rows). Keep one of each, or average them."
        )
    return first, int(same.sum())


def sort_rows(
    owner: np.ndarray, mjd: np.ndarray, band: np.ndarray, rows: np.ndarray | None = None
) -> np.ndarray:
    """Order rows by object, then mjd, then passband.

    Args:
        owner: int `(m,)`, object of each row.
        mjd: float64 `(m,)`, days.
        band: int16 `(m,)`, place in the order of passbands.
        rows: int64 `(k,)`, the rows to order; None: all.

    Returns:
        int64 `(k,)`: row numbers, in order.
    """
    if rows is not None:
        return rows[sort_rows(owner[rows], mjd[rows], band[rows])]
    if _in_order(owner, mjd, band):
        return np.arange(len(owner))
    # One 64-bit key sorts four times as fast as three keys one after the other. Times
    # are rounded in it, to far less than a second; where that is too coarse, the three
    # keys decide.
    bits = 64 - int(owner.max()).bit_length() - _BAND_BITS
    start = mjd.min()
    scale = (2.0**bits - 2) / max(mjd.max() - start, 1.0)
    key = owner.astype(np.uint64) << np.uint64(bits)
    key = (key | ((mjd - start) * scale).astype(np.uint64)) << np.uint64(_BAND_BITS)
    order = np.argsort(key | band.astype(np.uint64))
    if _in_order(owner[order], mjd[order], band[order]):
        return order
    return np.lexsort((band, mjd, owner))


def _in_order(owner: np.ndarray, mjd: np.ndarray, band: np.ndarray) -> bool:
    """Whether no row belongs before the row above it."""
    step, later = np.diff(owner), np.diff(mjd)
    # Most tables are decided by these two alone.
    if (step < 0).any() or (later[step == 0] < 0).any():
        return False
    same = (step == 0) & (later == 0)
    return not (same & (band[1:] < band[:-1])).any()
