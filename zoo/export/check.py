"""Whether an exported model agrees with Keras on the golden light curves."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from zoo.classifier.network import LightCurveNetwork

Run: TypeAlias = Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]
"""Runs an exported model: from `light_curve` and `metadata` to `probabilities` and
`latent`."""

TOLERANCE = 1e-5
"""In probability, and of the latent layer in units of its largest value."""

_REMEDY = "This is probably a bug in the installed exporter: try another version of it."
_ALONE = 4  # light curves that also run one by one, without padding
_MORE = 3  # rows of padding beyond the longest light curve


def check(run: Run, model: "LightCurveNetwork", format: str) -> tuple[float, int]:
    """Compare an exported model, `run`, with the model in Keras.

    Returns:
        The largest difference in probability, and the number of light curves.

    Raises:
        ValueError: they differ, or a NaN among the inputs does not give NaN.
    """
    from zoo.inputs.padding import pad
    from zoo.inputs.preprocess import to_inputs

    inputs = to_inputs(model.reference(), model.preset.preprocessing)
    if not len(inputs):
        raise ValueError(f"{model.source} has no golden values to check {format} with.")
    everything, longest = np.arange(len(inputs)), int(inputs.lengths.max())
    expected = _in_keras(model, pad(inputs, everything, longest))
    padded = pad(inputs, everything, longest + _MORE)
    runs = [(everything, run(padded))]
    for one in everything[:_ALONE, None]:
        runs.append((one, run(pad(inputs, one, int(inputs.lengths[one[0]])))))
    worst = {
        name: max(_difference(outputs[name], whole[who]) for who, outputs in runs)
        for name, whole in expected.items()
    }
    worst["latent"] /= max(1.0, float(np.abs(expected["latent"]).max()))
    if not max(worst.values()) <= TOLERANCE:
        raise ValueError(
            f"{model.source} as {format} disagrees with Keras (by "
            f"{worst['probabilities']:.2g} in probability), so nothing was written. "
            f"{_REMEDY}"
        )
    padded["light_curve"][0, 0, -1] = np.nan
    probabilities = run(padded)["probabilities"]
    if not np.isnan(probabilities[0]).all() or np.isnan(probabilities[1:]).any():
        raise ValueError(
            f"{model.source} as {format} does not give NaN for a NaN among its inputs, "
            f"so nothing was written. {_REMEDY}"
        )
    return worst["probabilities"], len(inputs)


def _in_keras(
    model: "LightCurveNetwork", batch: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    from zoo.classifier.installed import keras

    outputs = {
        "probabilities": model.output,
        "latent": model.get_layer("latent").output,
    }
    values = keras.Model(model.input, outputs)(batch, training=False)
    return {name: keras.ops.convert_to_numpy(value) for name, value in values.items()}


def _difference(values: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference; NaN counts as infinite."""
    return float(np.nan_to_num(np.abs(values - expected), nan=np.inf).max())
