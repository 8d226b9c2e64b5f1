"""`zoo.json`: the preset of a model folder, and the sha256 of every other file.

It also holds the sha256 of its own text without that entry, so that no byte of a folder
can change unnoticed. This is a check against accidents; whoever writes a folder can of
course write another `zoo.json`: `zoo.hub.pins` holds those of the zoo's own models.
"""

import hashlib
import importlib.metadata
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from zoo.model_folder.preset import SCHEMA_VERSION, Preset
from zoo.system.leftovers import recover

MANIFEST = "zoo.json"
WEIGHTS = "model.safetensors"
CONFIG = "config.json"
METRICS = "metrics.json"
GOLDEN = "golden.npz"
CARD = "README.md"
SPLIT = "split.csv"
"""Ids of the objects a model was trained on; it lies beside the model but is no part of
it and is never pushed."""

REQUIRED = (CARD, WEIGHTS, CONFIG, METRICS, GOLDEN)
FIGURES = ".png"
# A plain name: the client would take *, ? and [ for a pattern of files to download.
_FIGURE = re.compile(r"[A-Za-z0-9_-]+\.png")
_PACKAGES = ("transient-zoo", "keras", "numpy")
_ABOUT_THE_FOLDER = ("schema_version", "versions", "files", "sha256")


@dataclass(frozen=True, eq=False)
class Manifest:
    """What `zoo.json` of a model folder says; the other files were not looked at.

    Attributes:
        folder: where it was read.
        content: its bytes.
        entries: the same, parsed.
    """

    folder: Path
    content: bytes
    entries: dict[str, Any]

    @property
    def files(self) -> dict[str, str]:
        """The sha256 of each other file of the folder, by its name."""
        return self.entries["files"]

    @property
    def sha256(self) -> str:
        """The sha256 of the manifest itself, as it states it."""
        return self.entries["sha256"]

    @cached_property
    def preset(self) -> Preset:
        """The preset of the model.

        Raises:
            ValueError: an entry is missing, unknown or has a forbidden value.
        """
        about = _ABOUT_THE_FOLDER
        return Preset.from_dict(
            {key: v for key, v in self.entries.items() if key not in about}
        )


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
        "files": {path.name: sha256(path.read_bytes()) for path in files},
    }
    manifest["sha256"] = _own(manifest)
    (folder / MANIFEST).write_text(to_json(manifest), encoding="utf-8")


def installed_versions() -> dict[str, str]:
    """The versions of the packages that decide what a model predicts."""
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def read_manifest(folder: Path) -> Manifest:
    """Read `zoo.json`, which must be what `write_manifest` wrote to the byte.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it was changed, is of another schema, or names a file that has no
            place in a model folder.
    """
    recover(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(
            f"{folder} is not a model folder: it has no {MANIFEST}."
        )
    text = path.read_bytes()
    try:
        entries = json.loads(text)
        version, files = entries["schema_version"], entries["files"]
        own = entries["sha256"] if version == SCHEMA_VERSION else ""
        if not isinstance(files, dict):
            raise TypeError("files is no table of names")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error!r}. Fetch it again.") from None
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"{path} has schema version {version}; this zoo reads {SCHEMA_VERSION}. "
            "Upgrade transient-zoo."
        )
    if own != _own(entries) or text != to_json(entries).encode():
        raise ValueError(
            f"{path} was changed: its sha256 is not the one in it. Fetch the model "
            "again."
        )
    for name in sorted(files):
        if name not in REQUIRED and not _FIGURE.fullmatch(name):
            raise ValueError(
                f"{path} names {name!r}, which is not a file of a model folder. Do not "
                "trust it: fetch the model from where it was published."
            )
    return Manifest(folder, text, entries)


def sha256(content: bytes) -> str:
    """The sha256 of the bytes of a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def to_json(value: Any) -> str:
    """The text of each of our JSON files: indented, with a line end."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _own(manifest: dict[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return sha256(to_json(rest).encode())
