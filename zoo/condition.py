"""Which rows of a table meet a condition COLUMN=VALUE."""

from reprlib import repr as brief

import numpy as np
import pandas as pd

from zoo.spelling import did_you_mean

_SHOWN = 5  # values in a message


def rows_where(table: pd.DataFrame, condition: str) -> np.ndarray:
    """The rows of a table in which a column has a value.

    Args:
        table: such as metadata, one row per object.
        condition: COLUMN=VALUE; numbers are compared as numbers.

    Returns:
        Positions, int64, sorted.

    Raises:
        KeyError: there is no such column.
        ValueError: there is no such row, the value of a column of numbers is none, or
            the condition has no equals sign.

    Example:
        >>> rows_where(pd.DataFrame({"mode": ["plain", "dusty"]}), "mode=dusty")
        array([1])
    """
    column, equals, value = condition.partition("=")
    if not equals:
        raise ValueError(f"{condition!r} is not COLUMN=VALUE.")
    if column not in table:
        known = ", ".join(map(str, table.columns))
        raise KeyError(
            f"the metadata table has no column {column!r}; it has {known}."
            f"{did_you_mean(column, table.columns)}"
        )
    values = table[column]
    if values.dtype.kind in "iuf":
        # A column in single precision holds 0.1 less exactly than Python does.
        kind = np.float32 if values.dtype.kind == "f" else np.float64
        try:
            wanted = kind(value)
        except ValueError:
            raise ValueError(
                f"the column {column} holds numbers, not {brief(value)}."
            ) from None
        rows = np.flatnonzero(values.to_numpy(kind, na_value=np.nan) == wanted)
    else:
        values = values.astype(str)
        rows = np.flatnonzero(values.to_numpy(object) == value)
    if not len(rows):
        raise ValueError(
            f"none of the {len(table)} objects has {column} = {brief(value)}. It is "
            f"{_most_frequent(values)}."
        )
    return rows


def _most_frequent(values: pd.Series) -> str:
    """The most frequent values of a column with their numbers, for a message."""
    counts = values.value_counts(dropna=False)
    shown = [
        f"{f'{one:g}' if isinstance(one, float) else brief(one)} ({number})"
        for one, number in counts.iloc[:_SHOWN].items()
    ]
    return ", ".join([*shown, "..."] if len(counts) > len(shown) else shown)
