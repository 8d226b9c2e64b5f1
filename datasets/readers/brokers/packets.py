"""What the readers of alert packets share: packets as dictionaries, and one light curve
from all packets of one object, whose histories repeat each other.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from zoo.datasets.readers.files import arrow, avro
from zoo.datasets.readers.files.interface import Tables
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.surveys.rows import unknown_to_nan
from zoo.light_curves.photometry import ReadOptions

FORCED, ALERT, HISTORY = 0, 1, 2
"""Where a row comes from. Of several rows of one exposure the lowest is kept: forced
photometry, at one position, is not brightened by the choice of the position; the
alert's own numbers are not rounded as those of a history are."""

EXPOSURE = 1 / 86400
"""Rows of one object and passband within a second are one exposure, days: exposures
last 30 s (ZTF, Bellm et al. 2019, PASP 131 018002; LSST, Ivezic et al. 2019, ApJ 873
111)."""

ROW = ("object_id", "mjd", "band", "flux", "flux_err", "origin")


ReadPackets = Callable[[Source, Counter[str]], Iterator[tuple[list[tuple], dict]]]
"""Yields the rows `ROW` and the metadata of each packet of a file."""


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

    The metadata of an object are those of its first packet. Its `redshift` and `mwebv`,
    where there are any, are NaN where not known.
    """
    del options  # packets state the unit of their fluxes, and their passbands
    rows: list[tuple] = []
    objects: dict[str, dict] = {}
    for source in sources:
        with source.named():
            for part, metadata in read(source, left_out):
                rows += part
                objects.setdefault(metadata["object_id"], metadata)
    photometry = merge(pd.DataFrame(rows, columns=list(ROW)), left_out)
    metadata_table = pd.DataFrame(list(objects.values()))
    for column in {"redshift", "mwebv"} & set(metadata_table):
        metadata_table[column] = unknown_to_nan(metadata_table[column])
    return photometry, metadata_table


def rows_of(
    name: str,
    mjd: Iterable[float],
    band: Iterable[str | None],
    fluxes: tuple[np.ndarray, np.ndarray],
    origin: int,
) -> list[tuple]:
    """The rows `ROW` of one object."""
    flux, flux_err = (column.tolist() for column in fluxes)
    return list(
        zip(repeat(name), mjd, band, flux, flux_err, repeat(origin), strict=False)
    )


def read_packets(
    source: Source, parts: Collection[str], fields: Collection[str]
) -> Iterator[dict[str, Any]]:
    """The packets of an Avro or parquet file.

    Args:
        source: the file.
        parts: the fields of a packet that are read from parquet.
        fields: the fields of those that are read from parquet.

    Raises:
        ValueError: the file is damaged.
    """
    if source.kind == "avro":
        return avro.packets(source.file)
    return arrow.records(source.file, parts, fields)


def merge(rows: pd.DataFrame, left_out: Counter[str]) -> pd.DataFrame:
    """One row per exposure, from the rows of all packets.

    Args:
        rows: the columns `ROW`; flux at zero point 27.5, negative where the source is
            fainter than in the reference; `band` None where it is not known.
        left_out: what is left out is counted here, by reason.

    Returns:
        `object_id, mjd, band, flux, flux_err, detected`, sorted. An exposure is a
        detection where an alert or a history holds it with a positive flux. Where all
        rows are forced photometry, `detected` is left out, and the signal-to-noise rule
        applies.
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
    best = rows.assign(exposure=exposure).sort_values(
        ["exposure", "origin", "flux_err"], kind="stable"
    )
    best = best.drop_duplicates("exposure")
    left_out["repeated rows of one exposure"] += len(rows) - len(best)
    merged = best.drop(columns=["origin", "exposure"])
    if alerted.any():
        merged["detected"] = detected.to_numpy()
    return merged.sort_values(["object_id", "mjd"], kind="stable", ignore_index=True)
