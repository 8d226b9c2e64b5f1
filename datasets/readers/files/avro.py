"""Avro object container files, as alert packets are sent.

fastavro parses them. What it does not check is checked first: the sizes of the blocks
(https://avro.apache.org/docs/1.12.0/specification/#object-container-files), and that
every item of an array costs a byte, so that a count cannot exceed the file. Blocks
packed with snappy, which fastavro cannot unpack on its own, go through pyarrow.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from zoo.datasets.readers.files.limits import (
    Refused,
    check_expansion,
    inflate,
    readable,
)

MAGIC = b"Obj\x01"

_SIZES = {"null": 0, "float": 4, "double": 8}  # bytes; at least 1 for the rest
_SYNC = 16
_CRC = 4  # after a block packed with snappy


def fields(path: Path) -> dict[str, frozenset[str]]:
    """Names of the fields of a packet, from the schema in the file, each with the names
    of the fields of the records in it.

    Raises:
        ValueError: there is no readable schema.
    """
    with _opened(path) as (reader, _):
        schema = reader.writer_schema
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


def packets(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file.

    Raises:
        ValueError: the file is cut or damaged, or its schema allows records without
            size.
    """
    import fastavro

    with _opened(path) as (reader, file):
        start, end = file.tell(), path.stat().st_size
        if reader.codec != "snappy":
            for _ in _blocks(reader, file, end):
                pass
            file.seek(start)
            yield from reader
            return
        schema = fastavro.parse_schema(reader.writer_schema)
        for count, data in _blocks(reader, file, end):
            records = BytesIO(data)
            for _ in range(count):
                yield fastavro.schemaless_reader(records, schema, None)  # type: ignore[misc]


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, IO[bytes]]]:
    import fastavro

    with path.open("rb") as file, readable(path, "read as Avro"):
        yield fastavro.reader(file), file


def _blocks(reader: Any, content: IO[bytes], end: int) -> Iterator[tuple[int, bytes]]:
    """Check the blocks one by one: numbers of packets, and data without snappy."""
    import fastavro

    if reader.codec not in ("null", "deflate", "snappy"):
        raise Refused(
            f"its codec is {reader.codec!r}. Write it again with the codec 'deflate', "
            "'snappy' or 'null'."
        )
    least = max(_least_size(reader.writer_schema, {}, ()), 1)
    while content.tell() < end:
        count: Any = fastavro.schemaless_reader(content, "long", None)
        size: Any = fastavro.schemaless_reader(content, "long", None)
        left = end - content.tell() - _SYNC
        if not 0 <= size <= left:
            raise Refused(
                f"a block of {size:,} bytes is announced and {max(left, 0):,} are "
                "left, so the file is cut or damaged. Download it again."
            )
        data = content.read(size)
        unpacked = size
        if reader.codec == "deflate":
            unpacked = inflate(data, "a block")
        elif reader.codec == "snappy":
            data = _unpacked(data[:-_CRC], data[-_CRC:])
            unpacked = len(data)
        if not 0 <= count * least <= unpacked:
            raise Refused(
                f"a block of {unpacked:,} bytes announces {count:,} packets, so the "
                "file is damaged. Download it again."
            )
        content.seek(_SYNC, 1)
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
        size = sum(_least_size(f["type"], known, inside) for f in schema["fields"])
    elif kind == "enum":
        size = 1
    else:
        return _least_size(kind, known, within)
    known[schema["name"]] = size
    return size
