"""What the readers of brokers share: packets as dictionaries, and one light curve from
all packets, lists and tables that hold an object, which repeat each other.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

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


def has_fields(source: Source, fields: Set[str]) -> bool:
    """Whether a source holds packets, all with these fields."""
    return source.kind in ("avro", "parquet") and fields <= source.columns


def tables(
    read: ReadPackets,
    sources: list[Source],
    left_out: Counter[str],
    options: ReadOptions,
) -> Tables:
    """The tables of all packets, by what reads the packets of one file.

    The metadata of an object are those of its first packet that knows them. Its
    `redshift` and `mwebv`, where there are any, are NaN where not known.
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
    for column in {"redshift", "mwebv"} & set(metadata_table):
        metadata_table[column] = unknown_to_nan(metadata_table[column])
    return photometry, metadata_table


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
    """The packets of an Avro, parquet or JSON file.

    Args:
        source: the file.
        parts: the fields of a packet that are read from parquet.
        fields: the fields of those that are read from parquet.

    Raises:
        ValueError: the file is damaged.
    """
    if source.kind == "avro":
        return avro.packets(source.file)
    if source.kind == "json":
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
    rows = rows.astype(dict.fromkeys(("mjd", "flux", "flux_err"), np.float64))
    flux, flux_err = rows["flux"], rows["flux_err"]
    valid = np.isfinite(flux) & np.isfinite(flux_err) & (flux_err > 0)
    valid &= np.isfinite(rows["mjd"])
    left_out["rows without a flux, an error above 0 or a time"] += int((~valid).sum())
    known = rows["band"].notna()
    left_out["rows in other passbands"] += int((valid & ~known).sum())
    rows = rows[valid & known].sort_values(
        ["object_id", "band", "mjd"], kind="stable", ignore_index=True
    )

    gap = rows.groupby(["object_id", "band"])["mjd"].diff()
    exposure = (~(gap < EXPOSURE)).cumsum()
    alerted = rows["origin"] != FORCED
    detected = (alerted & (rows["flux"] > 0)).groupby(exposure).any()
    has_alerts = alerted.groupby(rows["object_id"]).transform("any")
    best = rows.assign(exposure=exposure, has_alerts=has_alerts).sort_values(
        ["exposure", "origin", "flux_err"], kind="stable"
    )
    best = best.drop_duplicates("exposure")
    left_out["repeated rows of one exposure"] += len(rows) - len(best)
    # In single precision, as a table without the column `detected` has it.
    with np.errstate(all="ignore"):
        single = best[["flux", "flux_err"]].to_numpy(np.float32)
        significant = single[:, 0] / single[:, 1] >= DETECTION_SNR
    merged = best.drop(columns=["origin", "exposure", "has_alerts"])
    merged["detected"] = np.where(best["has_alerts"], detected.to_numpy(), significant)
    return merged.sort_values(["object_id", "mjd"], kind="stable", ignore_index=True)
