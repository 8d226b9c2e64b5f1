"""Arrays that grow by doubling."""

import numpy as np


def grown(
    array: np.ndarray, size: int, fill: float | np.generic | np.ndarray
) -> np.ndarray:
    """The array, or where it has fewer entries than `size` a longer, filled copy."""
    if size <= len(array):
        return array
    longer = np.full((max(size, 2 * len(array)), *array.shape[1:]), fill, array.dtype)
    longer[: len(array)] = array
    return longer
