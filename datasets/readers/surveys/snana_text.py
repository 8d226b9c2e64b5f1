"""SNANA text: one file per object, as of YSE DR1, also inside a tar file.

Words that end in a colon are keys, what follows them in the line are their values, and
after a `#` comes a comment. `VARLIST:` has the names of the columns; with the first of
the `OBS:` lines, one per observation, the header ends. What filters, fluxes and flags
mean: see `snana`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.files.text import snana_in_tar
from zoo.datasets.readers.surveys import rows, snana, snana_labels
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import DETECTION_SNR, LightCurves
from zoo.passbands import Passband

_OBJECTS_AT_ONCE = 1000
_COMMENT = re.compile(r"(?:^|\s)#.*")
_NUMBERS = ("NOBS", "NOBS_AFTER_MASK")  # of observations; the second is YSE DR1's
_MEANING = (
    *("SURVEY", "SNID", "VARLIST", "MWEBV_APPLYFLAG", "PHOTFLAG_DETECT"),
    *(*_NUMBERS, *snana.ZEROPOINTS),
)
"""Keys that decide what the rows mean. Of others that are repeated, the last counts, as
in SNANA (parse_SNTEXTIO_HEAD of its src/sntools_dataformat_text.c)."""

_READ = (
    *("MWEBV", *snana.REDSHIFTS, *snana.COORDINATES),
    *(*snana_labels.SPELLINGS, *snana_labels.CODES),
)
_REPEATED = "values of repeated header keys (kept: the last)"


def _light_curves(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Iterator[LightCurves]:
    """The light curves of up to a thousand files at a time."""
    texts = (one for source in sources for one in _texts(source))
    origin = sources[0].file if len(sources) == 1 else sources[0].file.parent
    while batch := list(islice(texts, _OBJECTS_AT_ONCE)):
        passbands: dict[str, Passband] = {}
        parts = [_parse(*one, left_out, options, passbands) for one in batch]
        photometry = pd.concat([part for part, _ in parts], ignore_index=True)
        metadata = pd.DataFrame([one for _, one in parts])
        known = replace(options, passbands=passbands)
        yield from rows.assemble(photometry, metadata, origin, left_out, known)


def _texts(source: Source) -> Iterator[tuple[str, str]]:
    """Name and content of a text file, or of every one in a tar file."""
    if source.kind == "tar":
        yield from snana_in_tar(source.file)
    else:
        with source.open() as file:
            yield source.name, file.read().decode("utf-8", errors="replace")


def _parse(
    source: str,
    text: str,
    left_out: Counter[str],
    options: ReadOptions,
    passbands: dict[str, Passband],
) -> tuple[pd.DataFrame, dict[str, object]]:
    """The rows and the metadata of one object; `passbands` takes what its rows name."""
    header, table = _split(source, text, left_out)
    if not header.get("SNID") or not header.get("SURVEY"):
        raise ValueError(f"{source}: SNID or SURVEY is empty. Give both in the header.")
    object_id = header["SNID"].split()[0]
    name, *rest = header["SURVEY"].split()
    survey = snana.survey_of(name, *[word for word in rest[:1] if word[0] == "("])
    filters = np.array(table.get("BAND", table.get("FLT")), dtype=object)
    band, known = snana.passbands(filters, survey, source, options)
    passbands |= known
    zeropoint = snana.stated_zeropoint(header, source)
    try:
        photometry = pd.DataFrame(
            {
                "object_id": object_id,
                "mjd": np.array(table["MJD"], dtype=np.float64),
                "band": band,
                "flux": np.array(table["FLUXCAL"], dtype=np.float64),
                "flux_err": np.array(table["FLUXCALERR"], dtype=np.float64),
                "zeropoint": zeropoint,
            }
        )
        flags = [_flag(flag) for flag in table.get("PHOTFLAG", ["0"] * len(band))]
        photflag = np.array(flags, np.int64)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"{source}: {error}. Correct it, or download it again."
        ) from error
    metadata = {
        "object_id": object_id,
        "redshift": _known(header, *snana.REDSHIFTS),
        "mwebv": _known(header, "MWEBV"),
    }
    metadata["label"], unknown = snana_labels.label(header, survey, source)
    if unknown:
        left_out[snana_labels.UNKNOWN.format(unknown)] += 1
    for key, column in snana.COORDINATES.items():
        if key in header:
            metadata[column] = _known(header, key)

    if snana.integer(header.get("MWEBV_APPLYFLAG", 0), "MWEBV_APPLYFLAG", source):
        mwebv = np.full(len(band), metadata["mwebv"])
        photometry = snana.with_dust(photometry, mwebv, known, source)
    mask = header.get("PHOTFLAG_DETECT")
    stated = None if mask is None else snana.integer(mask, "PHOTFLAG_DETECT", source)
    detected, saturated = snana.flags(photflag, survey, stated)
    if detected is None:  # beside files with flags
        columns = photometry[["flux", "flux_err"]].to_numpy(np.float32)
        with np.errstate(all="ignore"):  # for rows that are left out
            detected = columns[:, 0] / columns[:, 1] >= DETECTION_SNR
    left_out[snana.SATURATED_ROWS] += int(saturated.sum())
    return photometry.assign(detected=detected)[~saturated], metadata


def _split(
    source: str, text: str, left_out: Counter[str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The header, and the columns that VARLIST names.

    Raises:
        ValueError: a column is missing, the file is cut, or it contradicts itself.
    """
    header: dict[str, str] = {}
    observations: list[list[str]] = []
    for line in text.splitlines():
        words = _COMMENT.sub("", line).split()
        if words[:1] == ["OBS:"]:
            observations.append(words[1:])
        elif observations and words[:1] == ["SNID:"]:
            raise ValueError(
                f"{source} holds a second object, {' '.join(words[1:2])}. Give one "
                "file per object."
            )
        elif not observations:
            for key, value in _keys(words):
                _add(header, key, value, source, left_out)
    names = header.get("VARLIST", "").split()
    filters = "BAND" if "BAND" in names else "FLT"
    if missing := {"MJD", filters, "FLUXCAL", "FLUXCALERR"} - set(names):
        raise ValueError(
            f"{source}: its VARLIST {names} lacks {sorted(missing)}. Give a file with "
            "these columns."
        )
    for length, how in ((min, "shorter"), (max, "longer")):
        found = length(map(len, observations), default=len(names))
        if (found < len(names)) if how == "shorter" else (found > len(names)):
            raise ValueError(
                f"{source}: an OBS line is {how} than the VARLIST {names}: it has "
                f"{found} values. The file is cut or damaged: download it again."
            )
    for key in _NUMBERS:
        number = snana.integer(header.get(key, len(observations)), key, source)
        if number != len(observations):
            raise ValueError(
                f"{source}: {key} is {number}, but there are {len(observations)} OBS "
                "lines. The file is cut or damaged: download it again."
            )
    return header, {
        name: [row[i] for row in observations] for i, name in enumerate(names)
    }


