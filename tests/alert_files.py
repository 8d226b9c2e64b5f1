"""Alert packets as ZTF, Rubin and ELAsTiCC write them, with the fields that matter."""

from pathlib import Path

import fastavro


def _record(name: str, **fields: object) -> dict:
    listed = [{"name": key, "type": kind} for key, kind in fields.items()]
    return {"type": "record", "name": name, "fields": listed}


def _array(record: dict) -> list:
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
