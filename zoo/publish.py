"""Publish a model folder on the Hugging Face Hub as a version that never changes.

All files go up in one commit, and a tag `vX.Y.Z` is set on it afterwards. Models are
loaded by their tags, so a push that dies leaves what was there before, and a second
push goes on from wherever the first one got to.
"""

import hashlib
import json
import tempfile
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from zoo.card import check_card
from zoo.hub import as_version, explained, versions
from zoo.manifest import CARD, METRICS, SPLIT, check_files, preset_of
from zoo.model_folder import check_golden, read_model, rewrite


@dataclass(frozen=True)
class Change:
    """What a push does to one file: `add`, `replace`, `keep` or `delete`."""

    path: str
    action: str
    size: int


@dataclass(frozen=True)
class Push:
    """What a push does, or did.

    Attributes:
        repo: `org/name`.
        tag: `vX.Y.Z`.
        creates: whether the repository is new.
        private: whether it is created as private.
        changes: what happens to each file.
        head: commit that the new one builds on; empty for a new repository.
        commit: the commit that holds the version; empty in a dry run.
        pull_request: its address, where one was opened instead.
    """

    repo: str
    tag: str
    creates: bool
    private: bool
    changes: tuple[Change, ...]
    head: str = ""
    commit: str = ""
    pull_request: str | None = None

    @property
    def commits(self) -> bool:
        """Whether a commit is needed: not where the files are there already."""
        return any(change.action != "keep" for change in self.changes)


def push(
    folder: str | PathLike[str],
    repo: str,
    *,
    version: str,
    private: bool = False,
    dry_run: bool = False,
    pr: bool = False,
) -> Push:
    """Publish a model folder as a version on the Hugging Face Hub.

    The folder stays as it is. The published copy bears the name of the repository and
    the version; its golden values are checked first.

    Args:
        folder: a model folder.
        repo: `org/name`; made where there is none.
        version: `X.Y.Z`, higher than every version published there.
        private: make the repository a private one.
        dry_run: check all, change nothing.
        pr: open a pull request instead. After it is merged, push again to set the tag.

    Returns:
        What was done, or would be.

    Raises:
        ValueError: the folder or its card is not fit to be published, or the version
            exists or does not increase, or somebody else pushed at the same moment.
        OSError: the hub cannot be reached or refuses.

    Example:
        >>> import zoo
        >>> zoo.push("my-bts", "me/my-bts", version="1.0.0")  # doctest: +SKIP
    """
    check_name(repo, version)
    with tempfile.TemporaryDirectory() as scratch:
        staged = stage(Path(folder), Path(scratch) / "model", repo, version)
        check_golden(read_model(staged), staged)
        plan = compare(staged, repo, version, private)
        return plan if dry_run else upload(staged, plan, pr)


def check_name(repo: str, version: str) -> None:
    """Refuse what is no `org/name` or no `X.Y.Z`.

    Raises:
        ValueError: as said.
    """
    if repo.count("/") != 1 or not all(repo.split("/")):
        raise ValueError(f"{repo!r} is no name of a model on the hub: write org/name.")
    if as_version(version) is None or version.startswith("v"):
        raise ValueError(f"{version!r} is no version: write three numbers, as 1.0.0.")


def stage(folder: Path, out: Path, repo: str, version: str) -> Path:
    """Make the copy that is published, after checking what needs no network.

    Raises:
        ValueError: a file was changed, or licence, measurement or a section of the card
            is missing.
    """
    preset = preset_of(check_files(folder))
    if not preset.license.strip() or preset.license.lower() in ("unknown", "other"):
        raise ValueError(
            f"{folder} names no licence, so nobody may use it. Save it with "
            "Preset.license, an SPDX identifier such as Apache-2.0."
        )
    metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    if metrics.get("macro_auroc") is None or not metrics.get("intervals"):
        raise ValueError(
            f"{folder / METRICS} holds no measurement. Make one: zoo-cli card {folder} "
            "--data DATA."
        )
    name = repo.partition("/")[2]
    renamed = preset.replace(version=version, model_id=name)
    rewrite(folder, out, preset=renamed, repo=repo)
    (out / SPLIT).unlink(missing_ok=True)
    check_card((out / CARD).read_text(encoding="utf-8"))
    return out


