"""The areas under the curves of ROC and of precision and recall, weighted.

The interval of the macro AUROC needs no bootstrap, so it is fast enough to repeat. It
follows from the influence of every object on the value (DeLong et al. 1988, Biometrics
44, 837, summed over the classes), on the logit scale, which keeps it within 0 and 1.
The tests compare it with the bootstrap.
"""

import numpy as np
import pandas as pd

_SIGMAS = 1.96  # 95 %
_BLOCK = 500_000  # weights compared at a time: 4 MB, which stay in the cache


def auroc(value: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The chance that a positive outranks a negative, ties counted half.

    Args:
        value: `(n,)`, such as the probability of a class; or `(n, c)`, several of each
            object, all of them compared with each other.
        positive: bool, of the same shape.
        weights: float `(b, n)`, of the objects.

    Returns:
        float64 `(b,)`; NaN unless positives and negatives both occur.

    Example:
        >>> certain = np.array([0.9, 0.2]), np.array([True, False])
        >>> auroc(*certain, np.ones((1, 2)))
        array([1.])
    """
    values, positive = value.ravel(), positive.ravel()
    owner = np.arange(values.size) // max(1, values.size // len(value))
    above, below = np.flatnonzero(positive), np.flatnonzero(~positive)
    below = below[np.argsort(values[below], kind="stable")]
    first, last = (
        np.searchsorted(values[below], values[above], side)
        for side in ("left", "right")
    )
    areas = np.empty(len(weights))
    rows = max(1, _BLOCK // values.size)
    for start in range(0, len(weights), rows):
        block = weights[start : start + rows]
        own = np.take(block, owner[above], axis=1)
        # Weight of the negatives before each; a difference of two is that of ties.
        before = np.zeros((len(block), len(below) + 1))
        np.cumsum(np.take(block, owner[below], axis=1), axis=1, out=before[:, 1:])
        won = own * (np.take(before, first, axis=1) + np.take(before, last, axis=1)) / 2
        with np.errstate(invalid="ignore"):  # 0 / 0 where one side is empty
            areas[start : start + rows] = won.sum(1) / (own.sum(1) * before[:, -1])
    return areas


def average_precision(
    value: np.ndarray, positive: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """The mean, over the positives, of the purity of what ranks at least as high.

    Without skill it is the share of the positives. No line between the points of the
    curve is drawn, which would be too kind (Davis & Goadrich 2006,
    doi.org/10.1145/1143844.1143874).

    Args:
        value: `(n,)`, such as the probability of a class.
        positive: bool `(n,)`.
        weights: float `(b, n)`, of the objects.

    Returns:
        float64 `(b,)`; NaN where there is no positive.

    Example:
        >>> values = np.array([0.9, 0.8, 0.2]), np.array([True, False, True])
        >>> average_precision(*values, np.ones((1, 3)))
        array([0.83333333])
    """
    order = np.argsort(-value, kind="stable")
    falling, at = -value[order], np.flatnonzero(positive[order])
    last = np.searchsorted(falling, falling[at], "right") - 1  # of equal values
    last_positive = np.searchsorted(at, last, "right") - 1
    areas = np.empty(len(weights))
    rows = max(1, _BLOCK // len(value))
    for start in range(0, len(weights), rows):
        block = np.take(weights[start : start + rows], order, axis=1)
        own = np.take(block, at, axis=1)
        taken = np.take(np.cumsum(block, axis=1), last, axis=1)
        found = np.take(np.cumsum(own, axis=1), last_positive, axis=1)
        purity = np.divide(found, taken, out=np.zeros(found.shape), where=taken > 0)
        with np.errstate(invalid="ignore"):  # 0 / 0 without a positive
            areas[start : start + rows] = (own * purity).sum(1) / own.sum(1)
    return areas


def macro_auroc(
    probabilities: np.ndarray, truth: np.ndarray
) -> tuple[float, float, float] | None:
    """The macro AUROC and its 95 % interval.

    Args:
        probabilities: `(n, classes)`.
        truth: int `(n,)`, index of the true class.

    Returns:
        Value, low and high; None where no class has objects on both sides.

    Example:
        >>> certain = np.array([[0.9, 0.1], [0.2, 0.8]])
        >>> macro_auroc(certain, np.array([0, 1]))
        (1.0, 1.0, 1.0)
    """
    areas, influence = [], np.zeros(len(truth))
    for column, values in enumerate(probabilities.T):
        own = truth == column
        if own.any() and not own.all():
            areas.append(float(auroc(values, own, np.ones((1, len(own))))[0]))
            influence += _influence(values, own, areas[-1])
    if not areas:
        return None
    value = float(np.mean(areas))
    if not 0 < value < 1:
        return value, value, value
    error = np.sqrt(np.mean((influence / len(areas)) ** 2) / len(truth))
    half = _SIGMAS * error / (value * (1 - value))
    odds = value / (1 - value)
    low, high = odds * np.exp(-half), odds * np.exp(half)
    return value, float(low / (1 + low)), float(high / (1 + high))


def _influence(values: np.ndarray, own: np.ndarray, area: float) -> np.ndarray:
    """How much each object pulls at the AUROC of one class."""
    ranks = pd.Series(values).rank() - pd.Series(values).groupby(own).rank()
    others = np.where(own, (~own).sum(), own.sum())
    below = ranks.to_numpy() / others  # ties count half
    won = np.where(own, below, 1 - below)
    return (won - area) * len(own) / (len(own) - others)
