"""Light curves as brokers and data releases export them: CSV, JSON, parquet.

| of | columns or JSON lists |
|---|---|
| Fink, https://api.fink-portal.org | prefixes: `i:magpsf`, `r:psfFlux`, `d:tag` |
| ALeRCE, https://api.alerce.online/ztf/v1 | `detections`, `forced_photometry` |
| Lasair, https://lasair.readthedocs.io | `candidates`, `diaSourcesList` |
| ANTARES, https://antares.noirlab.edu | `ant_mag`, `ant_passband` |
| Rubin's DiaSource, https://dp1.lsst.io | `psfFlux`, `midpointMjdTai` |
| its ForcedSourceOnDiaObject, with its Visit | `psfDiffFlux`, `expMidptMJD` |

Difference magnitudes and fluxes are read, never those corrected for the reference
(`magpsf_corr`) or measured on the direct image. An object without a name is named by
its file. Rows of one exposure are merged as those of packets are. The metadata are `ra`
and `dec` (deg), `redshift` and `mwebv`, where the export has them.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.datasets.readers.brokers import lists, lsst_alerts, packets
from zoo.datasets.readers.brokers.fields import IDS, Columns, identity, scalars
from zoo.datasets.readers.brokers.observations import (
    BY_MJD,
    MAGNITUDES,
    observations,
)
from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.metadata import split
from zoo.light_curves.photometry import ReadOptions

_POSITIONS = (("ra", "dec"), ("ra", "decl"), ("coord_ra", "coord_dec"))
_POSITIONS += (("ant_ra", "ant_dec"),)
_TIMES = ("mjd", "MJD", "jd", "JD")
_BANDS = ("fid", "filter", "band")
_PREFIXES = ("i:", "r:")  # Fink: of the alert, of Rubin
_TAG = "d:tag"  # Fink's word on the quality of ZTF
_LSST_FLUXES = ("psfFlux", "psfDiffFlux", "psFlux")
_LSST_ERRORS = tuple(f"{flux}Err" for flux in _LSST_FLUXES)
_ERRORS = tuple(error for errors in MAGNITUDES.values() for error in errors)

LAYOUTS = {
    "a light curve of ZTF from a broker (Fink, ALeRCE, Lasair)": (
        *(("jd", *_TIMES), _BANDS, tuple(MAGNITUDES), _ERRORS),
        ("isdiffpos",),  # else the sign is not known
    ),
    "forced photometry of ZTF": (
        *(("jd", *_TIMES), _BANDS),
        *(("forcediffimflux",), ("forcediffimfluxunc",), ("magzpsci",)),
    ),
    "a light curve of Rubin/LSST from a broker or a data release": (
        *(lsst_alerts.TIMES, ("band", *lsst_alerts.BAND_NAMES)),
        *(_LSST_FLUXES, _LSST_ERRORS),
    ),
    "a light curve of Rubin/LSST from ALeRCE": (
        *(("mjd",), BY_MJD, ("band", *lsst_alerts.BAND_NAMES)),
        *(_LSST_FLUXES, _LSST_ERRORS),
    ),
    "a light curve of ANTARES": (
        *(("ant_mjd",), ("ant_passband",), ("ant_mag",), ("ant_magerr",)),
        ("ant_survey", "alert_id"),
    ),
}
"""The columns that each kind of table needs, under any of their names."""


def _accepts(source: Source) -> bool:
    if source.is_json and lists.has_lists(source.value):
        return not _of_lists(source.value) or _readable(source.columns)
    has_rows = source.kind == "json" or source.tabular or bool(source.nested)
    return has_rows and _readable(source.columns)


def _readable(columns: frozenset[str]) -> bool:
    names = frozenset(map(_without_prefix, columns))
    return any(
        all(not names.isdisjoint(alternatives) for alternatives in needed)
        for needed in LAYOUTS.values()
    )


def _without_prefix(column: str) -> str:
    if column == _TAG:
        return "tag"
    return column[2:] if column.startswith(_PREFIXES) else column


def _tables(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Tables:
    """All tables; an object without a name is named by its file.

    In memory there is no file: each packet would be another object.
    """
    stems = [Path(source.path or source.name).stem for source in sources]
    twice = {stem for stem, number in Counter(stems).items() if number > 1}
    names: dict[int, str | None] = {
        id(source): f"{stem}[{number}]" if stem in twice else stem
        for number, (source, stem) in enumerate(zip(sources, stems, strict=True))
    }
    names |= {id(one): None for one in sources if one.is_json and one.path is None}

    def read(
        source: Source, left_out: Counter[str], options: ReadOptions
    ) -> Iterator[packets.Object]:
        return _read(source, names[id(source)], left_out, options)

    return packets.tables(read, sources, left_out, options)


def _read(
    source: Source, name: str | None, left_out: Counter[str], options: ReadOptions
) -> Iterator[packets.Object]:
    if not source.is_json:
        texts = (f"{prefix}{one}" for prefix in ("", *_PREFIXES) for one in IDS)
        _refuse_units(source)
        yield from _table(source.frame(tuple(texts)), name, left_out, options)
        return
    value = source.value
    if not lists.has_lists(value):
        yield from _table(pd.DataFrame(value), name, left_out, options)
        return
    several = isinstance(value, list) and len(value) > 1 and name is not None
    for number, one in enumerate(lists.objects(value)):
        otherwise = f"{name}[{number}]" if several else name
        yield lists.document(one, left_out, options, otherwise=otherwise)


def _refuse_units(source: Source) -> None:
    """Raise ValueError where the fluxes of Rubin state another unit than nJy."""
    nanojansky = units.from_zeropoint([1.0], units.NANOJANSKY)
    for name, unit in source.units:
        if _without_prefix(name) in (*_LSST_FLUXES, *_LSST_ERRORS):
            one = units.from_unit(np.ones(1), unit, source.name)
            if not np.allclose(one, nanojansky):
                raise ValueError(
                    f"{name} has the unit {unit}, and Rubin's fluxes are in nJy. "
                    "Convert it, or name the columns mjd, band, flux and flux_err."
                )


def _of_lists(value: object) -> bool:
    """Whether a value is a list of lists, each the rows of one object."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _table(
    table: pd.DataFrame,
    otherwise: str | None,
    left_out: Counter[str],
    options: ReadOptions,
) -> Iterator[packets.Object]:
    """What a table with one row per observation holds, one object after another only
    in name: all rows come with the first."""
    renamed = [_without_prefix(str(column)) for column in table.columns]
    table = table.set_axis(renamed, axis=1).loc[:, ~pd.Index(renamed).duplicated()]
    rows = Columns(table)
    identities = rows.first(IDS)
    names = np.full(len(table), otherwise, object)
    if identities is not None:
        codes, values = pd.factorize(table[identities], use_na_sentinel=False)
        named = np.array([*map(identity, values), None], object)
        names = named[:-1][codes] if len(values) else names
        names, rows, table = _named(names, rows, table, identities, left_out)
    elif otherwise is None:
        raise ValueError(lists.NO_NAME)
    parts = observations(names, rows, None, left_out, options)
    for position in _positions(table, names):
        yield parts, position
        parts = []


