"""The light-curve table: a photometry frame and, optionally, a metadata frame.

Every check of what comes in happens here, before anything is computed.
"""

import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd

from zoo.labels import canonical_labels
from zoo.light_curves import DETECTION_SNR, ZEROPOINT, LightCurves
from zoo.passbands import BANDS

COLUMNS = ("object_id", "mjd", "band", "flux", "flux_err")
# A photometric redshift of a near object may scatter below 0; -1, -9 and -99 are
# sentinels of the surveys for "not known".
_LOWEST = {"redshift": -0.1, "mwebv": 0.0}
_JULIAN_DATE = 1_000_000  # an MJD of a million lies in the year 4596, a JD in 1975 BC


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
    _require_columns(photometry, COLUMNS, "photometry")
    if not len(photometry):
        raise ValueError(
            "the photometry table is empty. Give at least one observation."
        )
    object_id = _object_ids(photometry, "photometry")
    # A row without a flux is dropped, whatever else it lacks.
    empty = np.isnan(_numbers(photometry, "flux", object_id))
    mjd = _numbers(photometry, "mjd", object_id)
    band = _bands(photometry, object_id, ~empty)
    flux, flux_err = _fluxes(photometry, zeropoint, object_id, ~empty)
    detected = _detections(photometry, object_id, ~empty)

    _refuse(
        ~empty & ~np.isfinite(mjd),
        object_id,
        "mjd",
        mjd,
        "is not finite",
        "Drop these rows.",
    )
    _refuse(
        ~empty & (mjd > _JULIAN_DATE),
        object_id,
        "mjd",
        mjd,
        "looks like a Julian Date, not a Modified Julian Date",
        "Subtract 2400000.5.",
    )
    _refuse(
        np.isinf(flux), object_id, "flux", flux, "is not finite", "Drop these rows."
    )
    _refuse(
        ~empty & ~(np.isfinite(flux_err) & (flux_err > 0)),
        object_id,
        "flux_err",
        flux_err,
        "is not finite and greater than 0",
        "Correct or drop these rows.",
    )
    if empty.all():
        raise ValueError("every row of the photometry table has a NaN flux.")
    if empty.any():
        warnings.warn(
            f"dropped {empty.sum()} of {len(flux)} rows with a NaN flux.", stacklevel=2
        )

    names, first = pd.factorize(object_id)
    ids, metadata = _metadata(metadata, pd.Index(first))
    owner = ids.get_indexer(pd.Index(first))[names]
    rows = np.flatnonzero(~empty)
    rows = rows[np.lexsort((band[rows], mjd[rows], owner[rows]))]
    owner, mjd, band = owner[rows], mjd[rows], band[rows]
    same = (np.diff(owner) == 0) & (np.diff(mjd) == 0) & (np.diff(band) == 0)
    if same.any():
        at = rows[np.flatnonzero(same)[0] + 1]
        raise ValueError(
            f"object {object_id[at]!r}, row {at}: a second observation at the same mjd "
            f"and band ({same.sum()} such rows). Keep one of each, or average them."
        )
    flux, flux_err = flux[rows], flux_err[rows]
    return LightCurves(
        object_id=ids.to_numpy(object),
        offsets=np.concatenate(
            [[0], np.cumsum(np.bincount(owner, minlength=len(ids)))]
        ),
        mjd=mjd,
        flux=flux,
        flux_err=flux_err,
        band=band,
        detected=flux / flux_err >= DETECTION_SNR
        if detected is None
        else detected[rows],
        metadata=metadata,
    )


def _require_columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"the {name} is a {type(table).__name__}, not a DataFrame.")
    if table.columns.has_duplicates:
        twice = table.columns[table.columns.duplicated()][0]
        raise ValueError(f"the {name} table has two columns {twice!r}. Keep one.")
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"the {name} table lacks the column(s) {', '.join(missing)}; it has "
            f"{', '.join(map(str, table.columns)) or 'none'}. Rename or add them."
        )


def _object_ids(table: pd.DataFrame, name: str) -> np.ndarray:
    values = table["object_id"].to_numpy(object)
    different = pd.unique(values)
    if all(isinstance(value, Integral) for value in different):
        return values.astype(str).astype(object)
    if all(isinstance(value, str) and value for value in different):
        return values
    missing = pd.Series(values).replace("", None).isna().to_numpy()
    other = (row for row, value in enumerate(values) if not isinstance(value, str))
    bad = int(np.flatnonzero(missing)[0]) if missing.any() else next(other)
    raise ValueError(
        f"object_id in row {bad} of the {name} table is {values[bad]!r}: it must be a "
        "string, or an integer in every row. Convert the column."
    )


def _numbers(table: pd.DataFrame, column: str, object_id: np.ndarray) -> np.ndarray:
    values = table[column]
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.to_numpy(np.float64, na_value=np.nan)
    known = values.notna().to_numpy()
    number = [isinstance(x, Real) and not isinstance(x, bool) for x in values]
    bad = np.flatnonzero(known & ~np.array(number, dtype=bool))
    if not len(bad):  # a column of objects because None stands for an unknown number
        return np.where(known, values.to_numpy(object), np.nan).astype(np.float64)
    text = np.isnan(pd.to_numeric(values.iloc[bad], errors="coerce").to_numpy(float))
    at = bad[text.argmax()]  # the one that no parser can read, where there is one
    raise ValueError(
        f"object {object_id[at]!r}, row {at}: {column} is {values.iloc[at]!r}, in a "
        f"column of type {values.dtype}. It must be a number in every row."
    )


