"""The figures of a study."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.evaluation.early import DAYS
from zoo.evaluation.scores import HEADLINES
from zoo.figures.axes import legend_above, literal, one_panel, panels, save
from zoo.figures.learning import labels_axis, learning_curves_figure
from zoo.figures.palette import line_style
from zoo.model_folder.metric_names import METRIC_NAMES
from zoo.study.curves import Curves
from zoo.study.design import Design
from zoo.study.summary import select

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE = (5.2, 3.7)  # inches
_PAPER = "arXiv 2502.18558: its own objects and inputs"


def draw_figures(
    results: Sequence[dict[str, Any]],
    design: Design,
    curves: Mapping[tuple[str, str], Curves],
    out: Path,
) -> dict[str, str]:
    """Draw every figure of a study, as PNG and PDF.

    Args:
        results: of all trials, as `zoo.study.run.run` returns them.
        design: of the study.
        curves: by inputs and metric, see `zoo.study.summary.all_curves`.
        out: folder of the study.

    Returns:
        Captions by name of the PNG file; the main figure first.
    """
    inputs = next(inputs for inputs, _ in curves)
    names = [method.name for method in design.methods]
    bands = "Medians over the runs and 95 % intervals"
    published = {
        name: curve
        for name, curve in published_curves(design.target).items()
        if name in ("transfer", "from scratch")
    }

    def drawn(metric: str, compared: Sequence[str], **options: Any) -> "Figure":
        curve = curves[inputs, metric]
        points = {
            method: [(x, *curve.point(method, x)) for x in curve.labels(method)]
            for method in compared
        }
        return learning_curves_figure(points, metric=METRIC_NAMES[metric], **options)

    figures = {
        "learning_curves": (
            f"Macro AUROC against the number of labels. {bands}. Below, on an axis of "
            "their own: the curves that arXiv 2502.18558 gives for its own objects and "
            "inputs.",
            drawn("macro_auroc", names[:2], published=published, source=_PAPER),
        )
    }
    for metric in HEADLINES[1:]:
        name = METRIC_NAMES[metric]
        figures[metric] = (
            f"{name[0].upper()}{name[1:]} against the number of labels. {bands}.",
            drawn(metric, names[:2]),
        )
    if len(names) > 2:
        figures["methods"] = (
            f"Macro AUROC of all methods. {bands}.",
            drawn("macro_auroc", names),
        )
    figures["convergence"] = (
        "Validation loss against epochs, of every run with the largest number of "
        "labels; epoch 0 is before training.",
        validation_losses(results, design),
    )
    figures["by_days"] = (
        "Macro AUROC of light curves cut some days after the trigger. Medians over the "
        "runs; the bands hold all runs.",
        by_days(results, design),
    )
    figures["per_class"] = (
        "AUROC of every class against the rest. Medians over the runs.",
        per_class(results, design),
    )
    for name, (_, figure) in figures.items():
        for suffix in (".png", ".pdf"):
            save(figure, out / f"{name}{suffix}")
    return {f"{name}.png": caption for name, (caption, _) in figures.items()}


def published_curves(target: str) -> dict[str, dict[int, float]]:
    """The learning curves of arXiv 2502.18558.

    Args:
        target: `bts` or `lsst`.

    Returns:
        Macro AUROC by number of labels, by method: `transfer` (the layers that they
        found best), `from scratch`, and for `lsst` the other two choices of layers.

    Example:
        >>> published_curves("bts")["transfer"][100]
        0.589
    """
    text = files("zoo.study").joinpath("published.toml").read_text(encoding="utf-8")
    return {
        name: dict(zip(curve["labels"], curve["macro_auroc"], strict=True))
        for name, curve in tomllib.loads(text)[target].items()
    }


def validation_losses(results: Sequence[dict[str, Any]], design: Design) -> "Figure":
    """Draw the validation loss of transfer and scratch at the most labels."""
    figure, axes = one_panel(*_SIZE)
    most = design.labels[-1]
    for number, method in enumerate(m.name for m in design.methods[:2]):
        colour = line_style(number)["color"]
        for result in select(results, method, most):
            losses = result["fit"]["validation_loss"]
            name = method if result["run"] == 0 else None
            axes.plot(losses, color=colour, lw=1, alpha=0.7, label=name)
    axes.set(xlabel="epoch", ylabel="validation loss", xlim=(0, None), ylim=(0, None))
    axes.set_title(f"{most:,} labels, every run", fontsize=9)
    legend_above(figure, axes)
    return figure


def by_days(results: Sequence[dict[str, Any]], design: Design) -> "Figure":
    """Draw the macro AUROC against days since trigger: no, all labels, scratch."""
    figure, axes = one_panel(*_SIZE)
    most = design.labels[-1]
    first, second = (m.name for m in design.methods[:2])
    for method, labels, number in ((first, most, 0), (first, 0, 2), (second, most, 1)):
        runs = [
            [result["by_days"][str(days)] for days in DAYS]
            for result in select(results, method, labels)
        ]
        if not runs:
            continue
        values = np.array(runs, float)
        style = line_style(number)
        name = f"{method}, {labels:,} labels" if labels else f"{method}, no label"
        axes.plot(DAYS, np.median(values, axis=0), label=name, markersize=5, **style)
        axes.fill_between(
            DAYS, values.min(0), values.max(0), color=style["color"], alpha=0.15, lw=0
        )
    axes.set(xscale="log", xlabel="days since trigger", ylabel="macro AUROC")
    axes.set_xticks(DAYS, [str(day) for day in DAYS])
    axes.minorticks_off()
    legend_above(figure, axes)
    return figure


def per_class(results: Sequence[dict[str, Any]], design: Design) -> "Figure":
    """Draw the AUROC of every class against the number of labels, a panel each."""
    figure, every = panels(len(design.classes), 3, 7.8, 2.2)
    for label, axes in zip(design.classes, every, strict=True):
        for number, method in enumerate(m.name for m in design.methods[:2]):
            points = []
            for labels in design.labels:
                values = [
                    result["with_metadata"]["per_class"][label]["auroc"]
                    for result in select(results, method, labels)
                ]
                known = [value for value in values if value is not None]
                points.append(np.median(known) if known else np.nan)
            style = line_style(number)
            axes.plot(design.labels, points, markersize=4, label=method, **style)
        axes.set_title(literal(label), fontsize=9)
        labels_axis(axes, design.labels[0], design.labels[-1])
    figure.supxlabel("labels", fontsize=9)
    figure.supylabel("AUROC", fontsize=9)
    legend_above(figure, every[0])
    return figure
