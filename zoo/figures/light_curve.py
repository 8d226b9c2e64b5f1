"""The figure of a light curve with the probabilities of its classes over time."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.figures.axes import literal, panels, save
from zoo.figures.palette import COLOURS, passband_styles

if TYPE_CHECKING:
    import pandas as pd

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
    photometry = light_curve.to_tables()[0]
    start = table["mjd"].iloc[0] - table["days_since_trigger"].iloc[0]
    figure, (above, below) = panels(2, 1, 6.5, 2.6, sharex=True, height_ratios=(3, 2))
    styles = passband_styles(light_curve.observed)
    for band, (colour, marker) in styles.items():
        rows = photometry[photometry["band"] == band]
        above.errorbar(
            rows["mjd"] - start,
            rows["flux"],
            rows["flux_err"],
            fmt=marker,
            color=colour,
            markersize=4,
            lw=0.8,
            label=literal(band),
        )
    above.axhline(0, color="0.7", lw=0.8)
    above.set(ylabel="flux (zero point 27.5)", title=literal(title))
    above.legend(
        frameon=False,
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        ncols=1 + len(styles) // 14,  # as many as fit beside a panel
    )
    classes = table.columns.drop(["mjd", "days_since_trigger"])
    ranked = table[classes].max().sort_values(ascending=False).index
    for number, label in enumerate(ranked):
        named = number < _NAMED
        below.step(
            table["days_since_trigger"],
            table[label],
            where="post",
            color=COLOURS[number] if named else "0.8",
            lw=1.6 if named else 0.8,
            label=literal(label) if named else None,
            zorder=2 if named else 1,
        )
    below.axvline(table["days_since_trigger"].iloc[0], color="0.7", lw=0.8, ls=":")
    last = float(np.ceil(table["days_since_trigger"].iloc[-1])) + 2
    below.set(
        xlabel="days since trigger",
        ylabel="probability",
        ylim=(0, 1.02),
        xlim=(min(-5.0, float((photometry["mjd"] - start).clip(-30).min()) - 2), last),
    )
    below.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    save(figure, path)
