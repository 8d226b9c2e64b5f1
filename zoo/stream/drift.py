"""Whether what a model predicts has changed: a watch for which no labels are needed."""

from statistics import NormalDist

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from zoo.inference.trust import OK
from zoo.model_folder.metric_names import FEWEST_OBJECTS
from zoo.model_folder.preset import COLUMNS_OF_RESULTS


def drift(
    before: pd.DataFrame, now: pd.DataFrame, *, alarms: float = 0.01
) -> pd.DataFrame:
    """Compare what a model predicts now with what it predicted before.

    Means over objects are compared: of the highest probability, which is the accuracy
    that a calibrated model expects of itself, of the probability of each class, and,
    where both tables have the columns, of the novelty, and the share of objects whose
    `trust` is not `ok`. Without labels nobody can tell whether predictions are still
    right: a change says that the objects or their data are others than before, which
    may be the survey (its mix, its depth, its redshifts) or a fault.

    Args:
        before, now: tables of `zoo.classify` or `Stream.push`, or of the file of
            `zoo-cli classify`, by the same model. Of an object in several rows, as in
            those of several nights, the last counts; objects without probabilities do
            not. Best of different objects, observed for as long.
        alarms: share of comparisons with any alarm where nothing has changed, above 0
            and below 1. Divided by the number of figures (Bonferroni).

    Returns:
        DataFrame, one row per figure (`top probability`, `novelty`, `not trusted`, then
        the classes): its mean `before` and `now`, the interval `low` to `high` of the
        difference, from the scatter of both, and `drifted`, whether that excludes 0.

    Raises:
        ValueError: the classes of the tables differ, there is none, a column holds no
            probabilities, their mean sum is not 1, one has fewer than 20 objects with
            these, `novelty` is no finite number or `trust` is empty for some of these,
            or `alarms` is out of range.

    Example:
        >>> import zoo
        >>> from zoo.inference.runtime import Runtime
        >>> objects = Runtime.load("ztfsims-gru").reference()
        >>> table = zoo.classify("ztfsims-gru", objects)
        >>> result = zoo.drift(table.iloc[:120], table.iloc[120:])
        >>> result.index[0], len(result)
        ('top probability', 13)
    """
    if not 0 < alarms < 1:
        raise ValueError(f"alarms is {alarms:g}; it must be between 0 and 1.")
    classes = [name for name in before.columns if name not in COLUMNS_OF_RESULTS]
    others = [name for name in now.columns if name not in COLUMNS_OF_RESULTS]
    if classes != others:
        raise ValueError(
            f"the classes before are {', '.join(map(str, classes))}, and now "
            f"{', '.join(map(str, others))}. Compare tables of one model."
        )
    if not classes:
        raise ValueError(
            "the tables have no columns of classes. Give those of zoo.classify."
        )
    texts = [n for n in classes for t in (before, now) if not _holds_numbers(t[n])]
    if texts:
        raise ValueError(
            f"column {texts[0]!r} holds no probabilities. Leave out what zoo.classify "
            "did not write."
        )
    both = _figures("before", before, classes), _figures("now", now, classes)
    figures = [name for name in both[0] if name in both[1]]
    width = -NormalDist().inv_cdf(alarms / 2 / len(figures))
    rows = []
    for name in figures:
        first, second = (values[name] for values in both)
        change = second.mean() - first.mean()
        variance = first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)
        low, high = change + np.array([-1, 1]) * width * np.sqrt(variance)
        drifted = bool(low > 0 or high < 0)
        rows.append((first.mean(), second.mean(), low, high, drifted))
    columns = ["before", "now", "low", "high", "drifted"]
    return pd.DataFrame(rows, pd.Index(figures, name="figure"), columns)


_ROUNDED = 1e-3  # of sums in single precision, and of texts
_ALL_ROUNDED = 0.02  # of the mean sum of tens of these with two decimals


def _holds_numbers(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _figures(when: str, table: pd.DataFrame, classes: list[str]) -> dict:
    """The values whose means are compared, float64 `(n,)` each, by name."""
    if "object_id" in table:  # as in a file
        table = table.set_index("object_id")
    table = table[~table.index.duplicated(keep="last")]
    probabilities = table[classes].to_numpy(np.float64)
    known = np.isfinite(probabilities).all(axis=1)
    for name in classes:
        if (np.abs(table[name][known] - 0.5) > 0.5 + _ROUNDED).any():
            raise ValueError(
                f"column {name!r} of the table {when} holds no probabilities, but "
                "numbers outside 0 to 1. Leave out what zoo.classify did not write."
            )
    if "novelty" in table:
        novelty = pd.to_numeric(table["novelty"], errors="coerce").to_numpy(np.float64)
        _refuse("'novelty' is no finite number", ~np.isfinite(novelty)[known], when)
    if "trust" in table:
        _refuse("'trust' is empty", table["trust"].isna()[known], when)
    if known.sum() < FEWEST_OBJECTS:
        raise ValueError(
            f"the table {when} has {known.sum()} objects with probabilities; at least "
            f"{FEWEST_OBJECTS} are needed. Gather more nights."
        )
    probabilities = probabilities[known]
    whole = probabilities.sum(axis=1).mean()
    if abs(whole - 1) > _ALL_ROUNDED:
        raise ValueError(
            f"the columns {', '.join(map(str, classes))} of the table {when} add up to "
            f"{whole:.3g}, not to 1 as probabilities do. Give all classes, with two "
            "decimals or more, and leave out what zoo.classify did not write."
        )
    figures = {"top probability": probabilities.max(axis=1)}
    if "novelty" in table:
        figures["novelty"] = novelty[known]
    if "trust" in table:
        not_trusted = table["trust"].to_numpy()[known] != OK
        figures["not trusted"] = not_trusted.astype(np.float64)
    return figures | dict(zip(classes, probabilities.T, strict=True))


def _refuse(what: str, objects: np.ndarray | pd.Series, when: str) -> None:
    if objects.any():
        raise ValueError(
            f"column {what} for {objects.sum()} objects of the table {when} that have "
            "probabilities. Leave the column out, or classify these again."
        )
