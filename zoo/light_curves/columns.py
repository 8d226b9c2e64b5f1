"""Columns of a light-curve table, and the names that others give them.

Photometry and metadata share these rules, by every way in: a folder, a file of any
kind, an object in memory.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray

from zoo.columns import COLUMNS, METADATA, PHOTOMETRY

Columns: TypeAlias = Mapping[Any, Any] | pd.DataFrame
"""The columns of a table by name: each a 1-d array of numpy or pandas, a Series, or
texts of Arrow without a missing one; one value per row. To read a column of a frame
takes far longer."""

TEXTS = ("object_id", "band", "zpsys", "label")
"""Columns of text; of the others, most are numbers."""

_EXPORT = {"obj_id", "instrument_name"}  # of SkyPortal, where exposures stand twice
_LONGEST = 100  # characters of a value in a message
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
    names = {_CANONICAL.get(column) for column in columns}
    return names.issuperset(wanted)


def is_photometry(columns: Collection[str]) -> bool:
    """Whether a table with these columns is a light-curve table, one row per
    observation, that needs no reader of its own."""
    return has(COLUMNS, columns) and not _EXPORT <= set(columns)


def renamed(table: pd.DataFrame) -> pd.DataFrame:
    """A table with our names; columns that pandas made an index count as well.

    Raises:
        ValueError: two columns stand for one.
    """
    names = canonical(table.columns.tolist())
    if table.index.names != [None]:
        in_index = canonical(name for name in table.index.names if name is not None)
        if set(in_index.values()) - set(names.values()):
            table = table.reset_index()
            names = canonical(table.columns)
    if all(column == name for column, name in names.items()):
        return table
    return table.rename(columns=names)


def known_columns(
    table: Columns, name: str, further: Collection[str] = ()
) -> dict[Any, Any]:
    """The columns of photometry or metadata that have a meaning, by our names, and
    further ones.

    Raises:
        ValueError: it is no table, lacks one of `COLUMNS`, has one twice, or two that
            stand for one.
    """
    if isinstance(table, pd.DataFrame):
        names = table.columns.tolist()
        refuse_twice(names, f"the {name} table")
        if not set(COLUMNS) <= set(names) <= PHOTOMETRY.keys():  # most tables
            table = renamed(table)
            names = table.columns.tolist()
    elif isinstance(table, dict):
        ours = canonical(table)
        table = {ours.get(column, column): values for column, values in table.items()}
        _require(list(table), COLUMNS, name)
        return table
    else:
        raise ValueError(f"the {name} is a {type(table).__name__}, not a DataFrame.")
    _require(names, COLUMNS, name)
    return {
        one: plain(table[one]) for one in names if one in _CANONICAL or one in further
    }


def given_columns(
    data: Mapping[str, Any], further: Collection[str] = ()
) -> dict[str, Any] | None:
    """A light-curve table as a dictionary of its columns, those that have a meaning and
    further ones; None where it is something else, such as a packet.

    A column is a list or an array of one value per row; a single value stands for all
    rows.

    Raises:
        ValueError: the columns differ in length, or two stand for one.

    Example:
        >>> given_columns({"object_id": "a", "mjd": [60000.0, 60003.0], "band": "ztfg",
        ...     "flux": [900.0, 1100.0], "flux_err": [30.0, 30.0]})["band"]
        array(['ztfg', 'ztfg'], dtype=object)
    """
    if not is_photometry(data):
        return None
    lists = {name for name, values in data.items() if _is_list(values)}
    if not has(("mjd", "flux"), lists):
        return None
    names = canonical(data) | {name: name for name in data if name in further}
    columns = {name: _column(data[name], name) for name in names if name in lists}
    rows = {len(column) for column in columns.values()}
    if len(rows) > 1:
        counts = ", ".join(f"{name} {len(one)}" for name, one in columns.items())
        raise ValueError(
            f"the columns of the photometry differ in length ({counts}). Give one "
            "value per observation in each."
        )
    (count,) = rows
    single = names.keys() - lists
    return columns | {name: np.full(count, data[name], object) for name in single}


def _is_list(values: Any) -> bool:
    """Whether a value is a list or an array, of one dimension or more."""
    is_list = pd.api.types.is_list_like(values, allow_sets=False)
    return is_list and not isinstance(values, Mapping) and hasattr(values, "__len__")


def _column(values: Any, name: str) -> Any:
    """A list or an array as an array of numpy or pandas; texts may stay objects."""
    if isinstance(values, list | tuple):
        objects = np.fromiter(values, object, len(values))
        kind = pd.api.types.infer_dtype(objects, skipna=False)
        if kind == "string":
            return objects
        if kind == "floating":
            return objects.astype(np.float64)
    elif not isinstance(values, np.ndarray | pd.Series | ExtensionArray):
        values = np.asarray(values)
    if np.ndim(values) > 1:
        raise ValueError(
            f"the column {name} is an array of shape {np.shape(values)}. Give one "
            "value per observation."
        )
    if type(values) is np.ndarray and values.dtype.kind in "biufO":
        return values
    return plain(pd.Series(values))


def plain(column: Any) -> Any:
    """A column as an array of numpy, or of pandas where numpy has no such type."""
    if isinstance(column, pa.ChunkedArray):
        column = column.to_pandas()
    if not isinstance(column, pd.Series):
        return column
    dtype = column.dtype
    simple = isinstance(dtype, np.dtype) and dtype.kind in "biufcO"
    return column.to_numpy() if simple else column.array


def require_columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    """Raise ValueError where a frame lacks a column, or has one twice."""
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"the {name} is a {type(table).__name__}, not a DataFrame.")
    names = table.columns.tolist()  # an index of pandas takes ten times as long
    refuse_twice(names, f"the {name} table")
    _require(names, columns, name)


def _require(names: list[Any], columns: tuple[str, ...], name: str) -> None:
    missing = [column for column in columns if column not in names]
    if missing:
        raise ValueError(
            f"the {name} table lacks the column(s) {', '.join(missing)}; it has "
            f"{', '.join(map(str, names)) or 'none'}. Rename or add them."
        )


def refuse_twice(columns: Iterable[Any], table: str) -> None:
    """Raise ValueError where two columns of a table have one name."""
    names = list(columns)
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ValueError(f"{table} has two columns {shown(twice)}. Keep one.")


def shown(value: Any) -> str:
    """A value of any kind in a message: on one line, and not a long one."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
