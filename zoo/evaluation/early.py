"""How soon a model is right: scores of light curves cut some days after the trigger."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from zoo.evaluation.auroc import auroc, macro_auroc
from zoo.evaluation.predictions import Predictions
from zoo.evaluation.scores import draws, interval, score
from zoo.evaluation.thresholds import purity_completeness
from zoo.inference.result import NOT_FINITE
from zoo.inference.runtime import predict
from zoo.inputs.preprocess import confirming_rows, input_rows, to_inputs, triggers
from zoo.taxonomy import collapse

DAYS = (2, 5, 10, 20, 50)
"""Days since trigger, as in the evaluations of RAPID (arXiv 1904.00014) and ORACLE
(arXiv 2501.01496)."""

BRIGHTNESSES = ("trigger flux", "peak flux so far")
"""What objects are ranked by where brightness alone tells the classes apart."""


def as_days(days: str | Iterable[float]) -> tuple[float, ...]:
    """Days since trigger, each once, in the order given.

    Args:
        days: numbers, or text with commas between them.

    Raises:
        ValueError: one is no number, negative or infinite.

    Example:
        >>> as_days("2,5.5")
        (2.0, 5.5)
    """
    wanted = days.split(",") if isinstance(days, str) else list(days)
    try:
        numbers = [float(day) for day in wanted]
    except (TypeError, ValueError):
        numbers = [math.nan]
    if not all(0 <= day < math.inf for day in numbers):
        raise ValueError(
            f"days is {days!r}; it must be numbers of days since trigger, 0 or more, "
            "such as 2,5,10,20."
        )
    return tuple(dict.fromkeys(numbers))


def cut(predictions: Predictions, days: float) -> Predictions:
    """What a model predicts for the same objects some days after their triggers.

    Later observations are taken away before the preprocessing, so that nothing of them
    can reach the network. The trigger of the whole light curve is kept, also where the
    detection that confirms it comes later.

    Args:
        predictions: of whole light curves.
        days: since trigger, observer frame; observations on that day are kept.

    Returns:
        The same objects, in the same order.

    Raises:
        ValueError: the model gives no finite output for one.
    """
    runtime = predictions.runtime
    preset = runtime.preset
    light_curves = predictions.light_curves.take(predictions.inputs.index)
    trigger = triggers(light_curves, preset.preprocessing)
    start = np.repeat(light_curves.mjd[trigger], light_curves.lengths)
    kept = light_curves.mjd - start <= days
    place = np.cumsum(kept) - 1  # of each row among those kept
    light_curves = light_curves.keep(kept)
    inputs = to_inputs(light_curves, preset.preprocessing, trigger=place[trigger])
    probabilities = predict(runtime, inputs)
    if not np.isfinite(probabilities).all():
        raise ValueError(f"{runtime.source}: {NOT_FINITE}.")
    return replace(
        predictions,
        light_curves=light_curves,
        inputs=inputs,
        probabilities=collapse(probabilities, preset.classes, predictions.classes),
    )


def after_days(
    predictions: Predictions, days: Iterable[float], *, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """The figures of light curves cut some days after their triggers, see `cut`.

    Args:
        predictions: of whole light curves.
        days: since trigger, observer frame.
        seed: seed of the bootstrap.

    Returns:
        By days since trigger, as text:

        - `n`, number of objects: the same as of whole light curves; and
          `trigger_not_confirmed`, number of these whose second detection comes later:
          at that time, nobody knew of them.
        - the figures of `zoo.evaluation.scores.score`, and `purity_completeness`.
        - `brightness_alone`: by class, the `auroc` of the class against the rest, and
          its `interval`, without any model: objects `ranked_by` the trigger flux or the
          peak flux so far, bright or faint first, whichever is best on these objects.

    Example:
        >>> from zoo.evaluation.predictions import predict_labelled
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> predictions = predict_labelled("ztfsims-gru", golden_light_curves())
        >>> after = after_days(predictions, [2, 10])
        >>> after["2"]["n"], after["2"]["brightness_alone"]["SNIa"]["ranked_by"]
        (8, 'trigger flux, bright first')
    """
    preprocessing = predictions.runtime.preset.preprocessing
    light_curves, inputs = predictions.light_curves, predictions.inputs
    rows, since = input_rows(light_curves, inputs, preprocessing)
    trigger = rows[inputs.offsets[:-1] + inputs.trigger]
    confirmed = confirming_rows(light_curves, trigger, preprocessing)
    waited = light_curves.mjd[confirmed] - light_curves.mjd[trigger]
    flux = light_curves.flux[rows]
    truth, classes = predictions.truth, predictions.classes
    figures = {}
    for day in days:
        early = cut(predictions, day).probabilities
        seen = light_curves.detected[rows] & (since <= day)
        peak = np.maximum.reduceat(np.where(seen, flux, -np.inf), inputs.offsets[:-1])
        brightness = np.column_stack([light_curves.flux[trigger], peak])
        figures[f"{day:.12g}"] = {
            "n": len(truth),
            "trigger_not_confirmed": int((waited > day).sum()),
            **score(early, truth, classes, seed=seed),
            "purity_completeness": purity_completeness(early, truth, classes),
            "brightness_alone": {
                label: brightness_alone(brightness, truth == code, seed=seed)
                for code, label in enumerate(classes)
            },
        }
    return figures


def brightness_alone(
    brightness: np.ndarray, positive: np.ndarray, *, seed: int = 0
) -> dict[str, Any]:
    """How well brightness alone tells a class from the rest: its strongest form.

    Args:
        brightness: float `(n, 2)`, the columns of `BRIGHTNESSES`.
        positive: bool `(n,)`, whether an object is of the class.
        seed: seed of the bootstrap.

    Returns:
        `ranked_by`, `auroc` and its 95 % bootstrap `interval`; None where the class has
        no objects on both sides.

    Example:
        >>> flux = np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 9.0], [4.0, 9.0]])
        >>> found = brightness_alone(flux, np.array([True, True, False, False]))
        >>> found["ranked_by"], found["auroc"]
        ('trigger flux, faint first', 1.0)
    """
    if positive.all() or not positive.any():
        return {"ranked_by": None, "auroc": None, "interval": [None, None]}
    forms = {
        f"{name}, {first} first": sign * column
        for name, column in zip(BRIGHTNESSES, brightness.T, strict=True)
        for first, sign in (("bright", 1), ("faint", -1))
    }
    once = np.ones((1, len(positive)))
    scores = {form: auroc(by, positive, once)[0] for form, by in forms.items()}
    best = max(scores, key=scores.__getitem__)
    drawn = [
        auroc(forms[best], positive, weights) for weights in draws(len(positive), seed)
    ]
    return {
        "ranked_by": best,
        "auroc": float(scores[best]),
        "interval": interval(np.concatenate(drawn)),
    }


def auroc_by_days(
    predictions: Predictions, days: Sequence[float] = DAYS
) -> dict[float, tuple[float, float, float] | None]:
    """The macro AUROC and its 95 % interval of light curves cut some days after their
    triggers, see `cut`: for figures, where a bootstrap would take too long.

    Args:
        predictions: of whole light curves.
        days: since trigger, observer frame.

    Returns:
        By days since trigger: value, low and high; None where no class has objects on
        both sides.

    Example:
        >>> from zoo.evaluation.predictions import predict_labelled
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> predictions = predict_labelled("ztfsims-gru", golden_light_curves())
        >>> list(auroc_by_days(predictions))
        [2, 5, 10, 20, 50]
    """
    early = {day: cut(predictions, day).probabilities for day in days}
    return {day: macro_auroc(p, predictions.truth) for day, p in early.items()}
