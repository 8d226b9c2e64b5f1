"""Products in full float32, where a backend would round more coarsely on a GPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def full_precision() -> Iterator[None]:
    """Multiply matrices in float32 within the block.

    On recent GPUs, JAX and TensorFlow keep 10 bits of the mantissa (TF32) unless told
    otherwise: probabilities then differ by up to 0.003 (measured, JAX on an H200).
    """
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
