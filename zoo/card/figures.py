"""The figures of a card, drawn from `metrics.json` alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.evaluation.confusion import row_percent
from zoo.evaluation.metrics_file import measurements
from zoo.figures.axes import legend_above, literal, one_panel, panels, save
from zoo.figures.palette import COLOURS, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONFUSION = "confusion_matrix.png"
CONFUSION_FURTHER = "confusion_matrix_other_data.png"
ROC = "roc.png"
RELIABILITY = "reliability.png"
PURITY_COMPLETENESS = "purity_completeness.png"
PRECISION_RECALL = "precision_recall.png"
AUROC_BY_DAYS = "auroc_by_days.png"
LEARNING_CURVE = "learning_curve.png"

_WIDTH = 7.6  # inches, of every figure: a page shows all letters in one size
_PERCENT = 0.5  # smaller shares of a row are left blank


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
    if measured and "diagnostics" in measured[0]:
        figures[CONFUSION] = confusion_matrix(measured[0])
        figures[ROC] = roc_curves(measured[0])
        figures[RELIABILITY] = reliability(measured[0])
    if measured and "purity_completeness" in measured[0]:
        figures[PURITY_COMPLETENESS] = purity_completeness(measured[0])
        figures[PRECISION_RECALL] = precision_recall(measured[0])
    if len(measured) > 1 and "diagnostics" in measured[1]:
        figures[CONFUSION_FURTHER] = confusion_matrix(measured[1])
    # Without objects on both sides of any class there is no AUROC on any day.
    known = [m for m in measured if "diagnostics" in m and m["macro_auroc"] is not None]
    if known:
        figures[AUROC_BY_DAYS] = auroc_by_days(known)
    if len(metrics.get("learning_curve", {}).get("loss", ())) > 1:
        figures[LEARNING_CURVE] = learning_curve(metrics["learning_curve"])
    for name, figure in figures.items():
        save(figure, folder / name)
    return list(figures)


def confusion_matrix(measured: Mapping[str, Any]) -> "Figure":
    """Draw shares of the true classes, row by row, in percent."""
    counts = np.array(measured["diagnostics"]["confusion"], float)
    classes, n, share = measured["classes"], counts.sum(1), row_percent(counts)
    figure, axes = one_panel(_WIDTH, min(_WIDTH, 2 + 0.45 * len(classes)))
    axes.imshow(share, cmap="Blues", vmin=0, vmax=115)
    for row, column in np.argwhere(share >= _PERCENT):
        value = share[row, column]
        axes.text(
            column,
            row,
            f"{value:.0f}",
            ha="center",
            va="center",
            fontsize=8.5,
            color="white" if value > 60 else "0.15",
        )
    places = range(len(classes))
    names = [literal(label) for label in classes]
    axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor")
    rows = [f"{label}  ({int(count):,})" for label, count in zip(names, n, strict=True)]
    axes.set_yticks(places, rows)
    axes.set(xlabel="predicted class", ylabel="true class (objects)")
    axes.tick_params(length=0, labelsize=9)
    axes.spines[:].set(visible=True)
    axes.spines[:].set_color("0.8")
    return figure


def roc_curves(measured: Mapping[str, Any]) -> "Figure":
    """Draw the ROC curve of each class, a panel each."""
    curves = measured["diagnostics"]["roc"]
    figure, every = panels(len(curves), 4, _WIDTH, 1.95, sharex=True, sharey=True)
    for (label, curve), axes in zip(curves.items(), every, strict=True):
        axes.plot([0, 1], [0, 1], color="0.8", linewidth=0.8)
        if curve is not None:
            axes.plot(curve["fpr"], curve["tpr"], color=COLOURS[0], linewidth=1.6)
            axes.fill_between(curve["fpr"], curve["tpr"], color=COLOURS[0], alpha=0.1)
        area = measured["per_class"][label]["auroc"]
        text = "no objects" if area is None else f"{area:.3f}"
        axes.text(0.95, 0.08, text, ha="right", fontsize=10)
        _unit_square(axes, label)
    figure.supxlabel("false positive rate", fontsize=9.5)
    figure.supylabel("true positive rate", fontsize=9.5)
    return figure


def purity_completeness(measured: Mapping[str, Any]) -> "Figure":
    """Draw purity and completeness against the threshold, a panel for each class."""
    curves = measured["purity_completeness"]
    figure, every = panels(len(curves), 4, _WIDTH, 1.95, sharex=True, sharey=True)
    for (label, curve), axes in zip(curves.items(), every, strict=True):
        if curve is None:
            axes.text(0.5, 0.5, "no objects", ha="center", fontsize=10)
        else:
            for key, colour in (("purity", COLOURS[0]), ("completeness", COLOURS[1])):
                axes.plot(curve["threshold"], curve[key], color=colour, linewidth=1.6)
        _unit_square(axes, label)
    names = ["purity", "completeness"]
    for name, colour in zip(names, COLOURS, strict=False):
        every[0].plot([], [], color=colour, label=name)
    legend_above(figure, every[0])
    figure.supxlabel("threshold on the probability of the class", fontsize=9.5)
    figure.supylabel("share", fontsize=9.5)
    return figure


def precision_recall(measured: Mapping[str, Any]) -> "Figure":
    """Draw precision against recall, a panel for each class."""
    curves = measured["purity_completeness"]
    figure, every = panels(len(curves), 4, _WIDTH, 1.95, sharex=True, sharey=True)
    for (label, curve), axes in zip(curves.items(), every, strict=True):
        of = measured["per_class"][label]
        share = of["n"] / measured["n"]
        axes.plot([0, 1], [share, share], color="0.8", linewidth=0.8)
        if curve is not None:
            axes.plot(
                curve["completeness"], curve["purity"], color=COLOURS[0], linewidth=1.6
            )
        area = of.get("average_precision")
        text = "no objects" if area is None else f"{area:.3f}"
        axes.text(0.05, 0.08, text, fontsize=10)
        _unit_square(axes, label)
    figure.supxlabel("recall (completeness)", fontsize=9.5)
    figure.supylabel("precision (purity)", fontsize=9.5)
    return figure


def _unit_square(axes: "Axes", label: str) -> None:
    """The panel of a class: both axes from 0 to 1."""
    axes.set_title(literal(label), fontsize=9.5)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.set_xticks([0, 1], ["0", "1"])
    axes.set_yticks([0, 1], ["0", "1"])


def reliability(measured: Mapping[str, Any]) -> "Figure":
    """Draw accuracy against confidence, and the numbers of objects."""
    bins = measured["diagnostics"]["reliability"]
    filled = [one for one in bins if one["n"]]
    figure, (axes, beside) = panels(2, 2, _WIDTH, 3.7)
    for each in (axes, beside):
        each.set(xlabel="highest probability", xlim=(0, 1), box_aspect=1)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1)
    axes.plot(
        [one["confidence"] for one in filled],
        [one["accuracy"] for one in filled],
        marker="o",
        markersize=4.5,
        color=COLOURS[0],
        clip_on=False,
    )
    axes.text(0.05, 0.93, f"ECE {measured['ece']:.3f}", fontsize=10, va="top")
    axes.set(ylabel="share predicted correctly", ylim=(0, 1))
    width = 1 / len(bins)
    centres = [(number + 0.5) * width for number in range(len(bins))]
    beside.bar(centres, [one["n"] for one in bins], 0.9 * width, color=COLOURS[5])
    beside.set(ylabel="objects")
    return figure


def auroc_by_days(measured: list[Mapping[str, Any]]) -> "Figure":
    """Draw macro AUROC against days since trigger, a line per measurement."""
    figure, axes = one_panel(_WIDTH, 3.9)
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
            label=literal(_label(one)),
        )
    axes.set_xticks(range(len(days) + 1), [*map(str, days), "all"])
    axes.set(xlabel="days since trigger", ylabel="macro AUROC")
    axes.legend(frameon=False, fontsize=8.5, loc="lower right")
    return figure


def learning_curve(curve: Mapping[str, Any]) -> "Figure":
    """Draw training and validation loss against epochs."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = one_panel(_WIDTH, 3.4)
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
    where = f" where {measured['where']}" if measured.get("where") else ""
    name = measured["data"] or "light curves"
    return f"{name}{where} ({len(measured['classes'])} classes{inputs})"
