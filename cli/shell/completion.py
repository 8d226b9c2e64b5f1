"""What the shell offers after MODEL and DATA: told in no time, with nothing imported.

An empty answer lets the shell offer files.
"""

from collections.abc import Iterator
from pathlib import Path


def models(incomplete: str) -> list[str]:
    """Ids of the zoo's models, and model folders."""
    from zoo.hub.pins import pins

    ids = [name for name in pins() if name.startswith(incomplete)]
    return ids + list(_folders(incomplete, "zoo.json"))


def surveys(incomplete: str) -> list[str]:
    """Names of the surveys."""
    from zoo.datasets.names import SURVEYS

    return [name for name in SURVEYS if name.startswith(incomplete)]


def data(incomplete: str) -> list[str]:
    """Names of the surveys, and light-curve table folders."""
    return surveys(incomplete) + list(_folders(incomplete, "photometry.*"))


def inputs(incomplete: str) -> list[str]:
    """Names of the surveys, once one has begun to write one: else it is files."""
    return surveys(incomplete) if incomplete else []


def _folders(incomplete: str, holding: str) -> Iterator[str]:
    """Folders that begin so and hold a file of that name."""
    begun = incomplete.rpartition("/")[2]
    prefix = incomplete[: len(incomplete) - len(begun)]
    where = Path(prefix or ".").expanduser()
    try:
        folders = sorted(p.name for p in where.iterdir() if p.is_dir())
    except OSError:
        return
    for name in folders:
        if name.startswith(begun) and any((where / name).glob(holding)):
            yield prefix + name
