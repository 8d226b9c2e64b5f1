"""Training: categorical cross-entropy and Adam on batches of similar length.

As in arXiv 2502.18558, with a weighted loss. The numbers are those of a `Recipe`.
"""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from typing import Any

import numpy as np

from zoo.classifier.layers import refine, trained_layers
from zoo.classifier.network import LightCurveNetwork
from zoo.evaluation.paired import paired
from zoo.inference.runtime import predict
from zoo.light_curves.columns import shown
from zoo.recipe import Recipe, recipe_called
from zoo.training.calibration import cool, cooled, temperature
from zoo.training.epochs.augment import augment
from zoo.training.epochs.batches import Batches
from zoo.training.epochs.start import seeded, start_afresh
from zoo.training.epochs.train import train_epochs
from zoo.training.interpolate import Interpolated, interpolate, log_loss, surest
from zoo.training.labels.labelled import Labelled, object_weights
from zoo.training.labels.prior import log_odds, shift, shifted
from zoo.training.labels.stratified import learned_and_checked, learned_by, seen_by
from zoo.training.teachers import Lesson, ready

_NO_JUDGES = (
    "fewer than two of the labelled objects are new to the model and its teachers and "
    "can be left out of the training, so that nothing tells whether training helps. "
    "Measure the model on other objects, or give more labels."
)
_FROZEN_HEAD = (
    "the head is frozen, so the probabilities keep their temperature and their mix of "
    "classes. Train it too, or give a recipe that asks for neither (calibrate=False, "
    "prior=None)."
)


@dataclass(frozen=True)
class FitReport:
    """What a fit did.

    Attributes:
        epochs: epochs run.
        best_epoch: the one whose weights were kept, counted from 1.
        loss: training loss of each epoch (weighted).
        validation_loss: validation loss of each epoch (unweighted).
        objects: objects trained on.
        validation_objects: objects that decided when to stop.
        trained: names of the layers that were trained.
        temperature: by which the logits were divided afterwards, see
            `zoo.training.calibration`; 1 where the recipe does not ask for it.
        seconds: wall time.
        fraction: how far the weights went from those at the start to the mean of the
            trained ones, see `zoo.training.interpolate`; 0: the labels did not help,
            and the model stays as it was, but for the temperature; 1 where the recipe
            does not ask for it.
        comparison: of the model at the start (`first`) and afterwards (`second`, by the
            training without the object, at the share of the way that `fraction` was
            made from, with that share of the prior and at the same temperature) on
            labelled objects that neither they nor a teacher were trained on, as
            `zoo.evaluation.paired.paired` returns it, with their number `n`; None where
            the recipe does not ask for it. The fraction was chosen on the same objects.
        left_out: of these objects, the probabilities behind `second`, float64 `(n,
            classes)`, and the index of the true class, int64 `(n,)`: to choose
            thresholds where every label was trained on (`zoo.evaluation.thresholds`).
            None as above.
    """

    epochs: int
    best_epoch: int
    loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    objects: int
    validation_objects: int
    trained: tuple[str, ...]
    temperature: float
    seconds: float
    fraction: float = 1.0
    comparison: dict[str, Any] | None = None
    left_out: tuple[np.ndarray, np.ndarray] | None = field(
        default=None, repr=False, compare=False
    )