def _named(
    names: np.ndarray,
    rows: Columns,
    table: pd.DataFrame,
    column: str,
    left_out: Counter[str],
) -> tuple[np.ndarray, Columns, pd.DataFrame]:
    """The rows that belong to an object; sources of LSST in the solar system do not."""
    missing = np.array([name is None for name in names], bool)
    if column == "diaObjectId":
        missing |= names == "0"
        left_out["rows of solar-system objects"] += int(missing.sum())
        good = ~missing
        return names[good], rows.where(good), table[good]
    if missing.any():
        at = int(np.flatnonzero(missing)[0])
        raise ValueError(
            f"row {at}: {column} is missing ({int(missing.sum())} such rows). Fill it "
            "in, or drop these rows."
        )
    return names, rows, table


def _positions(table: pd.DataFrame, names: np.ndarray) -> Iterator[dict]:
    """`object_id`, `ra` and `dec` of the first row that has them, and the redshift and
    the reddening, which are the same in all rows.

    Raises:
        ValueError: they are not.
    """
    known = next((both for both in _POSITIONS if set(both) <= set(table)), ())
    columns = {
        ours: table[one] for ours, one in zip(("ra", "dec"), known, strict=False)
    }
    repeated = {ours: table[one] for ours, one in scalars(table.columns).items()}
    if not columns and not repeated:
        yield from ({"object_id": name} for name in pd.unique(names))
        return
    rows = pd.DataFrame({"object_id": names, **columns, **repeated})
    split(rows[["object_id", *repeated]].reset_index(drop=True))
    of_objects = rows.groupby("object_id", sort=False).first()
    yield from of_objects.reset_index().to_dict("records")


def _hint(source: Source) -> str | None:
    """What to do with messages of Lasair that have no light curve, and with rows."""
    if not source.is_json or not {"diaObjectId", "UTC"} <= source.columns:
        if source.kind == "packet" and not source.nested and not source.structs:
            return (
                f"{source.name} holds no list of observations. If it is a row of a "
                "table, give all rows as one: pandas.DataFrame(rows)."
            )
        return None
    return (
        f"{source.name} has messages of Lasair without light curves. Choose kafka with "
        "the lite light curve in the settings of the filter."
    )


FORMAT = Format(
    name="broker_export",
    what="light curves of a broker",
    looks_for=(
        "a light curve of Fink, ALeRCE, Lasair, ANTARES, BTS or Rubin (CSV, JSON, "
        "parquet: magpsf, sigmapsf, isdiffpos, fid, and jd or mjd; or psfFlux, "
        "psfFluxErr, band, midpointMjdTai)"
    ),
    accepts=_accepts,
    tables=_tables,
    layouts=LAYOUTS,
    hint=_hint,
)
