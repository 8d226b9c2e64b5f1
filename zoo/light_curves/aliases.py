"""The names that others give to the columns of a light-curve table.

Every way in reads these names: a folder, a file of any kind, an object in memory.
"""

from collections.abc import Collection, Iterable
from typing import Any

import pandas as pd

COLUMNS = ("object_id", "mjd", "band", "flux", "flux_err")
"""Columns that a photometry table must have."""

PHOTOMETRY: dict[str, tuple[str, ...]] = {
    "object_id": (
        *("object_id", "objectId", "oid", "obj_id", "ztf_id", "ZTFID", "diaObjectId"),
        *("SNID", "snid"),
    ),
    "mjd": ("mjd", "MJD", "time", "mjd_obs", "mjdobs"),
    "band": ("band", "filter", "bandpass", "flt"),
    "flux": ("flux",),
    "flux_err": ("flux_err", "fluxerr", "flux_error", "fluxerror"),
    "zeropoint": ("zeropoint", "zp", "zpt", "zero_point"),
    "detected": ("detected",),
}
"""Names of each column of the photometry: ours, those of sncosmo
(`PHOTDATA_ALIASES` of sncosmo 2.13, without its `jd` and `date`, which are not MJDs),
of SkyPortal and of the brokers."""

METADATA: dict[str, tuple[str, ...]] = {
    "redshift": ("redshift", "z", "REDSHIFT"),
    "redshift_err": ("redshift_err", "z_err", "zerr", "redshift_error"),
    "mwebv": ("mwebv", "ebv", "mw_ebv", "ebv_mw", "MWEBV"),
    "ra": ("ra",),
    "dec": ("dec", "decl"),
    "label": ("label",),
}
"""Names of each column of the metadata, which photometry may repeat in every row."""

_CANONICAL = {
    alias: name
    for name, aliases in (PHOTOMETRY | METADATA).items()
    for alias in aliases
}


def canonical(columns: Iterable[Any]) -> dict[Any, str]:
    """Columns of a table that have a meaning, with our name of each.

    Raises:
        ValueError: two columns stand for one.

    Example:
        >>> canonical(["time", "flux", "fluxerr", "exposure"])
        {'time': 'mjd', 'flux': 'flux', 'fluxerr': 'flux_err'}
    """
    names = {column: _CANONICAL[column] for column in columns if column in _CANONICAL}
    if len(set(names.values())) < len(names):
        first: dict[str, Any] = {}
        for column, name in names.items():
            other = first.setdefault(name, column)
            if other != column:
                raise ValueError(
                    f"the columns {other} and {column} both stand for {name}. Keep one."
                )
    return names


def find(wanted: str, columns: Collection[str]) -> str | None:
    """The name that a column has in a table; None where there is none.

    Raises:
        ValueError: two columns stand for one.

    Example:
        >>> find("flux_err", ["time", "flux", "fluxerr"])
        'fluxerr'
    """
    names = canonical(column for column in columns if _CANONICAL.get(column) == wanted)
    return next(iter(names), None)


def has(wanted: Collection[str], columns: Collection[str]) -> bool:
    """Whether a table has all of some columns, under any of their names."""
    return all(set((PHOTOMETRY | METADATA)[name]) & set(columns) for name in wanted)


def is_photometry(columns: Collection[str]) -> bool:
    """Whether a table with these columns has one row per observation."""
    return has(COLUMNS, columns)


def renamed(table: pd.DataFrame) -> pd.DataFrame:
    """A table with our names; columns that pandas made an index count as well.

    Raises:
        ValueError: two columns stand for one.
    """
    names = canonical(table.columns)
    in_index = canonical(name for name in table.index.names if name is not None)
    if set(in_index.values()) - set(names.values()):
        table = table.reset_index()
        names = canonical(table.columns)
    if all(column == name for column, name in names.items()):
        return table
    return table.rename(columns=names)
