"""What the readers of brokers share: fields of observations by their names, and what
ids, flags and passbands mean.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from zoo.columns import METADATA, PHOTOMETRY
from zoo.light_curves.columns import canonical
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.values import EXACT, as_float
from zoo.passbands import find

IDS = (*PHOTOMETRY["object_id"], "locus_id")
"""Names of the column that names the object."""

_FAINTEST, _FURTHEST = 50.0, 900.0  # mag, arcsec; 99 and 999 are sentinels
_MISSING = frozenset(("", "nan", "none", "null", "<na>"))
_SET = frozenset(("true", "t", "1", "1.0"))


class Columns:
    """Observations of one kind, with their fields as columns.

    Args:
        rows: dictionaries, as packets hold them, or a table.

    Raises:
        TypeError: a row is something else.

    Example:
        >>> rows = Columns([{"jd": 1.5, "fid": 1}, {"jd": None}])
        >>> rows.numbers("jd"), rows.values("fid"), "mjd" in rows
        (array([1.5, nan]), [1, None], False)
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]] | pd.DataFrame) -> None:
        self._rows = rows
        if not isinstance(rows, pd.DataFrame):
            kinds = (dict, Mapping)  # to ask for the first is faster
            other = next((one for one in rows if not isinstance(one, kinds)), None)
            if other is not None:
                raise TypeError(f"a row is a {type(other).__name__}, not an object")

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: str) -> bool:
        if isinstance(self._rows, pd.DataFrame):
            return name in self._rows.columns
        return any(name in one for one in self._rows)

    def first(self, names: Iterable[str]) -> str | None:
        """The first of some names that a field has; None where there is none."""
        return next((name for name in names if name in self), None)

    def values(self, name: str) -> Any:
        """A field of each row, None or NaN where it is not known.

        Raises:
            KeyError: no row has it.
        """
        if isinstance(self._rows, pd.DataFrame):
            return self._rows[name].to_numpy()
        if len(self) and name not in self:
            raise KeyError(name)
        return [one.get(name) for one in self._rows]

    def numbers(self, name: str) -> np.ndarray:
        """A field of each row, float64 `(n,)`, NaN where it is not known.

        Raises:
            KeyError: no row has it.
            TypeError, ValueError: it holds something other than numbers.
        """
        if isinstance(self._rows, pd.DataFrame):
            column = pd.to_numeric(self._rows[name])
            return column.to_numpy(np.float64, na_value=np.nan)
        values = self.values(name)
        if any(value is True or value is False for value in values):
            raise TypeError(f"{name} is true or false, not a number")
        numbers = np.array(values, np.float64)
        if numbers.ndim != 1:
            raise TypeError(f"{name} is a list, not a number")
        return numbers

    def known(self, name: str) -> np.ndarray:
        """Where a field has a value, bool `(n,)`; False in a field that no row has."""
        if name not in self:
            return np.zeros(len(self), bool)
        values = self.values(name)
        if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
            return ~np.isnan(values.astype(np.float64))
        return np.array([not is_missing(one) for one in values], bool)

    def flags(self, name: str) -> np.ndarray:
        """Where a flag is set, bool `(n,)`; False where it is not known."""
        if name not in self:
            return np.zeros(len(self), bool)
        values = self.values(name)
        if isinstance(values, np.ndarray) and values.dtype == bool:
            return values
        return np.array(
            [
                one if isinstance(one, bool) else str(one).strip().lower() in _SET
                for one in values
            ],
            bool,
        )

    def where(self, mask: np.ndarray) -> "Columns":
        """Some of the rows."""
        if isinstance(self._rows, pd.DataFrame):
            return Columns(self._rows[mask])
        return Columns(
            [one for one, good in zip(self._rows, mask, strict=True) if good]
        )


def scalars(names: Iterable[Any]) -> dict[str, Any]:
    """The fields that hold the redshift and the reddening of an object, which users
    add to what brokers send, by our names.

    Raises:
        ValueError: two fields stand for one.

    Example:
        >>> scalars(["objectId", "jd", "z", "ebv"])
        {'redshift': 'z', 'mwebv': 'ebv'}
    """
    spellings = (*METADATA["redshift"], *METADATA["mwebv"])
    known = canonical(name for name in names if name in spellings)
    return {ours: name for name, ours in known.items()}


