"""Named arrays in a `.npz` file that a stranger may have made.

NumPy believes what a header says and takes the memory first. Here the names, types and
sizes of all arrays are compared with what the file can hold before one is read, and
nothing is ever unpickled.
"""

import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from tokenize import TokenError
from typing import IO

import numpy as np
from numpy.lib import format as npy

TEXT, INTEGER, UNSIGNED, NUMBER, FLAG = "U", "i", "u", "f", "b"
"""Kinds of arrays: texts, int64 and the like, uint64, floats, bool."""

_DIMENSIONS = 3
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, TypeError),
    *(ValueError, NotImplementedError, RuntimeError, OverflowError, MemoryError),
    *(SyntaxError, TokenError),
)


def read_arrays(
    source: bytes | IO[bytes], kinds: Mapping[str, str], most: int
) -> dict[str, np.ndarray]:
    """Read the arrays of a `.npz` file.

    Args:
        source: the file, or its content.
        kinds: the kind of each array that the file may hold, or several of them.
        most: bytes that they may take in memory, all together.

    Returns:
        Those that are there.

    Raises:
        ValueError: it is no such file, or an array has another kind or size than its
            header says, or they take more.

    Example:
        >>> file = io.BytesIO()
        >>> np.savez_compressed(file, mjd=np.arange(3.0))
        >>> read_arrays(file.getvalue(), {"mjd": NUMBER}, 1000)
        {'mjd': array([0., 1., 2.])}
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = [member.filename.removesuffix(".npy") for member in members]
            if len(set(names)) != len(names) or not kinds.keys() >= set(names):
                raise ValueError(f"it holds {len(names)} arrays, not those of its kind")
            if (size := sum(member.file_size for member in members)) > most:
                raise ValueError(f"its arrays take {size:,} bytes, more than {most:,}")
            arrays = {}
            for name, member in zip(names, members, strict=True):
                with archive.open(member) as stream:
                    arrays[name] = _array(name, stream, member.file_size, kinds[name])
            return arrays
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0].rstrip(".")[:200]
        raise ValueError(reason or type(error).__name__) from None


def _array(name: str, stream: IO[bytes], size: int, kind: str) -> np.ndarray:
    """Read an array whose header is checked first."""
    if npy.read_magic(stream) != (1, 0):  # others are for dtypes that we never write
        raise ValueError(f"{name} has a header of another version")
    shape, by_columns, dtype = npy.read_array_header_1_0(stream)
    if dtype.kind not in kind or dtype.fields is not None:
        raise ValueError(f"{name} is of type {dtype}")
    count = math.prod(shape)
    if min(shape, default=0) < 0 or len(shape) > _DIMENSIONS or count > size:
        raise ValueError(f"{name} cannot have the shape that it states")
    content = stream.read()
    if len(content) != count * dtype.itemsize:
        raise ValueError(f"{name} has {len(content):,} bytes, which its shape denies")
    if dtype.kind == FLAG and np.frombuffer(content, np.uint8).max(initial=0) > 1:
        raise ValueError(f"{name} holds more than true and false")
    if dtype.kind == TEXT:
        letters = np.frombuffer(content, np.dtype("u4").newbyteorder(dtype.byteorder))
        if ((letters > 0x10FFFF) | (letters >> 11 == 0x1B)).any():  # or surrogates
            raise ValueError(f"{name} holds what is no text")
    flat = np.frombuffer(content, dtype) if content else np.empty(count, dtype)
    ordered = flat.reshape(shape[::-1]).T if by_columns else flat.reshape(shape)
    return ordered.astype(dtype.newbyteorder("="))


def check_shapes(
    arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]
) -> None:
    """Refuse arrays of which one is missing or has another shape.

    Raises:
        ValueError: so it is.
    """
    for name, shape in shapes.items():
        if name not in arrays:
            raise ValueError(f"{name} is missing")
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has shape {arrays[name].shape}, not {shape}")


def check_values(
    name: str, values: np.ndarray, low: float, high: float, *, unknown: bool = False
) -> None:
    """Refuse values that are not between two numbers, ends included.

    Args:
        name: of the array.
        values: the array.
        low: the least of them.
        high: the greatest.
        unknown: whether NaN may stand for a value that is not known.

    Raises:
        ValueError: one is not.
    """
    fine = (values >= low) & (values <= high)
    if unknown:
        fine |= np.isnan(values)
    if not fine.all():
        worst = values[~fine].flat[0]
        raise ValueError(f"{name} holds {worst}, which is not {low:g} to {high:g}")
