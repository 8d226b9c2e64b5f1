"""What a file or an object in memory is: its kind and the names of its columns.

The kind comes from the first bytes, never from the name.
"""

import warnings
from os import PathLike
from pathlib import Path
from typing import Any

from zoo.datasets.readers.files import arrow, avro, csv, limits, text
from zoo.datasets.readers.files.source import Source, UnknownFormat

HEAD = 2**16
"""Number of bytes at the start of a file that are looked at."""

_PACKED = {
    b"PK\x03\x04": "a ZIP archive",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
}
_TAR = 257  # position of `ustar`


def inspect(path: str | PathLike[str]) -> Source:
    """Find out what a file is.

    Raises:
        FileNotFoundError: there is no such file.
        UnknownFormat: it is empty, or of no known kind.
        ValueError: it is damaged.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. Give a file or a folder.")
    if not path.is_file():
        raise ValueError(f"{path} is not a regular file. Give a file or a folder.")
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
        return Source(str(path), binary, avro.field_names(path), path=path)
    if binary in ("parquet", "arrow"):
        return _arrow(path, binary)
    if binary == "fits":
        return Source(
            str(path), binary, _fits_columns(path, packed), path=path, packed=packed
        )
    if binary == "tar":
        limits.check_tar(path)
        if not any(text.snana_in_tar(path)):
            raise UnknownFormat(
                f"{path} is a tar file without SNANA text files. Unpack it and give "
                "the files in it."
            )
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
    if head.startswith(avro.MAGIC):
        return "avro"
    if head.startswith(arrow.PARQUET):
        return "parquet"
    if head.startswith((arrow.ARROW_FILE, arrow.ARROW_STREAM)):
        return "arrow"
    if head.startswith(b"SIMPLE  ="):
        return "fits"
    return "tar" if head[_TAR:].startswith(b"ustar") else None


def _fits_columns(path: Path, packed: bool) -> frozenset[str]:
    """The columns of the first table."""
    from astropy.io import fits

    # The parser reacts to damage with exceptions and warnings of every kind.
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
    try:
        start = text.decoded(head, whole=len(head) < HEAD)
        if text.is_json(start):
            with limits.open_binary(path, packed) as file:
                value, columns = text.json_value(file, path)
            return Source(str(path), "json", columns, path=path, value=value)
        kind, columns = "csv", frozenset[str]()
        if start.startswith("# %ECSV"):
            kind = "ecsv"
        elif text.is_snana(start):
            kind = "snana"
        else:
            columns = csv.columns(start)
    except text.NotText as error:
        raise UnknownFormat(f"{path} {error}") from error
    return Source(str(path), kind, columns, path=path, packed=packed)


def _arrow(path: Path, kind: str) -> Source:
    with arrow.readable(path):
        schema = arrow.schema(path, kind)
        lists, structs = arrow.list_columns(schema)
        return Source(str(path), kind, frozenset(schema.names), lists, structs, path)


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
            lists, structs = arrow.list_columns(schema)
        # A column of mixed types; `zoo.light_curves.table` names it.
        except pa.ArrowException:
            lists, structs = frozenset(), ()
        return Source("the DataFrame", "frame", names, lists, structs, value=value)
    if type(value).__module__.startswith("pyarrow."):
        lists, structs = arrow.list_columns(value.schema)
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
