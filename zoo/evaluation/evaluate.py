"""Evaluate a model on labelled light curves: what `evaluate --json` prints."""

from collections.abc import Collection, Sequence
from typing import Any

from zoo.evaluation.predictions import Predictions, predict_labelled
from zoo.evaluation.scores import score
from zoo.inference.runtime import AnyModel, Runtime


def evaluate(
    model: AnyModel,
    data: Any,
    taxonomy: str | None = None,
    *,
    classes: str | Sequence[str] | None = None,
    exclude: Collection[str] = (),
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
        exclude: ids of objects to leave out, such as those trained on.
        name: name of the data in the result; default: the path of a folder.
        seed: seed of the bootstrap.
        keep_all_passbands: as for `zoo.classify`.

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
    wanted = classes if taxonomy is None else taxonomy
    runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
    predictions = predict_labelled(runtime, data, wanted, exclude=exclude)
    name = name or (data if isinstance(data, str) else "")
    return evaluation(predictions, name=name, seed=seed)


def evaluation(predictions: Predictions, *, name: str, seed: int = 0) -> dict[str, Any]:
    """What `evaluate` returns, from predictions.

    Args:
        predictions: for labelled light curves.
        name: name of the data.
        seed: seed of the bootstrap.
    """
    preset, classes = predictions.runtime.preset, predictions.classes
    return {
        "model": preset.model_id,
        "revision": f"v{preset.version}",
        "data": name,
        "n": len(predictions.truth),
        "n_excluded": predictions.n_excluded,
        "classes": list(classes),
        **score(predictions.probabilities, predictions.truth, classes, seed=seed),
    }
