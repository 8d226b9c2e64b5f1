"""Progress on standard error: a bar on a terminal, in a log at most one plain line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoo.system.plain import plain

if TYPE_CHECKING:
    from rich.console import Console


def error_console() -> "Console":
    """Standard error, for what shows progress; it reads no markup."""
    from rich.console import Console

    return Console(stderr=True, markup=False, emoji=False, highlight=False)


@contextmanager
def bar(
    what: str, total: int | None, *, log: str = ""
) -> Iterator[Callable[[int], None]]:
    """Show a bar; call its function with the number done since the last call.

    Args:
        what: is done, before the bar.
        total: number to do; None: it is not known.
        log: line to print at the start where standard error is no terminal, which shows
            no bar; empty: none.

    Example:
        >>> with bar("counting", 3) as done:
        ...     done(3)
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    console = error_console()
    if log and not console.is_terminal:
        console.print(plain(log), soft_wrap=True)
    shown = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Elapsed())
    with Progress(
        *shown, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def steps(first: str) -> Iterator[Callable[[str], None]]:
    """Show which step is done, of a number that is not known; call its function.

    Example:
        >>> with steps("one") as now:
        ...     now("two")
    """
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    console = error_console()
    shown = (TextColumn("{task.description}", markup=False), BarColumn(), Elapsed())
    with Progress(
        *shown, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(first, total=None)
        yield lambda step: progress.update(task, description=plain(step, 60))
