"""CSV files, plain or packed with gzip, by one reader whatever their size.

Ids, passbands and labels are texts (0012 is not 12, and None may be a name), spaces
around a value do not count, an empty cell and the usual spellings of it are missing
values, and lines that start with #, outside of quotes, are comments. The names of the
columns stand in the first other line; where that has no object_id, in a comment before
it that has one. A line with more or fewer values than there are columns is refused.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from zoo.columns import PHOTOMETRY
from zoo.light_curves.columns import canonical, find, has, shown

_LONGEST_LINE = 2**16  # bytes of the names of the columns
_BLOCK = 2**20  # bytes, read at once
_COMMENT = re.compile(rb"^[ \t]*#.*\n?", re.MULTILINE)
_TEXTS = ("object_id", "band", "zpsys", "label")
_MISSING = ["", *"#N/A N/A NA n/a nan NaN null NULL None <NA>".split()]
_TYPES = (
    {name: pa.float64() for name in (*PHOTOMETRY, "redshift", "mwebv")}
    | {name: pa.string() for name in _TEXTS}
    | {"detected": pa.bool_()}
)
_REFUSED_VALUE = re.compile(
    r"In CSV column #(\d+): .*: invalid value '(.*)'", re.DOTALL
)


def column_names(path: Path) -> list[str]:
    """Names of the columns of a file.

    Raises:
        csv.Error: there are none.
    """
    with _unpacked(path) as file:
        return header(lines(file))[1]


def lines(file: Any) -> Iterator[bytes]:
    """The lines of a binary file, each not beyond a length: binary data may have no end
    of a line."""
    return iter(lambda: file.readline(_LONGEST_LINE), b"")


def header(lines: Iterable[bytes]) -> tuple[int, list[str]]:
    """Lines up to the names of the columns and with them, and these.

    Raises:
        csv.Error: there are none.
        UnicodeError: they are not UTF-8.
    """
    commented: tuple[int, list[str]] | None = None
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise csv.Error("it is text in UTF-16. Save it as UTF-8.")
        text = line.decode("utf-8-sig").strip()
        if "\r" in text:
            raise csv.Error(
                "its lines end with carriage returns alone. Save it with the line ends "
                "of Unix or Windows."
            )
        if not text:
            continue
        names = [name.strip() for name in next(csv.reader([text.lstrip("# ")]))]
        named = has(("object_id",), names)
        if not text.startswith("#"):
            return commented if commented and not named else (number, names)
        if named:
            commented = number, names
    if commented:
        return commented
    raise csv.Error("it has no line with the names of the columns")


def read_frame(path: Path) -> pd.DataFrame:
    """Read all of a file; two columns may have one name.

    Raises:
        pa.ArrowInvalid, OSError, EOFError, UnicodeError: it is damaged.
        ValueError: a value has no place in its column.
    """
    batches = list(_batches(path, None))
    names = column_names(path)
    schema = pa.schema([(name, pa.string()) for name in names])
    table = pa.Table.from_batches(batches, None if batches else schema)
    meanings = [canonical([name]).get(name) for name in names]
    columns = list(map(_plain, table.columns, meanings))
    frame = pa.table(columns, list(map(str, range(len(names))))).to_pandas()
    return frame.set_axis(names, axis=1)


def pieces(path: Path, ours: dict[Any, str]) -> Iterator[pa.RecordBatch]:
    """The columns of a file that have a name of ours, some thousand rows at a time.

    Raises:
        As `read_frame`.
    """
    for batch in _batches(path, ours):
        names = batch.schema.names
        columns = list(map(_plain, batch.columns, map(ours.get, names)))
        further = set(names) - canonical(names).keys()
        for at in (at for at, name in enumerate(names) if name in further):
            if pa.types.is_string(columns[at].type):
                raise ValueError(
                    f"{path}: column {names[at]} holds a text. It must be a number in "
                    "every row, or empty."
                )
            columns[at] = columns[at].cast(pa.float64())  # in every piece
        yield pa.RecordBatch.from_arrays(columns, names)


def _batches(path: Path, ours: dict[Any, str] | None) -> Iterator[pa.RecordBatch]:
    """Some columns of a CSV file, or all, as they stand."""
    with _opened(path) as (names, rows), _explained(path):
        try:
            reader = pyarrow.csv.open_csv(rows, **_options(names, ours))
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return
            raise
        with reader:
            yield from reader


def is_packed(path: Path) -> bool:
    """Whether a file is packed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _unpacked(path: Path) -> Any:
    return gzip.open(path) if is_packed(path) else path.open("rb")


