"""What the zoo's own models are, whoever hands them over."""

import json
from pathlib import Path

PINS = Path(__file__).parent.with_name("pins.json")


def pins() -> dict[str, dict[str, str]]:
    """The zoo's own models: by id, the sha256 in `zoo.json` of each version.

    Example:
        >>> "ztfsims-gru" in pins()
        True
    """
    return json.loads(PINS.read_text(encoding="utf-8"))
