"""Publish a model folder on the Hugging Face Hub as a version that never changes.

All files go up in one commit, and a tag `vX.Y.Z` is set on it afterwards. Models are
loaded by their tags, so a push that dies leaves what was there before, and a second
push goes on from wherever the first one got to.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from zoo.card import check_card
from zoo.hub import as_version, client, explained, versions
from zoo.manifest import (
    CARD,
    MANIFEST,
    METRICS,
    SPLIT,
    check_files,
    preset_of,
    refuse_unnamed,
)
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
    folder = Path(folder)
    with tempfile.TemporaryDirectory() as scratch:
        staged = stage(folder, Path(scratch) / "model", repo, version)
        check_golden(read_model(staged), staged)
        plan = compare(staged, repo, version, private, pr)
        return plan if dry_run else upload(staged, plan)


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
    refuse_unnamed(folder)
    if not preset.license.strip():
        raise ValueError(
            f"{folder} names no licence, so nobody may use it. Give it one: zoo-cli "
            f"card {folder} --license Apache-2.0."
        )
    metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    if metrics.get("macro_auroc") is None or not metrics.get("intervals"):
        raise ValueError(
            f"{folder / METRICS} holds no measurement. Make one: zoo-cli card {folder} "
            "--data DATA."
        )
    name = repo.partition("/")[2]
    named = preset.replace(version=version, model_id=name, repository=repo)
    if named == preset:  # to the byte, though figures may be drawn otherwise today
        shutil.copytree(folder, out)
    else:
        rewrite(folder, out, preset=named)
    (out / SPLIT).unlink(missing_ok=True)
    for hidden in out.glob(".*"):
        shutil.rmtree(hidden) if hidden.is_dir() else hidden.unlink()
    check_card((out / CARD).read_text(encoding="utf-8"))
    return out


def compare(
    staged: Path, repo: str, version: str, private: bool = False, pr: bool = False
) -> Push:
    """What publishing a staged folder would change on the hub.

    Raises:
        KeyError, OSError: the hub refuses.
        ValueError: the version exists or does not increase, the repository is public
            and should be private, or it holds something other than a model.
    """
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    tag, hub = f"v{version}", client()
    sizes = {path.name: path.stat().st_size for path in sorted(staged.iterdir())}
    with explained(repo):
        hub.whoami()  # without a token one's own private models look like none
        try:
            refs = hub.list_repo_refs(repo)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            new = tuple(Change(name, "add", size) for name, size in sizes.items())
            return Push(repo, tag, True, private, new, pr=pr)
        published = versions(refs)
        newest = next(reversed(published), tag)
        if tag in published:
            same = _holds(staged, _there(repo, tag))
            advice = (
                "with these very files: there is nothing to push."
                if same
                else f"and a version never changes. Choose one above {newest}."
            )
            raise ValueError(f"{repo} has {tag} already, {advice}")
        if published and as_version(tag) <= as_version(newest):  # type: ignore[operator]
            raise ValueError(f"{tag} does not increase: {repo} is at {newest}.")
        if private and not hub.model_info(repo).private:
            raise ValueError(
                f"{repo} exists and is public. Leave --private out, or make it private "
                "on its page."
            )
        heads = {branch.name: branch.target_commit for branch in refs.branches}
        head = heads.get("main", "")
        there = _there(repo, head) if head else {}
        former = _former_names(repo, head, there)
    changes = [
        Change(name, _action(staged / name, there.get(name)), size)
        for name, size in sizes.items()
    ]
    gone = sorted(former - sizes.keys())
    changes += [Change(name, "delete", there[name].size) for name in gone]
    return Push(repo, tag, False, private, tuple(changes), head, pr=pr)


def upload(staged: Path, plan: Push) -> Push:
    """Do what `compare` found: one commit, then the tag.

    Raises:
        ValueError: somebody else pushed since.
        OSError: the hub cannot be reached or refuses.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete
    from huggingface_hub.errors import HfHubHTTPError

    hub, repo = client(), plan.repo
    if plan.creates:
        with explained(repo):
            hub.create_repo(repo, private=plan.private, exist_ok=True)
        # Somebody may have made it at the same moment: look again.
        found = compare(staged, repo, plan.tag.removeprefix("v"), plan.private, plan.pr)
        plan = replace(found, creates=True)
    operations: list[Any] = [
        CommitOperationDelete(change.path)
        if change.action == "delete"
        else CommitOperationAdd(change.path, str(staged / change.path))
        for change in plan.changes
        if change.action != "keep"
    ]
    commit = plan.head
    with explained(repo):
        try:
            if plan.commits:
                done = hub.create_commit(
                    repo,
                    operations,
                    commit_message=plan.tag,
                    parent_commit=plan.head or None,
                    create_pr=plan.pr,
                )
                commit = done.oid
                if plan.pr:
                    return replace(plan, commit=commit, pull_request=done.pr_url)
        except HfHubHTTPError as error:
            commit = _standing(staged, plan, "" if plan.pr else "main", error)
        except RuntimeError as error:  # what the client makes of a failed upload
            raise ConnectionError(
                f"{repo}: {error} {error.__cause__ or ''} Nothing was published: push "
                "again."
            ) from None
        try:
            hub.create_tag(repo, tag=plan.tag, revision=commit)
        except HfHubHTTPError as error:
            commit = _standing(staged, plan, plan.tag, error)
    return replace(plan, commit=commit)


def _standing(staged: Path, plan: Push, revision: str, error: Any) -> str:
    """The commit at a revision if it holds what is staged, after a conflict.

    So it is where the hub did what it was asked, its answer was lost, and the client
    asked again.

    Raises:
        ValueError: it holds something else: somebody else was faster.
        HfHubHTTPError: the error is no conflict.
    """
    if error.response.status_code not in (409, 412):
        raise error
    if revision and _holds(staged, _there(plan.repo, revision)):
        return client().model_info(plan.repo, revision=revision).sha
    raise ValueError(
        f"somebody else pushed to {plan.repo} at the same moment. What they published "
        "stands, and yours was not. Look at theirs, then push again."
    ) from None


def _holds(staged: Path, there: dict[str, Any]) -> bool:
    """Whether files of the hub are those that are staged."""
    return all(
        _action(path, there.get(path.name)) == "keep" for path in staged.iterdir()
    )


def _former_names(repo: str, head: str, there: dict[str, Any]) -> set[str]:
    """The files of the model that is there; any others are nobody's business.

    Raises:
        ValueError: there are files, and none of them is a model's `zoo.json`.
    """
    if MANIFEST in there:
        from huggingface_hub import hf_hub_download

        text = Path(hf_hub_download(repo, MANIFEST, revision=head)).read_text("utf-8")
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


def _there(repo: str, revision: str) -> dict[str, Any]:
    """The files of a revision on the hub, with their hashes."""
    entries = client().list_repo_tree(repo, recursive=True, revision=revision)
    return {entry.path: entry for entry in entries if hasattr(entry, "blob_id")}


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
