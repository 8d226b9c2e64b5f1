"""Whether the probabilities of a model can be trusted: reliability bins and ECE."""

from typing import Any

import numpy as np

BINS = 15
"""Bins of equal width of the top probability (Guo et al. 2017, arXiv 1706.04599)."""

_DIGITS = 4


def ece(confidence: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The expected calibration error.

    Args:
        confidence: `(n,)`, the top probability of each object.
        right: bool `(n,)`, whether its class is the true one.
        weights: float `(b, n)`, of the objects.

    Returns:
        float64 `(b,)`.

    Example:
        >>> ece(np.array([0.75, 0.75]), np.array([True, False]), np.ones((1, 2)))
        array([0.25])
    """
    members = np.eye(BINS)[_bins(confidence)] * (right - confidence)[:, None]
    return np.abs(weights @ members).sum(1) / weights.sum(1)


def reliability(confidence: np.ndarray, right: np.ndarray) -> list[dict[str, Any]]:
    """Number of objects `n`, mean `confidence` and `accuracy` of each bin.

    Args:
        confidence: `(n,)`, the top probability of each object.
        right: bool `(n,)`, whether its class is the true one.

    Example:
        >>> reliability(np.array([0.75, 0.75]), np.array([True, False]))[11]
        {'n': 2, 'confidence': 0.75, 'accuracy': 0.5}
    """
    bins = _bins(confidence)
    members = [np.flatnonzero(bins == number) for number in range(BINS)]
    return [
        {
            "n": len(own),
            "confidence": _mean(confidence[own]),
            "accuracy": _mean(right[own]),
        }
        for own in members
    ]


def _bins(confidence: np.ndarray) -> np.ndarray:
    return np.minimum((confidence * BINS).astype(int), BINS - 1)


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), _DIGITS) if len(values) else None
