"""The table that inference returns: a row for every object, with or without values."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pandas as pd

from zoo.inputs.inputs import Inputs
from zoo.light_curves.ragged import LightCurves

NOT_FINITE = "no finite output of the model, whose weights are damaged or far too large"


def as_table(
    light_curves: LightCurves,
    inputs: Inputs,
    values: np.ndarray,
    columns: Iterable[str],
    trust: np.ndarray | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Values `(k, columns)` of the objects with inputs as a table of all objects, and
    its column `reason`, object `(n,)`, which takes longer to read from it; before that
    the column `trust`, of words `(k,)`, where they are given."""
    full = np.full((len(light_curves), values.shape[1]), np.nan, np.float32)
    full[inputs.index] = values
    full, reason = explained(full, inputs.reason)
    table = label_rows(light_curves.object_id, full, columns, reason)
    if trust is not None:
        words = np.full(len(light_curves), "", dtype=object)
        words[inputs.index] = trust
        words[reason != ""] = ""  # there is nothing to trust
        table.insert(
            full.shape[1], "trust", pd.array(words, dtype=table["reason"].dtype)
        )
    return table, reason


def label_rows(
    object_id: np.ndarray,
    values: np.ndarray,
    columns: Iterable[str],
    reason: np.ndarray,
) -> pd.DataFrame:
    """Values `(n, columns)`, NaN where there is a reason, as a table."""
    names = _names((*columns, "reason"))
    index = pd.Index(object_id, name="object_id")
    if not len(index):  # pandas cannot tell that its values would be texts
        index = index.astype(names.dtype)
    # Columns get their names at last: numbers are looked up far faster on the way.
    table = pd.DataFrame(values, index=index)
    table.insert(values.shape[1], values.shape[1], pd.array(reason, dtype=names.dtype))
    table.columns = names
    return table


def explained(values: np.ndarray, reason: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values `(n, columns)` and reasons `(n,)`, where no row lacks both.

    A row that is not finite becomes NaN throughout, and gets the reason `NOT_FINITE` if
    it has none.
    """
    finite = np.isfinite(values).all(axis=1)
    if finite.all():
        return values, reason
    silent = ~finite & (reason == "")
    if not silent.any():
        return values, reason
    return (
        np.where(finite[:, None], values, np.float32("nan")),
        np.where(silent, NOT_FINITE, reason),
    )


def _names(columns: tuple[str, ...]) -> pd.Index:
    """An index of columns; a view, as users may name it."""
    return _kept_names(columns).view()


@lru_cache(16)
def _kept_names(columns: tuple[str, ...]) -> pd.Index:
    """To make an index takes a tenth of the time of a single object."""
    return pd.Index(columns)
