"""The metrics of a measurement, and what it has too few of to be trusted."""

from collections.abc import Mapping
from typing import Any

METRIC_NAMES = {
    "macro_auroc": "macro AUROC",
    "macro_f1": "macro F1",
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "micro_auroc": "micro AUROC",
    "log_loss": "log loss",
    "ece": "expected calibration error",
}
"""Names of the metrics by their key in `metrics.json`, the headline first."""

FEWEST_OBJECTS, FEWEST_OF_A_CLASS = 20, 5
"""Scores on fewer say little: the 95 % interval of 19 right out of 19 reaches down to
0.82, that of 4 out of 4 to 0.40 (Clopper & Pearson 1934, Biometrika 26, 404), while the
bootstrap gives 1 to 1."""


def few(n: int, per_class: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a measurement has too few of.

    Args:
        n: number of objects scored.
        per_class: by class, with its number of objects `n`.

    Returns:
        `objects`: whether there are fewer than 20; `classes`: those of fewer than 5
        objects, but not none.

    Example:
        >>> few(30, {"SNIa": {"n": 26}, "TDE": {"n": 4}, "AGN": {"n": 0}})
        {'objects': False, 'classes': ['TDE']}
    """
    small = [c for c, of in per_class.items() if 0 < of["n"] < FEWEST_OF_A_CLASS]
    return {"objects": n < FEWEST_OBJECTS, "classes": small}
