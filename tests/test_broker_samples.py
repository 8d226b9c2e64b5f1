"""Every sample of what brokers send is read right, or refused with what to do.

Read here a second time, with `json`, `csv` and `fastavro` alone.
"""

import csv
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import fastavro
import pytest
from numpy.testing import assert_allclose

from zoo.datasets.readers.formats import read

JD = 2400000.5
NJY = 10**-1.56  # 1 nJy at zero point 27.5
FID = {1: "ztfg", 2: "ztfr", 3: "ztfi"}

Row = tuple[str, float, str, float, float, bool]
"""Object, MJD, passband, flux and error at zero point 27.5, and whether forced."""


def flux_of(magnitude: float, error: float, sign: int = 1) -> tuple[float, float]:
    flux = 10 ** (-0.4 * (magnitude - 27.5))
    return sign * flux, flux * error * math.log(10) / 2.5


def lsst(
    name: str, rows: list, forced: bool, time: str = "midpointMjdTai"
) -> list[Row]:
    return [
        (
            *(name, float(row[time]), f"lsst{row['band'].lower()}"),
            *(float(row["psfFlux"]) * NJY, float(row["psfFluxErr"]) * NJY, forced),
        )
        for row in rows
        if row["psfFlux"] is not None and not _bad(row)
    ]


def _bad(row: dict) -> bool:
    return row.get("psfFlux_flag") in (1, True, "1", "True")


def load(path: Path) -> object:
    return json.loads(path.read_text())


