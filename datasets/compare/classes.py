"""Which classes two samples share, and which of their objects are in each."""

from collections.abc import Iterable, Sequence

import numpy as np

from zoo.datasets.simulator.populations import populations
from zoo.labels import canonical
from zoo.taxonomy import PARENT, class_indices, in_order


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
    return tuple(in_order(classes))


def chosen_classes(names: str | Sequence[str]) -> tuple[str, ...]:
    """Turn the classes that a user lists into canonical labels.

    Raises:
        ValueError: one is unknown or empty, or listed twice.
    """
    parts = names.split(",") if isinstance(names, str) else list(names)
    classes = tuple(canonical(part) for part in parts)
    if None in classes or len(set(classes)) < len(classes):
        raise ValueError(f"classes {parts} must be labels, each listed once.")
    return tuple(str(label) for label in classes)


def members(
    labels: Sequence[str | None], classes: Sequence[str], *, simulated: bool = False
) -> list[np.ndarray]:
    """Positions of the objects of each class; a finer label counts for its parent.

    Args:
        labels: canonical labels.
        classes: the classes.
        simulated: the mix of the labels is one for training, with more of the rare
            ones than in the sky. Then finer labels are thinned to their shares in the
            Bright Transient Survey: of the SNe Ia of `ztfsims`, one in nine is a
            SNIa-91bg or SNIax, of those of the survey one in a hundred.
    """
    index = class_indices(labels, classes)
    positions = [np.flatnonzero(index == i) for i in range(len(classes))]
    if not simulated:
        return positions
    finer = np.array(labels, dtype=object)
    return [some[_thinned(finer[some])] for some in positions]


def _thinned(labels: np.ndarray) -> np.ndarray:
    """Positions kept `(k,)`, the first ones of each label, in order."""
    known = populations()
    names, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    shares = [max(known[x].bts_count, 1) if x in known else 1 for x in names]
    scale = np.min(counts / shares, initial=np.inf)
    kept = [
        np.flatnonzero(codes == code)[: max(round(scale * share), 1)]
        for code, share in enumerate(shares)
    ]
    return np.sort(np.concatenate(kept)) if kept else np.zeros(0, dtype=int)
