"""Classifier two-sample test: how well a classifier can separate two samples.

An area under the ROC curve of 0.5 means that it cannot (Lopez-Paz & Oquab 2017,
arXiv 1610.06545). Two real samples of one class do not reach it either: compare with
their value.
"""

import numpy as np
import pandas as pd

from zoo.datasets.compare.quantities import SHAPE

BIN = 0.25
"""Width of the bins in peak magnitude within which the samples have equal numbers."""

MATCHINGS = 5
"""Number of random matchings with which the test is repeated; the median counts."""

FOLDS = 5
LEAF = 10
"""Minimum number of objects in a leaf of a tree."""

FEWEST = 40
"""Minimum number of objects in each sample after matching: with fewer, the interval
would be wider than 0.25."""

Z_95 = 1.96


def two_sample(a: pd.DataFrame, b: pd.DataFrame, *, seed: int = 0) -> dict:
    """Separate two samples by the shape of their light curves.

    Args:
        a: one row per object, with `peak_mag` and the columns `SHAPE`.
        b: the other sample.
        seed: of matching, folds and trees.

    Returns:
        `complete`, on objects with every feature, and `with_missing`, where a feature
        may be missing and the classifier sees that it is: each with `n` a side, `auc`
        and its 95 % `interval`, which are None where there are too few.
    """
    a, b = (x[x["peak_mag"].notna()] for x in (a, b))
    whole_a, whole_b = (x[x[list(SHAPE)].notna().all(axis=1)] for x in (a, b))
    return {
        "complete": _test(whole_a, whole_b, seed),
        "with_missing": _test(a, b, seed),
    }


def match(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> tuple:
    """Draw as many of `a` as of `b` in each bin of magnitude, without repetition.

    Args:
        a: magnitudes `(n_a,)`.
        b: magnitudes `(n_b,)`.
        rng: where the randomness comes from.

    Returns:
        Indices of those drawn, int `(k,)` each.
    """
    drawn: tuple[list, list] = ([], [])
    bins = [np.floor(x / BIN) for x in (a, b)]
    for value in np.intersect1d(bins[0], bins[1]):
        members = [np.flatnonzero(x == value) for x in bins]
        number = min(map(len, members))
        for chosen, some in zip(drawn, members, strict=True):
            chosen.append(rng.choice(some, number, replace=False))
    empty = np.zeros(0, dtype=int)
    return tuple(np.concatenate([empty, *chosen]) for chosen in drawn)


def _test(a: pd.DataFrame, b: pd.DataFrame, seed: int) -> dict:
    areas = []
    n = 0
    for repeat in range(MATCHINGS):
        rng = np.random.default_rng([seed, repeat])
        chosen = match(a["peak_mag"].to_numpy(), b["peak_mag"].to_numpy(), rng)
        n = len(chosen[0])  # the same in every repeat
        if n < FEWEST:
            return {"n": n, "auc": None, "interval": None}
        features = [
            x[list(SHAPE)].to_numpy(float)[i]
            for x, i in zip((a, b), chosen, strict=True)
        ]
        areas.append(_auc(np.concatenate(features), np.repeat([0, 1], n), repeat))
    auc = float(np.median(areas))
    error = _auc_error(auc, n)
    interval = [max(auc - Z_95 * error, 0.0), min(auc + Z_95 * error, 1.0)]
    return {"n": n, "auc": auc, "interval": interval}


def _auc(features: np.ndarray, side: np.ndarray, seed: int) -> float:
    """Mean over the folds: scores of different classifiers are not compared.

    Equal rows share a fold: an object that is in both samples is no evidence, but
    one copy of it in the training part would give the other away.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
    from threadpoolctl import threadpool_limits  # scikit-learn requires it

    trees = HistGradientBoostingClassifier(
        max_iter=60,
        learning_rate=0.1,
        max_leaf_nodes=6,
        min_samples_leaf=LEAF,
        l2_regularization=1.0,
        random_state=seed,
    )
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    rows = pd.DataFrame(features)
    equal = rows.groupby(list(rows), dropna=False).ngroup().to_numpy()
    # Rows without any feature are not one object.
    nothing = rows.isna().all(axis=1)
    equal = np.where(nothing, len(rows) + np.arange(len(rows)), equal)
    # No tree splits by a feature that fewer objects have, and one that is empty in a
    # training part is refused.
    features = features[:, np.isfinite(features).sum(axis=0) >= LEAF]
    if not features.shape[1]:
        return 0.5
    # The trees are so small that threads only wait for each other: on two cores they
    # take three times the processor time, and give the same scores to the bit.
    with threadpool_limits(1, "openmp"):
        scores = cross_val_score(
            trees, features, side, groups=equal, cv=folds, scoring="roc_auc"
        )
    return float(scores.mean())


def _auc_error(auc: float, n: int) -> float:
    """Error for `n` objects a side (Hanley & McNeil 1982, Radiology 143 29)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (n - 1) * (q1 - auc**2) + (n - 1) * (q2 - auc**2)
    return float(np.sqrt(variance) / n)
