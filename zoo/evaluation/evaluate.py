"""Evaluate a model on labelled light curves: what `evaluate --json` prints."""

from collections.abc import Collection, Sequence
from typing import Any

from zoo.evaluation.confusion import confusion
from zoo.evaluation.early import after_days, as_days
from zoo.evaluation.predictions import (
    Predictions,
    described,
    held_out,
    predict_labelled,
    split_to_score,
)
from zoo.evaluation.reliability import reliability
from zoo.evaluation.scores import score
from zoo.evaluation.thresholds import purity_completeness
from zoo.inference.runtime import AnyModel, Runtime
from zoo.inputs.window import mostly_outside
from zoo.light_curves.sources.named import called
from zoo.model_folder.metric_names import few


def evaluate(
    model: AnyModel,
    data: Any,
    taxonomy: str | None = None,
    *,
    classes: str | Sequence[str] | None = None,
    days: str | Sequence[float] = (),
    exclude: Collection[str] = (),
    include_training: bool = False,
    where: str | None = None,
    name: str = "",
    seed: int = 0,
    keep_all_passbands: bool = False,
) -> dict[str, Any]:
    """Score a model on labelled light curves.

    Args:
        model: the model.
        data: labelled light curves, as `zoo.light_curves.accept.read` reads them; of a
            data set that is named, such as `"bts"`, its test part.
        taxonomy: name of a coarser taxonomy to score in.
        classes: or a list of classes to score in. Default: the model's own.
        days: score also light curves cut so many days after their triggers, such as
            `(2, 5, 10, 20)`.
        exclude: ids of objects to leave out, beside those trained on.
        include_training: score also the objects that the model was trained on, and all
            parts of a data set that is named. Those trained on are known of a model
            that `zoo.fit` trained, and of a folder with a `split.csv`; other models do
            not know theirs.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        name: name of the data in the result; default: their path or name.
        seed: seed of the bootstrap.
        keep_all_passbands: as for `zoo.classify`.

    Returns:
        `model, revision, data, n, n_excluded, classes, accuracy, balanced_accuracy,
        macro_f1, macro_auroc, micro_auroc, log_loss, ece, per_class, intervals` (see
        `zoo.evaluation.scores.score`), and:

        - `n_excluded`: number of objects left out, and `left_out`, the same by the
          first reason that holds: `excluded`, `no_label`, `other_labels` (by label:
          those that have no place among the classes), `no_trigger`,
          `no_finite_output`.
        - `training_objects`: `left out`; `included`, where you asked for that; or
          `unknown`: some may be among those scored.
        - `few`: whether `objects` are too few to trust the scores, and the `classes`
          that are; see `zoo.model_folder.metric_names.few`.
        - `mostly_outside_window`: number of objects scored of which most points lie
          outside the days that the model sees.
        - `purity_completeness`: by class, against the threshold on its probability;
          see `zoo.evaluation.thresholds.purity_completeness`.
        - `diagnostics`: `confusion`, numbers of objects, a row per true class and a
          column per predicted one; and `reliability`, for each of 15 bins of the top
          probability `n`, mean `confidence` and `accuracy`.
        - `days`, where you asked for them: the same figures of the same objects by days
          since trigger; see `zoo.evaluation.early.after_days`.

    Raises:
        ValueError: taxonomy and classes are both given, a day is no number from 0, or
            nothing can be scored.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model = zoo.load("ztfsims-gru")
        >>> result = zoo.evaluate(model, golden_light_curves(), "bts", days=[5])
        >>> result["classes"][0], list(result["days"])
        ('SNIa', ['5'])
    """
    if taxonomy is not None and classes is not None:
        raise ValueError("give either a taxonomy or classes, not both.")
    wanted = classes if taxonomy is None else taxonomy
    cuts = as_days(days)
    runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
    left_out, training = held_out(runtime, exclude, include_training=include_training)
    name = name or called(data)
    predictions = predict_labelled(
        runtime,
        data,
        wanted,
        exclude=left_out,
        split=split_to_score(include_training),
        where=where,
        name=name,
    )
    result = evaluation(predictions, training, name=name, seed=seed)
    if cuts:
        result["days"] = after_days(predictions, cuts, seed=seed)
    return result


def evaluation(
    predictions: Predictions, training: str, *, name: str, seed: int = 0
) -> dict[str, Any]:
    """What `evaluate` returns of whole light curves, from predictions.

    Args:
        predictions: for labelled light curves.
        training: what was done with the objects that the model was trained on.
        name: name of the data.
        seed: seed of the bootstrap.
    """
    probabilities, truth = predictions.probabilities, predictions.truth
    scores = score(probabilities, truth, predictions.classes, seed=seed)
    preprocessing = predictions.runtime.preset.preprocessing
    predicted = probabilities.argmax(1)
    unseen = mostly_outside(predictions.light_curves, predictions.inputs, preprocessing)
    return {
        **described(predictions, training, name),
        "few": few(len(truth), scores["per_class"]),
        "mostly_outside_window": len(unseen),
        **scores,
        "purity_completeness": purity_completeness(
            probabilities, truth, predictions.classes
        ),
        "diagnostics": {
            "confusion": confusion(truth, predicted, len(predictions.classes)).tolist(),
            "reliability": reliability(probabilities.max(1), predicted == truth),
        },
    }
