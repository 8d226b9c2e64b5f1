"""Completion of MODEL, DATA and INPUT by the shell, instant: no package is imported.

Where a list is empty, the shell offers files.
"""

from collections.abc import Iterator
from pathlib import Path

from zoo.datasets.names import SURVEY_FILES, SURVEYS
from zoo.system.plain import plain


def models(incomplete: str) -> list[str]:
    """Ids of the zoo's models, and model folders."""
    from zoo.hub.pins import pins

    ids = [name for name in pins() if name.startswith(incomplete)]
    return ids + list(_folders(incomplete, "zoo.json"))


def surveys(incomplete: str) -> list[str]:
    """Names of the surveys."""
    return [name for name in SURVEYS if name.startswith(incomplete)]


def survey_files(incomplete: str) -> list[str]:
    """Names of the survey files that come with the package."""
    return [name for name in SURVEY_FILES if name.startswith(incomplete)]


def to_simulate(incomplete: str) -> list[str]:
    """Names of the surveys and of survey files."""
    return list(dict.fromkeys([*surveys(incomplete), *survey_files(incomplete)]))


def data(incomplete: str) -> list[str]:
    """Names of the surveys, and light-curve table folders."""
    return surveys(incomplete) + list(_folders(incomplete, "photometry.*"))


def inputs(incomplete: str) -> list[str]:
    """Names of the surveys that begin like this; before the first letter, files."""
    return surveys(incomplete) if incomplete else []


def _holds(folder: Path, name: str) -> bool:
    try:
        return any(folder.glob(name))
    except OSError:  # it may not be read
        return False


def _folders(incomplete: str, holding: str) -> Iterator[str]:
    """Folders whose path begins like this and that hold a file of a name (a glob)."""
    beginning = incomplete.rpartition("/")[2]
    prefix = incomplete[: len(incomplete) - len(beginning)]
    parent = Path(prefix or ".").expanduser()
    try:
        folders = sorted(p.name for p in parent.iterdir() if p.is_dir())
    except OSError:
        return
    for name in folders:
        shown = plain(name) == name  # a shell would obey some of the others
        if shown and name.startswith(beginning) and _holds(parent / name, holding):
            yield prefix + name