def _bands(
    table: pd.DataFrame, object_id: np.ndarray, needed: np.ndarray
) -> np.ndarray:
    codes, names = pd.factorize(table["band"])
    known = {name: code for code, name in enumerate(BANDS)}
    code_of = np.array([known.get(name, -1) for name in names] + [-1], dtype=np.int8)
    band = code_of[codes]
    unknown = needed & (band < 0)
    if unknown.any():
        at = np.flatnonzero(unknown)[0]
        raise ValueError(
            f"passband {table['band'].iloc[at]!r} (object {object_id[at]!r}, row {at}) "
            f"is not known. Known: {', '.join(BANDS)}. Rename it or drop these rows."
        )
    return band


def _fluxes(
    table: pd.DataFrame, zeropoint: float, object_id: np.ndarray, needed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Flux and its error at zero point 27.5, float32."""
    if not np.isfinite(zeropoint):
        raise ValueError(
            f"zeropoint is {zeropoint}. It must be finite: 31.4 for nJy, 23.9 for uJy."
        )
    zeropoints: float | np.ndarray = zeropoint
    if "zeropoint" in table.columns:
        zeropoints = _numbers(table, "zeropoint", object_id)
        _refuse(
            needed & ~np.isfinite(zeropoints),
            object_id,
            "zeropoint",
            zeropoints,
            "is not finite",
            "Fill the column, or drop it and give one zero point for all.",
        )
    scale = 10.0 ** (-0.4 * (zeropoints - ZEROPOINT))
    flux = _numbers(table, "flux", object_id) * scale
    flux_err = _numbers(table, "flux_err", object_id) * scale
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
        return flux.astype(np.float32), flux_err.astype(np.float32)


def _detections(
    table: pd.DataFrame, object_id: np.ndarray, needed: np.ndarray
) -> np.ndarray | None:
    if "detected" not in table.columns:
        return None
    values = table["detected"].to_numpy(object)
    bad = needed & ~pd.Series(values).isin([True, False]).to_numpy()
    if bad.any():
        at = np.flatnonzero(bad)[0]
        raise ValueError(
            f"object {object_id[at]!r}, row {at}: detected is {values[at]!r}. It must "
            "be true or false in every row; leave the column out if it is not known."
        )
    return np.where(needed, values, False).astype(bool)


def _refuse(
    bad: np.ndarray,
    object_id: np.ndarray,
    column: str,
    values: np.ndarray,
    rule: str,
    remedy: str,
) -> None:
    if bad.any():
        at = np.flatnonzero(bad)[0]
        raise ValueError(
            f"object {object_id[at]!r}, row {at}: {column} is {values[at]:.12g}, which "
            f"{rule} ({bad.sum()} such rows). {remedy}"
        )


def _metadata(
    metadata: pd.DataFrame | None, observed: pd.Index
) -> tuple[pd.Index, pd.DataFrame]:
    """All object ids, and their checked metadata in the same order."""
    if metadata is None:
        metadata = pd.DataFrame({"object_id": pd.Series([], dtype=object)})
    _require_columns(metadata, ("object_id",), "metadata")
    object_id = _object_ids(metadata, "metadata")
    ids = pd.Index(object_id, dtype=object)
    if ids.has_duplicates:
        at = np.flatnonzero(ids.duplicated())[0]
        raise ValueError(
            f"object {ids[at]!r} stands twice in the metadata table (row {at}). Keep "
            "one row per object."
        )
    if len(ids) and not ids.isin(observed).any():
        raise ValueError(
            f"no object of the metadata table (first: {ids[0]!r}) occurs in the "
            f"photometry (first: {observed[0]!r}). Use the same object_id in both."
        )
    checked = metadata.drop(columns="object_id").reset_index(drop=True)
    for column, lowest in _LOWEST.items():
        if column not in metadata:
            checked[column] = np.nan
            continue
        blank = metadata[column].astype(object) == ""
        values = _numbers(
            metadata.assign(**{column: metadata[column].mask(blank)}), column, object_id
        )
        _refuse(
            np.isinf(values) | (values < lowest),
            object_id,
            column,
            values,
            f"is not finite and at least {lowest:g}",
            "Use an empty value where it is not known.",
        )
        checked[column] = values.astype(np.float32)
    labels = None
    try:
        if "label" in metadata:
            spellings = metadata["label"].astype(object)
            labels = canonical_labels(spellings.where(spellings.notna(), None))
    except ValueError as error:
        raise ValueError(f"metadata column label: {error}") from None
    checked["label"] = labels
    checked["label"] = checked["label"].astype(object)
    everything = ids.append(observed.difference(ids, sort=False))
    checked = checked.reindex(range(len(everything)))
    checked["label"] = (
        checked["label"].astype(object).where(checked["label"].notna(), None)
    )
    return everything, checked.astype({"redshift": np.float32, "mwebv": np.float32})
