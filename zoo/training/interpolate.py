"""How far to go from the weights at the start to those that the labels taught.

A few labels can make a model worse than the one it started from. Weights between the
two are often better than both (WiSE-FT, Wortsman et al. 2022, arXiv 2109.01903). How
far between is decided on labels that were not trained on: where they do not show that
training helped, the model stays as it was.

That takes several trainings, each without some of the labels. All begin at the same
weights, and the mean of their ends, which costs nothing more, is often better than one
of them (model soups, Wortsman et al. 2022, arXiv 2203.05482; `benchmarks/README.md`).
What they do not have in common cancels in part, so the mean lies nearer to the start
than they do on average, and the model goes a larger share of the way to it
(`to_the_mean`).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from zoo.classifier.network import LightCurveNetwork
from zoo.inference.runtime import predict
from zoo.training.labelled import Labelled
from zoo.training.stratified import VALIDATION_FRACTION

Weights: TypeAlias = Sequence[np.ndarray]
"""Of all layers, as `keras.Model.get_weights` lists them."""

FRACTIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of the way that are tried."""

MANY = 3000
"""From this number of objects trained on, a validation part of a tenth of it or more
decides alone: it is then large enough, and cross-validation takes `folds` times as long
as the training itself."""

CORRELATION = 0.4
"""Of the errors of two trainings, any two of which share most of their labels. With it
six are worth two independent ones, which was best of 1, 2, 3 and 6 on stored trainings
of two tables (`benchmarks/README.md`)."""

_FLOOR = 1e-6  # of a probability: no object that was certain and wrong decides alone


@dataclass(frozen=True, eq=False)
class Interpolated:
    """How far a model went, and what it predicts for objects not trained on.

    Attributes:
        fraction: of the way from the weights at the start to the mean of the trained
            ones.
        first: float32 `(n, classes)`, probabilities at the start.
        second: the same, on the way to weights that were trained without the object, at
            the share that was best of those tried.
        truth: int64 `(n,)`, index of the true class.
    """

    fraction: float
    first: np.ndarray
    second: np.ndarray
    truth: np.ndarray


def interpolate(
    model: LightCurveNetwork,
    start: Weights,
    train: Labelled,
    checks: Labelled,
    learn: Callable[[np.ndarray, Labelled, int], Any],
    folds: int,
    seed: int,
    known: Collection[str] = (),
) -> Interpolated:
    """Give a model the weights between its start and its end that hold best.

    They are compared on labelled objects that neither was trained on. Those of the
    validation part, between the start and the trained weights. With fewer than `MANY`
    labels also those trained on, fold by fold, between the start and weights that were
    trained without the fold. Without two such objects nothing can be compared, and the
    model goes all the way. The end is the mean of all these trained weights, and the
    share found with each alone becomes that of the way to their mean.

    Args:
        model: with the trained weights.
        start: its weights before.
        train: the objects it was trained on.
        checks: those of the validation part.
        learn: trains the model on some objects of `train`, by position, and validates
            it on those of a fold, whose number is given too, counted from 1.
        folds: number of folds, at least 2.
        seed: seed of the folds.
        known: ids of the objects that the start or a teacher was trained on, which
            cannot judge.
    """
    trained = model.get_weights()
    judges = _without(checks, {*known, *train.object_id.tolist()})
    parts = [(judges, trained)]  # who judges weights, and the weights
    few = len(train) < MANY or len(judges) < VALIDATION_FRACTION * MANY
    try:
        if few and len(train) > 1:
            fold = _folds(train.classes, folds, seed)
            for number in range(fold.max() + 1):
                held = train.take(np.flatnonzero(fold == number))
                judges = _without(held, known)
                if not len(judges):
                    continue
                model.set_weights(start)
                learn(np.flatnonzero(fold != number), held, number + 1)
                parts.append((judges, model.get_weights()))
        predicted = [_on_the_way(model, start, end, some) for some, end in parts]
    finally:
        model.set_weights(trained)
    probabilities = np.concatenate(predicted, axis=1)
    truth = np.concatenate([some.classes for some, _ in parts])
    best = surest(probabilities, truth) if len(truth) > 1 else len(FRACTIONS) - 1
    end = mean([ends for _, ends in parts])
    fraction = to_the_mean(FRACTIONS[best], len(parts))
    model.set_weights(between(start, end, fraction))
    return Interpolated(fraction, probabilities[0], probabilities[best], truth)


