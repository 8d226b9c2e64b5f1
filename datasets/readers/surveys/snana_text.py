"""SNANA text: one file per object, as of YSE DR1, also inside a tar file.

`KEY: value` lines, then `VARLIST:` with the names of the columns and one `OBS:` line
per observation. FLUXCAL has the zero point 27.5.
"""

import gzip
import tarfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.datasets.readers.files import rows
from zoo.datasets.readers.files.sources import Source
from zoo.datasets.readers.files.text import is_snana
from zoo.datasets.readers.surveys import snana
from zoo.light_curves.ragged import LightCurves

LOOKS_FOR = "SNANA text files (.dat, .txt, also .gz) or tar files of them"
WHAT = "SNANA text files"

_TEXT = (".dat", ".txt", ".dat.gz", ".txt.gz")
_TAR = (".tar", ".tar.gz", ".tgz")
_OBJECTS_AT_ONCE = 1000


def found(folder: Path) -> bool:
    """Whether the folder holds files of this format."""
    return next(_files(folder), None) is not None


def read(folder: str | PathLike[str]) -> Iterator[LightCurves]:
    """Read the SNANA text files in a folder, below it, and in tar files there.

    Files with these endings that have no SURVEY and SNID are passed over.

    Args:
        folder: as downloaded.

    Yields:
        The light curves of up to a thousand files.

    Raises:
        ValueError: a file is damaged, or a survey, filter or class is not known. The
            message names the file.
    """
    folder, dropped = Path(folder), Counter[str]()
    yield from _read(_files(folder), folder, dropped)
    rows.warn_dropped(dropped, folder)


def accepts(source: Source) -> bool:
    """Whether the source is of this format: text, or a tar file."""
    return source.kind in ("snana", "tar")


def read_sources(
    sources: list[Source], left_out: Counter[str]
) -> Iterator[LightCurves]:
    """Read text files and tar files of them; see `read`.

    Args:
        sources: the files.
        left_out: what is left out is counted here, by reason.
    """
    yield from _read(_texts(sources), sources[0].file, left_out)


def _texts(sources: list[Source]) -> Iterator[tuple[str, str]]:
    for source in sources:
        if source.kind == "snana":
            with source.open() as file:
                yield source.name, file.read().decode("utf-8", errors="replace")
            continue
        found = 0
        for name, content in _members(source.file):
            text = content.decode("utf-8", errors="replace")
            if is_snana(text):
                found += 1
                yield name, text
        if not found:
            raise ValueError(
                f"{source.name} is a tar file without SNANA text files. Unpack it and "
                "give the files in it."
            )


def _read(
    files: Iterator[tuple[str, str]], folder: Path, dropped: Counter[str]
) -> Iterator[LightCurves]:
    while batch := list(islice(files, _OBJECTS_AT_ONCE)):
        parts = [_parse(name, text) for name, text in batch]
        photometry = pd.concat([part for part, _ in parts], ignore_index=True)
        photflag = photometry.pop("photflag").to_numpy(np.int64)
        photometry = rows.apply_photflag(photometry, photflag)
        metadata = pd.DataFrame([one for _, one in parts])
        yield from rows.assemble(photometry, metadata, folder, dropped)


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and content of every SNANA text file, in the order of the names."""
    for path in sorted(folder.rglob("*")):
        name = path.name.lower()
        if name.endswith(_TEXT):
            contents = _content(path)
        elif name.endswith(_TAR):
            contents = _members(path)
        else:
            continue
        for source, content in contents:
            text = content.decode("utf-8", errors="replace")
            if is_snana(text):
                yield source, text


def _content(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            yield str(path), file.read()
    except (EOFError, OSError) as error:
        raise ValueError(
            f"{path} cannot be read: {error}. Download it again."
        ) from error


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                file = tar.extractfile(member)
                if file and member.name.lower().endswith(_TEXT[:2]):
                    yield f"{path}/{member.name}", file.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError(
            f"{path} cannot be read as a tar file: {error}. Download it again."
        ) from error


def _parse(source: str, text: str) -> tuple[pd.DataFrame, dict[str, object]]:
    """The rows in known passbands, with `photflag`, and the metadata of one object."""
    header, table = _split(source, text)
    object_id, survey = header["SNID"].split()[0], header["SURVEY"].split()[0]
    filters = np.array(table.get("BAND", table.get("FLT")), dtype=object)
    band = snana.passbands(filters, survey, source)
    try:
        photometry = pd.DataFrame(
            {
                "object_id": object_id,
                "mjd": np.array(table["MJD"], dtype=np.float64),
                "band": band,
                "flux": np.array(table["FLUXCAL"], dtype=np.float64),
                "flux_err": np.array(table["FLUXCALERR"], dtype=np.float64),
                "photflag": [int(flag, 0) for flag in table.get("PHOTFLAG", ())] or 0,
            }
        )
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error
    redshift = header.get("REDSHIFT_HELIO", header.get("REDSHIFT_FINAL"))
    metadata = {
        "object_id": object_id,
        "redshift": _number(redshift),
        "mwebv": _number(header.get("MWEBV")),
        "label": snana.label(header, survey, source),
    }
    return photometry[photometry["band"].notna()], metadata


def _split(source: str, text: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The header, and the columns that VARLIST names."""
    header: dict[str, str] = {}
    observations: list[list[str]] = []
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if key == "OBS":
            observations.append(value.split())
        elif colon and not observations:
            header.setdefault(key.strip(), value.strip())
    names = header.get("VARLIST", "").split()
    filters = "BAND" if "BAND" in names else "FLT"
    if missing := {"MJD", filters, "FLUXCAL", "FLUXCALERR"} - set(names):
        raise ValueError(
            f"{source}: its VARLIST {names} lacks {sorted(missing)}. Give a file with "
            "these columns."
        )
    if any(len(row) < len(names) for row in observations):
        raise ValueError(
            f"{source}: an OBS line is shorter than the VARLIST {names}. The file is "
            "cut: download it again."
        )
    return header, {
        name: [row[i] for row in observations] for i, name in enumerate(names)
    }


def _number(value: str | None) -> float:
    """The first word, `0.0478` of `0.0478 +- 0.005 (SPEC-Z, HELIO)`, as a number."""
    return float(rows.unknown_to_nan((value or "nan").split()[:1])[0])
