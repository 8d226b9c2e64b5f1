"""The client of the Hugging Face Hub, and what a version is there."""

import os
import re

NAMESPACE = os.environ.get("ZOO_HUB_NAMESPACE", "transient-zoo")
"""The organisation on the hub whose models have short ids."""

TAG = "transient-zoo"
"""The tag of our cards on the hub, by which models are found there."""

_NUMBER = "(0|[1-9][0-9]*)"
_VERSION = re.compile(rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


def client():
    """The client of the hub; it tells the hub that this package asks."""
    from huggingface_hub import HfApi

    return HfApi(library_name="transient-zoo")


def as_version(tag: str) -> tuple[int, int, int] | None:
    """The three numbers of `v1.2.3` or `1.2.3`, None for anything else.

    Example:
        >>> as_version("v1.10.0") > as_version("1.9.3"), as_version("main")
        (True, None)
    """
    match = _VERSION.fullmatch(tag)
    return tuple(int(part) for part in match.groups()) if match else None  # type: ignore[return-value]


def versions(refs) -> dict[str, str]:
    """Tags that are versions, lowest first, and the commits they name."""
    tags = {tag.name: tag.target_commit for tag in refs.tags if as_version(tag.name)}
    return dict(sorted(tags.items(), key=lambda item: as_version(item[0]) or ()))
