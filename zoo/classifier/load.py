"""A model folder becomes a Keras model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.hub.find import Found, find
from zoo.inference.golden import check_without_keras, golden_difference
from zoo.inference.runtime import predict
from zoo.inputs.inputs import Inputs
from zoo.inputs.padding import pad
from zoo.model_folder.folder import ModelFolder, read_split, refuse_unnamed
from zoo.model_folder.golden import golden_values
from zoo.model_folder.keras_config import check_config
from zoo.model_folder.manifest import CONFIG, METRICS
from zoo.model_folder.metrics import read_metrics
from zoo.model_folder.tensors import named_tensors, read_tensors
from zoo.system.installed import is_installed

if TYPE_CHECKING:
    from zoo.classifier.classifier import TransientClassifier


def read_model(folder: ModelFolder, source: str = "") -> "TransientClassifier":
    """Rebuild the model of a folder: code from here, tensors by name from there.

    Args:
        folder: a model folder.
        source: the name that `find` gives it, which a transfer from it names as its
            parent.

    Raises:
        ValueError: the preset is not one of ours, the Keras config asks for a class
            that is not ours, or a tensor is missing, extra, misshapen or not finite.
    """
    from zoo.classifier.classifier import TransientClassifier

    check_config(folder)
    model = TransientClassifier(folder.preset)
    _set_tensors(model, folder)
    model.golden = golden_values(folder)[0]
    model.split = read_split(folder)
    model.source = source or model.source
    return model


def check_golden(model: "TransientClassifier", folder: ModelFolder) -> float:
    """Compare a model with the golden values of a folder, in Keras and without it.

    Returns:
        The largest difference in probability.

    Raises:
        ValueError: it is larger than rounding can explain.
    """
    return golden_difference(folder, _in_keras(model), partial(predict, model))


def check_plain(folder: ModelFolder) -> float:
    """Compare the network that Keras itself builds from `config.json`, without zoo,
    with the golden values of a folder.

    Args, returns and errors as `check_golden`.
    """
    from zoo.classifier.installed import keras

    check_config(folder)
    model = keras.models.model_from_json(folder.files[CONFIG].decode())
    _set_tensors(model, folder)
    return golden_difference(folder, _in_keras(model))


def _set_tensors(model: Any, folder: ModelFolder) -> None:
    tensors = read_tensors(folder)
    for name, variable in named_tensors(model).items():
        variable.assign(tensors[name])


def _in_keras(model: Any) -> Callable[[Inputs], np.ndarray]:
    """What gives the probabilities of a Keras model for ragged inputs."""
    from zoo.classifier.installed import keras

    def predicted(inputs: Inputs) -> np.ndarray:
        batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
        with _full_precision():
            return keras.ops.convert_to_numpy(model(batch, training=False))

    return predicted


def verify(found: Found) -> float:
    """Check a model against its golden values; in Keras too, where it is installed: as
    zoo builds it, and as others build it from `config.json`.

    What is run is what `zoo.classify` runs, made from the same bytes.

    Returns:
        The largest difference in probability.

    Raises:
        ValueError: as `read_model` and `check_golden`, or the folder holds more than
            its `zoo.json` names, or its `metrics.json` no measurement of ours.

    Example:
        >>> verify(find("ztfsims-gru-lite")) < 1e-5
        True
    """
    folder = found.folder
    refuse_unnamed(folder.manifest)
    read_metrics(folder.files[METRICS], folder.path / METRICS)
    difference = check_without_keras(found)
    if is_installed("keras"):
        model = read_model(folder, found.name)
        difference = max(difference, check_golden(model, folder))
        difference = max(difference, check_plain(folder))
    return difference


@contextmanager
def _full_precision() -> Iterator[None]:
    """Multiply matrices in float32 within the block.

    On recent GPUs, JAX and TensorFlow keep 10 bits of the mantissa (TF32) unless told
    otherwise: probabilities then differ by up to 0.003 (measured, JAX on an H200).
    """
    from zoo.classifier.installed import keras

    if keras.backend.backend() == "jax":
        import jax

        with jax.default_matmul_precision("float32"):
            yield
    elif keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        before = tf.config.experimental.tensor_float_32_execution_enabled()
        tf.config.experimental.enable_tensor_float_32_execution(False)
        try:
            yield
        finally:
            tf.config.experimental.enable_tensor_float_32_execution(before)
    else:
        yield


def load(
    name: str | PathLike[str] | Found, *, sha256: str | None = None
) -> "TransientClassifier":
    """Load a model.

    The zoo's own models must be what the zoo published. Of any other model it is
    checked that its files are whole and are those that its author pushed; whether its
    author is honest is not. Pin a model that you have come to trust with its sha256, or
    a commit of its repository: `org/name@commit`.

    Args:
        name: an id of `zoo.models()`, `org/name` of the Hugging Face Hub, or a folder,
            each with an optional `@revision`: a version, a branch or a commit. Without
            one, the highest version. Or what `zoo.hub.find.find` made of one of these.
        sha256: the one that its `zoo.json` states and `zoo-cli verify` prints; a model
            with another one is refused.

    Returns:
        A `TransientClassifier`, which is a functional `keras.Model`; not compiled.

    Raises:
        KeyError: there is no such model or revision.
        ValueError: a file of it is missing or was changed, or it is not the model of
            the sha256.
        OSError: the hub cannot be reached or refuses.

    Example:
        >>> import zoo
        >>> zoo.load("ztfsims-gru").get_layer("gru_1").units
        100
    """
    found = find(name, sha256=sha256)
    return read_model(found.folder, found.name)
