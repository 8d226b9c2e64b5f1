"""Columns of a light-curve table: the names that others give them, and their checks.

Photometry and metadata share these rules, by every way in: a folder, a file of any
kind, an object in memory.
"""

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("object_id", "mjd", "band", "flux", "flux_err")
"""Columns that a photometry table must have."""

PHOTOMETRY: dict[str, tuple[str, ...]] = {
    "object_id": (
        *("object_id", "objectId", "oid", "obj_id", "ztf_id", "ZTFID", "diaObjectId"),
        *("SNID", "snid"),
    ),
    "mjd": ("mjd", "MJD", "time", "mjd_obs", "mjdobs"),
    "band": ("band", "filter", "bandpass", "flt"),
    "flux": ("flux",),
    "flux_err": ("flux_err", "fluxerr", "flux_error", "fluxerror"),
    "zeropoint": ("zeropoint", "zp", "zpt", "zero_point"),
    "wavelength": ("wavelength",),
    "zpsys": ("zpsys", "zpmagsys", "magsys"),
    "detected": ("detected",),
}
"""Names of each column of the photometry: ours, those of sncosmo
(`PHOTDATA_ALIASES` of sncosmo 2.13, without its `jd` and `date`, which are not MJDs),
of SkyPortal and of the brokers."""

METADATA: dict[str, tuple[str, ...]] = {
    "redshift": ("redshift", "z", "REDSHIFT"),
    "redshift_err": ("redshift_err", "z_err", "zerr", "redshift_error"),
    "mwebv": ("mwebv", "ebv", "mw_ebv", "ebv_mw", "MWEBV"),
    "ra": ("ra",),
    "dec": ("dec", "decl"),
    "label": ("label",),
}
"""Names of each column of the metadata, which photometry may repeat in every row."""

HOST: dict[str, str] = {
    **{f"host_mag_{band}": "AB magnitude of the host" for band in "ugrizy"},
    "host_g_r": "host_mag_g - host_mag_r, mag",
    "host_offset": "arcsec from the host",
    "sgscore": "0 (a galaxy) to 1 (a star)",
}
"""Further columns of the metadata that readers of alert packets give, and their units;
`docs/howto/host_and_photoz.md` has where each comes from."""

EXACT = 2**53
"""Integers below it survive as a float64; ids of Rubin are larger."""

# As floats are written; 12e4 may be a name in hexadecimal digits.
_FLOAT = re.compile(r"[+-]?(\d+\.\d*([eE][+-]?\d+)?|\d+[eE][+-]\d+)")
_EXPORT = {"obj_id", "instrument_name"}  # of SkyPortal, where exposures stand twice
_LONGEST = 100  # characters of a value in a message
_CANONICAL = {
    alias: name
    for name, aliases in (PHOTOMETRY | METADATA).items()
    for alias in aliases
}


def canonical(columns: Iterable[Any]) -> dict[Any, str]:
    """Columns of a table that have a meaning, with our name of each.

    Raises:
        ValueError: two columns stand for one.

    Example:
        >>> canonical(["time", "flux", "fluxerr", "exposure"])
        {'time': 'mjd', 'flux': 'flux', 'fluxerr': 'flux_err'}
    """
    names = {column: _CANONICAL[column] for column in columns if column in _CANONICAL}
    if len(set(names.values())) < len(names):
        first: dict[str, Any] = {}
        for column, name in names.items():
            other = first.setdefault(name, column)
            if other != column:
                raise ValueError(
                    f"the columns {other} and {column} both stand for {name}. Keep one."
                )
    return names


def find(wanted: str, columns: Collection[str]) -> str | None:
    """The name that a column has in a table; None where there is none.

    Raises:
        ValueError: two columns stand for one.

    Example:
        >>> find("flux_err", ["time", "flux", "fluxerr"])
        'fluxerr'
    """
    names = canonical(column for column in columns if _CANONICAL.get(column) == wanted)
    return next(iter(names), None)


def has(wanted: Collection[str], columns: Collection[str]) -> bool:
    """Whether a table has all of some columns, under any of their names."""
    names = {_CANONICAL.get(column) for column in columns}
    return names.issuperset(wanted)


def is_photometry(columns: Collection[str]) -> bool:
    """Whether a table with these columns is a light-curve table, one row per
    observation, that needs no reader of its own."""
    return has(COLUMNS, columns) and not _EXPORT <= set(columns)


def renamed(table: pd.DataFrame) -> pd.DataFrame:
    """A table with our names; columns that pandas made an index count as well.

    Raises:
        ValueError: two columns stand for one.
    """
    columns = table.columns.tolist()
    if set(COLUMNS) <= set(columns) <= PHOTOMETRY.keys():  # most tables
        return table
    names = canonical(columns)
    if table.index.names != [None]:
        in_index = canonical(name for name in table.index.names if name is not None)
        if set(in_index.values()) - set(names.values()):
            table = table.reset_index()
            names = canonical(table.columns)
    if all(column == name for column, name in names.items()):
        return table
    return table.rename(columns=names)


def require_columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    """Raise ValueError where a frame lacks a column, or has one twice."""
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"the {name} is a {type(table).__name__}, not a DataFrame.")
    refuse_twice(table.columns, f"the {name} table")
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"the {name} table lacks the column(s) {', '.join(missing)}; it has "
            f"{', '.join(map(str, table.columns)) or 'none'}. Rename or add them."
        )


def refuse_twice(columns: Iterable[Any], table: str) -> None:
    """Raise ValueError where two columns of a table have one name."""
    # As a list: an index of pandas takes ten times as long.
    names = columns.tolist() if isinstance(columns, pd.Index) else list(columns)
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ValueError(f"{table} has two columns {shown(twice)}. Keep one.")


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
        cls, table: pd.DataFrame, name: str, numbers: np.ndarray | None = None
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
        values = table["object_id"].to_numpy(object)
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
        f"{object_id.where(at)}: {column} is {shown(values.iloc[at])}, in a column of "
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
