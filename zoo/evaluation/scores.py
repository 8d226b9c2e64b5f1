"""Metrics of class probabilities, with bootstrap intervals.

Every metric is computed from object weights, so that one vectorised pass gives the
value (all weights 1) and a thousand bootstrap replicates (multinomial weights). The
tests compare them with scikit-learn.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from zoo.evaluation.auroc import auroc, average_precision
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
        `log_loss`, `ece`, `per_class` (`n`, `auroc`, `average_precision`, `precision`,
        `recall`, `f1` and `intervals` by class) and `intervals` (95 % bootstrap over
        objects, by metric). Macro figures average over the classes that occur; a figure
        that is not defined is None.

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
    drawn, of_class = bootstrap(probabilities, truth, seed=seed, replicates=replicates)
    return {
        **{name: finite_or_none(values[0]) for name, values in point.items()},
        "per_class": {
            name: {
                "n": int((truth == i).sum()),
                **{
                    key: finite_or_none(values[0, i])
                    for key, values in per_class.items()
                },
                "intervals": {
                    key: interval(values[:, i]) for key, values in of_class.items()
                },
            }
            for i, name in enumerate(classes)
        },
        "intervals": {name: interval(values) for name, values in drawn.items()},
    }


def interval(drawn: np.ndarray) -> list[float | None]:
    """The 95 % interval of a metric from its replicates; of None without any.

    Example:
        >>> interval(np.arange(201.0)), interval(np.array([np.nan]))
        ([5.0, 195.0], [None, None])
    """
    defined = drawn[np.isfinite(drawn)]
    if not len(defined):
        return [None, None]
    low, high = np.percentile(defined, INTERVAL)
    return [float(low), float(high)]


def bootstrap(
    probabilities: np.ndarray,
    truth: np.ndarray,
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Every metric of `score` on objects drawn with replacement, see `draws`.

    Args:
        probabilities: `(n, classes)`, rows that sum to 1.
        truth: int `(n,)`, index of the true class.
        seed: seed of the draws.
        replicates: number of draws.

    Returns:
        By metric, float64 `(replicates,)`, and of each class `(replicates, classes)`,
        as `weighted_metrics` gives them.

    Example:
        >>> certain = np.array([[0.9, 0.1], [0.2, 0.8]])
        >>> bootstrap(certain, np.array([0, 1]), replicates=3)[0]["accuracy"]
        array([1., 1., 1.])
    """
    probabilities = np.asarray(probabilities, np.float64)
    blocks = [
        weighted_metrics(probabilities, truth, weights)
        for weights in draws(
            len(truth), seed, replicates=replicates, columns=probabilities.shape[1]
        )
    ]
    overall, per_class = zip(*blocks, strict=True)
    return _joined(overall), _joined(per_class)


def draws(
    objects: int, seed: int = 0, *, replicates: int = REPLICATES, columns: int = 1
) -> Iterator[np.ndarray]:
    """Weights of objects drawn with replacement, int64 `(b, objects)`, block by block.

    They depend on the number of objects and the seed alone, so that two models can be
    compared replicate by replicate.

    Args:
        objects: number of objects.
        seed: seed of the draws.
        replicates: number of draws, in all blocks together.
        columns: numbers per object that are weighted at a time; decides the size of a
            block.

    Example:
        >>> [weights.sum() for weights in draws(5, replicates=1)]
        [np.int64(5)]
    """
    generator = np.random.default_rng(seed)
    done = 0
    while done < replicates:
        block = min(replicates - done, max(1, _BLOCK // (objects * columns)))
        yield generator.multinomial(objects, np.full(objects, 1 / objects), size=block)
        done += block


def _joined(blocks: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
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
        By metric, float64 `(b,)`; and `auroc`, `average_precision`, `precision`,
        `recall` and `f1` of each class, float64 `(b, c)`. NaN where a metric is not
        defined.

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
    areas, precisions = (
        np.stack(
            [of(probabilities[:, i], truth == i, weights) for i in range(c)], axis=1
        )
        for of in (auroc, average_precision)
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
    return metrics, {
        "auroc": areas,
        "average_precision": precisions,
        "precision": precision,
        "recall": recall,
        "f1": f1,
    }


def _divide(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def _mean(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    return _divide(np.where(where, values, 0.0).sum(1), where.sum(1))


def finite_or_none(value: float) -> float | None:
    """A metric as JSON holds it: None where it is not defined.

    Example:
        >>> finite_or_none(np.nan), finite_or_none(0.5)
        (None, 0.5)
    """
    return float(value) if np.isfinite(value) else None
