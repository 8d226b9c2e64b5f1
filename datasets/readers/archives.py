"""Files in folders, in zip archives, and binary files packed with gzip.

What is packed is unpacked into a temporary folder under numbers: names in an archive
are for messages, never for paths. What unpacks to too much is refused, as of other
files.
"""

import gzip
import re
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO

from zoo.datasets.readers.files import limits
from zoo.datasets.readers.files.inspection import inspect, packed_kind
from zoo.datasets.readers.files.source import Source, UnknownFormat
from zoo.system.atomic import scratch_folder

_HATS = "hats.properties"
_KIND = re.compile(r"^dataproduct_type\s*=\s*(\w+)", re.MULTILINE)
_PIECE = 2**20  # bytes
_MOST = 100_000  # members: a night of alert packets has some 10,000


def files(folder: Path) -> list[Path]:
    """The files in a folder and below it; of HATS catalogues, those of the pixels.

    Thumbnails and margins of a catalogue (https://hats.readthedocs.io) repeat rows.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    catalogues = [path for path in paths if path.name == _HATS]
    for catalogue in catalogues:
        text = catalogue.read_text(encoding="utf-8", errors="replace")
        kind = _KIND.search(text)
        has_rows = kind is None or kind[1] in ("object", "source", "nested")
        root = catalogue.parent
        paths = [
            path
            for path in paths
            if not path.is_relative_to(root)
            or (has_rows and "Norder=" in str(path.relative_to(root)))
        ]
    return paths


def sources(path: Path, stack: ExitStack) -> tuple[list[Source], int]:
    """What a file is, or what each file in an archive is.

    Args:
        path: the file.
        stack: removes the temporary folder when it is closed.

    Returns:
        The sources, and the number of files in an archive that are of no known kind.

    Raises:
        UnknownFormat: it is of no known kind, and so is all that is in it.
        ValueError: it is damaged, encrypted, or would fill the disk.
    """
    kind = packed_kind(path)
    if not kind:
        return [inspect(path)], 0
    folder = stack.enter_context(scratch_folder())
    if kind == "gzip":
        limits.check_gzip(path)
        with limits.readable(path, "unpacked"), gzip.open(path) as file:
            _write(file, folder / "0", path, 0)
        return [_inspect(folder / "0", str(path))], 0
    found, unknown = [], []
    for label, file in _members(path, folder):
        try:
            found.append(_inspect(file, label))
        except UnknownFormat as error:
            unknown.append(error)
    if not found:
        raise unknown[0] if unknown else UnknownFormat(f"{path} holds no files.")
    return found, len(unknown)


def _members(path: Path, folder: Path) -> list[tuple[str, Path]]:
    """The files of a zip archive: what to call each, and where it was written."""
    written, size = [], 0
    with limits.readable(path, "unpacked"), zipfile.ZipFile(path) as archive:
        members = [
            one
            for one in archive.infolist()
            if not one.is_dir() and not _is_hidden(one.filename)
        ]
        if len(members) > _MOST:
            raise limits.Refused(
                f"{path} holds {len(members):,} files, and the limit is {_MOST:,}. "
                "Unpack it first."
            )
        for number, member in enumerate(members):
            if member.flag_bits & 1:
                raise limits.Refused(f"{path} is encrypted. Unpack it first.")
            at = folder / str(number)
            with archive.open(member) as file:
                size = _write(file, at, path, size)
            label = "".join(c if c.isprintable() else "?" for c in member.filename)
            written.append((f"{path}/{label}", at))
    return written


def _is_hidden(name: str) -> bool:
    """Whether a member is no file of the user's, but one of the Finder's."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _write(file: IO[bytes], to: Path, path: Path, size: int) -> int:
    """Copy a file, and return `size` with its bytes added."""
    packed = path.stat().st_size
    with to.open("wb") as copy:
        while piece := file.read(_PIECE):
            size += len(piece)
            limits.check_expansion(size, packed, path)
            limits.check_unpacked(size, path)
            copy.write(piece)
    return size


def _inspect(file: Path, label: str) -> Source:
    try:
        return replace(inspect(file), name=label)
    except ValueError as error:
        raise type(error)(str(error).replace(str(file), label)) from error
