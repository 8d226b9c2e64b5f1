"""The start of a fit: its seed, a fresh optimizer, and the training step of Keras."""

import random
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from zoo.classifier.installed import keras
from zoo.classifier.layers import compile_for_training, compiled_here

# XLA takes 13 s to compile the usual batch shapes and then saves 0.07 to 0.13 ms a
# light curve (measured on one core): it pays after about this number.
_COMPILE_PAYS_AFTER = 200_000

_trained: "weakref.WeakKeyDictionary[keras.Optimizer, list[str]]"
_trained = weakref.WeakKeyDictionary()  # what each optimizer trained in its last fit


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed Keras; afterwards the generators of Python and numpy are as before.

    Keras draws the seeds of fresh weights from Python's global generator, and seeds
    numpy's as well. Both belong to the caller. The seeds of Keras and of its backend
    stay set: they cannot be read, so they cannot be restored.
    """
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def start_afresh(
    model: keras.Model, learning_rate: float, light_curves: int, *, given: bool
) -> None:
    """Make a model ready for a fit that owes nothing to an earlier one.

    The optimizer loses its state. If it trained the same variables in its last fit,
    Keras' training step is kept, because tracing a new one takes 10 s. Otherwise the
    optimizer is replaced: Keras would go on training the variables of that fit, even
    those frozen since.

    Args:
        model: compiled with Adam and categorical cross-entropy if it is not compiled.
        learning_rate: of that Adam, or of another optimizer where it is `given`.
        light_curves: number that the fit will process, over all epochs.
        given: whether the user asked for this learning rate.

    Raises:
        ValueError: it is given, but the optimizer follows a schedule of its own.
    """
    trainable = [variable.path for variable in model.trainable_variables]
    if not model.compiled:
        compile_for_training(model, learning_rate)
    elif _trained.get(model.optimizer) == trainable:
        rate = model.optimizer.learning_rate
        for variable in model.optimizer.variables:
            if variable is not rate:
                # Not `zeros_like`: JAX takes no variable for an array.
                variable.assign(keras.ops.zeros(variable.shape, variable.dtype))
    else:
        old = model.optimizer
        model.optimizer = type(old).from_config(old.get_config())
        if old in compiled_here:
            compiled_here.add(model.optimizer)
        _forget_step(model)
    _trained[model.optimizer] = trainable
    if given or model.optimizer in compiled_here:
        _set_rate(model.optimizer, learning_rate)
    if keras.backend.backend() == "tensorflow":
        compiled = light_curves > _COMPILE_PAYS_AFTER
        if compiled != model.jit_compile:
            model.jit_compile = compiled
            _forget_step(model)


def has_schedule(optimizer: keras.Optimizer) -> bool:
    """Whether an optimizer has a schedule in place of a learning rate."""
    return not isinstance(optimizer.get_config()["learning_rate"], float)


def _set_rate(optimizer: keras.Optimizer, learning_rate: float) -> None:
    if has_schedule(optimizer):
        raise ValueError(
            "the optimizer follows a schedule, and the recipe has a learning rate "
            f"({learning_rate:g}). Compile the model with a number as learning rate, "
            "or give no recipe."
        )
    optimizer.learning_rate = learning_rate


def _forget_step(model: keras.Model) -> None:
    """Let the next fit trace a new training step.

    `Model.compile` does the same, but would also need the loss and the metrics, which
    Keras does not give back. `Model.make_train_function(force=True)` would build the
    step now, before the optimizer has the variables that JAX needs to know.
    """
    model.train_function = None