def fit(
    model: LightCurveNetwork,
    data: Any,
    validation: Any = None,
    *,
    epochs: int | None = None,
    recipe: Recipe | str | None = None,
    class_weight: Mapping[str, float] | None = None,
    teachers: Sequence[LightCurveNetwork | str | PathLike[str]] = (),
    where: str | None = None,
    seed: int = 0,
    progress: bool = True,
) -> FitReport:
    """Train a model in place.

    With the recipe `transfer` the model goes from its weights at the start as far
    towards the trained ones as labels that were not trained on show to help, see
    `zoo.training.interpolate`: a few labels help or cost nothing. What they say of the
    mix of classes is weakened, see `zoo.training.labels.prior`.

    The same seed gives the same weights. Python's and numpy's global random generators
    are left as they were; those of Keras and its backend are seeded.

    On several devices of one machine: choose the JAX backend (KERAS_BACKEND=jax) and
    call `keras.distribution.set_distribution(keras.distribution.DataParallel(
    auto_shard_dataset=False))` before the model is loaded. Every batch is then shared
    among them, and the result is that of one device except for rounding. (TensorFlow's
    MirroredStrategy fails in Keras 3.15 on a batch that it cannot halve.)

    Args:
        model: a compiled model keeps its optimizer, without its state, and its loss;
            another one is compiled with Adam and categorical cross-entropy. One that
            you compiled keeps its learning rate, or its schedule in place of one that
            falls, unless you give a recipe, which excludes a schedule. For a model
            transferred with `train="auto"`, the layers are chosen now and it is
            compiled again; its `transfer_report` and the result name them.
        data: labelled light curves, in any form that `zoo.light_curves.accept.read`
            reads; of a data set that is named, such as `"bts"`, its training part.
        validation: the same, for objects that decide when to stop. Default: a
            stratified tenth of `data`, or the validation part of a named data set.
        epochs: maximum number of epochs. Default: that of the recipe.
        recipe: the numbers, see `zoo.recipe`, or the name of a recipe there. Default:
            `transfer` for a model with a parent, else `paper`.
        class_weight: weight of each label in the loss, in place of the recipe's
            balance and prior, as in `keras.Model.fit`.
        teachers: models with the same classes, or their names, whose mean probabilities
            of the unvaried light curves are learned in place of the labels (see
            `zoo.training.teachers`), with the mix of classes that they assume; the
            labels then only decide the weights and when to stop.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        seed: seed of the order, the variation and the validation split.
        progress: show a progress bar.

    Returns:
        The losses and what was run. The model remembers the ids of the objects used
        (`model.split`): `zoo.save` writes them, and `zoo.evaluate` leaves them out.

    Raises:
        ValueError: no object has a trigger and a label, a label has no place among
            the model's classes, a further column of the metadata is not there or tells
            no object from another, `class_weight` lacks a class or is not a number,
            `epochs` is below 1, a teacher has other classes or can classify none of the
            objects, or a loss is not finite; the model is then as it was.

    Warns:
        UserWarning: the recipe asks for a calibration or has a prior, but the head is
            frozen; or it asks for folds, but there are not two labelled objects to
            leave out of the training that the model was not trained on before.

    Warns:
        UserWarning: the data are not plausible, see `zoo.inputs.plausibility`, the
            model does not use a column of the metadata, or a teacher lacks one, was not
            trained on a passband or cannot classify an object.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model = zoo.load("ztfsims-gru").transfer(target="bts")
        >>> zoo.fit(model, golden_light_curves(), epochs=1, progress=False).epochs
        1
    """
    if not isinstance(model, LightCurveNetwork):
        raise ValueError(
            f"zoo.fit trains a model in memory, not {shown(model)}. Give zoo.load(...) "
            "or what its transfer returns."
        )
    loaded = ready(teachers, model)
    given = recipe is not None
    if recipe is None:
        recipe = "transfer" if model.preset.parent else "paper"
    if not isinstance(recipe, Recipe):
        recipe = recipe_called(recipe)
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    known = learned_by((model, *loaded))
    with seeded(seed), _as_it_was(model) as before:
        train, checks, light_curves = learned_and_checked(
            model, data, validation, seed, where, loaded
        )
        weights = object_weights(
            train.classes, model.preset.classes, recipe, class_weight
        )
        lesson = None
        if loaded:
            one_hot = train.one_hot(len(model.preset.classes))
            lesson = Lesson.of(loaded, light_curves.take(train.index), one_hot)
        del light_curves  # which may fill half of the memory
        refine(model)
        # Now, so that a fit which is interrupted does not hide what it learned from.
        model.split = seen_by(model, train, checks, loaded)
        started = time.perf_counter()

        def learn(
            objects: np.ndarray, checks: Labelled, fold: int | None = None
        ) -> tuple[dict[str, list[float]], int]:
            steps = recipe.epochs * len(objects)
            start_afresh(model, recipe.learning_rate, steps, given=given)
            some, heavy = train.take(objects), weights[objects]
            taught = None if lesson is None else lesson.take(objects)
            batches = _batches(model, some, heavy, recipe, taught, seed)
            return train_epochs(model, batches, checks, recipe, progress, fold)

        head_learns = model.get_layer("head").trainable
        # Else the mix is the caller's, or that of the teachers.
        own_mix = class_weight is None and lesson is None
        if not head_learns and (recipe.calibrate or (recipe.prior and own_mix)):
            warnings.warn(_FROZEN_HEAD, stacklevel=2)
        odds = np.zeros(len(model.preset.classes))
        if own_mix and head_learns:
            odds = log_odds(train.classes, model.preset.classes, recipe)
        way = None
        history, best_epoch = learn(np.arange(len(train)), checks)
        if recipe.folds:
            way = interpolate(
                *(model, before, train, checks, learn, recipe, odds, seed, known)
            )
            if len(way.truth) < 2:
                warnings.warn(_NO_JUDGES, stacklevel=2)
                # All the way, and nothing tells whether the prior helps, either.
                way, odds = None, np.zeros_like(odds)
        fraction = 1.0 if way is None else way.fraction
        divided_by, comparison, left_out = 1.0, None, None
        if recipe.calibrate and head_learns:
            divided_by = _calibrate(model, checks, way)
        shift(model, fraction * odds)
        if way is not None:
            second = shifted(cooled(way.second, divided_by), way.share * odds)
            compared = paired(way.first, second, way.truth, seed=seed)
            comparison = {"n": len(way.truth), **compared}
            left_out = second, way.truth
    return FitReport(
        epochs=len(history["loss"]),
        best_epoch=best_epoch,
        loss=tuple(history["loss"]),
        validation_loss=tuple(history["val_loss"]),
        objects=len(train),
        validation_objects=len(checks),
        trained=trained_layers(model),
        temperature=divided_by,
        seconds=time.perf_counter() - started,
        fraction=fraction,
        comparison=comparison,
        left_out=left_out,
    )


