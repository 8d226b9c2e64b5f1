"""Colours and markers of every figure and page.

Colour-blind readers can tell them apart (Wong 2011, Nature Methods 8, 441); where the
six colours are used up, the marker or the dash of a line changes.
"""

from typing import Any

BANDS = {
    "u": ("#CC79A7", "v"),
    "g": ("#009E73", "o"),
    "r": ("#D55E00", "s"),
    "i": ("#E69F00", "D"),
    "z": ("#0072B2", "^"),
    "y": ("0.3", "P"),
}
"""Colour and marker, as matplotlib spells them, by the last letter of a passband; they
run from violet to red in the order of the passbands."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours of classes, and of anything else that is compared."""

MARKERS = "oDs^vP"
GREY = "0.45"
"""Of axes, and of what stands behind the subject of a figure."""


def line_style(number: int) -> dict[str, Any]:
    """Colour and marker of a line that is compared with others, for matplotlib.

    Example:
        >>> line_style(1)
        {'color': '#D55E00', 'marker': 'D', 'linewidth': 1.6}
    """
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
        "linewidth": 1.6,
    }


def style(number: int) -> tuple[str, str]:
    """Colour and marker of a class by its number: 36 differ, colours first.

    Example:
        >>> style(0), style(6)
        (('#0072B2', 'o'), ('#0072B2', 'D'))
    """
    row, column = divmod(number, len(COLOURS))
    return COLOURS[column], MARKERS[row % len(MARKERS)]
