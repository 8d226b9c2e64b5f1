"""The values of the columns of a light-curve table, and where one breaks a rule.

Object ids are texts or integers. Those of Rubin are larger than a floating-point number
can hold, and are refused where they went through one.
"""

import math
import re
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from zoo.light_curves.columns import Columns, plain, shown

EXACT = 2**53
"""Integers below it survive as a float64; ids of Rubin are larger."""

# As floats are written; 12e4 may be a name in hexadecimal digits.
_FLOAT = re.compile(r"[+-]?(\d+\.\d*([eE][+-]?\d+)?|\d+[eE][+-]\d+)")


@dataclass(frozen=True)
class ObjectIds:
    """The object of each row: `ids[row]` is its name.

    Attributes:
        codes: int64 `(m,)`, which of the names.
        names: object `(n,)`, each once, in the order of appearance.
        numbers: int64 `(m,)`, number of each row in the whole table, of which these
            rows are a part; None: they are all of it.
    """

    codes: np.ndarray
    names: np.ndarray
    numbers: np.ndarray | None = None

    def __getitem__(self, row: int) -> str:
        return self.names[self.codes[row]]

    def number(self, row: int) -> int:
        """The number of a row in the whole table."""
        return row if self.numbers is None else int(self.numbers[row])

    def where(self, row: int) -> str:
        """The object and the number of a row, for messages."""
        return f"object {shown(self[row])}, row {self.number(row)}"

    def _refuse_rounded(self) -> None:
        """Raise ValueError where a text is an integer that went through a float, which
        rounds those of Rubin: different objects get one name."""
        # A large integer as a float has one of these; to ask is ten times as fast.
        for name in (name for name in self.names if "." in name or "+" in name):
            number = as_float(name)
            if number.is_integer() and abs(number) >= EXACT:
                raise ValueError(
                    f"the object id {name} went through a floating-point number, which "
                    "rounds integers of more than 15 digits. Write the file again with "
                    "ids as integers or text."
                )

    @classmethod
    def of(
        cls, table: Columns, name: str, numbers: np.ndarray | None = None
    ) -> "ObjectIds":
        """Read the column `object_id`.

        Raises:
            ValueError: one is missing, or neither a string nor an integer.
        """
        codes, different = factorize(table["object_id"])
        if not len(codes):
            return cls(codes, np.array([], dtype=object), numbers)
        if pd.api.types.is_integer_dtype(different.dtype) and codes.min() >= 0:
            ids = np.asarray(different).astype(str).astype(object)
            return cls(codes, ids, numbers)
        names = np.asarray(different, dtype=object)
        if codes.min() >= 0:
            texts = different.dtype == "str" and (names != "").all()
            if texts or all(map(_is_name, names)):
                found = cls(codes, names, numbers)
                found._refuse_rounded()
                return found
            if all(map(_is_integer, names)):
                return cls(codes, names.astype(str).astype(object), numbers)
        values = np.asarray(table["object_id"], dtype=object)
        missing = (row for row, value in enumerate(values) if _is_missing(value))
        other = (row for row, value in enumerate(values) if not _is_name(value))
        bad = next(missing, None)
        bad = next(other) if bad is None else bad
        raise ValueError(
            f"object_id in row {cls(codes, names, numbers).number(bad)} of the {name} "
            f"table is {shown(values[bad])}: it must be a string, or an integer in "
            "every row. Convert the column."
        )


def as_float(text: str) -> float:
    """The number that a text is as floats are written, such as 1.7e+17; NaN of any
    other text."""
    return float(text) if _FLOAT.fullmatch(text) else math.nan


def factorize(column: Any) -> tuple[np.ndarray, Any]:
    """As `pandas.factorize`; what cannot be hashed, such as a list, is left as it is.

    Returns:
        The code of each row, int64 `(m,)`, -1 where it is missing, and what the codes
        stand for.
    """
    if isinstance(column, pa.ChunkedArray):
        encoded = column.combine_chunks().dictionary_encode()
        different = encoded.dictionary.to_numpy(zero_copy_only=False)
        return encoded.indices.to_numpy().astype(np.int64), different
    values = plain(column)
    if isinstance(values, np.ndarray):
        if not values.dtype.isnative:  # from FITS
            values = values.astype(values.dtype.newbyteorder("="))
        values = pd.arrays.NumpyExtensionArray(values)
    try:
        return values.factorize()  # half the time of pandas.factorize
    except TypeError:
        return np.arange(len(values)), np.asarray(values, dtype=object)


def _is_name(value: Any) -> bool:
    if not isinstance(value, str) or not value:
        return False
    return value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_missing(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and (pd.isna(value) or value == "")


def numbers(table: Columns, column: str, object_id: ObjectIds) -> np.ndarray:
    """A column as float64, NaN where it is empty.

    Raises:
        ValueError: it holds something other than numbers.
    """
    values = plain(table[column])
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return values.astype(np.float64)
    if is_real(values.dtype):
        return values.to_numpy(np.float64, na_value=np.nan)
    known = ~pd.isna(values)
    number = [isinstance(x, Real) and not isinstance(x, bool) for x in values]
    bad = np.flatnonzero(known & ~np.array(number, dtype=bool))
    if not len(bad):  # a column of objects because None stands for an unknown number
        return np.array(
            [_float(x) if k else np.nan for x, k in zip(values, known, strict=True)],
            np.float64,
        )
    # The one that no parser can read, where there is one.
    at = int(next((row for row in bad if not _is_numeral(values[row])), bad[0]))
    raise ValueError(
        f"{object_id.where(at)}: {column} is {shown(values[at])}, in a column of "
        f"type {values.dtype}. It must be a number in every row."
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
            f"{object_id.where(at)}: {column} is {values[at]:.12g}, which {rule} "
            f"({bad.sum()} such rows). {remedy}"
        )
