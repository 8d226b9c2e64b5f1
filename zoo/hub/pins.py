"""The zoo's own models: those in the package, and what each version must be."""

import json
from pathlib import Path

from zoo.hub.client import NAMESPACE
from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.manifest import MANIFEST

_PACKAGE = Path(__file__).parents[1]

_OFFICIAL = "transient-zoo"  # whatever ZOO_HUB_NAMESPACE says

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


def model_of_the_zoo(repo: str) -> str | None:
    """The id of the zoo's own model that a repository of the hub is named for, if any.

    Example:
        >>> model_of_the_zoo("transient-zoo/ztfsims-gru"), model_of_the_zoo("me/mine")
        ('ztfsims-gru', None)
    """
    namespace, _, model_id = repo.partition("/")
    known = namespace in (NAMESPACE, _OFFICIAL) and model_id in pins()
    return model_id if known else None


def check_pin(folder: ModelFolder, model_id: str, name: str) -> bool:
    """Compare a model of the zoo with what the zoo published under its version.

    Args:
        folder: its files.
        model_id: whose pins they are.
        name: of the model, for messages.

    Returns:
        Whether there is a pin for its version.

    Raises:
        ValueError: it is another model.
    """
    preset = folder.preset
    pinned = pins()[model_id].get(f"v{preset.version}")
    if pinned is not None and folder.manifest.sha256 != pinned:
        raise ValueError(
            f"{folder.path}: this is not {name} as the zoo published it. Install "
            "transient-zoo again, or ask its authors."
        )
    return pinned is not None
