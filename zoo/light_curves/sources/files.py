"""Tables in files: parquet, Arrow (feather) and CSV, whole or in pieces.

The first bytes tell what a file is, not its name.
"""

import struct
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from csv import Error as CSVError
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq

from zoo.columns import COLUMNS
from zoo.light_curves.columns import (
    canonical,
    is_photometry,
    refuse_twice,
    require_columns,
)
from zoo.light_curves.sources import csv as csv_files
from zoo.light_curves.sources.arrow import by_astropy, has_units, to_frame

ROWS = 200_000
"""Rows of a part, about: some 5,000 objects, 20 MB."""

SUFFIXES = (".parquet", ".csv", ".csv.gz", ".arrow", ".feather")
"""Of the tables in a folder; the first that is there is read."""

_ROW_BYTES = 50  # of a CSV file, about
_UNREADABLE = (pa.ArrowException, OSError, EOFError, UnicodeError, CSVError, zlib.error)
_BINARY = (".parquet", ".arrow", ".feather")


def kind(path: Path) -> str:
    """What a file is by its first bytes: `parquet`, `arrow`, or else `csv`.

    Raises:
        pa.ArrowInvalid: its name promises something other than text.
    """
    start = head(path)
    if start == b"PAR1":
        return "parquet"
    if start in (b"ARRO", b"\xff\xff\xff\xff"):  # with random access, and a stream
        return "arrow"
    if path.suffix in _BINARY:
        raise pa.ArrowInvalid(f"it does not start as {path.suffix} files do")
    return "csv"


def head(path: Path, count: int = 4) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(count)


def column_names(path: Path) -> list[str]:
    """Names of the columns of a file.

    Raises:
        ValueError: it cannot be read.
    """
    with _readable(path):
        if kind(path) == "csv":
            return csv_files.column_names(path)
        return _schema(path).names


def holds_photometry(path: Path) -> bool:
    """Whether a file is a table with one row per observation, and no lists in it."""
    try:
        if kind(path) == "csv":
            is_ecsv = head(path, 7) == b"# %ECSV"  # it may state units
            return not is_ecsv and is_photometry(column_names(path))
        with _readable(path):
            schema = _schema(path)
    except ValueError:  # ArrowInvalid is one
        return False
    names = [f.name for f in schema if not pa.types.is_nested(f.type)]
    united = by_astropy(schema) or has_units(schema)
    return is_photometry(names) and not united


def _schema(path: Path) -> pa.Schema:
    if kind(path) == "parquet":
        return pq.read_schema(path)
    with _opened_arrow(path) as file:
        return file.schema


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
        if csv_files.is_packed(path):  # its last four bytes: the unpacked size
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
            refuse_twice(_schema(path).names, str(path))
            return to_frame(pq.read_table(path))
        if kind(path) == "arrow":
            with _opened_arrow(path) as file:
                return to_frame(file.read_all())
        return csv_files.read_frame(path)


def is_astropy(path: Path) -> bool:
    """Whether a file is for `read_astropy`: FITS, or ECSV."""
    return path.is_file() and head(path, 8) in (b"SIMPLE  ", b"# %ECSV ")


def read_astropy(path: Path) -> Any:
    """Read an ECSV or FITS file as an astropy table.

    Raises:
        ValueError: it cannot be read.
    """
    from astropy.table import Table

    is_fits = head(path) == b"SIMP"
    with _readable(path):
        if is_fits:
            return Table.read(path, format="fits", hdu=1)
        return Table.read(path, format="ascii.ecsv")


def batches(
    path: Path,
    wanted: Collection[str],
    needed: tuple[str, ...] = COLUMNS,
    name: str = "photometry",
) -> Iterator[pa.Table]:
    """Some columns of a file, in pieces of about `ROWS` rows.

    Args:
        path: the file.
        wanted: the columns, by our names where they have one, which the pieces have.
        needed: those that the file must have.
        name: of the table, for messages.

    Raises:
        ValueError: it cannot be read, lacks a column, or has two of one meaning.
    """
    names = column_names(path)
    require_columns(pd.DataFrame(columns=names), (), name)
    known = canonical(names)
    ours = {k: known.get(k, k) for k in names if known.get(k, k) in wanted}
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
    types, ids = pa.types, table.schema.field("object_id").type
    inner = ids.value_type if types.is_dictionary(ids) else ids
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    if not types.is_integer(inner) and not any(is_text(inner) for is_text in texts):
        raise ValueError(
            f"object_id of the {name} table is of type {ids}: it must be a string, "
            "or an integer in every row. Convert the column."
        )
    return table


def _pieces(path: Path, ours: dict[Any, str]) -> Iterator[pa.RecordBatch]:
    with _readable(path):
        if kind(path) == "parquet":
            with pq.ParquetFile(path) as file:
                # One row group after the other: a reader keeps what it read of all.
                for group in range(file.num_row_groups):
                    for batch in file.iter_batches(ROWS, [group], list(ours)):
                        batch.validate(full=True)
                        yield batch
        elif kind(path) == "arrow":
            with _opened_arrow(path) as file:
                count = file.num_record_batches if _is_seekable(file) else None
                some = file if count is None else map(file.get_batch, range(count))
                for batch in some:
                    batch.validate(full=True)  # else wrong offsets read beyond buffers
                    yield batch
        else:
            yield from csv_files.pieces(path, ours)


@contextmanager
def _opened_arrow(path: Path) -> Iterator[Any]:
    # Not as a memory map: whoever overwrites the file would end this process.
    with pa.OSFile(str(path)) as file:
        seekable = head(path) == b"ARRO"
        opened = pa.ipc.open_file if seekable else pa.ipc.open_stream
        with opened(file) as reader:
            yield reader


def _is_seekable(file: Any) -> bool:
    return hasattr(file, "num_record_batches")


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
        if isinstance(error, UnicodeError) or "invalid UTF8" in reason:
            reason = "it is not UTF-8. Save it as UTF-8."
        if not reason.endswith("."):  # a parser's, without a remedy
            reason += ". Correct it, or download it again."
        raise ValueError(f"{path} cannot be read: {reason}") from error
