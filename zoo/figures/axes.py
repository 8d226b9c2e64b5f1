"""Axes, panels and files that all figures share."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.figures.palette import GREY
from zoo.system.atomic import new_file
from zoo.system.installed import explained
from zoo.system.plain import plain

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150
WIDTH = 7.6
"""Inches, of the figures of a card: a page shows all letters in one size."""

_LETTERS = 40  # of a name: more would fill a figure, or push its panels together
_SHADES = 256  # colours of a PNG, which more than halves its size and cannot be seen


def one_panel(width: float, height: float) -> tuple["Figure", "Axes"]:
    """An empty figure with one panel; sizes in inches."""
    figure, (axes,) = panels(1, 1, width, height)
    return figure, axes


def panels(
    number: int, columns: int, width: float, height: float, **options: Any
) -> tuple["Figure", list["Axes"]]:
    """An empty figure with panels in rows.

    Args:
        number: number of panels.
        columns: maximum number of panels in a row.
        width: of the figure, inches.
        height: of each row, inches; of an average one where they differ.
        options: further ones of `matplotlib.figure.Figure.subplots`.
    """
    with explained():
        from matplotlib.figure import Figure

    columns = min(columns, number)
    rows = -(-number // columns)
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, **options)
    every = grid.ravel().tolist()
    for axes in every[number:]:
        axes.remove()
    for axes in every[:number]:
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(GREY)
        axes.tick_params(color=GREY, labelsize=9)
    for axes in every[max(0, number - columns) : number]:
        axes.tick_params(labelbottom=True)  # where the row below it is not full
    return figure, every[:number]


def legend_above(figure: "Figure", axes: "Axes") -> None:
    """Put the legend of a panel above all panels, where it hides nothing."""
    lines, names = axes.get_legend_handles_labels()
    figure.legend(
        lines, names, loc="outside upper center", ncols=2, frameon=False, fontsize=8
    )


def legend_beside(axes: "Axes", artists: Sequence["Artist"], columns: int = 1) -> None:
    """Put a legend to the right of a panel, where it hides nothing."""
    axes.legend(
        handles=artists,
        ncols=columns,
        frameon=False,
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        borderaxespad=0.2,
    )


def literal(text: str, most: int = _LETTERS) -> str:
    """A text of a user as matplotlib shows it: neither a formula nor left out.

    Args:
        text: of anyone.
        most: number of letters shown, about; of a longer text the middle is left out.

    Example:
        >>> literal("_mine$"), literal("ztfg")
        (' _mine\\\\$', 'ztfg')
    """
    text = plain(text, most).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def without_tex(figure: "Figure") -> "Figure":
    """The figure, none of whose texts goes to TeX, also where the settings of a user
    say so: names of strangers would be commands there.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_usetex(False)
    return figure


def save(figure: "Figure", path: Path) -> None:
    """Write a figure; the suffix decides the format.

    A PNG has few colours and the same bytes each time: without the name of the program
    that made it.
    """
    without_tex(figure)
    if path.suffix != ".png":
        with new_file(path) as part:
            figure.savefig(part, dpi=DPI, format=path.suffix[1:] or None)
        return
    from PIL import Image

    drawn = BytesIO()
    figure.savefig(drawn, dpi=DPI, metadata={"Software": None})
    # An octree keeps colours of few pixels; Pillow's default would mix those of points.
    picture = (
        Image.open(drawn)
        .convert("RGB")
        .quantize(_SHADES, method=Image.Quantize.FASTOCTREE)
    )
    with new_file(path) as part:
        picture.save(part, format="PNG", optimize=True)