def _keys(words: list[str]) -> Iterator[tuple[str, str]]:
    """The keys of a line, and their values."""
    starts = [i for i, word in enumerate(words) if word.endswith(":") and len(word) > 1]
    for start, end in pairwise([*starts, len(words)]):
        yield words[start][:-1], " ".join(words[start + 1 : end])


def _add(
    header: dict[str, str], key: str, value: str, source: str, left_out: Counter[str]
) -> None:
    """Keep a key of the header.

    Raises:
        ValueError: it contradicts an earlier one that decides what the rows mean.
    """
    if header.get(key, value) != value:
        if key in _MEANING:
            raise ValueError(
                f"{source}: {key} is {header[key]!r}, and later {value!r}. Keep the "
                "one that is right."
            )
        left_out[_REPEATED] += key in _READ
    header[key] = value


def _known(header: Mapping[str, str], *keys: str) -> float:
    """The first value that is known, `0.0478` of `0.0478 +- 0.005 (SPEC-Z, HELIO)`."""
    words = [(header.get(key, "").split() or ["nan"])[:1] for key in keys]
    return float(rows.first_known(words, 1)[0])


def _flag(text: str) -> int:
    """The integer of `4096`, `0x1000`, `0032` or `4096.0`."""
    try:
        return int(text, 0)
    except ValueError:
        return int(float(text))


FORMAT = Format(
    name="snana_text",
    what="SNANA text files",
    looks_for="SNANA text files (.dat, .txt, also .gz) or tar files of them",
    accepts=lambda source: source.kind in ("snana", "tar"),
    light_curves=_light_curves,
    file_names=re.compile(r"\.((dat|txt)(\.gz)?|tar(\.gz)?|tgz)$", re.IGNORECASE),
)
