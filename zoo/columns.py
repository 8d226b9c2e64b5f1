"""Columns of a frame, checked: the rules that photometry and metadata share."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd


def require_columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    """Raise ValueError where a frame lacks a column, or has one twice."""
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"the {name} is a {type(table).__name__}, not a DataFrame.")
    if table.columns.has_duplicates:
        twice = table.columns[table.columns.duplicated()][0]
        raise ValueError(f"the {name} table has two columns {twice!r}. Keep one.")
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"the {name} table lacks the column(s) {', '.join(missing)}; it has "
            f"{', '.join(map(str, table.columns)) or 'none'}. Rename or add them."
        )


@dataclass(frozen=True)
class ObjectIds:
    """The object of each row: `ids[row]` is its name.

    Attributes:
        codes: int64 `(m,)`, which of the names.
        names: object `(n,)`, each once, in the order of appearance.
    """

    codes: np.ndarray
    names: np.ndarray

    def __getitem__(self, row: int) -> str:
        return self.names[self.codes[row]]

    @classmethod
    def of(cls, table: pd.DataFrame, name: str) -> "ObjectIds":
        """Read the column `object_id`.

        Raises:
            ValueError: one is missing, or neither a string nor an integer.
        """
        codes, different = pd.factorize(table["object_id"])
        if pd.api.types.is_integer_dtype(different.dtype) and codes.min() >= 0:
            return cls(codes, np.asarray(different).astype(str).astype(object))
        names = np.asarray(different, dtype=object)
        if codes.min() >= 0:
            if different.dtype == "str" and (names != "").all():
                return cls(codes, names)
            if all(isinstance(value, str) and value for value in names):
                return cls(codes, names)
            if all(isinstance(value, Integral) for value in names):
                return cls(codes, names.astype(str).astype(object))
        values = table["object_id"].to_numpy(object)
        missing = pd.Series(values).replace("", None).isna().to_numpy()
        other = (row for row, value in enumerate(values) if not isinstance(value, str))
        bad = int(np.flatnonzero(missing)[0]) if missing.any() else next(other)
        raise ValueError(
            f"object_id in row {bad} of the {name} table is {values[bad]!r}: it must "
            "be a string, or an integer in every row. Convert the column."
        )


def numbers(table: pd.DataFrame, column: str, object_id: ObjectIds) -> np.ndarray:
    """A column as float64, NaN where it is empty.

    Raises:
        ValueError: it holds something other than numbers.
    """
    values = table[column]
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.to_numpy(np.float64, na_value=np.nan)
    known = values.notna().to_numpy()
    number = [isinstance(x, Real) and not isinstance(x, bool) for x in values]
    bad = np.flatnonzero(known & ~np.array(number, dtype=bool))
    if not len(bad):  # a column of objects because None stands for an unknown number
        return np.where(known, values.to_numpy(object), np.nan).astype(np.float64)
    text = np.isnan(pd.to_numeric(values.iloc[bad], errors="coerce").to_numpy(float))
    at = bad[text.argmax()]  # the one that no parser can read, where there is one
    raise ValueError(
        f"object {object_id[at]!r}, row {at}: {column} is {values.iloc[at]!r}, in a "
        f"column of type {values.dtype}. It must be a number in every row."
    )


def refuse(
    bad: np.ndarray,
    object_id: ObjectIds,
    column: str,
    values: np.ndarray,
    rule: str,
    remedy: str,
) -> None:
    """Raise ValueError where a row breaks a rule, naming the first."""
    if bad.any():
        at = np.flatnonzero(bad)[0]
        raise ValueError(
            f"object {object_id[at]!r}, row {at}: {column} is {values[at]:.12g}, which "
            f"{rule} ({bad.sum()} such rows). {remedy}"
        )
