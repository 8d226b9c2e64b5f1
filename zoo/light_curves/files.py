"""Tables in files: parquet, Arrow (feather) and CSV, the last packed with gzip or not.

The first bytes tell what a file is, not its name. In CSV files ids, passbands and
labels are texts (0012 is not 12, and None may be a name), spaces around a value do not
count, an empty cell and the usual spellings of it are missing values, and lines that
start with # are comments.
"""

import csv
import gzip
import re
import struct
import zlib
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

from zoo.light_curves.aliases import COLUMNS, PHOTOMETRY, canonical, find, is_photometry
from zoo.light_curves.columns import require_columns, shown

ROWS = 200_000
"""Rows of a part, about: some 5,000 objects, 20 MB."""

SUFFIXES = (".parquet", ".csv", ".csv.gz", ".arrow", ".feather")
"""Of the tables in a folder; the first that is there is read."""

ROW = "zoo_row"
"""Column with the number of each row, where it is wanted."""

_ROW_BYTES = 50  # of a CSV file, about
_LONGEST_LINE = 2**16  # bytes of the names of the columns
_GZIP = b"\x1f\x8b"
_UNREADABLE = (
    pa.ArrowException,
    OSError,
    EOFError,
    UnicodeError,
    csv.Error,
    zlib.error,
)
_BINARY = (".parquet", ".arrow", ".feather")
_TEXTS = ("object_id", "band", "label")
_MISSING = [
    "",
    "#N/A",
    "N/A",
    "NA",
    "n/a",
    "nan",
    "NaN",
    "null",
    "NULL",
    "None",
    "<NA>",
]
_TYPES = (
    {name: pa.float64() for name in (*PHOTOMETRY, "redshift", "mwebv")}
    | {name: pa.string() for name in _TEXTS}
    | {"detected": pa.bool_()}
)
_REFUSED_VALUE = re.compile(
    r"In CSV column #(\d+): .*: invalid value '(.*)'", re.DOTALL
)


def kind(path: Path) -> str:
    """What a file is by its first bytes: `parquet`, `arrow`, or else `csv`.

    Raises:
        pa.ArrowInvalid: its name promises something other than text.
    """
    head = _head(path)
    if head == b"PAR1":
        return "parquet"
    if head in (b"ARRO", b"\xff\xff\xff\xff"):  # with random access, and a stream
        return "arrow"
    if path.suffix in _BINARY:
        raise pa.ArrowInvalid(f"it does not start as {path.suffix} files do")
    return "csv"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def column_names(path: Path) -> list[str]:
    """Names of the columns of a file.

    Raises:
        ValueError: it cannot be read.
    """
    with _readable(path):
        if kind(path) == "parquet":
            return pq.read_schema(path).names
        if kind(path) == "arrow":
            with _opened_arrow(path) as file:
                return file.schema.names
        return [name.strip() for name in _csv_header(path)[1]]


def holds_photometry(path: Path) -> bool:
    """Whether a file is a table with one row per observation, and no lists in it."""
    try:
        if kind(path) == "csv":
            return is_photometry(column_names(path))
        with _readable(path), ExitStack() as stack:
            if kind(path) == "parquet":
                schema = pq.read_schema(path)
            else:
                schema = stack.enter_context(_opened_arrow(path)).schema
            return is_photometry(
                [field.name for field in schema if not pa.types.is_nested(field.type)]
            )
    except ValueError:  # ArrowInvalid is one
        return False


def row_count(path: Path) -> int:
    """Rows of a file; of CSV and of a stream of Arrow batches, about.

    Raises:
        ValueError: it cannot be read.
    """
    with _readable(path):
        if kind(path) == "parquet":
            return pq.read_metadata(path).num_rows
        size = path.stat().st_size
        if kind(path) == "arrow":
            with _opened_arrow(path) as file:
                return file.count_rows() if _is_seekable(file) else size // _ROW_BYTES
        if _head(path)[:2] == _GZIP:  # its last four bytes: the unpacked size
            with path.open("rb") as packed:
                packed.seek(-4, 2)
                size = max(size, struct.unpack("<I", packed.read())[0])
        return size // _ROW_BYTES


def is_ordered(path: Path) -> bool:
    """Whether rows stand in the order of their objects; text is not read twice."""
    if kind(path) == "csv":
        return False
    last = None
    for batch in batches(path, ("object_id",), ("object_id",)):
        ids = batch["object_id"].combine_chunks()
        before: list[str] = [] if last is None else [last]
        ids = pa.concat_arrays([pa.array(before, ids.type), ids])
        steps = pc.less_equal(ids[:-1], ids[1:])
        if not pc.all(steps, skip_nulls=False).as_py():
            return False
        last = ids[-1].as_py()
    return True


def read_frame(path: Path) -> pd.DataFrame:
    """Read all of a file; what pandas made an index is one in the frame.

    Raises:
        ValueError: it cannot be read.
    """
    with _readable(path):
        if kind(path) == "parquet":
            return pd.read_parquet(path)
        if kind(path) == "arrow":
            with _opened_arrow(path) as file:
                table = file.read_all()
                table.validate(full=True)  # else wrong offsets read beyond the buffers
                return table.to_pandas()
        pieces = list(_csv_pieces(path, None))
    names = column_names(path)
    schema = pa.schema([(name, pa.string()) for name in names])
    table = pa.Table.from_batches(pieces, None if pieces else schema)
    meanings = [canonical([name]).get(name) for name in names]
    columns = list(map(_plain, table.columns, meanings))
    frame = pa.table(columns, list(map(str, range(len(names))))).to_pandas()
    return frame.set_axis(names, axis=1)  # two may be the same, which is refused later


