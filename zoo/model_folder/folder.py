"""A model folder: read once, checked as it is read, and handed on.

Every file is read a single time. The bytes whose sha256 was compared with `zoo.json`
are the bytes that are parsed, so a file that changes on disk afterwards does no harm.
"""

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zoo.model_folder.contents import EVAL_RESULTS, is_drawn, names_in
from zoo.model_folder.manifest import (
    CARD,
    MANIFEST,
    REQUIRED,
    SPLIT,
    WEIGHTS,
    Manifest,
    read_manifest,
    sha256,
)
from zoo.model_folder.preset import Preset
from zoo.system.atomic import check_replaceable, refuse_existing, scratch_folder
from zoo.system.regular import read_regular

LARGEST = 2**26
"""Bytes of a file of a model folder, but for the weights."""

_LARGEST_WEIGHTS = 2**30  # the widest network of a preset has 0.9 GB of them
_LARGEST_SPLIT = 2**30  # some 50 million objects

# What macOS and Jupyter put into any folder that is looked at; and what these, git, the
# hub and its client put into a model's by themselves.
_IN_ANY_FOLDER = (".DS_Store", ".ipynb_checkpoints")
_NOT_OURS = (
    *(".git", ".gitattributes", ".gitignore", ".cache"),
    *_IN_ANY_FOLDER,
    *(f"{EVAL_RESULTS}/{name}" for name in _IN_ANY_FOLDER),
)
_FORMER_GRAPHS = ".onnx-"


@dataclass(frozen=True, eq=False)
class ModelFolder:
    """A model folder whose files are those that its `zoo.json` names.

    Attributes:
        path: where it is.
        manifest: its `zoo.json`.
        files: the content of every file by its name, `zoo.json` included.
    """

    path: Path
    manifest: Manifest
    files: dict[str, bytes]

    @property
    def preset(self) -> Preset:
        """The preset of the model."""
        return self.manifest.preset

    @property
    def card_is_edited(self) -> bool:
        """Whether a person has edited `README.md` since it was written."""
        card = self.files.get(CARD)
        return card is not None and sha256(card) != self.manifest.files.get(CARD)

    def copy_to(self, out: Path) -> None:
        """Write the files, as they were read, to a folder that is there."""
        for name, content in self.files.items():
            (out / name).parent.mkdir(exist_ok=True)
            (out / name).write_bytes(content)


def open_folder(folder: Path, *, card: bool = True) -> ModelFolder:
    """Read a model folder and check every file that its `zoo.json` names.

    The card alone may differ: it is prose, and no one computes with it.

    Args:
        folder: a model folder.
        card: ask for the card too, and check its figures and results; not where they
            are about to be rewritten.

    Raises:
        FileNotFoundError: it is not a model folder.
        ValueError: a file is missing or was changed.

    Example:
        >>> from zoo.hub.pins import BUNDLED
        >>> open_folder(BUNDLED / "ztfsims-gru").preset.model_id
        'ztfsims-gru'
    """
    return read_files(read_manifest(folder), card=card)


def read_files(manifest: Manifest, *, card: bool = True) -> ModelFolder:
    """Read and check the other files of a folder whose manifest was read already.

    Args and errors as for `open_folder`.
    """
    folder, files = manifest.folder, {MANIFEST: manifest.content}
    for name in sorted({*REQUIRED, *manifest.files}):
        path = folder / name
        drawn = name == CARD or is_drawn(name)
        if name.startswith(EVAL_RESULTS) and path.parent.is_symlink():
            raise ValueError(
                f"{path.parent} is a link, and must be a folder. {_remedy(drawn)}"
            )
        if not path.is_file():
            if drawn and not card:
                continue
            raise ValueError(f"{folder}: {name} is missing. {_remedy(drawn)}")
        files[name] = read_regular(
            path, _LARGEST_WEIGHTS if name == WEIGHTS else LARGEST
        )
        is_prose = name == CARD and name in manifest.files
        free = is_prose or (drawn and not card)
        if not free and sha256(files[name]) != manifest.files.get(name):
            raise ValueError(
                f"{path} was changed: its sha256 is not the one in {MANIFEST}. "
                f"{_remedy(drawn)}"
            )
    return ModelFolder(folder, manifest, files)


