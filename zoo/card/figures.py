"""The figures of a card, drawn from `metrics.json` alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.evaluation.metrics_file import measurements
from zoo.figures.axes import WIDTH, literal, one_panel, save
from zoo.figures.classes import (
    precision_recall_figure,
    purity_completeness_figure,
    roc_figure,
)
from zoo.figures.confusion import confusion_figure
from zoo.figures.palette import COLOURS, GREY
from zoo.figures.reliability import reliability_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONFUSION = "confusion_matrix.png"
CONFUSION_FURTHER = "confusion_matrix_other_data.png"
ROC = "roc.png"
RELIABILITY = "reliability.png"
PURITY_COMPLETENESS = "purity_completeness.png"
PRECISION_RECALL = "precision_recall.png"
AUROC_BY_DAYS = "auroc_by_days.png"
LEARNING_CURVE = "learning_curve.png"


def draw_figures(metrics: Mapping[str, Any], folder: Path) -> list[str]:
    """Draw what the metrics hold.

    Args:
        metrics: the content of `metrics.json`.
        folder: folder to write to.

    Returns:
        The names of the files.
    """
    figures: dict[str, Figure] = {}
    measured = measurements(metrics)
    held = [one.get("diagnostics", {}) for one in measured]
    if measured and held[0]:
        figures[CONFUSION] = confusion_figure(measured[0])
        figures[RELIABILITY] = reliability_figure(measured[0])
    if measured and "roc" in held[0]:
        figures[ROC] = roc_figure(measured[0])
    if measured and "purity_completeness" in measured[0]:
        figures[PURITY_COMPLETENESS] = purity_completeness_figure(measured[0])
        figures[PRECISION_RECALL] = precision_recall_figure(measured[0])
    if len(measured) > 1 and held[1]:
        figures[CONFUSION_FURTHER] = confusion_figure(measured[1])
    # Without objects on both sides of any class there is no AUROC on any day.
    known = [
        one
        for one, diagnostics in zip(measured, held, strict=True)
        if "by_days" in diagnostics and one["macro_auroc"] is not None
    ]
    if known:
        figures[AUROC_BY_DAYS] = auroc_by_days(known)
    if len(metrics.get("learning_curve", {}).get("loss", ())) > 1:
        figures[LEARNING_CURVE] = learning_curve(metrics["learning_curve"])
    for name, figure in figures.items():
        save(figure, folder / name)
    return list(figures)


def auroc_by_days(measured: list[Mapping[str, Any]]) -> "Figure":
    """Draw macro AUROC against days since trigger, a line per measurement."""
    figure, axes = one_panel(WIDTH, 3.9)
    every = [one["diagnostics"]["by_days"] for one in measured]
    days = sorted({point["days"] for points in every for point in points})
    for number, (one, colour) in enumerate(zip(measured, COLOURS, strict=False)):
        points = [
            (point["macro_auroc"], *point["interval"])
            for point in one["diagnostics"]["by_days"]
        ]
        points.append((one["macro_auroc"], *one["intervals"]["macro_auroc"]))
        places = [days.index(p["days"]) for p in one["diagnostics"]["by_days"]]
        value, low, high = np.array(points, float).T
        shift = 0.06 * (number - (len(measured) - 1) / 2)  # so that bars do not overlap
        axes.errorbar(
            np.array([*places, len(days)]) + shift,
            value,
            yerr=np.maximum(0.0, [value - low, high - value]),
            marker="o",
            markersize=4.5,
            color=colour,
            linewidth=1.6,
            elinewidth=1.2,
            label=_label(one),
        )
    axes.set_xticks(range(len(days) + 1), [*map(str, days), "all"])
    axes.set(xlabel="days since trigger", ylabel="macro AUROC")
    lines, names = axes.get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper left", frameon=False, fontsize=8.5)
    return figure


def learning_curve(curve: Mapping[str, Any]) -> "Figure":
    """Draw training and validation loss against epochs."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = one_panel(WIDTH, 3.4)
    epochs = range(1, len(curve["loss"]) + 1)
    axes.plot(epochs, curve["loss"], color=GREY, label="training (weighted)")
    axes.plot(epochs, curve["validation_loss"], color=COLOURS[0], label="validation")
    best = curve["best_epoch"]
    axes.plot(
        best,
        curve["validation_loss"][best - 1],
        marker="o",
        color=COLOURS[1],
        linestyle="none",
        label=f"kept: epoch {best}",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend(frameon=False, fontsize=8.5)
    return figure


def _label(measured: Mapping[str, Any]) -> str:
    words = {True: ", with metadata", False: ", light curve alone", None: ""}
    inputs = words[measured.get("metadata")]
    where = f" where {literal(measured['where'])}" if measured.get("where") else ""
    name = literal(measured["data"] or "light curves")
    return f"{name}{where} ({len(measured['classes'])} classes{inputs})"