def host(
    content: Mapping[str, Any],
    magnitudes: Mapping[str, str],
    offset: str,
    score: str | None = None,
) -> dict[str, float | None]:
    """What a packet says of the host: the columns `HOST` of the metadata, None where a
    value is not known; empty where the packet has none of these fields.

    Args:
        content: the part of the packet that has them.
        magnitudes: the field of the AB magnitude, by passband.
        offset: the field of the distance, arcsec.
        score: the field of the probability that it is a star.

    Example:
        >>> packet = {"mag_g": 20.5, "mag_r": 20.0, "mag_u": 999.0, "sep": -9.0}
        >>> fields = {band: f"mag_{band}" for band in "ugr"}
        >>> host(packet, fields, "sep")  # doctest: +NORMALIZE_WHITESPACE
        {'host_mag_u': None, 'host_mag_g': 20.5, 'host_mag_r': 20.0, 'host_g_r': 0.5,
         'host_offset': None}
    """
    if not {*magnitudes.values(), offset} & content.keys():
        return {}
    mags = {
        band: _within(content.get(field), 0, _FAINTEST)
        for band, field in magnitudes.items()
    }
    green, red = mags.get("g"), mags.get("r")
    columns = {f"host_mag_{band}": magnitude for band, magnitude in mags.items()}
    columns["host_g_r"] = None if green is None or red is None else green - red
    columns["host_offset"] = _within(content.get(offset), 0, _FURTHEST)
    if score is not None:
        columns["sgscore"] = _within(content.get(score), 0, 1)
    return columns


def _within(value: Any, low: float, high: float) -> float | None:
    """A number of a packet; None where it is missing, or a sentinel such as -999."""
    if is_missing(value) or not low <= float(value) <= high:
        return None
    return float(value)


def listed(value: Any) -> Sequence[Mapping[str, Any]]:
    """A list of a packet, which may be missing."""
    return [] if value is None else value


def is_missing(value: Any) -> bool:
    """Whether a value of JSON, Avro or a table says that there is none."""
    if isinstance(value, str):
        return value.strip().lower() in _MISSING
    return value is None or value is pd.NA or value is pd.NaT or value != value


def identity(value: Any) -> str | None:
    """The name of an object as text; None where there is none.

    Raises:
        ValueError: it is an integer that went through a float, which rounds those of
            Rubin, so that different objects get one name.

    Example:
        >>> identity(170028500009812345), identity("ZTF21abc"), identity(None)
        ('170028500009812345', 'ZTF21abc', None)
    """
    if is_missing(value):
        return None
    if isinstance(value, str):
        text = value.strip()
        number = as_float(text)
        if not number.is_integer() and not math.isinf(number):
            return text
    elif isinstance(value, Integral) and not isinstance(value, bool | np.bool_):
        return str(int(value))
    elif isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        number = float(value)
    else:
        raise ValueError(
            f"an object is named {value!r}. Its name must be text or an integer."
        )
    if abs(number) < EXACT and number.is_integer():
        return str(int(number))
    raise ValueError(
        f"the object id {value} went through a floating-point number, which rounds "
        "integers of more than 15 digits. Write the file again with ids as integers or "
        "text."
    )


def passbands(
    names: Iterable[Any], letters: Mapping[str, str], options: ReadOptions
) -> np.ndarray:
    """Names of passbands, object `(n,)`, None where one is not known.

    Args:
        names: what the data call them.
        letters: what the names of this survey stand for.
        options: what the user says that they stand for, which comes first.
    """
    known: dict[Any, str | None] = {}
    found = []
    for name in names:
        if name not in known:
            text = str(name).strip().removesuffix(".0")
            passband = options.passbands.get(text) or find(letters.get(text, text))
            known[name] = None if passband is None else passband.name
        found.append(known[name])
    return np.array([*found, None], dtype=object)[:-1]
