"""Download a model from the Hugging Face Hub: one revision of it, complete and checked.

The client checks the size of a file, not its content, so every file is compared with
the sha256 in `zoo.json` before anything parses it. Only files that `zoo.json` names are
downloaded. A card may be edited on the hub, on a branch; in a version, which never
changes, it is as it was pushed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zoo.hub.client import as_version, client, reach, tag_of
from zoo.hub.errors import SHORT, explained, refused
from zoo.hub.revisions import newest, refuse_moved
from zoo.model_folder.folder import ModelFolder, read_files
from zoo.model_folder.manifest import CARD, MANIFEST, Manifest, read_manifest

_COMMIT = re.compile("[0-9a-f]{40}")

# `import zoo` and `--help` do without the half second that the client takes to import.


@dataclass(frozen=True)
class Found:
    """The model folder that a name stands for.

    Attributes:
        folder: its files, read and checked.
        name: `id@revision`, or `org/name@revision`: what a model transferred from it
            names as its parent. The revision of a model of the hub is the version's
            tag, or the commit where a branch or a commit was asked for: either names
            these files for ever.
    """

    folder: ModelFolder
    name: str


def fetch(
    repo: str,
    revision: str = "",
    read: Callable[[Manifest], ModelFolder] = read_files,
) -> Found:
    """Download a model into the client's cache, or find it there, and check it.

    Without a network, or with HF_HUB_OFFLINE=1, what was fetched before is used.

    Args:
        repo: `org/name`.
        revision: a version, with or without its `v`, a branch or a commit. Default: the
            highest version.
        read: what reads and checks the files that a `zoo.json` names.

    Raises:
        KeyError: there is no such model or revision, or no version at all.
        ValueError: the files are not those that `zoo.json` names, or a version has
            moved.
        OSError: the hub cannot be reached or refuses, and the cache has no copy.
    """
    from huggingface_hub.errors import (
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RevisionResolutionError,
    )

    with explained(repo):
        if revision:
            wanted, ask = tag_of(revision), _needs_hub(revision)
        else:
            wanted, ask = newest(repo)
        try:
            resolved = client().resolve_revision(
                repo, revision=wanted, local_files_only=not ask
            )
            if _COMMIT.fullmatch(wanted) and resolved.resolved != wanted:
                raise ValueError(
                    f"the hub answers with another commit than {wanted} of {repo}. Ask "
                    "its authors."
                )
            if as_version(wanted):
                refuse_moved(repo, wanted, resolved.resolved)
                read = _with_its_card(read)
            folder = _download(repo, resolved, read)
        except (LocalEntryNotFoundError, RevisionResolutionError) as error:
            if isinstance(error.__cause__, HfHubHTTPError):
                raise refused(repo, error.__cause__) from None
            raise ConnectionError(
                f"{repo}@{wanted} is not in the cache, and the hub cannot be reached. "
                f"Run `zoo-cli pull {repo} --out DIR` where there is a network."
            ) from None
    version = f"v{folder.preset.version}"
    if as_version(wanted) and version != wanted:
        raise ValueError(
            f"the tag {wanted} of {repo} is on other files: their {MANIFEST} is that "
            f"of {version}. Ask its authors."
        )
    exact = wanted if as_version(wanted) else resolved.resolved
    return Found(folder, f"{repo}@{exact}")


def _with_its_card(
    read: Callable[[Manifest], ModelFolder],
) -> Callable[[Manifest], ModelFolder]:
    """As `read`, but refusing a card that was edited after the push."""

    def read_all(manifest: Manifest) -> ModelFolder:
        folder = read(manifest)
        if folder.card_is_edited:
            raise ValueError(
                f"{folder.path / CARD} was changed: its sha256 is not the one in "
                f"{MANIFEST}, and a version never changes. Ask its authors."
            )
        return folder

    return read_all


def _needs_hub(revision: str) -> bool:
    """Whether to ask the hub for the commit of a revision: not where it is one, nor
    where the hub gives no answer."""
    from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled

    if _COMMIT.fullmatch(revision):
        return False
    try:
        reach()
    except (HTTPError, OfflineModeIsEnabled):
        return False
    return True


def _download(
    repo: str, resolved, read: Callable[[Manifest], ModelFolder]
) -> ModelFolder:
    """The files of a commit; again where they arrive damaged or the hub stumbles."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return _named_files(repo, resolved, read)
    except HfHubHTTPError as error:
        if error.response.status_code < 500:
            raise
        return _named_files(repo, resolved, read)
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and SHORT not in str(error):
            raise
        return _named_files(repo, resolved, read, again=True)
    except RuntimeError as error:  # what hf_xet raises
        raise ConnectionError(
            f"{repo}: the download failed ({error}). Try again later."
        ) from None


def _named_files(
    repo: str,
    resolved,
    read: Callable[[Manifest], ModelFolder],
    *,
    again: bool = False,
) -> ModelFolder:
    """First the manifest, then the files that it names, and no other."""
    folder = _snapshot(repo, resolved, [MANIFEST], again)
    if not (folder / MANIFEST).is_file():
        raise KeyError(f"{repo} is not a zoo model: it has no {MANIFEST}.")
    manifest = read_manifest(folder)
    _snapshot(repo, resolved, [MANIFEST, *manifest.files], again)
    return read(manifest)


def _snapshot(repo: str, resolved, names: list[str], again: bool) -> Path:
    def download(force: bool) -> Path:
        return Path(
            client().snapshot_download(
                repo, revision=resolved, allow_patterns=names, force_download=force
            )
        )

    if again:  # where the cache holds copies, not links, force alone keeps the old
        folder = download(False)
        for name in names:
            (folder / name).unlink(missing_ok=True)
    return download(again)
