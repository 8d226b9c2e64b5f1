"""How far to go from the weights at the start to those that the labels taught.

A few labels can make a model worse than the one it started from. Weights between the
two are often better than both (WiSE-FT, Wortsman et al. 2022, arXiv 2109.01903). How
far between is decided on labels that were not trained on: where they do not show that
training helped, the model stays as it was. They are asked at the moments that a network
learns at, the end of each light curve and earlier ones: labels are worth most in the
first days of a transient, of which its end says nothing.

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
from zoo.recipe import Recipe
from zoo.training.epochs.augment import draw_ends
from zoo.training.labels.labelled import Labelled
from zoo.training.labels.prior import shifted
from zoo.training.labels.stratified import VALIDATION_FRACTION

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
        share: of the way to each of the trained ones alone, from which `fraction` was
            made: the best of those tried.
        first: float32 `(n, classes)`, probabilities at the start.
        second: the same, at that share of the way to weights that were trained without
            the object; both are without the prior.
        truth: int64 `(n,)`, index of the true class.
    """

    fraction: float
    share: float
    first: np.ndarray
    second: np.ndarray
    truth: np.ndarray


def interpolate(
    model: LightCurveNetwork,
    start: Weights,
    train: Labelled,
    checks: Labelled,
    learn: Callable[[np.ndarray, Labelled, int], Any],
    recipe: Recipe,
    odds: np.ndarray,
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
        recipe: its number of folds, at least 2, and of earlier moments.
        odds: `(classes,)`, what the logits will gain for the prior, all the way: each
            share of the way is judged with that share of them.
        seed: seed of the folds and of the earlier moments.
        known: ids of the objects that the start or a teacher was trained on, which
            cannot judge.
    """
    trained = model.get_weights()
    judges = _without(checks, {*known, *train.object_id.tolist()})
    parts = [(judges, trained)]  # who judges weights, and the weights
    few = len(train) < MANY or len(judges) < VALIDATION_FRACTION * MANY
    try:
        if few and len(train) > 1:
            fold = _folds(train.classes, recipe.folds, seed)
            for number in range(fold.max() + 1):
                held = train.take(np.flatnonzero(fold == number))
                judges = _without(held, known)
                if not len(judges):
                    continue
                model.set_weights(start)
                learn(np.flatnonzero(fold != number), held, number + 1)
                parts.append((judges, model.get_weights()))
        predicted = [
            _on_the_way(model, start, end, some, recipe.prefixes, seed)
            for some, end in parts
        ]
    finally:
        model.set_weights(trained)
    probabilities = np.concatenate(predicted, axis=2)
    truth = np.concatenate([some.classes for some, _ in parts])
    best = len(FRACTIONS) - 1
    if len(truth) > 1:
        judged = [
            shifted(predictions, fraction * odds)
            for fraction, predictions in zip(FRACTIONS, probabilities, strict=True)
        ]
        best = surest(loss_of_all_moments(log_loss(np.array(judged), truth)))
    end = mean([ends for _, ends in parts])
    share = FRACTIONS[best]
    fraction = to_the_mean(share, len(parts))
    model.set_weights(between(start, end, fraction))
    at_the_end = probabilities[:, 0]
    return Interpolated(fraction, share, at_the_end[0], at_the_end[best], truth)


def log_loss(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Of each object, float64 `(..., n)`; no object's counts more than that of a
    probability of 1e-6, so that one which was certain and wrong does not decide alone.

    Args:
        probabilities: `(..., n, classes)`.
        truth: int64 `(n,)`, index of the true class.

    Example:
        >>> log_loss(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0, 1])).round(1)
        array([ 0.7, 13.8])
    """
    own = probabilities[..., np.arange(len(truth)), truth].astype(np.float64)
    return -np.log(np.maximum(own, _FLOOR))


def loss_of_all_moments(losses: np.ndarray) -> np.ndarray:
    """The mean of an object's loss at its end and of that at all its earlier moments,
    `(predictions, n)`: models are asked both questions.

    Args:
        losses: `(predictions, 1 + earlier moments, n)`, that at the end first.

    Example:
        >>> loss_of_all_moments(np.array([[[1.0], [4.0], [6.0]]]))
        array([[3.]])
    """
    end, earlier = losses[:, 0], losses[:, 1:]
    return (end + earlier.mean(1)) / 2 if earlier.shape[1] else end


def surest(losses: np.ndarray) -> int:
    """Which of some predictions to choose, where the first is there to be kept.

    The one that lowers the loss of the first most, less the standard error of that: a
    gain within the scatter of so few objects does not count.

    Args:
        losses: `(predictions, n)`, of two objects or more, not trained on.

    Example:
        >>> surest(np.array([[0.7, 0.7, 0.7, 0.7], [0.1, 0.2, 0.1, 0.1]]))
        1
    """
    gain = losses[0] - losses
    error = gain.std(1, ddof=1) / np.sqrt(losses.shape[1])
    return int((gain.mean(1) - error).argmax())


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
    model: LightCurveNetwork,
    start: Weights,
    end: Weights,
    objects: Labelled,
    prefixes: int,
    seed: int,
) -> np.ndarray:
    """Probabilities at every fraction, at the end of each light curve and at earlier
    moments, float32 `(fractions, 1 + prefixes, n, classes)`."""
    ends = draw_ends(objects.inputs, prefixes, np.random.default_rng(seed)).T
    predicted = []
    for fraction in FRACTIONS:
        model.set_weights(between(start, end, fraction))
        # One at a time: all together would take several times the memory.
        at_all = [predict(model, objects.inputs.up_to(moment)) for moment in ends]
        predicted.append(at_all)
    return np.array(predicted)
