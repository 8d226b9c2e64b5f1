"""What a model predicts for labelled objects: one pass, for scores and figures."""

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.evaluation.words import left_out_in_words
from zoo.inference.result import NOT_FINITE
from zoo.inference.runtime import AnyModel, Runtime, predict
from zoo.inference.tally import Tally
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.sources.named import called
from zoo.light_curves.table import Part
from zoo.taxonomy import class_indices, collapse, resolve_classes


@dataclass(frozen=True, eq=False)
class Predictions:
    """The `k` objects that can be scored, and what a model predicts for them.

    Attributes:
        runtime: the model.
        classes: those to score in.
        light_curves: all objects but the excluded ones.
        inputs: network inputs of the `k` objects.
        truth: int64 `(k,)`, index of each one's true class.
        probabilities: float `(k, classes)`, rows that sum to 1.
        left_out: number of objects that are not scored, by reason, see `zoo.evaluate`.
    """

    runtime: Runtime
    classes: tuple[str, ...]
    light_curves: LightCurves
    inputs: Inputs
    truth: np.ndarray
    probabilities: np.ndarray
    left_out: dict[str, Any]


def predict_labelled(
    model: AnyModel,
    data: Any,
    classes: str | Sequence[str] | None = None,
    *,
    exclude: Collection[str] = (),
    split: str | None = None,
    where: str | None = None,
    name: str = "",
) -> Predictions:
    """Classify labelled light curves, in the model's classes or in others.

    Args:
        model: the model.
        data: labelled light curves, in any form that `zoo.light_curves.accept.read`
            reads.
        classes: those to score in, or the name of a taxonomy (see
            `zoo.taxonomy.resolve_classes`). Default: the model's own.
        exclude: ids of objects to leave out, such as those trained on.
        split, where: as for `zoo.light_curves.accept.read`.
        name: name of the data, for messages. Default: their path or name.

    Raises:
        ValueError: nothing can be scored, and why; or the model gives no finite output.

    Warns:
        UserWarning: the model does not have one of the true classes, or was not trained
            on one of the passbands, or most points of some objects lie outside the days
            that it sees, or it does not use a column of the metadata, or the data are
            not plausible (see `zoo.inputs.plausibility`).

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> predictions = predict_labelled("ztfsims-gru", golden_light_curves(), "bts")
        >>> predictions.probabilities.shape
        (8, 5)
    """
    runtime = Runtime.of(model)
    reads = runtime.preset.preprocessing.reads
    light_curves = read(data, split=split, where=where, **reads)
    count, whole = len(light_curves), light_curves.object_id
    if len(exclude):
        light_curves = light_curves.without(exclude)
    if count and not len(light_curves):
        raise ValueError(_all_excluded(runtime, whole, name or called(data)))
    own = onto = runtime.preset.classes
    if classes is not None:
        onto = resolve_classes(classes, light_curves.labels)
    truth = class_indices(light_curves.labels, onto)
    known = set(class_indices(own, onto))
    if missing := [onto[i] for i in np.unique(truth[truth >= 0]) if i not in known]:
        warnings.warn(_no_class(missing), stacklevel=3)
    inputs = to_inputs(light_curves, runtime.preset.preprocessing)
    tally = Tally.of(Part(light_curves), inputs, inputs.reason, runtime)
    for message in (*tally.plausibility.messages(), *tally.of_the_model(runtime)):
        warnings.warn(message, stacklevel=3)
    inputs = inputs.take(np.flatnonzero(truth[inputs.index] >= 0))
    labels, counts = np.unique(
        light_curves.labels[truth == -2].astype(str), return_counts=True
    )
    triggered = len(inputs)
    left_out = {
        "excluded": count - len(light_curves),
        "no_label": int((truth == -1).sum()),
        "other_labels": dict(zip(labels.tolist(), counts.tolist(), strict=True)),
        "no_trigger": int((truth >= 0).sum()) - triggered,
    }
    if not triggered:
        raise ValueError(_none_left(left_out, count, onto))
    probabilities = predict(runtime, inputs)
    finite = np.flatnonzero(np.isfinite(probabilities).all(axis=1))
    if not len(finite):
        raise ValueError(f"{runtime.source}: {NOT_FINITE}.")
    inputs = inputs.take(finite)
    return Predictions(
        runtime,
        onto,
        light_curves,
        inputs,
        truth[inputs.index],
        collapse(probabilities[finite], own, onto),
        {**left_out, "no_finite_output": triggered - len(inputs)},
    )


def split_to_score(include_training: bool) -> str | None:
    """The part of a named data set on which a model is measured; None: all of it."""
    return None if include_training else "test"


def held_out(
    runtime: Runtime, exclude: Collection[str] = (), *, include_training: bool = False
) -> tuple[set[str], str]:
    """The objects to leave out, and what is done with those trained on.

    Args:
        runtime: of the model.
        exclude: ids of objects to leave out, beside those trained on.
        include_training: do not leave those out.

    Returns:
        Ids, and `left out`, `included` or `unknown`.
    """
    if include_training:
        return {*map(str, exclude)}, "included"
    known = runtime.seen()
    return {*known, *map(str, exclude)}, "left out" if known else "unknown"


def described(predictions: Predictions, training: str, name: str) -> dict[str, Any]:
    """The entries of a result that tell what was measured on which objects.

    Args:
        predictions: for labelled light curves.
        training: what was done with the objects that the model was trained on.
        name: name of the data.

    Returns:
        `model, revision, data, n, n_excluded, left_out, training_objects, classes`: see
        `zoo.evaluate`.
    """
    preset, left_out = predictions.runtime.preset, predictions.left_out
    n = len(predictions.truth)
    return {
        "model": preset.model_id,
        "revision": f"v{preset.version}",
        "data": name,
        "n": n,
        "n_excluded": left_out["excluded"] + len(predictions.light_curves) - n,
        "left_out": left_out,
        "training_objects": training,
        "classes": list(predictions.classes),
    }


def _all_excluded(runtime: Runtime, object_id: np.ndarray, name: str) -> str:
    """Why no object is left, where all were excluded."""
    trained_on = len(runtime.seen().intersection(object_id.tolist()))
    count, of_data = len(object_id), f" of {name}" if name else ""
    remedy = (
        "Give others, or include these (--include-training; in Python "
        "include_training=True)."
    )
    if trained_on == count:
        return (
            f"all {count} objects{of_data} were used to train {runtime.source}, its "
            f"base or a teacher. {remedy}"
        )
    return (
        f"all {count} objects{of_data} are excluded, {trained_on} of them because "
        f"{runtime.source} was trained on them. {remedy}"
    )


def _none_left(left_out: dict[str, Any], count: int, classes: Sequence[str]) -> str:
    """Why none of the objects can be scored."""
    if left_out["no_label"] + left_out["excluded"] == count:
        remedy = "Fill the column label of the metadata table."
    elif left_out["no_trigger"]:
        remedy = "Give light curves with a detection that another one confirms."
    else:
        remedy = "Choose other classes or data."
    return (
        f"none of the {count} objects has a trigger and a label that has a place among "
        f"{', '.join(classes)}: {left_out_in_words({'left_out': left_out})}. {remedy}"
    )


def _no_class(missing: Sequence[str]) -> str:
    if len(missing) == 1:
        none = f"has no class {missing[0]}, so every {missing[0]}"
    else:
        none = f"has none of the classes {', '.join(missing)}, so every object of these"
    return (
        f"The model {none} counts as misclassified. Choose classes that it has to "
        "leave them out."
    )
