"""The entries of `metrics.json`: how a model was measured on one data set or several.

The first measurement of a model is the content of the file; those on further data are
listed under its key `more`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from zoo.evaluation.diagnostics import diagnose
from zoo.evaluation.evaluate import evaluation
from zoo.evaluation.predictions import predict_labelled
from zoo.inference.runtime import AnyModel, Runtime
from zoo.light_curves.ragged import LightCurves

_ABOUT_THE_MODEL = ("learning_curve", "more")


def measure(
    model: AnyModel,
    light_curves: LightCurves,
    classes: str | Sequence[str] | None = None,
    *,
    exclude: Collection[str] = (),
    training: str = "left out",
    name: str,
    metadata: bool = True,
    where: str | None = None,
) -> dict[str, Any]:
    """Evaluate a model, with what the figures of its card need.

    Args:
        model: the model.
        light_curves: labelled ones.
        classes: those to score in, or the name of a taxonomy. Default: the model's
            own.
        exclude: ids of objects to leave out.
        training: what was done with the objects that the model was trained on, for the
            record; as in the result of `zoo.evaluate`.
        name: name of the data.
        metadata: let the model see redshift, mwebv and further columns.
        where: how the light curves were chosen, COLUMN=VALUE, for the record.

    Returns:
        What `zoo.evaluate` returns, with more `diagnostics` (see
        `zoo.evaluation.diagnostics.diagnose`), `metadata` (whether the model saw any)
        and `where`.

    Raises:
        ValueError: nothing can be scored.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model = zoo.load("ztfsims-gru")
        >>> measure(model, golden_light_curves(), "bts", name="golden")["n"]
        8
    """
    if not metadata:
        seen = Runtime.of(model).preset.preprocessing.columns
        light_curves = light_curves.without_metadata(seen)
    predictions = predict_labelled(
        model, light_curves, classes, exclude=exclude, name=name
    )
    preprocessing = predictions.runtime.preset.preprocessing
    measured = evaluation(predictions, training, name=name)
    return {
        **measured,
        "metadata": metadata and bool(preprocessing.metadata),
        "where": where,
        "diagnostics": {**measured["diagnostics"], **diagnose(predictions)},
    }


def recorded(
    metrics: Mapping[str, Any], measurement: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of `metrics.json` with one more measurement.

    It replaces an earlier one of the same data, classes and inputs, and becomes the
    main one where there is none yet.

    Args:
        metrics: the content of `metrics.json`.
        measurement: as `measure` returns it.

    Example:
        >>> first = {"n": 3, "data": "a", "classes": ["SNIa", "other"]}
        >>> recorded(first, {**first, "data": "b"})["more"][0]["data"]
        'b'
    """
    kept = {key: metrics[key] for key in _ABOUT_THE_MODEL if key in metrics}
    if "n" not in metrics or _subject(metrics) == _subject(measurement):
        return {**measurement, **kept}
    others = {_subject(other): other for other in metrics.get("more", ())}
    others[_subject(measurement)] = dict(measurement)
    return {**metrics, "more": list(others.values())}


def _subject(measurement: Mapping[str, Any]) -> tuple:
    """What was measured; `zoo.evaluate` alone records neither metadata nor where."""
    return (
        measurement["data"],
        tuple(measurement["classes"]),
        measurement.get("metadata", True),
        measurement.get("where"),
    )


def measurements(metrics: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The measurements in the content of `metrics.json`, the main one first.

    Example:
        >>> measurements({"learning_curve": {}})
        []
    """
    return [metrics, *metrics.get("more", ())] if "n" in metrics else []
