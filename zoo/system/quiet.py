"""Silence for what others write although nothing is wrong."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def closed_stderr() -> Iterator[None]:
    """Close standard error within the block, for compiled code as well.

    What compiled code writes there, such as TensorFlow's notice that it found no GPU,
    does not pass through Python. Nothing is done where there is no standard error.

    Example:
        >>> with closed_stderr():
        ...     written = os.write(2, b"a notice")
    """
    try:
        stderr = os.dup(2)
    except OSError:  # of a process without one
        yield
        return
    _flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        _flush()
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _flush() -> None:
    """Flush Python's standard error: there may be none, as in a service, a closed one,
    or an object of a notebook or a logger that has `write` alone."""
    with suppress(AttributeError, OSError, ValueError):
        sys.stderr.flush()


@contextmanager
def only_errors(logger: str) -> Iterator[None]:
    """Let a logger of Python report errors alone within the block.

    Example:
        >>> with only_errors("tensorflow"):
        ...     logging.getLogger("tensorflow").warning("retraced")
    """
    named = logging.getLogger(logger)
    before = named.level
    named.setLevel(max(before, logging.ERROR))
    try:
        yield
    finally:
        named.setLevel(before)
