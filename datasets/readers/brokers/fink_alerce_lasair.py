"""Light curves as brokers export them: CSV, JSON or parquet with magnitudes.

| broker | columns or JSON lists |
|---|---|
| Fink, https://api.fink-portal.org | prefixes: `i:magpsf`, `r:psfFlux`, `d:tag` |
| ALeRCE, https://api.alerce.online/ztf/v1 | `detections`, `forced_photometry` |
| Lasair, https://lasair.readthedocs.io | `candidates`, `diaSourcesList` |
| SkyPortal, and photometry of the BTS | `mag`, `magerr`, `magsys` |

Difference magnitudes are read (`magpsf`), never those corrected for the reference
(`magpsf_corr`), and of LSST fluxes in nJy. An object without a name is named by its
file. Rows of one exposure are merged as those of packets are. The metadata are `ra` and
`dec` (deg), where the export has them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zoo.datasets.readers.brokers import lsst_alerts, packets, ztf_alerts
from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.columns import PHOTOMETRY
from zoo.light_curves.photometry import ReadOptions
from zoo.passbands import find

_IDS = PHOTOMETRY["object_id"]
_POSITION = ("object_id", "ra", "dec")
_TIMES = ("mjd", "MJD", "jd", "JD")
_BANDS = ("fid", "filter", "band")
_MAGNITUDES = {"magpsf": ("sigmapsf",), "mag": ("e_mag", "magerr", "mag_err")}
_LISTS = {  # of a JSON object: where the rows are, and what they are
    "detections": packets.HISTORY,
    "candidates": packets.HISTORY,
    "forced_photometry": packets.FORCED,
    "diaSourcesList": packets.HISTORY,
    "diaForcedSourcesList": packets.FORCED,
}
_PREFIXES = ("i:", "r:", "d:")  # Fink: of the alert, of Rubin, derived
_LETTERS = {
    **{str(fid): band for fid, band in ztf_alerts.BANDS.items()},
    **{letter: f"ztf{letter}" for letter in "gri"},
    **{f"z{letter}": f"ztf{letter}" for letter in "gri"},
}


def _accepts(source: Source) -> bool:
    if source.kind == "json":
        return bool(set(_LISTS) & source.columns) or _readable(source.columns)
    return source.tabular and _readable(source.columns)


def _read(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Tables:
    rows, metadata = [], []
    for source in sources:
        with source.named():
            for name, table, origin in _tables(source):
                table = table.rename(columns=_without_prefix)
                identity = _first(_IDS, table.columns)
                table["object_id"] = table[identity].astype(str) if identity else name
                rows.append(_rows(table, origin, left_out, options))
                known = [one for one in _POSITION if one in table]
                metadata.append(table[known].dropna())
    if not rows:
        return pd.DataFrame(), pd.DataFrame()
    photometry = packets.merge(pd.concat(rows, ignore_index=True), left_out)
    positions = pd.concat(metadata, ignore_index=True)
    return photometry, positions.drop_duplicates("object_id", ignore_index=True)


def _without_prefix(column: str) -> str:
    return column[2:] if column.startswith(_PREFIXES) else column


def _first(names: Sequence[str], columns: Any) -> str | None:
    return next((name for name in names if name in columns), None)


def _readable(names: frozenset[str]) -> bool:
    """Whether the columns are those of magnitudes, or of LSST's fluxes."""
    names = frozenset(map(_without_prefix, names))
    return _is_lsst(names) or (
        not names.isdisjoint(_TIMES)
        and not names.isdisjoint(_BANDS)
        and not names.isdisjoint({"isdiffpos", "magsys"})  # else the sign is not known
        and _magnitude_columns(names) is not None
    )


def _magnitude_columns(names: Any) -> tuple[str, str] | None:
    """The names of the magnitudes and of their errors; None where there are none."""
    for magnitude, errors in _MAGNITUDES.items():
        if magnitude in names and (error := _first(errors, names)):
            return magnitude, error
    return None


