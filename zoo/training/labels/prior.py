"""The mix of classes that the probabilities of a model assume.

Labels say what the classes of a survey look like, and how many of each were classified:
of 130 SNe Ia and 3 TDEs a network learns that TDEs hardly exist. Three say little about
how rare they are, and a model that predicts the most probable class then hardly finds
one, however well it ranks them. So a transfer learns with weights that suit so few
labels, and a constant is then added to the logit of each class (post-hoc logit
adjustment, Menon et al. 2021, arXiv 2007.07314), as if some more objects had been
labelled, in the mix that the bases of the zoo assume: with many labels that changes
nothing.
"""

from dataclasses import replace

import numpy as np

from zoo.classifier.head import softmax
from zoo.classifier.installed import keras
from zoo.recipe import Recipe
from zoo.training.labels.labelled import object_weights

IMAGINED = 30
"""Number of these objects. Of 0, 30, 100 and 400 on stored trainings of four tables: 0
costs rare classes of ATLAS (macro F1 -0.13 with 186 labels), and from 30 on the number
matters little (`benchmarks/README.md`)."""

_ROUNDING = 1e-6  # the weights are float32: not one object more for 5.0000001


def log_odds(codes: np.ndarray, classes: tuple[str, ...], recipe: Recipe) -> np.ndarray:
    """What to add to the logits of a trained model for its recipe's `prior`, float64
    `(classes,)`; zeros without one.

    The ratio of two mixes of classes, in each of which a class counts as the weights of
    its objects together: of the objects trained on, and of these and `IMAGINED` more in
    the mix of the prior, each number rounded up. One object of each class is added to
    both, so that a class without labels stays possible.

    Args:
        codes: int64 `(k,)`, index of the class of each object trained on.
        classes: the labels of the classes.
        recipe: its balance, by which they were weighted, and its prior.

    Example:
        >>> recipe = Recipe(balance="roots", prior="classes")
        >>> codes = np.repeat([0, 1], [20, 9])  # with 1 more: 21, 10; with 15: 36, 25
        >>> np.exp(log_odds(codes, ("SNIa", "TDE"), recipe)).round(3)
        array([0.922, 1.113])
    """
    if recipe.prior is None:
        return np.zeros(len(classes))
    one_each = np.arange(len(classes))

    def mix(objects: np.ndarray, recipe: Recipe) -> np.ndarray:
        weights = object_weights(objects, classes, recipe).astype(np.float64)
        return np.bincount(objects, weights) / weights.sum()

    # The two change places, so that one of them still is what `snia_weight` is for.
    other = replace(recipe, balance=recipe.prior, prior=recipe.balance)
    numbers = np.ceil(IMAGINED * mix(one_each, other) - _ROUNDING).astype(np.int64)
    imagined = np.repeat(one_each, numbers)
    labelled = np.concatenate([codes, one_each])
    more = np.concatenate([labelled, imagined])
    return np.log(mix(more, recipe) / mix(labelled, recipe))


def shift(model: keras.Model, by: np.ndarray) -> None:
    """Add a constant to the logit of each class of a model, permanently."""
    head = model.get_layer("head")
    kernel, bias = head.get_weights()
    head.set_weights([kernel, bias + by.astype(bias.dtype)])


def shifted(probabilities: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Probabilities `(..., classes)` to whose logits constants were added.

    Example:
        >>> shifted(np.array([[0.8, 0.2]]), np.log([1, 4])).round(3)
        array([[0.5, 0.5]])
    """
    least = np.finfo(np.float64).tiny
    logits = np.log(np.maximum(probabilities.astype(np.float64), least)) + by
    return softmax(logits)
