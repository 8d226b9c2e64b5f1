"""Avro object container files, as alert packets are sent.

fastavro parses them. What it does not check is checked first: the sizes of the blocks
(https://avro.apache.org/docs/1.12.0/specification/#object-container-files), and that
every item of an array costs a byte, so that a count cannot exceed the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from zoo.datasets.readers.files.limits import Refused, inflate, readable

MAGIC = b"Obj\x01"

_SIZES = {"null": 0, "float": 4, "double": 8}  # bytes; at least 1 for the rest
_SYNC = 16


def field_names(path: Path) -> frozenset[str]:
    """Names of the fields of a packet, from the schema in the file.

    Raises:
        ValueError: there is no readable schema.
    """
    with _opened(path) as reader:
        schema = reader.writer_schema
        fields = schema.get("fields", ()) if isinstance(schema, dict) else ()
        return frozenset(field["name"] for field in fields)


def packets(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file.

    Raises:
        ValueError: the file is cut or damaged, or its schema allows records without
            size.
    """
    with _opened(path, check=True) as reader:
        yield from reader


@contextmanager
def _opened(path: Path, check: bool = False) -> Iterator[Any]:
    import fastavro

    with path.open("rb") as file, readable(path, "read as Avro"):
        reader = fastavro.reader(file)
        if check:
            _check_blocks(reader, file, path.stat().st_size)
        yield reader


def _check_blocks(reader: Any, content: IO[bytes], end: int) -> None:
    """Walk over the blocks, and leave the file where it was."""
    import fastavro

    if reader.codec not in ("null", "deflate"):
        raise Refused(
            f"its codec is {reader.codec!r}. Write it again with the codec 'deflate' "
            "or 'null'."
        )
    least = max(_least_size(reader.writer_schema, {}, ()), 1)
    start = content.tell()
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
        unpacked = inflate(data, "a block") if reader.codec == "deflate" else size
        if not 0 <= count * least <= unpacked:
            raise Refused(
                f"a block of {unpacked:,} bytes announces {count:,} packets, so the "
                "file is damaged. Download it again."
            )
        content.seek(_SYNC, 1)
    content.seek(start)


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
