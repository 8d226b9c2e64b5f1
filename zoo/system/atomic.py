"""Folders and files that are written completely or not at all.

They are written beside their place under a name of their own, and renamed at the end.
Two writers of one path do not disturb each other: the last to finish wins. What is
unfinished begins with a dot, and is removed where writing fails; what a killed process
left, the next writer to the same folder removes (see `zoo.system.leftovers`).
"""

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from zoo.system.leftovers import FORMER, aside, clean, recover, remove

_ATTEMPTS = 10
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_HERE = -100  # AT_FDCWD of Linux
_EXCHANGE = 2  # RENAME_EXCHANGE, see renameat2(2)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give a path to write a file to, which becomes `path` at the end.

    A link is followed. A file that was there hands on its mode.

    Raises:
        OSError: the disk is full; the message names `path`.

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
    targets = [Path(os.path.realpath(path)) for path in paths]
    for folder in {target.parent for target in targets}:
        clean(folder)
    parts = [aside(target) for target in targets]
    try:
        with _naming(paths[0]):
            yield parts
        for part, target in zip(parts, targets, strict=True):
            with suppress(OSError):  # none is there, or on a disk without modes
                part.chmod(target.stat().st_mode & 0o777)
            part.replace(target)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to write to, which becomes `path` at the end.

    A former folder of that name is replaced, but for its hidden entries (`.git`), which
    stay. It stays as it was if anything fails before that, and if the process is killed
    at any moment. A link is followed.

    Raises:
        ValueError: see `check_replaceable`.
        OSError: the disk is full; the message names `path`.
    """
    check_replaceable(path)
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    clean(target.parent)
    part = aside(target)
    part.mkdir()
    try:
        with _naming(path):
            yield part
        _put_in_place(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def scratch_folder(above: Path | None = None) -> Iterator[Path]:
    """Give an empty folder for temporary files, removed at the end.

    Args:
        above: the folder in which it lies; default: that of the system.
    """
    above = Path(tempfile.gettempdir()) if above is None else above
    clean(above)
    folder = aside(above / "zoo")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_replaceable(path: Path) -> None:
    """Refuse a folder that cannot be exchanged for a new one without harm.

    Raises:
        ValueError: it is a mount point, the current folder, or one above that, in which
            the shell would be left in a folder that is gone.
    """
    target, here = Path(os.path.realpath(path)), Path(os.path.realpath("."))
    if target == here or target in here.parents:
        raise ValueError(
            f"{path} is the folder in which this command runs, or one above it, and "
            "would be replaced as a whole. Name a folder inside it, or run the command "
            "elsewhere."
        )
    if os.path.ismount(target):
        raise ValueError(
            f"{path} is a mount point and cannot be replaced. Name a folder inside it."
        )


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Refuse to replace what is there, unless it was asked for.

    Args:
        path: a file, or a folder; an empty folder counts as nothing.
        overwrite: whether it may be replaced.

    Raises:
        FileExistsError: it is there and may not.
    """
    recover(path)
    if overwrite or not path.exists():
        return
    if path.is_dir() and all(p.name.startswith(".") for p in path.iterdir()):
        return
    raise FileExistsError(
        f"{path} exists already. Choose another name, or replace it: --overwrite (in "
        "Python, overwrite=True)."
    )


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Where the disk is full, name what was to be written, not its temporary name."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        reason = os.strerror(error.errno)
        raise OSError(f"{path} cannot be written: {reason}.") from None


def _put_in_place(part: Path, path: Path) -> None:
    """Rename a finished folder to its name; the one it replaces goes last."""
    if path.is_dir():
        part.chmod(path.stat().st_mode & 0o777)
    mode = part.stat().st_mode & 0o666
    for file in part.iterdir():  # safetensors writes for the owner alone
        if file.is_file():
            file.chmod(mode)
    for left in reversed(range(_ATTEMPTS)):
        try:
            if path.exists():
                _replace(part, path)
            else:
                part.rename(path)
            return
        except OSError as error:
            # Another command put its own there meanwhile, or took it away.
            met = (errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY)
            if not left or error.errno not in met or not part.exists():
                raise


def _replace(part: Path, path: Path) -> None:
    """Put a folder in the place of another, which is removed.

    Where two folders can be exchanged in one step, a process that is killed leaves one
    of them at the name. Elsewhere it may leave none; then `recover` gives the name back
    to the former one.
    """
    old = aside(path, FORMER)
    part.rename(old)  # what is of that kind hands on its hidden entries
    try:
        exchanged = _exchange(old, path)
    except OSError:
        old.rename(part)
        raise
    if not exchanged:
        old.rename(part)
        path.rename(old)
        try:
            part.rename(path)
        except OSError:
            if not path.exists():
                old.rename(path)
            raise
    remove(old, path)


def _exchange(a: Path, b: Path) -> bool:
    """Exchange two folders in one step; False where this system cannot."""
    call = _renameat2()
    if call is None:
        return False
    if call(_HERE, os.fsencode(a), _HERE, os.fsencode(b), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):  # not this file system
        return False
    raise OSError(code, os.strerror(code), str(b))


@cache
def _renameat2() -> Any:
    """The function of Linux' C library, glibc 2.28 or later; None without it."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return None
    call.argtypes = (
        *(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p),
        ctypes.c_uint,
    )
    return call
