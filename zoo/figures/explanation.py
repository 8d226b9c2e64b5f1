"""The figure of an explanation: what carried the prediction of one object."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from zoo.figures.axes import legend_beside, literal, panels, without_tex
from zoo.figures.light_curve import draw_probabilities
from zoo.figures.palette import GREY, passband_styles
from zoo.figures.photometry import photometry

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from zoo.light_curves.ragged import LightCurves

_LARGEST = 160.0  # area of a marker, square points
_LEAST = 0.05  # change that makes the largest marker, if no point has a larger one
_BARS = "0.55"  # the side tells for from against; colours are those of passbands
_TITLE = 80  # letters that fit above: id, model and class
_MARKERS = "discs: points for the prediction; rings: against it; larger: more influence"


def explanation_figure(
    light_curve: "LightCurves",
    points: "pd.DataFrame",
    table: "pd.DataFrame",
    changes: Sequence[tuple[str, float]],
    *,
    title: str,
    predicted: str,
) -> "Figure":
    """Draw a light curve with the influence of its points, the path of the
    probabilities, and the influence of other parts.

    Args:
        light_curve: one object.
        points: `mjd`, `days_since_trigger`, `band`, `flux` and `change` of its points.
        table: as `zoo.inference.history.history` returns it.
        changes: names of the other parts, and the change of the probability where each
            is hidden.
        title: above the figure.
        predicted: the class whose probability changes.
    """
    start = table["mjd"].iloc[0] - table["days_since_trigger"].iloc[0]
    heights = (3.0, 2.0, 0.5 + 0.22 * len(changes))
    figure, (above, below, bars) = panels(
        3, 1, 6.8, sum(heights) / 3, height_ratios=heights
    )
    times, seen = light_curve.mjd - start, np.isin(light_curve.mjd, points["mjd"])
    legend_beside(above, photometry(above, light_curve, times, seen))
    _draw_influence(above, light_curve, points)
    above.set_title(literal(title, _TITLE), loc="left", fontsize=11, pad=20)
    above.text(0, 1.03, _MARKERS, transform=above.transAxes, color=GREY, fontsize=8.5)
    classes = table.columns.drop(["mjd", "days_since_trigger"]).tolist()
    days = table["days_since_trigger"].to_numpy()
    draw_probabilities(below, light_curve, days, table[classes].to_numpy(), classes)
    below.set(xlabel="days since trigger", xlim=above.get_xlim())
    _draw_bars(bars, changes)
    bars.set(xlabel=f"change of the probability of {literal(predicted)} if hidden")
    return without_tex(figure)


def _draw_influence(
    axes: "Axes", light_curve: "LightCurves", points: "pd.DataFrame"
) -> None:
    """Larger markers for points of more influence: filled where they support the
    prediction, else open."""
    change = points["change"].fillna(0)
    area = _LARGEST * change.abs() / max(_LEAST, change.abs().max())
    for band, (colour, marker) in passband_styles(light_curve.observed).items():
        for supports in (True, False):
            rows = (points["band"] == band) & ((change < 0) == supports)
            axes.scatter(
                points["days_since_trigger"][rows],
                points["flux"][rows],
                area[rows],
                marker=marker,
                facecolor=colour if supports else "none",
                edgecolor=colour,
                alpha=0.6,
            )


def _draw_bars(axes: "Axes", changes: Sequence[tuple[str, float]]) -> None:
    """A bar for each part, in their order from the top."""
    names, values = zip(*changes, strict=True) if changes else ((), ())
    places = range(len(values))
    axes.barh(places, values, color=_BARS, height=0.7)
    axes.set_yticks(places, [literal(name) for name in names])
    axes.set(ylim=(len(values) - 0.4, -0.6))
    axes.axvline(0, color=GREY, lw=0.8)
