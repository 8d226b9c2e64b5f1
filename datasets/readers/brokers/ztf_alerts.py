"""ZTF alert packets: Avro, and the flattened parquet of brokers.

Schema: https://github.com/ZwickyTransientFacility/ztf-avro-alert (3.0 to 4.02). A
packet holds one candidate, 30 days of history, and from 4.0 on forced photometry.
Times are at the start of the exposure, UTC.

A history without a magnitude is an upper limit (`diffmaglim`). It has no flux, so it is
left out and counted: a flux of 0 in its place would be an invention. The metadata are
the `ra` and `dec` (deg) of the candidate, and of the nearest source of Pan-STARRS
within 30 arcsec, a galaxy or a star, the magnitudes, colour, distance and `sgscore`.

Forced photometry whose `procstatus` is not 0 has a warning or an error of ZTF's
pipeline (Masci et al. 2023, arXiv:2305.16279, section 6); it is left out and counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from zoo.datasets.readers.brokers import packets
from zoo.datasets.readers.brokers.fields import (
    Columns,
    host,
    identity,
    listed,
    passbands,
)
from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.photometry import DEFAULT, ReadOptions

BANDS = {"1": "ztfg", "2": "ztfr", "3": "ztfi"}
"""Passband of each `fid`."""

_TIMES = ("mjd", "MJD", "jd", "JD")

_SIGNS = dict.fromkeys(("t", "1", "true", "1.0"), True) | dict.fromkeys(
    ("f", "0", "-1", "false", "0.0", "-1.0"), False
)
_PARTS = ("objectId", "candidate", "prv_candidates", "fp_hists")
_NEAREST = {band: f"s{band}mag1" for band in "griz"}
_FIELDS = (
    *("jd", "fid", "magpsf", "sigmapsf", "isdiffpos", "ra", "dec"),
    *("forcediffimflux", "forcediffimfluxunc", "magzpsci", "procstatus"),
    *("distpsnr1", "sgscore1", *_NEAREST.values()),
)
_NOT_MEASURED = -90000.0  # ZTF writes -99999 for a failed measurement


def _read(
    source: Source, left_out: Counter[str], options: ReadOptions
) -> Iterator[packets.Object]:
    for one in packets.read_packets(source, _PARTS, _FIELDS):
        yield packet(one, left_out, options)


def packet(
    content: Mapping[str, Any], left_out: Counter[str], options: ReadOptions = DEFAULT
) -> packets.Object:
    """What one packet holds.

    Args:
        content: the packet as a dictionary.
        left_out: what is left out is counted here, by reason.
        options: what names of passbands stand for.

    Raises:
        KeyError: a field of the schema is missing.
        ValueError: `isdiffpos` is none of the values of the schema.

    Example:
        >>> candidate = {"jd": 2460000.5, "fid": 1, "magpsf": 20.0, "sigmapsf": 0.1,
        ...     "isdiffpos": "t", "ra": 10.0, "dec": -5.0}
        >>> rows, metadata = packet({"objectId": "ZTF26a", "candidate": candidate},
        ...     Counter())
        >>> rows[0][1], rows[0][2], rows[0][3]
        (array([60000.]), array(['ztfg'], dtype=object), array([1000.]))
    """
    name, candidate = str(identity(content["objectId"])), content["candidate"]
    past, forced_past = content.get("prv_candidates"), content.get("fp_hists")
    rows = [
        magnitudes(name, Columns([candidate]), packets.ALERT, left_out, options),
        magnitudes(name, Columns(listed(past)), packets.HISTORY, left_out, options),
        forced(name, Columns(listed(forced_past)), left_out, options),
    ]
    position = {key: candidate.get(key) for key in ("ra", "dec")}
    return rows, {"object_id": name, **position, **nearest(candidate)}


def nearest(candidate: Mapping[str, Any]) -> dict[str, float | None]:
    """What a candidate says of the nearest source of Pan-STARRS, as of a host."""
    return host(candidate, _NEAREST, "distpsnr1", "sgscore1")


def magnitudes(
    name: str | np.ndarray,
    rows: Columns,
    origin: int | np.ndarray,
    left_out: Counter[str],
    options: ReadOptions = DEFAULT,
    *,
    names: tuple[str, str] = ("magpsf", "sigmapsf"),
    letters: Mapping[str, str] = BANDS,
) -> packets.Rows:
    """The rows of magnitudes of difference fluxes.

    Args:
        name: of the object, or of that of each row.
        rows: with `isdiffpos`, and a time and a passband under any name.
        origin: where they come from, or where each of them does.
        left_out: upper limits are counted here: rows without a magnitude, and those
            with neither its error nor its sign.
        options: what names of passbands stand for.
        names: of the magnitude and of its error.
        letters: what names of passbands stand for in these data.

    Raises:
        KeyError: a field is missing.
        ValueError: `isdiffpos` is none of the values of the schema.
    """
    # SkyPortal's are of sources brighter than in the reference.
    sign = "magsys" if "magsys" in rows and "isdiffpos" not in rows else "isdiffpos"
    measured = units.is_magnitude(rows.numbers(names[0]))
    measured &= rows.known(names[1]) | rows.known(sign)
    left_out["upper limits"] += int((~measured).sum())
    rows = rows.where(measured)
    if not isinstance(name, str):
        name = name[measured]
    if not isinstance(origin, int):
        origin = origin[measured]
    positive: Any = np.ones(len(rows), bool)
    if sign == "isdiffpos":
        signs = rows.values(sign) if sign in rows else [None] * len(rows)
        positive = _signs(signs, name) if len(rows) else []
    fluxes = units.from_magnitudes(
        rows.numbers(names[0]), rows.numbers(names[1]), positive
    )
    return packets.rows_of(
        name, times(rows), bands_of(rows, letters, options), fluxes, origin
    )


def forced(
    name: str | np.ndarray,
    rows: Columns,
    left_out: Counter[str],
    options: ReadOptions = DEFAULT,
    letters: Mapping[str, str] = BANDS,
) -> packets.Rows:
    """The rows of forced photometry: DN at the zero point `magzpsci`."""
    fields = ("forcediffimflux", "forcediffimfluxunc", "magzpsci")
    numbers = np.array([rows.numbers(field) for field in fields])
    known = np.isfinite(numbers).all(0) & (numbers[0] > _NOT_MEASURED)
    known &= numbers[1] > _NOT_MEASURED
    left_out["failed forced photometry"] += int((~known).sum())
    if "procstatus" in rows:
        good = succeeded(rows)
        reason = "forced photometry with a procstatus other than 0"
        left_out[reason] += int((known & ~good).sum())
        known &= good
    fluxes = units.from_zeropoint(numbers[:2, known], numbers[2, known])
    rows = rows.where(known)
    if not isinstance(name, str):
        name = name[known]
    band = bands_of(rows, letters, options)
    return packets.rows_of(name, times(rows), band, fluxes, packets.FORCED)


def succeeded(rows: Columns) -> np.ndarray:
    """Where the `procstatus` of forced photometry is 0; an empty one is not."""
    status = [str(one).strip().removesuffix(".0") for one in rows.values("procstatus")]
    return np.array([one == "0" for one in status], bool)


def times(rows: Columns) -> np.ndarray:
    """The times of rows, MJD, float64 `(n,)`."""
    name = rows.first(_TIMES)
    if name is None:
        if len(rows):
            raise KeyError("jd")
        return np.empty(0)
    epoch = units.MJD_EPOCH if name.lower() == "jd" else 0.0
    return rows.numbers(name) - epoch


def bands_of(
    rows: Columns, letters: Mapping[str, str], options: ReadOptions
) -> np.ndarray:
    """The passbands of rows, object `(n,)`, None where one is not known."""
    name = rows.first(("fid", "filter", "band"))
    if name is None:
        if len(rows):
            raise KeyError("fid")
        return np.empty(0, object)
    return passbands(rows.values(name), letters, options)


def _signs(signs: Sequence[Any], name: str | np.ndarray) -> np.ndarray:
    first = name if isinstance(name, str) else str(name[0])
    known: dict[str, bool] = {}
    for sign in signs:
        if str(sign) not in known:
            known[str(sign)] = is_positive(sign, first)
    return np.array([known[str(sign)] for sign in signs], bool)


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


def _accepts(source: Source) -> bool:
    return (
        packets.has_fields(source, {"objectId", "candidate"})
        and "psfFlux" not in source.inside("candidate", "prv_candidates")  # BOOM's
        and not (source.kind == "packet" and "_id" in source.columns)  # its database
    )


FORMAT = Format(
    name="ztf_alerts",
    what="ZTF alert packets",
    looks_for=(
        "ZTF alert packets (Avro or parquet: objectId, candidate, prv_candidates)"
    ),
    accepts=_accepts,
    tables=partial(packets.tables, _read),
)
