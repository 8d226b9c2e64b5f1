"""How the name of a model becomes a model folder, every file of it checked.

ztfsims-gru           an id of the zoo: comes with the package, or from its hub
org/name              a model on the Hugging Face Hub, also written hf://org/name
path/to/folder        a model folder
NAME@REVISION         a version (v1.2.0 or 1.2.0), a branch or a commit
"""

import re
import warnings
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from zoo.hub.client import NAMESPACE
from zoo.hub.fetch import Found, fetch
from zoo.hub.pins import BUNDLED, check_pin, model_of_the_zoo, pins
from zoo.hub.revisions import is_cached, is_in_cache
from zoo.inputs.limits import shown
from zoo.model_folder.folder import (
    ModelFolder,
    check_out,
    read_files,
    refuse_linked_card,
    refuse_unnamed,
)
from zoo.model_folder.keras_config import check_config
from zoo.model_folder.manifest import SPLIT, Manifest, read_manifest
from zoo.spelling import did_you_mean
from zoo.system.atomic import new_folder
from zoo.system.leftovers import recover

_HUB = "hf://"
_NOT_CHECKED = (
    "Its files are checked: they are whole, and those that its author pushed. Whether "
    "its author is honest is not: that is for you to know."
)


def find(
    name: str | PathLike[str] | Found,
    *,
    read: Callable[[Manifest], ModelFolder] = read_files,
    sha256: str | None = None,
) -> Found:
    """Find a model by its name and check its files; one of the hub is downloaded.

    An id of the zoo comes before a folder of the same name: write `./NAME` for that. A
    folder `org/name` comes before a model of the hub: write `hf://org/name` for that.

    Args:
        name: of the model; what was found already is returned as it is.
        read: what reads and checks the files that a `zoo.json` names.
        sha256: the one that its `zoo.json` states, which `zoo-cli verify` prints: any
            other model is refused. Default: not asked for.

    Raises:
        KeyError: there is no such model, folder or revision.
        ValueError: the files of a model are not what they were published as, or not
            those of the sha256.
        OSError: the hub cannot be reached or refuses.

    Example:
        >>> find("ztfsims-gru").folder.preset.survey
        'ztfsims'
    """
    if sha256 is not None:
        read = _only(sha256, read)
        if isinstance(name, Found):
            read(name.folder.manifest)
    if isinstance(name, Found):
        return name
    text = str(name)
    on_hub = text.startswith(_HUB)
    repo, at, revision = text.removeprefix(_HUB).partition("@")
    if not repo or (at and not revision):
        raise KeyError(f"{text!r} is not a model name: write NAME or NAME@REVISION.")
    if repo in pins() and not on_hub:
        return _of_the_zoo(repo, revision, read)
    # Of an id of the zoo there is no folder, and the present one may hold many files.
    for folder in () if on_hub else {text, repo}:
        recover(Path(folder))
    if Path(text).is_dir() and not on_hub:
        return _in_folder(Path(text), read)
    if Path(repo).is_dir() and not on_hub:
        local = _in_folder(Path(repo), read)
        if local.name.rpartition("@")[2].lstrip("v") != revision.lstrip("v"):
            raise KeyError(
                f"the folder {repo} holds {local.name}, not version {revision!r}. For "
                f"the hub's write hf://{text}."
            )
        return local
    if (
        repo.count("/") == 1
        and all(repo.split("/"))
        and not repo.startswith((".", "~"))
    ):
        above = repo.partition("/")[0]
        if Path(above).is_dir() and not on_hub and not model_of_the_zoo(repo):
            raise KeyError(
                f"the folder {above} has no model {repo.partition('/')[2]!r}. For the "
                f"hub's write hf://{text}."
            )
        return _from_the_hub(repo, revision, read, named=on_hub, pinned=bool(sha256))
    hint = did_you_mean(repo, pins())
    raise KeyError(
        f"{repo!r} is neither a folder nor a model of the zoo.{hint} Known: "
        f"{', '.join(pins())}; a model of the hub is named org/name."
    )


