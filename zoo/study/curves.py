"""Medians over the runs of a study, and their 95 % intervals.

An interval covers other draws of runs (split, labels, initial weights) and of test
objects: runs are drawn with replacement, and for each of them one of its bootstrap
replicates over the objects. All methods share the draws, so that differences and ratios
compare the same runs and objects.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.evaluation.scores import INTERVAL

DRAWS = 1000

Value = tuple[float, float, float]
"""A number and the ends of its interval."""


@dataclass(frozen=True, eq=False)
class Curves:
    """A metric of all methods against the number of labels.

    Attributes:
        values: by method and labels, the values of the runs `(runs,)`.
        draws: by method and labels, medians of the draws `(DRAWS,)`.
    """

    values: Mapping[tuple[str, int], np.ndarray]
    draws: Mapping[tuple[str, int], np.ndarray]

    @classmethod
    def of(cls, results: Sequence[dict[str, Any]], metric: str, inputs: str):
        """Collect a metric of the trials of a study; `inputs` is `with_metadata` or
        `light_curve_alone`."""
        by_point: dict[tuple[str, int], dict[int, dict]] = {}
        for result in results:
            point = by_point.setdefault((result["method"], result["labels"]), {})
            point[result["run"]] = result[inputs]
        values, draws = {}, {}
        for key, runs in by_point.items():
            order = sorted(runs)
            values[key] = np.array([runs[run][metric] for run in order])
            replicates = np.array([runs[run]["replicates"][metric] for run in order])
            generator = np.random.default_rng(0)  # the same draws at every point
            size = (DRAWS, len(order))
            run = generator.integers(len(order), size=size)
            which = generator.integers(replicates.shape[1], size=size)
            draws[key] = np.nanmedian(replicates[run, which], axis=1)
        return cls(values, draws)

    def labels(self, method: str) -> list[int]:
        """Numbers of labels at which a method was tried, 0 included."""
        return sorted(labels for name, labels in self.values if name == method)

    def point(self, method: str, labels: int) -> Value:
        """Median and interval."""
        key = (method, labels)
        return with_interval(float(np.median(self.values[key])), self.draws[key])

    def deviation(self, method: str, labels: int) -> float:
        """Median absolute deviation of the runs, which arXiv 2502.18558 quotes."""
        values = self.values[method, labels]
        return float(np.median(np.abs(values - np.median(values))))

    def combined(self, figure: Callable[[Callable], float]) -> Value:
        """A number computed from medians, with the interval of its draws.

        Args:
            figure: computes it from a function that takes method and labels and returns
                a median.
        """
        value = figure(lambda *key: float(np.median(self.values[key])))
        drawn = [
            figure(lambda *key, i=i: float(self.draws[key][i])) for i in range(DRAWS)
        ]
        return with_interval(value, np.array(drawn))


def with_interval(value: float, draws: np.ndarray) -> Value:
    """A value and the 95 % interval of draws of it."""
    # Draws may be infinite: between them there is nothing to interpolate.
    low, high = np.nanpercentile(draws, INTERVAL, method="nearest")
    return value, float(low), float(high)
