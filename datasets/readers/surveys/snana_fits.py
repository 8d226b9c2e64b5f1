"""SNANA FITS: pairs of HEAD and PHOT files, as of ELAsTiCC and the ZTF simulations.

HEAD has one row per object; its 1-based PTROBS_MIN and PTROBS_MAX point at the object's
rows of PHOT, which end with a separator row of MJD -777 (SNANA manual, section
"FITS Format"). FLUXCAL has the zero point 27.5.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.datasets.readers.files import rows
from zoo.datasets.readers.files.sources import Source
from zoo.datasets.readers.surveys import snana
from zoo.light_curves.ragged import LightCurves

LOOKS_FOR = "pairs of *HEAD.FITS[.gz] and *PHOT.FITS[.gz], also in folders below"
WHAT = "SNANA FITS files"

_HEAD = re.compile(r"HEAD(\.FITS(\.gz)?)$", re.IGNORECASE)
_PHOT = re.compile(r"PHOT(\.FITS(\.gz)?)$", re.IGNORECASE)
_SEPARATOR = -777.0


def found(folder: Path) -> bool:
    """Whether the folder holds files of this format."""
    return bool(_heads(folder))


def read(folder: str | PathLike[str]) -> Iterator[LightCurves]:
    """Read every HEAD and PHOT pair in a folder and below it.

    An object is named by its SNID; where two files use the same SNID, by
    `<file without HEAD.FITS>/<SNID>`.

    Args:
        folder: as downloaded; files may be gzipped.

    Yields:
        The light curves of one pair of files.

    Raises:
        ValueError: a file is damaged or incomplete, or a survey, filter or class is not
            known. The message names the file.
    """
    folder, dropped = Path(folder), Counter[str]()
    yield from _read(_heads(folder), folder, dropped)
    rows.warn_dropped(dropped, folder)


def accepts(source: Source) -> bool:
    """Whether the source is of this format: a HEAD or a PHOT file."""
    return source.kind == "fits" and (
        {"SNID", "PTROBS_MIN"} <= source.columns or {"MJD", "FLUXCAL"} <= source.columns
    )


def read_sources(
    sources: list[Source], left_out: Counter[str]
) -> Iterator[LightCurves]:
    """Read pairs of files, of which one or both are given; see `read`.

    Args:
        sources: the files.
        left_out: what is left out is counted here, by reason.
    """
    heads = set()
    for source in sources:
        name = _PHOT.sub(r"HEAD\1", source.file.name)
        if not _HEAD.search(name):
            raise ValueError(
                f"{source.name} has the columns of SNANA, and a name that ends neither "
                "in HEAD.FITS nor in PHOT.FITS. Rename the two files of the pair."
            )
        heads.add(source.file.with_name(name))
    folder = Path(os.path.commonpath([head.absolute().parent for head in heads]))
    yield from _read(sorted(head.absolute() for head in heads), folder, left_out)


def _read(
    heads: list[Path], folder: Path, dropped: Counter[str]
) -> Iterator[LightCurves]:
    ids = [_table(head, ["SNID"])[1]["SNID"] for head in heads]
    repeated = pd.Index(np.concatenate([[], *ids])).has_duplicates
    for head in heads:
        prefix = _HEAD.sub("", str(head.relative_to(folder))).rstrip("_-.")
        photometry, metadata = _read_pair(head, f"{prefix}/" if repeated else "")
        yield from rows.assemble(photometry, metadata, head, dropped)


def _heads(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if _HEAD.search(path.name))


def _read_pair(head: Path, prefix: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    survey, objects = _table(
        head,
        ["SNID", "PTROBS_MIN", "PTROBS_MAX"],
        ["REDSHIFT_HELIO", "REDSHIFT_FINAL", "MWEBV", *snana.SPELLINGS, *snana.CODES],
    )
    phot = head.with_name(_HEAD.sub(r"PHOT\1", head.name))
    _, points = _table(
        phot, ["MJD", "FLUXCAL", "FLUXCALERR"], ["BAND", "FLT", "PHOTFLAG"]
    )
    mjd = points["MJD"]
    first = objects["PTROBS_MIN"].astype(np.int64) - 1
    length = objects["PTROBS_MAX"].astype(np.int64) - first
    within = (first >= 0) & (length >= 0) & (first + length <= len(mjd))
    fit = within.all() and length.sum() <= len(mjd)
    chosen = np.repeat(first - np.cumsum(length) + length, length * fit)
    chosen += np.arange(len(chosen))
    if not fit or (mjd[chosen] == _SEPARATOR).any():
        raise ValueError(
            f"{phot}: the pointers PTROBS_MIN and PTROBS_MAX of {head.name} do not fit "
            "its rows. The two files belong to different versions, or one is cut: "
            "download both again."
        )
    object_id = np.array([f"{prefix}{snid}" for snid in objects["SNID"]], dtype=object)
    filters = points["BAND" if "BAND" in points else "FLT"][chosen]
    photometry = pd.DataFrame(
        {
            "object_id": np.repeat(object_id, length),
            "mjd": mjd[chosen],
            "band": snana.passbands(filters, survey, phot),
            "flux": points["FLUXCAL"][chosen],
            "flux_err": points["FLUXCALERR"][chosen],
        }
    )
    if "PHOTFLAG" in points:
        photometry = rows.apply_photflag(photometry, points["PHOTFLAG"][chosen])
    unknown = np.full(len(length), np.nan)
    redshift = objects.get("REDSHIFT_HELIO", objects.get("REDSHIFT_FINAL", unknown))
    metadata = pd.DataFrame(
        {
            "object_id": object_id,
            "redshift": rows.unknown_to_nan(redshift),
            "mwebv": rows.unknown_to_nan(objects.get("MWEBV", unknown)),
            "label": _labels(objects, survey, head),
        }
    )
    return photometry[photometry["band"].notna()], metadata


def _labels(objects: dict[str, np.ndarray], survey: str, head: Path) -> np.ndarray:
    keys = [key for key in (*snana.SPELLINGS, *snana.CODES) if key in objects]
    count = len(objects["SNID"])
    kinds = list(zip(*(objects[key] for key in keys), strict=True)) or [()] * count
    label_of = {
        kind: snana.label(dict(zip(keys, kind, strict=True)), survey, head)
        for kind in dict.fromkeys(kinds)
    }
    return np.array([label_of[kind] for kind in kinds], dtype=object)


def _table(
    path: Path, needed: list[str], wanted: list[str] | None = None
) -> tuple[str, dict[str, np.ndarray]]:
    """The SURVEY of the primary header, and the columns in native byte order."""
    from astropy.io import fits

    try:
        with fits.open(path, memmap=False) as file:
            data, survey = file[1].data, str(file[0].header.get("SURVEY", ""))
            names = [*needed, *(n for n in wanted or [] if n in data.names)]
            columns = {name: np.asarray(data[name]) for name in names}
    # The parser of astropy meets damage with exceptions of every kind.
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read as a table of SNANA with the columns "
            f"{', '.join(needed)}: {error}. Download the file again."
        ) from error
    return survey.strip(), {
        name: _text(column)
        if column.dtype.kind in "SU"
        else column.astype(column.dtype.newbyteorder("="))
        for name, column in columns.items()
    }


def _text(column: np.ndarray) -> np.ndarray:
    """Strip blanks, of each spelling once: object `(n,)`."""
    codes, names = pd.factorize(column.astype(object))
    return np.array([str(name).strip() for name in names], dtype=object)[codes]
