"""SNANA FITS: pairs of HEAD and PHOT files, as of ELAsTiCC and the ZTF simulations.

HEAD has one row per object; its 1-based PTROBS_MIN and PTROBS_MAX point at the object's
rows of PHOT, which end with a separator row of MJD -777 (SNANA manual, section
"FITS Format"). FLUXCAL has the zero point 27.5. An object is named by its SNID; where
two files use the same SNID, by `<file without HEAD.FITS>/<SNID>`.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.limits import readable
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.surveys import rows, snana
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import LightCurves

_HEAD = re.compile(r"HEAD(\.FITS(\.gz)?)$", re.IGNORECASE)
_PHOT = re.compile(r"PHOT(\.FITS(\.gz)?)$", re.IGNORECASE)
_HEAD_COLUMNS, _PHOT_COLUMNS = {"SNID", "PTROBS_MIN"}, {"MJD", "FLUXCAL"}
_SEPARATOR = -777.0


def _light_curves(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Iterator[LightCurves]:
    """The light curves of one pair at a time; one file of a pair names the other."""
    heads = sorted({_head_of(source).absolute() for source in sources})
    folder = Path(os.path.commonpath([head.parent for head in heads]))
    ids = [_table(head, ["SNID"])[1]["SNID"] for head in heads]
    repeated = pd.Index(np.concatenate([[], *ids])).has_duplicates
    for head in heads:
        prefix = _HEAD.sub("", str(head.relative_to(folder))).rstrip("_-.")
        photometry, metadata = _read_pair(head, f"{prefix}/" if repeated else "")
        yield from rows.assemble(photometry, metadata, head, left_out)


def _head_of(source: Source) -> Path:
    name = _PHOT.sub(r"HEAD\1", source.file.name)
    if not _HEAD.search(name):
        raise ValueError(
            f"{source.name} has the columns of SNANA, and a name that ends neither "
            "in HEAD.FITS nor in PHOT.FITS. Rename the two files of the pair."
        )
    return source.file.with_name(name)


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
    path: Path, needed: list[str], wanted: Iterable[str] = ()
) -> tuple[str, dict[str, np.ndarray]]:
    """The SURVEY of the primary header, and the columns in native byte order."""
    from astropy.io import fits

    how = f"read as a table of SNANA with the columns {', '.join(needed)}"
    with readable(path, how), fits.open(path, memmap=False) as file:
        data, survey = file[1].data, str(file[0].header.get("SURVEY", ""))
        names = [*needed, *(n for n in wanted if n in data.names)]
        columns = {name: np.asarray(data[name]) for name in names}
    return survey.strip(), {
        name: _text(column)
        if column.dtype.kind in "SU"
        else column.astype(column.dtype.newbyteorder("="))
        for name, column in columns.items()
    }


def _text(column: np.ndarray) -> np.ndarray:
    """Text without blanks around it, object `(n,)`; each spelling is decoded once."""
    codes, names = pd.factorize(column.astype(object))
    return np.array([str(name).strip() for name in names], dtype=object)[codes]


FORMAT = Format(
    name="snana_fits",
    what="SNANA FITS files",
    looks_for="pairs of *HEAD.FITS[.gz] and *PHOT.FITS[.gz], also in folders below",
    accepts=lambda source: (
        source.kind == "fits"
        and any(columns <= source.columns for columns in (_HEAD_COLUMNS, _PHOT_COLUMNS))
    ),
    light_curves=_light_curves,
    file_names=_HEAD,
)
