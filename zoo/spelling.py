"""The known name that is nearest to one that is not known, for messages."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """A sentence that offers the nearest known name, compared without regard to case.

    Args:
        name: what a user wrote.
        known: names to choose from.

    Returns:
        The sentence, with a space before it, or an empty text if no name is near.

    Example:
        >>> did_you_mean("BTS", ["ztfsims", "bts"]), did_you_mean("x", ["bts"])
        (" Did you mean 'bts'?", '')
    """
    by_key = {str(one).casefold(): str(one) for one in known}
    near = difflib.get_close_matches(str(name).casefold(), by_key, n=1)
    return f" Did you mean {by_key[near[0]]!r}?" if near else ""
