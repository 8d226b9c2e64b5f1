"""What a file or an object in memory is: its kind and the names of its columns.

The kind comes from the first bytes, never from the name.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from zoo.datasets.readers.files import avro as avro_files
from zoo.datasets.readers.files import limits
from zoo.datasets.readers.files import text as text_files

if TYPE_CHECKING:
    import pandas as pd

HEAD = 2**16
"""Bytes that are looked at."""

_PACKED = {
    b"PK\x03\x04": "a ZIP archive",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
}
_TAR = 257  # where `ustar` stands
_TABULAR = ("csv", "parquet", "arrow", "frame")


class UnknownFormat(ValueError):
    """A file that is sound, as far as one can say, and of no known format."""


@dataclass(frozen=True)
class Source:
    """One file, or one object in memory.

    Attributes:
        name: what messages call it.
        kind: `avro`, `parquet`, `arrow`, `csv`, `json`, `ecsv`, `snana`, `fits`, `tar`,
            or in memory `frame` (pandas) and `astropy`.
        columns: names of its columns, or of the fields of its packets.
        nested: those of them that hold lists.
        structs: those that hold structs of lists or lists of structs, with the names
            in the structs.
        path: the file.
        packed: whether it is packed with gzip.
        value: the object in memory, or what a JSON file holds.
    """

    name: str
    kind: str
    columns: frozenset[str] = frozenset()
    nested: frozenset[str] = frozenset()
    structs: tuple[tuple[str, frozenset[str]], ...] = ()
    path: Path | None = None
    packed: bool = False
    value: Any = None

    @property
    def file(self) -> Path:
        """The path of what is known to be a file."""
        if self.path is None:
            raise ValueError(f"{self.name} is no file.")
        return self.path

    @property
    def tabular(self) -> bool:
        """Whether it has rows and named columns."""
        return self.kind in _TABULAR

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turn what a value or a missing field leads to into a sentence with the name.

        Raises:
            ValueError: whatever went wrong.
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
            reason = str(error).partition("\n")[0]
            if not reason.endswith("."):  # a parser's, which says no remedy
                reason += ". Correct it, or download it again."
            raise ValueError(f"{self.name}: {reason}") from error

    def open(self) -> IO[bytes]:
        """The bytes, unpacked."""
        return limits.open_binary(self.file, self.packed)

    def frame(self, texts: tuple[str, ...] = ()) -> "pd.DataFrame":
        """The table of a tabular source.

        Args:
            texts: columns of a CSV file that are text: 0012 is a name, not 12.

        Raises:
            ValueError: the file is damaged.
        """
        from zoo.datasets.readers.files import arrow as arrow_files
        from zoo.datasets.readers.files import csv as csv_files

        if self.kind == "frame":
            return self.value
        if self.kind == "csv":
            return csv_files.frame(self, texts)
        return arrow_files.frame(self)


def inspect(path: str | PathLike[str]) -> Source:
    """Find out what a file is.

    Raises:
        FileNotFoundError: there is no such file.
        UnknownFormat: it is empty, or nothing that is known.
        ValueError: it is damaged.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. Give a file or a folder.")
    if not path.is_file():
        raise ValueError(f"{path} is no regular file. Give a file or a folder.")
    if not path.stat().st_size:
        raise UnknownFormat(f"{path} is empty. Download it again.")
    head, packed = _head(path)
    for magic, what in _PACKED.items():
        if head.startswith(magic):
            raise UnknownFormat(f"{path} is {what}. Unpack it first.")
    binary = _binary(path, head)
    if binary and packed and binary not in ("fits", "tar"):
        raise UnknownFormat(f"{path} is {binary} packed with gzip. Unpack it first.")
    if binary == "avro":
        return Source(str(path), binary, avro_files.field_names(path), path=path)
    if binary in ("parquet", "arrow"):
        return _arrow(path, binary)
    if binary == "fits":
        return Source(
            str(path), binary, _fits_columns(path, packed), path=path, packed=packed
        )
    if binary == "tar":
        limits.check_tar(path)
        return Source(str(path), binary, path=path, packed=packed)
    return _text(path, head, packed)


