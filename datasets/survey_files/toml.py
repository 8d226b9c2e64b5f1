"""Survey files as text."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from zoo.system.plain import plain

_BARE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_COLUMNS = 88


def to_toml(tables: Mapping[str, Any], comments: Iterable[str] = ()) -> str:
    """Write tables as TOML.

    Args:
        tables: texts, numbers, truth values, lists of these, and tables of them.
        comments: lines at the top.

    Example:
        >>> print(to_toml({"name": "mine", "noise": {"error_floor": 0.01}}), end="")
        name = "mine"
        <BLANKLINE>
        [noise]
        error_floor = 0.01
    """
    lines = [f"# {plain(comment)}".rstrip() for comment in comments]
    lines += _table(tables, ())
    return "\n".join(lines) + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    plain_values = {k: v for k, v in table.items() if not isinstance(v, Mapping)}
    lines = []
    if path and (plain_values or not table):
        lines += ["", f"[{'.'.join(map(_key, path))}]"]
    lines += [_line(name, value) for name, value in plain_values.items()]
    for name, value in table.items():
        if isinstance(value, Mapping):
            lines += _table(value, (*path, name))
    return lines


def _line(name: str, value: Any) -> str:
    line = f"{_key(name)} = {_value(value)}"
    if len(line) <= _COLUMNS or not isinstance(value, list | tuple):
        return line
    rows = "".join(f"    {_value(one)},\n" for one in value)
    return f"{_key(name)} = [\n{rows}]"


def _key(name: str) -> str:
    return name if name and set(name) <= _BARE else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)


def _text(value: str) -> str:
    # JSON's escapes are TOML's, as long as letters are kept. What breaks a line or
    # turns a terminal is escaped too.
    text = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)
