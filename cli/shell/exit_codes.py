"""How a command ends: with an exit code, and one line where something went wrong.

0    done
1    what was asked could not be done; one line on standard error explains why
2    the command line is wrong
130  stopped by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP
141  standard output was closed by its reader, as by `| head`
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from zoo.cli.shell.terminal import say
from zoo.system.installed import what_to_install

_CLOSED = 128 + 13  # as of other tools, which are ended by SIGPIPE


def run(command: Callable[[], None]) -> int | str | None:
    """Run a command and return its exit code, however it ends."""
    if sys.stdout is not None and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a file may have any name
    out, stop = sys.stdout, _Stop()
    code: int | str | None = 0
    try:
        command()
    except SystemExit as end:
        # Typer and rich end like this where standard output is closed.
        closed = isinstance(end.__context__, BrokenPipeError)
        code = _CLOSED if closed else end.code
    except BaseException as error:
        if stop.number is None:  # else the signal caused it
            code = _explain(error)
    if stop.number is not None:
        ctrl_c = stop.number == signal.SIGINT
        name = "Ctrl-C" if ctrl_c else signal.Signals(stop.number).name
        _report(
            f"stopped by {name}: no partial output was left. Rerun the command to "
            "start over."
        )
        return 128 + stop.number
    return code if _flushed(out) else _CLOSED


def _explain(error: BaseException) -> int:
    """Report a user's mistake in one line; any other error is raised again."""
    if isinstance(error, BrokenPipeError):
        return _CLOSED
    if isinstance(error, UnicodeEncodeError):  # Arrow wants names of files in UTF-8
        _report(
            f"error: {error.object!r} cannot be encoded in this locale. Set "
            "PYTHONUTF8=1, or rename the file."
        )
    elif isinstance(error, KeyError):
        _report(f"error: {error.args[0]}")
    elif isinstance(error, ValueError | OSError | ImportError):
        missing = isinstance(error, ModuleNotFoundError) and what_to_install(error)
        _report(f"error: {missing or error}")
    else:
        raise error
    return 1


class _Stop:
    """Turns the first signal into KeyboardInterrupt; later ones are ignored, so that
    the command can clean up.

    Attributes:
        number: of the signal, None before there is one.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            default = (signal.SIG_DFL, signal.default_int_handler)
            # A signal that is ignored, as under nohup, stays ignored.
            if number is not None and signal.getsignal(number) in default:
                signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            return
        self.number = number
        if "multiprocessing" in sys.modules:
            from multiprocessing import active_children

            for child in active_children():
                child.terminate()
        raise KeyboardInterrupt


def _flushed(out) -> bool:
    """Flush standard output; False where its reader has closed it."""
    try:
        if out is not None:
            out.flush()
        return True
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return False


def _report(message: str) -> None:
    say(" ".join(message.split()), err=True)
