"""Keras, or one sentence on what to install or which setting to correct.

TensorFlow writes notices to standard error, at any log level of Python, while it is
imported and at its first operation, such as that it found no GPU. They are suppressed
where this is what imports it, and unless TF_CPP_MIN_LOG_LEVEL is 0, which asks for
them; nothing is set for later.
"""

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from zoo.system.installed import is_installed
from zoo.system.keras_backend import BACKENDS, chosen, settings
from zoo.system.quiet import closed_stderr

_quiet = os.environ.get("TF_CPP_MIN_LOG_LEVEL") != "0" and not any(
    one in sys.modules for one in BACKENDS
)


def _silence() -> AbstractContextManager[None]:
    return closed_stderr() if _quiet else nullcontext()


if "keras" not in sys.modules:
    if not is_installed("keras"):
        raise ImportError(
            "this needs keras, which is not installed: pip install transient-zoo "
            "(zoo.classify and zoo.Stream do without: give them the name of a model).",
            name="keras",
        )
    backend = chosen()
    # Not left to Keras, which could not be imported again after the correction.
    if backend.remedy:
        raise ImportError(f"Keras cannot use its backend {backend}: {backend.remedy}.")

try:
    with _silence():
        import keras as keras
except Exception as error:  # of a broken package, or a setting that Keras refuses
    raise ImportError(
        f"Keras cannot be imported with the backend {chosen()}: {error}. Correct or "
        f"remove {settings()} if it is wrong, or install them anew: pip install "
        f"--force-reinstall keras {chosen().name}."
    ) from error


@cache
def start_backend() -> None:
    """Let the backend look for devices, once.

    TensorFlow does so at its first operation, and reports what it does not find.
    """
    with _silence():
        keras.ops.add(1.0, 1.0)
