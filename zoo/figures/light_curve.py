"""The figure of a light curve with the probabilities of its classes over time."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.figures.axes import literal, panels, save
from zoo.figures.palette import COLOURS, passband_styles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from zoo.light_curves.ragged import LightCurves

_NAMED = 6  # classes with a colour: the most probable ones of any time


def light_curve_history(
    light_curve: "LightCurves", table: "pd.DataFrame", path: Path, *, title: str
) -> None:
    """Draw a light curve and, below it, the probabilities of its classes over time.

    Args:
        light_curve: one object.
        table: as `zoo.inference.history.history` returns it.
        path: file to write; the suffix decides the format.
        title: above the figure.
    """
    start = first_day(table)
    figure, (above, below) = panels(2, 1, 6.5, 2.6, sharex=True, height_ratios=(3, 2))
    draw_points(above, light_curve, start)
    above.set(title=literal(title))
    draw_probabilities(below, table)
    days = light_curve.mjd - start
    below.set(xlabel="days since trigger", xlim=shown_days(days, table))
    save(figure, path)


def first_day(table: "pd.DataFrame") -> float:
    """MJD of the trigger; `table` as for `light_curve_history`."""
    return float(table["mjd"].iloc[0] - table["days_since_trigger"].iloc[0])


def shown_days(days: np.ndarray, table: "pd.DataFrame") -> tuple[float, float]:
    """The ends of an axis of days, for points at these days and a history."""
    last = float(np.ceil(table["days_since_trigger"].iloc[-1])) + 2
    return min(-5.0, float(days.clip(-30).min()) - 2), last


def draw_points(axes: "Axes", light_curve: "LightCurves", start: float) -> None:
    """Draw the points of one object, by days since `start`, an MJD."""
    photometry = light_curve.to_tables()[0]
    styles = passband_styles(light_curve.observed)
    for band, (colour, marker) in styles.items():
        rows = photometry[photometry["band"] == band]
        axes.errorbar(
            rows["mjd"] - start,
            rows["flux"],
            rows["flux_err"],
            fmt=marker,
            color=colour,
            markersize=4,
            lw=0.8,
            label=literal(band),
        )
    axes.axhline(0, color="0.7", lw=0.8)
    axes.set(ylabel="flux (zero point 27.5)")
    axes.legend(
        frameon=False,
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        ncols=1 + len(styles) // 14,  # as many as fit beside a panel
    )


def draw_probabilities(axes: "Axes", table: "pd.DataFrame") -> None:
    """Draw the probabilities of the classes; `table` as for `light_curve_history`."""
    classes = table.columns.drop(["mjd", "days_since_trigger"])
    ranked = table[classes].max().sort_values(ascending=False).index
    for number, label in enumerate(ranked):
        named = number < _NAMED
        axes.step(
            table["days_since_trigger"],
            table[label],
            where="post",
            color=COLOURS[number] if named else "0.8",
            lw=1.6 if named else 0.8,
            label=literal(label) if named else None,
            zorder=2 if named else 1,
        )
    axes.axvline(table["days_since_trigger"].iloc[0], color="0.7", lw=0.8, ls=":")
    axes.set(ylabel="probability", ylim=(0, 1.02))
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
