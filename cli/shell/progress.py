"""Progress on standard error, where that is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zoo.cli.shell.terminal import error_console
from zoo.system.plain import plain


@contextmanager
def bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar; call its function with the number done since the last call."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    console = error_console()
    shown = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Elapsed())
    with Progress(
        *shown, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def steps(first: str) -> Iterator[Callable[[str], None]]:
    """Show which step is done, of a number that is not known; call its function."""
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    console = error_console()
    shown = (TextColumn("{task.description}", markup=False), BarColumn(), Elapsed())
    with Progress(
        *shown, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(first, total=None)
        yield lambda step: progress.update(task, description=plain(step, 60))
