"""Training in compiled code: what `keras.Model.fit` does, several times faster.

The gradients are written by hand for the network of the zoo (`zoo.kernel.network`).
There is nothing to trace or to compile, no step of padding is computed, and a batch is
divided among the cores in the same way whatever their number: the same seed gives the
same weights, to the bit.
"""

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any, cast

import numpy as np

from zoo.classifier.classifier import TransientClassifier
from zoo.classifier.installed import keras
from zoo.classifier.network import LightCurveNetwork
from zoo.inference.runtime import Runtime, current_tensors, predict
from zoo.kernel.library import Kernel, kernel
from zoo.kernel.network import Network, of_layer
from zoo.model_folder.keras_config import differences
from zoo.model_folder.tensors import named_tensors
from zoo.system.cores import threads
from zoo.training.epochs.batches import Batches, devices
from zoo.training.labels.labelled import Labelled

SHARD = 32
"""Objects whose gradients are computed in one call: all that is kept of them on the way
stays near the core, and a batch of 64 has work for two cores."""

MOST_SUMS = 64
"""Sums of gradients in memory, each as large as the model: work for as many cores."""


def is_standard(model: LightCurveNetwork) -> bool:
    """Whether the compiled functions do for a model what Keras would do.

    They know the layers of `LightCurveNetwork`, each frozen or not, and Adam and
    categorical cross-entropy with the settings of
    `zoo.classifier.layers.compile_for_training`, at any learning rate. A GPU is left to
    Keras.
    """
    return (
        kernel() is not None
        and type(model) in (LightCurveNetwork, TransientClassifier)
        and _has_usual_optimizer(model)
        and _has_usual_layers(model)
        and devices() == 1
        and not _has_gpu()
    )


def _has_usual_optimizer(model: LightCurveNetwork) -> bool:
    optimizer, compiled = model.optimizer, model.get_compile_config()
    if type(optimizer) is not keras.optimizers.Adam:
        return False
    rate = optimizer.get_config()["learning_rate"]
    return (
        isinstance(rate, float)
        and _settings(optimizer) == _settings(keras.optimizers.Adam(rate))
        and _settings(model.loss) == _settings(keras.losses.CategoricalCrossentropy())
        and not any(compiled.get(name) for name in _NOT_USUAL)
        and len(model.metrics) <= 1  # that of the loss
    )


_NOT_USUAL = ("loss_weights", "metrics", "weighted_metrics")


def _has_usual_layers(model: LightCurveNetwork) -> bool:
    """Whether nobody changed a layer, or froze a part of one, and there is one to
    train."""
    learned = {id(variable) for variable in model.trainable_variables}
    whole = {id(v) for x in model.layers if x.trainable for v in x.weights}
    return (
        learned == whole != set()
        and not model.losses  # those of regularizers
        and not any(variable.constraint for variable in model.weights)
        and not any(differences(json.loads(model.plain().to_json()), model.preset))
    )


def run_epochs(
    model: LightCurveNetwork,
    batches: Batches,
    checks: Labelled,
    epochs: int,
    callbacks: Sequence[keras.callbacks.Callback],
) -> dict[str, list[float]]:
    """Train a model for which `is_standard` holds.

    The model has the new weights at the end of every epoch, before the callbacks that
    may keep them or put others in their place.

    Args:
        model: compiled.
        batches: the training objects, in the order of each epoch.
        checks: objects of the validation loss.
        epochs: maximum number of epochs; a callback may set `model.stop_training`.
        callbacks: those of Keras.

    Returns:
        `loss` and `val_loss` of each epoch, as the history of Keras.
    """
    compiled = cast(Kernel, kernel())  # there is one: `is_standard`
    told = keras.callbacks.CallbackList(list(callbacks), model=model)
    history: dict[str, list[float]] = {"loss": [], "val_loss": []}
    adam = _Adam(model)
    variables = named_tensors(model)
    model.stop_training = False
    # Keras looks at two batches and draws anew before it begins.
    batches.on_epoch_end()
    told.on_train_begin()
    seen = _constant_states(model, adam, batches)
    with threads() as pool:
        for epoch in range(epochs):
            told.on_epoch_begin(epoch)
            rate = float(model.optimizer.learning_rate)
            loss = 0.0
            for number in range(len(batches)):
                told.on_train_batch_begin(number)
                here = _learn(compiled, adam, batches, number, rate, pool, seen)
                loss += (here - loss) / (number + 1)
                told.on_train_batch_end(number, {"loss": loss})
            batches.on_epoch_end()
            for name, values in adam.learned.items():
                # JAX keeps an array that is aligned as it is, and Adam goes on in it.
                variables[name].assign(values.copy())
            logs = {"loss": loss, "val_loss": _cross_entropy(model, checks)}
            for name, value in logs.items():
                history[name].append(value)
            told.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    # As after a fit by Keras, but without the moments, which no fit takes up: a file
    # holds the variables of the optimizer, and a loaded model expects them.
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(adam.steps)
    told.on_train_end()
    return history


