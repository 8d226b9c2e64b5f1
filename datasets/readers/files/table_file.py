"""A light-curve table in one file or in memory: parquet, Arrow, CSV, pandas."""

from collections import Counter
from pathlib import Path

import pandas as pd

from zoo.datasets.readers.files import columns
from zoo.datasets.readers.files.inspection import inspect
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.folder import table_files

_METADATA = {"redshift", "mwebv", "label"}


def accepts(source: Source) -> bool:
    """Whether the source is of this format."""
    return _is_photometry(source) or _is_metadata(source)


def read_sources(
    sources: list[Source], left_out: Counter[str], zeropoint: float | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read tables with one row per observation.

    Args:
        sources: the files; an object may be in several. Among them may be metadata
            tables, with `object_id` and `redshift`, `mwebv` or `label`.
        left_out: nothing is; `zoo.light_curves.table` checks every row.
        zeropoint: AB zero point of the fluxes where no column says it; 27.5 if none.

    Returns:
        Photometry at zero point 27.5, and the metadata, which the rows may repeat.

    Raises:
        ValueError: a file is damaged, or an object has two values of a column.
    """
    del left_out
    texts = columns.ALIASES["object_id"]
    tables = []
    for source in sources:
        if _is_photometry(source):
            with source.named():
                tables.append(columns.renamed(source.frame(texts), zeropoint))
    if not tables:
        held = ", ".join(sorted(sources[0].columns))
        raise ValueError(
            f"{sources[0].name} has the columns {held}: it is no photometry, which has "
            f"{', '.join(columns.REQUIRED)}. Give that as well."
        )
    photometry, repeated = columns.split(pd.concat(tables, ignore_index=True))
    given = [one.frame(texts) for one in sources if not _is_photometry(one)]
    return photometry, pd.concat(given, ignore_index=True) if given else repeated


def _whole_folder(folder: Path) -> list[Source]:
    return [inspect(path) for path in table_files(folder) or () if path]


def _is_photometry(source: Source) -> bool:
    return source.tabular and columns.has(columns.REQUIRED, source.columns)


def _is_metadata(source: Source) -> bool:
    return (
        source.tabular
        and "object_id" in source.columns
        and bool(_METADATA & source.columns)
    )


FORMAT = Format(
    name="table",
    what="a light-curve table",
    looks_for="a light-curve table (object_id, mjd, band, flux, flux_err)",
    accepts=accepts,
    tables=read_sources,
    states_unit=False,
    whole_folder=_whole_folder,
)
