"""A light-curve table in one file or in memory: parquet, Arrow, CSV, pandas.

With fluxes, or with magnitudes (`zoo.datasets.readers.files.magnitudes`).
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd

from zoo.columns import COLUMNS, PHOTOMETRY
from zoo.datasets.readers.files import magnitudes, units
from zoo.datasets.readers.files.inspection import inspect
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.columns import has, renamed
from zoo.light_curves.folder import table_files
from zoo.light_curves.metadata import split
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.sources.files import read_frame

_METADATA = ("redshift", "mwebv", "label")


def _accepts(source: Source) -> bool:
    return _is_photometry(source) or _is_metadata(source)


def _tables(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Tables:
    """Photometry, and the metadata of further files or else of its rows."""
    photometry, metadata = [], []
    for source in sources:
        frame = source.read(_frame, left_out, options)
        (photometry if _is_photometry(source) else metadata).append(frame)
    if not photometry:
        columns = sorted(sources[0].columns)
        if has(("band",), columns):  # which metadata have not
            names = magnitudes.meanings(columns).values()
            lacking = magnitudes.lacking(names, columns, ["object_id"])
            raise ValueError(f"{sources[0].name}: {lacking}")
        raise ValueError(
            f"{sources[0].name} has the columns {', '.join(columns)}: it is no "
            f"photometry, which has {', '.join(COLUMNS)}. Give that as well."
        )
    rows = pd.concat(photometry, ignore_index=True)
    if metadata:
        return rows, pd.concat(metadata, ignore_index=True)
    return split(rows)


def _frame(
    source: Source, left_out: Counter[str], options: ReadOptions
) -> pd.DataFrame:
    is_csv = source.kind == "csv"
    frame = renamed(read_frame(source.file) if is_csv else source.frame())
    if not _is_photometry(source):
        return frame
    names = magnitudes.meanings(source.columns)
    stated = magnitudes.units_in_names(names)
    stated |= {names[key]: unit for key, unit in source.units if key in names}
    frame = frame.rename(columns=magnitudes.meanings(frame.columns))
    frame, united = units.apply(frame, stated, source.name)
    frame = magnitudes.to_fluxes(frame, options, left_out, source.name)
    if united:
        options = replace(options, zeropoint=None)
    return units.light_curve_columns(frame, options)


def _whole_folder(folder: Path) -> list[Source]:
    files = table_files(folder)
    return [inspect(path) for path in files[:2] if path] if files else []


def _is_photometry(source: Source) -> bool:
    return source.tabular and magnitudes.is_light_curve(source.columns, ["object_id"])


def _is_metadata(source: Source) -> bool:
    return (
        source.tabular
        and "object_id" in source.columns  # other names are those of survey exports
        and any(has((name,), source.columns) for name in _METADATA)
    )


def _hint(source: Source) -> str | None:
    """For a table of magnitudes without errors."""
    if not source.tabular and source.kind not in ("fits", "votable"):
        return None
    needed = ["object_id"]
    if magnitudes.is_light_curve(
        source.columns, needed
    ) or not magnitudes.is_light_curve({*source.columns, "mag_err"}, needed):
        return None
    names = magnitudes.meanings(source.columns).values()
    return f"{source.name}: {magnitudes.lacking(names, sorted(source.columns))}"


FORMAT = Format(
    name="table",
    what="a light-curve table",
    looks_for=(
        "a light-curve table (object_id, mjd, band, and flux, flux_err or mag, mag_err)"
    ),
    accepts=_accepts,
    tables=_tables,
    states_unit=False,
    whole_folder=_whole_folder,
    hint=_hint,
    layouts={
        "a light-curve table": tuple(PHOTOMETRY[column] for column in COLUMNS),
        "a table of magnitudes": (
            *(PHOTOMETRY["object_id"], (*PHOTOMETRY["mjd"], *magnitudes.DATES)),
            *(PHOTOMETRY["band"], *magnitudes.MAGNITUDES.values()),
        ),
    },
)
