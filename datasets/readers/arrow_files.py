"""Parquet and Arrow files: only the columns that are wanted, and never a bomb."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zoo.datasets.readers.limits import check_expansion
from zoo.datasets.readers.sources import Source

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET, ARROW_FILE, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"

_AT_ONCE = 1000  # packets
_NUMBER = 8  # bytes


def schema(path: Any, kind: str) -> "pa.Schema":
    """The columns of a file.

    Raises:
        ValueError: the file is damaged.
    """
    import pyarrow.parquet as pq

    with _readable(path):
        if kind == "parquet":
            return pq.read_schema(path)
        with _ipc(path) as reader:
            return reader.schema


def table(source: Source, columns: Collection[str] | None = None) -> "pa.Table":
    """The table of a file, or some of its columns.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = source.file
    with _readable(path):
        if source.kind == "parquet":
            with pq.ParquetFile(path) as file:
                leaves = [
                    leaf
                    for leaf in _leaves(file)
                    if columns is None or leaf.partition(".")[0] in columns
                ]
                _check(file, leaves, source)
                return file.read(leaves)
        with _ipc(path) as reader:
            batches, held = [], 0
            for batch in _batches(reader):
                held += batch.nbytes
                check_expansion(held, path.stat().st_size, path)
                batches.append(batch)
            everything = pa.Table.from_batches(batches, reader.schema)
            return everything if columns is None else everything.select(list(columns))


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

    with _readable(source.file), pq.ParquetFile(source.file) as file:
        leaves = []
        for leaf in _leaves(file):
            part, _, rest = leaf.partition(".")
            if part in parts and (not rest or rest.rpartition(".")[2] in fields):
                leaves.append(leaf)
        _check(file, leaves, source)
        for batch in file.iter_batches(_AT_ONCE, columns=leaves):
            yield from batch.to_pylist()


def _leaves(file: Any) -> list[str]:
    return [file.schema.column(i).path for i in range(len(file.schema))]


def _check(file: Any, leaves: list[str], source: Source) -> None:
    """Repeated values take no space on disk: count what they become in memory."""
    wanted = {i for i, leaf in enumerate(_leaves(file)) if leaf in set(leaves)}
    groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
    values = sum(group.column(i).num_values for group in groups for i in wanted)
    check_expansion(values * _NUMBER, source.file.stat().st_size, source.file)


@contextmanager
def _ipc(path: Any) -> Iterator[Any]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
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
def _readable(path: Any) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, EOFError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path} cannot be read: {reason}. Download it again.") from (
            error
        )
