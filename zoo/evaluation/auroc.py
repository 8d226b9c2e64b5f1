"""The area under the ROC curve: weighted, and as a macro average with an interval.

The interval needs no bootstrap, so it is fast enough to repeat. It follows from the
influence of every object on the value (DeLong et al. 1988, Biometrics 44, 837, summed
over the classes), on the logit scale, which keeps it within 0 and 1. The tests compare
it with the bootstrap.
"""

from typing import NamedTuple

import numpy as np

_SIGMAS = 1.96  # 95 %


class _Ranked(NamedTuple):
    """Objects in ascending order of a value; `g` distinct values.

    Attributes:
        order: int `(n,)`, positions of the objects.
        group: int `(n,)`, which distinct value each of them has, in that order.
        positive: float `(b, g)`, weight of the positives of each value.
        negative: float `(b, g)`, weight of the negatives of each value.
    """

    order: np.ndarray
    group: np.ndarray
    positive: np.ndarray
    negative: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, positive: np.ndarray, weights: np.ndarray):
        order = np.argsort(value, kind="stable")
        value, positive, weights = value[order], positive[order], weights[:, order]
        group = np.cumsum(np.diff(value, prepend=value[:1]) > 0)
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        return cls(
            order,
            group,
            np.add.reduceat(weights * positive, starts, axis=1),
            np.add.reduceat(weights * ~positive, starts, axis=1),
        )

    def area(self) -> np.ndarray:
        won = (self.positive * _below(self.negative)).sum(1)
        with np.errstate(invalid="ignore"):  # 0 / 0 where one side is empty
            return won / (self.positive.sum(1) * self.negative.sum(1))


def _below(weights: np.ndarray) -> np.ndarray:
    """Weight that lies below each distinct value; ties count half."""
    return np.cumsum(weights, axis=1) - weights / 2


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
    return _Ranked.of(value, positive, weights).area()


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
            area, of_object = _influence(values, own)
            areas.append(area)
            influence += of_object
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


def _influence(values: np.ndarray, own: np.ndarray) -> tuple[float, np.ndarray]:
    """The AUROC of one class, and how much each object pulls at it, `(n,)`."""
    ranked = _Ranked.of(values, own, np.ones((1, len(own))))
    area, n = float(ranked.area()[0]), int(own.sum())
    outranked = _below(ranked.negative)[0] / (len(own) - n)
    outranking = 1 - _below(ranked.positive)[0] / n
    won = np.empty(len(own))
    won[ranked.order] = np.where(
        own[ranked.order], outranked[ranked.group], outranking[ranked.group]
    )
    return area, (won - area) * len(own) / np.where(own, n, len(own) - n)