class _Rows(io.RawIOBase):
    """The bytes of a CSV file without its header and its comments."""

    def __init__(self, file: Any, skipped: int):
        for _ in range(skipped):
            file.readline()
        self._file, self._quoted, self._rest = file, False, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = self._file.read(_BLOCK) + self._file.readline()
            if not block:
                return 0
            self._rest = self._without_comments(block)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def _without_comments(self, block: bytes) -> bytes:
        if b"#" not in block:
            self._quoted ^= block.count(b'"') % 2 == 1
            return block
        if b'"' not in block and not self._quoted:
            return _COMMENT.sub(b"", block)
        kept = []
        for line in block.splitlines(keepends=True):
            if self._quoted or not _COMMENT.match(line):
                self._quoted ^= line.count(b'"') % 2 == 1
                kept.append(line)
        return b"".join(kept)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[str], io.BufferedReader]]:
    """The names of the columns, and the bytes of the rows."""
    with _unpacked(path) as file:
        skipped, names = header(lines(file))
        file.seek(0)
        yield names, io.BufferedReader(_Rows(file, skipped), _BLOCK)


def _options(names: list[str], ours: dict[Any, str] | None) -> dict[str, Any]:
    """Options for pyarrow to read the columns of these names that are in `ours`, or all
    of them; those without a type of ours are read as texts."""
    wanted = [name for name in names if ours is None or name in ours]
    meaning = canonical(dict.fromkeys(wanted))
    types = {name: _TYPES.get(meaning.get(name, ""), pa.string()) for name in wanted}
    return {
        "read_options": pyarrow.csv.ReadOptions(column_names=names),
        "parse_options": pyarrow.csv.ParseOptions(newlines_in_values=True),
        "convert_options": pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=wanted if ours is not None else [],
            null_values=_MISSING,
            true_values=["1", "1.0", "True", "true", "TRUE"],
            false_values=["0", "0.0", "False", "false", "FALSE"],
        ),
    }


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Name the object, the row and the column of a value that pyarrow refuses.

    Raises:
        ValueError: there is one.
    """
    try:
        yield
    except pa.ArrowInvalid as error:
        match = _REFUSED_VALUE.search(str(error))
        if match is None:
            raise
        number, value = int(match[1]), match[2].strip()
        with _opened(path) as (names, lines):
            identity = names.index(find("object_id", names) or names[number])
            texts = csv.reader(line.decode("utf-8", "replace") for line in lines)
            rows = (row for row in texts if len(row) == len(names))
            at, row = next(
                (one for one in enumerate(rows) if one[1][number].strip() == value),
                (0, []),
            )
        if not row:
            raise
        truth = names[number] == "detected"
        raise ValueError(
            f"object {shown(row[identity].strip())}, row {at}: {names[number]} is "
            f"{shown(value)}. It must be "
            f"{'true or false' if truth else 'a number'} in every row."
        ) from error


def _plain(column: Any, name: str | None) -> Any:
    """Texts without the spaces around them, and without spellings of missing values,
    except in ids; those that have no type of ours become numbers if all of them are."""
    if not pa.types.is_string(column.type):
        return column
    column = pc.utf8_trim_whitespace(column)
    if name == "object_id":
        return column
    missing = pc.is_in(column, value_set=pa.array(_MISSING))
    column = pc.if_else(missing, pa.scalar(None, pa.string()), column)
    for number in () if name in _TEXTS else (pa.int64(), pa.float64(), pa.bool_()):
        try:
            return column.cast(number)
        except pa.ArrowInvalid:
            continue
    return column
