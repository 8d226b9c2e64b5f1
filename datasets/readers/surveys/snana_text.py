"""SNANA text: one file per object, as of YSE DR1, also inside a tar file.

`KEY: value` lines, then `VARLIST:` with the names of the columns and one `OBS:` line
per observation. FLUXCAL has the zero point 27.5.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.files.text import snana_in_tar
from zoo.datasets.readers.surveys import rows, snana
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import LightCurves

_OBJECTS_AT_ONCE = 1000


def _light_curves(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Iterator[LightCurves]:
    """The light curves of up to a thousand files at a time."""
    texts = (one for source in sources for one in _texts(source))
    origin = sources[0].file if len(sources) == 1 else sources[0].file.parent
    while batch := list(islice(texts, _OBJECTS_AT_ONCE)):
        parts = [_parse(name, text) for name, text in batch]
        photometry = pd.concat([part for part, _ in parts], ignore_index=True)
        photflag = photometry.pop("photflag").to_numpy(np.int64)
        photometry = rows.apply_photflag(photometry, photflag)
        metadata = pd.DataFrame([one for _, one in parts])
        yield from rows.assemble(photometry, metadata, origin, left_out)


def _texts(source: Source) -> Iterator[tuple[str, str]]:
    """Name and content of a text file, or of every one in a tar file."""
    if source.kind == "tar":
        yield from snana_in_tar(source.file)
    else:
        with source.open() as file:
            yield source.name, file.read().decode("utf-8", errors="replace")


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


FORMAT = Format(
    name="snana_text",
    what="SNANA text files",
    looks_for="SNANA text files (.dat, .txt, also .gz) or tar files of them",
    accepts=lambda source: source.kind in ("snana", "tar"),
    light_curves=_light_curves,
    file_names=re.compile(r"\.((dat|txt)(\.gz)?|tar(\.gz)?|tgz)$", re.IGNORECASE),
)
