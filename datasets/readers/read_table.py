"""What was read: light curves or tables, and how much was left out."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.interface import Tables
from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import Part, as_part, build, dropped_messages


@dataclass(frozen=True, eq=False)
class ReadTable:
    """What was read.

    Attributes:
        content: what the reader made: light curves, or photometry and metadata.
        format: a name of `zoo.datasets.readers.FORMATS`.
        what: the same in words.
        files: number of files, or of objects in memory.
        left_out: number of rows or files left out, by reason.
        source: the first of the files, or the object in memory, for messages.
        options: what names of passbands in `content` stand for.
        kind: `files` or `packets`, for messages.
    """

    content: LightCurves | Tables
    format: str
    what: str
    files: int
    left_out: Mapping[str, int]
    source: str
    options: ReadOptions = DEFAULT
    kind: str = "files"

    @cached_property
    def _tables(self) -> Tables:
        if isinstance(self.content, LightCurves):
            return self.content.to_tables()
        return self.content

    @property
    def photometry(self) -> pd.DataFrame:
        """One row per observation, flux at zero point 27.5.

        `object_id, mjd, band, flux, flux_err` and, where the survey gives it,
        `detected`.
        """
        return self._tables[0]

    @property
    def metadata(self) -> pd.DataFrame:
        """One row per object."""
        return self._tables[1]

    @property
    def object_id(self) -> np.ndarray:
        """Ids of the objects, with or without observations, str `(n,)`, each once."""
        if isinstance(self.content, LightCurves):
            return self.content.object_id
        tables = [table for table in self.content[::-1] if "object_id" in table]
        names = [name for table in tables for name in table["object_id"].astype(str)]
        return pd.unique(np.array(names, dtype=object))

    @property
    def objects(self) -> int:
        """Number of objects, with or without observations."""
        return len(self.object_id)

    @property
    def rows(self) -> int:
        """Number of observations."""
        if isinstance(self.content, LightCurves):
            return len(self.content.mjd)
        return len(self.photometry)

    def describe(self) -> str:
        """One sentence: what was read, and what was left out."""
        counts = ", ".join(f"{n:,} {reason}" for reason, n in self.left_out.items())
        return (
            f"read {self.what} from {self._where()}: {_count(self.objects, 'object')}, "
            f"{_count(self.rows, 'observation')}"
            f"{f'; left out {counts}' if counts else ''}."
        )

    def light_curves(self) -> LightCurves:
        """The light curves, with every check of `zoo.light_curves.table`.

        Raises:
            ValueError: the table breaks a rule; the message names the file.
        """
        part = self.part()
        for message in dropped_messages(part.dropped, part.repeated, part.rows):
            warnings.warn(message, stacklevel=2)
        return part.light_curves

    def part(self, metadata: pd.DataFrame | None = None, *, whole: bool = True) -> Part:
        """The light curves, with the number of rows left out in place of warnings.

        Args:
            metadata: one row per object; a column that the data have as well is taken
                from here.
            whole: whether the data are all observations; else the metadata of other
                objects are passed over.

        Raises:
            ValueError: the table breaks a rule; the message names the file.
        """
        if metadata is None and isinstance(self.content, LightCurves):
            return as_part(self.content, whole)
        photometry, known = self._tables
        if metadata is not None:
            photometry = photometry.assign(
                object_id=photometry["object_id"].astype(str)
            )
            photometry = photometry.merge(known, on="object_id", how="left")
            known = metadata
        try:
            return build(photometry, known, self.options, whole=whole)
        except ValueError as error:
            raise ValueError(f"{self._where()}: {error}") from error

    def _where(self) -> str:
        return self.source if self.files == 1 else f"{self.files:,} {self.kind}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
