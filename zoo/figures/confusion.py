"""The figure of a confusion matrix."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.evaluation.confusion import row_percent
from zoo.figures.axes import WIDTH, literal, one_panel, without_tex
from zoo.figures.palette import GREY, legible_on

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PERCENT = 0.5  # smaller shares of a row are left blank
_LETTERS = 24  # of a class
# More classes have no numbers in their cells, or names at some of them only: there is
# no room for more.
_NUMBERS, _NAMES = 32, 64


def confusion_figure(measured: Mapping[str, Any]) -> "Figure":
    """Draw shares of the true classes, row by row, in percent.

    Args:
        measured: as `zoo.evaluate` returns it.
    """
    counts = np.array(measured["diagnostics"]["confusion"], float)
    classes, n, share = measured["classes"], counts.sum(1), row_percent(counts)
    figure, axes = one_panel(WIDTH, min(WIDTH, 2 + 0.45 * len(classes)))
    shades = axes.imshow(share, cmap="Blues", vmin=0, vmax=115)
    size = min(1.0, 14 / len(classes))  # beside what 14 classes have
    for row, column in np.argwhere(share >= _PERCENT):
        if len(classes) > _NUMBERS:
            break
        value = share[row, column]
        axes.text(
            column,
            row,
            f"{value:.0f}",
            ha="center",
            va="center",
            fontsize=8.5 * size,
            color=legible_on(shades.to_rgba(value)),
        )
    places = range(0, len(classes), 1 + (len(classes) - 1) // _NAMES)
    names = [literal(classes[place], _LETTERS) for place in places]
    axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor")
    numbers = [f"{int(n[place]):,}" for place in places]
    rows = [f"{label}  ({of})" for label, of in zip(names, numbers, strict=True)]
    axes.set_yticks(places, rows)
    for place, tick in zip(places, axes.get_yticklabels(), strict=True):
        tick.set_color("black" if n[place] else GREY)
    axes.set_title("percent of each true class", fontsize=9, loc="left")
    axes.set(xlabel="predicted class", ylabel="true class (objects)")
    axes.tick_params(length=0, labelsize=max(5.0, 9 * size))
    axes.spines[:].set(visible=True)
    axes.spines[:].set_color("0.8")
    return without_tex(figure)
