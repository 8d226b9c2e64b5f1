"""A trained model and how it was measured: fit, measure, record.

`train_model`, `transfer_model` and `zoo.adapt` build on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, TypeAlias

from zoo.classifier.classifier import TransientClassifier
from zoo.evaluation.metrics_file import measure
from zoo.hub.find import Found
from zoo.inputs.metadata import without_unused
from zoo.light_curves.ragged import LightCurves
from zoo.training.fit import FitReport, fit
from zoo.training.labels.stratified import Parts

Name: TypeAlias = str | PathLike[str] | Found
"""Any name that `zoo.load` takes, or what `zoo.hub.find.find` made of it."""


@dataclass(frozen=True)
class Outcome:
    """A trained model and how it was measured; `zoo.save` writes all of it.

    Attributes:
        model: the trained model. Its preset records what it was trained on.
        report: what the fit did.
        metrics: the content of `metrics.json`: the measurement on objects not trained
            on (see `zoo.evaluation.metrics_file.measure`) and the learning curve.
        split: ids of the objects used, by part.
    """

    model: TransientClassifier
    report: FitReport
    metrics: dict[str, Any]
    split: dict[str, list[str]]


def fit_and_measure(
    model: TransientClassifier,
    light_curves: LightCurves,
    chosen: Parts,
    *,
    name: str,
    recipe: str,
    record: Mapping[str, Any],
    seed: int,
    **options: Any,
) -> Outcome:
    """Train a model in place on one part and measure it on another.

    Its preset records what it was trained on and the name of the recipe, with the
    entries of `record` that are not None; `options` are those of `zoo.fit`.
    """
    # With so few labels that none is held out, the training part decides.
    held = chosen.validation if len(chosen.validation) else chosen.train
    train, validation = light_curves.take(chosen.train), light_curves.take(held)
    report = fit(model, train, validation, recipe=recipe, seed=seed, **options)
    # `fit` has said what the model does not use.
    light_curves = without_unused(light_curves, model.preset.preprocessing)
    tested, title, training = chosen.test, name, "left out"
    if not len(tested):
        tested, title, training = held, f"{name} (validation part)", "included"
    metrics = {
        **measure(model, light_curves.take(tested), training=training, name=title),
        "learning_curve": {
            "loss": [round(loss, 4) for loss in report.loss],
            "validation_loss": [round(loss, 4) for loss in report.validation_loss],
            "best_epoch": report.best_epoch,
        },
    }
    model.preset = model.preset.replace(
        training={
            "data": name,
            "labels": len(chosen.train) + len(chosen.validation),
            "seed": seed,
            "epochs": report.epochs,
            "best_epoch": report.best_epoch,
            "trained": list(report.trained),
            "temperature": round(report.temperature, 4),
            "fraction": round(report.fraction, 4),
            "recipe": recipe,
            **{key: entry for key, entry in record.items() if entry is not None},
        }
    )
    ids = light_curves.object_id
    split = {
        "train": ids[chosen.train].tolist(),
        "validation": ids[chosen.validation].tolist(),
    }
    return Outcome(model, report, metrics, split)
