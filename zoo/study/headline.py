"""The headline numbers of a study, computed from its curves, each with an interval."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from zoo.study.curves import Curves, Value, with_interval


def labels_saved(curves: Curves, method: str, baseline: str) -> Value:
    """Share of the labels that a method saves at equal performance.

    1 - labels / largest, where `labels` is the number at which the method's curve
    (logarithmic between its points) reaches the baseline's value at its largest number
    of labels. 1 where the method needs no label at all, 0 where it never reaches it.
    """
    most = curves.labels(baseline)[-1]
    budgets = curves.labels(method)

    def figure(median: Callable) -> float:
        wanted = median(baseline, most)
        before = None
        for labels in budgets:
            here = median(method, labels)
            if here >= wanted:
                return 1 - _between(before, (labels, here), wanted) / most
            before = (labels, here)
        return 0.0

    return curves.combined(figure)


def _between(
    before: tuple[int, float] | None, here: tuple[int, float], wanted: float
) -> float:
    """Labels at which a line through two points reaches a value."""
    labels, value = here
    if before is None or labels == 0:
        return labels
    least, lower = before
    if least == 0 or value <= lower:
        return labels  # no logarithm of no labels: the next point that reaches it
    share = (wanted - lower) / (value - lower)
    return float(np.exp(np.log(least) + share * (np.log(labels) - np.log(least))))


def share_of_full(curves: Curves, method: str, full: str, labels: int) -> Value | None:
    """The value of a method with some labels, divided by that of another with all of
    them; None where that number of labels was not tried."""
    most = curves.labels(full)[-1]
    if labels not in curves.labels(method):
        return None
    return curves.combined(lambda median: median(method, labels) / median(full, most))


def convergence(
    results: Sequence[dict[str, Any]], method: str, baseline: str, labels: int
) -> Value:
    """Epochs until a method reaches the baseline's best validation loss, as a share of
    the epochs that the baseline needed for it.

    The median over the runs. 0 where it has that loss before training; infinite where
    it never reaches it.
    """
    losses: dict[str, dict[int, list[float]]] = {method: {}, baseline: {}}
    for r in results:
        if r["labels"] == labels and r["method"] in losses:
            losses[r["method"]][r["run"]] = r["fit"]["validation_loss"]
    shares = []
    for run in sorted(losses[method].keys() & losses[baseline].keys()):
        theirs, mine = losses[baseline][run], np.array(losses[method][run])
        best = int(np.argmin(theirs[1:])) + 1
        reached = np.flatnonzero(mine <= theirs[best])
        shares.append(reached[0] / best if len(reached) else np.inf)
    values = np.array(shares)
    generator = np.random.default_rng(0)
    drawn = values[generator.integers(len(values), size=(1000, len(values)))]
    return with_interval(float(np.median(values)), np.median(drawn, axis=1))
