"""Messages of Protocol Buffers, of which an ONNX model is one.

The package `onnx` writes them too, but takes 0.2 s to import: more than all the rest of
a first prediction. The format: https://protobuf.dev/programming-guides/encoding
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = int | str | bytes | Sequence[int | str | bytes]
"""A number from 0, text, another message, or several of one of these."""

_NUMBER, _BYTES = 0, 2  # wire types


def message(fields: Mapping[int, Value]) -> bytes:
    """Write a message.

    Args:
        fields: values by the number of their field, ascending as other writers do.

    Example:
        >>> message({1: 150}).hex(), message({2: "testing"}).hex()
        ('089601', '120774657374696e67')
    """
    parts: list[bytes] = []
    for number, value in fields.items():
        for item in [value] if isinstance(value, (int, str, bytes)) else value:
            if isinstance(item, int):
                parts += _varint(number << 3 | _NUMBER), _varint(item)
            else:
                content = item.encode() if isinstance(item, str) else item
                header = _varint(number << 3 | _BYTES) + _varint(len(content))
                parts += header, content
    return b"".join(parts)


def _varint(number: int) -> bytes:
    """Seven bits a byte, lowest first; the eighth says that more follow."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))
