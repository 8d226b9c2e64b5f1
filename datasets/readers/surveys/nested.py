"""Nested tables: one row per object, with lists of observations.

As pandas and Arrow lists, and as nested-pandas and LSDB write them: one column of
structs that holds all the lists.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from zoo.datasets.readers.files import magnitudes, units
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.columns import find, has, renamed
from zoo.light_curves.photometry import ReadOptions

_OF_ROWS = (
    *("mjd", "jd", "band", "flux", "flux_err", "mag", "mag_err", "upper_limit"),
    *("detected", "zeropoint", "zpsys", "wavelength"),
)
_CONSTANT = ("zeropoint", "zpsys")  # may also be one value per object


def _accepts(source: Source) -> bool:
    return (
        source.tabular
        and has(("object_id",), source.columns)
        and (magnitudes.is_light_curve(source.nested) or bool(_struct(source)))
    )


def _tables(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Tables:
    """Photometry, and every further column as metadata."""
    parts = [source.read(_flat, left_out, options) for source in sources]
    photometry, metadata = zip(*parts, strict=True)
    return (
        pd.concat(photometry, ignore_index=True),
        pd.concat(metadata, ignore_index=True),
    )


def _struct(source: Source) -> str | None:
    """The column of structs that holds the lists."""
    fits = magnitudes.is_light_curve
    return next((name for name, inner in source.structs if fits(inner)), None)


def _flat(source: Source, left_out: Counter[str], options: ReadOptions) -> Tables:
    table = source.frame().reset_index(drop=True)
    struct = _struct(source)
    if struct:
        # By name: an object without observations may not name its lists.
        of_rows = magnitudes.meanings(sorted(dict(source.structs)[struct]))
        opened = pd.DataFrame(
            [_lists(one, left_out) for one in table.pop(struct)],
            columns=[name for name, ours in of_rows.items() if ours in _OF_ROWS],
            dtype=object,
        )
        table = table.join(opened)
        nested = list(opened.columns)
    else:
        nested = [name for name in table.columns if name in source.nested]
    identity = find("object_id", table.columns)
    ours = magnitudes.meanings(nested)
    lists = [name for name in nested if ours.get(name) in _OF_ROWS]
    lengths = table[lists].map(lambda value: len(value) if np.iterable(value) else 0)
    if (lengths.nunique(axis=1) > 1).any():
        at = int((lengths.nunique(axis=1) > 1).to_numpy().argmax())
        counts = ", ".join(f"{name} {n}" for name, n in lengths.iloc[at].items())
        raise ValueError(
            f"the lists of object {table[identity].iloc[at]!r} differ in length "
            f"({counts}). Give one value per observation in each."
        )
    each = lengths.max(axis=1).fillna(0).to_numpy(int)
    flat = pd.DataFrame({ours[name]: _joined(table[name].dropna()) for name in lists})
    flat.insert(0, "object_id", table[identity].to_numpy().repeat(each))
    for name in _CONSTANT:
        constant = find(name, table.columns)
        if constant is not None and constant not in lists:
            flat[name] = table[constant].to_numpy().repeat(each)
    stated = magnitudes.units_in_names(ours)
    stated |= {ours[name]: unit for name, unit in source.units if name in ours}
    flat, united = units.apply(flat, stated, source.name)
    flat = magnitudes.to_fluxes(flat, options, left_out, source.name)
    if united:
        options = replace(options, zeropoint=None)
    photometry = units.light_curve_columns(flat, options)
    return photometry, renamed(table.drop(columns=nested))


def _joined(lists: pd.Series) -> np.ndarray:
    return np.concatenate([np.asarray(one) for one in lists] or [np.empty(0)])


def _lists(value: object, left_out: Counter[str]) -> dict[str, list]:
    """A struct of lists, or a list of structs, as lists by name; none where it is empty
    or missing. Structs that are missing in a list are counted."""
    if not np.iterable(value):
        return {}
    if isinstance(value, dict):
        return value
    if isinstance(value, pd.DataFrame):
        return {str(name): value[name].to_numpy() for name in value}
    structs = list(value)  # type: ignore[call-overload]
    records = [one for one in structs if isinstance(one, dict)]
    left_out["empty observations"] += len(structs) - len(records)
    return {name: [one[name] for one in records] for name in (records or [{}])[0]}


FORMAT = Format(
    name="nested",
    what="a nested table",
    looks_for="a nested table (one row per object, lists of mjd, band, flux, flux_err)",
    accepts=_accepts,
    tables=_tables,
    states_unit=False,
)
