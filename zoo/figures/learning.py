"""The figure of scores against the number of labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path


def learning_curves(
    curves: Mapping[str, Sequence[tuple[int, float, float, float]]],
    path: Path,
    *,
    title: str,
    level: tuple[str, float] | None = None,
) -> None:
    """Draw macro AUROC against the number of labels.

    Args:
        curves: by name, points (labels, value, low, high).
        path: where; the suffix decides the format.
        title: above the figure.
        level: name and value of a horizontal line, such as the score without labels.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, points in curves.items():
        labels, value, low, high = zip(*points, strict=True)
        (line,) = axes.plot(labels, value, marker="o", label=name)
        axes.fill_between(labels, low, high, alpha=0.15, color=line.get_color())
    if level is not None:
        axes.axhline(level[1], color="0.4", linestyle="--", label=level[0])
    ticks = [point[0] for point in next(iter(curves.values()))]
    axes.set(xscale="log", xlabel="labels", ylabel="macro AUROC", title=title)
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
