"""Carry out a planned push: one commit, then the tag."""

from dataclasses import replace
from typing import Any

from zoo.hub.client import client
from zoo.hub.errors import explained
from zoo.model_folder.folder import ModelFolder
from zoo.publish.plan import Push, compare, files_at, holds


def upload(staged: ModelFolder, plan: Push) -> Push:
    """Carry out the plan of `compare`: one commit, then the tag.

    Raises:
        ValueError: someone else has pushed since.
        OSError: the hub cannot be reached or refuses.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete
    from huggingface_hub.errors import HfHubHTTPError

    hub, repo = client(), plan.repo
    if plan.creates:
        with explained(repo):
            hub.create_repo(repo, private=plan.private, exist_ok=True)
        # Someone else may have created it at the same moment: compare again.
        now = compare(staged, repo, plan.tag.removeprefix("v"), plan.private, plan.pr)
        plan = replace(now, creates=True)
    operations: list[Any] = [
        CommitOperationDelete(change.path)
        if change.action == "delete"
        else CommitOperationAdd(change.path, str(staged.path / change.path))
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
            commit = _commit_there(staged, plan, "" if plan.pr else "main", error)
        except RuntimeError as error:  # what the client raises for a failed upload
            raise ConnectionError(
                f"{repo}: {error} {error.__cause__ or ''} Nothing was published: push "
                "again."
            ) from None
        try:
            hub.create_tag(repo, tag=plan.tag, revision=commit)
        except HfHubHTTPError as error:
            commit = _commit_there(staged, plan, plan.tag, error)
    return replace(plan, commit=commit)


def _commit_there(staged: ModelFolder, plan: Push, revision: str, error: Any) -> str:
    """The commit at a revision if it holds what is staged, after a conflict.

    That is the case if the hub did what it was asked, its answer was lost, and the
    client asked a second time.

    Raises:
        ValueError: it holds something else: another push was faster.
        HfHubHTTPError: the error is no conflict.
    """
    if error.response.status_code not in (409, 412):
        raise error
    if revision and holds(staged, files_at(plan.repo, revision)):
        return client().model_info(plan.repo, revision=revision).sha
    raise ValueError(
        f"someone else pushed to {plan.repo} at the same moment. Their version was "
        "published and yours was not. Look at theirs, then push again."
    ) from None
