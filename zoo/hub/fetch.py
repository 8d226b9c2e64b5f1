"""Fetch a model from the Hugging Face Hub: one revision, whole, and what it says.

The client checks the size of a file, not what is in it, so every file is held against
the sha256 in `zoo.json` before anything reads it. Only files that `zoo.json` names are
downloaded.
"""

from dataclasses import dataclass
from pathlib import Path

from zoo.hub.client import as_version, client, versions
from zoo.hub.errors import SHORT, explained, refused
from zoo.model_folder.manifest import MANIFEST, check_files, peek, read_manifest

# `import zoo` and `--help` do without the half second that the client takes to import.


@dataclass(frozen=True)
class Fetched:
    """A model in the client's cache.

    Attributes:
        folder: its files, checked.
        repo: `org/name`.
        revision: the version's tag, or the commit where a branch or a commit was asked
            for: either names these files for ever.
    """

    folder: Path
    repo: str
    revision: str


def fetch(repo: str, revision: str = "") -> Fetched:
    """Download a model into the client's cache, or find it there, and check it.

    Without a network, or with HF_HUB_OFFLINE=1, what was fetched before is used.

    Args:
        repo: `org/name`.
        revision: a version, with or without its `v`, a branch or a commit. Default: the
            highest version.

    Raises:
        KeyError: there is no such model or revision, or no version at all.
        ValueError: the files are not what `zoo.json` says, or a version has moved.
        OSError: the hub cannot be reached or refuses, and the cache has no copy.
    """
    from huggingface_hub.errors import (
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RevisionResolutionError,
    )

    with explained(repo):
        wanted = _tag(revision) or _newest(repo)
        try:
            resolved = client().resolve_revision(repo, revision=wanted)
            if as_version(wanted):
                _hold_to(repo, wanted, resolved.resolved)
            folder = _download(repo, resolved)
        except (LocalEntryNotFoundError, RevisionResolutionError) as error:
            if isinstance(error.__cause__, HfHubHTTPError):
                raise refused(repo, error.__cause__) from None
            raise ConnectionError(
                f"{repo}@{wanted} is not in the cache, and the hub cannot be reached. "
                f"Run `zoo-cli pull {repo} --out DIR` where there is a network."
            ) from None
    version = f"v{peek(folder).version}"
    if as_version(wanted) and version != wanted:
        raise ValueError(
            f"{repo}@{wanted} is not what it says: its {MANIFEST} is that of "
            f"{version}. Ask its authors."
        )
    exact = wanted if as_version(wanted) else resolved.resolved
    return Fetched(folder, repo, exact)


def _hold_to(repo: str, tag: str, commit: str) -> None:
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
            f"{repo}@{known} loads the former files. To take the new ones, delete "
            f"{note}."
        )


def _tag(revision: str) -> str:
    """The tag of a version written without its `v`; anything else as it is."""
    bare = as_version(revision) and not revision.startswith("v")
    return f"v{revision}" if bare else revision


def _newest(repo: str) -> str:
    """The highest version: of the hub, or of the cache where it cannot be reached."""
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


def _download(repo: str, resolved) -> Path:
    """The files of a commit; again where they arrive damaged or the hub stumbles."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return _named_files(repo, resolved)
    except HfHubHTTPError as error:
        if error.response.status_code < 500:
            raise
        return _named_files(repo, resolved)
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and SHORT not in str(error):
            raise
        return _named_files(repo, resolved, afresh=True)
    except RuntimeError as error:  # what hf_xet raises
        raise ConnectionError(
            f"{repo}: the download failed ({error}). Try again later."
        ) from None


def _named_files(repo: str, resolved, *, afresh: bool = False) -> Path:
    """First the manifest, then what it names, and no other file."""
    folder = _snapshot(repo, resolved, [MANIFEST], afresh)
    if not (folder / MANIFEST).is_file():
        raise KeyError(f"{repo} is no model of a zoo: it has no {MANIFEST}.")
    names = read_manifest(folder)["files"]
    folder = _snapshot(repo, resolved, [MANIFEST, *names], afresh)
    check_files(folder)
    return folder


def _snapshot(repo: str, resolved, names: list[str], afresh: bool) -> Path:
    def download(force: bool) -> Path:
        return Path(
            client().snapshot_download(
                repo, revision=resolved, allow_patterns=names, force_download=force
            )
        )

    if afresh:  # where the cache holds copies, not links, force alone keeps the old
        folder = download(False)
        for name in names:
            (folder / name).unlink(missing_ok=True)
    return download(afresh)


def _cached_versions(repo: str) -> list[str]:
    """The versions that the client has notes of, lowest first."""
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    name = repo_folder_name(repo_id=repo, repo_type="model")
    refs = (Path(HF_HUB_CACHE) / name / "refs").glob("v*")
    tags = [path.name for path in refs if as_version(path.name)]
    return sorted(tags, key=lambda tag: as_version(tag) or ())
