"""What inference needs of a Keras model, without importing Keras."""

from typing import Any, Protocol

import numpy as np

from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import named_tensors


class KerasClassifier(Protocol):
    """What inference needs of a Keras model; every `LightCurveNetwork` has it.

    Attributes:
        preset: architecture, preprocessing and classes.
        source: `id@revision`, for messages.
        layers: the Keras layers, whose weights are read by name.
    """

    preset: Preset
    source: str

    @property
    def layers(self) -> list[Any]:
        """See the class."""

    def reference(self) -> LightCurves:
        """The light curves that travel with the model."""


def current_tensors(model: KerasClassifier) -> dict[str, np.ndarray]:
    """The weights of a Keras model as they are now, by `layer/variable`.

    Raises:
        ValueError: they are not float32, the only type that the ONNX graph holds.
    """
    variables = named_tensors(model)
    for name, variable in variables.items():
        if variable.dtype != "float32":
            raise ValueError(
                f"the weight {name} of {model.source} is {variable.dtype}, and "
                "inference needs float32. Make or load the model with the floatx and "
                "the dtype policy of Keras at float32, and do not quantize it."
            )
    return {name: variable.numpy() for name, variable in variables.items()}