def table(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def packets(path: Path) -> list[dict]:
    with path.open("rb") as file:
        return list(fastavro.reader(file))


def elasticc_avro(path: Path) -> Iterator[Row]:
    for packet in packets(path):
        new = "psfFlux" in packet["diaSource"]
        names = ("midpointMjdTai", "band", "psfFlux", "psfFluxErr")
        if not new:
            names = ("midPointTai", "filterName", "psFlux", "psFluxErr")
        name = str(packet["diaSource"]["diaObjectId"])
        for part, forced in (
            ([packet["diaSource"], *(packet["prvDiaSources"] or [])], False),
            (packet["prvDiaForcedSources"] or [], True),
        ):
            for one in part:
                mjd, band, flux, error = (one[key] for key in names)
                yield name, mjd, f"lsst{band.lower()}", flux * NJY, error * NJY, forced


def ztf_avro(path: Path) -> Iterator[Row]:
    for packet in packets(path):
        name = packet["objectId"]
        for one in [packet["candidate"], *(packet["prv_candidates"] or [])]:
            if one["magpsf"] is not None:
                sign = 1 if one["isdiffpos"] in ("t", "1") else -1
                values = flux_of(one["magpsf"], one["sigmapsf"], sign)
                yield name, one["jd"] - JD, FID[one["fid"]], *values, False
        for one in packet["fp_hists"] or []:
            assert one["procstatus"] == "0"
            scale = 10 ** (-0.4 * (one["magzpsci"] - 27.5))
            values = one["forcediffimflux"] * scale, one["forcediffimfluxunc"] * scale
            yield name, one["jd"] - JD, FID[one["fid"]], *values, True


def babamul(path: Path) -> Iterator[Row]:
    documents = packets(path) if path.suffix == ".avro" else [load(path)["data"]]
    for packet in documents:
        one = packet["candidate"]
        assert one["psfFlux"] == pytest.approx(10 ** (-0.4 * (one["magpsf"] - 46.4)))
        values = flux_of(one["magpsf"], one["sigmapsf"])
        yield packet["objectId"], one["jd"] - JD, FID[one["fid"]], *values, False
        for key, forced in (("prv_candidates", False), ("fp_hists", True)):
            for one in packet[key]:
                scale = NJY / 1e6  # as the magnitude of the candidate tells
                values = one["psfFlux"] * scale, one["psfFluxErr"] * scale
                band = f"ztf{one['band']}"
                yield packet["objectId"], one["jd"] - JD, band, *values, forced


def lasair_lsst(path: Path) -> Iterator[Row]:
    value = load(path)
    lists = value.get("alert", value)
    name = str(lists.get("diaObject", value)["diaObjectId"])
    yield from lsst(name, lists["diaSourcesList"], False)
    yield from lsst(name, lists["diaForcedSourcesList"], True)


def lasair_old(path: Path) -> Iterator[Row]:
    for value in load(path):
        name = str(value["diaObject"]["diaObjectId"])
        for key, forced in (("diaSourcesList", False), ("diaForcedSourcesList", True)):
            for one in value[key]:
                values = one["psFlux"] * NJY, one["psFluxErr"] * NJY
                band = f"lsst{one['filterName']}"
                yield name, one["midPointTai"], band, *values, forced


def lasair_packet(path: Path) -> Iterator[Row]:
    packet = load(path)
    name = str(packet["diaSource"]["diaObjectId"])
    for part, forced in (
        ([packet["diaSource"], *packet["prvDiaSources"]], False),
        (packet.get("prvDiaForcedSources") or [], True),
    ):
        for one in part:  # flags leave no detection of a packet out
            band = f"lsst{one['band']}"
            values = one["psfFlux"] * NJY, one["psfFluxErr"] * NJY
            yield name, one["midpointMjdTai"], band, *values, forced


def lasair_ztf(path: Path) -> Iterator[Row]:
    for value in load(path):
        rows = value if isinstance(value, list) else value["candidates"]
        name = path.stem if isinstance(value, list) else value["objectId"]
        for one in rows:
            if "candid" in one:
                mjd = one.get("mjd", one["jd"] - JD)
                values = flux_of(one["magpsf"], one["sigmapsf"])
                yield name, mjd, FID[one["fid"]], *values, False


def alerce_forced(path: Path) -> Iterator[Row]:
    for one in load(path):
        if one["mag"] < 50:
            values = flux_of(one["mag"], one["e_mag"], one["isdiffpos"])
            yield one["oid"], one["mjd"], FID[one["fid"]], *values, True


def alerce_lsst(path: Path) -> Iterator[Row]:
    letters = {6: "u", 1: "g", 2: "r", 3: "i", 4: "z", 5: "y"}
    value = load(path)
    for key, forced in (("detections", False), ("forced_photometry", True)):
        rows = [one | {"band": letters[one["band"]]} for one in value[key]]
        yield from lsst(str(rows[0]["oid"]), rows, forced, "mjd")


def alerce_lsst_table(path: Path) -> Iterator[Row]:
    for one in table(path):
        named = one | {"band": one["band_name"]}
        yield from lsst(one["oid"], [named | {"psfFlux_flag": 0}], False, "mjd")


def antares(path: Path) -> Iterator[Row]:
    for one in table(path):
        if one["ant_mag"] != "nan":
            values = flux_of(float(one["ant_mag"]), float(one["ant_magerr"]))
            band = {"g": "ztfg", "R": "ztfr"}[one["ant_passband"]]
            yield path.stem, float(one["ant_mjd"]), band, *values, False


def fink_fp(path: Path) -> Iterator[Row]:
    rows = load(path) if path.suffix == ".json" else table(path)
    for one in rows:
        plain = {key[2:]: value for key, value in one.items()}
        yield from lsst(str(plain["diaObjectId"]), [plain], True)


def dp1_sources(path: Path) -> Iterator[Row]:
    for one in table(path):
        yield from lsst(one["diaObjectId"], [one], False)


def dp1_forced(path: Path) -> Iterator[Row]:
    for one in table(path):
        plain = one | {"psfFlux": one["psfDiffFlux"]}
        plain["psfFluxErr"] = one["psfDiffFluxErr"]
        yield from lsst(one["diaObjectId"], [plain], True, "expMidptMJD")


RIGHT: dict[str, Callable[[Path], Iterator[Row]]] = {
    "ampel/11290844.avro": elasticc_avro,
    "ampel/schema_701.avro": elasticc_avro,
    "boom/ztf_2695378462115010012.avro": ztf_avro,
    "lasair_lsst/313637921267122191.json": lasair_lsst,
    "lasair_lsst/schema10.0_alert.json": lasair_packet,
    "lasair_lsst/schema7.1_alert.json": lasair_packet,
    "lasair_lsst/single_alert_batch.json": lasair_old,
    "made/alerce_client_forced.json": alerce_forced,
    "made/alerce_lsst_detections.csv": alerce_lsst_table,
    "made/alerce_lsst_lightcurve.json": alerce_lsst,
    "made/antares_lightcurve.csv": antares,
    "made/babamul_ztf.avro": babamul,
    "made/babamul_ztf_api_wrapped.json": babamul,
    "made/fink_lsst_fp.csv": fink_fp,
    "made/fink_lsst_fp.json": fink_fp,
    "made/lasair_lsst_kafka_lite.json": lasair_lsst,
    "made/lasair_ztf_lightcurves.json": lasair_ztf,
    "made/lasair_ztf_objects.json": lasair_ztf,
    "made/rubin_dp1_diasource.csv": dp1_sources,
    "made/rubin_dp1_forcedsourceondia.csv": dp1_forced,
}
REFUSED = {
    "lasair_lsst/object_lightcurve.json": "has the line 'ZTF22aaaozss' before its JSON",
    "made/fink_ztf_mincolumns.csv": "Nearest: a light curve of ZTF.*lacks i:isdiffpos",
}


def merged(rows: Iterator[Row]) -> dict[tuple[str, float, str], tuple]:
    """Flux, error and detection of each exposure: forced photometry, where there is
    any, and a detection where there is one with a positive flux. An object with forced
    photometry only has detections of S/N 5."""
    found: dict[tuple, list[Row]] = {}
    for row in rows:
        found.setdefault((row[0], round(row[1], 5), row[2]), []).append(row)
    alerted = {
        key[0] for key, several in found.items() if not all(r[5] for r in several)
    }
    result = {}
    for key, several in found.items():
        best = min(several, key=lambda row: not row[5])
        detected = any(not row[5] and row[3] > 0 for row in several)
        if key[0] not in alerted:
            detected = best[3] / best[4] >= 5
        result[key] = best[3], best[4], detected
    return result


@pytest.mark.filterwarnings("ignore:the light curve of ANTARES")
@pytest.mark.parametrize("name", RIGHT)
def test_a_sample_is_read_right(test_data: Path, name: str):
    path = test_data / "broker_samples" / name
    wanted = merged(RIGHT[name](path))
    got = read(path).photometry
    keys = [(row.object_id, round(row.mjd, 5), row.band) for row in got.itertuples()]
    assert set(keys) == set(wanted)
    assert len(keys) == len(wanted)
    values = [wanted[key] for key in keys]
    assert_allclose(got[["flux", "flux_err"]], [row[:2] for row in values], rtol=1e-6)
    assert got["detected"].tolist() == [row[2] for row in values]


@pytest.mark.parametrize("name", REFUSED)
def test_a_sample_is_refused_with_what_to_do(test_data: Path, name: str):
    with pytest.raises(ValueError, match=REFUSED[name]):
        read(test_data / "broker_samples" / name)
