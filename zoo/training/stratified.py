"""Objects drawn by seed, every class in proportion: splits and label budgets."""

from dataclasses import dataclass

import numpy as np

VALIDATION_FRACTION = 0.1
"""Of the objects to learn from; arXiv 2502.18558 and its code."""


@dataclass(frozen=True)
class Parts:
    """Positions of the objects of each part among the light curves, int64.

    Attributes:
        train: to learn from.
        validation: to decide when to stop.
        test: to measure on; empty where every object is used for training.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def stratified_split(
    classes: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hold out a fraction of the objects, every class in proportion.

    Args:
        classes: int64 `(n,)`, the class of each object.
        fraction: share to hold out; one object of each class is always kept.
        seed: same seed, same split.

    Returns:
        Positions kept and positions held out, each sorted, int64.
    """
    labels, sizes = np.unique(classes, return_counts=True)
    count = min(round(fraction * len(classes)), len(classes) - len(labels))
    held_out = _draw(classes, labels, _share(sizes, count, 0 * sizes, sizes - 1), seed)
    return np.setdiff1d(np.arange(len(classes)), held_out), held_out


def draw_labels(classes: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Draw a stratified budget of labelled objects, at least one of each class.

    Args:
        classes: int64 `(n,)`, the class of each object.
        count: number of objects to draw.
        seed: same seed, same objects.

    Returns:
        int64 `(count,)`, sorted positions.

    Raises:
        ValueError: `count` is above the number of objects or below that of classes.
    """
    labels, sizes = np.unique(classes, return_counts=True)
    if not len(labels) <= count <= len(classes):
        raise ValueError(
            f"{count} labels cannot be drawn from {len(classes)} labelled objects of "
            f"{len(labels)} classes. Choose between {len(labels)} and {len(classes)}."
        )
    share = _share(sizes, count, np.ones_like(sizes), sizes)
    return _draw(classes, labels, share, seed)


def _share(
    sizes: np.ndarray, count: int, least: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """Divide `count` in proportion to `sizes`, between bounds (largest remainder)."""
    exact = sizes * count / max(sizes.sum(), 1)
    share = np.clip(np.floor(exact).astype(np.int64), least, most)
    while share.sum() != count:
        step = 1 if share.sum() < count else -1
        room = share < most if step > 0 else share > least
        share[np.argmax(np.where(room, step * (exact - share), -np.inf))] += step
    return share


def _draw(
    classes: np.ndarray, labels: np.ndarray, share: np.ndarray, seed: int
) -> np.ndarray:
    generator = np.random.default_rng(seed)
    drawn = [
        generator.permutation(np.flatnonzero(classes == label))[:number]
        for label, number in zip(labels, share, strict=True)
    ]
    return np.sort(np.concatenate([np.array([], np.int64), *drawn]))
