"""What the reader of a format offers to `zoo.datasets.readers.formats`."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from zoo.datasets.readers.files.source import Source
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import LightCurves

Tables: TypeAlias = tuple[pd.DataFrame, pd.DataFrame]
"""Photometry at zero point 27.5, and metadata with one row per object."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: how it is recognised, and how it is read.

    A reader gives either `light_curves` or `tables`, functions of the sources, of a
    counter of what they leave out, by reason, and of what the user knows of the data.
    They raise ValueError, with the name of the file, where a file is damaged or breaks
    a rule.

    Attributes:
        name: its name in `FORMATS`.
        what: the format in words, to report what was read.
        looks_for: the files to give, for a user who gave others.
        accepts: whether a file or an object in memory is of this format.
        light_curves: reads sources as light curves, some objects at a time.
        tables: reads sources as `Tables`.
        states_unit: whether the files state the unit of their fluxes. Then no zero
            point can be given.
        whole_folder: the sources of a folder that is of this format as a whole, and an
            empty list for any other folder.
        file_names: what the paths of its files look like, relative to the folder of a
            survey. None: its files bear any name, and a survey is not built from them.
        layouts: the columns that its tables need, each under any of some names, by what
            a table with them is; to tell a user what a table lacks.
        hint: what to do with a file that belongs to this format without being of it;
            None for any other file.
    """

    name: str
    what: str
    looks_for: str
    accepts: Callable[[Source], bool]
    light_curves: (
        Callable[[list[Source], Counter[str], ReadOptions], Iterator[LightCurves]]
        | None
    ) = None
    tables: Callable[[list[Source], Counter[str], ReadOptions], Tables] | None = None
    states_unit: bool = True
    whole_folder: Callable[[Path], list[Source]] | None = None
    file_names: re.Pattern[str] | None = None
    layouts: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    hint: Callable[[Source], str | None] | None = None
