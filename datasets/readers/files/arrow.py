"""Parquet and Arrow files: only the columns that are wanted, and never a bomb."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zoo.datasets.readers.files.limits import TooLarge, check_expansion
from zoo.datasets.readers.files.sources import Source

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PARQUET, ARROW_FILE, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"

_PACKETS, _ROWS = 1000, 100_000  # at once


def schema(path: Any, kind: str) -> "pa.Schema":
    """The columns of a file; to be called within `readable`."""
    import pyarrow.parquet as pq

    if kind == "parquet":
        return pq.read_schema(path)
    with _ipc(path) as reader:
        return reader.schema


def frame(source: Source) -> "pd.DataFrame":
    """The table of a file.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(source.file):
        if source.kind == "parquet":
            with pq.ParquetFile(source.file) as file:
                batches = _checked(file.iter_batches(_ROWS), source)
                held = pa.Table.from_batches(batches, file.schema_arrow)
        else:
            with _ipc(source.file) as reader:
                batches = _checked(_batches(reader), source)
                held = pa.Table.from_batches(batches, reader.schema)
                held.validate(full=True)  # else wrong offsets read beyond the buffers
        # What pandas made an index is a column like others.
        return held.to_pandas(ignore_metadata=True)


def records(
    source: Source, parts: Collection[str], fields: Collection[str]
) -> Iterator[dict[str, Any]]:
    """The rows of a nested parquet file as dictionaries.

    Args:
        source: the file.
        parts: the columns that are read.
        fields: of nested columns, the fields that are read.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    import pyarrow.parquet as pq

    with readable(source.file), pq.ParquetFile(source.file) as file:
        leaves = []
        for i in range(len(file.schema)):
            leaf = file.schema.column(i).path
            part, _, rest = leaf.partition(".")
            if part in parts and (not rest or rest.rpartition(".")[2] in fields):
                leaves.append(leaf)
        for batch in _checked(file.iter_batches(_PACKETS, columns=leaves), source):
            yield from batch.to_pylist()


def _checked(batches: Iterable[Any], source: Source) -> Iterator[Any]:
    """Repeated values take no space on disk: add up what they take in memory.

    The footer of a parquet file says as much; pyarrow 26 ends the process where it is
    damaged.
    """
    held, size = 0, source.file.stat().st_size
    for batch in batches:
        held += batch.nbytes
        check_expansion(held, size, source.file)
        yield batch


@contextmanager
def _ipc(path: Any) -> Iterator[Any]:
    import pyarrow as pa

    with pa.OSFile(str(path)) as file:
        magic = file.read(len(ARROW_FILE))
        file.seek(0)
        opened = pa.ipc.open_file if magic == ARROW_FILE else pa.ipc.open_stream
        with opened(file) as reader:
            yield reader


def _batches(reader: Any) -> Iterator[Any]:
    if hasattr(reader, "num_record_batches"):
        return (reader.get_batch(i) for i in range(reader.num_record_batches))
    return iter(reader)


@contextmanager
def readable(path: Any) -> Iterator[None]:
    """Turn what damage leads to into a sentence.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    # The parser meets damage with exceptions of many kinds, UnicodeDecodeError too.
    try:
        yield
    except TooLarge:
        raise
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ValueError(f"{path} cannot be read: {reason}. Download it again.") from (
            error
        )
