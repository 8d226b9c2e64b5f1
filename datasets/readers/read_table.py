"""What was read: tables, and how much of what."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import from_tables


@dataclass(frozen=True, eq=False)
class ReadTable:
    """What was read.

    Attributes:
        photometry: `object_id, mjd, band, flux, flux_err` and, where the survey says
            it, `detected`; fluxes at zero point 27.5.
        metadata: one row per object.
        format: a name of `zoo.datasets.readers.formats.FORMATS`, or `bts`.
        what: the same in words.
        files: how many files, or objects in memory.
        left_out: how many of what was left out, by reason.
        source: the first of the files, or what is in memory, for messages.
    """

    photometry: pd.DataFrame
    metadata: pd.DataFrame
    format: str
    what: str
    files: int
    left_out: Mapping[str, int]
    source: str

    @property
    def objects(self) -> int:
        """Number of objects, with or without observations."""
        names = pd.concat([self.photometry["object_id"], self.metadata["object_id"]])
        return names.astype(str).nunique()

    @property
    def rows(self) -> int:
        """Number of observations."""
        return len(self.photometry)

    def describe(self) -> str:
        """One sentence: what was read, and what was left out."""
        said = f"read {self.what} from {self._where()}: "
        said += f"{_count(self.objects, 'object')}, {_count(self.rows, 'observation')}"
        if self.left_out:
            counts = ", ".join(f"{n:,} {reason}" for reason, n in self.left_out.items())
            said += f"; left out {counts}"
        return f"{said}."

    def light_curves(self) -> LightCurves:
        """The light curves, with every check of `zoo.light_curves.table`.

        Raises:
            ValueError: the table breaks a rule; the message names the file.
        """
        try:
            return from_tables(self.photometry, self.metadata)
        except ValueError as error:
            raise ValueError(f"{self._where()}: {error}") from error

    def _where(self) -> str:
        return self.source if self.files == 1 else f"{self.files:,} files"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
