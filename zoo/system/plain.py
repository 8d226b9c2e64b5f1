"""Texts of strangers, made harmless where they are shown.

Names of classes, surveys and files, ids, cards of the hub and messages about them may
come from anyone. Whatever is shown passes through one function, `plain`; Markdown has
signs of its own in addition, which `in_markdown` and `as_code` turn off.
"""

import re
from typing import Any

MOST = 2_000
"""Letters shown of one text. More of them, and the sentence around is lost."""

_END = 400  # letters shown of the end, where a message says what to do

# ASCII punctuation may be escaped anywhere (https://spec.commonmark.org/0.31.2, 2.4).
# `$` opens formulas, `~` strikes through and `@` makes an address on the hub and on
# GitHub; an underscore within a word means nothing.
_SIGNS = re.compile(r"[\\`*\[\]<>|#$~!&@]|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.")
_ADDRESS = re.compile(r":(?=//)|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)


def plain(value: Any, most: int = MOST) -> str:
    """A text as it may be shown: on one line, and without effect on what shows it.

    Whatever cannot be seen or moves what can, such as control characters, line breaks,
    marks of the direction of writing, spaces without width and halves of characters,
    appears as the escape sequence that Python writes for it. Of a long text the
    middle is left out.

    Args:
        value: anything; its `str`.
        most: number of letters shown, about.

    Example:
        >>> plain("SNIa\\x1b[2J\\u202e"), plain("SNIb/c, März")
        ('SNIa\\\\x1b[2J\\\\u202e', 'SNIb/c, März')
        >>> len(plain("x" * 100_000))
        2005
    """
    text = str(value)
    if len(text) > most:
        end = min(_END, most // 2)
        text = f"{text[: most - end]} ... {text[-end:]}"
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )


def in_markdown(value: Any) -> str:
    """A text as it may stand in Markdown: no link, picture, HTML, formula or cell.

    Example:
        >>> print(in_markdown("[a](https://b) | <i>"), in_markdown("SNIa_91bg"))
        \\[a\\](https\\://b) \\| \\<i\\> SNIa_91bg
    """
    return _ADDRESS.sub(r"\:", _SIGNS.sub(r"\\\g<0>", plain(value)))


def as_code(value: Any) -> str:
    """A text as a piece of code in Markdown, also within a table.

    Example:
        >>> print(as_code("ztfsims/a"), as_code("a`b|c"))
        `ztfsims/a` ``a`b\\|c``
    """
    text = plain(value).replace("|", r"\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    edge = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{edge}{text}{edge}{fence}"
