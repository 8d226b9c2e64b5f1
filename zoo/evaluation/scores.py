"""Metrics of class probabilities, with bootstrap intervals.

Every metric is computed from object weights, so that one vectorised pass gives the
value (all weights 1) and a thousand bootstrap replicates (multinomial weights). The
tests compare them with scikit-learn.
"""

from collections.abc import Sequence

import numpy as np

from zoo.evaluation.auroc import auroc
from zoo.evaluation.reliability import ece

HEADLINES = ("macro_auroc", "macro_f1", "balanced_accuracy")
"""Keys of the metrics that models are compared by: averages over the classes, so that a
common class does not hide a rare one."""

REPLICATES = 1000
INTERVAL = (2.5, 97.5)
"""Percentiles of the 95 % interval."""

_BLOCK = 20_000_000  # weights held at a time: 160 MB
_FLOOR = 1e-15  # scikit-learn clips probabilities near here in its log loss


def score(
    probabilities: np.ndarray,
    truth: np.ndarray,
    classes: Sequence[str],
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> dict:
    """Score class probabilities against the truth.

    Args:
        probabilities: `(n, len(classes))`, rows that sum to 1.
        truth: int `(n,)`, index of the true class.
        classes: names of the columns.
        seed: seed of the bootstrap.
        replicates: number of bootstrap replicates.

    Returns:
        `accuracy`, `balanced_accuracy`, `macro_f1`, `macro_auroc`, `micro_auroc`,
        `log_loss`, `ece`, `per_class` (`n`, `auroc`, `precision`, `recall`, `f1` by
        class) and `intervals` (95 % bootstrap over objects, by metric). Macro figures
        average over the classes that occur; a figure that is not defined is None.

    Raises:
        ValueError: there is no object.

    Example:
        >>> certain = np.array([[0.9, 0.1], [0.2, 0.8]])
        >>> score(certain, np.array([0, 1]), ("SNIa", "TDE"))["macro_auroc"]
        1.0
    """
    if not len(truth):
        raise ValueError("there is no object to score. Give labelled light curves.")
    probabilities = np.asarray(probabilities, np.float64)
    point, per_class = weighted_metrics(probabilities, truth, np.ones((1, len(truth))))
    intervals = {}
    drawn = bootstrap(probabilities, truth, seed=seed, replicates=replicates)
    for name, values in drawn.items():
        low, high = (
            np.nanpercentile(values, INTERVAL)
            if np.isfinite(values).any()
            else (np.nan, np.nan)
        )
        intervals[name] = [_number(low), _number(high)]
    return {
        **{name: _number(values[0]) for name, values in point.items()},
        "per_class": {
            name: {
                "n": int((truth == i).sum()),
                **{key: _number(values[0, i]) for key, values in per_class.items()},
            }
            for i, name in enumerate(classes)
        },
        "intervals": intervals,
    }


def bootstrap(
    probabilities: np.ndarray,
    truth: np.ndarray,
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> dict[str, np.ndarray]:
    """Every metric of `score` on objects drawn with replacement.

    Which objects are drawn depends on their number and the seed alone, so that two
    models can be compared replicate by replicate.

    Args:
        probabilities: `(n, classes)`, rows that sum to 1.
        truth: int `(n,)`, index of the true class.
        seed: seed of the draws.
        replicates: number of draws.

    Returns:
        By metric, float64 `(replicates,)`.

    Example:
        >>> certain = np.array([[0.9, 0.1], [0.2, 0.8]])
        >>> bootstrap(certain, np.array([0, 1]), replicates=3)["accuracy"]
        array([1., 1., 1.])
    """
    probabilities = np.asarray(probabilities, np.float64)
    generator = np.random.default_rng(seed)
    blocks = []
    done = 0
    while done < replicates:
        block = min(replicates - done, max(1, _BLOCK // probabilities.size))
        weights = generator.multinomial(
            len(truth), np.full(len(truth), 1 / len(truth)), size=block
        )
        blocks.append(weighted_metrics(probabilities, truth, weights)[0])
        done += block
    return {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}


def weighted_metrics(
    probabilities: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Every metric of weighted objects; a weight counts copies of an object.

    Args:
        probabilities: float64 `(n, c)`, rows that sum to 1.
        truth: int `(n,)`, index of the true class.
        weights: `(b, n)`, one row for each set of weights.

    Returns:
        By metric, float64 `(b,)`; and `auroc`, `precision`, `recall` and `f1` of each
        class, float64 `(b, c)`. NaN where a metric is not defined.

    Example:
        >>> certain = np.array([[0.9, 0.1], [0.2, 0.8]])
        >>> metrics, _ = weighted_metrics(certain, np.zeros(2, int), np.array([[3, 1]]))
        >>> metrics["accuracy"]
        array([0.75])
    """
    n, c = probabilities.shape
    weights = weights.astype(np.float64)
    predicted = probabilities.argmax(1)
    cells = np.zeros((n, c * c))
    cells[np.arange(n), truth * c + predicted] = 1
    confusion = (weights @ cells).reshape(-1, c, c)
    right = np.einsum("bii->bi", confusion)
    support, assigned = confusion.sum(2), confusion.sum(1)
    present = support > 0
    recall = _divide(right, support)
    # A class that is never predicted has precision 0, as in scikit-learn.
    precision = np.where(assigned > 0, _divide(right, assigned), 0.0)
    f1 = _divide(2 * right, support + assigned)
    areas = np.stack(
        [auroc(probabilities[:, i], truth == i, weights) for i in range(c)], axis=1
    )
    one_hot = np.eye(c)[truth].astype(bool)
    total = weights.sum(1)
    own = np.clip(probabilities[np.arange(n), truth], _FLOOR, 1)
    metrics = {
        "accuracy": right.sum(1) / total,
        "balanced_accuracy": _mean(recall, present),
        "macro_f1": _mean(np.where(present, f1, 0.0), present),
        "macro_auroc": _mean(areas, np.isfinite(areas)),
        "micro_auroc": auroc(probabilities, one_hot, weights),
        "log_loss": weights @ -np.log(own) / total,
        "ece": ece(probabilities.max(1), predicted == truth, weights),
    }
    per_class = {"auroc": areas, "precision": precision, "recall": recall, "f1": f1}
    return metrics, per_class


def _divide(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def _mean(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    return _divide(np.where(where, values, 0.0).sum(1), where.sum(1))


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
