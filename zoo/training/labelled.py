"""Labelled objects: their inputs, classes and weights."""

from dataclasses import replace

import numpy as np

from zoo.classifier.network import LightCurveNetwork
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.ragged import LightCurves
from zoo.passbands import BANDS
from zoo.recipe import Recipe
from zoo.taxonomy import PARENT, class_indices


def labelled_inputs(
    model: LightCurveNetwork, light_curves: LightCurves
) -> tuple[Inputs, np.ndarray]:
    """Inputs of the objects that have both a trigger and a label, and their classes.

    Raises:
        ValueError: there is none, or a label has no place among the model's classes.
    """
    codes = class_codes(light_curves, model.preset.classes)
    inputs = preprocess(light_curves, model.preset.preprocessing)
    usable = np.flatnonzero(codes[inputs.index] >= 0)
    if not len(usable):
        raise ValueError(
            f"none of the {len(light_curves)} objects has both a trigger and a label. "
            "Fill the label column of the metadata table."
        )
    return inputs.take(usable), codes[inputs.index[usable]]


def class_codes(light_curves: LightCurves, classes: tuple[str, ...]) -> np.ndarray:
    """Class of each object, int64 `(n,)`, -1 where the label is unknown.

    Raises:
        ValueError: a label has no place among the classes.
    """
    codes = class_indices(light_curves.labels, classes)
    if (codes == -2).any():
        labels = light_curves.labels[codes == -2]
        counted = ", ".join(
            f"{label} ({(labels == label).sum()})" for label in sorted(set(labels))
        )
        raise ValueError(
            f"the classes {', '.join(classes)} cannot hold the label(s) "
            f"{counted}. Give classes that can: --classes data (in Python the list of "
            "the labels present), or a list, with `other` for the rest."
        )
    return codes


def _learn_passbands(model: LightCurveNetwork, light_curves: LightCurves) -> None:
    """Add the passbands of the labelled light curves to those the model knows."""
    preset = model.preset
    labelled = np.flatnonzero(class_codes(light_curves, preset.classes) >= 0)
    known = {*preset.preprocessing.passbands, *light_curves.take(labelled).bands}
    passbands = tuple(band for band in BANDS if band in known)
    model.preset = preset.replace(
        preprocessing=replace(preset.preprocessing, passbands=passbands)
    )


def _weights(codes: np.ndarray, classes: tuple[str, ...], recipe: Recipe) -> np.ndarray:
    """Weight of each object, float32 `(k,)`.

    Classes weigh N / n_c, as in arXiv 2502.18558; families and square roots are
    divided by the mean, so that the learning rate means the same whatever the number of
    classes.
    """
    if recipe.balance == "classes":
        return (len(codes) / np.bincount(codes)[codes]).astype(np.float32)
    if recipe.balance == "roots":
        weights = np.bincount(codes)[codes] ** -0.5
        return (weights / weights.mean()).astype(np.float32)
    families = np.array([PARENT.get(label, label) for label in classes])
    family = np.unique(families, return_inverse=True)[1][codes]
    weights = 1 / np.bincount(family)[family]
    weights *= np.where(families[codes] == "SNIa", recipe.snia_weight, 1)
    return (weights / weights.mean()).astype(np.float32)
