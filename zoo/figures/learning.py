"""The figure of a metric against the number of labels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zoo.figures.axes import legend_above, literal, panels, without_tex
from zoo.figures.palette import GREY, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[int, float, float, float]
"""Number of labels, value, and the ends of its interval."""

_TICKS = (
    *(10, 20, 50, 100, 200, 400, 1000, 2000, 4000, 10_000, 20_000, 50_000),
    *(100_000, 200_000, 500_000, 1_000_000),
)
_MOST_TICKS = 7  # with room for their numbers; of more, the powers of ten
_NONE = 0.5  # place of no labels on a logarithmic axis, as a share of the fewest
_DASHES = ("--", ":", "-.", (0, (1, 3)))


def learning_curves_figure(
    curves: Mapping[str, Sequence[Point]],
    *,
    metric: str = "macro AUROC",
    published: Mapping[str, Mapping[int, float]] | None = None,
    source: str = "",
) -> "Figure":
    """Draw a metric against the number of labels, with bands for its intervals.

    Args:
        curves: points by name, in the order of the colours.
        metric: name of the metric.
        published: values of others by name and number of labels. They are in a panel of
            their own, with an axis of its own: they come from other objects.
        source: title of that panel.
    """
    number, height = (2, 2.75) if published else (1, 3.7)
    ratios = (3, 2)[:number]
    figure, every = panels(number, 1, 5.2, height, sharex=True, height_ratios=ratios)
    axes, below = every[0], every[-1]
    tried = {labels for points in curves.values() for labels, *_ in points}
    fewest = min(tried - {0}, default=1)
    most = max(tried | {fewest})
    for number, (name, points) in enumerate(curves.items()):
        labels, value, low, high = zip(*points, strict=True)
        at = [x or _NONE * fewest for x in labels]
        style = line_style(number)
        axes.plot(at, value, label=literal(name), markersize=5, **style)
        axes.fill_between(at, low, high, color=style["color"], alpha=0.15, lw=0)
    for (name, curve), dashes in zip((published or {}).items(), _DASHES, strict=False):
        shown = {labels: value for labels, value in curve.items() if labels >= fewest}
        values = list(shown.values())
        below.plot(list(shown), values, color=GREY, ls=dashes, label=name)
        most = max(most, *curve)
    for each in every:
        each.grid(alpha=0.2, lw=0.5)
        each.set(ylabel=metric)
    labels_axis(axes, fewest, most, none=0 in tried)
    below.set(xlabel="labels")
    legend_above(figure, axes)
    if published:
        below.set_title(source, loc="left", fontsize=9, color=GREY)
        below.legend(frameon=False, fontsize=8)
    return without_tex(figure)


def labels_axis(axes: "Axes", fewest: int, most: int, *, none: bool = False) -> None:
    """Make the horizontal axis logarithmic, for numbers of labels.

    Args:
        axes: the panel.
        fewest: smallest number of labels but 0.
        most: largest number of labels.
        none: whether there is a place for no labels.
    """
    ticks = [x for x in _TICKS if fewest <= x <= most] or [fewest]
    if len(ticks) > _MOST_TICKS:
        ticks = [x for x in ticks if str(x).strip("0") == "1"]
    names = [f"{x:,}" for x in ticks]
    axes.set_xscale("log")
    if none:
        axes.set_xticks([_NONE * fewest, *ticks], ["0", *names])
    else:
        axes.set_xticks(ticks, names)
    axes.minorticks_off()
