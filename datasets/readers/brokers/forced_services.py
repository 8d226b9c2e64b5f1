"""Forced photometry as the services of ZTF and ATLAS send it: a text of columns.

- ZTF at IRSA (Masci et al. 2023, https://arxiv.org/abs/2305.16279): DN at the zero
  point `zpdiff`. Rows are kept where `procstatus` is 0, by the cuts of its section 6.1.
- ATLAS (https://fallingstar-data.com/forcedphot/resultdesc/): uJy. Rows are kept
  where `err` is 0, by the cuts of the plotting script to which its pages lead. Fluxes
  are taken to be of difference images: the text does not say.

A text is of one position, and its name is that of the object; a table of several
objects needs a column that names them. The services do not say which of their rows are
detections, so the signal-to-noise rule tells. No baseline is subtracted: where the
reference image holds light of the transient, subtract it first (section 6.2 of ZTF's
paper).
"""

import re
import warnings
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.columns import METADATA, PHOTOMETRY
from zoo.datasets.readers.brokers import packets
from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.columns import canonical, find
from zoo.light_curves.metadata import split
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.values import ObjectIds, numbers

_ZTF = ("jd", "filter", "forcediffimflux", "forcediffimfluxunc", "zpdiff", "procstatus")
_ATLAS = ("MJD", "F", "uJy", "duJy", "err")
_LARGEST = {"infobitssci": 33554431.0, "scisigpix": 25.0, "sciinpseeing": 4.0}
"""Of ZTF's section 6.1."""
_LARGEST_OF_ATLAS = {"chi/N": 100.0, "duJy": 4000.0}
"""https://github.com/thespacedoctor/plot-results-from-atlas-force-photometry-service,
to which ATLAS' pages lead."""
_FAILED = -90000.0  # ZTF writes -99999 for a failed measurement
_MICROJANSKY = 23.9  # AB zero point
_EMPTY = ("", "null", "nan", "none", "<na>")
_HEAD = 2**16  # bytes, in which the position stands
_POSITION = re.compile(
    r"^# *Requested input (R\.A\.|Dec\.) *= *([-+0-9.eE]+) *deg", re.MULTILINE
)


def _accepts(source: Source) -> bool:
    return source.tabular and (_is_ztf(source) or _is_atlas(source))


def _is_ztf(source: Source) -> bool:
    return source.columns >= {*_ZTF}


def _is_atlas(source: Source) -> bool:
    columns = {name.lstrip("#") for name in source.columns}
    return columns >= {*_ATLAS}


