"""Evaluate a model on labelled light curves: what `evaluate --json` prints."""

from collections.abc import Collection, Sequence
from typing import Any

from zoo.evaluation.predictions import Predictions, predict_labelled
from zoo.evaluation.scores import score
from zoo.inference.runtime import AnyModel, Runtime
from zoo.model_folder.metric_names import few


def evaluate(
    model: AnyModel,
    data: Any,
    taxonomy: str | None = None,
    *,
    classes: str | Sequence[str] | None = None,
    exclude: Collection[str] = (),
    include_training: bool = False,
    name: str = "",
    seed: int = 0,
    keep_all_passbands: bool = False,
) -> dict[str, Any]:
    """Score a model on labelled light curves.

    Args:
        model: the model.
        data: labelled light curves, as `zoo.light_curves.accept.read` reads them.
        taxonomy: name of a coarser taxonomy to score in.
        classes: or a list of classes to score in. Default: the model's own.
        exclude: ids of objects to leave out, beside those trained on.
        include_training: score also the objects that the model was trained on. Those
            are known of a model that `zoo.fit` trained, and of a folder with a
            `split.csv`; other models do not know theirs.
        name: name of the data in the result; default: the path of a folder.
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
    wanted = classes if taxonomy is None else taxonomy
    runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
    known = frozenset() if include_training else runtime.seen()
    left_out = {*known, *map(str, exclude)}
    predictions = predict_labelled(runtime, data, wanted, exclude=left_out)
    name = name or (data if isinstance(data, str) else "")
    training = "left out" if runtime.seen() else "unknown"
    if include_training:
        training = "included"
    return evaluation(predictions, training, name=name, seed=seed)


def evaluation(
    predictions: Predictions, training: str, *, name: str, seed: int = 0
) -> dict[str, Any]:
    """What `evaluate` returns, from predictions.

    Args:
        predictions: for labelled light curves.
        training: what was done with the objects that the model was trained on.
        name: name of the data.
        seed: seed of the bootstrap.
    """
    preset, classes = predictions.runtime.preset, predictions.classes
    scores = score(predictions.probabilities, predictions.truth, classes, seed=seed)
    left_out, n = predictions.left_out, len(predictions.truth)
    return {
        "model": preset.model_id,
        "revision": f"v{preset.version}",
        "data": name,
        "n": n,
        "n_excluded": left_out["excluded"] + len(predictions.light_curves) - n,
        "left_out": left_out,
        "training_objects": training,
        "few": few(n, scores["per_class"]),
        "classes": list(classes),
        **scores,
    }
