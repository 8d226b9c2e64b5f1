"""From labelled light curves to a trained, measured model: split, fit, score.

The commands `train`, `transfer` and `quickstart` are thin layers over this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from zoo.classifier.network import LightCurveNetwork
from zoo.classifier.transfer import Model
from zoo.evaluation.measurement import measure
from zoo.light_curves.ragged import LightCurves
from zoo.recipe import Recipe
from zoo.training.fit import FitReport, fit
from zoo.training.stratified import Parts

GOLDEN_PER_CLASS = 20
"""Enough to start a head (see `zoo.classifier.head`), small enough to bundle."""


@dataclass(frozen=True)
class Outcome:
    """What training led to.

    Attributes:
        report: what the fit did.
        metrics: the content of `metrics.json`: the measurement on objects not trained
            on (see `zoo.evaluation.measurement.measure`) and the learning curve.
        split: ids of the objects used, by part.
    """

    report: FitReport
    metrics: dict[str, Any]
    split: dict[str, list[str]]


def fit_and_score(
    model: LightCurveNetwork,
    light_curves: LightCurves,
    chosen: Parts,
    *,
    name: str,
    epochs: int | None = None,
    recipe: Recipe | None = None,
    teachers: Sequence[LightCurveNetwork] = (),
    seed: int = 0,
    record: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> Outcome:
    """Train a model in place on one part and measure it on another.

    Where no object is left to test on, the validation part is measured on, and the
    metrics say so. The preset of the model records what it was trained on.

    Args:
        model: what to train.
        light_curves: all light curves.
        chosen: which of them to use for what.
        name: what to call the data.
        epochs: at most so many.
        recipe: see `zoo.fit`.
        teachers: likewise.
        seed: likewise.
        record: further entries of the preset's `training`.
        progress: show a progress bar.
    """
    train = light_curves.take(chosen.train)
    # With so few labels that none is set aside, the training part decides.
    aside = chosen.validation if len(chosen.validation) else chosen.train
    validation = light_curves.take(aside)
    report = fit(
        model,
        train,
        validation,
        epochs=epochs,
        recipe=recipe,
        teachers=teachers,
        seed=seed,
        progress=progress,
    )
    tested, called = (
        (chosen.test, name)
        if len(chosen.test)
        else (aside, f"{name} (validation part)")
    )
    metrics = {
        **measure(model, light_curves.take(tested), name=called),
        "learning_curve": {
            "loss": [round(loss, 4) for loss in report.loss],
            "validation_loss": [round(loss, 4) for loss in report.validation_loss],
            "best_epoch": report.best_epoch,
        },
    }
    used = len(chosen.train) + len(chosen.validation)
    model.preset = model.preset.replace(
        training={
            "data": name,
            "labels": used,
            "seed": seed,
            "epochs": report.epochs,
            "best_epoch": report.best_epoch,
            "trained": list(report.trained),
            "temperature": round(report.temperature, 4),
            **(record or {}),
        }
    )
    ids = light_curves.object_id
    split = {
        "train": ids[chosen.train].tolist(),
        "validation": ids[chosen.validation].tolist(),
    }
    return Outcome(report, metrics, split)


def golden_sample(light_curves: LightCurves, chosen: Parts, seed: int) -> LightCurves:
    """Simulated light curves to travel with a model: some of each class, never seen.

    Only simulated ones may be published with a model; a user's data never are.
    """
    labels = light_curves.labels[chosen.test].astype(str)
    generator = np.random.default_rng(seed)
    drawn = [
        generator.permutation(chosen.test[labels == label])[:GOLDEN_PER_CLASS]
        for label in np.unique(labels)
    ]
    return light_curves.take(np.sort(np.concatenate(drawn)))


def from_scratch(model: Model, seed: int) -> Model:
    """The same network with fresh weights, all trainable: the baseline of transfer.

    It is not compiled: `fit` does that. It wants more time than a transfer; the recipe
    `scratch` gives it that.
    """
    keras.utils.set_random_seed(seed)
    return type(model)(model.preset.replace(parent=None, ancestors=()))
