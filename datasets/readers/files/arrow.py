"""Parquet and Arrow files: only the columns that are needed, and no bombs."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.datasets.readers.files.limits import TooLarge, check_expansion

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PARQUET, ARROW_FILE, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"

_PACKETS, _ROWS = 1000, 100_000  # at once


def schema(path: Path, kind: str) -> "pa.Schema":
    """The columns of a file; use it within `readable`."""
    import pyarrow.parquet as pq

    if kind == "parquet":
        return pq.read_schema(path)
    with _ipc(path) as reader:
        return reader.schema


def list_columns(
    schema: "pa.Schema",
) -> tuple[frozenset[str], tuple[tuple[str, frozenset[str]], ...]]:
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


def frame(path: Path, kind: str) -> "pd.DataFrame":
    """The table of a file.

    Args:
        path: the file.
        kind: `parquet` or `arrow`.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(path):
        if kind == "parquet":
            with pq.ParquetFile(path) as file:
                batches = _checked(file.iter_batches(_ROWS), path)
                table = pa.Table.from_batches(batches, file.schema_arrow)
        else:
            with _ipc(path) as reader:
                batches = _checked(_batches(reader), path)
                table = pa.Table.from_batches(batches, reader.schema)
                table.validate(full=True)  # else wrong offsets read beyond the buffers
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
    import pyarrow.parquet as pq

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
        in_memory += batch.nbytes
        check_expansion(in_memory, on_disk, path)
        yield batch


@contextmanager
def _ipc(path: Path) -> Iterator[Any]:
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
def readable(path: Path) -> Iterator[None]:
    """Turn the exceptions that damage leads to into one sentence.

    Raises:
        ValueError: the file is damaged, or holds far more than its size allows.
    """
    # The parser reacts to damage with exceptions of many kinds, UnicodeDecodeError too.
    try:
        yield
    except TooLarge:
        raise
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ValueError(f"{path} cannot be read: {reason}. Download it again.") from (
            error
        )
