"""Columns of a frame, checked: the rules that photometry and metadata share."""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

_LONGEST = 100  # characters of a value in a message


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
        codes, different = factorize(table["object_id"])
        if not len(codes):
            return cls(codes, np.array([], dtype=object))
        if pd.api.types.is_integer_dtype(different.dtype) and codes.min() >= 0:
            return cls(codes, np.asarray(different).astype(str).astype(object))
        names = np.asarray(different, dtype=object)
        if codes.min() >= 0:
            if different.dtype == "str" and (names != "").all():
                return cls(codes, names)
            if all(map(_is_name, names)):
                return cls(codes, names)
            if all(map(_is_integer, names)):
                return cls(codes, names.astype(str).astype(object))
        values = table["object_id"].to_numpy(object)
        missing = (row for row, value in enumerate(values) if _is_missing(value))
        other = (row for row, value in enumerate(values) if not _is_name(value))
        bad = next(missing, None)
        bad = next(other) if bad is None else bad
        raise ValueError(
            f"object_id in row {bad} of the {name} table is {shown(values[bad])}: it "
            "must be a string, or an integer in every row. Convert the column."
        )


def factorize(values: pd.Series) -> tuple[np.ndarray, Any]:
    """As `pandas.factorize`; what cannot be hashed, such as a list, is left as it is.

    Returns:
        The code of each row, int64 `(m,)`, -1 where it is missing, and what the codes
        stand for.
    """
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and not dtype.isnative:  # from FITS
        values = values.astype(dtype.newbyteorder("="))
    try:
        return values.array.factorize()  # half the time of pandas.factorize
    except TypeError:
        return np.arange(len(values)), values.to_numpy(object)


def shown(value: Any) -> str:
    """A value of any kind in a message: on one line, and not a long one."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."


def _is_name(value: Any) -> bool:
    if not isinstance(value, str) or not value:
        return False
    return value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_missing(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and (pd.isna(value) or value == "")


def numbers(table: pd.DataFrame, column: str, object_id: ObjectIds) -> np.ndarray:
    """A column as float64, NaN where it is empty.

    Raises:
        ValueError: it holds something other than numbers.
    """
    values = table[column]
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return values.to_numpy().astype(np.float64)
    if is_real(values.dtype):
        return values.to_numpy(np.float64, na_value=np.nan)
    known = values.notna().to_numpy()
    number = [isinstance(x, Real) and not isinstance(x, bool) for x in values]
    bad = np.flatnonzero(known & ~np.array(number, dtype=bool))
    if not len(bad):  # a column of objects because None stands for an unknown number
        objects = values.to_numpy(object)
        return np.array(
            [_float(x) if k else np.nan for x, k in zip(objects, known, strict=True)],
            np.float64,
        )
    # The one that no parser can read, where there is one.
    at = int(next((row for row in bad if not _is_numeral(values.iloc[row])), bad[0]))
    raise ValueError(
        f"object {object_id[at]!r}, row {at}: {column} is {shown(values.iloc[at])}, in "
        f"a column of type {values.dtype}. It must be a number in every row."
    )


def is_real(dtype: Any) -> bool:
    """Whether all values of a type are real numbers, or missing."""
    types = pd.api.types
    return types.is_numeric_dtype(dtype) and not (
        types.is_bool_dtype(dtype) or types.is_complex_dtype(dtype)
    )


def _float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf if number > 0 else -math.inf


def _is_numeral(value: Any) -> bool:
    try:
        return not isinstance(value, str) or math.isfinite(float(value))
    except ValueError:
        return False


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
