"""Write a folder or a file aside, then rename it: nobody ever finds half of it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ATTEMPTS = 10


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
    try:
        for left in reversed(range(_ATTEMPTS)):
            with suppress(FileNotFoundError):
                path.replace(old)
            try:
                aside.replace(path)
                break
            except OSError:
                # Another command put its own there meanwhile: that one goes next.
                if not left or not path.exists():
                    raise
                _take_over(old, aside)
    finally:
        if path.exists():
            _take_over(old, path)
        elif old.exists():
            old.replace(path)


def _take_over(old: Path, new: Path) -> None:
    """Remove a folder but for its hidden entries, which move to another one."""
    for hidden in old.glob(".*"):
        hidden.replace(new / hidden.name)
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
