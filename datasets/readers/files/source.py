"""A file, or an object in memory, whose kind and columns are known."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pandas as pd

from zoo.datasets.readers.files import arrow, limits, text
from zoo.light_curves.sources.readers import Incomplete as Incomplete
from zoo.light_curves.sources.readers import UnknownFormat as UnknownFormat

_TABULAR = ("csv", "spaced", "parquet", "arrow", "frame")


@dataclass(frozen=True)
class Source:
    """One file, or one object in memory.

    Attributes:
        name: its name in messages.
        kind: `avro`, `parquet`, `astropy_parquet`, `arrow`, `csv`, `spaced` (columns
            between spaces), `json`, `ecsv`, `votable`, `snana`, `fits`, `tar` or
            `folder`; in memory `frame` (pandas), `astropy`, `packet` (a dictionary)
            and `json` (a list of them).
        columns: names of its columns, or of the fields of its packets.
        nested: the columns that hold lists.
        structs: the columns that hold structs of lists or lists of structs, with the
            names in the structs.
        path: the file.
        units: the columns that state a unit, with the unit.
        packed: whether it is packed with gzip.
        value: the object in memory, or what JSON holds.
    """

    name: str
    kind: str
    columns: frozenset[str] = frozenset()
    nested: frozenset[str] = frozenset()
    structs: tuple[tuple[str, frozenset[str]], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    path: Path | None = None
    packed: bool = False
    value: Any = None

    @property
    def file(self) -> Path:
        """The path of a source that is a file."""
        if self.path is None:
            raise ValueError(f"{self.name} is not a file.")
        return self.path

    @property
    def tabular(self) -> bool:
        """Whether it has rows and named columns."""
        is_rows = self.kind == "json" and isinstance(self.value, list)
        return self.kind in _TABULAR or is_rows

    @property
    def is_json(self) -> bool:
        """Whether `value` is a dictionary, or a list of JSON."""
        return self.kind in ("json", "packet")

    def inside(self, *columns: str) -> frozenset[str]:
        """The names in the structs of some columns."""
        inner = dict(self.structs)
        return frozenset().union(*(inner.get(name, ()) for name in columns))

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turn the exceptions of bad values and missing fields into a sentence.

        Raises:
            ValueError: a value or a field is wrong; the message has the name.
        """
        try:
            yield
        except KeyError as error:
            raise ValueError(
                f"{self.name} lacks the field {error}. Give a file as published."
            ) from error
        except (TypeError, AttributeError) as error:
            raise ValueError(
                f"{self.name} holds a value of the wrong type ({error}). Give a file "
                "as published."
            ) from error
        except (ValueError, LookupError, ArithmeticError) as error:
            if self.name in str(error):
                raise
            # In an archive, where the file was unpacked says nothing.
            reason = str(error).replace(str(self.path), self.name)
            reason = reason.partition("\n")[0]
            if self.name in reason:
                raise ValueError(reason) from error
            if not reason.endswith("."):  # a parser's, without a remedy
                reason += ". Correct it, or download it again."
            raise ValueError(f"{self.name}: {reason}") from error

    def read(self, reader: Callable[..., Any], *args: Any) -> Any:
        """What `reader(source, *args)` returns; its mistakes bear the name."""
        with self.named():
            return reader(self, *args)

    def open(self) -> IO[bytes]:
        """The bytes, unpacked."""
        return limits.open_binary(self.file, self.packed)

    def frame(self, texts: tuple[str, ...] = ()) -> pd.DataFrame:
        """The table of a tabular source.

        Args:
            texts: columns of a file that are text: 0012 is a name, not 12, and an
                integer beside a missing one is not rounded to a float.

        Raises:
            ValueError: the file is damaged.
        """
        if self.kind == "frame":
            return self.value
        if self.kind == "json":
            return pd.DataFrame(self.value)
        if self.kind not in ("csv", "spaced"):
            return arrow.frame(self.file, self.kind, texts)
        with limits.readable(self.name, "read as a table"), self.open() as file:
            if self.kind == "spaced":
                return text.spaced(file)
            table = pd.read_csv(
                file,
                skipinitialspace=True,
                low_memory=False,
                dtype=dict.fromkeys(texts, str),
            )
        return table.rename(columns=lambda column: str(column).strip())
