"""Apache Beam, or one sentence on how to install it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silent(level: int) -> Iterator[None]:
    """Suppress log messages of a level or below."""
    before = logging.root.manager.disable
    logging.disable(max(level, before))
    try:
        yield
    finally:
        logging.disable(before)


try:
    with silent(logging.WARNING):  # of Google Cloud's packages, which are not needed
        import apache_beam as beam  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "apache_beam":
        raise
    raise ImportError(
        'Apache Beam is not installed: pip install "transient-zoo[beam]".'
    ) from None
