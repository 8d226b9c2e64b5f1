"""What the readers of brokers share: packets as dictionaries, and one light curve from
all packets, lists and tables that hold an object, which repeat each other.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from zoo.columns import HOST
from zoo.datasets.readers.files import arrow, avro
from zoo.datasets.readers.files.interface import Tables
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.surveys.rows import unknown_to_nan
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import DETECTION_SNR

FORCED, ALERT, HISTORY = 0, 1, 2
"""Where a row comes from. Of several rows of one exposure the lowest is kept: forced
photometry, at one position, is not brightened by the choice of the position; the
alert's own numbers are not rounded as those of a history are. Forced photometry that
its survey flags as bad does not come here."""

FLAGGED = 2
"""Added to the origin of a detection whose flux is flagged: any other row is better."""

EXPOSURE = 1 / 86400
"""Rows of one object and passband within a second are one exposure, days: exposures
last 30 s (ZTF, Bellm et al. 2019, PASP 131 018002; LSST, Ivezic et al. 2019, ApJ 873
111)."""

ROW = ("object_id", "mjd", "band", "flux", "flux_err", "origin")

Rows: TypeAlias = tuple[np.ndarray, ...]
"""The columns `ROW`, `(n,)` each."""

Object: TypeAlias = tuple[list[Rows], dict[str, Any]]
"""What one packet holds: rows, and the metadata of its object."""

ReadPackets = Callable[[Source, Counter[str], ReadOptions], Iterator[Object]]
"""Yields what each packet of a file holds."""

ReadTable = Callable[
    [Source, Counter[str], ReadOptions], tuple[pd.DataFrame, pd.DataFrame]
]
"""Gives the rows `ROW` of a table, and the metadata of its objects."""


def has_fields(source: Source, fields: Set[str]) -> bool:
    """Whether a source holds packets, all with these fields."""
    return source.kind in ("avro", "parquet", "packet") and fields <= source.columns


def tables(
    read: ReadPackets,
    sources: list[Source],
    left_out: Counter[str],
    options: ReadOptions,
) -> Tables:
    """The tables of all packets, by what reads the packets of one file.

    The metadata of an object are those of its first packet that knows them. Its
    `redshift`, `redshift_err` and `mwebv`, and what is said of its host, where there
    are any, are NaN where not known.
    """
    rows: list[Rows] = []
    objects: dict[str, dict] = {}
    for source in sources:
        with source.named():
            for part, metadata in read(source, left_out, options):
                rows += part
                known = objects.setdefault(metadata["object_id"], metadata)
                if known is not metadata:
                    for key, value in metadata.items():
                        if known.get(key) is None:
                            known[key] = value
    photometry = merge(joined(rows), left_out)
    metadata_table = pd.DataFrame(list(objects.values()))
    for column in {"redshift", "redshift_err", "mwebv", *HOST} & set(metadata_table):
        metadata_table[column] = unknown_to_nan(metadata_table[column])
    return photometry, metadata_table


def merged_tables(
    read: ReadTable,
    sources: list[Source],
    left_out: Counter[str],
    options: ReadOptions,
) -> Tables:
    """The tables of all sources, by what reads the rows of one.

    The metadata of an object are those of the first source that holds it.
    """
    parts = [source.read(read, left_out, options) for source in sources]
    rows, objects = zip(*parts, strict=True)
    photometry = merge(pd.concat(rows, ignore_index=True), left_out)
    metadata = pd.concat(objects, ignore_index=True)
    return photometry, metadata.drop_duplicates("object_id", ignore_index=True)


def rows_of(
    name: str | np.ndarray,
    mjd: np.ndarray,
    band: np.ndarray,
    fluxes: Iterable[np.ndarray],
    origin: int | np.ndarray,
) -> Rows:
    """The columns `ROW`; one name or one origin stands for all rows."""
    names = np.empty(len(mjd), object)
    names[:] = name
    origins = np.empty(len(mjd), np.int64)
    origins[:] = origin
    return (names, mjd, band, *fluxes, origins)


def joined(rows: list[Rows]) -> pd.DataFrame:
    """All rows as one table."""
    if not rows:
        return pd.DataFrame({name: np.empty(0, object) for name in ROW})
    columns = zip(ROW, zip(*rows, strict=True), strict=True)
    return pd.DataFrame({name: np.concatenate(parts) for name, parts in columns})


def read_packets(
    source: Source, parts: Collection[str], fields: Collection[str]
) -> Iterator[Mapping[str, Any]]:
    """The packets of an Avro, parquet or JSON file, or in memory.

    Args:
        source: the file or packet.
        parts: the fields of a packet that are read from parquet.
        fields: the fields of those that are read from parquet.

    Raises:
        ValueError: the file is damaged.
    """
    if source.kind == "avro":
        return avro.packets(source.file)
    if source.is_json:
        return iter(source.value if isinstance(source.value, list) else [source.value])
    return arrow.records(source.file, parts, fields)


def merge(rows: pd.DataFrame, left_out: Counter[str]) -> pd.DataFrame:
    """One row per exposure, from the rows of all packets.

    Args:
        rows: the columns `ROW`; flux at zero point 27.5, negative where the source is
            fainter than in the reference; `band` None where it is not known.
        left_out: what is left out is counted here, by reason.

    Returns:
        `object_id, mjd, band, flux, flux_err, detected`, sorted. An exposure is a
        detection where an alert or a history holds it with a positive flux. Forced
        photometry is no list of detections: in an object that has nothing else, the
        signal-to-noise rule applies. What other objects have makes no difference.
    """
    mjd, flux, flux_err = (
        rows[name].to_numpy(np.float64, na_value=np.nan)
        for name in ("mjd", "flux", "flux_err")
    )
    origin = rows["origin"].to_numpy(np.int64)
    valid = np.isfinite(flux) & np.isfinite(flux_err) & (flux_err > 0)
    valid &= np.isfinite(mjd)
    left_out["rows without a flux, an error above 0 or a time"] += int((~valid).sum())
    band, bands = pd.factorize(rows["band"], sort=True)  # -1: not known
    left_out["rows in other passbands"] += int((valid & (band < 0)).sum())
    owner, names = pd.factorize(rows["object_id"], sort=True)
    order = np.lexsort((mjd, band, owner))
    order = order[(valid & (band >= 0))[order]]
    mjd, flux, flux_err, origin, band, owner = (
        column[order] for column in (mjd, flux, flux_err, origin, band, owner)
    )

    same = (owner[1:] == owner[:-1]) & (band[1:] == band[:-1])
    same &= np.diff(mjd) < EXPOSURE
    first = np.append(True, ~same)[: len(mjd)]
    exposure = np.cumsum(first) - 1
    alerted = origin != FORCED
    has_alerts = np.zeros(len(names), bool)
    has_alerts[owner[alerted]] = True
    detected = np.zeros(int(first.sum()), bool)
    detected[exposure[alerted & (flux > 0)]] = True
    best = np.lexsort((flux_err, origin, exposure))[np.flatnonzero(first)]
    left_out["repeated rows of one exposure"] += len(mjd) - len(best)
    # In single precision, as a table without the column `detected` has it.
    with np.errstate(all="ignore"):
        significant = flux[best].astype(np.float32) / flux_err[best].astype(np.float32)
    detected = np.where(has_alerts[owner[best]], detected, significant >= DETECTION_SNR)
    order = np.lexsort((mjd[best], owner[best]))
    best = best[order]
    return pd.DataFrame(
        {
            "object_id": names.take(owner[best]),
            "mjd": mjd[best],
            "band": bands.take(band[best]),
            "flux": flux[best],
            "flux_err": flux_err[best],
            "detected": detected[order],
        }
    )
