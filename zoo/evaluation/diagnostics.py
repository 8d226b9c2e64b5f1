"""What some figures of a card show, computed where the model and the data are at hand.

It is kept in `metrics.json`, so that a card can be drawn from a folder alone. Numbers
are rounded: they are for the eye.
"""

from typing import Any

import numpy as np
from sklearn.metrics import roc_curve

from zoo.evaluation.early import auroc_by_days
from zoo.evaluation.predictions import Predictions

_POINTS = 40  # of a ROC curve
_DIGITS = 4


def diagnose(predictions: Predictions) -> dict[str, Any]:
    """Compute what the figures of a card show beside those of `zoo.evaluate`.

    Args:
        predictions: for labelled light curves.

    Returns:
        `roc`: by class `fpr` and `tpr`, or None where it is not defined; `by_days`: for
        some days since trigger `days`, `n`, `macro_auroc` and its 95 % `interval`.

    Example:
        >>> from zoo.evaluation.predictions import predict_labelled
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> result = diagnose(predict_labelled("ztfsims-gru", golden_light_curves()))
        >>> [point["days"] for point in result["by_days"]]
        [2, 5, 10, 20, 50]
    """
    truth, probabilities = predictions.truth, predictions.probabilities
    by_days = []
    for days, point in auroc_by_days(predictions).items():
        value, *interval = (None, None, None) if point is None else _rounded(point)
        by_days.append(
            {"days": days, "n": len(truth), "macro_auroc": value, "interval": interval}
        )
    return {
        "roc": {
            label: _roc(truth == i, probabilities[:, i])
            for i, label in enumerate(predictions.classes)
        },
        "by_days": by_days,
    }


def _roc(positive: np.ndarray, value: np.ndarray) -> dict[str, list[float]] | None:
    """A ROC curve thinned to points at equal distances along it."""
    if positive.all() or not positive.any():
        return None
    false, true, _ = roc_curve(positive, value)
    along = np.searchsorted(false + true, np.linspace(0, 2, _POINTS))
    at = np.unique(along.clip(max=len(false) - 1))
    return {"fpr": _rounded(false[at]), "tpr": _rounded(true[at])}


def _rounded(values: np.ndarray | tuple[float, ...]) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