def _constant_states(
    model: LightCurveNetwork, adam: "_Adam", batches: Batches
) -> np.ndarray | None:
    """What frozen GRUs make of light curves that are the same in every epoch, float32
    `(k, units)`; None where they learn or see others."""
    learn = {"gru_1", "gru_2"} & adam.layers
    if learn or batches.prefixes or batches.varies_rows:
        return None
    session, inputs = Runtime.of(model).session, batches.inputs
    given = inputs.light_curve, inputs.offsets, inputs.metadata
    return session.run(*given, ["new_state_2"])[0]


def _learn(
    compiled: Kernel,
    adam: "_Adam",
    batches: Batches,
    number: int,
    rate: float,
    pool: Executor,
    seen: np.ndarray | None,
) -> float:
    """One step of the optimizer; its loss."""
    inputs, objects = batches.inputs, batches.order[number]
    objects = objects[np.argsort(-inputs.lengths[objects], kind="stable")]
    network = Network(compiled, adam.tensors)
    shards = -(-len(objects) // SHARD)
    sums = min(shards, MOST_SUMS)
    weights = batches.weights
    if weights is None:
        weights = np.ones(len(inputs), np.float32)

    def learn(number: int) -> float:
        into, loss = adam.gradients(number), 0.0
        for shard in range(number, shards, sums):
            chosen = objects[shard::shards]
            if seen is None:
                loss += network.learn(
                    *(inputs.light_curve, inputs.offsets, chosen, inputs.metadata),
                    *(batches.targets, weights, batches.ends, into),
                )
            else:
                loss += network.learn_above(
                    *(seen[chosen], inputs.metadata[chosen], batches.targets[chosen]),
                    *(weights[chosen], into),
                )[0]
        return loss

    loss = sum(pool.map(learn, range(sums)))
    with np.errstate(all="ignore"):  # the loss tells of what is not finite
        adam.step(sums, len(objects), rate)
    return loss / len(objects)


class _Adam:
    """The weights of a model and their optimizer, arXiv 1412.6980, as Keras has it.

    Attributes:
        tensors: all weights by `layer/variable`.
        learned: those that are trained; views of one array.
    """

    def __init__(self, model: LightCurveNetwork):
        settings = model.optimizer.get_config()
        self.betas = settings["beta_1"], settings["beta_2"]
        self.epsilon = settings["epsilon"]
        trained = {layer.name for layer in model.layers if layer.trainable}
        self.tensors = current_tensors(model)
        names = [n for n in self.tensors if n.partition("/")[0] in trained]
        self.layers = {name.partition("/")[0] for name in names}
        self.shapes = {name: self.tensors[name].shape for name in names}
        self.values = np.concatenate([self.tensors[name].ravel() for name in names])
        self.learned = self._views(self.values)
        self.tensors |= self.learned
        self.first, self.second = np.zeros_like(self.values), np.zeros_like(self.values)
        self.steps = 0
        self._sums: list[np.ndarray] = []

    def _views(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The parts of an array as the variables that are trained."""
        views, start = {}, 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            views[name] = values[start : start + size].reshape(shape)
            start += size
        return views

    def gradients(self, number: int) -> dict[str, dict[str, np.ndarray]]:
        """Zeros to which gradients are added, by layer and variable: one of the sums of
        the next step."""
        while len(self._sums) <= number:
            self._sums.append(np.empty_like(self.values))
        self._sums[number].fill(0)
        views = self._views(self._sums[number])
        return {name: of_layer(views, name) for name in self.layers}

    def step(self, sums: int, objects: int, rate: float) -> None:
        """Follow the gradients of the first sums, in their order."""
        gradient = self._sums[0]
        for other in self._sums[1:sums]:
            gradient += other
        gradient /= objects
        self.steps += 1
        beta_1, beta_2 = self.betas
        self.first += (gradient - self.first) * np.float32(1 - beta_1)
        self.second += (gradient * gradient - self.second) * np.float32(1 - beta_2)
        scale = np.sqrt(1 - beta_2**self.steps) / (1 - beta_1**self.steps)
        down = np.sqrt(self.second) + np.float32(self.epsilon)
        self.values -= self.first * np.float32(rate * scale) / down


def _has_gpu() -> bool:
    """Whether the backend of Keras computes on something other than a CPU."""
    if keras.backend.backend() == "torch":
        import torch

        return torch.cuda.is_available()
    # JAX raises an error if it is asked for a kind of device that is not there.
    return any(not name.startswith("cpu") for name in keras.distribution.list_devices())


def _cross_entropy(model: LightCurveNetwork, checks: Labelled) -> float:
    """The mean cross-entropy of the model as it is now."""
    probabilities = predict(model, checks.inputs).astype(np.float64)
    with np.errstate(divide="ignore"):
        return float(
            -np.log(probabilities[np.arange(len(checks)), checks.classes]).mean()
        )


def _settings(part: Any) -> tuple[type, dict[str, Any]]:
    """What makes an optimizer or a loss what it is, but for its name."""
    settings = dict(part.get_config()) if hasattr(part, "get_config") else {}
    return type(part), {k: v for k, v in settings.items() if k != "name"}