@contextmanager
def _as_it_was(model: LightCurveNetwork) -> Iterator[list[np.ndarray]]:
    """Its weights, which a model gets back with preset and split where an error ends
    the fit, such as that of a loss that is not finite."""
    preset, split, before = model.preset, model.split, model.get_weights()
    try:
        yield before
    except Exception:
        model.set_weights(before)
        model.preset, model.split = preset, split
        raise


def _batches(
    model: LightCurveNetwork,
    train: Labelled,
    weights: Any,
    recipe: Recipe,
    lesson: Lesson | None,
    seed: int,
) -> Batches:
    """The training objects in batches, varied in every epoch as the recipe says."""
    preprocessing = model.preset.preprocessing
    teach = None
    if lesson is not None:
        teach = partial(lesson.targets, preprocessing=preprocessing)
    return Batches(
        train.inputs,
        train.one_hot(len(model.preset.classes)),
        weights,
        size=recipe.batch_size,
        seed=seed,
        augment=lambda inputs, random: augment(inputs, preprocessing, recipe, random),
        prefixes=recipe.prefixes,
        teach=teach,
    )


def _calibrate(
    model: LightCurveNetwork, checks: Labelled, way: Interpolated | None
) -> float:
    """Fold the best temperature into the head and return it; 1 if the model stays as it
    was and few labels do not show that this is a gain."""
    if way is None:
        divided_by = temperature(predict(model, checks.inputs), checks.classes)
    else:
        divided_by = temperature(way.second, way.truth)
        both = np.stack([way.second, cooled(way.second, divided_by)])
        if not way.fraction and not surest(log_loss(both, way.truth)):
            return 1.0
    cool(model, divided_by)
    return divided_by
