"""Read a TOML file that a stranger may have written."""

import tomllib
from pathlib import Path
from typing import Any

_LARGEST = 1_000_000  # bytes; the survey files of the package have some thousand
# Dots of a line, in numbers or between the parts of a key, whose time grows with their
# square: measured, 0.25 s of a core for one key of 5,000 parts, and 1.6 s for a file of
# the largest size with 50 in every line. The package's survey files have 9 at most.
_MOST_DOTS = 50


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not TOML, is larger than 1 MB, or has a line of more than 50
            dots that is no comment.
    """
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"{path} is larger than {_LARGEST:,} bytes. Shorten it.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        for number, line in enumerate(text.split("\n"), 1):
            comment = line.lstrip().startswith("#")  # where a line of dots is no harm
            if line.count(".") > _MOST_DOTS and not comment:
                raise ValueError(
                    f"line {number} has more than {_MOST_DOTS} dots, in a key or in "
                    "numbers. Shorten the key, or break the line"
                )
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read as TOML: {error}.") from None
