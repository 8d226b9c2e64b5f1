"""Tables in memory: frames of pandas, pyarrow, polars and astropy, and dictionaries."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from zoo.light_curves.columns import find, given_columns, has, is_photometry
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.sources.arrow import has_units, to_columns, to_frame
from zoo.light_curves.sources.files import is_astropy, read_astropy, read_frame
from zoo.light_curves.sources.named import existing, is_path
from zoo.light_curves.values import is_real


def states_units(data: Any) -> bool:
    """Whether columns of a frame state units, which a reader converts."""
    if isinstance(data, pd.DataFrame):
        return bool(data.attrs.get("units"))
    schema = getattr(data, "schema", None)
    return isinstance(schema, pa.Schema) and has_units(schema)


def columns_of(data: Any, options: ReadOptions) -> dict[str, Any] | None:
    """The columns of a light-curve table that needs no frame to be read."""
    if isinstance(data, Mapping):
        return given_columns(data, options.columns)
    if isinstance(data, pd.DataFrame) or states_units(data):
        return None
    table = _arrow(data)
    return None if table is None else to_columns(table, options.columns)


def frame_of(data: Any, further: Collection[str] = ()) -> pd.DataFrame | None:
    """A table in memory as a frame of pandas; None where the data are no table."""
    if isinstance(data, Mapping):
        columns = given_columns(data, further)
        return None if columns is None else pd.DataFrame(columns)
    if isinstance(data, pd.DataFrame):
        # A subclass, such as that of nested-pandas, has methods of its own.
        return data if type(data) is pd.DataFrame else pd.DataFrame(data)
    table = _arrow(data)
    return None if table is None else to_frame(table)


def _arrow(data: Any) -> pa.Table | None:
    if isinstance(data, pa.Table) or not hasattr(data, "__arrow_c_stream__"):
        return data if isinstance(data, pa.Table) else None
    try:
        return pa.table(data)
    except pa.ArrowInvalid:  # one column, such as a pandas Series
        return None


def metadata_frame(metadata: Any) -> Any:
    """Metadata as a frame: of pandas, pyarrow, polars, astropy, or in a file."""
    if is_path(metadata):
        path = existing(metadata)
        if not is_astropy(path):
            return read_frame(path)
        metadata = read_astropy(path)
    if hasattr(metadata, "colnames"):  # an astropy table
        metadata = metadata.copy()
        metadata.convert_bytestring_to_unicode()  # of FITS
        return metadata.to_pandas()
    frame = frame_of(metadata)
    return metadata if frame is None else frame


def is_nested(frame: pd.DataFrame) -> bool:
    """Whether a frame holds lists of observations, or light curves as structs."""
    columns = frame.columns
    if columns.nlevels > 1 or columns.has_duplicates:
        return False
    names = columns.tolist()
    flat = is_photometry(names)
    if flat and is_real(frame[find("mjd", names)].dtype):
        return False
    lists = [name for name in names if _holds_lists(frame[name])]
    return has(("mjd", "flux"), lists) if flat else bool(lists)


def _holds_lists(column: pd.Series) -> bool:
    """Whether a column holds lists or structs, by its Arrow type or its first value."""
    arrow = getattr(column.dtype, "pyarrow_dtype", None)  # of nested-pandas too
    if arrow is not None:
        return bool(arrow.num_fields)
    known = np.flatnonzero(column.notna())
    kinds = (list, tuple, dict, np.ndarray, pd.DataFrame)
    return len(known) > 0 and isinstance(column.iloc[known[0]], kinds)
