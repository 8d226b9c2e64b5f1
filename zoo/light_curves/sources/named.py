"""Data that are given by a name: a file or folder by its path, or a data set.

Data sets such as `bts` are entry points of the group `transient_zoo.data_sets`:
functions that take the name, which may go on after a slash, and a split or None, and
return `LightCurves`.
"""

import os
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from os import PathLike
from pathlib import Path
from typing import Any

from zoo.light_curves.columns import shown
from zoo.light_curves.ragged import LightCurves
from zoo.spelling import did_you_mean

DATA_SETS = "transient_zoo.data_sets"
"""Group of the entry points of data sets, by their names."""

_SHOWN = 20  # characters of a text that is no path


def data_set(data: Any) -> Callable[[str, str | None], LightCurves] | None:
    """What reads a data set by its name; None where the data are no name of one.

    Example:
        >>> data_set("my_table") is data_set(b"a packet") is None
        True
    """
    known = data.partition("/")[0] in data_sets() if isinstance(data, str) else False
    return data_sets()[data.partition("/")[0]].load() if known else None


def called(data: Any) -> str:
    """What to call data in a result: their name or path; objects in memory have none.

    Example:
        >>> called(Path("tables") / "mine"), called(b"a packet")
        ('tables/mine', '')
    """
    return str(data) if is_path(data) else ""


def existing(item: str | PathLike[str]) -> Path:
    """The path of a file or folder.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is something else, or the text is JSON.
    """
    if isinstance(item, str) and item.lstrip().startswith(('{"', "[{")):
        raise ValueError(
            f"{shown(item[:_SHOWN])} is JSON, not a path. Give it as bytes "
            "(text.encode()) or decoded (json.loads)."
        )
    path = Path(item)
    # Of a text that no path can be, such as a long one, pathlib raises OSError.
    if str(item) and (os.path.isfile(path) or os.path.isdir(path)):
        return path
    if str(item) and os.path.exists(path):
        raise ValueError(
            f"{path} is not a regular file. Write the data to a file and give that."
        )
    raise FileNotFoundError(
        f"{str(item) or repr('')} does not exist. Give a light-curve table (a folder, "
        "a file or a frame), files of a survey or broker, or the name of a data set "
        f"({', '.join(data_sets())}).{did_you_mean(item, data_sets())}"
    )


def is_path(item: Any) -> bool:
    """Whether an item is a path, or a text that may be one."""
    return isinstance(item, str | PathLike)


@cache
def data_sets() -> Mapping[str, EntryPoint]:
    """The data sets that packages offer, by name."""
    return {one.name: one for one in entry_points(group=DATA_SETS)}
