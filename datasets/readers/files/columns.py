"""What others call the columns of a light-curve table."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.units import from_zeropoint
from zoo.light_curves.ragged import ZEROPOINT

ALIASES: dict[str, tuple[str, ...]] = {
    "object_id": (
        *("object_id", "objectId", "oid", "obj_id", "ztf_id", "ZTFID", "diaObjectId"),
        *("SNID", "snid"),
    ),
    "mjd": ("mjd", "MJD", "time"),
    "band": ("band", "filter"),
    "flux": ("flux",),
    "flux_err": ("flux_err", "fluxerr", "flux_error"),
    "zeropoint": ("zeropoint", "zp"),
    "detected": ("detected",),
}
"""Accepted names of each column: those of the zoo, of sncosmo, of SkyPortal and of the
brokers."""

REQUIRED = ("object_id", "mjd", "band", "flux", "flux_err")

METADATA = {
    "redshift": ("redshift",),
    "mwebv": ("mwebv",),
    "ra": ("ra",),
    "dec": ("dec", "decl"),
    "label": ("label",),
}
"""Accepted names of what may stand beside the light curve of an object."""


def find(wanted: str, columns: Collection[str]) -> str | None:
    """The name that a column has in a table; None where there is none.

    Raises:
        ValueError: there are two.

    Example:
        >>> find("flux_err", ["time", "flux", "fluxerr"])
        'fluxerr'
    """
    aliases = (ALIASES | METADATA)[wanted]
    found = [name for name in aliases if name in columns]
    if len(found) > 1 and found[0] != wanted:
        raise ValueError(
            f"the columns {', '.join(found)} all stand for {wanted}. Keep one."
        )
    return found[0] if found else None


def has(wanted: Collection[str], columns: Collection[str]) -> bool:
    """Whether a table has all of some columns, under any of their names."""
    return all(set((ALIASES | METADATA)[name]) & set(columns) for name in wanted)


def renamed(table: pd.DataFrame, zeropoint: float | None) -> pd.DataFrame:
    """A flat table with the names of the zoo and fluxes at zero point 27.5.

    Args:
        table: one row per observation; further columns are dropped.
        zeropoint: AB zero point of the fluxes where no column says it.

    Returns:
        `object_id, mjd, band, flux, flux_err`, `detected` where there is one, and what
        `METADATA` names.
    """
    found = {name: find(name, table.columns) for name in (*ALIASES, *METADATA)}
    out = pd.DataFrame({k: table[v] for k, v in found.items() if v is not None})
    given = out.pop("zeropoint") if "zeropoint" in out else zeropoint
    if given is not None and not _is_ours(given):
        for column in ("flux", "flux_err"):
            out[column] = from_zeropoint(out[column], given)
    return out


def _is_ours(zeropoint: pd.Series | float) -> bool:
    return bool(np.all(np.asarray(zeropoint) == ZEROPOINT))


def split(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Photometry and metadata of a table that repeats the metadata in every row.

    Raises:
        ValueError: an object has two values of one column.
    """
    names = [name for name in METADATA if name in table]
    if not names:
        ids = table["object_id"].drop_duplicates(ignore_index=True)
        return table, ids.to_frame()
    by_object = table.groupby("object_id", sort=False)[names]
    several = by_object.nunique() > 1
    if several.any(axis=None):
        name = several.index[several.any(axis=1)][0]
        raise ValueError(
            f"object {name!r} has different values of {several.loc[name].idxmax()!r} "
            "in its rows. Give one per object."
        )
    return table.drop(columns=names), by_object.first().reset_index()
