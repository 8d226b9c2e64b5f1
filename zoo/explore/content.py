"""The content of the explore page, as plain data for JSON; numbers are rounded."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from zoo.evaluation.confusion import confusion, row_percent
from zoo.evaluation.scores import score
from zoo.explore.influence import influence
from zoo.explore.latent_map import latent_map
from zoo.figures.palette import class_markers, passband_styles
from zoo.inference.history import histories
from zoo.inference.result import explained
from zoo.inference.runtime import AnyModel, Runtime
from zoo.inference.tally import announce
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import to_inputs, triggers
from zoo.inputs.window import mostly_outside, outside_in_words
from zoo.light_curves.examples import SPLIT_COLUMN
from zoo.light_curves.ragged import ZEROPOINT, LightCurves
from zoo.model_folder.metric_names import METRIC_NAMES
from zoo.passbands import Passband
from zoo.taxonomy import class_indices, collapse

OBSERVATIONS = 400
"""Maximum number of observations shown of an object, those nearest to its trigger: with
it and `STEPS`, 500 objects of any survey stay below 15 MB."""

STEPS = 100
"""Maximum number of times at which the probabilities of an object are shown, and of
groups into which its points fall when they are hidden in turn."""

_SYMBOLS = {
    "o": "circle",
    "s": "square",
    "D": "diamond",
    "^": "triangle-up",
    "v": "triangle-down",
    "P": "cross",
    "<": "triangle-left",
    ">": "triangle-right",
    "X": "x",
    "*": "star",
    "p": "pentagon",
    "h": "hexagon",
}
_SCORES = ("accuracy", "balanced_accuracy", "macro_f1", "macro_auroc", "log_loss")
_PER_MILLE = 1000  # probabilities of a history are whole numbers
_LETTERS = 200  # maximum length of a metadata value


def content(
    model: AnyModel,
    light_curves: LightCurves,
    onto: tuple[str, ...],
    *,
    advance: Callable[[int], object] = lambda objects: None,
) -> dict[str, Any]:
    """Compute the content of the page for some objects.

    Args:
        model: the model.
        light_curves: the objects, with or without labels.
        onto: the classes to show; the model's own, or coarser ones.
        advance: called with numbers of objects as they are done.

    Returns:
        `model`, `classes` and `bands`, by wavelength, with their colours, `window`
        (days), `zeropoint`, `method` of the latent map, `metrics` and `confusion` (None
        without labels), and `objects`: see `_objects`, and for each the index `truth`
        of its class (negative if none), `reason` (why it is not classified) or else its
        probabilities `p`, its place `xy` on the map, its `history` (see `_histories`),
        what `carried` its prediction, in words, and, where most of its points lie
        `outside` the window, how many of them.

    Raises:
        ValueError: no object at all can be classified.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model = Runtime.load("ztfsims-gru")
        >>> shown = content(model, golden_light_curves(), model.preset.classes)
        >>> shown["objects"][0]["id"], shown["metrics"]["n"]
        ('golden-0', 8)
    """
    runtime = Runtime.of(model)
    own, preprocessing = runtime.preset.classes, runtime.preset.preprocessing
    inputs = to_inputs(light_curves, preprocessing)
    truth = class_indices(light_curves.labels, onto)
    probabilities, latent = runtime.run(inputs, "probabilities", "latent")
    _, silent = explained(probabilities, np.full(len(inputs), "", object))
    reason = inputs.reason.copy()
    reason[inputs.index] = silent
    announce(runtime, light_curves, inputs, reason, strict=True)
    kept = np.flatnonzero(silent == "")
    inputs, probabilities, latent = inputs.take(kept), probabilities[kept], latent[kept]
    probabilities = collapse(probabilities, own, onto)
    places, method = latent_map(latent)
    advance(len(light_curves) - len(inputs))
    per_object = _histories(runtime, light_curves, inputs, onto)
    changes, sentences = influence(
        *(runtime, light_curves, inputs, probabilities, onto),
        most=STEPS,
        advance=advance,
    )
    objects = _objects(light_curves, triggers(light_curves, preprocessing), changes)
    for one, code, why in zip(objects, truth, reason, strict=True):
        one |= {"truth": int(code), "reason": why}
    for at in mostly_outside(light_curves, inputs, preprocessing):
        alone = light_curves.take([at])
        objects[at]["outside"] = outside_in_words(alone, preprocessing)
    for at, row, place, history, sentence in zip(
        inputs.index, probabilities, places, per_object, sentences, strict=True
    ):
        objects[at] |= {
            "p": np.round(row, 4).tolist(),
            "xy": np.round(place, 3).tolist(),
            "history": history,
            "carried": sentence,
        }
    return {
        "model": runtime.source,
        "classes": _classes(
            *(onto, truth[inputs.index], probabilities.argmax(1)), light_curves.observed
        ),
        "bands": [
            {"name": name, "colour": colour, "symbol": _SYMBOLS[marker]}
            for name, (colour, marker) in passband_styles(light_curves.observed).items()
        ],
        "window": list(preprocessing.window),
        "zeropoint": ZEROPOINT,
        "method": method,
        **_scores(probabilities, truth[inputs.index], onto),
        "objects": objects,
    }


def _objects(
    light_curves: LightCurves, trigger: np.ndarray, changes: np.ndarray
) -> list[dict[str, Any]]:
    """Id, label, metadata and observations of every object.

    `start` is the MJD of the trigger, or of the first observation where there is none;
    `t` are days since then, `f` and `e` flux and flux_err, `b` the passbands and `d`
    whether detected (0 or 1); `w` is the change of the probability of the predicted
    class without an observation (per mille; None for those that are never hidden);
    `hidden` counts observations too far away to be shown.
    """
    labels = light_curves.labels
    names = np.array([passband.name for passband in light_curves.passbands])
    facts = light_curves.metadata.drop(
        columns=["label", SPLIT_COLUMN], errors="ignore"
    ).to_dict("records")
    objects = []
    for number, (begin, end) in enumerate(
        zip(light_curves.offsets[:-1], light_curves.offsets[1:], strict=True)
    ):
        first = trigger[number] if trigger[number] >= 0 else begin
        start = float(light_curves.mjd[first]) if end > begin else 0.0
        days = light_curves.mjd[begin:end] - start
        near = np.sort(np.argsort(np.abs(days), kind="stable")[:OBSERVATIONS])
        rows = begin + near
        objects.append(
            {
                "id": str(light_curves.object_id[number]),
                "label": labels[number],
                "facts": _facts(facts[number]),
                "start": start,
                "t": np.round(days[near], 3).tolist(),
                "f": _significant(light_curves.flux[rows], 4),
                "e": _significant(light_curves.flux_err[rows], 3),
                "b": names[light_curves.band[rows]].tolist(),
                "d": light_curves.detected[rows].astype(int).tolist(),
                "w": [
                    None if np.isnan(change) else round(_PER_MILLE * change)
                    for change in changes[rows].tolist()
                ],
                "hidden": int(len(days) - len(near)),
            }
        )
    return objects


def _histories(
    runtime: Runtime,
    light_curves: LightCurves,
    inputs: Inputs,
    onto: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Probabilities `p` (per mille, a row per time) at days `t` of each object."""
    every = histories(runtime, light_curves, inputs, most=STEPS)
    shown = collapse(every.probabilities, runtime.preset.classes, onto)
    shown = np.rint(_PER_MILLE * shown).astype(int)
    return [
        {"t": np.round(every.days[a:b], 3).tolist(), "p": shown[a:b].tolist()}
        for a, b in zip(every.offsets[:-1], every.offsets[1:], strict=True)
    ]


