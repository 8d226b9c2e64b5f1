"""Which revision of a model on the hub is meant, and that a version never moves."""

from pathlib import Path

from zoo.hub.client import as_version, client, versions


def tag_of(revision: str) -> str:
    """The tag of a version written without its `v`; anything else as it is.

    Example:
        >>> tag_of("1.2.0"), tag_of("main")
        ('v1.2.0', 'main')
    """
    bare = as_version(revision) and not revision.startswith("v")
    return f"v{revision}" if bare else revision


def newest(repo: str) -> str:
    """The highest version: of the hub, or of the cache where it cannot be reached.

    Raises:
        KeyError: it has no version.
        ConnectionError: HF_HUB_OFFLINE is set, and the cache has no version.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    tags: list[str] = []
    cached = _cached_versions(repo)
    if not constants.HF_HUB_OFFLINE:
        try:
            tags = list(versions(client().list_repo_refs(repo)))
        except HfHubHTTPError as error:
            if error.response.status_code < 500 or not cached:
                raise
        except HTTPError:
            if not cached:
                raise
    elif not cached:
        raise ConnectionError(
            f"{repo} is not in the cache, and HF_HUB_OFFLINE is set. Run `zoo-cli pull "
            f"{repo} --out DIR` where there is a network."
        )
    if not (tags or cached):
        raise KeyError(
            f"{repo} has no version: nothing was published there with `zoo-cli push`. "
            f"Name a branch or a commit, such as {repo}@main, if you trust it."
        )
    return (tags or cached)[-1]


def _cached_versions(repo: str) -> list[str]:
    """The versions that the client has notes of, lowest first."""
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    name = repo_folder_name(repo_id=repo, repo_type="model")
    refs = (Path(HF_HUB_CACHE) / name / "refs").glob("v*")
    tags = [path.name for path in refs if as_version(path.name)]
    return sorted(tags, key=lambda tag: as_version(tag) or ())


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
            f"{repo}@{tag} is no longer what was fetched before: the tag moved from "
            f"{known[:8]} to {commit[:8]}, and versions never move. Ask its authors; "
            f"{repo}@{known} loads the former files. To accept the new ones, delete "
            f"{note}."
        )