def batches(
    path: Path,
    wanted: Collection[str],
    needed: tuple[str, ...] = COLUMNS,
    name: str = "photometry",
) -> Iterator[pa.Table]:
    """Some columns of a file, in pieces of about `ROWS` rows.

    Args:
        path: the file.
        wanted: the columns, by our names, which the pieces have.
        needed: those that the file must have.
        name: of the table, for messages.

    Raises:
        ValueError: it cannot be read, lacks a column, or has two of one meaning.
    """
    names = column_names(path)
    require_columns(pd.DataFrame(columns=names), (), name)
    ours = {k: v for k, v in canonical(names).items() if v in wanted}
    renamed = [ours.get(column, column) for column in names]
    require_columns(pd.DataFrame(columns=renamed), needed, name)
    gathered: list[pa.RecordBatch] = []
    for piece in _pieces(path, ours):
        gathered.append(piece)
        if sum(map(len, gathered)) >= ROWS:
            yield _table(gathered, ours, name)
            gathered = []
    if gathered:
        yield _table(gathered, ours, name)


def _table(pieces: list[pa.RecordBatch], ours: dict[Any, str], name: str) -> pa.Table:
    table = pa.Table.from_batches(pieces).select(list(ours))
    table = table.rename_columns(list(ours.values())).replace_schema_metadata(None)
    _check_ids(table.schema.field("object_id").type, name)
    return table


def _pieces(path: Path, ours: dict[Any, str]) -> Iterator[pa.RecordBatch]:
    with _readable(path), ExitStack() as stack:
        if kind(path) == "parquet":
            file = stack.enter_context(pq.ParquetFile(path))
            # One row group after the other: a reader keeps what it read of all.
            for group in range(file.num_row_groups):
                yield from file.iter_batches(
                    ROWS, row_groups=[group], columns=list(ours)
                )
        elif kind(path) == "arrow":
            file = stack.enter_context(_opened_arrow(path))
            count = file.num_record_batches if _is_seekable(file) else None
            for batch in file if count is None else map(file.get_batch, range(count)):
                batch.validate(full=True)  # else wrong offsets read beyond the buffers
                yield batch
        else:
            for batch in _csv_pieces(path, ours):
                names = [name.strip() for name in batch.schema.names]
                columns = list(map(_plain, batch.columns, map(ours.get, names)))
                yield pa.RecordBatch.from_arrays(columns, names)


def _check_ids(kind: pa.DataType, name: str) -> None:
    types = pa.types
    inner = kind.value_type if types.is_dictionary(kind) else kind
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    if not types.is_integer(inner) and not any(is_text(inner) for is_text in texts):
        raise ValueError(
            f"object_id of the {name} table is of type {kind}: it must be a string, "
            "or an integer in every row. Convert the column."
        )


@contextmanager
def _opened_arrow(path: Path) -> Iterator[Any]:
    # Not as a memory map: whoever overwrites the file would end this process.
    with pa.OSFile(str(path)) as file:
        seekable = _head(path) == b"ARRO"
        opened = pa.ipc.open_file if seekable else pa.ipc.open_stream
        with opened(file) as reader:
            yield reader


def _is_seekable(file: Any) -> bool:
    return hasattr(file, "num_record_batches")


# ---- CSV


def _csv_pieces(path: Path, ours: dict[Any, str] | None) -> Iterator[pa.RecordBatch]:
    """Some columns of a CSV file, or all, as they stand."""
    header, options = _csv_options(path, ours)
    with _unpacked(path) as stream, _explained(path, header):
        try:
            reader = pyarrow.csv.open_csv(stream, **options)
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):  # not even a new line after the header
                return
            raise
        with reader:
            yield from reader


def _unpacked(path: Path) -> Any:
    return gzip.open(path) if _head(path)[:2] == _GZIP else path.open("rb")


def _csv_header(path: Path) -> tuple[int, list[str]]:
    """Lines before the names of the columns, and these as they stand."""
    with _unpacked(path) as file:
        lines = (line.decode("utf-8-sig") for line in iter(lambda: _line(file), b""))
        skipped = 0
        for line in lines:
            if line.strip() and not line.startswith("#"):
                return skipped, next(csv.reader([line]))
            skipped += 1
    raise csv.Error("it has no line with the names of the columns")


def _line(file: Any) -> bytes:
    return file.readline(_LONGEST_LINE)  # a binary file may have no end of a line


def _csv_options(
    path: Path, ours: dict[Any, str] | None
) -> tuple[list[str], dict[str, Any]]:
    """The header of a CSV file, and options for pyarrow to read these columns.

    Columns without a type of ours are read as texts.
    """
    skipped, header = _csv_header(path)
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
        number, value = int(match[1]), match[2]
        names = [name.strip() for name in header]
        identity = names.index(find("object_id", names) or names[number])
        with _unpacked(path) as file:
            lines = csv.reader(line.decode("utf-8", "replace") for line in file)
            rows = (row for row in lines if len(row) == len(header))
            at, row = next(
                (at, row) for at, row in enumerate(rows, -1) if row[number] == value
            )
        kind = "true or false" if names[number] == "detected" else "a number"
        raise ValueError(
            f"object {row[identity].strip()!r}, row {at}: {names[number]} is "
            f"{shown(value)}. It must be {kind} in every row."
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
    for kind in () if name in _TEXTS else (pa.int64(), pa.float64(), pa.bool_()):
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:
            continue
    return column


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Name the file that cannot be read, and why, in one line.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        yield
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path} cannot be read: {reason}") from error