def _tables(source: Source) -> Iterator[tuple[str, pd.DataFrame, int]]:
    """Name of the object, rows, and what they are."""
    name = Path(source.path or source.name).stem
    if source.kind != "json":
        texts = (f"{prefix}{one}" for prefix in ("", *_PREFIXES) for one in _IDS)
        yield name, source.frame(tuple(texts)), packets.HISTORY
        return
    value = source.value
    if not set(_LISTS) & source.columns:
        yield name, pd.DataFrame(value), packets.HISTORY
        return
    for one in value if isinstance(value, list) else [value]:
        identity = _first(_IDS, one)
        for key, origin in _LISTS.items():
            if one.get(key):
                table = pd.DataFrame(one[key])
                yield str(one[identity]) if identity else name, table, origin


def _rows(
    table: pd.DataFrame, origin: int, left_out: Counter[str], options: ReadOptions
) -> pd.DataFrame:
    """The rows `packets.ROW` of one table."""
    if "tag" in table:  # Fink's `d:tag`
        bad = table["tag"] == "badquality"
        left_out["rows that Fink tags as of bad quality"] += int(bad.sum())
        table = table[~bad]
    if "magsys" in table:
        other = table["magsys"].astype(str).str.lower() != "ab"
        left_out["rows not in the AB system"] += int(other.sum())
        table = table[~other]
    if _is_lsst(table.columns):
        return _of_lsst(table, origin, options)
    names = _magnitude_columns(table)
    if names is None:  # a list of upper limits
        left_out["upper limits"] += len(table)
        return pd.DataFrame(columns=list(packets.ROW))
    known = units.is_magnitude(_numbers(table[names[0]]))
    left_out["upper limits"] += int((~known).sum())
    table = table[known]
    magnitude, error = (_numbers(table[name]) for name in names)
    fluxes = units.from_magnitudes(magnitude, error, _signs(table))
    time = _first(_TIMES, table)
    mjd = _numbers(table[time])
    if str(time).lower() == "jd":
        mjd = mjd - units.MJD_EPOCH
    names = _passbands(table[_first(_BANDS, table)], _LETTERS, options)
    return _joined(table, mjd, names, fluxes, origin)


def _is_lsst(names: Iterable[str]) -> bool:
    return all(set(spellings) & set(names) for spellings in lsst_alerts.NAMES.values())


def _of_lsst(table: pd.DataFrame, origin: int, options: ReadOptions) -> pd.DataFrame:
    mjd, band, flux, flux_err = (
        table[_first(spellings, table)] for spellings in lsst_alerts.NAMES.values()
    )
    numbers = [_numbers(flux), _numbers(flux_err)]
    fluxes = units.from_zeropoint(numbers, units.NANOJANSKY)
    names = _passbands(band, lsst_alerts.BANDS, options)
    return _joined(table, _numbers(mjd), names, fluxes, origin)


def _joined(
    table: pd.DataFrame,
    mjd: np.ndarray,
    band: np.ndarray,
    fluxes: Iterable[np.ndarray],
    origin: int,
) -> pd.DataFrame:
    """The columns `packets.ROW`."""
    values = (table["object_id"].to_numpy(), mjd, band, *fluxes, origin)
    return pd.DataFrame(dict(zip(packets.ROW, values, strict=True)))


def _passbands(
    band: pd.Series, letters: Mapping[str, str], options: ReadOptions
) -> np.ndarray:
    """Names of passbands, object `(m,)`, None where one is not known."""
    codes, names = pd.factorize(band.astype(str).str.removesuffix(".0"))
    known: list[str | None] = []
    for name in names:
        passband = options.passbands.get(name) or find(letters.get(name, name))
        known.append(None if passband is None else passband.name)
    return np.array([*known, None], dtype=object)[codes]


def _signs(table: pd.DataFrame) -> np.ndarray:
    if "isdiffpos" not in table:
        return np.ones(len(table), bool)
    codes, signs = pd.factorize(table["isdiffpos"], use_na_sentinel=False)
    name = str(table["object_id"].iloc[0]) if len(table) else ""
    return np.array([ztf_alerts.is_positive(sign, name) for sign in signs], bool)[codes]


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)


FORMAT = Format(
    name="broker_export",
    what="light curves of a broker",
    looks_for=(
        "a light curve of Fink, ALeRCE, Lasair or BTS (CSV or JSON: magpsf, sigmapsf, "
        "isdiffpos, fid, and jd or mjd)"
    ),
    accepts=_accepts,
    tables=_read,
)
