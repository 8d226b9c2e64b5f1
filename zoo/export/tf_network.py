"""The network in plain TensorFlow, for SavedModel and LiteRT.

Keras' own GRU keeps its steps in a list of tensors, for which LiteRT has no operator
(the file converts, but cannot run without TensorFlow). Here one loop carries only the
states of both GRUs.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from zoo.inputs.features import WIDTH
from zoo.model_folder.preset import Preset


def tf_network(preset: Preset, tensors: Mapping[str, np.ndarray]) -> Any:
    """A tf.Module whose `serve` is the network, of any batch size and length.

    The tensors have the names of `zoo.model_folder.tensors.tensor_shapes`.
    """
    tf: Any = import_module("tensorflow")  # its type hints are those of TensorFlow 1
    module = tf.Module(name="zoo")
    module.weights = {
        name.replace("/", "_"): tf.Variable(values, trainable=False, name=name)
        for name, values in tensors.items()
    }
    sizes, features = preset.architecture, WIDTH[preset.preprocessing.features]
    metadata_width = len(preset.preprocessing.metadata)

    def weight(name: str):
        return module.weights[name.replace("/", "_")]

    def gru(name: str, x, state):
        bias = weight(f"{name}/bias")
        x = tf.split(x @ weight(f"{name}/kernel") + bias[0], 3, axis=1)
        h = tf.split(state @ weight(f"{name}/recurrent_kernel") + bias[1], 3, axis=1)
        update, reset = tf.sigmoid(x[0] + h[0]), tf.sigmoid(x[1] + h[1])
        return update * state + (1 - update) * tf.tanh(x[2] + reset * h[2])

    def dense(name: str, x):
        return x @ weight(f"{name}/kernel") + weight(f"{name}/bias")

    def not_finite(x, axes: list[int]):
        # A TensorFlow graph may lose a NaN, and comparisons do not find it: `not x < y`
        # is rewritten to `x >= y` (2.21, measured).
        return tf.reduce_any(~tf.math.is_finite(x), axis=axes)

    def network(light_curve, metadata=None):
        rows = tf.transpose(light_curve, [1, 0, 2])
        steps, batch = tf.shape(rows)[0], tf.shape(rows)[1]

        def step(at, first, second):
            row = tf.gather(rows, at)
            real = tf.reduce_any(tf.not_equal(row, 0.0), axis=1, keepdims=True)
            new_first = gru("gru_1", row, first)
            new_second = gru("gru_2", new_first, second)
            return (
                at + 1,
                tf.where(real, new_first, first),
                tf.where(real, new_second, second),
            )

        states = [tf.zeros((batch, units)) for units in (sizes.gru_1, sizes.gru_2)]
        *_, x = tf.while_loop(
            lambda at, *states: at < steps,
            step,
            (0, *states),
            shape_invariants=(
                tf.TensorShape([]),
                tf.TensorShape([None, sizes.gru_1]),
                tf.TensorShape([None, sizes.gru_2]),
            ),
        )
        x = tf.tanh(dense("light_curve_dense", x))
        if metadata is not None:
            x = tf.concat([x, dense("metadata_dense", metadata)], axis=1)
        x = tf.nn.relu(dense("merge_dense", x))
        latent = tf.nn.relu(dense("latent", x))
        outputs = {
            "probabilities": tf.nn.softmax(dense("head", latent)),
            "latent": latent,
        }
        spoilt = not_finite(light_curve, [1, 2])
        if metadata is not None:
            spoilt |= not_finite(metadata, [1])
        nan = tf.constant(np.nan, tf.float32)
        return {n: tf.where(spoilt[:, None], nan, x) for n, x in outputs.items()}

    signature = [
        tf.TensorSpec((None, None, features), tf.float32, "light_curve"),
        tf.TensorSpec((None, metadata_width), tf.float32, "metadata"),
    ]
    if not metadata_width:
        signature.pop()
    module.serve = tf.function(network, input_signature=signature)
    return module
