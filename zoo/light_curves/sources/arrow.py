"""Arrow tables: as frames or arrays, and the units that their columns state."""

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import pandas as pd
import pyarrow as pa

from zoo.light_curves.columns import TEXTS, canonical, is_photometry


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a frame.

    Raises:
        ValueError: it is damaged.
    """
    _validate(table)
    return table.to_pandas()


def to_columns(table: pa.Table, further: Collection[str] = ()) -> dict[str, Any] | None:
    """The columns of photometry in an Arrow table, and further ones of numbers, several
    times faster than a frame; None where one needs pandas: for missing values, other
    types, a named index.

    Raises:
        ValueError: it is damaged.
    """
    schema = table.schema
    names = schema.names
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    unnamed = all(isinstance(one, dict) and one.get("name") is None for one in index)
    if not is_photometry(names) or len(set(names)) < len(names) or not unnamed:
        return None
    _validate(table)
    columns = {}
    known = canonical(names) | {name: name for name in names if name in further}
    for name, meaning in known.items():
        values, types = table[name], pa.types
        if types.is_string_view(values.type):  # of polars
            values = values.cast(pa.large_string())
        kind = values.type
        text = types.is_string(kind) or types.is_large_string(kind)
        number = types.is_integer(kind) or types.is_floating(kind)
        if values.null_count or not (text if meaning in TEXTS else number):
            return None
        columns[name] = values if text else values.to_numpy()
    return columns


def _validate(table: pa.Table) -> None:
    """Refuse a damaged table: wrong offsets in it would read beyond its buffers."""
    try:
        table.validate(full=True)
    except pa.ArrowException as error:
        reason = str(error).partition("\n")[0]
        raise pa.ArrowInvalid(f"the Arrow table is damaged: {reason}") from None


def by_astropy(schema: pa.Schema) -> bool:
    """Whether astropy wrote a parquet file, with the units of its columns."""
    return b"table_meta_yaml" in (schema.metadata or {})


def stated_units(schema: pa.Schema) -> dict[str, str]:
    """The units that columns state: as metadata of a field (`unit` or `units`), in the
    attribute `units` of the frame that pandas wrote, or in the header of astropy."""
    units: dict[str, str] = {}
    attributes = (schema.metadata or {}).get(b"PANDAS_ATTRS", b"{}")
    with suppress(ValueError, AttributeError, TypeError):
        of_frame = json.loads(attributes).get("units", {})
        units |= {name: str(of_frame[name]) for name in of_frame if of_frame[name]}
    if by_astropy(schema):
        from astropy.table import meta

        text = schema.metadata[b"table_meta_yaml"].decode("utf-8", "replace")
        with suppress(meta.YamlParseError, KeyError, TypeError):
            columns = meta.get_header_from_yaml(text.split("\n"))["datatype"]
            units |= {one["name"]: str(one["unit"]) for one in columns if "unit" in one}
    for field in schema:
        for key, value in (field.metadata or {}).items():
            if key.lower() in (b"unit", b"units") and value.strip():
                units[field.name] = value.decode("utf-8", "replace").strip()
    return units


def has_units(schema: pa.Schema) -> bool:
    """Whether fluxes or times state a unit, which a reader has to convert."""
    names = canonical(name for name in stated_units(schema) if name in schema.names)
    return not {"mjd", "flux", "flux_err"}.isdisjoint(names.values())
