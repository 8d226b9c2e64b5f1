"""`zoo.json`: the preset of a model folder, and the sha256 of every other file.

It also holds the sha256 of its own text without that entry, so that no byte of a folder
can change unnoticed. Only the card may change: it is prose, which a person may edit.
This is a check against accidents; whoever writes a folder can of course write another
`zoo.json`: `zoo.hub.pins` holds those of the zoo's own models.
"""

import hashlib
import importlib.metadata
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from zoo.inputs.limits import check_table, check_text, shown
from zoo.model_folder.contents import is_drawn, names_in
from zoo.model_folder.preset import SCHEMA_VERSION, Preset
from zoo.system.leftovers import recover
from zoo.system.regular import read_regular

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
_SHA256 = re.compile("[0-9a-f]{64}")
_LARGEST = 2**24  # bytes of zoo.json: ten times its largest preset
_DEEPEST = 100  # lists in lists; the configs of Keras are 14 deep
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
        try:
            return Preset.from_dict(
                {key: v for key, v in self.entries.items() if key not in about}
            )
        except ValueError as error:
            raise ValueError(f"{self.folder / MANIFEST}: {error}") from None


def write_manifest(
    preset: Preset, folder: Path, versions: dict[str, str] | None = None
) -> None:
    """Write `zoo.json` for the files that are there.

    Args:
        preset: of the model.
        folder: where its other files are, complete.
        versions: of the packages that made the weights; default: those installed.
    """
    files = [name for name in names_in(folder) if name not in (MANIFEST, SPLIT)]
    manifest = {
        "schema_version": SCHEMA_VERSION,
        **preset.to_dict(),
        "versions": versions or installed_versions(),
        "files": {name: sha256((folder / name).read_bytes()) for name in files},
    }
    manifest["sha256"] = _own(manifest)
    content = to_json(manifest).encode()
    _check(content, folder / MANIFEST)  # what `load` refuses is not saved
    (folder / MANIFEST).write_bytes(content)


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
    content = read_regular(path, _LARGEST)
    return Manifest(folder, content, _parsed(content, path))


def _parsed(content: bytes, path: Path) -> dict[str, Any]:
    """What the bytes of a `zoo.json` say, checked but for the preset in it."""
    _check(content, path)
    return json.loads(content)


@lru_cache(8)  # a stream or a worker loads the same name again and again
def _check(content: bytes, path: Path) -> None:
    try:
        entries = parse_json(content, "it")
        version, files = entries["schema_version"], entries["files"]
        own = entries["sha256"] if version == SCHEMA_VERSION else ""
        if not isinstance(files, dict):
            raise TypeError("files is no table of names")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error!r}. Fetch it again.") from None
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"{path} has schema version {shown(version)}; this zoo reads "
            f"{SCHEMA_VERSION}. Upgrade transient-zoo."
        )
    if own != _own(entries) or content != to_json(entries).encode():
        raise ValueError(
            f"{path} was changed: its sha256 is not the one in it. Fetch the model "
            "again."
        )
    for name in sorted(files):
        if name not in REQUIRED and not is_drawn(name):
            raise ValueError(
                f"{path} names {shown(name)}, which is not a file of a model folder. "
                "Do not trust it: fetch the model from where it was published."
            )
        if not isinstance(files[name], str) or not _SHA256.fullmatch(files[name]):
            raise ValueError(f"{path} has no sha256 of {name}. Fetch the model again.")
    versions = entries.get("versions")
    try:
        check_table("versions", versions)
        for name in versions:
            check_text(f"the version of {name}", versions[name])
    except ValueError as error:
        raise ValueError(f"{path}: {error} Fetch the model again.") from None


def sha256(content: bytes) -> str:
    """The sha256 of the bytes of a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def to_json(value: Any) -> str:
    """The text of each of our JSON files: indented, with a line end."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def parse_json(content: bytes, name: object) -> Any:
    """Parse a JSON file that a stranger may have written.

    Args:
        content: its bytes.
        name: of the file, for messages.

    Raises:
        ValueError: it is not JSON, not UTF-8, lies too deep in itself, or holds a
            number that is not finite, which JSON does not know.

    Example:
        >>> parse_json(b"[1, NaN]", "metrics.json")
        Traceback (most recent call last):
        ValueError: metrics.json is not valid JSON: NaN is no number.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number")

    try:
        text = content.decode("utf-8")
        value = json.loads(text, parse_constant=refuse)
        _refuse_deep(value)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError(f"{name} is not valid JSON: it lies too deep.") from None
    except ValueError as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ValueError(f"{name} is not valid JSON: {reason}.") from None
    return value


def _refuse_deep(value: Any) -> None:
    """Raise RecursionError, which Python itself raises at another depth in each of its
    versions."""
    level = [value]
    for _ in range(_DEEPEST):
        if not (lists := [x for x in level if isinstance(x, dict | list)]):
            return
        level = [y for x in lists for y in (x.values() if isinstance(x, dict) else x)]
    raise RecursionError


def _own(manifest: dict[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return sha256(to_json(rest).encode())
