"""The macro AUROC and its interval without a bootstrap: fast enough to repeat.

The interval follows from the influence of every object on the figure (DeLong et al.
1988, Biometrics 44, 837, summed over the classes), on the logit scale, which keeps it
within 0 and 1. `tests/test_diagnostics.py` holds it against the bootstrap.
"""

import numpy as np
import pandas as pd

_SIGMAS = 1.96  # 95 %


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
            area, of_object = _influence(pd.Series(values), own)
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


def _influence(values: pd.Series, own: np.ndarray) -> tuple[float, np.ndarray]:
    """The AUROC of one class, and how much each object pulls at it."""
    among_all, among_its_kind = values.rank(), values.groupby(own).rank()
    others = np.where(own, (~own).sum(), own.sum())
    below = (among_all - among_its_kind).to_numpy() / others  # ties count half
    won = np.where(own, below, 1 - below)
    area = float(won[own].mean())
    return area, (won - area) * len(own) / (len(own) - others)
