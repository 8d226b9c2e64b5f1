"""Smooth curves through noisy light curves, many at a time.

A Gaussian process per object and passband: it follows dense points, averages noisy
ones, and its error is large where nothing is known.
"""

import numpy as np

SCALE = 20.0
"""Days over which the flux is correlated; about that of Boone 2019, AJ 158 257."""

FLOOR = 0.01
"""Error added to every night, as a fraction of the peak flux: for the calibration, and
to keep the matrices well conditioned."""

_EMPTY = 1e6  # error of a padding night: it has no weight


def smooth(
    days: np.ndarray, flux: np.ndarray, error: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate the smooth curves.

    Args:
        days: `(n, m)`, times of the nights; NaN where an object has fewer than `m`.
        flux: `(n, m)`, in units of about the peak flux of each object.
        error: `(n, m)`, same unit.
        at: `(q,)`, days.

    Returns:
        The curve and its error, `(n, q)`, in the unit of the flux. Far from any point
        they are 0 and 1.
    """
    empty = np.isnan(days)
    days, flux = np.where(empty, 0.0, days), np.where(empty, 0.0, flux)
    variance = np.where(empty, _EMPTY**2, error**2 + FLOOR**2)
    covariance = _kernel(days[:, :, None] - days[:, None, :])
    index = np.arange(days.shape[1])
    covariance[:, index, index] += variance
    towards = _kernel(days[:, :, None] - at)
    solved = np.linalg.solve(
        covariance, np.concatenate([flux[:, :, None], towards], axis=2)
    )
    mean = np.einsum("nmq,nm->nq", towards, solved[:, :, 0])
    explained = np.einsum("nmq,nmq->nq", towards, solved[:, :, 1:])
    return mean, np.sqrt(np.clip(1 - explained, 0, None))


def _kernel(days: np.ndarray) -> np.ndarray:
    """Matern 5/2: twice differentiable, as the light of an expanding photosphere."""
    x = np.sqrt(5) / SCALE * np.abs(days)
    return (1 + x + x * x / 3) * np.exp(-x)