def _rows(
    source: Source, left_out: Counter[str], options: ReadOptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows `packets.ROW` of a file, and the positions of its objects."""
    table = source.frame(PHOTOMETRY["object_id"]).reset_index(drop=True)
    table = table.rename(columns=lambda name: str(name).lstrip("#"))
    identity = find("object_id", list(table.columns))
    if identity is None and source.kind != "spaced":
        raise ValueError(
            f"{source.name} is a table of forced photometry without a name of the "
            "object in each row. Add a column object_id."
        )
    names = Path(source.name).stem if identity is None else table[identity]
    table = table.assign(object_id=names)
    ids = ObjectIds.of(table, "photometry")
    known = canonical(name for name in table if source.kind != "spaced")
    columns = ["object_id", *(one for one in known if known[one] in METADATA)]
    _, metadata = split(table[columns].rename(columns=known))
    if _is_ztf(source):
        flux, flux_err, mjd, band, good = _of_ztf(table, ids, left_out, source.name)
        if source.kind == "spaced":
            metadata = metadata.assign(**_position(source))
    else:
        flux, flux_err, mjd, band, good = _of_atlas(table, ids, left_out)
        if {"RA", "Dec"} <= set(table) and "ra" not in metadata:
            at = np.unique(ids.codes, return_index=True)[1]
            metadata["ra"] = _parsed(table, "RA", ids)[at]
            metadata["dec"] = _parsed(table, "Dec", ids)[at]
    passbands = [options.passband(name) for name in band]
    values = (
        ids.names[ids.codes],
        mjd,
        [None if one is None else one.name for one in passbands],
        flux,
        flux_err,
        packets.FORCED,
    )
    return pd.DataFrame(dict(zip(packets.ROW, values, strict=True)))[good], metadata


def _of_ztf(
    table: pd.DataFrame, ids: ObjectIds, left_out: Counter[str], name: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.Series, np.ndarray]:
    """Fluxes and errors at zero point 27.5, MJD, names of passbands, and what is good,
    `(m,)` each."""
    status = _texts(table["procstatus"])
    flux, flux_err, zeropoint, date = (
        _parsed(table, column, ids)
        for column in ("forcediffimflux", "forcediffimfluxunc", "zpdiff", "jd")
    )
    good = _kept(
        {
            "rows without procstatus": status.isin(_EMPTY).to_numpy(),
            "rows whose procstatus is not 0": (status != "0").to_numpy(),
            "rows of images of poor quality (infobitssci, scisigpix, sciinpseeing)": (
                _beyond(table, _LARGEST, ids, name)
            ),
            "failed forced photometry": ~(flux > _FAILED),
        },
        left_out,
    )
    flux, flux_err = units.from_zeropoint([flux, flux_err], zeropoint)
    return flux, flux_err, date - units.MJD_EPOCH, table["filter"].astype(str), good


def _of_atlas(
    table: pd.DataFrame, ids: ObjectIds, left_out: Counter[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.Series, np.ndarray]:
    """As `_of_ztf`."""
    error = _texts(table["err"])
    limits = {key: most for key, most in _LARGEST_OF_ATLAS.items() if key in table}
    good = _kept(
        {
            "rows without an error code (err)": error.isin(_EMPTY).to_numpy(),
            "rows whose error code (err) is not 0": (error != "0").to_numpy(),
            "rows of poor quality (chi/N above 100 or duJy above 4000)": _beyond(
                table, limits, ids, ""
            ),
        },
        left_out,
    )
    fluxes = [_parsed(table, column, ids) for column in ("uJy", "duJy")]
    flux, flux_err = units.from_zeropoint(fluxes, _MICROJANSKY)
    letters = table["F"].astype(str).str.strip()
    band = ("atlas" + letters).where(letters.isin(["c", "o"]), letters)
    return flux, flux_err, _parsed(table, "MJD", ids), band, good


def _beyond(
    table: pd.DataFrame, largest: Mapping[str, float], ids: ObjectIds, name: str
) -> np.ndarray:
    """Where a column is above its limit or not known, bool `(m,)`."""
    poor = np.zeros(len(table), bool)
    for column, limit in largest.items():
        if column in table:
            poor |= ~(_parsed(table, column, ids) <= limit)
        else:
            warnings.warn(
                f"{name} has no column {column}, by which images of poor quality are "
                "left out.",
                stacklevel=2,
            )
    return poor


def _kept(reasons: Mapping[str, np.ndarray], left_out: Counter[str]) -> np.ndarray:
    """The rows to which no reason applies; the others count under their first."""
    good = np.ones(len(next(iter(reasons.values()))), bool)
    for reason, bad in reasons.items():
        left_out[reason] += int((bad & good).sum())
        good &= ~bad
    return good


def _texts(column: pd.Series) -> pd.Series:
    """Flags as lower-case texts, `0` for 0.0; empty where they are missing."""
    texts = column.astype(object).where(column.notna(), "").astype(str)
    return texts.str.strip().str.lower().str.removesuffix(".0")


def _parsed(table: pd.DataFrame, column: str, ids: ObjectIds) -> np.ndarray:
    """A column of numbers or numerals as float64 `(m,)`; `null` is NaN."""
    texts = _texts(table[column])
    empty = texts.isin(_EMPTY)
    parsed = pd.to_numeric(texts.where(~empty), errors="coerce")
    as_it_is = table[column].astype(object).where(parsed.isna() & ~empty, parsed)
    return numbers(table.assign(**{column: as_it_is}), column, ids)


def _position(source: Source) -> dict[str, float]:
    with source.open() as file:
        head = file.read(_HEAD).decode("utf-8", "replace")
    names = {"R.A.": "ra", "Dec.": "dec"}
    found = {names[key]: value for key, value in _POSITION.findall(head)}
    return {name: float(pd.to_numeric(found[name], errors="coerce")) for name in found}


FORMAT = Format(
    name="forced_photometry",
    what="forced photometry of ZTF's or ATLAS' service (no baseline subtracted)",
    looks_for=(
        "a text of the forced photometry services of ZTF (forcediffimflux, zpdiff, "
        "procstatus, ...) or ATLAS (MJD, uJy, duJy, F, err, ...)"
    ),
    accepts=_accepts,
    tables=partial(packets.merged_tables, _rows),
    layouts={
        "forced photometry of ZTF's service": tuple((name,) for name in _ZTF),
        "forced photometry of ATLAS' service": tuple((name,) for name in _ATLAS),
    },
)
