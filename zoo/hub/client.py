"""The client of the Hugging Face Hub, and what a version is there."""

import os
import re
from collections.abc import Iterable

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


def reach() -> None:
    """Ask the hub for any answer, so that one without it is known within seconds.

    By itself the client waits for an answer without limit, and for a list it asks five
    times again. HF_HUB_ETAG_TIMEOUT, its limit for the state of a file, is the limit
    here: 10 seconds by default.

    Raises:
        huggingface_hub.errors.HTTPError: there is no answer.
        huggingface_hub.errors.OfflineModeIsEnabled: HF_HUB_OFFLINE is set.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils import get_session

    get_session().head(constants.ENDPOINT, timeout=constants.HF_HUB_ETAG_TIMEOUT)


def as_version(tag: str) -> tuple[int, int, int] | None:
    """The three numbers of `v1.2.3` or `1.2.3`, None for anything else.

    Example:
        >>> as_version("v1.10.0") > as_version("1.9.3"), as_version("main")
        (True, None)
    """
    match = _VERSION.fullmatch(tag)
    return tuple(int(part) for part in match.groups()) if match else None  # type: ignore[return-value]


def versions(names: Iterable[str]) -> list[str]:
    """Those names of tags that are versions, lowest first.

    Example:
        >>> versions(["v1.10.0", "main", "v1.9.3"])
        ['v1.9.3', 'v1.10.0']
    """
    return sorted(filter(as_version, names), key=lambda tag: as_version(tag) or ())


def tag_of(revision: str) -> str:
    """The tag of a version written without its `v`; anything else as it is.

    Example:
        >>> tag_of("1.2.0"), tag_of("main")
        ('v1.2.0', 'main')
    """
    bare = as_version(revision) and not revision.startswith("v")
    return f"v{revision}" if bare else revision


def published_versions(repo: str) -> list[str]:
    """The versions of a model on the hub, lowest first."""
    return versions(tag.name for tag in client().list_repo_refs(repo).tags)
