"""Names of what is not finished, by which a later run knows whether it may go.

    .NAME.HOST-PID-START-RANDOM.part    not finished, becomes NAME
    .NAME.HOST-PID-START-RANDOM.old     was NAME, and goes or comes back

A process that is killed leaves such files behind. The next one that writes to the same
folder removes those whose process has ended. HOST stands for a machine and, where
processes are numbered anew, as in a container, for that too: what another host has
written stays, since nobody here knows whether it is still at work.
"""

import hashlib
import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

UNFINISHED, FORMER = ".part", ".old"

_OF_A_MODEL = ".eval_results"  # hidden, and goes with the model whose results it holds

_LONGEST = 255  # bytes of a name, on the usual file systems

_NAME = re.compile(
    r"\.(?P<name>.+)\.(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]+)-(?P<start>[0-9]+)"
    r"-[0-9a-f]{8}(?P<kind>\.part|\.old)",
    re.DOTALL,
)


def aside(path: Path, kind: str = UNFINISHED) -> Path:
    """A name beside a path for what is written in its place by this process."""
    pid = os.getpid()
    end = f".{_host()}-{pid}-{_start(pid) or 0}-{secrets.token_hex(4)}{kind}"
    name = path.name
    while len(os.fsencode(name)) > _LONGEST - len(end) - 1:
        name = name[:-1]
    return path.with_name(f".{name}{end}")


def recover(path: Path) -> None:
    """Give a folder its name back, if it was being replaced when the process ended."""
    path = Path(os.path.realpath(path))
    if os.path.lexists(path):
        return
    for entry, found in _left_in(path.parent):
        if found["kind"] == FORMER and found["name"] == path.name:
            with suppress(OSError):  # another process is faster, or it may not be
                entry.rename(path)
            return


def clean(folder: Path) -> None:
    """Remove what processes that have ended left in a folder.

    Hidden entries of a folder (`.git`), which were to move on to the one that replaced
    it, still do. What may not be removed stays.
    """
    for entry, found in list(_left_in(folder)):
        path = folder / found["name"]
        if found["kind"] == FORMER:
            recover(path)
        with suppress(OSError):
            if entry.is_dir() and not entry.is_symlink():
                remove(entry, path if found["kind"] == FORMER else None)
            else:
                entry.unlink(missing_ok=True)


def remove(old: Path, new: Path | None) -> None:
    """Remove a folder but for its hidden entries, which move to a new one."""
    if new is not None and new.is_dir():
        for hidden in old.glob(".*"):
            if hidden.name == _OF_A_MODEL:
                continue
            with suppress(OSError):  # it has one of that name
                hidden.replace(new / hidden.name)
    shutil.rmtree(old, ignore_errors=True)


def _left_in(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    """What this user's processes that have ended left in a folder, with their names."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        found = _NAME.fullmatch(name) if name.startswith(".") else None
        if not found or found["host"] != _host():
            continue
        if _has_ended(int(found["pid"]), int(found["start"])) and _is_own(
            folder / name
        ):
            yield folder / name, found


def _is_own(path: Path) -> bool:
    try:
        return os.name != "posix" or path.lstat().st_uid == os.geteuid()
    except OSError:  # another process has removed it
        return False


def _has_ended(pid: int, start: int) -> bool:
    """Whether no process has this number and began then; in doubt, one has."""
    if os.name != "posix":  # elsewhere the question would end the process
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:  # it belongs to someone else
        pass
    began = _start(pid)
    return bool(began and start and began != start)


def _start(pid: int) -> int | None:
    """When a process began, in ticks since the machine did; None where not known."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        return int(stat.rpartition(")")[2].split()[19])  # proc(5), field 22
    except (OSError, ValueError, IndexError):
        return None


@cache
def _host() -> str:
    """This machine and its numbering of processes, in eight digits."""
    space = ""
    with suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")
    text = f"{platform.node()} {space}"
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
