"""Network inputs in memory: ragged arrays."""

from dataclasses import dataclass, replace

import numpy as np

from zoo.light_curves.ragged import ragged_rows


@dataclass(frozen=True, eq=False)
class Inputs:
    """Network inputs of the `k` objects, out of `n`, that have a trigger.

    Attributes:
        light_curve: float32 `(m, features)`, the rows of all objects.
        offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`.
        trigger: int64 `(k,)`, which of an object's rows is the trigger, counted from 0.
        metadata: float32 `(k, width)`, the columns of `Preprocessing.metadata`; width 0
            without a metadata branch.
        index: int64 `(k,)`, position of each object among the light curves.
        reason: object `(n,)`, why an object has no inputs, or an empty string.
    """

    light_curve: np.ndarray
    offsets: np.ndarray
    trigger: np.ndarray
    metadata: np.ndarray
    index: np.ndarray
    reason: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    @property
    def lengths(self) -> np.ndarray:
        """Number of rows of each object, int64 `(k,)`."""
        return self.offsets[1:] - self.offsets[:-1]

    @property
    def row(self) -> np.ndarray:
        """Which of its object's rows each row is, counted from 0, int64 `(m,)`."""
        first = np.repeat(self.offsets[:-1], self.lengths)
        return np.arange(len(self.light_curve)) - first

    def take(self, objects: np.ndarray) -> "Inputs":
        """Inputs of some of the objects, by position among the `k`."""
        rows, offsets = ragged_rows(self.offsets, objects)
        return Inputs(
            light_curve=self.light_curve[rows],
            offsets=offsets,
            trigger=self.trigger[objects],
            metadata=self.metadata[objects],
            index=self.index[objects],
            reason=self.reason,
        )

    def with_rows(self, kept: np.ndarray) -> "Inputs":
        """Inputs with some of the rows, bool `(m,)`; every trigger must be kept."""
        before = np.concatenate([[0], np.cumsum(kept)])  # kept rows before each row
        offsets = before[self.offsets]
        return replace(
            self,
            light_curve=self.light_curve[kept],
            offsets=offsets,
            trigger=before[self.offsets[:-1] + self.trigger] - offsets[:-1],
        )

    def up_to(self, ends: np.ndarray) -> "Inputs":
        """Inputs of the same objects as they were after some row of each, int64 `(k,)`,
        counted from 0 and not before the trigger."""
        return self.with_rows(self.row <= np.repeat(ends, self.lengths))