def surest(probabilities: np.ndarray, truth: np.ndarray) -> int:
    """Which of some predictions to choose, where the first is there to be kept.

    The one that lowers the log loss of the first most, less the standard error of that:
    a gain within the scatter of so few objects does not count.

    Args:
        probabilities: `(predictions, n, classes)`, of objects not trained on.
        truth: int64 `(n,)`, index of the true class; two or more.

    Example:
        >>> unsure, right = np.full((4, 2), 0.5), np.eye(2)[[0, 1, 1, 0]]
        >>> surest(np.stack([unsure, right]), np.array([0, 1, 1, 0]))
        1
    """
    n = len(truth)
    own = probabilities[:, np.arange(n), truth].astype(np.float64)
    loss = -np.log(np.maximum(own, _FLOOR))
    gain = loss[0] - loss
    return int((gain.mean(1) - gain.std(1, ddof=1) / np.sqrt(n)).argmax())


def mean(ends: Sequence[Weights]) -> list[np.ndarray]:
    """The mean of weights; in single precision exact where all are the same, as frozen
    layers are.

    Example:
        >>> mean([[np.zeros(1)], [np.ones(1)]])
        [array([0.5])]
    """
    return [
        np.mean(layer, axis=0, dtype=np.float64).astype(layer[0].dtype)
        for layer in zip(*ends, strict=True)
    ]


def to_the_mean(fraction: float, trainings: int) -> float:
    """The share of the way to the mean of trainings, for one that is best for each.

    If a training adds to the start the way g to the least loss, which all share, and an
    error e of its own, the loss is least at g^2 / (g^2 + e^2) of the way (to second
    order). In the mean of trainings e^2 is smaller, by as much as they are independent.

    Args:
        fraction: for each training alone.
        trainings: number of them.

    Example:
        >>> [round(to_the_mean(fraction, 6), 2) for fraction in FRACTIONS]
        [0.0, 0.33, 0.57, 0.75, 0.89, 1.0]
        >>> round(to_the_mean(0.6, 1), 2)
        0.6
    """
    independent = trainings / (1 + (trainings - 1) * CORRELATION)
    return fraction / (fraction + (1 - fraction) / independent)


def between(start: Weights, trained: Weights, fraction: float) -> list[np.ndarray]:
    """Weights at a fraction of the way; both ends are exact.

    Example:
        >>> between([np.zeros(1)], [np.ones(1)], 0.25)
        [array([0.25])]
    """
    return [
        first + np.float32(fraction) * (last - first) if fraction < 1 else last
        for first, last in zip(start, trained, strict=True)
    ]


def _without(objects: Labelled, ids: Collection[str]) -> Labelled:
    """Those whose ids are not among some."""
    among = pd.Index(objects.object_id).isin(list(ids))
    return objects.take(np.flatnonzero(~among))


def _folds(classes: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The fold of each object: every class is dealt out evenly, in random order."""
    order = np.random.default_rng(seed).permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    fold = np.empty(len(classes), np.int64)
    fold[order] = np.arange(len(classes)) % folds
    return fold


def _on_the_way(
    model: LightCurveNetwork, start: Weights, end: Weights, objects: Labelled
) -> np.ndarray:
    """Probabilities at every fraction, float32 `(fractions, n, classes)`."""
    predicted = []
    for fraction in FRACTIONS:
        model.set_weights(between(start, end, fraction))
        predicted.append(predict(model, objects.inputs))
    return np.stack(predicted)
