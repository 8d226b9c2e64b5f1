"""Read arrays of an HDF5 file that may be malicious: only those in the file itself."""

import re

import h5py
import numpy as np
from h5py.h5d import CONTIGUOUS
from h5py.h5l import TYPE_HARD

# What h5py raises on damaged files: found by changing bytes of a file at random.
DAMAGED = (OSError, RuntimeError, KeyError, TypeError, OverflowError, MemoryError)
LARGEST = 16 * 2**20
"""Bytes of a file; ten times the published ones."""

_MOST_HEAPS = 100  # the published files have one each


def check_heaps(content: bytes) -> None:
    """Raise ValueError for a heap of texts that HDF5 1.14 would read forever.

    Its objects (index, 2 bytes; 6 others; size, 8 bytes; the object, padded to 8 bytes)
    follow one another. Index 0 is the rest, and its size counts from its start.
    """
    heaps = [match.start() for match in re.finditer(b"GCOL", content)]
    if len(heaps) > _MOST_HEAPS:
        raise ValueError("it has more heaps of texts than a Keras file")
    for at in heaps:
        end = at + int.from_bytes(content[at + 8 : at + 16], "little")
        at += 16
        while at + 16 <= min(end, len(content)):
            size = int.from_bytes(content[at + 8 : at + 16], "little")
            rest = content[at : at + 2] == b"\0\0"
            step = size if rest else 16 + -(-size // 8) * 8
            if not 0 < step <= end - at:
                raise ValueError("it is damaged: a heap of texts does not end")
            at += step


def read_array(root: h5py.File, place: str, shape: tuple[int, ...]) -> np.ndarray:
    """One array, after every check that can be made without reading it."""
    item = root
    for part in place.split("/"):
        # Subscripts and `in` follow links, also into other files: ask for the link.
        links = item.id.links if isinstance(item, h5py.Group) else None
        if links is None or not links.exists(part.encode()):
            raise ValueError(f"{place} is missing")
        if links.get_info(part.encode()).type != TYPE_HARD:
            raise ValueError(f"{place} is a soft or external link, which is not read")
        item = item[part]
    if not isinstance(item, h5py.Dataset):
        raise ValueError(f"{place} is not a data set")
    # Contiguous, as Keras 2 writes: virtual ones lie elsewhere, and chunks may be
    # declared, and would be allocated, far larger than the array.
    contiguous = item.id.get_create_plist().get_layout() == CONTIGUOUS
    if not contiguous or item.external is not None:
        raise ValueError(f"{place} is not stored contiguously in the file itself")
    if item.shape != shape or item.dtype != np.float32:
        raise ValueError(
            f"{place} has shape {item.shape} and type {item.dtype}, not {shape} and "
            "float32"
        )
    if item.id.get_storage_size() != 4 * item.size:
        raise ValueError(f"{place} was never written")
    values = item[()]
    if not np.isfinite(values).all():
        raise ValueError(f"{place} holds values that are not finite")
    return values
