"""Which revision of a model on the hub is meant, and that a version never moves."""

from pathlib import Path

from zoo.hub.client import published_versions, versions


def newest(repo: str) -> str:
    """The highest version: of the hub, or of the cache where it cannot be reached.

    Raises:
        KeyError: it has no version.
        ConnectionError: HF_HUB_OFFLINE is set, and the cache has no version.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    tags = cached = _cached_versions(repo)
    if not constants.HF_HUB_OFFLINE:
        try:
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
    return tags[-1]


def _cached_versions(repo: str) -> list[str]:
    """The versions that the client has notes of, lowest first."""
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    name = repo_folder_name(repo_id=repo, repo_type="model")
    refs = Path(HF_HUB_CACHE) / name / "refs"
    return versions(path.name for path in refs.glob("v*"))


def refuse_moved(repo: str, tag: str, commit: str) -> None:
    """Refuse a version that names another commit than when it was first fetched.

    The client overwrites its own notes of tags, so this keeps one of its own, written
    before anything is downloaded.

    Raises:
        ValueError: it has moved.
    """
    from huggingface_hub.constants import HF_HOME

    note = Path(HF_HOME) / "zoo" / "versions" / repo / tag
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        with note.open("x", encoding="utf-8") as file:
            file.write(commit)
        return
    except FileExistsError:
        known = note.read_text(encoding="utf-8")
    except OSError:  # a cache that may only be read
        return
    if known and known != commit:
        raise ValueError(
            f"{repo}@{tag} has changed since it was first fetched: the tag moved from "
            f"{known[:8]} to {commit[:8]}, and versions never move. Ask its authors; "
            f"{repo}@{known} loads the former files. To accept the new ones, delete "
            f"{note}."
        )
