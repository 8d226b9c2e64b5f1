"""What a push would change on the hub, found out before anything is changed."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.hub.client import as_version, client, reach, versions
from zoo.hub.errors import explained
from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.manifest import CARD, MANIFEST, sha256


@dataclass(frozen=True)
class Change:
    """The effect of a push on one file: `add`, `replace`, `keep` or `delete`."""

    path: str
    action: str
    size: int


@dataclass(frozen=True)
class Push:
    """The effect of a push, before or after it.

    Attributes:
        repo: `org/name`.
        tag: `vX.Y.Z`.
        creates: whether the repository is new.
        private: whether it is created as private.
        changes: one for each file.
        head: parent of the new commit; empty for a new repository.
        pr: whether a pull request is opened instead.
        commit: the commit that holds the version; empty in a dry run.
        pull_request: its address, where one was opened instead.
    """

    repo: str
    tag: str
    creates: bool
    private: bool
    changes: tuple[Change, ...]
    head: str = ""
    pr: bool = False
    commit: str = ""
    pull_request: str | None = None

    @property
    def commits(self) -> bool:
        """Whether a commit is needed: not where the files are there already."""
        return any(change.action != "keep" for change in self.changes)


def compare(
    staged: ModelFolder,
    repo: str,
    version: str,
    private: bool = False,
    pr: bool = False,
) -> Push:
    """Find out what publishing a staged folder would change on the hub.

    Raises:
        KeyError, OSError: the hub refuses.
        ValueError: the version exists or does not increase, the repository is public
            and should be private, or it holds something other than a model.
    """
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    tag, hub = f"v{version}", client()
    sizes = {name: len(content) for name, content in sorted(staged.files.items())}
    with explained(repo):
        reach()
        hub.whoami()  # without a token, one's own private models do not exist
        try:
            refs = hub.list_repo_refs(repo)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            new = tuple(Change(name, "add", size) for name, size in sizes.items())
            return Push(repo, tag, True, private, new, pr=pr)
        published = versions(tag.name for tag in refs.tags)
        newest = published[-1] if published else tag
        if tag in published:
            same = holds(staged, files_at(repo, tag))
            advice = (
                "with these very files: there is nothing to push."
                if same
                else f"and a version never changes. Choose one above {newest}."
            )
            raise ValueError(f"{repo} already has {tag}, {advice}")
        if published and as_version(tag) <= as_version(newest):  # type: ignore[operator]
            raise ValueError(f"{tag} does not increase: {repo} is at {newest}.")
        if private and not hub.model_info(repo).private:
            raise ValueError(
                f"{repo} exists and is public. Leave --private out, or make it private "
                "on its page."
            )
        head = next((b.target_commit for b in refs.branches if b.name == "main"), "")
        there = files_at(repo, head) if head else {}
        former = _former_names(repo, head, there)
    changes = [
        Change(name, _action(staged.files[name], there.get(name)), size)
        for name, size in sizes.items()
    ]
    gone = sorted(former - sizes.keys())
    changes += [Change(name, "delete", there[name].size) for name in gone]
    return Push(repo, tag, False, private, tuple(changes), head, pr=pr)


def holds(staged: ModelFolder, there: dict[str, Any]) -> bool:
    """Whether files of the hub are those that are staged."""
    return all(
        _action(content, there.get(name)) == "keep"
        for name, content in staged.files.items()
    )


def _former_names(repo: str, head: str, there: dict[str, Any]) -> set[str]:
    """The files of the model that is there; a push leaves any others alone.

    Raises:
        ValueError: there are files, and none of them is a model's `zoo.json`.
    """
    if MANIFEST in there:
        file = client().hf_hub_download(repo, MANIFEST, revision=head)
        text = Path(file).read_text("utf-8")
        try:
            named = set(json.loads(text)["files"])
        except (ValueError, KeyError, TypeError):
            named = set()
        return {MANIFEST, *named} & there.keys()
    other = [
        name
        for name in sorted(there)
        if not name.startswith(".") and name not in (CARD, "LICENSE")
    ]
    if other:
        raise ValueError(
            f"{repo} holds something other than a model: {other[0]}. Choose another "
            "name."
        )
    return {CARD} & there.keys()


def files_at(repo: str, revision: str) -> dict[str, Any]:
    """The files of a revision on the hub, with their hashes."""
    entries = client().list_repo_tree(repo, recursive=True, revision=revision)
    return {entry.path: entry for entry in entries if hasattr(entry, "blob_id")}


def _action(content: bytes, there: Any) -> str:
    """Whether a file of the hub must be added or replaced, by its hash."""
    if there is None:
        return "add"
    if there.lfs is not None:
        same = sha256(content) == there.lfs.sha256
    else:  # git's name of a file's content
        blob = b"blob %d\0" % len(content) + content
        same = hashlib.sha1(blob, usedforsecurity=False).hexdigest() == there.blob_id
    return "keep" if same else "replace"
