"""Training: categorical cross-entropy and Adam on batches of like length.

As in arXiv 2502.18558: a weighted loss, early stopping on the validation loss, best
weights restored. The numbers are those of a `Recipe`.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from zoo.classifier.layers import compile_for_training, refine
from zoo.classifier.network import LightCurveNetwork
from zoo.inference.runtime import predict
from zoo.inputs.inputs import Inputs
from zoo.light_curves.accept import read
from zoo.recipe import RECIPES, Recipe
from zoo.training.augment import augment
from zoo.training.batches import Batches
from zoo.training.calibration import cool, temperature
from zoo.training.callbacks import Anneal, Bar, ended
from zoo.training.labelled import _learn_passbands, _weights, labelled_inputs
from zoo.training.split import VALIDATION_FRACTION, stratified_split

# arXiv 2502.18558 and its code.
MIN_DELTA = 1e-3

# XLA takes 13 s to compile the usual batch shapes and then saves 0.07 to 0.13 ms a
# light curve (measured on one core): it pays after about this many.
_COMPILE_PAYS_AFTER = 200_000


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


def fit(
    model: LightCurveNetwork,
    data: Any,
    validation: Any = None,
    *,
    epochs: int | None = None,
    recipe: Recipe | None = None,
    class_weight: Mapping[str, float] | None = None,
    teachers: Sequence[LightCurveNetwork] = (),
    seed: int = 0,
    progress: bool = True,
) -> FitReport:
    """Train a model in place.

    On several devices of one machine: choose the JAX backend (KERAS_BACKEND=jax) and
    call `keras.distribution.set_distribution(keras.distribution.DataParallel(
    auto_shard_dataset=False))` before the model is loaded. Every batch is then shared
    among them, and the result is that of one device but for rounding. (TensorFlow's
    MirroredStrategy fails in Keras 3.15 on a batch that it cannot halve.)

    Args:
        model: a compiled model keeps its optimizer, without its state, and its loss;
            another one is compiled with Adam and categorical cross-entropy. Where it
            was transferred with `train="auto"`, its layers are chosen now and it is
            compiled anew; its `transfer_report` and the result say which.
        data: labelled light curves, as `zoo.light_curves.accept.read` reads them.
        validation: likewise; by default a stratified tenth of `data`.
        epochs: at most so many; default: those of the recipe.
        recipe: the numbers, see `zoo.recipe`. Default: `transfer` for a model with a
            parent, else `paper`.
        class_weight: weight of each label in the loss, in place of the recipe's
            balance, as in `keras.Model.fit`.
        teachers: models whose mean probabilities are learned in place of the labels
            (distillation, arXiv 1503.02531), which then only decide the weights and
            when to stop. Several seeds of one network agree better with the sky
            together than each alone; this puts what they know into one.
        seed: decides the order, the variation and the validation split.
        progress: show a progress bar.

    Returns:
        The losses and what was run.

    Raises:
        ValueError: no object has a trigger and a label, a label has no place among
            the model's classes, or a teacher has other classes or inputs.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model = zoo.load("ztfsims-gru").transfer(target="bts")
        >>> zoo.fit(model, golden_light_curves(), epochs=1, progress=False).epochs
        1
    """
    for teacher in teachers:
        _check_teacher(teacher, model)
    if recipe is None:
        recipe = RECIPES["transfer" if model.preset.parent else "paper"]
    epochs = recipe.epochs if epochs is None else epochs
    keras.utils.set_random_seed(seed)
    light_curves = read(data)
    _learn_passbands(model, light_curves)
    refine(model)
    if model.compiled:
        _start_optimizer_afresh(model)
    else:
        compile_for_training(model, recipe.learning_rate)
    train, classes = labelled_inputs(model, light_curves)
    if validation is None:
        kept, held = stratified_split(classes, VALIDATION_FRACTION, seed)
        # A class of one object cannot be split: with no object held out at all, the
        # training objects decide when to stop.
        held = held if len(held) else kept
        checks, check_classes = train.take(held), classes[held]
        train, classes = train.take(kept), classes[kept]
    else:
        checks, check_classes = labelled_inputs(model, read(validation))
    started = time.perf_counter()
    names = model.preset.classes
    one_hot = np.eye(len(names), dtype=np.float32)
    preprocessing = model.preset.preprocessing
    weights = (
        _weights(classes, names, recipe)
        if class_weight is None
        else np.array([class_weight[name] for name in names], np.float32)[classes]
    )

    batches = Batches(
        train,
        one_hot[classes],
        weights,
        size=recipe.batch_size,
        seed=seed,
        augment=lambda inputs, random: augment(inputs, preprocessing, recipe, random),
        teach=(lambda inputs: _mean(teachers, inputs)) if teachers else None,
    )
    checks_batches = Batches(checks, one_hot[check_classes], size=4 * recipe.batch_size)
    if keras.backend.backend() == "tensorflow":
        compiled = epochs * len(train) > _COMPILE_PAYS_AFTER
        if compiled != model.jit_compile:
            model.jit_compile, model.train_function = compiled, None
    callbacks: list[keras.callbacks.Callback] = []
    if recipe.patience is not None:
        stopping = keras.callbacks.EarlyStopping(
            monitor="val_loss",
            patience=recipe.patience,
            min_delta=MIN_DELTA,
            restore_best_weights=True,
        )
        callbacks.append(stopping)
    if recipe.anneal:
        callbacks.append(Anneal(epochs))
    if progress:
        callbacks.append(Bar(epochs, len(batches)))
    with ended(callbacks):
        history = model.fit(
            batches,
            validation_data=checks_batches,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
        ).history
    ran = len(history["loss"])
    divided_by = 1.0
    if recipe.calibrate and model.get_layer("head").trainable:
        divided_by = temperature(predict(model, checks), check_classes)
        cool(model, divided_by)
    return FitReport(
        epochs=ran,
        best_epoch=ran if recipe.patience is None else stopping.best_epoch + 1,
        loss=tuple(history["loss"]),
        validation_loss=tuple(history["val_loss"]),
        objects=len(train),
        validation_objects=len(checks),
        trained=tuple(x.name for x in model.layers if x.weights and x.trainable),
        temperature=divided_by,
        seconds=time.perf_counter() - started,
    )


def _start_optimizer_afresh(model: LightCurveNetwork) -> None:
    """Forget what an earlier fit left in the optimizer.

    Where the same variables are trained as then, its state is set to zero, and the
    training step need not be traced again, which takes 10 s. Else it is replaced: Keras
    would go on training what was trainable then, whatever was frozen since.
    """
    optimizer = model.optimizer
    before = [v.path for v in getattr(optimizer, "_trainable_variables", ())]
    if before == [v.path for v in model.trainable_variables]:
        for variable in optimizer.variables:
            if variable is not optimizer._learning_rate:
                variable.assign(keras.ops.zeros_like(variable))
        return
    model.optimizer = type(optimizer).from_config(optimizer.get_config())
    model.train_function = None


def _mean(teachers: Sequence[LightCurveNetwork], inputs: Inputs) -> np.ndarray:
    return np.mean([predict(teacher, inputs) for teacher in teachers], axis=0)


def _check_teacher(teacher: LightCurveNetwork, model: LightCurveNetwork) -> None:
    for what in ("features", "window", "flux_scale", "wavelengths", "metadata"):
        theirs = getattr(teacher.preset.preprocessing, what)
        if theirs != getattr(model.preset.preprocessing, what):
            raise ValueError(
                f"{teacher.source} cannot teach: its {what} differ. Both models must "
                "see the same inputs."
            )
    if teacher.preset.classes != model.preset.classes:
        raise ValueError(
            f"{teacher.source} cannot teach: its classes are "
            f"{', '.join(teacher.preset.classes)}. Give the model the same, in order."
        )
