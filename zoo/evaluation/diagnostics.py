"""What the figures of a card show, computed where the model and the data are at hand.

It is kept in `metrics.json`, so that a card can be drawn from a folder alone. Numbers
are rounded: they are for the eye.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import roc_curve

from zoo.evaluation.auroc import macro_auroc
from zoo.evaluation.confusion import confusion
from zoo.evaluation.early import DAYS, cut
from zoo.evaluation.scores import ECE_BINS
from zoo.inference.runtime import AnyModel, Runtime, predict
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import class_indices, collapse

_POINTS = 40  # of a ROC curve
_DIGITS = 4


def diagnose(
    model: AnyModel, light_curves: LightCurves, onto: Sequence[str]
) -> dict[str, Any]:
    """Compute what the figures of a card show.

    Light curves are cut so many days after their trigger, which is kept even where the
    detection that confirms it comes later. Features are causal, so this is what a model
    would have said then.

    Args:
        model: the model.
        light_curves: labelled; those that `zoo.evaluate` leaves out are left out.
        onto: the classes to score in.

    Returns:
        `confusion`: counts, a row per true class; `roc`: by class `fpr` and `tpr`, or
        None where it is not defined; `reliability`: for each of 15 bins of the top
        probability `n`, mean `confidence` and `accuracy`; `by_days`: for some days
        since trigger `days`, `n`, `macro_auroc` and its 95 % `interval`.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model = zoo.load("ztfsims-gru")
        >>> result = diagnose(model, golden_light_curves(), model.preset.classes)
        >>> [point["days"] for point in result["by_days"]]
        [2, 5, 10, 20, 50]
    """
    model = Runtime.of(model)
    classes, preprocessing = model.preset.classes, model.preset.preprocessing
    codes = class_indices(light_curves.labels, tuple(onto))
    light_curves = light_curves.take(np.flatnonzero(codes >= 0))
    with warnings.catch_warnings():
        # `evaluate`, which comes first, has said it.
        warnings.filterwarnings("ignore", message="the model was not trained on")
        inputs = preprocess(light_curves, preprocessing)
    truth = codes[codes >= 0][inputs.index]

    def probabilities(inputs: Inputs) -> np.ndarray:
        return collapse(predict(model, inputs), classes, tuple(onto))

    whole = probabilities(inputs)
    by_days = []
    for days in DAYS:
        early = cut(inputs, light_curves, preprocessing, days)
        point = macro_auroc(probabilities(early), truth)
        value, *interval = (None, None, None) if point is None else map(_round, point)
        by_days.append(
            {"days": days, "n": len(truth), "macro_auroc": value, "interval": interval}
        )
    return {
        "confusion": confusion(truth, whole.argmax(1), len(onto)).tolist(),
        "roc": {label: _roc(truth == i, whole[:, i]) for i, label in enumerate(onto)},
        "reliability": _reliability(whole.max(1), whole.argmax(1) == truth),
        "by_days": by_days,
    }


def _roc(positive: np.ndarray, value: np.ndarray) -> dict[str, list[float]] | None:
    """A ROC curve thinned to points at like distances along it."""
    if positive.all() or not positive.any():
        return None
    false, true, _ = roc_curve(positive, value)
    along = np.searchsorted(false + true, np.linspace(0, 2, _POINTS))
    at = np.unique(along.clip(max=len(false) - 1))
    return {"fpr": _rounded(false[at]), "tpr": _rounded(true[at])}


def _reliability(confidence: np.ndarray, right: np.ndarray) -> list[dict[str, Any]]:
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    found = []
    for number in range(ECE_BINS):
        inside = bins == number
        n = int(inside.sum())
        mean = _round(confidence[inside].mean()) if n else None
        share = _round(right[inside].mean()) if n else None
        found.append({"n": n, "confidence": mean, "accuracy": share})
    return found


def _round(value: float) -> float:
    return round(float(value), _DIGITS)


def _rounded(values: np.ndarray) -> list[float]:
    return [_round(value) for value in values]
