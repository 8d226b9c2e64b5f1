"""The confusion matrix, of cards and of the explore page."""

import numpy as np


def confusion(truth: np.ndarray, called: np.ndarray, classes: int) -> np.ndarray:
    """Count objects by true class, a row each, and the class they are called.

    Args:
        truth: int `(n,)`, index of the true class.
        called: int `(n,)`, index of the most probable class.
        classes: how many there are.

    Returns:
        int64 `(classes, classes)`.

    Example:
        >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    cells = np.bincount(truth * classes + called, minlength=classes * classes)
    return cells.reshape(classes, classes)


def row_percent(counts: np.ndarray) -> np.ndarray:
    """Percent of each true class; 0 where it has no object.

    Example:
        >>> row_percent(np.array([[1, 3], [0, 0]])).tolist()
        [[25.0, 75.0], [0.0, 0.0]]
    """
    counts = np.asarray(counts, float)
    n = counts.sum(1, keepdims=True)
    return 100 * np.divide(counts, n, out=np.zeros_like(counts), where=n > 0)
