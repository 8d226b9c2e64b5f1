"""Two models on the same objects: their metrics, and the differences with intervals."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from zoo.evaluation.predictions import held_out, predict_labelled, split_to_score
from zoo.evaluation.scores import (
    HEADLINES,
    bootstrap,
    finite_or_none,
    interval,
    weighted_metrics,
)
from zoo.inference.runtime import AnyModel, Runtime
from zoo.light_curves.sources.named import called
from zoo.model_folder.metric_names import few

COMPARED = (*HEADLINES, "log_loss")
"""Metrics by which two models are compared."""


def paired(
    first: np.ndarray, second: np.ndarray, truth: np.ndarray, *, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Compare the class probabilities that two models give the same objects.

    The bootstrap draws the same objects for both, so that the interval of a difference
    is narrower than those of the two values.

    Args:
        first, second: `(n, classes)`, rows that sum to 1.
        truth: int `(n,)`, index of the true class.
        seed: seed of the bootstrap.

    Returns:
        For each metric of `COMPARED`: `first`, `second`, `difference` (second less
        first) and its `interval` (95 %); None where a metric is not defined.

    Example:
        >>> truth = np.array([0, 1, 0, 1])
        >>> unsure, right = np.full((4, 2), 0.5), np.eye(2)[truth]
        >>> paired(unsure, right, truth)["macro_auroc"]["difference"]
        0.5
    """
    return _compared(first, second, truth, seed)[0]


def compare_models(
    first: AnyModel,
    second: AnyModel,
    data: Any,
    taxonomy: str | None = None,
    *,
    classes: str | Sequence[str] | None = None,
    exclude: Collection[str] = (),
    include_training: bool = False,
    where: str | None = None,
    name: str = "",
    seed: int = 0,
) -> dict[str, Any]:
    """Which of two models is better on the same labelled light curves.

    Args:
        first, second: the models.
        data: labelled light curves, as `zoo.light_curves.accept.read` reads them; of a
            data set that is named, such as `"bts"`, its test part.
        taxonomy: name of a taxonomy to score in.
        classes: or a list of classes. Default: those of the models, if both have the
            same.
        exclude: ids of objects to leave out, beside those trained on.
        include_training: compare also on objects that one of them was trained on.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        name: name of the data in the result; default: their path or name.
        seed: seed of the bootstrap.

    Returns:
        `models` (`id@revision` of both), `data`, `classes`, `n` (number of objects that
        both classify), `only_first` and `only_second` (number of those that one of them
        does), `training_objects` (of both, see `zoo.evaluate`), `few`; the metrics as
        `paired` has them; and `per_class`: by class `n`, `auroc` and `f1`, likewise.

    Raises:
        ValueError: taxonomy and classes are both given, or neither although the models
            have different classes, or nothing can be scored by both.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> result = compare_models(
        ...     "ztfsims-gru", "ztfsims-gru-lite", golden_light_curves(), "bts")
        >>> result["n"], result["macro_auroc"]["difference"] <= 1
        (8, True)
    """
    if taxonomy is not None and classes is not None:
        raise ValueError("give either a taxonomy or classes, not both.")
    wanted = classes if taxonomy is None else taxonomy
    both = [Runtime.of(first), Runtime.of(second)]
    names = [runtime.source for runtime in both]
    own = [runtime.preset.classes for runtime in both]
    if wanted is None and set(own[0]) != set(own[1]):
        raise ValueError(
            f"{names[0]} and {names[1]} have different classes. Score both in a "
            "taxonomy (--taxonomy bts; in Python taxonomy='bts') or in classes that "
            "you list."
        )
    held = [held_out(one, exclude, include_training=include_training) for one in both]
    left_out = held[0][0] | held[1][0]
    wanted = own[0] if wanted is None else wanted
    name = name or called(data)
    part = split_to_score(include_training)
    one, two = (
        predict_labelled(
            *(of, data, wanted),
            exclude=left_out,
            split=part,
            where=where,
            name=name,
        )
        for of in both
    )
    ids = [of.light_curves.object_id[of.inputs.index] for of in (one, two)]
    common, at, at_two = np.intersect1d(ids[0], ids[1], return_indices=True)
    if not len(common):
        raise ValueError(
            f"no object is classified by both {names[0]} and {names[1]}: each knows "
            "other passbands. Give light curves in passbands of both."
        )
    truth = one.truth[at]
    overall, by_class = _compared(
        one.probabilities[at], two.probabilities[at_two], truth, seed
    )
    per_class = {
        label: {
            "n": int((truth == code).sum()),
            **{name: values[code] for name, values in by_class.items()},
        }
        for code, label in enumerate(one.classes)
    }
    return {
        "models": names,
        "data": name,
        "classes": list(one.classes),
        "n": len(common),
        "only_first": len(ids[0]) - len(common),
        "only_second": len(ids[1]) - len(common),
        "training_objects": [training for _, training in held],
        "few": few(len(common), per_class),
        **overall,
        "per_class": per_class,
    }


def _compared(
    first: np.ndarray, second: np.ndarray, truth: np.ndarray, seed: int
) -> tuple[dict[str, dict], dict[str, list[dict]]]:
    """What `paired` returns, and the same of each class by metric."""
    whole = np.ones((1, len(truth)))
    pairs = (np.asarray(first, np.float64), np.asarray(second, np.float64))
    points = [weighted_metrics(p, truth, whole) for p in pairs]
    drawn = [bootstrap(p, truth, seed=seed) for p in pairs]

    overall = {
        name: _difference([of[name] for of, _ in points], [of[name] for of, _ in drawn])
        for name in COMPARED
    }
    by_class = {
        name: [
            _difference(
                [of[name][:, code] for _, of in points],
                [of[name][:, code] for _, of in drawn],
            )
            for code in range(pairs[0].shape[1])
        ]
        for name in ("auroc", "f1")
    }
    return overall, by_class


def _difference(point: list[np.ndarray], drawn: list[np.ndarray]) -> dict[str, Any]:
    """Two values, `(1,)` each, and their difference with its interval."""
    one, two = point[0][0], point[1][0]
    return {
        "first": finite_or_none(one),
        "second": finite_or_none(two),
        "difference": finite_or_none(two - one),
        "interval": interval(drawn[1] - drawn[0]),
    }
