"""Readers of data that are no light-curve tables, such as alert packets.

Packages offer them as entry points of the group `transient_zoo.readers`;
`zoo.datasets.readers.formats` is ours. In the `pyproject.toml` of a package:

    [project.entry-points."transient_zoo.readers"]
    my_survey = "my_package.module:read"

A reader is called with a list of paths and objects in memory, and with the fields of
`zoo.light_curves.photometry.ReadOptions` as keyword arguments. It returns an `Opened`,
or raises `UnknownFormat` where the data are not of its kind.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Protocol

import pandas as pd

from zoo.light_curves.columns import shown
from zoo.light_curves.folder import TableFiles, table_files
from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.sources.files import column_names, holds_photometry
from zoo.light_curves.sources.named import existing, is_path
from zoo.light_curves.table import Part

READERS = "transient_zoo.readers"
"""Group of the entry points of further readers."""


class UnknownFormat(ValueError):
    """A file that may be sound, but is of no known format."""


class Incomplete(UnknownFormat):
    """A file that is near to a known format; the message says what it lacks."""


class Opened(Protocol):
    """What a reader of another format has read.

    Attributes:
        left_out: number of rows or files that were left out, by reason.
    """

    @property
    def left_out(self) -> Mapping[str, int]: ...  # noqa: D102

    def describe(self) -> str:
        """One sentence: what was read, and what was left out."""

    def part(self, metadata: pd.DataFrame | None, *, whole: bool) -> Part:
        """The light curves, as by `zoo.light_curves.table.build`.

        Args:
            metadata: given in place of, and beside, those of the data.
            whole: whether the data are all observations.
        """


def sort_out(
    items: Iterable[Any], options: ReadOptions = DEFAULT
) -> tuple[list[TableFiles], list[Any]]:
    """Part files and folders with light-curve tables from data for other readers.

    Where the user names a format, its reader takes all of them.

    Returns:
        The files of each table, and the other items.

    Raises:
        FileNotFoundError: there is no such file or folder.
    """
    tables: list[TableFiles] = []
    others = []
    for item in items:
        files = table_files(existing(item)) if is_path(item) else None
        reader = options.format is not None or (files and _needs_reader(files))
        if files is None or reader:
            others.append(item)
        else:
            tables.append(files)
    return tables, others


def _needs_reader(files: TableFiles) -> bool:
    """Whether a folder holds another table in place of a light-curve table."""
    try:
        column_names(files.photometry)
    except ValueError:
        return False
    return not holds_photometry(files.photometry)


def open_others(items: list[Any], options: ReadOptions = DEFAULT) -> Opened:
    """Open data that are no light-curve tables, by the first reader that knows them.

    Raises:
        UnknownFormat: there is none.
        ValueError: the data are damaged or break a rule.
    """
    for item in items:
        module = type(item).__module__.partition(".")[0]
        readable = is_path(item) or isinstance(item, pd.DataFrame | Mapping | bytes)
        if module in ("builtins", "numpy", "pandas") and not readable:
            raise ValueError(
                f"data of type {type(item).__name__} cannot be read. Give the folder "
                "of a light-curve table, a (photometry, metadata) pair of frames, "
                "alert packets (bytes or dictionaries), or a tfds data set of "
                "zoo.datasets."
            )
    refusal = None
    for reader in _readers():
        try:
            return reader(items, **vars(options))
        except UnknownFormat as error:
            refusal = error
    raise refusal or UnknownFormat(
        f"no reader is installed for {shown(items[0])}, as no package has an entry "
        f"point {READERS}. Reinstall transient-zoo, which has one."
    )


@cache
def _readers() -> list[Callable[..., Opened]]:
    """The readers that packages offer; to find them takes milliseconds."""
    found = sorted(entry_points(group=READERS), key=lambda one: one.name)
    return [reader.load() for reader in found]
