"""What an entry of `metrics.json` may be: a table, a list, a count, a share.

As in `zoo.inputs.limits`, each of these raises ValueError, in one sentence, for
anything else, whatever its type.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any

from zoo.inputs.limits import check_number, check_table, shown

_MOST_OBJECTS = 2**53  # float64 tells apart all whole numbers up to it
_LONGEST = 100_000  # characters of the name of data
_NAMED = 3  # entries named in a message
_ROUNDING = 1e-6  # probabilities are float32, and so is their sum


def check_entries(
    name: str, values: Any, needed: Collection[str], further: Collection[str] = ()
) -> None:
    """Refuse what is no table of these entries, the further ones optional."""
    check_table(name, values)
    if missing := [key for key in needed if key not in values]:
        rest = ", ..." if len(missing) > _NAMED else "."
        raise ValueError(f"{name} lacks {', '.join(missing[:_NAMED])}{rest}")
    known = {*needed, *further}
    if unknown := [key for key in values if key not in known]:
        raise ValueError(f"{name} has the unknown entry {shown(unknown[0])}.")


def check_list(name: str, values: Any, most: int, *, fewest: int = 0) -> list[Any]:
    """The values, refused unless they are a list of that length."""
    if isinstance(values, list) and fewest <= len(values) <= most:
        return values
    length = f"{most}" if fewest == most else f"{fewest} to {most}"
    raise ValueError(f"{name} is {shown(values)}; it must be a list of {length}.")


def check_count(
    name: str, value: Any, most: int = _MOST_OBJECTS, *, fewest: int = 0
) -> None:
    """Refuse what is no whole number from `fewest` to `most`."""
    if type(value) is not int or not fewest <= value <= most:
        raise ValueError(
            f"{name} is {shown(value)}; it must be a whole number from {fewest} to "
            f"{most}."
        )


def check_share(
    name: str, value: Any, most: float = 1.0, *, none: bool = False
) -> None:
    """Refuse what is no number from 0 to `most`, nor null where that is allowed."""
    if not (none and value is None):
        check_number(name, value, 0, most + _ROUNDING)


def check_interval(name: str, values: Any, most: float) -> None:
    """Refuse what is no pair of rising numbers from 0 to `most`, nor of nulls."""
    low, high = check_list(name, values, 2, fewest=2)
    if low is None and high is None:
        return
    for value in (low, high):
        check_share(name, value, most)
    if low > high + _ROUNDING:
        raise ValueError(f"{name} ends before it begins.")


def check_one_of(name: str, value: Any, allowed: Collection[Any]) -> None:
    """Refuse what is none of the allowed values, of the same type."""
    texts = [json.dumps(one, sort_keys=True) for one in allowed]  # 1 is not true
    if json.dumps(value, sort_keys=True) not in texts:
        raise ValueError(f"{name} is {shown(value)}; it must be {' or '.join(texts)}.")


def check_any_text(name: str, value: Any) -> None:
    """Refuse what is no text that a file can hold; users name data as they like."""
    if isinstance(value, str) and len(value) <= _LONGEST:
        try:
            value.encode()
            return
        except UnicodeEncodeError:
            pass
    raise ValueError(
        f"{name} is {shown(value)}; it must be text of at most {_LONGEST:,} characters "
        "without halves of characters (surrogates)."
    )


def check_sum(name: str, counts: Iterable[int], total: int) -> None:
    """Refuse counts of objects that do not add up to their total."""
    if (found := sum(counts)) != total:
        raise ValueError(f"{name} adds up to {found} objects, not to {total}.")
