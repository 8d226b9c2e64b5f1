"""Whether a network reproduces the golden values that travel with it."""

from collections.abc import Callable

import numpy as np

from zoo.hub.find import Found
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import preprocess
from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.golden import golden_values
from zoo.model_folder.keras_config import check_config
from zoo.model_folder.tensors import read_tensors

# Between backends and machines, float32 sums differ in their last digits: all five
# bundled models stay within 2e-6 in probability on TensorFlow, JAX and ONNX Runtime.
GOLDEN_RTOL, GOLDEN_ATOL = 1e-3, 1e-4


def golden_difference(
    folder: ModelFolder, *networks: Callable[[Inputs], np.ndarray]
) -> float:
    """Compare networks with the golden values of a folder.

    Args:
        folder: a model folder.
        networks: each gives the probabilities, float32 `(k, classes)`, for inputs.

    Returns:
        The largest difference in probability.

    Raises:
        ValueError: it is larger than rounding can explain.
    """
    light_curves, expected = golden_values(folder)
    inputs = preprocess(light_curves, folder.preset.preprocessing)
    if len(inputs) != len(expected):
        raise ValueError(
            f"{folder.path}: golden.npz has probabilities of {len(expected)} objects, "
            f"and light curves of {len(inputs)} that can be classified. Fetch it again."
        )
    difference = 0.0
    for network in networks:
        predicted = network(inputs)
        difference = max(difference, float(np.abs(predicted - expected).max()))
        if not np.allclose(predicted, expected, rtol=GOLDEN_RTOL, atol=GOLDEN_ATOL):
            raise ValueError(
                f"{folder.path}: the model does not reproduce its golden values (off "
                f"by {difference:.2g}). Fetch it again, or install the versions of "
                "Keras and numpy that its zoo.json names."
            )
    return difference


def check_without_keras(found: Found) -> float:
    """Check all of a model that can be checked where Keras is not installed.

    Returns:
        The largest difference from the golden values, in probability.

    Raises:
        ValueError: as `golden_difference`, or the Keras config or the tensors are not
            those of a model of ours.
    """
    check_config(found.folder)
    read_tensors(found.folder)
    runtime = Runtime.load(found)
    return golden_difference(
        found.folder, lambda inputs: runtime.run(inputs, "probabilities")[0]
    )
