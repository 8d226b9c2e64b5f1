"""From labelled light curves to a trained, measured model: split, fit, score.

The commands `train`, `transfer` and `quickstart` are thin layers over this module.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd

from zoo.classifier.network import LightCurveNetwork
from zoo.classifier.transfer import Model
from zoo.evaluation.measurement import measure
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.examples import SPLIT_COLUMN
from zoo.light_curves.ragged import LightCurves
from zoo.recipe import Recipe
from zoo.split import VALIDATION_FRACTION, Parts, draw_labels, stratified_split
from zoo.training import FitReport, class_codes, fit

TEST_FRACTION = 0.1


GOLDEN_PER_CLASS = 20
"""Enough for the start of a head (see `zoo.classifier.head`), small enough to bundle."""


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


def parts(model: LightCurveNetwork, light_curves: LightCurves, seed: int) -> Parts:
    """Split into train, validation and test: the builder's own split where there is
    one, else 80/10/10 of every class.

    Raises:
        ValueError: some objects have such a split, others do not.
    """
    usable, codes = _usable(model, light_curves)
    if SPLIT_COLUMN in light_curves.metadata:
        if unused := light_curves.metadata[SPLIT_COLUMN].isna().sum():
            raise ValueError(
                f"{unused} of the {len(light_curves)} objects have no {SPLIT_COLUMN}, "
                "the others do. Train on surveys or on folders, not on both, or fill "
                "that metadata column with train, validation or test."
            )
        names = light_curves.metadata[SPLIT_COLUMN].to_numpy(object)[usable]
        train, validation, test = (
            usable[names == name] for name in ("train", "validation", "test")
        )
        return Parts(train, validation, test)
    kept, test = stratified_split(codes, TEST_FRACTION, seed)
    inner = VALIDATION_FRACTION / (1 - TEST_FRACTION)
    train, validation = stratified_split(codes[kept], inner, seed)
    return Parts(usable[kept][train], usable[kept][validation], usable[test])


def label_budget(
    model: LightCurveNetwork,
    light_curves: LightCurves,
    labels: int | None,
    seed: int,
    *,
    seen: Collection[str] = (),
) -> Parts:
    """Draw a budget of labelled objects, a tenth of them for validation.

    Args:
        model: what will be trained; its classes must hold every label.
        light_curves: the target survey's; those of a builder's test split are never
            drawn and alone are measured on.
        labels: objects to draw, stratified, at least one per class; None for all.
        seed: same seed, same objects.
        seen: ids of objects that the source of a transfer was trained on; they may be
            drawn, and are never measured on.

    Raises:
        ValueError: there are not that many, or fewer labels than classes.
    """
    usable, codes = _usable(model, light_curves)
    test = np.zeros(len(usable), bool)
    if SPLIT_COLUMN in light_curves.metadata:
        test = light_curves.metadata[SPLIT_COLUMN].to_numpy(object)[usable] == "test"
    pool = np.flatnonzero(~test)
    count = len(pool) if labels is None else labels
    drawn = pool[draw_labels(codes[pool], count, seed)]
    train, validation = stratified_split(codes[drawn], VALIDATION_FRACTION, seed)
    rest = np.flatnonzero(test) if test.any() else np.setdiff1d(pool, drawn)
    rest = rest[~pd.Index(light_curves.object_id[usable[rest]]).isin(list(seen))]
    return Parts(usable[drawn][train], usable[drawn][validation], usable[rest])


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


def _usable(
    model: LightCurveNetwork, light_curves: LightCurves
) -> tuple[np.ndarray, np.ndarray]:
    """Objects with a label and a trigger, and their classes."""
    codes = class_codes(light_curves, model.preset.classes)
    trigger = trigger_rows(light_curves, model.preset.preprocessing.pair_days)
    usable = np.flatnonzero((codes >= 0) & (trigger >= 0))
    return usable, codes[usable]