def _head(path: Path) -> tuple[bytes, bool]:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.startswith(b"\x1f\x8b"):
        return head, False
    limits.check_gzip(path)
    with limits.open_binary(path, packed=True) as file:
        return file.read(HEAD), True


def _binary(path: Path, head: bytes) -> str | None:
    from zoo.datasets.readers.files import arrow as arrow_files

    if head.startswith(avro_files.MAGIC):
        return "avro"
    if head.startswith(arrow_files.PARQUET):
        return "parquet"
    if head.startswith((arrow_files.ARROW_FILE, arrow_files.ARROW_STREAM)):
        return "arrow"
    if head.startswith(b"SIMPLE  ="):
        return "fits"
    return "tar" if head[_TAR:].startswith(b"ustar") else None


def _fits_columns(path: Path, packed: bool) -> frozenset[str]:
    """The columns of the first table."""
    from astropy.io import fits

    # The parser meets damage with exceptions and warnings of every kind.
    try:
        with warnings.catch_warnings(), limits.open_binary(path, packed) as file:
            warnings.filterwarnings("error", "(?s).*truncated")
            with fits.open(file) as units:
                table = next(u for u in units if isinstance(u, fits.BinTableHDU))
                list(units)
                return frozenset(map(str, table.columns.names))
    except StopIteration:
        raise UnknownFormat(
            f"{path} is a FITS file without a table. Give light curves."
        ) from None
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ValueError(
            f"{path} cannot be read as FITS: {reason}. Download it again."
        ) from error


def _text(path: Path, head: bytes, packed: bool) -> Source:
    from zoo.datasets.readers.files import csv as csv_files

    try:
        text = text_files.decoded(head, whole=len(head) < HEAD)
        if text_files.is_json(text):
            with limits.open_binary(path, packed) as file:
                value, columns = text_files.json_value(file, path)
            return Source(str(path), "json", columns, path=path, value=value)
        kind, columns = "csv", frozenset[str]()
        if text.startswith("# %ECSV"):
            kind = "ecsv"
        elif text_files.is_snana(text):
            kind = "snana"
        else:
            columns = csv_files.columns(text)
    except text_files.NotText as error:
        raise UnknownFormat(f"{path} {error}") from error
    return Source(str(path), kind, columns, path=path, packed=packed)


def _arrow(path: Path, kind: str) -> Source:
    from zoo.datasets.readers.files import arrow as arrow_files

    with arrow_files.readable(path):
        schema = arrow_files.schema(path, kind)
        lists, structs = _lists(schema)
        return Source(str(path), kind, frozenset(schema.names), lists, structs, path)


def _lists(schema: Any) -> tuple[frozenset[str], tuple]:
    """The columns of lists, and those of structs with the names in them."""
    import pyarrow as pa

    lists, structs = [], []
    for field in schema:
        inner = field.type
        if pa.types.is_list(inner) or pa.types.is_large_list(inner):
            lists.append(field.name)
            inner = inner.value_type
        if pa.types.is_struct(inner):
            names = frozenset(inner.field(i).name for i in range(inner.num_fields))
            structs.append((field.name, names))
    return frozenset(lists), tuple(structs)


def from_memory(value: Any) -> Source:
    """An object in memory: a DataFrame, an Arrow table or an astropy table.

    Raises:
        ValueError: it is none of these.
    """
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        import pyarrow as pa

        names = frozenset(map(str, value.columns))
        try:  # the schema says which columns hold lists
            schema = pa.Schema.from_pandas(value.head(100), preserve_index=False)
            lists, structs = _lists(schema)
        except (
            pa.ArrowException
        ):  # a mixed column, which `zoo.light_curves.table` names
            lists, structs = frozenset(), ()
        return Source("the DataFrame", "frame", names, lists, structs, value=value)
    if type(value).__module__.startswith("pyarrow."):
        lists, structs = _lists(value.schema)
        names = frozenset(value.schema.names)
        frame = value.to_pandas()
        return Source("the Arrow table", "frame", names, lists, structs, value=frame)
    if type(value).__module__.startswith("astropy."):
        names = frozenset(value.colnames)
        return Source("the astropy table", "astropy", names, value=value)
    raise ValueError(
        f"a {type(value).__name__} cannot be read. Give files, a DataFrame, an Arrow "
        "table or an astropy table."
    )
