"""What a file or an object in memory is: its kind and the names of its columns.

The kind comes from the first bytes, never from the name.
"""

import re
import warnings
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from zoo.datasets.readers.files import arrow, avro, limits, magnitudes, text
from zoo.datasets.readers.files.source import Source, UnknownFormat
from zoo.light_curves.sources.arrow import by_astropy, stated_units, to_frame

HEAD = 2**16
"""Number of bytes at the start of a file that are looked at."""

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_PACKED = {
    _ZIP: "a ZIP archive",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
}
_KINDS = {
    avro.MAGIC: "avro",
    arrow.PARQUET: "parquet",
    arrow.ARROW_FILE: "arrow",
    arrow.ARROW_STREAM: "arrow",
    b"SIMPLE  =": "fits",
}
_VOTABLE = re.compile(r"\A\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<VOTABLE\b", re.DOTALL)
_FIELD = re.compile(r"""<FIELD\b[^>]*?\bname\s*=\s*["']([^"']+)["']""")
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
    binary = next(
        (kind for magic, kind in _KINDS.items() if head.startswith(magic)), ""
    )
    if not binary and head[_TAR:].startswith(b"ustar"):
        binary = "tar"
    if binary and packed and binary not in ("fits", "tar"):
        raise UnknownFormat(f"{path} is {binary} packed with gzip. Unpack it first.")
    if binary == "avro":
        fields = avro.fields(path)
        structs = tuple((name, inner) for name, inner in fields.items() if inner)
        return Source(str(path), binary, frozenset(fields), structs=structs, path=path)
    if binary in ("parquet", "arrow"):
        columns = arrow.schema(path, binary)
        names = frozenset(name.removesuffix(".jd1") for name in columns.names)
        if by_astropy(columns) and magnitudes.is_light_curve(names):
            if not any(pa.types.is_nested(field.type) for field in columns):
                return Source(str(path), "astropy_parquet", names, path=path)
        return _with_lists(str(path), binary, columns, path=path)
    if binary == "fits":
        names = _fits_columns(path, packed)
        return Source(str(path), binary, names, path=path, packed=packed)
    if binary == "tar":
        limits.check_tar(path)
        if not any(text.snana_in_tar(path)):
            raise UnknownFormat(
                f"{path} is a tar file without SNANA text files. Unpack it and give "
                "the files in it."
            )
        return Source(str(path), binary, path=path, packed=packed)
    return _text(path, head, packed)


def packed_kind(path: Path) -> str:
    """`zip` for an archive, `gzip` for a binary file that cannot be read packed, empty
    for any other file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        head = file.read(len(_ZIP))
        if head == _ZIP:
            return "zip"
        if not head.startswith(_GZIP):
            return ""
    with limits.readable(path, "unpacked"), limits.open_binary(path, True) as file:
        start = file.read(max(map(len, _KINDS)))
    kinds = [kind for magic, kind in _KINDS.items() if start.startswith(magic)]
    return "gzip" if kinds and kinds[0] != "fits" else ""


def _head(path: Path) -> tuple[bytes, bool]:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.startswith(_GZIP):
        return head, False
    limits.check_gzip(path)
    with limits.open_binary(path, packed=True) as file:
        return file.read(HEAD), True


def _fits_columns(path: Path, packed: bool) -> frozenset[str]:
    """The columns of the first table."""
    from astropy.io import fits

    with (
        limits.readable(path, "read as FITS"),
        warnings.catch_warnings(),
        limits.open_binary(path, packed) as file,
    ):
        warnings.filterwarnings("error", "(?s).*truncated")
        with fits.open(file) as units:
            for unit in list(units):
                if isinstance(unit, fits.BinTableHDU):
                    return frozenset(map(str, unit.columns.names))
    raise UnknownFormat(f"{path} is a FITS file without a table. Give light curves.")


def _text(path: Path, head: bytes, packed: bool) -> Source:
    try:
        start = text.decoded(head, whole=len(head) < HEAD)
        if text.is_json(start):
            with limits.open_binary(path, packed) as file:
                value, columns = text.json_value(file, path)
            return Source(str(path), "json", columns, path=path, value=value)
        text.refuse_text_before_json(start)
        kind, columns = "csv", frozenset[str]()
        if start.startswith("# %ECSV"):
            kind = "ecsv"
        elif text.is_snana(start):
            kind = "snana"
        elif _VOTABLE.search(start):
            kind, columns = "votable", frozenset(_FIELD.findall(start))
        elif columns := text.spaced_columns(start):
            kind = "spaced"
        else:
            columns = text.csv_columns(start)
    except text.NotText as error:
        raise UnknownFormat(f"{path} {error}") from error
    return Source(str(path), kind, columns, path=path, packed=packed)


def _with_lists(name: str, kind: str, schema: pa.Schema, **where: Any) -> Source:
    """A source, with its columns of lists, and those of structs with their names."""
    lists, structs, units = [], [], stated_units(schema)
    for field in schema:
        inner = field.type
        if pa.types.is_list(inner) or pa.types.is_large_list(inner):
            lists.append(field.name)
            inner = inner.value_type
        if pa.types.is_struct(inner):
            structs.append((field.name, frozenset(one.name for one in inner)))
            units |= stated_units(pa.schema(list(inner)))
    return Source(
        name,
        kind,
        columns=frozenset(schema.names),
        units=tuple(units.items()),
        nested=frozenset(lists),
        structs=tuple(structs),
        **where,
    )


def from_memory(value: Any) -> Source:
    """An object in memory: a DataFrame, an Arrow table or an astropy table.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, pd.DataFrame):
        named = [name for name in value.index.names if name is not None]
        if set(named) - {*value.columns}:
            value = value.reset_index()
        try:  # the schema states which columns hold lists
            schema = pa.Schema.from_pandas(value.head(100), preserve_index=False)
        # A column of mixed types; `zoo.light_curves.table` names it.
        except pa.ArrowException:
            names = frozenset(map(str, value.columns))
            source = Source("the DataFrame", "frame", names, value=value)
        else:
            source = _with_lists("the DataFrame", "frame", schema, value=value)
        stated = value.attrs.get("units")
        if isinstance(stated, dict):
            units = tuple((name, str(stated[name])) for name in stated if stated[name])
            source = replace(source, units=units)
        return source
    if type(value).__module__.startswith("pyarrow."):
        frame = to_frame(value)
        return _with_lists("the Arrow table", "frame", value.schema, value=frame)
    if type(value).__module__.startswith("astropy."):
        names = frozenset(value.colnames)
        return Source("the astropy table", "astropy", names, value=value)
    raise ValueError(
        f"a {type(value).__name__} cannot be read. Give files, a DataFrame, an Arrow "
        "table or an astropy table."
    )
