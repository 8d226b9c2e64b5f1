"""The confusion matrix of cards and of the explore page."""

import numpy as np


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count objects by true class (rows) and predicted class (columns).

    Args:
        truth: int `(n,)`, index of the true class.
        predicted: int `(n,)`, index of the most probable class.
        classes: number of classes.

    Returns:
        int64 `(classes, classes)`.

    Example:
        >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    cells = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return cells.reshape(classes, classes)


def row_percent(counts: np.ndarray) -> np.ndarray:
    """Percent of the objects of each true class; 0 where it has none.

    Args:
        counts: `(classes, classes)`, as `confusion` returns them.

    Returns:
        float64 `(classes, classes)`.

    Example:
        >>> row_percent(np.array([[1, 3], [0, 0]])).tolist()
        [[25.0, 75.0], [0.0, 0.0]]
    """
    counts = np.asarray(counts, float)
    n = counts.sum(1, keepdims=True)
    return 100 * np.divide(counts, n, out=np.zeros_like(counts), where=n > 0)
