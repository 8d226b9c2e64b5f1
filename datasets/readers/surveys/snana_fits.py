"""SNANA FITS: pairs of HEAD and PHOT files, as of ELAsTiCC and the ZTF simulations.

HEAD has one row per object; its 1-based PTROBS_MIN and PTROBS_MAX point at the object's
rows of PHOT, which end with a separator row of MJD -777 (SNANA manual, section
"FITS Format"). An object is named by its SNID; where two files use the same SNID, by
`<file without HEAD.FITS>/<SNID>`. What filters, fluxes and flags mean: see `snana`.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.limits import readable
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.surveys import rows, snana, snana_labels
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import LightCurves
from zoo.passbands import Passband

_HEAD = re.compile(r"HEAD(\.FITS(\.gz)?)$", re.IGNORECASE)
_PHOT = re.compile(r"PHOT(\.FITS(\.gz)?)$", re.IGNORECASE)
_HEAD_COLUMNS, _PHOT_COLUMNS = {"SNID", "PTROBS_MIN"}, {"MJD", "FLUXCAL"}
_SEPARATOR = -777.0
_CLASS = (*snana_labels.SPELLINGS, *snana_labels.CODES)
_OF_OBJECTS = ("NOBS", "SUBSURVEY", "MWEBV", "RA", "DEC", "DECL")
_MEANING = ("SURVEY", "MWEBV_APPLYFLAG", "PHOTFLAG_DETECT", *snana.ZEROPOINTS)
_STATED = (*_MEANING, "VERSION")  # of the primary headers
_WHOLE = ("PTROBS_MIN", "PTROBS_MAX", "NOBS", "PHOTFLAG")
_REAL = ("MJD", "FLUXCAL", "FLUXCALERR")


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
        prefix = f"{prefix}/" if repeated else ""
        photometry, metadata, passbands = _read_pair(head, prefix, left_out, options)
        known = replace(options, passbands=passbands)
        yield from rows.assemble(photometry, metadata, head, left_out, known)


def _head_of(source: Source) -> Path:
    name = _PHOT.sub(r"HEAD\1", source.file.name)
    if not _HEAD.search(name):
        raise ValueError(
            f"{source.name} has the columns of SNANA, and a name that ends neither "
            "in HEAD.FITS nor in PHOT.FITS. Rename the two files of the pair."
        )
    return source.file.with_name(name)


def _read_pair(
    head: Path, prefix: str, left_out: Counter[str], options: ReadOptions
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Passband]]:
    """The rows, the objects, and the passbands that the rows name."""
    header, objects = _table(
        head,
        ["SNID", "PTROBS_MIN", "PTROBS_MAX"],
        [*_OF_OBJECTS, *snana.ZEROPOINTS, *snana.REDSHIFTS, *_CLASS],
    )
    phot = head.with_name(_HEAD.sub(r"PHOT\1", head.name))
    phot_header, points = _table(
        phot, ["MJD", "FLUXCAL", "FLUXCALERR"], ["BAND", "FLT", "PHOTFLAG"]
    )
    stated = _agreed(header, phot_header, phot)
    if {"BAND", "FLT"}.isdisjoint(points):
        raise ValueError(f"{phot} has no column BAND. Give a file that names filters.")
    chosen, length = _rows_of(head, phot, objects, points["MJD"])
    separators = int((points["MJD"] == _SEPARATOR).sum())
    unused = len(points["MJD"]) - separators - len(chosen)
    left_out["rows that no object points at"] += unused
    points = {name: column[chosen] for name, column in points.items()}

    count, survey = len(length), str(stated.get("SURVEY", "")).strip()
    names = [f"{prefix}{snid}" for snid in objects["SNID"]]
    object_id = np.array(names, dtype=object)
    subsurveys = objects.get("SUBSURVEY", [""] * count)
    surveys = np.array([snana.survey_of(survey, str(s)) for s in subsurveys], object)
    band, passbands = _bands(points, np.repeat(surveys, length), phot, options)
    photometry = pd.DataFrame(
        {
            "object_id": np.repeat(object_id, length),
            "mjd": points["MJD"],
            "band": band,
            "flux": points["FLUXCAL"],
            "flux_err": points["FLUXCALERR"],
            "zeropoint": np.repeat(_zeropoints(stated, objects, head), length),
        }
    )
    held = {name: [objects[name]] for name in _OF_OBJECTS if name in objects}
    redshifts = [objects[key] for key in snana.REDSHIFTS if key in objects]
    mwebv = rows.first_known(held.get("MWEBV", []), count)
    metadata = pd.DataFrame(
        {
            "object_id": object_id,
            "redshift": rows.first_known(redshifts, count),
            "mwebv": mwebv,
            "label": _labels(objects, surveys, stated, head, left_out),
        }
    )
    for key, column in snana.COORDINATES.items():
        if key in held:
            metadata[column] = rows.first_known(held[key], count)

    if snana.integer(stated.get("MWEBV_APPLYFLAG", 0), "MWEBV_APPLYFLAG", head):
        of_row = np.repeat(mwebv, length)
        photometry = snana.with_dust(photometry, of_row, passbands, head)
    if "PHOTFLAG" in points:
        mask = stated.get("PHOTFLAG_DETECT")
        if mask is not None:
            mask = snana.integer(mask, "PHOTFLAG_DETECT", head)
        photflag = points["PHOTFLAG"].astype(np.int64)
        detected, saturated = snana.flags(photflag, survey, mask)
        if detected is not None:
            photometry["detected"] = detected
        left_out[snana.SATURATED_ROWS] += int(saturated.sum())
        photometry = photometry[~saturated]
    return photometry, metadata, passbands


def _agreed(
    header: Mapping[str, Any], phot_header: Mapping[str, Any], phot: Path
) -> dict[str, Any]:
    """What the two primary headers state.

    Raises:
        ValueError: they contradict each other.
    """
    for key in set(header).intersection(phot_header, _MEANING):
        if header[key] != phot_header[key]:
            raise ValueError(
                f"{phot}: its header says {key} {phot_header[key]!r}, that of its HEAD "
                f"file {header[key]!r}. The two files belong to different versions: "
                "download both again."
            )
    return {**phot_header, **header}


def _rows_of(
    head: Path, phot: Path, objects: Mapping[str, np.ndarray], mjd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The rows that the pointers of HEAD name, and how many each object has.

    Raises:
        ValueError: they do not fit the rows of PHOT, or the number that NOBS states.
    """
    first = objects["PTROBS_MIN"].astype(np.int64) - 1
    length = objects["PTROBS_MAX"].astype(np.int64) - first
    within = (first >= 0) & (length >= 0) & (first + length <= len(mjd))
    fit = within.all() and length.sum() <= len(mjd)
    chosen = np.repeat(first - np.cumsum(length) + length, length * fit)
    chosen += np.arange(len(chosen))
    fit = fit and np.bincount(chosen, minlength=1).max() <= 1  # none of two objects
    if not fit or (mjd[chosen] == _SEPARATOR).any():
        raise ValueError(
            f"{phot}: the pointers PTROBS_MIN and PTROBS_MAX of {head.name} do not fit "
            "its rows. The two files belong to different versions, or one is cut: "
            "download both again."
        )
    if "NOBS" in objects and (wrong := objects["NOBS"] != length).any():
        at = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"{head}: object {objects['SNID'][at]!r} has NOBS {objects['NOBS'][at]}, "
            f"but PTROBS_MIN and PTROBS_MAX point at {length[at]} rows. The files are "
            "cut or damaged: download both again."
        )
    return chosen, length


