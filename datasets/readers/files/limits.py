"""What refuses a file: damage, and sizes that would fill the memory."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
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


class Refused(ValueError):
    """A file that is damaged or too large; the message is a whole sentence."""


@contextmanager
def readable(name: str | Path, how: str = "read") -> Iterator[None]:
    """Turn the exceptions that damage leads to into one sentence.

    Args:
        name: the file.
        how: what cannot be done with it, such as `read as JSON`.

    Raises:
        Refused: there is any exception.
    """
    # Parsers react to damage with exceptions of every kind, from EOFError to
    # AttributeError: no list of them would be complete.
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Refused(
            f"{name} cannot be {how}: {reason}. Download it again."
        ) from error


def check_expansion(unpacked: int, packed: int, name: str | Path) -> None:
    """Refuse a file that grows too much.

    Args:
        unpacked: bytes so far, or as the file states.
        packed: bytes on disk.
        name: the file, for the message.

    Raises:
        Refused: it is more than `EXPANSION` and `HARMLESS` allow.
    """
    if unpacked > HARMLESS and unpacked > EXPANSION * packed:
        raise Refused(
            f"{name} is refused: its {packed:,} bytes unpack to {unpacked:,} or more, "
            f"and the limit is {EXPANSION} times the size. If it is sound, unpack it "
            "first."
        )


def check_gzip(path: Path) -> None:
    """Unpack a gzip file once, keeping nothing: it must be complete and not a bomb.

    Raises:
        Refused: it is damaged, or grows beyond the limits.
    """
    packed, unpacked = path.stat().st_size, 0
    with readable(path, "unpacked"), gzip.open(path, "rb") as file:
        while piece := file.read(_PIECE):
            unpacked += len(piece)
            check_expansion(unpacked, packed, path)
            check_unpacked(unpacked, path)


def check_unpacked(size: int, path: Path) -> None:
    """Refuse a file that unpacks to too much.

    Raises:
        Refused: `size`, bytes so far, is more than `UNPACKED`.
    """
    if size > UNPACKED:
        raise Refused(
            f"{path} is refused: it unpacks to more than {UNPACKED:,} bytes. "
            "Unpack and split it first."
        )


def check_tar(path: Path) -> None:
    """Add up the sizes of the members of a tar file; sparse members state them too.

    Raises:
        Refused: the file is damaged, or grows beyond the limits.
    """
    size, packed = 0, path.stat().st_size
    with readable(path, "read as a tar file"), tarfile.open(path) as tar:
        for member in tar:
            size += member.size
            check_expansion(size, packed, path)


def inflate(data: bytes, name: str) -> int:
    """Size of a raw deflate stream when unpacked, bytes.

    Raises:
        Refused: it is damaged, or grows beyond the limits.
    """
    engine, size = zlib.decompressobj(-15), 0
    rest = data
    with readable(name, "unpacked"):
        while rest and not engine.eof:
            size += len(engine.decompress(rest, _PIECE))
            rest = engine.unconsumed_tail
            check_expansion(size, len(data), name)
    return size


def open_binary(path: Path, packed: bool) -> IO[bytes]:
    """The bytes of a file, unpacked."""
    return cast(IO[bytes], gzip.open(path) if packed else path.open("rb"))
