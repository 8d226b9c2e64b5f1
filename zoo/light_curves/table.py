"""The light-curve table: a photometry frame and, optionally, a metadata frame.

Every check of what comes in happens here, before anything is computed.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zoo.light_curves.columns import (
    ObjectIds,
    numbers,
    require_columns,
)
from zoo.light_curves.metadata import read_metadata
from zoo.light_curves.photometry import (
    _JULIAN_DATE,
    _LARGEST,
    _bands,
    _detections,
    _fluxes,
    _refuse_values,
)
from zoo.light_curves.ragged import DETECTION_SNR, ZEROPOINT, LightCurves
from zoo.passbands import BANDS

COLUMNS = ("object_id", "mjd", "band", "flux", "flux_err")
_BAND_BITS = len(BANDS).bit_length()


def from_tables(
    photometry: pd.DataFrame,
    metadata: pd.DataFrame | None = None,
    *,
    zeropoint: float = ZEROPOINT,
) -> LightCurves:
    """Build light curves from a light-curve table.

    Args:
        photometry: rows in any order, with the columns `object_id` (str or integer),
            `mjd` (days), `band` (`ztfg`, `lsstr`, ...), `flux` and `flux_err`
            (difference-image flux, AB), and optionally `detected` (bool) and
            `zeropoint`. Rows with a NaN flux are dropped with one counted warning.
        metadata: one row per object: `object_id` and, where known, `redshift`,
            `mwebv`, `label`, and any further columns. An object without photometry
            keeps its place, with no observations.
        zeropoint: AB zero point of the fluxes where no column says it; 31.4 for nJy,
            23.9 for uJy, 8.9 for Jy.

    Returns:
        The light curves: objects in the order of the metadata, then of appearance.

    Raises:
        ValueError: the table breaks a rule; the message names the rule, the column,
            the object and the row.

    Example:
        >>> table = pd.DataFrame({"object_id": ["a", "a"], "mjd": [60000.0, 60003.0],
        ...     "band": ["ztfg", "ztfr"], "flux": [900.0, 1100.0],
        ...     "flux_err": [30.0, 30.0]})
        >>> len(from_tables(table))
        1
    """
    table = build(photometry, metadata, zeropoint=zeropoint)
    if table.dropped:
        warnings.warn(dropped_message(table.dropped, len(photometry)), stacklevel=2)
    return table.light_curves


def dropped_message(dropped: int, rows: int) -> str:
    """What is said of rows without a flux."""
    return f"dropped {dropped} of {rows} rows with a NaN flux."


@dataclass(frozen=True)
class Built:
    """Light curves, and how many rows they were made without.

    Attributes:
        light_curves: what was built.
        dropped: rows without a flux.
        repeated: second observations at one mjd and passband of an object.
    """

    light_curves: LightCurves
    dropped: int
    repeated: int


def build(
    photometry: pd.DataFrame,
    metadata: pd.DataFrame | None = None,
    *,
    zeropoint: float = ZEROPOINT,
    keep_first: bool = False,
) -> Built:
    """As `from_tables`, but count the rows left out, and do not warn of them.

    Args:
        photometry: see `from_tables`.
        metadata: likewise.
        zeropoint: likewise.
        keep_first: of several observations at one mjd and passband of an object, take
            the first; else they are refused.
    """
    require_columns(photometry, COLUMNS, "photometry")
    if not len(photometry):
        raise ValueError(
            "the photometry table is empty. Give at least one observation."
        )
    object_id = ObjectIds.of(photometry, "photometry")
    given = numbers(photometry, "flux", object_id)
    # A row without a flux is dropped, whatever else it lacks.
    empty = np.isnan(given)
    some_empty = bool(empty.any())
    kept = ~empty
    mjd = numbers(photometry, "mjd", object_id)
    band = _bands(photometry, object_id, kept)
    flux, flux_err = _fluxes(photometry, given, zeropoint, object_id, kept)
    detected = _detections(photometry, object_id, kept)

    good = (mjd <= _JULIAN_DATE) & (mjd > -np.inf) & (np.abs(flux) <= _LARGEST)
    good &= (flux_err >= 1 / _LARGEST) & (flux_err <= _LARGEST)
    if not (good | empty).all():
        _refuse_values(kept, object_id, mjd, flux, flux_err)
    if some_empty and empty.all():
        raise ValueError("every row of the photometry table has a NaN flux.")

    ids, owner, metadata = read_metadata(metadata, object_id)
    rows = sort_rows(owner, mjd, band, np.flatnonzero(kept) if some_empty else None)
    owner, mjd, band = owner[rows], mjd[rows], band[rows]
    same = (owner[1:] == owner[:-1]) & (mjd[1:] == mjd[:-1]) & (band[1:] == band[:-1])
    if same.any() and not keep_first:
        at = rows[np.flatnonzero(same)[0] + 1]
        raise ValueError(
            f"object {object_id[at]!r}, row {at}: a second observation at the same mjd "
            f"and band ({same.sum()} such rows). Keep one of each, or average them."
        )
    if same.any():
        starts = np.flatnonzero(np.append(True, ~same))
        rows = np.minimum.reduceat(rows, starts)
        owner, mjd, band = owner[starts], mjd[starts], band[starts]
    flux, flux_err = flux[rows], flux_err[rows]
    offsets = np.zeros(len(ids) + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=len(ids)), out=offsets[1:])
    light_curves = LightCurves(
        object_id=ids,
        offsets=offsets,
        mjd=mjd,
        flux=flux,
        flux_err=flux_err,
        band=band,
        detected=flux / flux_err >= DETECTION_SNR
        if detected is None
        else detected[rows],
        metadata=metadata,
    )
    return Built(light_curves, int(empty.sum()), int(same.sum()))


def sort_rows(
    owner: np.ndarray, mjd: np.ndarray, band: np.ndarray, rows: np.ndarray | None = None
) -> np.ndarray:
    """Order rows by object, then mjd, then passband.

    Args:
        owner: int `(m,)`, object of each row.
        mjd: float64 `(m,)`, days.
        band: int8 `(m,)`, index in `zoo.passbands.BANDS`.
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
    """Whether every row stands after the one before it, or is its equal."""
    step, later = np.diff(owner), np.diff(mjd)
    # Most tables are told by these two alone.
    if (step < 0).any() or (later[step == 0] < 0).any():
        return False
    same = (step == 0) & (later == 0)
    return not (same & (band[1:] < band[:-1])).any()
