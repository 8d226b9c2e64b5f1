"""Taxonomies, and how labels and probabilities map to one.

A taxonomy is an ordered list of canonical labels (`zoo.labels`). A finer label maps up
to its coarser class, and so do probabilities, by summing.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from zoo.labels import OTHER, canonical
from zoo.spelling import did_you_mean

ZTFSIMS = tuple(
    "SNIa SNIa-91bg SNIax SNIb SNIc SNIc-BL SNII SNIIn SNIIb TDE SLSN-I AGN".split()
)
"""The 12 classes of arXiv 2502.18558, in its order."""

BTS = ("SNIa", "SNIb/c", "SNII", "SLSN-I", "TDE")
"""The five classes of the Bright Transient Survey in arXiv 2502.18558."""

TAXONOMIES = {"ztfsims": ZTFSIMS, "lsst": ZTFSIMS, "bts": BTS}
"""The taxonomies, by name."""

PARENT = {
    **dict.fromkeys(("SNIb", "SNIc", "SNIc-BL", "SNIbn", "SNIcn"), "SNIb/c"),
    **dict.fromkeys(("SNIIn", "SNIIb"), "SNII"),
    **dict.fromkeys(("SNIa-91bg", "SNIax"), "SNIa"),
}
"""The coarser class that a finer label belongs to (Ibn and Icn as in the BTS label map
of arXiv 2502.18558)."""


def place(label: str | None, classes: Sequence[str]) -> str | None:
    """Find the class that a canonical label belongs to.

    Args:
        label: a canonical label, or None for an unknown class.
        classes: the classes to choose from.

    Returns:
        The label itself where listed, else its coarser class where listed, else
        `other` where listed, else None.

    Example:
        >>> place("SNIc-BL", BTS), place("AGN", BTS), place("AGN", ("SNIa", "other"))
        ('SNIb/c', None, 'other')
    """
    if label is None or label in classes:
        return label
    if PARENT.get(label) in classes:
        return PARENT[label]
    return OTHER if OTHER in classes else None


def class_indices(labels: Iterable[str | None], classes: Sequence[str]) -> np.ndarray:
    """Number the labels by class.

    Returns:
        int64 `(n,)`: the index in `classes`, -1 where the label is unknown (None) and
        -2 where it is known but has no place among the classes.
    """
    labels = list(labels)
    codes: dict[str | None, int] = {name: i for i, name in enumerate(classes)}
    of = {label: codes.get(place(label, classes), -2) for label in set(labels)}
    of[None] = -1
    return np.array([of[label] for label in labels], dtype=np.int64)


def in_order(labels: Iterable[str]) -> list[str]:
    """Sort labels: in the order of `ztfsims`, then alphabetical."""
    rank = {label: i for i, label in enumerate(ZTFSIMS)}
    return sorted(labels, key=lambda label: (rank.get(label, len(rank)), label))


def resolve_classes(
    names: str | Sequence[str], labels: Iterable[str | None] = ()
) -> tuple[str, ...]:
    """Turn a user's choice of classes into a tuple of canonical labels.

    Args:
        names: a taxonomy (`bts`), a list of labels, one string of labels separated by
            commas, or `data` for the labels present, in the order of `ztfsims` and
            then alphabetical.
        labels: the labels present, needed for `data`.

    Raises:
        ValueError: a label is unknown or listed twice, or fewer than two are left.
    """
    if isinstance(names, str) and names in TAXONOMIES:
        return TAXONOMIES[names]
    if isinstance(names, str) and names == "data":
        present = {label for label in labels if label is not None}
        if not present:
            raise ValueError(
                "classes 'data' means the labels present, but no object has a label."
            )
        classes = in_order(present)
    else:
        parts = names.split(",") if isinstance(names, str) else list(names)
        if len(parts) == 1 and (hint := _no_taxonomy(parts[0])):
            raise ValueError(hint)
        classes = [label for label in map(canonical, parts) if label is not None]
        if len(classes) < len(parts):
            raise ValueError(
                f"classes {parts} contain an empty name. Give canonical labels."
            )
    if len(set(classes)) != len(classes):
        raise ValueError(f"classes {classes} name a class twice. List each once.")
    if len(classes) < 2:
        raise ValueError(
            f"a classifier needs at least two classes, not {classes}. "
            f"Taxonomies: {', '.join(TAXONOMIES)}."
        )
    return tuple(classes)


def _no_taxonomy(name: object) -> str:
    """Why one name, where several are needed, is none of a taxonomy; empty where it is
    a label."""
    hint = did_you_mean(name, [*TAXONOMIES, "data"])
    try:
        canonical(name)
    except ValueError:
        return (
            f"{name!r} is neither a taxonomy ({', '.join(TAXONOMIES)}) nor a known "
            f"class.{hint} Give a taxonomy, or two labels or more."
        )
    return ""


def collapse(
    probabilities: np.ndarray, classes: Sequence[str], onto: Sequence[str]
) -> np.ndarray:
    """Sum probabilities into another list of classes and renormalise.

    Args:
        probabilities: `(n, len(classes))`, rows that sum to 1.
        classes: the classes of the columns.
        onto: the classes to sum into; columns without a place there are left out.

    Returns:
        `(n, len(onto))`, rows that sum to 1. A class of `onto` that no
        class maps to has probability 0.

    Raises:
        ValueError: none of the classes has a place in `onto`.

    Example:
        >>> collapse(np.array([[0.2, 0.3, 0.5]]), ("SNIb", "SNIc", "AGN"), BTS)[0, 1]
        np.float64(1.0)
    """
    target = class_indices(classes, onto)
    kept = target >= 0
    if not kept.any():
        raise ValueError(
            f"none of the classes {list(classes)} has a place among {list(onto)}. "
            "Choose a taxonomy that shares a class with the model."
        )
    matrix = np.zeros((len(classes), len(onto)))
    matrix[np.flatnonzero(kept), target[kept]] = 1
    summed = probabilities.astype(np.float64) @ matrix
    total = summed.sum(1, keepdims=True)
    # A row whose whole probability lay in classes left out carries no information.
    reachable = matrix.any(0) / matrix.any(0).sum()
    return np.where(total == 0, reachable, summed / np.where(total == 0, 1, total))
