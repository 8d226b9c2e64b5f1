"""ZTF alert packets: Avro, and the flattened parquet of brokers.

Schema: https://github.com/ZwickyTransientFacility/ztf-avro-alert (3.0 to 4.02). A
packet holds one candidate, 30 days of history, and from 4.0 on forced photometry.
Times are at the start of the exposure, UTC.

A history without a magnitude is an upper limit (`diffmaglim`). It has no flux, so it is
left out and counted: a flux of 0 in its place would be an invention. The metadata are
the `ra` and `dec` (deg) of the candidate.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from zoo.datasets.readers.brokers import packets
from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source

BANDS = {1: "ztfg", 2: "ztfr", 3: "ztfi"}
"""Passband of each `fid`."""

_SIGNS = dict.fromkeys(("t", "1", "true", "1.0"), True) | dict.fromkeys(
    ("f", "0", "-1", "false", "0.0", "-1.0"), False
)
_PARTS = ("objectId", "candidate", "prv_candidates", "fp_hists")
_FIELDS = (
    *("jd", "fid", "magpsf", "sigmapsf", "isdiffpos", "ra", "dec"),
    *("forcediffimflux", "forcediffimfluxunc", "magzpsci", "procstatus"),
)
_NOT_MEASURED = -90000.0  # ZTF writes -99999 for a failed measurement


def _read(source: Source, left_out: Counter[str]) -> Iterator[tuple[list, dict]]:
    for packet in packets.read_packets(source, _PARTS, _FIELDS):
        name, candidate = str(packet["objectId"]), packet["candidate"]
        history, past = packet.get("prv_candidates"), packet.get("fp_hists")
        rows = magnitudes(name, [candidate], packets.ALERT, left_out)
        rows += magnitudes(name, history or [], packets.HISTORY, left_out)
        rows += forced(name, past or [], left_out)
        position = {key: candidate.get(key) for key in ("ra", "dec")}
        yield rows, {"object_id": name, **position}


def magnitudes(
    name: str, candidates: Sequence[Mapping], origin: int, left_out: Counter[str]
) -> list[tuple]:
    """The rows of candidates with `magpsf`, `sigmapsf` and `isdiffpos`.

    Raises:
        ValueError: `isdiffpos` is none of the values of the schema.
    """
    magnitude = np.array([one.get("magpsf") for one in candidates], np.float64)
    known = units.is_magnitude(magnitude)
    measured = [one for one, good in zip(candidates, known, strict=True) if good]
    left_out["upper limits"] += len(candidates) - len(measured)
    fluxes = units.from_magnitudes(
        magnitude[known],
        np.array([one["sigmapsf"] for one in measured], np.float64),
        [is_positive(one.get("isdiffpos"), name) for one in measured],
    )
    return _rows(name, measured, fluxes, origin)


def forced(
    name: str, history: Sequence[Mapping], left_out: Counter[str]
) -> list[tuple]:
    """The rows of forced photometry: DN at the zero point `magzpsci`."""
    fields = ("forcediffimflux", "forcediffimfluxunc", "magzpsci")
    values = [[one.get(field) for field in fields] for one in history]
    numbers = np.array(values, np.float64).reshape(-1, len(fields))
    known = np.isfinite(numbers).all(1) & (numbers[:, 0] > _NOT_MEASURED)
    left_out["failed forced photometry"] += int((~known).sum())
    flux, flux_err = units.from_zeropoint(numbers[known, :2].T, numbers[known, 2])
    measured = [one for one, good in zip(history, known, strict=True) if good]
    return _rows(name, measured, (flux, flux_err), packets.FORCED)


def _rows(
    name: str,
    measured: list[Mapping],
    fluxes: tuple[np.ndarray, np.ndarray],
    origin: int,
) -> list[tuple]:
    mjd = (one["jd"] - units.MJD_EPOCH for one in measured)
    band = (BANDS.get(one["fid"]) for one in measured)
    return packets.rows_of(name, mjd, band, fluxes, origin)


def is_positive(isdiffpos: Any, name: str) -> bool:
    """Whether the source is brighter than in the reference.

    Args:
        isdiffpos: `t` or `1` in packets, true in BOOM's, 1 or -1 in ALeRCE's tables.
        name: the object, for the message.

    Raises:
        ValueError: it is none of these.
    """
    sign = _SIGNS.get(str(isdiffpos).strip().lower())
    if sign is None:
        raise ValueError(
            f"object {name!r}: isdiffpos is {isdiffpos!r}, neither t, 1, true nor f, "
            "0, -1, false. Correct or drop these rows."
        )
    return sign


FORMAT = Format(
    name="ztf_alerts",
    what="ZTF alert packets",
    looks_for=(
        "ZTF alert packets (Avro or parquet: objectId, candidate, prv_candidates)"
    ),
    accepts=lambda source: packets.has_fields(source, {"objectId", "candidate"}),
    tables=partial(packets.tables, _read),
)
