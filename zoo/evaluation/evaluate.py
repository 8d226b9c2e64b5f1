"""Evaluate a model on labelled light curves: the JSON of the contract."""

import warnings
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from zoo.evaluation.scores import score
from zoo.inference.runtime import AnyModel, Runtime, predict
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import class_indices, collapse, resolve_classes


def evaluate(
    model: AnyModel,
    data: Any,
    taxonomy: str | None = None,
    *,
    classes: str | Sequence[str] | None = None,
    exclude: Collection[str] = (),
    name: str = "",
    seed: int = 0,
) -> dict[str, Any]:
    """Score a model on labelled light curves.

    Args:
        model: the model.
        data: labelled light curves, as `zoo.light_curves.accept.read` reads them.
        taxonomy: name of a coarser taxonomy to score in.
        classes: or a list of classes to score in. Default: the model's own.
        exclude: ids of objects to leave out, such as those trained on.
        name: what to call the data in the result; a folder is called by its path.
        seed: seed of the bootstrap.

    Returns:
        `model, revision, data, n, n_excluded, classes, accuracy, balanced_accuracy,
        macro_f1, macro_auroc, micro_auroc, log_loss, ece, per_class, intervals` (see
        `zoo.evaluation.scores.score`). `n_excluded` counts the objects left out:
        excluded, with a label that has no place among the classes, without one, or
        without a trigger.

    Raises:
        ValueError: taxonomy and classes are both given, or nothing can be scored.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> result = zoo.evaluate(
        ...     zoo.load("ztfsims-gru"), golden_light_curves(), taxonomy="bts")
        >>> result["classes"][0]
        'SNIa'
    """
    if taxonomy is not None and classes is not None:
        raise ValueError("give either a taxonomy or classes, not both.")
    model, light_curves = Runtime.of(model), read(data)
    count = len(light_curves)
    if len(exclude):
        light_curves = light_curves.without(exclude)
    preset = model.preset
    wanted = classes if taxonomy is None else taxonomy
    onto = preset.classes
    if wanted is not None:
        onto = resolve_classes(wanted, light_curves.labels)
    truth, probabilities = _scored(model, light_curves, onto)
    return {
        "model": preset.model_id,
        "revision": f"v{preset.version}",
        "data": name or (str(data) if isinstance(data, str) else ""),
        "n": len(truth),
        "n_excluded": count - len(truth),
        "classes": list(onto),
        **score(probabilities, truth, onto, seed=seed),
    }


def _scored(
    model: AnyModel, light_curves: LightCurves, onto: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """True classes and probabilities of the objects that can be scored."""
    truth = class_indices(light_curves.labels, onto)
    within = set(class_indices(model.preset.classes, onto))
    if beyond := [onto[i] for i in np.unique(truth[truth >= 0]) if i not in within]:
        warnings.warn(
            f"the model cannot call anything {', '.join(beyond)}; these objects score "
            "as missed. Choose classes that it knows to leave them out.",
            stacklevel=3,
        )
    inputs = preprocess(light_curves, model.preset.preprocessing)
    usable = np.flatnonzero(truth[inputs.index] >= 0)
    if not len(usable):
        raise ValueError(
            f"none of the {len(light_curves)} objects has a trigger and a label that "
            f"has a place among {', '.join(onto)}. Choose other classes or data."
        )
    inputs = inputs.take(usable)
    probabilities = collapse(predict(model, inputs), model.preset.classes, onto)
    return truth[inputs.index], probabilities
