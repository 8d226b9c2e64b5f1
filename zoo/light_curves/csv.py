"""CSV files, plain or packed with gzip, by one reader whatever their size.

Ids, passbands and labels are texts (0012 is not 12, and None may be a name), spaces
around a value do not count, an empty cell and the usual spellings of it are missing
values, and lines that start with # are comments. A line with more or fewer values than
there are columns is refused.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from zoo.light_curves.columns import PHOTOMETRY, canonical, find, shown

_LONGEST_LINE = 2**16  # bytes of the names of the columns
_TEXTS = ("object_id", "band", "label")
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
    return [name.strip() for name in _header(path)[1]]


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
        names = [name.strip() for name in batch.schema.names]
        columns = list(map(_plain, batch.columns, map(ours.get, names)))
        yield pa.RecordBatch.from_arrays(columns, names)


def _batches(path: Path, ours: dict[Any, str] | None) -> Iterator[pa.RecordBatch]:
    """Some columns of a CSV file, or all, as they stand."""
    header, options = _options(path, ours)
    with _unpacked(path) as stream, _explained(path, header):
        try:
            reader = pyarrow.csv.open_csv(stream, **options)
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):  # not even a new line after the header
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


def _header(path: Path) -> tuple[int, list[str]]:
    """Lines before the names of the columns, and these as they stand."""
    with _unpacked(path) as file:
        # A binary file may have no end of a line.
        lines = iter(lambda: file.readline(_LONGEST_LINE), b"")
        for skipped, line in enumerate(lines):
            text = line.decode("utf-8-sig")
            if text.strip() and not text.startswith("#"):
                return skipped, next(csv.reader([text]))
    raise csv.Error("it has no line with the names of the columns")


def _options(
    path: Path, ours: dict[Any, str] | None
) -> tuple[list[str], dict[str, Any]]:
    """The header of a CSV file, and options for pyarrow to read these columns.

    Columns without a type of ours are read as texts.
    """
    skipped, header = _header(path)
    wanted = [name for name in header if ours is None or name.strip() in ours]
    meaning = canonical(dict.fromkeys(name.strip() for name in wanted))
    types = {
        name: _TYPES.get(meaning.get(name.strip(), ""), pa.string()) for name in wanted
    }
    return header, {
        "read_options": pyarrow.csv.ReadOptions(skip_rows=skipped),
        "parse_options": pyarrow.csv.ParseOptions(
            newlines_in_values=True, invalid_row_handler=_of_another_length
        ),
        "convert_options": pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=wanted if ours is not None else [],
            null_values=_MISSING,
            true_values=["1", "1.0", "True", "true", "TRUE"],
            false_values=["0", "0.0", "False", "false", "FALSE"],
        ),
    }


@contextmanager
def _explained(path: Path, header: list[str]) -> Iterator[None]:
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
        names = [name.strip() for name in header]
        identity = names.index(find("object_id", names) or names[number])
        with _unpacked(path) as file:
            lines = csv.reader(line.decode("utf-8", "replace") for line in file)
            rows = islice((row for row in lines if len(row) == len(header)), 1, None)
            at, row = next(
                (one for one in enumerate(rows) if one[1][number].strip() == value),
                (0, []),
            )
        if not row:
            raise
        truth = names[number] == "detected"
        raise ValueError(
            f"object {row[identity].strip()!r}, row {at}: {names[number]} is "
            f"{shown(value)}. It must be "
            f"{'true or false' if truth else 'a number'} in every row."
        ) from error


def _of_another_length(row: Any) -> str:
    return "skip" if row.text.lstrip().startswith("#") else "error"


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
