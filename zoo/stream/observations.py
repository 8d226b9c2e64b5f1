"""Observations in columns, those of an object one after the other."""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, eq=False)
class Observations:
    """Observations in columns, all `(m,)`: see `zoo.LightCurves`."""

    mjd: np.ndarray
    flux: np.ndarray
    flux_err: np.ndarray
    band: np.ndarray
    detected: np.ndarray

    def take(self, rows: np.ndarray) -> "Observations":
        """Pick rows by position, in the order given."""
        return Observations(*(getattr(self, f.name)[rows] for f in fields(self)))

    def __add__(self, other: "Observations") -> "Observations":
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Observations(*map(np.concatenate, pairs))


def runs(of_row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs of rows of one object.

    Args:
        of_row: int64 `(m,)`, the object of each row; rows of an object are adjacent.

    Returns:
        int64: the run of each row `(m,)`, and of each run its object `(k,)` and the
        row after its last `(k,)`.

    Example:
        >>> [array.tolist() for array in runs(np.array([7, 7, 4]))]
        [[0, 0, 1], [7, 4], [2, 3]]
    """
    changes = of_row[1:] != of_row[:-1]
    run = np.concatenate([np.zeros(min(1, len(of_row)), np.int64), np.cumsum(changes)])
    ends = np.append(np.flatnonzero(changes) + 1, len(of_row))[: len(of_row)]
    return run, of_row[ends - 1], ends


def grown(
    array: np.ndarray, size: int, fill: float | np.generic | np.ndarray
) -> np.ndarray:
    """The array, or where it has fewer entries than `size` a longer, filled copy."""
    if size <= len(array):
        return array
    longer = np.full((max(size, 2 * len(array)), *array.shape[1:]), fill, array.dtype)
    longer[: len(array)] = array
    return longer
