"""Figures with a panel for each class: ROC, purity and completeness."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from zoo.figures.axes import WIDTH, legend_above, literal, panels, without_tex
from zoo.figures.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANELS = 32  # eight rows: more do not fit a page
_TICKS = (0, 0.25, 0.5, 0.75, 1)
_NUMBERS = ("0", "", "0.5", "", "1")
_LETTERS = 20  # of a class, above its panel


def roc_figure(measured: Mapping[str, Any]) -> "Figure":
    """Draw the ROC curve of each class, a panel each.

    Args:
        measured: with its diagnostics, see `zoo.evaluation.metrics_file.measure`.
    """

    def draw(axes: "Axes", label: str, curve: Mapping[str, Any] | None) -> None:
        axes.plot([0, 1], [0, 1], color="0.8", linewidth=0.8)
        if curve is not None:
            axes.plot(curve["fpr"], curve["tpr"], color=COLOURS[0], linewidth=1.6)
            axes.fill_between(curve["fpr"], curve["tpr"], color=COLOURS[0], alpha=0.1)
        _value(axes, "AUROC", measured["per_class"][label]["auroc"], (0.96, 0.08))

    names = "false positive rate", "true positive rate"
    return _unit_squares(measured, measured["diagnostics"]["roc"], draw, *names)


def purity_completeness_figure(measured: Mapping[str, Any]) -> "Figure":
    """Draw purity and completeness against the threshold, a panel for each class.

    Args:
        measured: as `zoo.evaluate` returns it.
    """
    # The dash tells them apart without the colour.
    styles = {"purity": (COLOURS[0], "-"), "completeness": (COLOURS[1], "--")}

    def draw(axes: "Axes", label: str, curve: Mapping[str, Any] | None) -> None:
        for key, (colour, dash) in styles.items():
            x, y = ([], []) if curve is None else (curve["threshold"], curve[key])
            axes.plot(x, y, color=colour, ls=dash, linewidth=1.6, label=key)
        if curve is None:
            axes.text(0.5, 0.5, "no objects", ha="center", fontsize=10)

    curves = measured["purity_completeness"]
    names = "threshold on the probability of the class", "share"
    figure = _unit_squares(measured, curves, draw, *names)
    legend_above(figure, figure.axes[0])
    return without_tex(figure)


def precision_recall_figure(measured: Mapping[str, Any]) -> "Figure":
    """Draw precision against recall, a panel for each class.

    Args:
        measured: as `zoo.evaluate` returns it.
    """

    def draw(axes: "Axes", label: str, curve: Mapping[str, Any] | None) -> None:
        of = measured["per_class"][label]
        share = of["n"] / measured["n"]
        axes.plot([0, 1], [share, share], color="0.8", linewidth=0.8)
        if curve is not None:
            recall, precision = curve["completeness"], curve["purity"]
            axes.plot(recall, precision, color=COLOURS[0], linewidth=1.6)
        precise = of.get("average_precision")
        # Beyond a curve that falls early, below one that falls late; no curve and no
        # grey line is there.
        below = 0.08 if 0.22 < share < 0.45 else 0.3
        late = precise is not None and precise > 0.5
        _value(axes, "AP", precise, (0.62, below) if late else (0.96, 0.88))

    curves = measured["purity_completeness"]
    names = "recall (completeness)", "precision (purity)"
    return _unit_squares(measured, curves, draw, *names)


def _unit_squares(
    measured: Mapping[str, Any],
    curves: Mapping[str, Any],
    draw: Callable[["Axes", str, Mapping[str, Any] | None], None],
    x: str,
    y: str,
) -> "Figure":
    """A panel for each class, with both axes from 0 to 1; of many, the largest."""
    n = {label: measured["per_class"][label]["n"] for label in curves}
    shown = sorted(curves, key=lambda label: -n[label])[:_PANELS]
    if len(shown) < len(curves):
        x += f" ({_PANELS} of {len(curves):,} classes, with the most objects)"
    labels = [label for label in curves if label in {*shown}]
    figure, every = panels(len(labels), 4, WIDTH, 1.95, sharex=True, sharey=True)
    for label, axes in zip(labels, every, strict=True):
        draw(axes, label, curves[label])
        axes.set_title(literal(label, _LETTERS), fontsize=9.5)
        axes.set_aspect("equal")
        axes.grid(color="0.9", lw=0.6)
        axes.set_axisbelow(True)
    every[0].set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))  # the panels share both
    every[0].set_xticks(_TICKS, _NUMBERS)
    every[0].set_yticks(_TICKS, _NUMBERS)
    figure.supxlabel(x, fontsize=9.5)
    figure.supylabel(y, fontsize=9.5)
    return without_tex(figure)


def _value(
    axes: "Axes", name: str, value: float | None, place: tuple[float, float]
) -> None:
    """A number in a panel, such as the area below its curve, that ends at a place."""
    text = "no objects" if value is None else f"{name} {value:.3f}"
    axes.text(*place, text, ha="right", fontsize=8.5)
