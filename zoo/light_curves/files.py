"""Tables in files: parquet, CSV and Arrow."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

from zoo.light_curves.columns import require_columns
from zoo.light_curves.table import COLUMNS

ROWS = 200_000
"""Rows of a part, about: some 5,000 objects, 20 MB."""


_ROW_BYTES = 50  # of a CSV file, about


_CSV = pyarrow.csv.ConvertOptions(
    # As text: 0012 is the name of an object, not the number 12.
    column_types={
        "object_id": pa.string(),
        "band": pa.string(),
        **dict.fromkeys(("mjd", "flux", "flux_err"), pa.float64()),
    },
    strings_can_be_null=True,
)


def _names(path: Path) -> list[str]:
    """Names of the columns of a file."""
    if path.suffix == ".parquet":
        return pq.read_schema(path).names
    if path.suffix == ".csv":
        with pyarrow.csv.open_csv(path) as file:
            return file.schema.names
    with pa.ipc.open_file(pa.memory_map(str(path))) as file:
        return file.schema.names


def _rows(path: Path) -> int:
    """Rows of a file; of text, about."""
    with _readable(path):
        if path.suffix == ".parquet":
            return pq.read_metadata(path).num_rows
        if path.suffix == ".csv":
            return path.stat().st_size // _ROW_BYTES
        with pa.ipc.open_file(pa.memory_map(str(path))) as file:
            return file.count_rows()


def _is_ordered(path: Path) -> bool:
    """Whether rows stand in the order of their objects; text is not read twice."""
    if path.suffix == ".csv":
        return False
    last = None
    for batch in _batches(path, ("object_id",), ("object_id",)):
        ids = batch["object_id"].combine_chunks()
        before: list[str] = [] if last is None else [last]
        ids = pa.concat_arrays([pa.array(before, ids.type), ids])
        steps = pc.less_equal(ids[:-1], ids[1:])
        if not pc.all(steps, skip_nulls=False).as_py():
            return False
        last = ids[-1].as_py()
    return True


def _batches(
    path: Path,
    wanted: tuple[str, ...] = (*COLUMNS, "detected", "zeropoint"),
    needed: tuple[str, ...] = COLUMNS,
    name: str = "photometry",
) -> Iterator[pa.Table]:
    """Some columns of a file, in pieces of about `ROWS` rows.

    Raises:
        ValueError: it cannot be read, or lacks a column.
    """
    with _readable(path), ExitStack() as stack:
        if path.suffix == ".csv":
            source = stack.enter_context(
                pyarrow.csv.open_csv(path, convert_options=_CSV)
            )
            schema, pieces = source.schema, iter(source)
            names = schema.names
        elif path.suffix == ".parquet":
            file = stack.enter_context(pq.ParquetFile(path))
            schema, names = file.schema_arrow, file.schema_arrow.names
            chosen = [name for name in names if name in wanted]
            # One row group after the other: a reader keeps what it read of all of them.
            pieces = (
                piece
                for group in range(file.num_row_groups)
                for piece in file.iter_batches(ROWS, row_groups=[group], columns=chosen)
            )
        else:
            file = stack.enter_context(pa.ipc.open_file(pa.memory_map(str(path))))
            schema, names = file.schema, file.schema.names
            pieces = (file.get_batch(i) for i in range(file.num_record_batches))
        require_columns(pd.DataFrame(columns=names), needed, name)
        _check_ids(schema.field("object_id").type, name)
        gathered: list[pa.RecordBatch] = []
        for piece in pieces:
            gathered.append(piece.select([n for n in names if n in wanted]))
            if sum(map(len, gathered)) >= ROWS:
                yield pa.Table.from_batches(gathered)
                gathered = []
        if gathered:
            yield pa.Table.from_batches(gathered)


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
def _readable(path: Path) -> Iterator[None]:
    """Say which file cannot be read, and why, in one line."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} cannot be read: {reason}") from error


def read_frame(path: Path) -> pd.DataFrame:
    """Read a parquet, CSV or Arrow file.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        return _READERS[path.suffix](path)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} cannot be read: {reason}") from error


def _read_csv(path: Path) -> pd.DataFrame:
    # As text: 0012 is the name of an object, not the number 12.
    return pd.read_csv(path, dtype={"object_id": str})


_READERS = {
    ".parquet": pd.read_parquet,
    ".csv": _read_csv,
    ".arrow": pd.read_feather,
    ".feather": pd.read_feather,
}


SUFFIXES = tuple(_READERS)
"""Of the files that can be read as tables."""
