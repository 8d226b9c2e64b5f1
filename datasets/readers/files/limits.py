"""Sizes beyond which a file is refused before it fills the memory."""

import gzip
import tarfile
import zlib
from pathlib import Path
from typing import IO, cast

UNPACKED = 2**32
"""Largest size of an unpacked file, bytes: beyond 4 GiB a gzip file cannot even state
its own size (RFC 1952, ISIZE)."""

EXPANSION = 100
"""Largest growth when unpacked. Deflate ends at 1032 (https://zlib.net/zlib_tech.html),
which only constant bytes reach; SNANA files of YSE and ZTF grow 3 to 5 times."""

HARMLESS = 2**26
"""Up to 64 MiB the growth does not matter, bytes."""

_PIECE = 2**20


class TooLarge(ValueError):
    """A file that would fill the memory."""


def check_expansion(unpacked: int, packed: int, name: str | Path) -> None:
    """Refuse a file that grows too much.

    Args:
        unpacked: bytes so far, or as the file states.
        packed: bytes on disk.
        name: the file, for the message.

    Raises:
        TooLarge: it is more than `EXPANSION` and `HARMLESS` allow.
    """
    if unpacked > HARMLESS and unpacked > EXPANSION * packed:
        raise TooLarge(
            f"{name} is refused: its {packed:,} bytes unpack to {unpacked:,} or more, "
            f"and the limit is {EXPANSION} times the size. If it is sound, unpack it "
            "first."
        )


def check_gzip(path: Path) -> None:
    """Unpack a gzip file once, keeping nothing: it must be complete and not a bomb.

    Raises:
        ValueError: it is damaged, or grows beyond the limits.
    """
    packed, unpacked = path.stat().st_size, 0
    try:
        with gzip.open(path, "rb") as file:
            while piece := file.read(_PIECE):
                unpacked += len(piece)
                check_expansion(unpacked, packed, path)
                if unpacked > UNPACKED:
                    raise TooLarge(
                        f"{path} is refused: it unpacks to more than {UNPACKED:,} "
                        "bytes. Unpack and split it first."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(
            f"{path} cannot be unpacked: {error}. Download it again."
        ) from error


def check_tar(path: Path) -> None:
    """Add up the sizes of the members of a tar file; sparse members state them too.

    Raises:
        ValueError: the file is damaged, or grows beyond the limits.
    """
    size, packed = 0, path.stat().st_size
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                size += member.size
                check_expansion(size, packed, path)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError(
            f"{path} cannot be read as a tar file: {error}. Download it again."
        ) from error


def inflate(data: bytes, name: str) -> int:
    """Size of a raw deflate stream when unpacked, bytes.

    Raises:
        ValueError: it is damaged, or grows beyond the limits.
    """
    engine, size = zlib.decompressobj(-15), 0
    rest = data
    try:
        while rest and not engine.eof:
            size += len(engine.decompress(rest, _PIECE))
            rest = engine.unconsumed_tail
            check_expansion(size, len(data), name)
    except zlib.error as error:
        raise ValueError(
            f"{name} cannot be unpacked: {error}. Download it again."
        ) from error
    return size


def open_binary(path: Path, packed: bool) -> IO[bytes]:
    """The bytes of a file, unpacked."""
    return cast(IO[bytes], gzip.open(path) if packed else path.open("rb"))
