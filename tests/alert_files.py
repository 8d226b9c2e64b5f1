"""Alert packets as ZTF, Rubin and ELAsTiCC write them, with the fields that matter."""

import json
import zlib
from io import BytesIO
from pathlib import Path

import fastavro
import pyarrow as pa


def _record(name: str, **fields: object) -> dict:
    listed = [{"name": key, "type": kind} for key, kind in fields.items()]
    return {"type": "record", "name": name, "fields": listed}


def _array(record: dict | str) -> list:
    return ["null", {"type": "array", "items": record}]


_NUMBER, _TEXT = ["null", "float"], ["null", "string"]
_DOUBLE = ["null", "double"]
_CANDIDATE = {
    "jd": "double",
    "fid": "int",
    "diffmaglim": _NUMBER,
    "isdiffpos": _TEXT,
    "magpsf": _DOUBLE,
    "sigmapsf": _DOUBLE,
    "ra": _DOUBLE,
    "dec": _DOUBLE,
}
ZTF = _record(
    "alert",
    schemavsn="string",
    objectId="string",
    candidate=_record("candidate", **_CANDIDATE),
    prv_candidates=_array(_record("prv_candidate", **_CANDIDATE)),
    fp_hists=_array(
        _record(
            "fp_hist",
            jd="double",
            fid="int",
            magzpsci=_DOUBLE,
            forcediffimflux=_DOUBLE,
            forcediffimfluxunc=_DOUBLE,
            procstatus=_TEXT,
        )
    ),
    cutoutScience=["null", "bytes"],
)


def _lsst(mjd: str, band: str, flux: str, error: str, dec: str, **more: object) -> dict:
    source = {"diaObjectId": ["null", "long"], mjd: "double", band: _TEXT}
    source |= {flux: _DOUBLE, error: _DOUBLE, "ra": _DOUBLE, dec: _DOUBLE}
    forced = {key: kind for key, kind in source.items() if key not in ("ra", dec)}
    return _record(
        "alert",
        diaSource=_record("diaSource", **source),
        prvDiaSources=_array(_record("prv", **source)),
        prvDiaForcedSources=_array(_record("forced", **forced)),
        diaObject=["null", _record("object", ra=_DOUBLE, **{dec: _DOUBLE}, **more)],
    )


LSST = _lsst("midpointMjdTai", "band", "psfFlux", "psfFluxErr", "dec")
ELASTICC = _lsst(
    *("midPointTai", "filterName", "psFlux", "psFluxErr", "decl"),
    mwebv=_DOUBLE,
    z_final=_DOUBLE,
)


def ztf_row(jd: float, fid: int, magnitude: float | None, sign: str | None) -> dict:
    error = None if magnitude is None else 0.1
    row = {"jd": jd, "fid": fid, "magpsf": magnitude, "sigmapsf": error}
    return row | {"isdiffpos": sign, "diffmaglim": 20.5, "ra": 10.0, "dec": -5.0}


def ztf_forced(jd: float, fid: int, flux: float, zeropoint: float) -> dict:
    row = {"jd": jd, "fid": fid, "forcediffimflux": flux, "forcediffimfluxunc": 4.0}
    return row | {"magzpsci": zeropoint, "procstatus": "0"}


def ztf_packet(
    name: str, candidate: dict, history: list[dict] = (), forced: list[dict] = ()
) -> dict:
    packet = {"schemavsn": "4.02", "objectId": name, "candidate": candidate}
    packet |= {"prv_candidates": list(history), "fp_hists": list(forced)}
    return packet | {"cutoutScience": b"\x1f\x8b" * 50}


def lsst_row(name: int | None, mjd: float, band: str, flux: float) -> dict:
    row = {"diaObjectId": name, "midpointMjdTai": mjd, "band": band}
    return row | {"psfFlux": flux, "psfFluxErr": 50.0, "ra": 1.0, "dec": 2.0}


def elasticc_row(name: int, mjd: float, band: str, flux: float) -> dict:
    row = {"diaObjectId": name, "midPointTai": mjd, "filterName": band}
    return row | {"psFlux": flux, "psFluxErr": 50.0, "ra": 1.0, "decl": 2.0}


def lsst_packet(
    source: dict,
    history: list[dict] = (),
    forced: list[dict] = (),
    of: dict | None = None,
) -> dict:
    return {
        "diaSource": source,
        "prvDiaSources": list(history),
        "prvDiaForcedSources": list(forced),
        "diaObject": of,
    }


def write(path: Path, schema: dict, packets: list[dict], codec: str = "null") -> Path:
    with path.open("wb") as file:
        fastavro.writer(file, schema, packets, codec=codec)
    return path


def snappy(schema: dict, packets: list[dict]) -> bytes:
    """An Avro file with one block packed with snappy, as Babamul sends it."""
    block, file = BytesIO(), BytesIO()
    for packet in packets:
        fastavro.schemaless_writer(block, schema, packet)
    data = block.getvalue()
    packed = pa.Codec("snappy").compress(data, asbytes=True)
    packed += zlib.crc32(data).to_bytes(4, "big")
    header = {
        "avro.codec": b"snappy",
        "avro.schema": json.dumps(schema).encode(),
    }
    file.write(b"Obj\x01")
    fastavro.schemaless_writer(file, {"type": "map", "values": "bytes"}, header)
    file.write(b"s" * 16)
    for number in (len(packets), len(packed)):
        fastavro.schemaless_writer(file, "long", number)
    file.write(packed + b"s" * 16)
    return file.getvalue()


_PHOTOMETRY = {
    "jd": "double",
    "magpsf": _DOUBLE,
    "psfFlux": _DOUBLE,
    "psfFluxErr": _DOUBLE,
    "band": "string",
}
BABAMUL = _record(
    "EnrichedZtfAlert",
    candid="long",
    objectId="string",
    candidate=_record(
        "ZtfCandidate",
        **_CANDIDATE | {"isdiffpos": "boolean"},
        psfFlux="float",
        psfFluxErr="float",
        band="string",
    ),
    prv_candidates=_array(_record("ZtfPhotometry", **_PHOTOMETRY)),
    prv_nondetections=_array("ZtfPhotometry"),
    fp_hists=_array("ZtfPhotometry"),
)


def babamul_row(jd: float, band: str, flux: float | None, error: float = 1000.0):
    row = {"jd": jd, "band": band, "psfFlux": flux, "psfFluxErr": error}
    return row | {"magpsf": None}


def babamul(name: str, zeropoint: float, history=(), forced=(), limits=()) -> dict:
    """A packet of which the candidate has magnitude 20 in ZTF g at JD 2461000.5."""
    flux = 10 ** (-0.4 * (20.0 - zeropoint))
    candidate = {"jd": 2461000.5, "fid": 1, "magpsf": 20.0, "sigmapsf": 0.1}
    candidate |= {"isdiffpos": True, "diffmaglim": 20.5, "ra": 10.0, "dec": -5.0}
    candidate |= {"psfFlux": flux, "psfFluxErr": 0.0921034 * flux, "band": "g"}
    packet = {"candid": 1, "objectId": name, "candidate": candidate}
    packet |= {"prv_candidates": list(history), "fp_hists": list(forced)}
    return packet | {"prv_nondetections": list(limits)}
