"""What the value of a key in a survey file may be; each kind checks and converts it."""

import math
from collections.abc import Callable, Collection
from typing import Any

Kind = Callable[[Any], Any]
"""Takes a value as TOML has it and returns it checked; raises ValueError, whose text
completes "must be"."""


def number(low: float, high: float) -> Kind:
    """A number within a range."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"a number from {low:g} to {high:g}")
        if not low <= value <= high:  # as nan is not, nor an integer beyond floats
            raise ValueError(f"a number from {low:g} to {high:g}")
        return float(value)

    return check


def whole(low: int, high: int) -> Kind:
    """A whole number within a range."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"a whole number from {low} to {high}")
        if not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def rising(count: int, low: float, high: float, *, strictly: bool = False) -> Kind:
    """So many numbers that do not fall, or that rise."""
    what = f"{count} numbers from {low:g} to {high:g} in rising order"

    def check(value: Any) -> tuple[float, ...]:
        if not isinstance(value, list) or len(value) != count:
            raise ValueError(what)
        try:
            numbers = tuple(map(number(low, high), value))
        except ValueError:
            raise ValueError(what) from None
        pairs = list(zip(numbers, numbers[1:], strict=False))
        if any(b < a or (strictly and a == b) for a, b in pairs):
            raise ValueError(what)
        return numbers

    return check


def several(what: str, *kinds: Kind) -> Kind:
    """A list with one value of each kind."""

    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(kinds):
            raise ValueError(what)
        try:
            return tuple(kind(one) for kind, one in zip(kinds, value, strict=True))
        except ValueError:
            raise ValueError(what) from None

    return check


def shares(what: str, most: int, *kinds: Kind, sums: Collection[int]) -> Kind:
    """A list of rows; the columns at some places add up to 1, to a thousandth, and are
    divided by their sum."""
    row_of = several(what, *kinds)

    def check(value: Any) -> tuple[tuple[Any, ...], ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            raise ValueError(f"{what}; 1 to {most} of them")
        rows = [list(row_of(row)) for row in value]
        for place in sums:
            total = math.fsum(row[place] for row in rows)
            if abs(total - 1) > 1e-3:
                raise ValueError(f"{what}; here the shares add up to {total:g}, not 1")
            if abs(total - 1) > 1e-9:
                for row in rows:
                    row[place] /= total
        return tuple(map(tuple, rows))

    return check


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def text(most: int) -> Kind:
    """A text of up to so many characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise ValueError(f"a text of up to {most} characters")
        return value

    return check


def one_of(names: Collection[str]) -> Kind:
    """One of some names."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return check


def names(most: int) -> Kind:
    """A list of up to so many names."""

    def check(value: Any) -> tuple[str, ...]:
        good = isinstance(value, list) and 1 <= len(value) <= most
        if not good or not all(isinstance(one, str) for one in value):
            raise ValueError(f"a list of 1 to {most} names of passbands")
        return tuple(value)

    return check
