"""The mix of classes that the probabilities of a model assume.

Labels say what the classes of a survey look like, and how many of each were classified:
of 130 SNe Ia and 3 TDEs a network learns that TDEs hardly exist. That is true of these
labels, and a model that predicts the most probable class then finds none, however well
it ranks them. So a transfer learns with weights that suit so few labels, and then goes
half of the way to the mix of its base: a constant is added to the logit of each class
(post-hoc logit adjustment, Menon et al. 2021, arXiv 2007.07314).
"""

from dataclasses import replace

import numpy as np

from zoo.classifier.head import log_sum_exp
from zoo.classifier.installed import keras
from zoo.recipe import Recipe
from zoo.training.labels.labelled import object_weights

SHARE = 0.5
"""How much of the prior is taken, in the logarithm of the odds. Of 0, 0.25, 0.5, 0.75
and 1 on stored trainings of four tables: none costs rare classes of ATLAS (macro F1
-0.13), all of it 0.01 in macro F1 on every table (`benchmarks/README.md`)."""


def log_odds(codes: np.ndarray, classes: tuple[str, ...], recipe: Recipe) -> np.ndarray:
    """What to add to the logits of a trained model for its recipe's `prior`, float64
    `(classes,)`; zeros without one.

    They then assume the geometric mean of two mixes of classes: that of the prior, and
    that of training, where a class weighs as all its objects together. One more object
    of each class is imagined: one without labels, of which training says nothing, stays
    possible.

    Args:
        codes: int64 `(k,)`, index of the class of each object trained on.
        classes: the labels of the classes.
        recipe: its balance, by which they were weighted, and its prior.

    Example:
        >>> recipe = Recipe(balance="roots", prior="classes")
        >>> codes = np.array([0, 0, 0])  # with those imagined, 4 SNe Ia and 1 TDE
        >>> np.exp(2 * log_odds(codes, ("SNIa", "TDE"), recipe)).round(2)
        array([0.75, 1.5 ])
    """
    if recipe.prior is None:
        return np.zeros(len(classes))
    objects = np.concatenate([codes, np.arange(len(classes))])

    def mix(recipe: Recipe) -> np.ndarray:
        weights = object_weights(objects, classes, recipe).astype(np.float64)
        return np.bincount(objects, weights) / weights.sum()

    prior = mix(replace(recipe, balance=recipe.prior))
    return SHARE * np.log(prior / mix(recipe))


def shift(model: keras.Model, by: np.ndarray) -> None:
    """Add a constant to the logit of each class of a model, permanently."""
    head = model.get_layer("head")
    kernel, bias = head.get_weights()
    head.set_weights([kernel, bias + by.astype(bias.dtype)])


def shifted(probabilities: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Probabilities `(n, classes)` to whose logits constants were added.

    Example:
        >>> shifted(np.array([[0.8, 0.2]]), np.log([1, 4])).round(3)
        array([[0.5, 0.5]])
    """
    least = np.finfo(np.float64).tiny
    logits = np.log(np.maximum(probabilities.astype(np.float64), least)) + by
    return np.exp(logits - log_sum_exp(logits)[:, None])
