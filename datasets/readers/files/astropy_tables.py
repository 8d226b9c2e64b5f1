"""Light curves as astropy tables: ECSV, binary FITS tables, VOTables, parquet files
that astropy wrote, and in memory.

A `Table`, `QTable` or `TimeSeries`, with the names of sncosmo
(https://sncosmo.readthedocs.io/en/stable/photdata.html) or of the zoo, of one object or
of many. The name of the object, and its redshift and reddening, may stand in `meta`. A
column of times becomes its MJD, in its own time scale; numbers with a unit become days.
The unit of the flux, or a zero point column, gives the zero point.
"""

import warnings
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from zoo.columns import METADATA
from zoo.datasets.readers.files import arrow, magnitudes, units
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.limits import readable
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.metadata import split
from zoo.light_curves.photometry import ReadOptions

_KINDS = ("ecsv", "astropy_parquet", "astropy")
_IN_META = {
    "object_id": ("object_id", "OBJECT", "object", "objectId", "name", "SNID", "id"),
    **METADATA,
}


def _accepts(source: Source) -> bool:
    if source.kind in ("fits", "votable"):
        return magnitudes.is_light_curve(source.columns)
    return source.kind in _KINDS


def _tables(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Tables:
    tables = [source.read(_flat, left_out, options) for source in sources]
    return split(pd.concat(tables, ignore_index=True))


def _flat(source: Source, left_out: Counter[str], options: ReadOptions) -> pd.DataFrame:
    table = _open(source)
    names = magnitudes.meanings(table.colnames)
    if not magnitudes.is_light_curve(table.colnames):
        raise ValueError(
            f"{source.name}: {magnitudes.lacking(names.values(), table.colnames)}"
        )
    flat = pd.DataFrame({ours: _plain(table[key]) for key, ours in names.items()})
    for name, spellings in _IN_META.items():
        key = next((key for key in spellings if key in table.meta), None)
        if name not in flat and key is not None:
            flat[name] = table.meta[key]
    if "object_id" not in flat:
        raise ValueError(
            f"{source.name}: neither a column nor `meta` names the object. Set "
            "meta['object_id']."
        )
    stated = {ours: _unit(table[key]) for key, ours in names.items()}
    stated = magnitudes.units_in_names(names) | {k: v for k, v in stated.items() if v}
    flat, united = units.apply(flat, stated, source.name)
    flat = magnitudes.to_fluxes(flat, options, left_out, source.name)
    if united:
        options = replace(options, zeropoint=None)
    return units.light_curve_columns(flat, options)


def _open(source: Source) -> Any:
    if source.kind == "astropy":
        return source.value
    from astropy.table import Table

    if source.kind == "astropy_parquet":
        arrow.frame(source.file, "parquet")  # its size is checked
        with readable(source.name, "read as an astropy table"):
            return Table.read(source.file, format="parquet")
    with (
        readable(source.name, "read as an astropy table"),
        warnings.catch_warnings(),
        source.open() as file,
    ):
        warnings.filterwarnings("error", "(?s).*truncated")
        if source.kind == "fits":
            return Table.read(file, format="fits", hdu=1)
        if source.kind == "votable":
            return Table.read(file, format="votable")
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


FORMAT = Format(
    name="astropy",
    what="an astropy table",
    looks_for=(
        "an astropy table (ECSV, FITS, VOTable or in memory: time, band, and flux, "
        "flux_err or mag, mag_err)"
    ),
    accepts=_accepts,
    tables=_tables,
    states_unit=False,
)
