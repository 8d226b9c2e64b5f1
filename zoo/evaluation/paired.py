"""Two models on the same objects: their metrics, and the differences with intervals."""

from typing import Any

import numpy as np

from zoo.evaluation.scores import HEADLINES, bootstrap, interval, weighted_metrics

COMPARED = (*HEADLINES, "log_loss")
"""Metrics by which two models are compared."""


def paired(
    first: np.ndarray, second: np.ndarray, truth: np.ndarray, *, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Compare the class probabilities that two models give the same objects.

    The bootstrap draws the same objects for both, so that the interval of a difference
    is narrower than those of the two values.

    Args:
        first, second: `(n, classes)`, rows that sum to 1.
        truth: int `(n,)`, index of the true class.
        seed: seed of the bootstrap.

    Returns:
        For each metric of `COMPARED`: `first`, `second`, `difference` (second less
        first) and its `interval` (95 %); None where a metric is not defined.

    Example:
        >>> truth = np.array([0, 1, 0, 1])
        >>> unsure, right = np.full((4, 2), 0.5), np.eye(2)[truth]
        >>> paired(unsure, right, truth)["macro_auroc"]["difference"]
        0.5
    """
    whole = np.ones((1, len(truth)))
    points = [weighted_metrics(p, truth, whole)[0] for p in (first, second)]
    drawn = [bootstrap(p, truth, seed=seed)[0] for p in (first, second)]
    return {
        name: {
            "first": _number(points[0][name][0]),
            "second": _number(points[1][name][0]),
            "difference": _number(points[1][name][0] - points[0][name][0]),
            "interval": interval(drawn[1][name] - drawn[0][name]),
        }
        for name in COMPARED
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
