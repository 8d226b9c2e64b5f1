"""Rubin/LSST and ELAsTiCC alert packets: Avro, JSON, and the parquet of brokers.

Schemas: https://github.com/lsst/alert_packet and
https://github.com/LSSTDESC/elasticc/tree/main/alert_schema. Fluxes are nJy, times the
midpoint of the exposure, TAI. Names changed between the versions; all are read.

An object is named by the `diaObjectId` of its source (that of `diaObject` is rounded in
the tables of some brokers). Packets without one are of the solar system and left out.
The metadata are `ra` and `dec` (deg), and of ELAsTiCC the `redshift` of the host with
its `redshift_err` (`z_final`, `z_final_err`: photometric, with 0.001 of a spectrum),
`mwebv`, the magnitudes, colour and offset of the host and, where there is truth,
`label`. Packets of Rubin hold nothing of a host.

Quality flags leave no detection of a packet out: of the 584 rows with `psfFlux_flag` in
a sample of schema 7.1, half have 0.95 to 1.08 times the aperture flux. Another row of
the same exposure is preferred. Flagged forced photometry is left out. A limit of
`prvDiaNondetectionLimits` has no flux and is left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
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
from zoo.labels import ELASTICC_CODES
from zoo.light_curves.photometry import DEFAULT, ReadOptions

BANDS = {band: f"lsst{band.lower()}" for band in "ugrizyY"}

TIMES = ("midpointMjdTai", "expMidptMJD", "midPointTai")
"""Names of the time: from schema 7 on; in `Visit` of data releases
(https://sdm-schemas.lsst.io/dp1.html#Visit); before schema 7, and ELAsTiCC."""

BAND_NAMES = ("band_name", "band", "filterName")
"""Names of the passband; ALeRCE's `band` is a number beside its `band_name`."""

FLUXES = (
    ("psfDiffFlux", "psfDiffFluxErr"),
    ("psfFlux", "psfFluxErr"),
    ("psFlux", "psFluxErr"),
)
"""Names of the difference flux and its error: where a table of a data release has
`psfDiffFlux`, its `psfFlux` is measured on the direct image
(https://sdm-schemas.lsst.io/dp1.html#ForcedSourceOnDiaObject)."""

FLAGS = (
    *("diff_PixelFlags_nodataCenter", "pixelFlags_nodataCenter", "invalidPsfFlag"),
    *("pixelFlags_bad", "pixelFlags_saturatedCenter", "isDipole"),
)
"""Flags, besides that of the flux itself, with which a difference flux is not to be
used: https://dp1.lsst.io and https://dp2.lsst.io, pages on flags."""

_SOURCE, _FORCED = "diaSource", "prvDiaForcedSources"
_HISTORY, _LIMITS = "prvDiaSources", "prvDiaNondetectionLimits"
_TRUTH = "GENTYPE"  # a column that ELAsTiCC's truth table adds
_SCALARS = {"redshift": "z_final", "redshift_err": "z_final_err", "mwebv": "mwebv"}
_OFFSET = "hostgal_snsep"
_HOST_MAGNITUDES = {band: f"hostgal_mag_{band}" for band in "ugriz"} | {
    "y": "hostgal_mag_Y"
}
_PARTS = (_SOURCE, _HISTORY, _FORCED, _LIMITS, "diaObject", _TRUTH)
_FIELDS = (
    *("diaObjectId", "ra", "dec", "decl", "mwebv", "z_final", "z_final_err"),
    *(_OFFSET, *_HOST_MAGNITUDES.values()),
    *(*TIMES, *BAND_NAMES, *(name for pair in FLUXES for name in pair)),
    *(*(f"{flux}_flag" for flux, _ in FLUXES), *FLAGS),
)


def _read(
    source: Source, left_out: Counter[str], options: ReadOptions
) -> Iterator[packets.Object]:
    for one in packets.read_packets(source, _PARTS, _FIELDS):
        content = packet(one, left_out, options)
        if content is not None:
            yield content


def packet(
    content: Mapping[str, Any], left_out: Counter[str], options: ReadOptions = DEFAULT
) -> packets.Object | None:
    """What one packet holds; None of one of a solar-system object, which is counted.

    Args:
        content: the packet as a dictionary.
        left_out: what is left out is counted here, by reason.
        options: what names of passbands stand for.

    Raises:
        KeyError: a source has none of the names that are known for a field.

    Example:
        >>> source = {"diaObjectId": 7, "midpointMjdTai": 61000.5, "band": "r",
        ...     "psfFlux": 1000.0, "psfFluxErr": 50.0, "ra": 1.0, "dec": 2.0}
        >>> rows, metadata = packet({"diaSource": source}, Counter())
        >>> rows[0][2], rows[0][3].round(4), metadata["object_id"]
        (array(['lsstr'], dtype=object), array([27.5423]), '7')
    """
    detection = content[_SOURCE]
    name = named(detection["diaObjectId"])
    if name is None:
        left_out["packets of solar-system objects"] += 1
        return None
    rows = [
        fluxes(name, Columns(part), origin, left_out, options, keep_flagged=True)
        for part, origin in (
            ([detection], packets.ALERT),
            (listed(content.get(_HISTORY)), packets.HISTORY),
            (listed(content.get(_FORCED)), packets.FORCED),
        )
    ]
    left_out["upper limits"] += len(listed(content.get(_LIMITS)))
    return rows, _metadata(name, content)


def named(value: Any) -> str | None:
    """The name of an object; None where it is 0 or missing, as those of sources in the
    solar system are."""
    name = identity(value)
    return None if name == "0" else name


def fluxes(
    name: str | np.ndarray,
    rows: Columns,
    origin: int | np.ndarray,
    left_out: Counter[str],
    options: ReadOptions = DEFAULT,
    *,
    keep_flagged: bool = False,
    times: tuple[str, ...] = TIMES,
    letters: Mapping[str, str] = BANDS,
) -> packets.Rows:
    """The rows of sources or forced sources.

    Args:
        name: of the object, or of that of each row.
        rows: the sources.
        origin: where they come from, or where each of them does.
        left_out: flagged rows are counted here.
        options: what names of passbands stand for.
        keep_flagged: keep flagged detections, for exposures with no other row.
        times: names that the time may have.
        letters: what names of passbands stand for in these data.

    Raises:
        KeyError: the rows have none of the names that are known for a field.
    """
    if not len(rows):
        nothing = np.empty(0)
        return packets.rows_of("", nothing, np.empty(0, object), (nothing, nothing), 0)
    time, band = _needed(rows, times), _needed(rows, BAND_NAMES)
    flux = _needed(rows, [flux for flux, _ in FLUXES])
    flux_err = dict(FLUXES)[flux]
    origins = np.broadcast_to(origin, len(rows))
    good = np.ones(len(rows), bool)
    flagged = np.zeros(len(rows), bool)
    for flag in (f"{flux}_flag", *FLAGS):
        bad = rows.flags(flag)
        if bad.any():
            kept = keep_flagged & (origins != packets.FORCED)
            left_out[f"rows flagged {flag}"] += int((bad & good & ~kept).sum())
            good &= ~bad | kept
            flagged |= bad & kept
    origins = origins + np.where(flagged, packets.FLAGGED, 0)
    if not good.all():
        rows, origins = rows.where(good), origins[good]
        name = name if isinstance(name, str) else name[good]
    numbers = np.array([rows.numbers(flux), rows.numbers(flux_err)])
    return packets.rows_of(
        name,
        rows.numbers(time),
        passbands(rows.values(band), letters, options),
        units.from_zeropoint(numbers, units.NANOJANSKY),
        origins,
    )


def _needed(rows: Columns, names: Any) -> str:
    name = rows.first(names)
    if name is None:
        raise KeyError(" or ".join(names))
    return name


def _metadata(name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    of = content.get("diaObject") or content[_SOURCE]
    metadata = {"object_id": name, "ra": of.get("ra")}
    metadata["dec"] = of.get("dec", of.get("decl"))
    for column, key in _SCALARS.items():
        if key in of:
            metadata[column] = of[key]
    metadata |= host(of, _HOST_MAGNITUDES, _OFFSET)
    if _TRUTH in content:
        metadata["label"] = ELASTICC_CODES.get(content[_TRUTH])
    return metadata


def _accepts(source: Source) -> bool:
    if source.kind == "json":
        return _SOURCE in source.columns
    # With a `diaObjectId` of its own it is a row of a catalogue, which nests sources.
    catalogue = _SOURCE in source.nested or (
        "diaObjectId" in source.columns
        and "diaObject" not in source.columns
        and source.kind != "packet"
    )
    return packets.has_fields(source, {_SOURCE}) and not catalogue


FORMAT = Format(
    name="lsst_alerts",
    what="Rubin/LSST or ELAsTiCC alert packets",
    looks_for="Rubin/LSST or ELAsTiCC alert packets (Avro, JSON, parquet: diaSource)",
    accepts=_accepts,
    tables=partial(packets.tables, _read),
)
