"""The figure of a metric against the number of labels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zoo.figures.axes import legend_above, one_panel
from zoo.figures.palette import GREY, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[int, float, float, float]
"""Number of labels, value, and the ends of its interval."""

_TICKS = (100, 200, 400, 1000, 2000, 4000, 10_000)
_NONE = 0.5  # place of no labels on a logarithmic axis, as a share of the fewest
_DASHES = ("--", ":", "-.", (0, (1, 3)))


def learning_curves(
    curves: Mapping[str, Sequence[Point]],
    *,
    metric: str = "macro AUROC",
    title: str = "",
    published: Mapping[str, Mapping[int, float]] | None = None,
) -> "Figure":
    """Draw a metric against the number of labels, with bands for its intervals.

    Args:
        curves: points by name, in the order of the colours.
        metric: name of the metric.
        title: above the figure.
        published: values of others by name and number of labels, drawn in grey.
    """
    figure, axes = one_panel(5.2, 3.7)
    axes.grid(alpha=0.2, lw=0.5)
    tried = {labels for points in curves.values() for labels, *_ in points}
    fewest, most = min(tried - {0}), max(tried)
    for number, (name, points) in enumerate(curves.items()):
        labels, value, low, high = zip(*points, strict=True)
        at = [x or _NONE * fewest for x in labels]
        style = line_style(number)
        axes.plot(at, value, label=name, markersize=5, **style)
        axes.fill_between(at, low, high, color=style["color"], alpha=0.15, lw=0)
    for (name, curve), dashes in zip((published or {}).items(), _DASHES, strict=False):
        shown = {labels: value for labels, value in curve.items() if labels >= fewest}
        axes.plot(list(shown), list(shown.values()), color=GREY, ls=dashes, label=name)
        most = max(most, *curve)
    labels_axis(axes, fewest, most, none=0 in tried)
    axes.set(xlabel="labels", ylabel=metric, title=title)
    legend_above(figure, axes)
    return figure


def labels_axis(axes: "Axes", fewest: int, most: int, *, none: bool = False) -> None:
    """Make the horizontal axis logarithmic, for numbers of labels.

    Args:
        axes: the panel.
        fewest: smallest number of labels but 0.
        most: largest number of labels.
        none: whether there is a place for no labels.
    """
    ticks = [x for x in _TICKS if fewest <= x <= most] or [fewest]
    names = [f"{x:,}" for x in ticks]
    axes.set_xscale("log")
    if none:
        axes.set_xticks([_NONE * fewest, *ticks], ["0", *names])
    else:
        axes.set_xticks(ticks, names)
    axes.minorticks_off()
