"""Labelled objects: their inputs and classes, and their weights in the loss."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np

from zoo.inputs.inputs import Inputs
from zoo.inputs.metadata import standardise
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset
from zoo.passbands import find, in_order, make
from zoo.recipe import Recipe
from zoo.taxonomy import PARENT, class_indices

NO_LABELLED = (
    "none of the {objects} objects has both a trigger and a label. Fill the label "
    "column of the metadata table."
)
"""The error of data from which nothing can be learned."""


@dataclass(frozen=True)
class Labelled:
    """Objects that a network can learn from.

    Attributes:
        inputs: of `k` objects.
        classes: int64 `(k,)`, index of the class of each.
        object_id: str `(k,)`.
        index: int64 `(k,)`, position of each among the light curves.
    """

    inputs: Inputs
    classes: np.ndarray
    object_id: np.ndarray
    index: np.ndarray

    def __len__(self) -> int:
        return len(self.classes)

    def take(self, objects: np.ndarray) -> "Labelled":
        """Some of the objects, by position among the `k`."""
        return Labelled(
            self.inputs.take(objects),
            self.classes[objects],
            self.object_id[objects],
            self.index[objects],
        )

    def one_hot(self, classes: int) -> np.ndarray:
        """The classes as targets of a network, float32 `(k, classes)`."""
        return np.eye(classes, dtype=np.float32)[self.classes]


def labelled_inputs(light_curves: LightCurves, preset: Preset) -> Labelled:
    """The objects that have both a trigger and a label.

    Raises:
        ValueError: there is none, or a label has no place among the model's classes.
    """
    codes = class_codes(light_curves, preset.classes)
    known = np.flatnonzero(codes >= 0)
    inputs = preprocess(light_curves.take(known), preset.preprocessing)
    if not len(inputs):
        raise ValueError(NO_LABELLED.format(objects=len(light_curves)))
    used = known[inputs.index]
    return Labelled(inputs, codes[used], light_curves.object_id[used], used)


def class_codes(light_curves: LightCurves, classes: tuple[str, ...]) -> np.ndarray:
    """Class of each object, int64 `(n,)`, -1 where the label is unknown.

    Raises:
        ValueError: a label has no place among the classes.
    """
    codes = class_indices(light_curves.labels, classes)
    if (codes == -2).any():
        labels, counts = np.unique(
            light_curves.labels[codes == -2].astype(str), return_counts=True
        )
        objects = " and ".join(
            f"{count} object{' is' if count == 1 else 's are'} labelled {label}"
            for label, count in zip(labels, counts, strict=True)
        )
        raise ValueError(
            f"{objects}, which {'is' if len(labels) == 1 else 'are'} not among the "
            f"classes {', '.join(classes)}. Train with the labels present (--classes "
            "data; in Python classes='data'), or list the classes and add `other`."
        )
    return codes


def with_passbands(preset: Preset, light_curves: LightCurves) -> Preset:
    """A preset that also knows the passbands of the labelled light curves."""
    labelled = np.flatnonzero(light_curves.metadata["label"].notna())
    before = preset.preprocessing
    wavelengths = dict(before.wavelengths)
    observed = light_curves.take(labelled).observed
    for passband in observed:
        wavelengths.setdefault(passband.name, passband.wavelength)
    names = {*before.passbands, *(passband.name for passband in observed)}
    known = (find(name) or make(name, wavelength=wavelengths[name]) for name in names)
    return preset.replace(
        preprocessing=replace(
            before,
            passbands=tuple(passband.name for passband in in_order(known)),
            wavelengths=wavelengths,
        )
    )


def standardised(preset: Preset, light_curves: LightCurves) -> Preset:
    """A preset that also knows the scales of its further columns, which it takes from
    the labelled light curves where it has none.

    Raises:
        ValueError: they lack a column, or it tells no object from another.
    """
    before = preset.preprocessing
    if all(before.columns.values()):
        return preset
    labelled = light_curves.metadata["label"].notna()
    metadata = light_curves.metadata[labelled]
    columns = {
        name: standard or standardise(metadata, name)
        for name, standard in before.columns.items()
    }
    return preset.replace(preprocessing=replace(before, columns=columns))


def object_weights(
    codes: np.ndarray,
    classes: tuple[str, ...],
    recipe: Recipe,
    class_weight: Mapping[str, float] | None = None,
) -> np.ndarray:
    """Weight of each object in the loss, float32 `(k,)`.

    With the balance `classes` an object weighs N / n_c, as in arXiv 2502.18558; with
    `families` and `roots` the weights have a mean of 1, so that the learning rate means
    the same for any number of classes.

    Args:
        codes: int64 `(k,)`, index of the class of each object.
        classes: the labels of the classes.
        recipe: its balance and its weight of SNe Ia.
        class_weight: weight of each label, in place of the recipe's balance.

    Raises:
        ValueError: `class_weight` lacks one of the classes, names another label, or
            holds something other than finite numbers of at least 0.

    Example:
        >>> codes = np.array([0, 0, 0, 1])
        >>> object_weights(codes, ("SNIa", "TDE"), Recipe()).tolist()
        [1.3333333730697632, 1.3333333730697632, 1.3333333730697632, 4.0]
    """
    if class_weight is not None:
        if missing := [label for label in classes if label not in class_weight]:
            raise ValueError(
                f"class_weight has no weight for {', '.join(missing)}. Give one for "
                "each class of the model."
            )
        if unknown := [str(label) for label in class_weight if label not in classes]:
            raise ValueError(
                f"class_weight names {', '.join(unknown)}, which the model does not "
                f"have. Its classes: {', '.join(classes)}."
            )
        for label, weight in class_weight.items():
            if not isinstance(weight, Real) or not 0 <= weight < np.inf:
                raise ValueError(
                    f"class_weight of {label} is {weight!r}, but must be a finite "
                    "number of at least 0."
                )
        by_class = np.array([class_weight[label] for label in classes], np.float32)
        weights = by_class[codes]
        if not weights.any():
            raise ValueError(
                "class_weight is 0 for every label of the data, so that nothing would "
                "be learned. Give one of them a weight."
            )
        return weights
    if recipe.balance == "classes":
        return (len(codes) / np.bincount(codes)[codes]).astype(np.float32)
    if recipe.balance == "roots":
        weights = np.bincount(codes)[codes] ** -0.5
    else:
        families = np.array([PARENT.get(label, label) for label in classes])
        family = np.unique(families, return_inverse=True)[1][codes]
        weights = 1 / np.bincount(family)[family]
        weights *= np.where(families[codes] == "SNIa", recipe.snia_weight, 1)
    return (weights / weights.mean()).astype(np.float32)
