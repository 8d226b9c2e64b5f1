"""Thresholds on the probability of a class: the purity and completeness they give.

An object is selected where the probability of the class is at least the threshold.
Purity is the share of the selected objects that are of the class, completeness the
share of the class that is selected: precision and recall, in the words of surveys.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.evaluation.auroc import average_precision
from zoo.evaluation.predictions import (
    described,
    held_out,
    predict_labelled,
    split_to_score,
)
from zoo.evaluation.scores import draws, interval
from zoo.inference.runtime import AnyModel, Runtime
from zoo.labels import canonical
from zoo.light_curves.sources.named import called
from zoo.model_folder.metric_names import few

_POINTS = 40  # of a curve that is kept
_DIGITS = 4


def thresholds(
    model: AnyModel,
    data: Any,
    label: str,
    *,
    purity: float | None = None,
    completeness: float | None = None,
    taxonomy: str | None = None,
    classes: str | Sequence[str] | None = None,
    exclude: Collection[str] = (),
    include_training: bool = False,
    where: str | None = None,
    name: str = "",
    seed: int = 0,
    keep_all_passbands: bool = False,
) -> dict[str, Any]:
    """Choose a threshold on the probability of a class with labelled light curves.

    Args:
        model: the model.
        data: labelled light curves, as `zoo.light_curves.accept.read` reads them; of a
            data set that is named, such as `"bts"`, its test part.
        label: the class.
        purity: find the threshold with the highest completeness among those of at least
            this purity, above 0 and at most 1.
        completeness: or the one with the highest purity among those of at least this
            completeness.
        taxonomy, classes: as for `zoo.evaluate`. Probabilities are restricted to these
            classes, and so is the threshold.
        exclude, include_training, where, name, seed: as for `zoo.evaluate`.
        keep_all_passbands: as for `zoo.classify`.

    Returns:
        `model, revision, data, n, n_excluded, left_out, training_objects, classes` as
        `zoo.evaluate` returns them, and:

        - `class`, and `n_class`, its number of objects.
        - `wanted`: `purity` or `completeness` with the value asked for.
        - `threshold`: halfway between the probabilities of the last object that is
          selected and the first that is not; `selected`, number of objects; `purity`,
          `completeness` and `f1` of the selection, and their 95 % bootstrap
          `intervals` over objects, for this threshold.
        - `highest_f1`: the same for the threshold with the highest F1.
        - `average_precision`.

    Raises:
        ValueError: not exactly one of purity and completeness is given, or it is no
            share, or no threshold reaches it, or the class is none of the model's or
            has no objects.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> found = zoo.thresholds(
        ...     "ztfsims-gru", golden_light_curves(), "SNIa", completeness=1.0)
        >>> found["n"], found["n_class"], found["completeness"]
        (8, 1, 1.0)
    """
    if taxonomy is not None and classes is not None:
        raise ValueError("give either a taxonomy or classes, not both.")
    wanted = _wanted(purity, completeness)
    name = name or called(data)
    runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
    left_out, training = held_out(runtime, exclude, include_training=include_training)
    predictions = predict_labelled(
        runtime,
        data,
        classes if taxonomy is None else taxonomy,
        exclude=left_out,
        split=split_to_score(include_training),
        where=where,
        name=name,
    )
    of_class = canonical(label)
    if of_class not in predictions.classes:
        raise ValueError(
            f"{label!r} is none of the classes {', '.join(predictions.classes)}. Give "
            "one of these, or choose classes that include it."
        )
    code = predictions.classes.index(of_class)
    value, positive = predictions.probabilities[:, code], predictions.truth == code
    n_class = int(positive.sum())
    if not n_class:
        raise ValueError(
            f"none of the {len(positive)} objects is labelled {of_class}. Give data "
            "with objects of that class."
        )
    curve = Curve.of(value, positive)
    chosen = curve.best(*wanted)
    if chosen is None:
        highest = int(np.argmax(curve.purity))
        raise ValueError(
            f"no threshold gives {of_class} a purity of {wanted[1]:g}: the highest is "
            f"{curve.purity[highest]:.3f}, with a completeness of "
            f"{curve.completeness[highest]:.3f}. Ask for less."
        )
    once = np.ones((1, len(value)))
    return {
        **described(predictions, training, name),
        "class": of_class,
        "n_class": n_class,
        "few": few(len(value), {of_class: {"n": n_class}}),
        "wanted": dict([wanted]),
        **_selection(curve, chosen, value, positive, seed),
        "highest_f1": _selection(
            curve, int(np.argmax(curve.f1)), value, positive, seed
        ),
        "average_precision": float(average_precision(value, positive, once)[0]),
    }


def purity_completeness(
    probabilities: np.ndarray, truth: np.ndarray, classes: Sequence[str]
) -> dict[str, dict[str, list[float]] | None]:
    """Purity and completeness of each class against the threshold.

    Args:
        probabilities: `(n, len(classes))`.
        truth: int `(n,)`, index of the true class.
        classes: names of the columns.

    Returns:
        By class `threshold`, descending, `purity` and `completeness`, lists of the same
        length, at most 40 of the points of the curve; None without an object of the
        class.

    Example:
        >>> probabilities = np.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]])
        >>> curve = purity_completeness(probabilities, np.array([0, 1, 1]), "ab")["a"]
        >>> curve["threshold"], curve["purity"]
        ([0.75, 0.5, 0.25], [1.0, 0.5, 0.3333])
    """
    curves: dict[str, dict[str, list[float]] | None] = {}
    for code, label in enumerate(classes):
        curves[label] = None
        if (truth == code).any():
            curve = Curve.of(probabilities[:, code], truth == code)
            # At equal distances along it, as the threshold falls and finds more.
            along = curve.completeness - curve.value
            points = np.linspace(along[0], along[-1], _POINTS)
            at = np.unique(np.searchsorted(along, points).clip(max=len(along) - 1))
            curves[label] = {
                "threshold": curve.value[at].tolist(),
                "purity": curve.purity[at].round(_DIGITS).tolist(),
                "completeness": curve.completeness[at].round(_DIGITS).tolist(),
            }
    return curves


@dataclass(frozen=True, eq=False)
class Curve:
    """What every threshold selects.

    Attributes:
        value: float64 `(k,)`, the different probabilities, descending: thresholds.
        purity, completeness, f1: float64 `(k,)`, of the objects with at least that.
    """

    value: np.ndarray
    purity: np.ndarray
    completeness: np.ndarray
    f1: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, positive: np.ndarray) -> "Curve":
        """The curve of a class.

        Args:
            value: `(n,)`, probability of the class.
            positive: bool `(n,)`, whether it is the true one; of one at least.

        Example:
            >>> Curve.of(np.array([0.9, 0.5, 0.5]), np.array([True, True, False])).f1
            array([0.66666667, 0.8       ])
        """
        order = np.argsort(-value, kind="stable")
        descending = value[order].astype(np.float64)
        last = np.flatnonzero(np.diff(descending, append=-np.inf))  # of equal values
        selected, found = last + 1, np.cumsum(positive[order])[last]
        total = int(positive.sum())
        return cls(
            descending[last],
            found / selected,
            found / total,
            2 * found / (selected + total),
        )

    def best(self, goal: str, least: float) -> int | None:
        """The point with the most of one among those with enough of the other.

        Args:
            goal: what there must be enough of, `purity` or `completeness`.
            least: how much.

        Returns:
            Its position; None where no threshold gives enough.

        Example:
            >>> flags = np.array([True, False, True, False])
            >>> curve = Curve.of(np.array([0.9, 0.7, 0.6, 0.2]), flags)
            >>> curve.best("purity", 0.6), curve.best("completeness", 0.5)
            (2, 0)
        """
        enough = getattr(self, goal)
        other = self.completeness if goal == "purity" else self.purity
        reached = np.flatnonzero(enough >= least).tolist()
        return max(reached, key=lambda at: (other[at], enough[at]), default=None)


def _selection(
    curve: Curve, at: int, value: np.ndarray, positive: np.ndarray, seed: int
) -> dict[str, Any]:
    """What the threshold at a point of a curve selects, with intervals."""
    chosen = value >= curve.value[at]
    below = curve.value[at + 1] if at + 1 < len(curve.value) else 0.0
    figures = {name: getattr(curve, name) for name in ("purity", "completeness", "f1")}
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in figures}
    for weights in draws(len(value), seed):
        found, selected, total = (
            weights @ of for of in (chosen & positive, chosen, positive)
        )
        with np.errstate(invalid="ignore"):  # 0 / 0: none was drawn
            drawn["purity"].append(found / selected)
            drawn["completeness"].append(found / total)
            drawn["f1"].append(2 * found / (selected + total))
    return {
        "threshold": float((curve.value[at] + below) / 2),
        "selected": int(chosen.sum()),
        **{name: float(values[at]) for name, values in figures.items()},
        "intervals": {
            name: interval(np.concatenate(values)) for name, values in drawn.items()
        },
    }


def _wanted(purity: float | None, completeness: float | None) -> tuple[str, float]:
    """The name and the value of what is asked for."""
    given = {"purity": purity, "completeness": completeness}
    wanted = [(name, value) for name, value in given.items() if value is not None]
    if len(wanted) != 1:
        raise ValueError("give either a purity or a completeness to reach.")
    name, value = wanted[0]
    if not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError(
            f"{name} is {value!r}; it must be a number above 0 and at most 1."
        )
    return name, float(value)
