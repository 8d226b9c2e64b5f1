"""Ragged inputs as padded arrays, with as little padding as possible."""

import numpy as np

from zoo.inputs.inputs import Inputs


def pad(
    inputs: Inputs, objects: np.ndarray, length: int, ends: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """The network inputs of some objects, padded with zeros on the right.

    Args:
        inputs: ragged inputs.
        objects: int64 `(b,)`, positions among the inputs.
        length: padded number of observations, at least the longest of them.
        ends: int64 `(b,)`, the last row of each that is used; default: all are.

    Returns:
        `light_curve` float32 `(b, length, features)` and, where the model has a
        metadata branch, `metadata` float32 `(b, width)`.
    """
    first = inputs.offsets[objects][:, None]
    step = np.arange(length)
    last = inputs.lengths[objects] - 1 if ends is None else ends
    real = step <= last[:, None]
    padded = np.zeros((len(objects), length, inputs.light_curve.shape[1]), np.float32)
    padded[real] = inputs.light_curve[(first + step)[real]]
    batch = {"light_curve": padded}
    if inputs.metadata.shape[1]:
        batch["metadata"] = inputs.metadata[objects]
    return batch


def side_by_side(
    rows: np.ndarray, offsets: np.ndarray, objects: np.ndarray, length: int
) -> np.ndarray:
    """The rows of some objects side by side, float32 `(length, b, features)`.

    Below the end of an object its last row stands again: for a network that is told the
    lengths, which never looks there.

    Args:
        rows: float32 `(m, features)`, those of all objects.
        offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`.
        objects: int64 `(b,)`, positions.
        length: number of rows of the longest of them.
    """
    step = np.arange(length)[:, None]
    return rows[np.minimum(offsets[objects] + step, offsets[objects + 1] - 1)]
