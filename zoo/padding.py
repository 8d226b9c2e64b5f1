"""Ragged inputs as padded arrays, with as little padding as possible."""

from typing import TypeAlias

import numpy as np

from zoo.preprocess import Inputs

Objects: TypeAlias = np.ndarray | slice
"""Some of many objects: int64 `(b,)` positions, or consecutive ones."""


def pad(inputs: Inputs, objects: np.ndarray, length: int) -> dict[str, np.ndarray]:
    """The network inputs of some objects, padded with zeros on the right.

    Args:
        inputs: ragged inputs.
        objects: int64 `(b,)`, positions among the inputs.
        length: padded number of observations, at least the longest of them.

    Returns:
        `light_curve` float32 `(b, length, features)` and, where the model has a
        metadata branch, `metadata` float32 `(b, width)`.
    """
    steps = time_major(inputs.light_curve, inputs.offsets, objects, length)
    batch = {"light_curve": np.ascontiguousarray(steps.swapaxes(0, 1))}
    if inputs.metadata.shape[1]:
        batch["metadata"] = inputs.metadata[objects]
    return batch


def time_major(
    rows: np.ndarray, offsets: np.ndarray, objects: Objects, length: int
) -> np.ndarray:
    """The rows of some objects side by side, float32 `(length, b, features)`.

    Args:
        rows: float32 `(m, features)`, those of all objects.
        offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`.
        objects: positions; a slice: objects of `length` rows each.
        length: at least the number of rows of the longest of them.
    """
    if isinstance(objects, slice):
        theirs = rows[offsets[objects.start] : offsets[objects.stop]]
        alike = theirs.reshape(-1, length, rows.shape[1])
        return np.ascontiguousarray(alike.swapaxes(0, 1))
    first = offsets[objects]
    step = np.arange(length)[:, None]
    real = step < (offsets[objects + 1] - first)
    padded = np.zeros((length, len(objects), rows.shape[1]), np.float32)
    padded[real] = rows[(first + step)[real]]
    return padded