def pull(name: str, folder: str | PathLike[str], *, overwrite: bool = False) -> Path:
    """Copy a model into a folder, checked, for use without a network.

    Args:
        name: as for `load`.
        folder: where.
        overwrite: replace a model that is there.

    Returns:
        The folder.

    Raises:
        KeyError, ValueError, OSError: as `load`; or the folder holds something else, or
            the model's card is a link to another file.
        FileExistsError: there is a model, and `overwrite` is False.

    Example:
        >>> import tempfile, zoo
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zoo.pull("ztfsims-gru", f"{folder}/copy").name
        'copy'
    """
    path = Path(folder)
    if (path / SPLIT).exists():
        raise ValueError(
            f"{path} holds a model that was trained here: its {SPLIT}, which keeps it "
            "from being scored on what it learned from, would be lost. Choose another "
            "folder."
        )
    check_out(path, overwrite)
    source = find(name).folder
    check_config(source)  # others will give the copy to Keras
    if not is_in_cache(source.path):
        refuse_linked_card(source)
    with new_folder(path) as part:
        source.copy_to(part)
    return path


def _in_folder(folder: Path, read: Callable[[Manifest], ModelFolder]) -> Found:
    manifest = read_manifest(folder)
    refuse_unnamed(manifest)
    local = read(manifest)
    preset = local.preset
    return Found(local, f"{preset.repository or preset.model_id}@v{preset.version}")


def _only(
    sha256: str, read: Callable[[Manifest], ModelFolder]
) -> Callable[[Manifest], ModelFolder]:
    """As `read`, but of the one model that a user trusts."""
    if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256.lower()):
        raise ValueError(
            "sha256 must be the 64 hexadecimal digits that zoo.json states, not "
            f"{shown(sha256)}."
        )

    def read_that(manifest: Manifest) -> ModelFolder:
        if manifest.sha256 != sha256.lower():
            raise ValueError(
                f"{manifest.folder} is not the model that you pinned: its sha256 is "
                f"{manifest.sha256}."
            )
        return read(manifest)

    return read_that


def _of_the_zoo(
    model_id: str, revision: str, read: Callable[[Manifest], ModelFolder]
) -> Found:
    """A model of the zoo: the one that comes with the package, or another version."""
    if (BUNDLED / model_id).is_dir():
        bundled = read(read_manifest(BUNDLED / model_id))
        version = bundled.preset.version
        if revision.removeprefix("v") in ("", version):
            name = f"{model_id}@v{version}"
            if not check_pin(bundled, model_id, name):
                raise ValueError(
                    f"{bundled.path}: this is not {name} as the zoo published it. "
                    "Install transient-zoo again, or ask its authors."
                )
            return Found(bundled, name)
    repo = f"{NAMESPACE}/{model_id}"
    found = _from_the_hub(
        repo, revision or list(pins()[model_id])[-1], read, named=True
    )
    return Found(found.folder, f"{model_id}@{found.name.rpartition('@')[2]}")


def _from_the_hub(
    repo: str,
    revision: str,
    read: Callable[[Manifest], ModelFolder],
    *,
    named: bool,
    pinned: bool = False,
) -> Found:
    """A model of the hub, with a word on what nobody has checked.

    Args:
        repo: `org/name`.
        revision: of it, or empty.
        read: what reads and checks its files.
        named: whether the user said that it is on the hub.
        pinned: whether `read` takes only the files that the user trusts.

    Warns:
        UserWarning: it is fetched for the first time, or it is a version of
            a model of the zoo that this package does not know.
    """
    model_id, is_new = model_of_the_zoo(repo), not is_cached(repo)
    try:
        found = fetch(repo, revision, read)
    except (KeyError, ConnectionError) as error:
        if named or model_id or not is_new:
            raise
        message = f"there is no folder {repo}, so the hub was asked: {error.args[0]}"
        raise type(error)(message) from None
    if model_id is None and is_new:
        words = [] if named else ["it is no folder here, so the hub was asked for it."]
        words += [] if pinned else [_NOT_CHECKED]
        if words:
            warnings.warn(f"{repo}: {' '.join(words)}", stacklevel=3)
    known = model_id is None or check_pin(found.folder, model_id, found.name)
    if not known and not pinned:
        warnings.warn(
            f"{found.name}: this transient-zoo does not know the version. "
            f"{_NOT_CHECKED}",
            stacklevel=3,
        )
    return found
