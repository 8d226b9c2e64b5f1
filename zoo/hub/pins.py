"""The zoo's own models: those in the package, and what each version must be."""

import json
from pathlib import Path

from zoo.model_folder.manifest import MANIFEST

_PACKAGE = Path(__file__).parents[1]

BUNDLED = _PACKAGE / "bundled"
"""Model folders that come with the package and need no network."""


def bundled_ids() -> list[str]:
    """Ids of the models that come with the package."""
    return sorted(path.parent.name for path in BUNDLED.glob(f"*/{MANIFEST}"))


def pins() -> dict[str, dict[str, str]]:
    """The sha256 in `zoo.json` of each version of the zoo's own models, by model id.

    A model of this name and version is accepted only with this sha256, from the package
    and from the hub.

    Example:
        >>> "ztfsims-gru" in pins()
        True
    """
    return json.loads((_PACKAGE / "pins.json").read_text(encoding="utf-8"))
