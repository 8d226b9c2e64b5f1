"""A light-curve table: the zoo's own format (`zoo.light_curves.table`)."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from zoo.light_curves.folder import read_folder
from zoo.light_curves.ragged import LightCurves

LOOKS_FOR = "photometry.parquet or photometry.csv, a light-curve table"


def found(folder: Path) -> bool:
    """Whether the folder holds files of this format."""
    names = ("photometry.parquet", "photometry.csv")
    return any((folder / name).is_file() for name in names)


def read(folder: str | PathLike[str]) -> Iterator[LightCurves]:
    """Read the light-curve table in a folder, all at once.

    Raises:
        ValueError: the table breaks a rule; see `zoo.light_curves.table.from_tables`.
    """
    yield read_folder(folder)
