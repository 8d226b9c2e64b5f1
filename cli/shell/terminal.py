"""What commands print: every text passes through `zoo.system.plain`.

A test sees to it that no command prints by other means.
"""

import json
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from zoo.system.plain import MOST, plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_CELL = 200  # letters of a cell: more would fill the screen


class Group(TyperGroup):
    """The commands; what is wrong with a command line is shown plainly too."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Parse the options before the command."""
        with _plainly():
            return super().make_context(*arguments, **options)

    def invoke(self, *arguments: Any, **options: Any) -> Any:
        """Parse the rest, and run the command."""
        with _plainly():
            return super().invoke(*arguments, **options)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # By attribute: newer versions of Typer have classes of their own, not click's.
        if hasattr(error, "format_message") and hasattr(error, "message"):
            error.message = plain(error.message)
        raise


def say(*lines: Any, err: bool = False) -> None:
    """Print lines; a line break within one of them is shown, not made.

    Args:
        lines: texts, or anything that has one.
        err: on standard error.
    """
    for line in lines:
        typer.echo(plain(line), err=err)


def say_json(value: Any) -> None:
    """Print one JSON object on one line, in ASCII."""
    typer.echo(json.dumps(value).replace("\x7f", "\\u007f"))


def cell(value: Any, style: str = "", most: int = MOST) -> "Text":
    """A text for rich, which then reads no markup in it."""
    from rich.text import Text

    return Text(plain(value, most), style=style)


def table(*columns: Any, title: Any = None, whole: Container[Any] = ()) -> "Table":
    """An empty table; `add` fills it.

    Args:
        columns: their headings.
        title: above the table.
        whole: columns that are never broken.
    """
    from rich.table import Table

    made = Table(title=None if title is None else cell(title))
    for column in columns:
        made.add_column(cell(column), no_wrap=column in whole)
    return made


def add(to: "Table", *cells: Any) -> None:
    """Add a row to a table."""
    to.add_row(*(cell(one, most=_CELL) for one in cells))


def terminal_width() -> int:
    """Letters of a line of the terminal, by COLUMNS where that is set; 80 in a file."""
    from rich.console import Console

    return Console().width


def show(what: "RenderableType", *, wrap: bool = True) -> None:
    """Print a table, a tree or a `cell` of rich.

    Args:
        what: made of the texts of `cell`.
        wrap: break long lines where the terminal ends.
    """
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)
    console.print(what, soft_wrap=not wrap)
