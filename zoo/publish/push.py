"""Publish a model folder on the Hugging Face Hub as a version that never changes.

All files are uploaded in one commit, and a tag `vX.Y.Z` is set on it afterwards. Models
are loaded by their tags, so a push that dies leaves the earlier versions as they were,
and a second push continues where the first one stopped.
"""

from os import PathLike
from pathlib import Path

from zoo.card import check_card
from zoo.card.rewrite import rewrite
from zoo.classifier.load import check_golden, read_model
from zoo.hub.client import as_version
from zoo.model_folder.folder import ModelFolder, open_folder, refuse_unnamed
from zoo.model_folder.manifest import CARD, METRICS, SPLIT
from zoo.model_folder.metrics import read_metrics
from zoo.publish.plan import Push, compare
from zoo.publish.upload import upload
from zoo.system.atomic import scratch_folder


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

    The folder stays as it is. The published copy gets the name of the repository and
    the version; its golden values are checked first. A card that a person has edited is
    published as it is, but for its header and the lines that load the model, which are
    written from `zoo.json` and `metrics.json`.

    Args:
        folder: a model folder.
        repo: `org/name`; created if it does not exist.
        version: `X.Y.Z`, higher than every version published there.
        private: create the repository as a private one.
        dry_run: check everything, change nothing.
        pr: open a pull request instead. After it is merged, push again to set the tag.

    Returns:
        What was done, or would be.

    Raises:
        ValueError: the folder or its card is not fit to be published, or the version
            exists or does not increase, or someone else pushed at the same moment.
        OSError: the hub cannot be reached or refuses.

    Example:
        >>> import zoo
        >>> zoo.push("my-bts", "me/my-bts", version="1.0.0")  # doctest: +SKIP
    """
    return publish(open_folder(Path(folder)), repo, version, private, dry_run, pr)


def publish(
    folder: ModelFolder, repo: str, version: str, private: bool, dry_run: bool, pr: bool
) -> Push:
    """As `push`, of a folder that was read and checked already."""
    check_name(repo, version)
    with scratch_folder() as scratch:
        staged = stage(folder, scratch / "model", repo, version)
        check_golden(read_model(staged), staged)
        try:
            plan = compare(staged, repo, version, private, pr)
        except (PermissionError, ConnectionError) as error:
            raise type(error)(
                f"{error} The files, the golden values and the card are ready."
            ) from None
        return plan if dry_run else upload(staged, plan)


def check_name(repo: str, version: str) -> None:
    """Check that a model can be published under a name and a version.

    Raises:
        ValueError: the name is not `org/name`, or the version not `X.Y.Z`.
    """
    if repo.count("/") != 1 or not all(repo.split("/")):
        raise ValueError(
            f"{repo!r} is not the name of a model on the hub: write org/name."
        )
    if as_version(version) is None or version.startswith("v"):
        raise ValueError(
            f"{version!r} is not a version: write three numbers, such as 1.0.0."
        )


def stage(folder: ModelFolder, out: Path, repo: str, version: str) -> ModelFolder:
    """Write the copy that is published, after checking what needs no network.

    Returns:
        The copy, read from disk and checked.

    Raises:
        ValueError: there is a file that does not belong there, or licence, measurement
            or a section of the card is missing.
    """
    refuse_unnamed(folder.manifest)
    preset = folder.preset
    if not preset.license.strip():
        raise ValueError(
            f"{folder.path} names no licence, so no one may use it. Give it one: "
            f"zoo-cli card {folder.path} --license Apache-2.0."
        )
    metrics = read_metrics(folder.files[METRICS], folder.path / METRICS)
    if metrics.get("macro_auroc") is None:
        raise ValueError(
            f"{folder.path / METRICS} has no measurement. Make one: zoo-cli card "
            f"{folder.path} --data DATA."
        )
    name = repo.partition("/")[2]
    named = preset.replace(version=version, model_id=name, repository=repo)
    edited = folder.card_is_edited
    if named == preset and not edited:
        # To the byte, though figures may be drawn otherwise today.
        out.mkdir()
        folder.copy_to(out)
    else:
        rewrite(folder, out, preset=named, keep_card=edited)
        (out / SPLIT).unlink(missing_ok=True)
    check_card((out / CARD).read_text(encoding="utf-8"))
    return open_folder(out)
