"""The areas under the curves of ROC and of precision and recall, weighted.

The interval of the macro AUROC needs no bootstrap, so it is fast enough to repeat. It
follows from the influence of every object on the value (DeLong et al. 1988, Biometrics
44, 837, summed over the classes), on the logit scale, which keeps it within 0 and 1.
The tests compare it with the bootstrap.
"""

import numpy as np
import pandas as pd

_SIGMAS = 1.96  # 95 %


def auroc(value: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The chance that a positive outranks a negative, ties counted half.

    Args:
        value: `(n,)`, such as the probability of a class.
        positive: bool `(n,)`.
        weights: float `(b, n)`, of the objects.

    Returns:
        float64 `(b,)`; NaN unless positives and negatives both occur.

    Example:
        >>> certain = np.array([0.9, 0.2]), np.array([True, False])
        >>> auroc(*certain, np.ones((1, 2)))
        array([1.])
    """
    return _chance(*_ranked(value, positive, weights))


def areas(
    value: np.ndarray, positive: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The AUROC, and the average precision: both of one sort.

    The average precision is the mean, over the positives, of the purity of what ranks
    at least as high: without skill, the share of the positives. No line between points
    is drawn, which would be too kind (Davis & Goadrich 2006,
    doi.org/10.1145/1143844.1143874).

    Args:
        value: `(n,)`, such as the probability of a class.
        positive: bool `(n,)`.
        weights: float `(b, n)`, of the objects.

    Returns:
        Two float64 `(b,)`; NaN unless positives and negatives both occur, the average
        precision only where there is no positive.

    Example:
        >>> values = np.array([0.9, 0.8, 0.2]), np.array([True, False, True])
        >>> [area.round(3).tolist() for area in areas(*values, np.ones((1, 3)))]
        [[0.5], [0.833]]
    """
    plus, minus = _ranked(value, positive, weights)
    found = np.cumsum(plus[:, ::-1], axis=1)
    taken = found + np.cumsum(minus[:, ::-1], axis=1)
    purity = np.divide(found, taken, out=np.zeros_like(found), where=taken > 0)
    with np.errstate(invalid="ignore"):  # 0 / 0 without a positive
        precision = (plus[:, ::-1] * purity).sum(1) / found[:, -1]
    return _chance(plus, minus), precision


def _ranked(
    value: np.ndarray, positive: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the positives and negatives of each different value, ascending."""
    order = np.argsort(value, kind="stable")
    value, positive, weights = value[order], positive[order], weights[:, order]
    group = np.cumsum(np.diff(value, prepend=value[:1]) > 0)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    plus = np.add.reduceat(weights * positive, starts, axis=1)
    minus = np.add.reduceat(weights * ~positive, starts, axis=1)
    return plus, minus


def _chance(plus: np.ndarray, minus: np.ndarray) -> np.ndarray:
    below = np.cumsum(minus, axis=1) - minus / 2
    with np.errstate(invalid="ignore"):  # 0 / 0 where one side is empty
        return (plus * below).sum(1) / (plus.sum(1) * minus.sum(1))


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
