"""The figure of a light curve with the probabilities of its classes over time."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from zoo.figures.axes import WIDTH, legend_beside, literal, panels, without_tex
from zoo.figures.palette import GREY, class_styles
from zoo.figures.photometry import photometry
from zoo.inference.history import history_table
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import input_rows, to_inputs
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import class_indices

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 2.7  # inches, of an average panel
_NAMED = 6  # classes with a line of their own
_PROBABLE = 0.05  # the least probability of such a class at any time
_PAD = 0.04  # share of an axis beyond the end of a window
_CLASS = 20  # letters of a class in a legend

TIMES = 400
"""Maximum number of times at which probabilities are drawn; a panel is 500 points of
print wide."""


def light_curve_figure(
    light_curve: LightCurves,
    runtime: Runtime | None,
    *,
    magnitudes: bool = False,
    path: "pd.DataFrame | None" = None,
) -> "Figure":
    """Draw an object and, below it, what a model predicts as its points arrive.

    Args:
        light_curve: one object, with a point at least.
        runtime: the model; none: draw the points alone.
        magnitudes: draw AB magnitudes and upper limits in place of fluxes.
        path: the probabilities, where `zoo.inference.history.history` computed them.
    """
    preprocessing = Preprocessing() if runtime is None else runtime.preset.preprocessing
    inputs = to_inputs(light_curve, preprocessing)
    mjd = light_curve.mjd
    used = np.ones(len(mjd), bool)
    start = None
    if len(inputs):
        rows, _ = input_rows(light_curve, inputs, preprocessing)
        start = mjd[rows[inputs.trigger[0]]]
        if runtime is not None:
            used = np.isin(np.arange(len(mjd)), rows)
    times = mjd - (start or 0.0)
    number = 1 if runtime is None else 2
    ratios = (3, 2)[:number]
    figure, every = panels(number, 1, WIDTH, _HEIGHT, sharex=True, height_ratios=ratios)
    lines = photometry(every[0], light_curve, times, used, magnitudes=magnitudes)
    if start is not None:
        for axes in every:
            line = axes.axvline(0, color="0.3", ls="--", lw=1, zorder=1.5)
        line.set_label("trigger")
        lines.append(line)
        if runtime is not None:
            lines += _shade_outside(every, times, used, preprocessing.window)
    legend_beside(every[0], lines, columns=1 + len(lines) // 17)
    if runtime is not None:
        _probabilities(every[1], light_curve, runtime, inputs, path)
    every[-1].set_xlabel("MJD" if start is None else "days since trigger")
    every[-1].ticklabel_format(axis="x", useOffset=False)
    _titles(every[0], light_curve, runtime, used)
    figure.align_ylabels(every)
    return without_tex(figure)


def _shade_outside(
    every: list["Axes"],
    times: np.ndarray,
    used: np.ndarray,
    window: tuple[float, float],
) -> list["Artist"]:
    """Shade the days that a model does not see, where the object has points there and
    the edge of its window is not further from the axis than this is long. An axis that
    leaves out points which the model uses is not made longer.

    Returns:
        The patch for the legend, if any.
    """
    low, high = every[0].get_xlim()
    pad = _PAD * (high - low)
    spans = []
    begins, ends = low < times[used].min(), times[used].max() < high
    if begins and times.min() < window[0] and low - window[0] < high - low:
        low = min(low, window[0] - pad)
        spans.append((low, window[0]))
    if ends and times.max() > window[1] and window[1] - high < high - low:
        high = max(high, window[1] + pad)
        spans.append((window[1], high))
    patches: list[Artist] = [
        axes.axvspan(*span, color="0.92", lw=0, zorder=0, label="not seen by the model")
        for span in spans
        for axes in every
    ]
    every[0].set_xlim(low, high)
    return patches[:1]


def _probabilities(
    axes: "Axes",
    light_curve: LightCurves,
    runtime: Runtime,
    inputs: Inputs,
    path: "pd.DataFrame | None",
) -> None:
    """Draw the probability of each class, from the confirmed trigger on."""
    if not len(inputs):
        axes.set(ylabel="probability", ylim=(0, 1.02))
        text = fill(literal(inputs.reason[0], 200), 60)
        axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
        return
    if path is None:
        path = history_table(runtime, light_curve, inputs, most=TIMES)
    classes = runtime.preset.classes
    days, probabilities = path["days_since_trigger"], path[list(classes)]
    draw_probabilities(
        axes, light_curve, days.to_numpy(), probabilities.to_numpy(), classes
    )


def draw_probabilities(
    axes: "Axes",
    light_curve: LightCurves,
    days: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
) -> None:
    """Draw how the probabilities of one object changed, and a legend beside them.

    Args:
        axes: the panel.
        light_curve: the object.
        days: `(k,)`, since trigger.
        probabilities: `(k, classes)`, after each of them.
        classes: of the model.
    """
    axes.set(ylabel="probability", ylim=(0, 1.02))
    true = int(class_indices(light_curve.labels, classes)[0])
    named = _named(probabilities, true)
    styles = class_styles(len(named), light_curve.observed)
    lines = []
    for code in (*named, *(c for c in range(len(classes)) if c not in named)):
        known = code in named
        colour, dash = styles[named.index(code)] if known else ("0.8", "-")
        (line,) = axes.step(
            days,
            probabilities[:, code],
            where="post",
            color=colour,
            ls=dash,
            lw=1.7 if known else 0.8,
            zorder=3 if known else 2,
            label=literal(classes[code], _CLASS) + (" (true)" if code == true else ""),
        )
        if known:
            lines.append(line)
            last = days[-1], probabilities[-1, code]
            axes.plot(*last, ".", color=colour)  # a single point has no line
    if len(named) < len(classes):
        line.set_label(f"{len(classes) - len(named)} others")
        lines.append(line)
    legend_beside(axes, lines)


def _named(probabilities: np.ndarray, true: int) -> list[int]:
    """The classes to tell apart, the most probable at the end first."""
    peak, end = probabilities.max(0), probabilities[-1]
    chosen = [true] if true >= 0 else []
    ranked = np.argsort(-peak, kind="stable").tolist()
    chosen += [c for c in ranked if c != true and peak[c] >= _PROBABLE]
    return sorted(chosen[:_NAMED], key=lambda code: (-end[code], code))


def _titles(
    axes: "Axes", light_curve: LightCurves, runtime: Runtime | None, used: np.ndarray
) -> None:
    """Name and true label; below, the model and how much of the object it sees."""
    label = light_curve.labels[0]
    known = "no label" if label is None else f"true label {literal(label, _CLASS)}"
    name = literal(light_curve.object_id[0]).strip()
    below = ""
    if runtime is not None:
        first, last = runtime.preset.preprocessing.window
        below = (
            f"{literal(runtime.source)} sees days {first:g} to {last:g}: "
            f"{used.sum():,} of {len(used):,} points"
        )
    axes.set_title(f"{name}, {known}", loc="left", fontsize=11, pad=20 if below else 6)
    axes.text(0, 1.03, below, transform=axes.transAxes, color=GREY, fontsize=8.5)
