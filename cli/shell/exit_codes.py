"""How a command ends: with an exit code, and one line where something is amiss.

0    done
1    what was asked could not be done; one line on standard error says why
2    the command line is wrong
130  stopped by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP
141  nobody reads standard output any more, as after `| head`
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

import typer

_CLOSED = 128 + 13  # as of other tools, which SIGPIPE ends


def run(command: Callable[[], None]) -> int | str | None:
    """Run a command, whatever becomes of it, and return its exit code."""
    if sys.stdout is not None and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a file may have any name
    out, stop = sys.stdout, _Stop()
    code: int | str | None = 0
    try:
        command()
    except SystemExit as end:
        # So do Typer and rich end where nobody reads on.
        closed = isinstance(end.__context__, BrokenPipeError)
        code = _CLOSED if closed else end.code
    except BaseException as error:
        if stop.number is None:  # else it is of what was cut short
            code = _explained(error)
    if stop.number is not None:
        _say(stop.message)
        return 128 + stop.number
    return code if _flushed(out) else _CLOSED


def _explained(error: BaseException) -> int:
    """Say what a user can do; what is no mistake of theirs is raised again."""
    if isinstance(error, BrokenPipeError):
        return _CLOSED
    if isinstance(error, UnicodeEncodeError):  # Arrow wants names of files in UTF-8
        _say(
            f"error: {error.object!r} cannot be encoded in this locale. Set "
            "PYTHONUTF8=1, or rename the file."
        )
    elif isinstance(error, KeyError):
        _say(f"error: {error.args[0]}")
    elif isinstance(error, ValueError | OSError | ImportError):
        _say(f"error: {error}")
    else:
        raise error
    return 1


class _Stop:
    """The first signal that stops the command, as KeyboardInterrupt; later ones do not
    keep it from tidying up.

    Attributes:
        number: of the signal, None before there is one.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            default = (signal.SIG_DFL, signal.default_int_handler)
            # One that is ignored, as under nohup, stays so.
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

    @property
    def message(self) -> str:
        """What to say of it."""
        ctrl_c = self.number == signal.SIGINT
        name = "Ctrl-C" if ctrl_c else signal.Signals(self.number or 0).name
        return (
            f"stopped by {name}: nothing half-written is left. Run the command again "
            "to do it all."
        )


def _flushed(out) -> bool:
    """Whether somebody still reads standard output."""
    try:
        if out is not None:
            out.flush()
        return True
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return False


def _say(message: str) -> None:
    typer.echo(" ".join(message.split()), err=True)
