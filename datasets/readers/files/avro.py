"""Avro: object container files, and single packets without their schema.

fastavro parses them. What it does not check is checked first: the sizes of the blocks
(https://avro.apache.org/docs/1.12.0/specification/#object-container-files), and that
every item of an array costs a byte, so that a count cannot exceed the file. Blocks
packed with snappy, which fastavro cannot unpack on its own, go through pyarrow.

Every alert packet has a schema of some 100 kB before its data: a schema is parsed once.
"""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyarrow as pa

from zoo.datasets.readers.files.limits import (
    Refused,
    check_expansion,
    inflate,
    readable,
)

MAGIC = b"Obj\x01"

_HEADER = {
    "type": "record",
    "name": "header",
    "fields": [
        {"name": "magic", "type": {"type": "fixed", "name": "magic", "size": 4}},
        {"name": "meta", "type": {"type": "map", "values": "bytes"}},
        {"name": "sync", "type": {"type": "fixed", "name": "sync", "size": 16}},
    ],
}
_SIZES = {"null": 0, "float": 4, "double": 8}  # bytes; at least 1 for the rest
_MOST_SIZELESS = 8  # fields of a record beyond its bytes: each is an object in memory
_CRC = 4  # after a block packed with snappy
_MOST_SCHEMAS = 64  # that are remembered


class Schema(NamedTuple):
    """A schema that was checked.

    Attributes:
        parsed: as fastavro takes it.
        least: the least number of bytes of a value.
    """

    parsed: Any
    least: int


class _Header(NamedTuple):
    schema: Schema
    codec: str
    sync: bytes


def checked(schema: Any) -> Schema:
    """A schema, parsed, after its check.

    Args:
        schema: as JSON (bytes or text), or what that holds.

    Raises:
        ValueError: it is not a schema, or allows values without size.
    """
    if isinstance(schema, str | bytes):
        return _of_json(schema)
    return _of_object(_Same(schema))