def refuse_linked_card(folder: ModelFolder) -> None:
    """Refuse a card that is a link to something other than the card of the model: a
    copy of it would be one of any private file.

    Raises:
        ValueError: it is.
    """
    path = folder.path / CARD
    if folder.card_is_edited and path.is_symlink():
        raise ValueError(
            f"{path} is a link to something other than the card of this model. Replace "
            "it by a file."
        )


def _remedy(drawn: bool) -> str:
    if drawn:
        return "Write the card again: zoo-cli card DIR [--prose FILE]."
    return "Fetch the model again."


def unnamed(folder: Path, named: Iterable[str]) -> list[Path]:
    """The entries of a folder that are neither files of its model nor harmless.

    Args:
        folder: a model folder.
        named: the files that its `zoo.json` names.
    """
    ours = {MANIFEST, SPLIT, *named, *_NOT_OURS}
    return [folder / name for name in names_in(folder) if name not in ours]


def refuse_unnamed(manifest: Manifest) -> None:
    """Refuse a folder that holds files which its `zoo.json` does not name, hidden or
    not.

    Nothing reads them; but what a person sees in a folder should be what was checked.

    Raises:
        ValueError: there is such a file.
    """
    for path in unnamed(manifest.folder, manifest.files):
        raise ValueError(
            f"{path} is not listed in {MANIFEST}: a model folder must contain nothing "
            f"else. {_what_to_do(path)}"
        )


def _what_to_do(path: Path) -> str:
    if path.name.startswith(_FORMER_GRAPHS):
        return "It was left by an early version of this package, or planted: delete it."
    return "Move it elsewhere."


def read_split(folder: ModelFolder) -> dict[str, list[str]]:
    """Ids of the objects a folder's model was trained on, by part; empty where they
    are not known.

    Raises:
        ValueError: the file that lists them is damaged.
    """
    path = folder.path / SPLIT
    if not os.path.lexists(path):
        return {}
    split: dict[str, list[str]] = {}
    longest = csv.field_size_limit(_LARGEST_SPLIT)  # an id may have any length
    try:
        content = read_regular(path, _LARGEST_SPLIT)
        text = content.decode("utf-8", "surrogatepass")
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if not {"object_id", "part"} <= {*(rows.fieldnames or ())}:
            raise ValueError("it has no columns object_id and part")
        for row in rows:
            if row["object_id"] is None or row["part"] is None:
                raise ValueError(f"line {rows.line_num} is incomplete")
            split.setdefault(row["part"], []).append(row["object_id"])
    except (csv.Error, OSError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise ValueError(
            f"{path} does not list objects by part: {reason}. Delete it if nobody "
            "knows what the model was trained on."
        ) from None
    finally:
        csv.field_size_limit(longest)
    return split


def check_out(path: Path, overwrite: bool) -> None:
    """Check that a model folder can be written, and destroys nothing.

    Args:
        path: of the folder.
        overwrite: whether a model that is there may be replaced.

    Raises:
        ValueError: it cannot be written, or holds something else.
        FileExistsError: there is a model, and it may not be replaced.
    """
    check_replaceable(path)
    _refuse_other_content(path)
    refuse_existing(path, overwrite)
    above = next(p for p in path.absolute().parents if p.exists())
    try:
        with scratch_folder(above):
            pass
    except OSError as error:
        raise ValueError(
            f"{path} cannot be written: {error.strerror}. Choose another folder."
        ) from None


def _refuse_other_content(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file. Choose a folder to write the model to.")
    if path.is_dir():
        ours: Iterable[str] = ()
        if (path / MANIFEST).is_file():
            try:
                ours = read_manifest(path).files
            except ValueError:
                raise ValueError(
                    f"{path} holds a damaged model. Delete it or choose another folder."
                ) from None
        for other in unnamed(path, ours):
            raise ValueError(
                f"{path} holds something other than a model: {other.name}. Choose "
                "another folder."
            )
