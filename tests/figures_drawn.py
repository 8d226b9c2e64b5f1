"""What tests look for in figures, and hostile names to draw."""

import numpy as np
from evil_strings import EVIL
from matplotlib.figure import Figure
from matplotlib.text import Text

from zoo.figures.axes import literal

HOSTILE = (
    *(text for text in EVIL if literal(text).isascii()),  # matplotlib's font has those
    *("$" * 99, r"\$x$", r"\input{/etc/passwd}", "%", "_x", "W" * 5000),
)


def texts(figure: Figure) -> list[str]:
    """Every text that is drawn."""
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def luminance(colour: np.ndarray) -> float:
    """Relative luminance as WCAG 2 defines it."""
    light = np.where(
        colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4
    )
    return float(light @ [0.2126, 0.7152, 0.0722])
