"""Rubin/LSST and ELAsTiCC alert packets: Avro, and the parquet of brokers.

Schemas: https://github.com/lsst/alert_packet and
https://github.com/LSSTDESC/elasticc/tree/main/alert_schema. Fluxes are nJy, times the
midpoint of the exposure, TAI. Names changed between the versions; both are read.

An object is named by the `diaObjectId` of its source (that of `diaObject` is rounded in
the tables of some brokers). Packets without one are of the solar system and left out.
The metadata are `ra` and `dec` (deg), and of ELAsTiCC the `redshift` of the host,
`mwebv` and, where there is truth, `label`.

Quality flags leave no row out: of the 584 rows with `psfFlux_flag` in a sample of
schema 7.1, half have 0.95 to 1.08 times the aperture flux. A limit of
`prvDiaNondetectionLimits` has no flux and is left out.
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
from zoo.labels import ELASTICC_CODES

BANDS = {band: f"lsst{band.lower()}" for band in "ugrizyY"}

NAMES = {
    "mjd": ("midpointMjdTai", "midPointTai"),  # from schema 7 on; before, and ELAsTiCC
    "band": ("band", "filterName"),
    "flux": ("psfFlux", "psFlux"),
    "flux_err": ("psfFluxErr", "psFluxErr"),
}
"""Fields of a source, by version."""

_SOURCE, _FORCED = "diaSource", "prvDiaForcedSources"
_HISTORY, _LIMITS = "prvDiaSources", "prvDiaNondetectionLimits"
_TRUTH = "GENTYPE"  # a column that ELAsTiCC's truth table adds
_PARTS = (_SOURCE, _HISTORY, _FORCED, _LIMITS, "diaObject", _TRUTH)
_FIELDS = (
    *("diaObjectId", "ra", "dec", "decl", "mwebv", "z_final"),
    *(name for names in NAMES.values() for name in names),
)


def _read(source: Source, left_out: Counter[str]) -> Iterator[tuple[list, dict]]:
    for packet in packets.read_packets(source, _PARTS, _FIELDS):
        detection = packet[_SOURCE]
        if not detection["diaObjectId"]:  # 0 or none
            left_out["packets of solar-system objects"] += 1
            continue
        name = str(detection["diaObjectId"])
        table = fluxes(name, [detection], packets.ALERT)
        table += fluxes(name, packet.get(_HISTORY) or [], packets.HISTORY)
        table += fluxes(name, packet.get(_FORCED) or [], packets.FORCED)
        left_out["upper limits"] += len(packet.get(_LIMITS) or ())
        yield table, _metadata(name, packet)


def fluxes(name: str, sources: Sequence[Mapping], origin: int) -> list[tuple]:
    """The rows of sources or forced sources.

    Raises:
        KeyError: a source has none of the names that are known for a field.
    """
    mjd, band, *values = ([_field(one, key) for one in sources] for key in NAMES)
    numbers = np.array([mjd, *values], np.float64)
    flux, flux_err = units.from_zeropoint(numbers[1:], units.NANOJANSKY)
    named = (BANDS.get(one) for one in band)
    return packets.rows_of(name, numbers[0].tolist(), named, (flux, flux_err), origin)


def _field(source: Mapping, key: str) -> Any:
    """A field of a source, by its name in any version."""
    for spelling in NAMES[key]:
        if spelling in source:
            return source[spelling]
    raise KeyError(" or ".join(NAMES[key]))


def _metadata(name: str, packet: Mapping[str, Any]) -> dict[str, Any]:
    of = packet.get("diaObject") or packet[_SOURCE]
    metadata = {"object_id": name, "ra": of.get("ra"), "dec": of.get("dec")}
    for column, key in (("dec", "decl"), ("redshift", "z_final"), ("mwebv", "mwebv")):
        if key in of:
            metadata[column] = of[key]
    if _TRUTH in packet:
        metadata["label"] = ELASTICC_CODES.get(packet[_TRUTH])
    return metadata


FORMAT = Format(
    name="lsst_alerts",
    what="Rubin/LSST or ELAsTiCC alert packets",
    looks_for="Rubin/LSST or ELAsTiCC alert packets (Avro or parquet: diaSource)",
    accepts=lambda source: packets.has_fields(source, {_SOURCE}),
    tables=partial(packets.tables, _read),
)
