"""How the name of a model becomes a model folder, every file of it checked.

ztfsims-gru           an id of the zoo: comes with the package, or from its hub
org/name              a model on the Hugging Face Hub, also written hf://org/name
path/to/folder        a model folder
NAME@REVISION         a version (v1.2.0 or 1.2.0), a branch or a commit
"""

import difflib
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from zoo.hub.client import NAMESPACE
from zoo.hub.fetch import Found, fetch
from zoo.hub.pins import BUNDLED, pins
from zoo.model_folder.folder import (
    ModelFolder,
    check_out,
    read_files,
    refuse_unnamed,
)
from zoo.model_folder.manifest import SPLIT, Manifest, read_manifest
from zoo.system.atomic import new_folder
from zoo.system.leftovers import recover

_HUB = "hf://"


def find(
    name: str | PathLike[str] | Found,
    *,
    read: Callable[[Manifest], ModelFolder] = read_files,
) -> Found:
    """Find a model by its name and check its files; one of the hub is downloaded.

    An id of the zoo comes before a folder of the same name: write `./NAME` for that. A
    folder `org/name` comes before a model of the hub: write `hf://org/name` for that.

    Args:
        name: of the model; what was found already is returned as it is.
        read: what reads and checks the files that a `zoo.json` names.

    Raises:
        KeyError: there is no such model, folder or revision.
        ValueError: the files of a model are not what they were published as.
        OSError: the hub cannot be reached or refuses.

    Example:
        >>> find("ztfsims-gru").folder.preset.survey
        'ztfsims'
    """
    if isinstance(name, Found):
        return name
    text = str(name)
    on_hub = text.startswith(_HUB)
    repo, at, revision = text.removeprefix(_HUB).partition("@")
    if not repo or (at and not revision):
        raise KeyError(f"{text!r} is not a model name: write NAME or NAME@REVISION.")
    for folder in () if on_hub else {text, repo}:
        recover(Path(folder))
    if repo in pins() and not on_hub:
        return _of_the_zoo(repo, revision, read)
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
        return fetch(repo, revision, read)
    near = difflib.get_close_matches(repo, pins(), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
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
        KeyError, ValueError, OSError: as `load`; or the folder holds something else.
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
    with new_folder(path) as part:
        for file, content in source.files.items():
            (part / file).write_bytes(content)
    return path


def _in_folder(folder: Path, read: Callable[[Manifest], ModelFolder]) -> Found:
    manifest = read_manifest(folder)
    refuse_unnamed(manifest)
    local = read(manifest)
    preset = local.preset
    return Found(local, f"{preset.repository or preset.model_id}@v{preset.version}")


def _of_the_zoo(
    model_id: str, revision: str, read: Callable[[Manifest], ModelFolder]
) -> Found:
    """A model of the zoo: the one that comes with the package, or another version."""
    known = pins()[model_id]
    if (BUNDLED / model_id).is_dir():
        bundled = read(read_manifest(BUNDLED / model_id))
        version = bundled.preset.version
        if revision.removeprefix("v") in ("", version):
            name = f"{model_id}@v{version}"
            _check_pin(bundled, known.get(f"v{version}"), name)
            return Found(bundled, name)
    published = fetch(f"{NAMESPACE}/{model_id}", revision or list(known)[-1], read)
    version = published.name.rpartition("@")[2]
    if version in known:
        _check_pin(published.folder, known[version], published.name)
    return Found(published.folder, f"{model_id}@{version}")


def _check_pin(folder: ModelFolder, pinned: str | None, name: str) -> None:
    if folder.manifest.sha256 != pinned:
        raise ValueError(
            f"{folder.path}: this is not {name} as the zoo published it. Install "
            "transient-zoo again, or ask its authors."
        )
