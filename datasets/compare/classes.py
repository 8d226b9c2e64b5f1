"""Which classes two samples share, and which of their objects are in each."""

from collections.abc import Iterable, Sequence

import numpy as np

from zoo.labels import canonical
from zoo.taxonomy import PARENT, ZTFSIMS, class_indices


def shared_classes(a: Iterable[str | None], b: Iterable[str | None]) -> tuple[str, ...]:
    """The classes to compare: labels of both, and parents that hold labels of both.

    A label that only one of the samples has goes to its parent: SNIb against SNIb/c are
    compared as SNIb/c. The order is that of `ztfsims`, then alphabetical.

    Raises:
        ValueError: they share none.

    Example:
        >>> shared_classes(["SNIa", "SNIb", "AGN"], ["SNIa", "SNIb/c", None])
        ('SNIa', 'SNIb/c')
    """
    sets = [{label for label in labels if label is not None} for labels in (a, b)]
    classes = sets[0] & sets[1]
    for label in sets[0] ^ sets[1]:
        parent = PARENT.get(label, label)
        if all(any(parent in (x, PARENT.get(x)) for x in labels) for labels in sets):
            classes.add(parent)
    if not classes:
        named = (", ".join(sorted(labels)) or "no label" for labels in sets)
        raise ValueError(
            f"the two data sets share no class: {' against '.join(named)}. Choose "
            "others."
        )
    rank = {label: i for i, label in enumerate(ZTFSIMS)}
    return tuple(sorted(classes, key=lambda x: (rank.get(x, len(rank)), x)))


def chosen_classes(names: str | Sequence[str]) -> tuple[str, ...]:
    """Turn what a user gives for classes into canonical labels.

    Raises:
        ValueError: one is unknown or empty, or listed twice.
    """
    parts = names.split(",") if isinstance(names, str) else list(names)
    classes = tuple(canonical(part) for part in parts)
    if None in classes or len(set(classes)) < len(classes):
        raise ValueError(f"classes {parts} must be labels, each listed once.")
    return tuple(str(label) for label in classes)


def members(labels: Sequence[str | None], classes: Sequence[str]) -> list[np.ndarray]:
    """Positions of the objects of each class; a finer label counts for its parent."""
    index = class_indices(labels, classes)
    return [np.flatnonzero(index == i) for i in range(len(classes))]
