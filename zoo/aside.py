"""Write a folder or a file aside, then rename it: nobody ever finds half of it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path`, and put it in its place at the end.

    A former folder of that name is replaced, but for its hidden entries (`.git`), which
    stay. It stays as it was if anything fails before that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield aside
        _put_in_place(aside, path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put_in_place(aside: Path, path: Path) -> None:
    """Rename a finished folder to its name; the one it replaces goes last."""
    aside.chmod(0o755)  # mkdtemp's is for the owner alone
    for file in aside.iterdir():  # safetensors writes for the owner alone
        file.chmod(0o644)
    old = aside.with_name(aside.name + ".old")
    if path.exists():
        path.replace(old)
    try:
        aside.replace(path)
    except BaseException:
        if old.exists():
            old.replace(path)
        raise
    if old.exists():
        for hidden in old.glob(".*"):
            hidden.replace(path / hidden.name)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def file_aside(path: Path) -> Iterator[Path]:
    """Give the name of a file beside `path`, which takes its place at the end."""
    aside = path.with_name(f".{path.name}.part")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
