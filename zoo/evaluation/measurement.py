"""A measurement as `metrics.json` keeps it: scores, diagnostics, and on what inputs.

The first measurement of a model is the content of `metrics.json`; those on further
data are listed below its key `more`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from zoo.evaluation.diagnostics import diagnose
from zoo.evaluation.evaluate import evaluate
from zoo.inference.runtime import AnyModel, Runtime
from zoo.light_curves.ragged import LightCurves

_ABOUT_THE_MODEL = ("learning_curve", "more")


def measure(
    model: AnyModel,
    light_curves: LightCurves,
    taxonomy: str | None = None,
    *,
    classes: str | Sequence[str] | None = None,
    exclude: Collection[str] = (),
    name: str,
    metadata: bool = True,
    where: str | None = None,
) -> dict[str, Any]:
    """Evaluate a model, with what the figures of its card need.

    Args:
        model: the model.
        light_curves: labelled ones.
        taxonomy: as in `zoo.evaluate`, like `classes`, `exclude` and `name`.
        classes: classes to score in.
        exclude: ids of objects to leave out.
        name: what to call the data.
        metadata: let the model see redshift and mwebv.
        where: how the light curves were chosen, COLUMN=VALUE, for the record.

    Returns:
        What `zoo.evaluate` returns, `diagnostics` (see
        `zoo.evaluation.diagnostics.diagnose`), `metadata` (whether the model saw any)
        and `where`.

    Raises:
        ValueError: as `zoo.evaluate`.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model = zoo.load("ztfsims-gru")
        >>> measure(model, golden_light_curves(), "bts", name="golden")["n"]
        8
    """
    model = Runtime.of(model)
    if not metadata:
        light_curves = light_curves.without_metadata()
    result = evaluate(
        model, light_curves, taxonomy, classes=classes, exclude=exclude, name=name
    )
    return {
        **result,
        "metadata": metadata and bool(model.preset.preprocessing.metadata),
        "where": where,
        "diagnostics": diagnose(
            model, light_curves.without(exclude), result["classes"]
        ),
    }


def recorded(
    metrics: Mapping[str, Any], measurement: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of `metrics.json` with one more measurement.

    It takes the place of an earlier one of the same data, classes and inputs, and the
    first place where there is none yet.
    """
    kept = {key: metrics[key] for key in _ABOUT_THE_MODEL if key in metrics}
    if "n" not in metrics or _subject(metrics) == _subject(measurement):
        return {**measurement, **kept}
    others = list(metrics.get("more", ()))
    subjects = [_subject(other) for other in others]
    if _subject(measurement) in subjects:
        others[subjects.index(_subject(measurement))] = dict(measurement)
    else:
        others.append(dict(measurement))
    return {**metrics, "more": others}


def _subject(measurement: Mapping[str, Any]) -> tuple:
    """What was measured; `zoo.evaluate` alone records neither metadata nor choice."""
    return (
        measurement["data"],
        tuple(measurement["classes"]),
        measurement.get("metadata", True),
        measurement.get("where"),
    )


def measurements(metrics: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The measurements of a model, the main one first."""
    return [metrics, *metrics.get("more", ())] if "n" in metrics else []
