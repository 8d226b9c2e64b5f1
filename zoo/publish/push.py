"""Publish a model folder on the Hugging Face Hub as a version that never changes.

All files go up in one commit, and a tag `vX.Y.Z` is set on it afterwards. Models are
loaded by their tags, so a push that dies leaves what was there before, and a second
push goes on from wherever the first one got to.
"""

import json
import shutil
import tempfile
from os import PathLike
from pathlib import Path

from zoo.card import check_card
from zoo.card.rewrite import rewrite
from zoo.classifier.load import check_golden, read_model
from zoo.hub.client import as_version
from zoo.model_folder.manifest import (
    CARD,
    METRICS,
    SPLIT,
    check_files,
    preset_of,
    refuse_unnamed,
)
from zoo.publish.plan import Change, Push, compare
from zoo.publish.upload import upload

__all__ = ["Change", "Push", "check_name", "compare", "push", "stage", "upload"]


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
