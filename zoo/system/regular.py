"""Read a file that a stranger may have put there: an ordinary one, not too large."""

import os
import stat
from pathlib import Path

# Neither is on every system: Windows has no pipes among its files.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_regular(path: Path, most: int) -> bytes:
    """The content of a file.

    A pipe would wait for ever and a device never end, so both are refused unread.

    Args:
        path: the file, or a link to it.
        most: bytes that it may have.

    Raises:
        OSError: it is not there, or cannot be read.
        ValueError: it is no ordinary file, or larger.

    Example:
        >>> read_regular(Path("/dev/zero"), 1000)
        Traceback (most recent call last):
        ValueError: /dev/zero is not an ordinary file. Remove it.
    """
    handle = os.open(str(path), _FLAGS)
    with open(handle, "rb") as file:
        state = os.fstat(handle)
        size = state.st_size
        if not stat.S_ISREG(state.st_mode):
            raise ValueError(f"{path} is not an ordinary file. Remove it.")
        content = file.read(most + 1) if size <= most else b""
    if max(size, len(content)) > most:
        raise ValueError(f"{path} is larger than {most:,} bytes. Do not trust it.")
    return content