def compare(staged: Path, repo: str, version: str, private: bool) -> Push:
    """What publishing a staged folder would change on the hub.

    Raises:
        ValueError: the version exists or does not increase, or the repository is public
            and should be private.
    """
    from huggingface_hub.errors import RepositoryNotFoundError

    tag, files = f"v{version}", sorted(staged.iterdir())
    client = _client()
    with explained(repo):
        try:
            refs = client.list_repo_refs(repo)
        except RepositoryNotFoundError:
            changes = [Change(p.name, "add", p.stat().st_size) for p in files]
            return Push(repo, tag, True, private, tuple(changes))
        published = versions(refs)
        if tag in published:
            raise ValueError(
                f"{repo} has {tag} already, and a version never changes. Choose a "
                f"higher one than {list(published)[-1]}."
            )
        if published and as_version(tag) < as_version(list(published)[-1]):  # type: ignore[operator]
            raise ValueError(
                f"{tag} does not increase: {repo} is at {list(published)[-1]}."
            )
        if private and not client.model_info(repo).private:
            raise ValueError(
                f"{repo} exists and is public. Leave --private out, or make it private "
                "on its page."
            )
        head = next(b.target_commit for b in refs.branches if b.name == "main")
        there = _there(repo, head)
    changes = [
        Change(path.name, _action(path, there.get(path.name)), path.stat().st_size)
        for path in files
    ]
    ours = {path.name for path in files}
    changes += [
        Change(name, "delete", entry.size)
        for name, entry in sorted(there.items())
        if name not in ours and not name.startswith(".")
    ]
    return Push(repo, tag, False, private, tuple(changes), head)


def upload(staged: Path, plan: Push, pr: bool = False) -> Push:
    """Do what `compare` found: one commit, then the tag.

    Raises:
        ValueError: somebody else pushed since.
        OSError: the hub cannot be reached or refuses.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete
    from huggingface_hub.errors import HfHubHTTPError

    client, repo, commit = _client(), plan.repo, plan.head
    operations: list[Any] = [
        CommitOperationDelete(change.path)
        if change.action == "delete"
        else CommitOperationAdd(change.path, str(staged / change.path))
        for change in plan.changes
        if change.action != "keep"
    ]
    with explained(repo):
        if plan.creates:
            client.create_repo(repo, private=plan.private, exist_ok=True)
        try:
            if plan.commits:
                done = client.create_commit(
                    repo,
                    operations,
                    commit_message=plan.tag,
                    parent_commit=plan.head or None,
                    create_pr=pr,
                )
                commit = done.oid
                if pr:
                    return replace(plan, commit=commit, pull_request=done.pr_url)
        except HfHubHTTPError as error:
            # The client repeats a commit that got no answer: then the first one stands.
            commit = _standing(staged, repo, "main", error)
        except RuntimeError as error:  # what the client makes of a failed upload
            raise ConnectionError(
                f"{repo}: {error} {error.__cause__} Nothing was published: push again."
            ) from None
        try:
            client.create_tag(repo, tag=plan.tag, revision=commit)
        except HfHubHTTPError as error:
            commit = _standing(staged, repo, plan.tag, error)
    return replace(plan, commit=commit)


def _standing(staged: Path, repo: str, revision: str, error: Any) -> str:
    """The commit at a revision if it holds what is staged, after a conflict.

    Raises:
        ValueError: it holds something else: somebody else was faster.
        HfHubHTTPError: the error is no conflict.
    """
    if error.response.status_code not in (409, 412):
        raise error
    there = _there(repo, revision)
    if all(_action(path, there.get(path.name)) == "keep" for path in staged.iterdir()):
        return _client().model_info(repo, revision=revision).sha
    raise ValueError(
        f"somebody else pushed to {repo} at the same moment. What they published "
        "stands, and yours was not. Look at theirs, then push again."
    ) from None


def _there(repo: str, revision: str) -> dict[str, Any]:
    """The files of a revision on the hub, with their hashes."""
    entries = _client().list_repo_tree(repo, recursive=True, revision=revision)
    return {entry.path: entry for entry in entries if hasattr(entry, "blob_id")}


def _client():
    from huggingface_hub import HfApi

    return HfApi(library_name="transient-zoo")


def _action(path: Path, there: Any) -> str:
    """Whether a file of the hub must be added or replaced, by its hash."""
    if there is None:
        return "add"
    content = path.read_bytes()
    if there.lfs is not None:
        same = hashlib.sha256(content).hexdigest() == there.lfs.sha256
    else:  # git's name of a file's content
        blob = b"blob %d\0" % len(content) + content
        same = hashlib.sha1(blob, usedforsecurity=False).hexdigest() == there.blob_id
    return "keep" if same else "replace"
