"""A light-curve table in one file or in memory: parquet, Arrow, CSV, pandas."""

from collections import Counter
from pathlib import Path

import pandas as pd

from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.inspection import inspect
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.columns import COLUMNS, PHOTOMETRY, has, is_photometry, renamed
from zoo.light_curves.files import read_frame
from zoo.light_curves.folder import table_files
from zoo.light_curves.metadata import split
from zoo.light_curves.photometry import ReadOptions

_METADATA = ("redshift", "mwebv", "label")


def _accepts(source: Source) -> bool:
    return _is_photometry(source) or _is_metadata(source)


def _tables(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Tables:
    """Photometry, and the metadata of further files or else of its rows."""
    del left_out  # `zoo.light_curves.table` checks every row
    photometry, metadata = [], []
    for source in sources:
        frame = source.read(_frame, options.zeropoint)
        (photometry if _is_photometry(source) else metadata).append(frame)
    if not photometry:
        columns = ", ".join(sorted(sources[0].columns))
        raise ValueError(
            f"{sources[0].name} has the columns {columns}: it is no photometry, which "
            f"has {', '.join(COLUMNS)}. Give that as well."
        )
    rows = pd.concat(photometry, ignore_index=True)
    if metadata:
        return rows, pd.concat(metadata, ignore_index=True)
    return split(rows)


def _frame(source: Source, zeropoint: float | None) -> pd.DataFrame:
    is_csv = source.kind == "csv"
    frame = renamed(read_frame(source.file) if is_csv else source.frame())
    if _is_photometry(source):
        return units.light_curve_columns(frame, zeropoint)
    return frame


def _whole_folder(folder: Path) -> list[Source]:
    files = table_files(folder)
    return [inspect(path) for path in files[:2] if path] if files else []


def _is_photometry(source: Source) -> bool:
    return source.tabular and is_photometry(source.columns)


def _is_metadata(source: Source) -> bool:
    return (
        source.tabular
        and "object_id" in source.columns  # other names are those of survey exports
        and any(has((name,), source.columns) for name in _METADATA)
    )


FORMAT = Format(
    name="table",
    what="a light-curve table",
    looks_for="a light-curve table (object_id, mjd, band, flux, flux_err)",
    accepts=_accepts,
    tables=_tables,
    states_unit=False,
    whole_folder=_whole_folder,
    layouts={
        "a light-curve table": tuple(PHOTOMETRY[column] for column in COLUMNS),
    },
)
