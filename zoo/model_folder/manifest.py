"""`zoo.json`: the preset of a model folder, and the sha256 of every other file.

It also holds the sha256 of its own text without that entry, so that no byte of a folder
can change unnoticed. This is a check against accidents; who writes a folder can of
course write another `zoo.json`: `zoo.hub.pins` holds those of the zoo's own models.
"""

import hashlib
import importlib.metadata
import json
import re
from pathlib import Path
from typing import Any

from zoo.model_folder.preset import SCHEMA_VERSION, Preset

MANIFEST = "zoo.json"
WEIGHTS = "model.safetensors"
CONFIG = "config.json"
METRICS = "metrics.json"
GOLDEN = "golden.npz"
CARD = "README.md"
SPLIT = "split.csv"
"""Who was trained on; it lies beside a model but is no part of it and never pushed."""

REQUIRED = (CARD, WEIGHTS, CONFIG, METRICS, GOLDEN)
FIGURES = ".png"
# A plain name: the client would take *, ? and [ for a pattern of files to download.
_FIGURE = re.compile(r"[A-Za-z0-9_-]+\.png")
_PACKAGES = ("transient-zoo", "keras", "numpy")
_ABOUT_THE_FOLDER = ("schema_version", "versions", "files", "sha256")


def write_manifest(
    preset: Preset, folder: Path, versions: dict[str, str] | None = None
) -> None:
    """Write `zoo.json` for the files that are there.

    Args:
        preset: of the model.
        folder: where its other files are, complete.
        versions: of the packages that made the weights; default: those installed.
    """
    files = sorted(p for p in folder.iterdir() if p.name not in (MANIFEST, SPLIT))
    manifest = {
        "schema_version": SCHEMA_VERSION,
        **preset.to_dict(),
        "versions": versions or installed_versions(),
        "files": {path.name: sha256(path) for path in files},
    }
    manifest["sha256"] = _own(manifest)
    (folder / MANIFEST).write_text(to_json(manifest), encoding="utf-8")


def installed_versions() -> dict[str, str]:
    """The versions of the packages that decide what a model says."""
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read `zoo.json`, which must be what `write_manifest` wrote to the byte.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it was changed, is of another schema, or names a file that has no
            place in a model folder.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(
            f"{folder} is not a model folder: it has no {MANIFEST}."
        )
    text = path.read_bytes()
    try:
        manifest = json.loads(text)
        version, files = manifest["schema_version"], manifest["files"]
        own = manifest["sha256"] if version == SCHEMA_VERSION else ""
        names = set(files)
        if not isinstance(files, dict):
            raise TypeError("files is no table of names")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error!r}. Fetch it again.") from None
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"{path} has schema version {version}; this zoo reads {SCHEMA_VERSION}. "
            "Upgrade transient-zoo."
        )
    if own != _own(manifest) or text != to_json(manifest).encode():
        raise ValueError(
            f"{path} was changed: its sha256 is not the one in it. Fetch the model "
            "again."
        )
    for name in sorted(names):
        if name not in REQUIRED and not _FIGURE.fullmatch(name):
            raise ValueError(
                f"{path} names {name!r}, which is no file of a model folder. Do not "
                "trust it: fetch the model from where it was published."
            )
    return manifest


def check_files(folder: Path, *, card: bool = True) -> dict[str, Any]:
    """Check every file that `zoo.json` names, and return its content.

    Args:
        folder: a model folder.
        card: check the card and its figures too; not where they are made anew.

    Raises:
        FileNotFoundError: it is not a model folder.
        ValueError: a file is missing or was changed.
    """
    manifest = read_manifest(folder)
    files = manifest["files"]
    for name in sorted({*REQUIRED, *files}):
        path = folder / name
        drawn = name == CARD or name.endswith(FIGURES)
        if drawn and not card:
            continue
        if not path.is_file():
            raise ValueError(f"{folder}: {name} is missing. {_remedy(drawn)}")
        if sha256(path) != files.get(name):
            raise ValueError(
                f"{path} was changed: its sha256 is not the one in {MANIFEST}. "
                f"{_remedy(drawn)}"
            )
    return manifest


def refuse_unnamed(folder: Path) -> None:
    """Refuse a folder that holds files which `zoo.json` does not name.

    Hidden ones, such as a hub's `.gitattributes`, are passed over: nothing reads them.

    Raises:
        FileNotFoundError, ValueError: as `read_manifest`; or there is such a file.
    """
    ours = {MANIFEST, SPLIT, *read_manifest(folder)["files"]}
    for path in sorted(folder.iterdir()):
        if path.name not in ours and not path.name.startswith("."):
            raise ValueError(
                f"{path} is not named in {MANIFEST}: a model folder holds nothing "
                "else. Move it elsewhere."
            )


def _remedy(drawn: bool) -> str:
    if drawn:
        return "Make the card anew: zoo-cli card DIR [--prose FILE]."
    return "Fetch the model again."


def read_preset(folder: Path) -> Preset:
    """Read the preset of a model folder after checking every file of it.

    Raises:
        FileNotFoundError, ValueError: as `check_files`.
    """
    return preset_of(check_files(folder))


def peek(folder: Path) -> Preset:
    """The preset of a model folder whose other files nobody is going to use.

    Raises:
        FileNotFoundError, ValueError: as `read_manifest`.
    """
    return preset_of(read_manifest(folder))


def preset_of(manifest: dict[str, Any]) -> Preset:
    """The preset in a manifest."""
    return Preset.from_dict(
        {key: v for key, v in manifest.items() if key not in _ABOUT_THE_FOLDER}
    )


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_json(value: Any) -> str:
    """The one way in which our JSON files are written."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _own(manifest: dict[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(to_json(rest).encode()).hexdigest()
