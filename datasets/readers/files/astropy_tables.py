"""Light curves as astropy tables: ECSV, binary FITS tables, and in memory.

A `Table`, `QTable` or `TimeSeries`, with the names of sncosmo
(https://sncosmo.readthedocs.io/en/stable/photdata.html) or of the zoo, of one object or
of many. The name of the object, and its redshift and reddening, may stand in `meta`. A
column of times becomes its MJD, in its own time scale; numbers with a unit become days.
The unit of the flux, or a zero point column, gives the zero point.
"""

import warnings
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.limits import readable
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.columns import METADATA, PHOTOMETRY, find, has
from zoo.light_curves.metadata import split
from zoo.light_curves.photometry import ReadOptions

_NEEDED = ("mjd", "band", "flux", "flux_err")
_IN_META = {
    "object_id": ("object_id", "OBJECT", "object", "objectId", "name", "SNID", "id"),
    **METADATA,
}


def _accepts(source: Source) -> bool:
    if source.kind == "fits":
        return has(_NEEDED, source.columns)
    return source.kind in ("ecsv", "astropy")


def _tables(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Tables:
    del left_out  # `zoo.light_curves.table` checks every row
    tables = [source.read(_flat, options.zeropoint) for source in sources]
    return split(pd.concat(tables, ignore_index=True))


def _flat(source: Source, zeropoint: float | None) -> pd.DataFrame:
    table = _open(source)
    names = (*PHOTOMETRY, *METADATA)
    columns = {name: find(name, table.colnames) for name in names}
    if missing := [name for name in _NEEDED if columns[name] is None]:
        raise ValueError(
            f"{source.name}: the table lacks {', '.join(missing)}; it has "
            f"{', '.join(table.colnames)}. Rename or add the columns."
        )
    flat = pd.DataFrame(
        {name: _plain(table[key]) for name, key in columns.items() if key is not None}
    )
    united = [name for name in ("flux", "flux_err") if _unit(table[columns[name]])]
    if len(united) == 1 or (united and columns["zeropoint"]):
        raise ValueError(
            f"{source.name}: a unit stands at {' and '.join(united)}, beside a column "
            "without a unit or a zero point. Give all of them one unit, or none."
        )
    for name in united:
        flat[name] = _at_our_zeropoint(table[columns[name]], source.name)
    if _unit(table[columns["mjd"]]):
        flat["mjd"] = _in_days(table[columns["mjd"]], source.name)
    flat = units.light_curve_columns(flat, None if united else zeropoint)
    for name, spellings in _IN_META.items():
        key = next((key for key in spellings if key in table.meta), None)
        if name not in flat and key is not None:
            flat[name] = table.meta[key]
    if "object_id" not in flat:
        raise ValueError(
            f"{source.name}: neither a column nor `meta` names the object. Set "
            "meta['object_id']."
        )
    return flat


def _open(source: Source) -> Any:
    if source.kind == "astropy":
        return source.value
    from astropy.table import Table

    with (
        readable(source.name, "read as an astropy table"),
        warnings.catch_warnings(),
        source.open() as file,
    ):
        warnings.filterwarnings("error", "(?s).*truncated")
        if source.kind == "fits":
            return Table.read(file, format="fits", hdu=1)
        lines = file.read().decode("utf-8-sig").splitlines()
        return Table.read(lines, format="ascii.ecsv")


def _plain(column: Any) -> np.ndarray:
    """A column as an array without unit and mask, in native byte order."""
    if hasattr(column, "mjd"):  # an astropy Time
        return np.asarray(column.mjd, np.float64)
    values = np.ma.asanyarray(getattr(column, "value", column))
    if values.dtype.kind == "S":
        values = values.astype(str)
    if np.ma.is_masked(values):
        values = values.astype(object if values.dtype.kind not in "f" else values.dtype)
        return values.filled(np.nan)
    return values.data.astype(values.dtype.newbyteorder("="))


def _unit(column: Any) -> Any:
    return getattr(column, "unit", None) or None


def _in_days(column: Any, name: str) -> np.ndarray:
    from astropy import units as u

    unit = u.Unit(str(column.unit), parse_strict="silent")
    if isinstance(unit, u.UnrecognizedUnit):  # such as MJD
        return _plain(column)
    try:
        return (_plain(column) * unit).to_value(u.day)
    except u.UnitConversionError as error:
        raise ValueError(
            f"{name}: the times have the unit {column.unit}, which is no unit of time. "
            "Convert them to days."
        ) from error


def _at_our_zeropoint(column: Any, name: str) -> np.ndarray:
    from astropy import units as u

    try:
        nanojansky = (_plain(column) * u.Unit(column.unit)).to_value(u.nJy)
    except u.UnitConversionError as error:
        raise ValueError(
            f"{name}: the flux has the unit {column.unit}, which is not a flux "
            "density. Convert it to nJy."
        ) from error
    return units.from_zeropoint(nanojansky, units.NANOJANSKY)


FORMAT = Format(
    name="astropy",
    what="an astropy table",
    looks_for="an astropy table (ECSV, FITS or in memory: time, band, flux, flux_err)",
    accepts=_accepts,
    tables=_tables,
    states_unit=False,
)
