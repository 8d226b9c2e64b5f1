"""Which revision of a model on the hub is meant, and that a version never moves."""

import re
from contextlib import suppress
from pathlib import Path

from zoo.hub.client import published_versions, reach, versions
from zoo.model_folder.manifest import read_manifest
from zoo.system.atomic import new_file
from zoo.system.regular import read_regular

_COMMIT = 100  # bytes: the name of a commit has 40, or 64 with SHA-256


def newest(repo: str) -> tuple[str, bool]:
    """The highest version: of the hub, or of the cache where it cannot be reached.

    Returns:
        The tag, and whether the hub gives answers.

    Raises:
        KeyError: it has no version.
        ConnectionError: HF_HUB_OFFLINE is set, and the cache has no version.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    tags = cached = _cached_versions(repo)
    answers = False
    if not constants.HF_HUB_OFFLINE:
        try:
            reach()
            answers = True
            tags = published_versions(repo) or cached
        except HTTPError as error:
            if not cached:
                raise
            if isinstance(error, HfHubHTTPError) and error.response.status_code < 500:
                raise
    elif not cached:
        raise ConnectionError(
            f"{repo} is not in the cache, and HF_HUB_OFFLINE is set. Run `zoo-cli pull "
            f"{repo} --out DIR` where there is a network."
        )
    if not tags:
        raise KeyError(
            f"{repo} has no version: nothing was published there with `zoo-cli push`. "
            f"Name a branch or a commit, such as {repo}@main, if you trust it."
        )
    return tags[-1], answers


def _cached_versions(repo: str) -> list[str]:
    """The versions that the client has notes of, lowest first."""
    return versions(path.name for path in (_cache_of(repo) / "refs").glob("v*"))


def is_cached(repo: str) -> bool:
    """Whether the client has files of a repository."""
    return (_cache_of(repo) / "snapshots").is_dir()


def is_in_cache(folder: Path) -> bool:
    """Whether a folder is one of the client's, whose files are links to its own."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return folder.resolve().is_relative_to(Path(HF_HUB_CACHE).resolve())


def _cache_of(repo: str) -> Path:
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    return Path(HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="model")


def refuse_moved(repo: str, tag: str, commit: str) -> None:
    """Refuse a version that names another commit than when it was first fetched.

    The client overwrites its own notes of tags, so this keeps one of its own, written
    before anything is downloaded. Where that note is damaged, the files of the version
    in the client's cache tell.

    Raises:
        ValueError: it has moved.
    """
    from huggingface_hub.constants import HF_HOME

    note, known = Path(HF_HOME) / "zoo" / "versions" / repo / tag, ""
    with suppress(OSError, ValueError):
        known = read_regular(note, _COMMIT).decode("ascii")
    if not re.fullmatch("[0-9a-f]+", known):
        known = _cached_commit(repo, tag, commit) if note.exists() else commit
        with suppress(OSError):  # a cache that may only be read
            note.parent.mkdir(parents=True, exist_ok=True)
            with new_file(note) as part:
                part.write_text(known, encoding="ascii")
    if known != commit:
        raise ValueError(
            f"{repo}@{tag} has changed since it was first fetched: the tag moved from "
            f"{known[:8]} to {commit[:8]}, and versions never move. Ask its authors; "
            f"{repo}@{known} loads the former files. To accept the new ones, delete "
            f"{note}."
        )


def _cached_commit(repo: str, tag: str, commit: str) -> str:
    """The commit whose files in the cache are those of a version: the one given if it
    is among them, or if there are none."""
    others = []
    for folder in sorted((_cache_of(repo) / "snapshots").glob("*")):
        with suppress(OSError, ValueError):
            if f"v{read_manifest(folder).preset.version}" == tag:
                others.append(folder.name)
    return commit if commit in others or not others else others[0]
