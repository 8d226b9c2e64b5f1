"""Fetch a model from the Hugging Face Hub: one revision, whole, and what it says.

The client checks the size of a file, not what is in it, so every file is held against
the sha256 in `zoo.json` before anything reads it. Only files that `zoo.json` names are
downloaded.
"""

import difflib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zoo.manifest import MANIFEST, check_files, peek, read_manifest

# `import zoo` and `--help` do without the half second that the client takes to import.

NAMESPACE = os.environ.get("ZOO_HUB_NAMESPACE", "transient-zoo")
"""The organisation on the hub whose models have short ids."""

_SHORT = "Consistency check failed"  # what the client says of a file of another size
_NUMBER = "(0|[1-9][0-9]*)"
_VERSION = re.compile(rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


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


def as_version(tag: str) -> tuple[int, int, int] | None:
    """The three numbers of `v1.2.3` or `1.2.3`, None for anything else.

    Example:
        >>> as_version("v1.10.0") > as_version("1.9.3"), as_version("main")
        (True, None)
    """
    match = _VERSION.fullmatch(tag)
    return tuple(int(part) for part in match.groups()) if match else None  # type: ignore[return-value]


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
                raise _refused(repo, error.__cause__) from None
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


def versions(refs) -> dict[str, str]:
    """Tags that are versions, lowest first, and the commits they name."""
    tags = {tag.name: tag.target_commit for tag in refs.tags if as_version(tag.name)}
    return dict(sorted(tags.items(), key=lambda item: as_version(item[0]) or ()))


@contextmanager
def explained(repo: str) -> Iterator[None]:
    """Turn an error of the client into one sentence that says what to do."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        raise PermissionError(
            f"{repo} is gated: ask for access on its page, then log in with "
            "`hf auth login` or set HF_TOKEN."
        ) from None
    except errors.RepositoryNotFoundError:
        raise KeyError(
            f"the hub has no model {repo!r} (nor is there such a folder), or it is "
            "private and your token gives no access: log in with `hf auth login` or "
            f"set HF_TOKEN.{_near(repo)}"
        ) from None
    except errors.RevisionNotFoundError:
        raise KeyError(f"{repo} has no such revision.{_versions_of(repo)}") from None
    except errors.LocalTokenNotFoundError:
        raise _denied(repo) from None
    except errors.HFValidationError:
        raise KeyError(f"{repo!r} is no name of a model: write org/name.") from None
    except errors.OfflineModeIsEnabled:
        raise ConnectionError(
            f"{repo}: HF_HUB_OFFLINE is set, so the hub is not asked."
        ) from None
    except errors.HfHubHTTPError as error:
        raise _refused(repo, error) from None
    except errors.HTTPError as error:
        raise ConnectionError(
            f"{repo}: the hub cannot be reached ({type(error).__name__}: {error}). Try "
            "again later."
        ) from None
    except OSError as error:
        if _SHORT not in str(error):
            raise
        raise ConnectionError(
            f"{repo}: {str(error).splitlines()[0]}. The hub sends less than it "
            "announces: try again later."
        ) from None


def _refused(repo: str, error) -> OSError:
    status = error.response.status_code
    said = (error.server_message or "").splitlines()[:1]
    reason = f" ({said[0]})" if said else ""
    if status in (401, 403):
        return _denied(repo, reason)
    if status == 429:
        return ConnectionError(
            f"{repo}: the hub asks for fewer requests (429). Try again later."
        )
    return ConnectionError(
        f"{repo}: the hub answered {status}{reason}. Try again later."
    )


def _denied(repo: str, reason: str = "") -> PermissionError:
    return PermissionError(
        f"{repo}: the hub refuses your token or there is none{reason}. Log in with "
        "`hf auth login`, or set HF_TOKEN to a token that may write there."
    )


def client():
    """The client of the hub, which tells it who asks."""
    from huggingface_hub import HfApi

    return HfApi(library_name="transient-zoo")


def _tag(revision: str) -> str:
    """The tag of a version written without its `v`; anything else as it is."""
    bare = as_version(revision) and not revision.startswith("v")
    return f"v{revision}" if bare else revision


def _newest(repo: str) -> str:
    """The highest version: of the hub, or of the cache where it cannot be reached."""
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    tags: list[str] = []
    versioned = [name for name in _cached_refs(repo) if as_version(name)]
    cached = sorted(versioned, key=lambda tag: as_version(tag) or ())
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
        if isinstance(error, OSError) and _SHORT not in str(error):
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
    from huggingface_hub import snapshot_download

    def download(force: bool) -> Path:
        return Path(
            snapshot_download(
                repo,
                revision=resolved,
                allow_patterns=names,
                library_name="transient-zoo",
                force_download=force,
            )
        )

    if afresh:  # where the cache holds copies, not links, force alone keeps the old
        folder = download(False)
        for name in names:
            (folder / name).unlink(missing_ok=True)
    return download(afresh)


def _refs_folder(repo: str) -> Path:
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    return (
        Path(HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="model") / "refs"
    )


def _cached_refs(repo: str) -> dict[str, str]:
    """Branches and tags as they were when last fetched, and their commits."""
    folder = _refs_folder(repo)
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_text().strip() for path in files
    }


def _near(repo: str) -> str:
    """A hint at a model of the same author with a like name, where there is one."""
    try:
        names = [m.id for m in client().list_models(author=repo.partition("/")[0])]
    except Exception:  # a hint is no reason for another error
        return ""
    near = difflib.get_close_matches(repo, names, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _versions_of(repo: str) -> str:
    try:
        tags = list(versions(client().list_repo_refs(repo)))
    except Exception:
        return ""
    return f" Versions: {', '.join(tags) or 'none'}."