def _zeropoints(
    stated: Mapping[str, Any], objects: Mapping[str, np.ndarray], head: Path
) -> np.ndarray:
    """Zero point of each object: SNANA writes a column, else that of the header."""
    for key in snana.ZEROPOINTS:
        if key in objects:
            values, place = np.unique(objects[key], return_inverse=True)
            return np.array([snana.zeropoint(value, head) for value in values])[place]
    return np.full(len(objects["SNID"]), snana.stated_zeropoint(stated, head))


def _bands(
    points: Mapping[str, np.ndarray],
    surveys: np.ndarray,
    phot: Path,
    options: ReadOptions,
) -> tuple[np.ndarray, dict[str, Passband]]:
    """Names of the passbands of all rows; a subsurvey may have filters of its own."""
    filters = points["BAND" if "BAND" in points else "FLT"]
    band = np.full(len(filters), None, dtype=object)
    passbands: dict[str, Passband] = {}
    codes, names = pd.factorize(surveys)
    for code, survey in enumerate(names):
        mine = codes == code
        band[mine], known = snana.passbands(filters[mine], survey, phot, options)
        passbands |= known
    return band, passbands


def _labels(
    objects: Mapping[str, np.ndarray],
    surveys: np.ndarray,
    stated: Mapping[str, Any],
    head: Path,
    left_out: Counter[str],
) -> np.ndarray:
    keys = [key for key in _CLASS if key in objects]
    kinds = list(zip(surveys, *(objects[key] for key in keys), strict=True))
    found = {}
    for kind, number in Counter(kinds).items():
        header = dict(zip(keys, kind[1:], strict=True))
        header["VERSION"] = stated.get("VERSION", "")
        label, unknown = snana_labels.label(header, kind[0], head)
        if unknown:
            left_out[snana_labels.UNKNOWN.format(unknown)] += number
        found[kind] = label
    return np.array([found[kind] for kind in kinds], dtype=object)


def _table(
    path: Path, needed: list[str], wanted: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What the primary header states, and the columns in native byte order."""
    from astropy.io import fits

    how = f"read as a table of SNANA with the columns {', '.join(needed)}"
    with readable(path, how), fits.open(path, memmap=False) as file:
        data, header = file[1].data, file[0].header
        stated = {key: header[key] for key in _STATED if key in header}
        names = [*needed, *(n for n in wanted if n in data.names)]
        columns = {name: np.asarray(data[name]) for name in names}
    for name, column in columns.items():
        real = column.ndim == 1 and column.dtype.kind in "iuf"
        whole = real and (np.isfinite(column) & (column == np.floor(column))).all()
        if (name in _WHOLE and not whole) or (name in _REAL and not real):
            raise ValueError(
                f"{path}: column {name} holds something else than one "
                f"{'integer' if name in _WHOLE else 'number'} a row. Correct it."
            )
    return stated, {
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
