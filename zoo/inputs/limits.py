"""What an entry of a preset may be: a number in a range, a text, a list of texts.

Presets come from strangers too. Each of these raises ValueError, in one sentence, for
anything else, whatever its type.
"""

import math
from collections.abc import Mapping
from typing import Any

_SHOWN = 60  # characters of a value in a message

LONGEST_NAME = 100
"""Characters of a label, of the name of a passband, of a version."""

MOST_NAMES = 32_768
"""Passbands of a model, at most: as many as the codes of light curves tell apart."""


def check_number(
    name: str, value: Any, low: float, high: float, *, above: bool = False
) -> None:
    """Refuse what is no number from `low` to `high`, or above `low`: a bool, a NaN.

    Example:
        >>> check_number("pair_days", 30.0, 0, 1000)
        >>> check_number("pair_days", True, 0, 1000)
        Traceback (most recent call last):
        ValueError: pair_days is True; it must be a number from 0 to 1000.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and (low < value if above else low <= value) and value <= high:
        return
    first = f"above {low:g} and at most" if above else f"from {low:g} to"
    raise ValueError(f"{name} is {shown(value)}; it must be a number {first} {high:g}.")


def check_text(name: str, value: Any, longest: int = LONGEST_NAME) -> None:
    """Refuse what is no text, or an empty, long, or unprintable one.

    Example:
        >>> check_text("a class", "SNIa")
        >>> check_text("a class", " SNIa")
        Traceback (most recent call last):
        ValueError: a class must be text, 1 to 100 printable characters without a space at the ends, not ' SNIa'.
    """  # noqa: E501
    if (
        isinstance(value, str)
        and 0 < len(value) <= longest
        and value.isprintable()
        and value == value.strip()
    ):
        return
    raise ValueError(
        f"{name} must be text, 1 to {longest} printable characters without a space at "
        f"the ends, not {shown(value)}."
    )


def check_names(name: str, values: Any, one: str) -> None:
    """Refuse what is no list of different texts.

    Args:
        name: of the entry.
        values: what it holds.
        one: what one of them is called in a message.
    """
    if not isinstance(values, list | tuple) or len(values) > MOST_NAMES:
        raise ValueError(
            f"{name} is {shown(values)}; it must be a list of at most {MOST_NAMES} "
            "texts."
        )
    for value in values:
        check_text(one, value)
    if len(set(values)) != len(values):
        twice = next(value for value in values if values.count(value) > 1)
        raise ValueError(f"{name} names {twice!r} twice. List each once.")


def check_table(name: str, values: Any) -> None:
    """Refuse what is no mapping of texts."""
    if not isinstance(values, Mapping) or len(values) > MOST_NAMES:
        raise ValueError(
            f"{name} is {shown(values)}; it must be a table of at most {MOST_NAMES} "
            "entries."
        )
    for key in values:
        check_text(f"an entry of {name}", key)


def shown(value: Any) -> str:
    """A value of a stranger as it may stand in a message: cut, escapes visible.

    Example:
        >>> shown("a" * 1000)
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ..."
    """
    if isinstance(value, int) and not math.isfinite(_as_float(value)):
        return "an integer of very many digits"
    if isinstance(value, list | tuple | Mapping):
        kind = "a table" if isinstance(value, Mapping) else "a list"
        return f"{kind} of {len(value)}"
    text = ascii(value[:_SHOWN]) if isinstance(value, str) else ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
