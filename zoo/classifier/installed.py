"""Keras, or one sentence on what to install or which setting to correct."""

import sys

from zoo.system.installed import is_installed
from zoo.system.keras_backend import chosen, settings

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
    import keras as keras
except Exception as error:  # of a broken package, or a setting that Keras refuses
    raise ImportError(
        f"Keras cannot be imported with the backend {chosen()}: {error}. Correct or "
        f"remove {settings()} if it is wrong, or install them anew: pip install "
        f"--force-reinstall keras {chosen().name}."
    ) from error
