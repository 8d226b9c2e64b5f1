"""The figures of a study."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.evaluation.early import DAYS
from zoo.evaluation.names import METRICS as IN_WORDS
from zoo.figures.palette import COLOURS
from zoo.study.cells import select
from zoo.study.curves import Curves
from zoo.study.design import Design

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = "osD^vP"
_GREY = "0.45"
_DPI = 200
_ZERO = 0.5  # where no labels stand on a logarithmic axis, as a share of the fewest


def learning_curves(
    curves: Curves,
    design: Design,
    path: Path,
    *,
    methods: Sequence[str],
    published: Mapping[str, Mapping[int, float]] | None = None,
) -> None:
    """Draw a metric against the number of labels, with 95 % bands.

    Args:
        curves: what to draw.
        design: of the study.
        path: where; the suffix decides the format.
        methods: names of those drawn, in the order of the design's colours.
        published: curves of others, drawn in grey.
    """
    figure, axes = _figure()
    fewest = design.labels[0]
    for number, method in enumerate(m.name for m in design.methods):
        if method not in methods:
            continue
        labels = curves.labels(method)
        at = np.array([x or _ZERO * fewest for x in labels])
        points = np.array([curves.point(method, x) for x in labels])
        style = _style(number)
        axes.plot(at, points[:, 0], label=method, markersize=5, **style)
        axes.fill_between(
            at, points[:, 1], points[:, 2], color=style["color"], alpha=0.15, lw=0
        )
    for (name, curve), dashes in zip(
        (published or {}).items(), ("--", ":", "-.", (0, (1, 3))), strict=False
    ):
        shown = {x: y for x, y in curve.items() if x >= fewest}
        axes.plot(list(shown), list(shown.values()), color=_GREY, ls=dashes, label=name)
    most = max([design.labels[-1], *(max(c) for c in (published or {}).values())])
    zero = any(0 in curves.labels(method) for method in methods)
    _labels_axis(axes, fewest, most, zero=zero)
    axes.set_ylabel(IN_WORDS[curves.metric])
    _legend(figure, axes)
    _save(figure, path)


def validation_losses(
    results: Sequence[dict[str, Any]], design: Design, path: Path
) -> None:
    """Draw the validation loss of transfer and scratch at the most labels."""
    figure, axes = _figure()
    most = design.labels[-1]
    for number, method in enumerate(m.name for m in design.methods[:2]):
        style = _style(number)
        for result in select(results, method, most):
            losses = result["fit"]["validation_loss"]
            name = method if result["run"] == 0 else None
            axes.plot(losses, color=style["color"], lw=1, alpha=0.7, label=name)
    axes.set(xlabel="epoch", ylabel="validation loss", xlim=(0, None), ylim=(0, None))
    axes.set_title(f"{most:,} labels, every run", fontsize=9)
    _legend(figure, axes)
    _save(figure, path)


def by_days(results: Sequence[dict[str, Any]], design: Design, path: Path) -> None:
    """Draw the macro AUROC against days since trigger: no, all labels, scratch."""
    figure, axes = _figure()
    most = design.labels[-1]
    first, second = (m.name for m in design.methods[:2])
    drawn = ((first, most, 0), (first, 0, 2), (second, most, 1))
    for method, labels, number in drawn:
        runs = [
            [r["by_days"][str(d)] for d in DAYS]
            for r in select(results, method, labels)
        ]
        if not runs:
            continue
        values = np.array(runs, float)
        style = _style(number)
        name = f"{method}, {labels:,} labels" if labels else f"{method}, no label"
        axes.plot(DAYS, np.median(values, axis=0), label=name, markersize=5, **style)
        axes.fill_between(
            DAYS, values.min(0), values.max(0), color=style["color"], alpha=0.15, lw=0
        )
    axes.set(xscale="log", xlabel="days since trigger", ylabel="macro AUROC")
    axes.set_xticks(DAYS, [str(day) for day in DAYS])
    axes.minorticks_off()
    _legend(figure, axes)
    _save(figure, path)


def per_class(results: Sequence[dict[str, Any]], design: Design, path: Path) -> None:
    """Draw the AUROC of every class against the number of labels, a panel each."""
    from matplotlib.figure import Figure

    columns = min(3, len(design.classes))
    rows = -(-len(design.classes) // columns)
    figure = Figure(
        figsize=(2.6 * columns, 2.1 * rows + 0.5), layout="constrained", dpi=_DPI
    )
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    for label, axes in zip(design.classes, panels, strict=False):
        for number, method in enumerate(m.name for m in design.methods[:2]):
            points = []
            for labels in design.labels:
                values = [
                    r["with_metadata"]["per_class"][label]["auroc"]
                    for r in select(results, method, labels)
                ]
                known = [value for value in values if value is not None]
                points.append(np.median(known) if known else np.nan)
            style = _style(number)
            axes.plot(design.labels, points, markersize=4, label=method, **style)
        axes.set_title(label, fontsize=9)
        axes.tick_params(labelsize=8)
        _labels_axis(axes, design.labels[0], design.labels[-1], zero=False, name=False)
    for axes in panels[len(design.classes) :]:
        axes.set_visible(False)
    figure.supxlabel("labels", fontsize=9)
    figure.supylabel("AUROC", fontsize=9)
    _legend(figure, panels[0])
    _save(figure, path)


def _figure() -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.7), layout="constrained", dpi=_DPI)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.2, lw=0.5)
    return figure, axes


def _legend(figure: "Figure", axes: "Axes") -> None:
    """Above the panels, where it hides nothing."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside upper center", ncols=2, frameon=False, fontsize=8
    )


def _style(number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "lw": 1.6,
    }


def _labels_axis(
    axes: "Axes", fewest: int, most: int, *, zero: bool, name: bool = True
) -> None:
    """A logarithmic axis of labels, with a place for none."""
    round_ones = (100, 200, 400, 1000, 2000, 4000, 10_000)
    ticks = [x for x in round_ones if fewest <= x <= most] or [fewest]
    axes.set_xscale("log")
    at = ([_ZERO * fewest] if zero else []) + ticks
    names = (["0"] if zero else []) + [f"{x:,}" for x in ticks]
    axes.set_xticks(at, names)
    axes.minorticks_off()
    if name:
        axes.set_xlabel("labels")


def _save(figure: "Figure", path: Path) -> None:
    figure.savefig(path, metadata={"Software": None} if path.suffix == ".png" else None)
