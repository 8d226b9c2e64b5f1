"""Folders and files that are written completely or not at all.

They are written beside their place under a name of their own, and renamed at the end.
Two writers of one path do not disturb each other: the last to finish wins. What is
unfinished begins with a dot, and is removed where writing fails.
"""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ATTEMPTS = 10


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give a path to write a file to, which becomes `path` at the end.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with new_file(Path(folder) / "a.txt") as part:
        ...         _ = part.write_text("hello")
        ...     (Path(folder) / "a.txt").read_text()
        'hello'
    """
    with new_files(path) as (part,):
        yield part


@contextmanager
def new_files(*paths: Path) -> Iterator[list[Path]]:
    """As `new_file`, of several: none takes its place before all are written."""
    parts = [_part_of(path) for path in paths]
    try:
        yield parts
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to write to, which becomes `path` at the end.

    A former folder of that name is replaced, but for its hidden entries (`.git`), which
    stay. It stays as it was if anything fails before that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part_of(path)
    part.mkdir()
    try:
        yield part
        _put_in_place(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _part_of(path: Path) -> Path:
    """The name of `path` while it is unfinished; whoever creates it gives it the mode
    of an ordinary file."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def _put_in_place(part: Path, path: Path) -> None:
    """Rename a finished folder to its name; the one it replaces goes last."""
    mode = part.stat().st_mode & 0o666
    for file in part.iterdir():  # safetensors writes for the owner alone
        if file.is_file():
            file.chmod(mode)
    old = part.with_name(part.name + ".old")
    try:
        for left in reversed(range(_ATTEMPTS)):
            with suppress(FileNotFoundError):
                path.replace(old)
            try:
                part.replace(path)
                break
            except OSError:
                # Another command put its own there meanwhile: that one goes next.
                if not left or not path.exists():
                    raise
                _take_over(old, part)
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