class _Same:
    """An object that is equal to itself alone, and can be the key of a cache."""

    def __init__(self, content: Any):
        self.content = content

    def __hash__(self) -> int:
        return id(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.content is self.content


@lru_cache(_MOST_SCHEMAS)
def _of_object(schema: _Same) -> Schema:
    import fastavro

    parsed = fastavro.parse_schema(schema.content)
    return Schema(parsed, _least_size(parsed, {}, ()))


@lru_cache(_MOST_SCHEMAS)
def _of_json(schema: str | bytes) -> Schema:
    return _of_object.__wrapped__(_Same(json.loads(schema)))


def fields(path: Path) -> dict[str, frozenset[str]]:
    """Names of the fields of a packet, from the schema in the file, each with the names
    of the fields of the records in it.

    Raises:
        ValueError: there is no readable schema.
    """
    with _opened(path) as (header, _):
        schema = header.schema.parsed
        outer = schema.get("fields", ()) if isinstance(schema, dict) else ()
        return {field["name"]: frozenset(_inner(field["type"])) for field in outer}


def _inner(schema: Any) -> Iterator[str]:
    """Names of the fields of a record, or of the records in an array or a union."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _inner(branch)
    elif isinstance(schema, dict):
        if "fields" in schema:
            yield from (field["name"] for field in schema["fields"])
        else:
            yield from _inner(schema.get("items", schema.get("type")))


def packets(content: Path | bytes) -> Iterator[dict[str, Any]]:
    """The records of a container: a file, or its bytes.

    Raises:
        ValueError: it is cut or damaged, or its schema allows records without size.
    """
    with _opened(content) as (header, file):
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        for count, data in _blocks(header, file, size):
            records = BytesIO(data)
            for _ in range(count):
                yield _record(records, header.schema)
            _refuse_rest(records, len(data))


def packet(data: bytes, schema: Schema) -> Any:
    """The record that bytes hold which have no schema with them.

    Raises:
        ValueError: they are not one record of this schema, from the first to the last
            byte.
    """
    file = BytesIO(data)
    with readable("its bytes", "read by this schema"):
        record = _record(file, schema)
        _refuse_rest(file, len(data))
    return record


def _record(file: BytesIO, schema: Schema) -> Any:
    import fastavro

    return fastavro.schemaless_reader(file, schema.parsed, None)  # type: ignore[misc]


def _refuse_rest(file: BytesIO, size: int) -> None:
    if file.tell() != size:
        raise Refused(
            f"{size - file.tell():,} of {size:,} bytes are left after the last field, "
            "so the data are damaged or of another schema."
        )


@contextmanager
def _opened(content: Path | bytes) -> Iterator[tuple[_Header, IO[bytes]]]:
    name = "the packet" if isinstance(content, bytes) else content
    with (
        BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file,
        readable(name, "read as Avro"),
    ):
        try:
            header = _header(file)
        except Refused as error:  # of a schema, which has no name
            raise Refused(f"{name}: {error}") from error
        yield header, file


def _header(file: IO[bytes]) -> _Header:
    import fastavro

    header: Any = fastavro.schemaless_reader(file, _HEADER, None)  # type: ignore[misc]
    meta = header["meta"]
    codec = meta.get("avro.codec", b"null").decode()
    return _Header(_of_json(meta["avro.schema"]), codec, header["sync"])


def _blocks(
    header: _Header, content: IO[bytes], end: int
) -> Iterator[tuple[int, bytes]]:
    """The blocks one by one: numbers of packets, and unpacked data."""
    import fastavro

    codec = header.codec
    if codec not in ("null", "deflate", "snappy"):
        raise Refused(
            f"its codec is {codec!r}. Write it again with the codec 'deflate', "
            "'snappy' or 'null'."
        )
    least = max(header.schema.least, 1)
    while content.tell() < end:
        count: Any = fastavro.schemaless_reader(content, "long", None)
        size: Any = fastavro.schemaless_reader(content, "long", None)
        left = end - content.tell() - len(header.sync)
        if not 0 <= size <= left:
            raise Refused(
                f"a block of {size:,} bytes is announced and {max(left, 0):,} are "
                "left, so the file is cut or damaged. Download it again."
            )
        data = content.read(size)
        if codec == "deflate":
            inflate(data, "a block")
            data = zlib.decompress(data, -15)
        elif codec == "snappy":
            data = _unpacked(data[:-_CRC], data[-_CRC:])
        if not 0 <= count * least <= len(data):
            raise Refused(
                f"a block of {len(data):,} bytes announces {count:,} packets, so the "
                "file is damaged. Download it again."
            )
        if content.read(len(header.sync)) != header.sync:
            raise ValueError("the marker after a block is wrong")
        yield count, data


def _unpacked(data: bytes, checksum: bytes) -> bytes:
    """A block without snappy, whose first bytes state its size, seven bits in each
    (https://github.com/google/snappy/blob/main/format_description.txt)."""
    size = 0
    for place, byte in enumerate(data[:5]):
        size |= (byte & 127) << 7 * place
        if byte < 128:
            break
    check_expansion(size, len(data), "a block")
    with readable("a block", "unpacked"):
        unpacked = pa.Codec("snappy").decompress(data, size, asbytes=True)
    if zlib.crc32(unpacked).to_bytes(_CRC, "big") != checksum:
        raise Refused("the checksum of a block is wrong. Download the file again.")
    return unpacked


def _least_size(schema: Any, known: dict[str, int], within: tuple[str, ...]) -> int:
    """The least number of bytes of a value; refuses items of an array without size."""
    if isinstance(schema, list):
        return 1 + min(_least_size(branch, known, within) for branch in schema)
    if isinstance(schema, str):
        if schema in within:
            raise Refused(f"its schema holds {schema!r} within itself. Flatten it.")
        return known.get(schema, _SIZES.get(schema, 1))
    kind = schema["type"]
    if kind in ("array", "map"):
        items = schema["items" if kind == "array" else "values"]
        if _least_size(items, known, within) + (kind == "map") == 0:
            raise Refused("its schema has arrays of items without size. Drop them.")
        return 1
    if kind == "fixed":
        size = int(schema["size"])
    elif kind in ("record", "error"):
        inside = (*within, schema["name"])
        sizes = [_least_size(f["type"], known, inside) for f in schema["fields"]]
        size = sum(sizes)
        if sizes.count(0) > size + _MOST_SIZELESS:
            raise Refused("its schema has many fields without size. Drop them.")
    elif kind == "enum":
        size = 1
    else:
        return _least_size(kind, known, within)
    known[schema["name"]] = size
    return size
