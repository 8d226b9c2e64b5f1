"""Objects of different lengths side by side, step by step, without padding."""

import numpy as np


class Steps:
    """The order in which a GRU takes the rows of some objects.

    The first rows of all objects, then the second rows of those that have one, and so
    on; the longest object comes first, so that those of a step are the first of the
    step before.

    Args:
        offsets: int64 `(n + 1,)`; object i owns the rows `offsets[i]:offsets[i + 1]`.
        objects: int64 `(b,)`, positions of those that take part, in order of falling
            length.

    Attributes:
        active: int32 `(steps,)`, number of objects that have each step.
        rows: int64 `(m,)`, the position of every row in this order.
        last: int64 `(b,)`, where the last row of each object stands in it.

    Example:
        >>> steps = Steps(np.array([0, 1, 4]), np.array([1, 0]))
        >>> steps.active.tolist(), steps.rows.tolist(), steps.last.tolist()
        ([2, 1, 1], [1, 0, 2, 3], [3, 1])
    """

    def __init__(self, offsets: np.ndarray, objects: np.ndarray):
        first = offsets[objects]
        lengths = offsets[objects + 1] - first
        step = np.arange(lengths[0])[:, None]
        there = step < lengths
        self.active = there.sum(1, dtype=np.int32)
        self.rows = (first + step)[there]
        self._starts = np.cumsum(self.active) - self.active
        self.last = self.places(lengths - 1)

    def places(self, step: np.ndarray) -> np.ndarray:
        """Where a step of each object, `(b,)` or `(b, ...)`, stands in this order."""
        objects = np.arange(len(step)).reshape(-1, *[1] * (step.ndim - 1))
        return self._starts[step] + objects

    def final(self, states: np.ndarray) -> np.ndarray:
        """Of the states after every row, those after the last row of each object."""
        # A stream has one step for most objects: nothing needs to be copied.
        return states if len(self) == 1 else states[self.last]

    def before(self) -> np.ndarray:
        """Where the row before each row from the second step on stands, int64."""
        shift = np.repeat(self.active[:-1], self.active[1:])
        return np.arange(self.active[0], len(self.rows)) - shift

    def __len__(self) -> int:
        return len(self.active)
