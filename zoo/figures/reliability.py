"""The reliability diagram: how often a model is right, against how sure it is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.figures.axes import WIDTH, panels, without_tex
from zoo.figures.palette import COLOURS, GREY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_Z = 1.959964  # of a normal distribution holds 95 % within as many deviations


def reliability_figure(measured: Mapping[str, Any]) -> "Figure":
    """Draw accuracy against confidence with 95 % intervals, and numbers of objects.

    Args:
        measured: as `zoo.evaluate` returns it.
    """
    bins = measured["diagnostics"]["reliability"]
    filled = [one for one in bins if one["n"]]
    confidence, accuracy, n = (
        np.array([one[key] for one in filled], float)
        for key in ("confidence", "accuracy", "n")
    )
    figure, (axes, beside) = panels(2, 2, WIDTH, 3.7)
    for each in (axes, beside):
        each.set(xlabel="highest probability", xlim=(0, 1), box_aspect=1)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1)
    low, high = wilson(accuracy, n)
    axes.errorbar(
        confidence,
        accuracy,
        # Of a rounded accuracy of 1, an end may lie 1e-5 on the wrong side.
        np.maximum(0.0, [accuracy - low, high - accuracy]),
        marker="o",
        markersize=4.5,
        color=COLOURS[0],
        elinewidth=1.2,
        capsize=2,
        clip_on=False,
        zorder=3,
    )
    ece = f"expected calibration\nerror {measured['ece']:.3f}"
    axes.text(0.04, 0.97, ece, fontsize=9.5, va="top")
    axes.set(ylabel="share predicted correctly", ylim=(0, 1))
    width = 1 / len(bins)
    centres = [(number + 0.5) * width for number in range(len(bins))]
    beside.bar(centres, [one["n"] for one in bins], 0.9 * width, color=COLOURS[5])
    beside.set(ylabel="objects")
    return without_tex(figure)


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ends of the 95 % interval of a share of `n` objects.

    Wilson 1927 (JASA 22, 209); it is no point where the share is 0 or 1.

    Args:
        share: float `(k,)`, from 0 to 1.
        n: number of objects `(k,)`, at least 1.

    Returns:
        Both ends, float64 `(k,)`.

    Example:
        >>> low, high = wilson(np.array([0.5, 1.0]), np.array([10, 4]))
        >>> low.round(3).tolist(), high.round(3).tolist()
        ([0.237, 0.51], [0.763, 1.0])
    """
    squared = _Z * _Z / n
    middle = (share + squared / 2) / (1 + squared)
    spread = np.sqrt(squared * (share * (1 - share) + squared / 4)) / (1 + squared)
    return middle - spread, middle + spread
