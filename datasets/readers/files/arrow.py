"""Parquet and Arrow files: only the columns that are needed, and no bombs."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from zoo.datasets.readers.files.limits import check_expansion, readable

PARQUET, ARROW_FILE, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"

_PACKETS, _ROWS = 1000, 100_000  # at once


def schema(path: Path, kind: str) -> pa.Schema:
    """The columns of a `parquet` or `arrow` file.

    Raises:
        ValueError: the file is damaged.
    """
    with readable(path), _opened(path, kind) as (columns, _):
        return columns


def frame(path: Path, kind: str, texts: Collection[str] = ()) -> pd.DataFrame:
    """The table of a file.

    Args:
        path: the file.
        kind: `parquet` or `arrow`.
        texts: columns of integers that are names; pandas would round them to floats
            where one is missing.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    with readable(path), _opened(path, kind) as (columns, batches):
        table = pa.Table.from_batches(_checked(batches, path), columns)
        for at, column in enumerate(table.schema):
            if column.name in texts and pa.types.is_integer(column.type):
                text = table.column(at).cast(pa.string())
                table = table.set_column(at, column.name, text)
        # What pandas made an index is a column like others.
        return table.to_pandas(ignore_metadata=True)


def records(
    path: Path, parts: Collection[str], fields: Collection[str]
) -> Iterator[dict[str, Any]]:
    """The rows of a nested parquet file as dictionaries.

    Args:
        path: the file.
        parts: the columns that are read.
        fields: of nested columns, the fields that are read.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    with readable(path), pq.ParquetFile(path) as file:
        leaves = []
        for i in range(len(file.schema)):
            leaf = file.schema.column(i).path
            part, _, rest = leaf.partition(".")
            if part in parts and (not rest or rest.rpartition(".")[2] in fields):
                leaves.append(leaf)
        for batch in _checked(file.iter_batches(_PACKETS, columns=leaves), path):
            yield from batch.to_pylist()


def _checked(batches: Iterable[Any], path: Path) -> Iterator[Any]:
    """Repeated values take no space on disk: add up what they take in memory.

    The footer of a parquet file states it too, but pyarrow 26 ends the process where
    the footer is damaged.
    """
    in_memory, on_disk = 0, path.stat().st_size
    for batch in batches:
        batch.validate(full=True)  # else wrong offsets read beyond the buffers
        in_memory += batch.nbytes
        check_expansion(in_memory, on_disk, path)
        yield batch


@contextmanager
def _opened(path: Path, kind: str) -> Iterator[tuple[pa.Schema, Iterable[Any]]]:
    """The columns of a file, and its batches."""
    if kind == "parquet":
        with pq.ParquetFile(path) as file:
            yield file.schema_arrow, file.iter_batches(_ROWS)
        return
    with pa.OSFile(str(path)) as stream:
        seekable = stream.read(len(ARROW_FILE)) == ARROW_FILE
        stream.seek(0)
        with (pa.ipc.open_file if seekable else pa.ipc.open_stream)(stream) as reader:
            batches = reader
            if seekable:
                batches = map(reader.get_batch, range(reader.num_record_batches))
            yield reader.schema, batches