def _scores(
    probabilities: np.ndarray, truth: np.ndarray, onto: tuple[str, ...]
) -> dict[str, Any]:
    """Metrics and confusion matrix of the objects with a label among the classes."""
    known = truth >= 0
    if not known.any():
        return {"metrics": None, "confusion": None}
    probabilities, truth = probabilities[known], truth[known]
    result = score(probabilities, truth, onto)
    counts = confusion(truth, probabilities.argmax(1), len(onto))
    return {
        "metrics": {
            "n": len(truth),
            "scores": [
                [METRIC_NAMES[key], result[key], *result["intervals"][key]]
                for key in _SCORES
                if result[key] is not None
            ],
        },
        "confusion": {
            "counts": counts.tolist(),
            "percent": np.round(row_percent(counts), 1).tolist(),
        },
    }


def _classes(
    onto: tuple[str, ...],
    truth: np.ndarray,
    predicted: np.ndarray,
    passbands: Iterable[Passband],
) -> list[dict[str, str]]:
    """Names and styles; the most frequent, as label or prediction, differ in colour."""
    counts = np.bincount(truth[truth >= 0], minlength=len(onto))
    counts += np.bincount(predicted, minlength=len(onto))
    rank = np.argsort(np.argsort(-counts, kind="stable"))
    styles = class_markers(len(onto), passbands)
    return [
        {"name": label, "colour": styles[at][0], "symbol": _SYMBOLS[styles[at][1]]}
        for label, at in zip(onto, rank.tolist(), strict=True)
    ]


def _facts(row: Mapping[Any, Any]) -> dict[str, str]:
    """The known metadata of an object, as text."""
    return {
        str(name): _as_text(value)
        for name, value in row.items()
        if pd.api.types.is_scalar(value) and not pd.isna(value)
    }


def _as_text(value: Any) -> str:
    """A value as text: enough digits for coordinates, no more than a float32 has."""
    if not isinstance(value, float):
        return str(value)[:_LETTERS]
    return f"{value:.7g}" if abs(value) >= 10 else f"{value:.4g}"


def _significant(values: np.ndarray, digits: int) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in values.tolist()]
