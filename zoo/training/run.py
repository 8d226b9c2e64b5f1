"""From labelled light curves to a trained, measured model: draw, fit, measure.

The commands `train`, `transfer` and `quickstart` parse their arguments and call this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, TypeAlias

import numpy as np

from zoo.classifier.classifier import TransientClassifier
from zoo.classifier.load import load
from zoo.classifier.transfer import Model
from zoo.evaluation.metrics_file import measure
from zoo.hub.find import Found, find
from zoo.inputs.metadata import without_unused
from zoo.inputs.parameters import reads_of
from zoo.inputs.trigger import thinned
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset
from zoo.recipe import RECIPES, recipe_called
from zoo.taxonomy import resolve_classes
from zoo.training.epochs.start import seeded
from zoo.training.fit import FitReport, fit
from zoo.training.labels.stratified import Parts, label_budget, learned_by, parts

Name: TypeAlias = str | PathLike[str] | Found
"""Any name that `zoo.load` takes, or what `zoo.hub.find.find` made of it."""

GOLDEN_PER_CLASS = 20
"""Enough to start a head (see `zoo.classifier.head`), few enough to bundle."""

_GOLDEN_ROWS = 32
"""Maximum number of rows of each: light curves of years would fill most of the 1 MB of
a bundled folder."""


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


def train_model(
    preset: Preset,
    data: Any,
    *,
    name: str,
    recipe: str = "zoo",
    epochs: int | None = None,
    teachers: Sequence[Name] = (),
    simulated: bool = False,
    where: str | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Outcome:
    """Train a new model and measure it on objects that it did not see.

    The split is that of the metadata column `zoo_split` where there is one, else 80 %
    of every class to train, 10 % to decide when to stop and 10 % to measure. It is not
    measured on objects that a teacher was trained on.

    Args:
        preset: id, classes, architecture and preprocessing of the model.
        data: labelled light curves, in any form that `zoo.light_curves.accept.read`
            reads.
        name: what to call the data in the model's metrics and card.
        recipe: name of one of `zoo.recipe.RECIPES`.
        epochs: maximum number of epochs. Default: that of the recipe.
        teachers: names or folders of models to learn from, see `zoo.fit`.
        simulated: the light curves are simulated, so some of those measured on may be
            published with the model (`golden.npz`). A user's own data never are.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        seed: seed of the split, the weights and the order.
        progress: show a progress bar.

    Raises:
        ValueError: as `zoo.fit`, or only some of the objects have a `zoo_split`.
        KeyError: there is no such teacher.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> from zoo.model_folder.preset import Architecture, Preset
        >>> small = Architecture.of(units=4)
        >>> preset = Preset("mine-gru", ("SNIa", "other"), architecture=small)
        >>> outcome = train_model(
        ...     preset, golden_light_curves(), name="mine", epochs=1, progress=False)
        >>> outcome.model.preset.training["recipe"]
        'zoo'
    """
    numbers = recipe_called(recipe)
    found = [find(teacher) for teacher in teachers]
    presets = (preset, *(one.folder.preset for one in found))
    reads = reads_of(one.preprocessing for one in presets)
    light_curves = read(data, where=where, **reads)
    loaded = [load(one) for one in found]
    taught = learned_by(loaded)
    with seeded(seed):
        model = TransientClassifier(preset)
    chosen = parts(preset, light_curves, seed, seen=taught)
    if simulated and len(chosen.test):
        model.golden = _golden_sample(preset, light_curves, chosen, seed)
    origin = {"teachers": [one.name for one in found]} if found else {}
    outcome = fit_and_measure(
        model,
        light_curves,
        chosen,
        name=name,
        record={"recipe": recipe, **origin, **_chosen(where)},
        epochs=epochs,
        recipe=numbers,
        teachers=loaded,
        seed=seed,
        progress=progress,
    )
    if taught:
        outcome.split["teachers"] = sorted(taught)
    return outcome


def transfer_model(
    base: Name,
    target: str,
    data: Any,
    *,
    name: str,
    classes: str | Sequence[str] | None = None,
    labels: int | None = None,
    train: str | Sequence[str] = "auto",
    window: tuple[float, float] | None = None,
    metadata: Sequence[str] = (),
    from_scratch: bool = False,
    epochs: int | None = None,
    where: str | None = None,
    model_id: str | None = None,
    version: str = "0.0.0",
    license: str | None = None,
    start: TransientClassifier | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Outcome:
    """Transfer a model to another survey with a few labels, and measure it.

    It is measured on the labelled objects that neither it nor its base was trained on
    (on those of the test split where `data` has a column `zoo_split`); where none is
    left, on the validation part, and the metrics say so.

    Args:
        base: the source, by any name that `zoo.load` takes. If its folder has a
            `split.csv`, its training objects are not measured on.
        target: name of the survey, which becomes part of the new model's id.
        data: labelled light curves, in any form that `zoo.light_curves.accept.read`
            reads.
        name: what to call the data in the model's metrics and card.
        classes: classes of the new model, see `zoo.taxonomy.resolve_classes`; `data`
            means the labels present. Default: the taxonomy of the target's name, else
            the base's classes.
        labels: number of objects to draw, stratified, a tenth of them for validation;
            None: all.
        train, window, metadata: layers to train, days since trigger that the new model
            sees and further columns of the metadata that it takes up, as in
            `TransientClassifier.transfer`.
        from_scratch: ignore the base's weights: the same network without a transfer.
        epochs: maximum number of epochs. Default: that of the recipe.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        model_id, version, license: of the new model, as in
            `TransientClassifier.transfer`.
        start: the base adapted to the survey (see `zoo.adapt`), to start from.
        seed: seed of the draw, of new weights and of the order.
        progress: show a progress bar.

    Raises:
        KeyError: there is no such base.
        ValueError: as `TransientClassifier.transfer` and `zoo.fit`, or the number of
            labels cannot be drawn.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> outcome = transfer_model(
        ...     "ztfsims-gru-lite", "mine", golden_light_curves(), name="mine",
        ...     classes="data", progress=False)
        >>> outcome.model.preset.parent.partition("@")[0]
        'ztfsims-gru-lite'
    """
    found = find(base)
    preprocessing = found.folder.preset.preprocessing.with_columns(metadata)
    light_curves = read(data, where=where, **preprocessing.reads)
    if classes is not None:
        classes = resolve_classes(classes, light_curves.labels)
    model = (load(found) if start is None else start).transfer(
        target,
        classes=classes,
        train=train,
        window=window,
        metadata=metadata,
        seed=seed,
        model_id=model_id,
        version=version,
        license=license,
    )
    if start is not None:
        before = start.preset
        origin = {"parent": before.parent, "ancestors": before.ancestors}
        model.preset = model.preset.replace(**origin)
    if from_scratch:
        model = with_fresh_weights(model, seed)
    seen = sorted(learned_by([model]))
    layers = train if isinstance(train, str) else ",".join(train)
    outcome = fit_and_measure(
        model,
        light_curves,
        label_budget(model.preset, light_curves, labels, seed, seen=seen),
        name=name,
        record={
            "train": "all" if from_scratch else layers,
            "from_scratch": from_scratch,
            **_chosen(where),
        },
        epochs=epochs,
        recipe=RECIPES["scratch" if from_scratch else "transfer"],
        seed=seed,
        progress=progress,
    )
    if seen:
        outcome.split["parent"] = seen
    return outcome


def _chosen(where: str | None) -> dict[str, str]:
    """How the light curves were chosen, for the record."""
    return {} if where is None else {"where": where}


def with_fresh_weights(model: Model, seed: int) -> Model:
    """The same network with fresh weights, all trainable: the baseline of transfer.

    It is not compiled: `fit` does that. It needs more epochs than a transfer, which the
    recipe `scratch` gives it.
    """
    with seeded(seed):
        return type(model)(model.preset.replace(parent=None, ancestors=()))


def fit_and_measure(
    model: TransientClassifier,
    light_curves: LightCurves,
    chosen: Parts,
    *,
    name: str,
    record: Mapping[str, Any],
    seed: int,
    **options: Any,
) -> Outcome:
    """Train a model in place on one part and measure it on another.

    `train_model`, `transfer_model` and `zoo.adapt` build on it.

    Its preset records what it was trained on, with the entries of `record`; `options`
    are those of `zoo.fit`.
    """
    # With so few labels that none is held out, the training part decides.
    held = chosen.validation if len(chosen.validation) else chosen.train
    train, validation = light_curves.take(chosen.train), light_curves.take(held)
    report = fit(model, train, validation, seed=seed, **options)
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
            **record,
        }
    )
    ids = light_curves.object_id
    split = {
        "train": ids[chosen.train].tolist(),
        "validation": ids[chosen.validation].tolist(),
    }
    return Outcome(model, report, metrics, split)


def _golden_sample(
    preset: Preset, light_curves: LightCurves, chosen: Parts, seed: int
) -> LightCurves:
    """Some light curves of each class that the model was not trained on."""
    labels = light_curves.labels[chosen.test].astype(str)
    generator = np.random.default_rng(seed)
    drawn = [
        generator.permutation(chosen.test[labels == label])[:GOLDEN_PER_CLASS]
        for label in np.unique(labels)
    ]
    some = light_curves.take(np.sort(np.concatenate(drawn)))
    return thinned(some, _GOLDEN_ROWS, preset.preprocessing.pair_days, generator)
