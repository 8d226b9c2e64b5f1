"""What surveys and brokers send: values computed by hand, then the real samples against
an independent reading of the files.
"""

import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import alert_files as alerts
import fastavro
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from alert_files import elasticc_row, lsst_packet, lsst_row, ztf_packet, ztf_row
from astropy import units as u
from astropy.table import QTable, Table
from astropy.time import Time
from astropy.timeseries import TimeSeries
from numpy.testing import assert_allclose
from survey_files import plasticc, snana_pair, snana_text, write_gzip, write_tar

from zoo.datasets import readers
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.formats import FORMATS, detect, read
from zoo.light_curves import accept

JD = 2400000.5  # JD = MJD + 2400000.5


def rows(table, name: str | None = None) -> list[tuple]:
    photometry = table.photometry
    if name is not None:
        photometry = photometry[photometry["object_id"] == name]
    return list(photometry[["mjd", "band"]].itertuples(index=False, name=None))


# ---- ZTF packets


def test_ztf_values(tmp_path: Path):
    packet = ztf_packet(
        "ZTF26aaaaaaa",
        ztf_row(2461000.5, 1, 20.0, "t"),
        [ztf_row(2460998.5, 2, 22.5, "f"), ztf_row(2460997.5, 3, 17.5, "1")],
        [alerts.ztf_forced(2460996.75, 2, 100.0, 25.0)],
    )
    path = alerts.write(tmp_path / "packet", alerts.ZTF, [packet])
    got = read(path)
    assert (got.format, got.objects, got.rows) == ("ztf_alerts", 1, 4)
    # 2460996.75 - 2400000.5 = 60996.25, and so on: a date without rounding.
    assert rows(got) == [
        (60996.25, "ztfr"),
        (60997.0, "ztfi"),
        (60998.0, "ztfr"),
        (61000.0, "ztfg"),
    ]
    # 10 ** (-0.4 * (m - 27.5)): m = 20 gives 10 ** 3, m = 22.5 gives 10 ** 2, m = 17.5
    # gives 10 ** 4. 100 DN at the zero point 25.0 are 100 * 10 ** (0.4 * 2.5) = 1000.
    assert_allclose(got.photometry["flux"], [1000, 10000, -100, 1000], rtol=1e-12)
    # |flux| * 0.1 * ln(10) / 2.5 = |flux| * 0.0921034037; 4 DN * 10.
    assert_allclose(
        got.photometry["flux_err"],
        [40, 921.034037, 9.21034037, 92.1034037],
        rtol=1e-9,
    )
    # Forced photometry is no detection, and a source below the reference is none.
    assert got.photometry["detected"].tolist() == [False, True, False, True]
    assert got.metadata.to_dict("records") == [
        {"object_id": "ZTF26aaaaaaa", "ra": 10.0, "dec": -5.0}
    ]
    assert got.left_out == {}


@pytest.mark.parametrize(
    ("sign", "positive"),
    [("t", True), ("1", True), ("f", False), ("0", False), ("F", False)],
)
def test_ztf_signs(tmp_path: Path, sign: str, positive: bool):
    packet = ztf_packet("a", ztf_row(2461000.5, 1, 20.0, sign))
    got = read(alerts.write(tmp_path / "a", alerts.ZTF, [packet]))
    assert (got.photometry["flux"].item() > 0) is positive


def test_ztf_limits_are_left_out_and_counted(tmp_path: Path):
    limits = [ztf_row(2460990.5, 1, None, None), ztf_row(2460991.5, 2, -999.0, None)]
    forced = [alerts.ztf_forced(2460992.5, 1, -99999.0, 25.0)]
    packet = ztf_packet("a", ztf_row(2461000.5, 1, 20.0, "t"), limits, forced)
    got = read(alerts.write(tmp_path / "a", alerts.ZTF, [packet]))
    assert got.rows == 1
    assert got.left_out == {"upper limits": 2, "failed forced photometry": 1}
    assert got.describe() == (
        f"read ZTF alert packets from {tmp_path / 'a'}: 1 object, 1 observation; left "
        "out 2 upper limits, 1 failed forced photometry."
    )


def test_packets_of_one_object_are_merged(tmp_path: Path):
    first = ztf_row(2461000.7604167, 1, 20.000004, "t")
    rounded = ztf_row(2461000.7604167, 1, 20.0, "1")  # the same in a history
    other_band = ztf_row(2461000.7604167, 2, 20.0, "t")
    next_exposure = ztf_row(2461000.7609, 1, 20.0, "t")  # 42 s later
    forced = alerts.ztf_forced(2461003.5 + 1e-7, 1, 100.0, 25.0)
    packets = [
        ztf_packet("a", first),
        ztf_packet("b", other_band),
        ztf_packet("a", ztf_row(2461003.5, 1, 19.0, "t"), [rounded, next_exposure]),
        ztf_packet("a", ztf_row(2461009.5, 2, 19.0, "t"), [rounded], [forced]),
    ]
    paths = [
        alerts.write(tmp_path / f"{i}", alerts.ZTF, [packet])
        for i, packet in enumerate(packets)
    ]
    got = read(paths)
    assert (got.files, got.objects, got.rows) == (4, 2, 5)
    assert got.left_out == {"repeated rows of one exposure": 3}
    of_a = got.photometry[got.photometry["object_id"] == "a"].reset_index(drop=True)
    # The alert's own magnitude, not the rounded one of a history.
    assert of_a["flux"][0] == pytest.approx(10 ** (-0.4 * (20.000004 - 27.5)))
    # The forced flux, 100 DN at 25.0, of an exposure that was a detection as well.
    assert (of_a["flux"][2], of_a["detected"][2]) == (pytest.approx(1000.0), True)
    assert_allclose(of_a["mjd"], [61000.2604167, 61000.2609, 61003, 61009], rtol=1e-11)
    backwards = read(paths[::-1])
    pd.testing.assert_frame_equal(backwards.photometry, got.photometry)
    one_file = read(alerts.write(tmp_path / "all", alerts.ZTF, packets, "deflate"))
    pd.testing.assert_frame_equal(one_file.photometry, got.photometry)
    assert got.light_curves().lengths.tolist() == [4, 1]


def test_real_ztf_avro(test_data: Path):
    paths = sorted((test_data / "alerts" / "ztf_avro").glob("*.avro"))
    wanted = {}
    limits = 0
    for path in paths:
        with path.open("rb") as file:
            for packet in fastavro.reader(file):
                for one in [packet["candidate"], *packet["prv_candidates"]]:
                    if one["magpsf"] is None:
                        limits += 1
                    else:
                        band = {1: "ztfg", 2: "ztfr"}[one["fid"]]
                        flux = 10 ** (0.4 * (27.5 - one["magpsf"]))
                        flux *= 1 if one["isdiffpos"] in "t1" else -1
                        error = abs(flux) * one["sigmapsf"] * math.log(10) / 2.5
                        key = packet["objectId"], one["jd"] - JD, band
                        wanted[key] = flux, error
    got = read(paths)
    assert set(got.metadata["object_id"]) == {"ZTF17aaacxxf", "ZTF17aaajnnn"}
    assert got.left_out == {"upper limits": limits}
    table = got.photometry.set_index(["object_id", "mjd", "band"])
    assert set(table.index) == set(wanted)
    expected = [wanted[key] for key in table.index]
    assert_allclose(table[["flux", "flux_err"]], expected, rtol=1e-12)
    assert (table["flux"] < 0).sum() == 20
    assert got.light_curves().lengths.sum() == len(wanted)


ZTF_TABLES = {
    "alerts_with_cutouts": 51,
    "datatest_part1_no_cutouts": 67,
    "datatest_part2_no_cutouts": 57,
    "hostless_no_cutouts": 72,
    "superluminous_no_cutouts": 74,
}


@pytest.mark.parametrize(("name", "packets"), ZTF_TABLES.items())
def test_real_ztf_parquet(test_data: Path, name: str, packets: int):
    path = test_data / "alerts" / "ztf_parquet" / f"{name}.parquet"
    columns = ["objectId", "candidate", "prv_candidates"]
    table = pq.read_table(path, columns=columns).to_pylist()
    assert len(table) == packets
    points = {
        (packet["objectId"], one["jd"], one["fid"])
        for packet in table
        for one in [packet["candidate"], *(packet["prv_candidates"] or [])]
        if one["magpsf"] is not None and not math.isnan(one["magpsf"])
    }
    got = read(path)
    assert set(got.metadata["object_id"]) == {packet["objectId"] for packet in table}
    fid = got.photometry["band"].map({"ztfg": 1, "ztfr": 2, "ztfi": 3})
    mine = zip(got.photometry["object_id"], got.photometry["mjd"], fid, strict=True)
    assert {(o, round(m, 6), f) for o, m, f in mine} == {
        (o, round(j - JD, 6), f) for o, j, f in points
    }
    assert got.rows == len(points)
    assert len(got.light_curves()) == got.objects


# ---- LSST and ELAsTiCC packets


def test_lsst_values(tmp_path: Path):
    name = 3068394296366334182  # a float would round it
    source = lsst_row(name, 61003.25, "y", 1000.0)
    packet = lsst_packet(
        source,
        [lsst_row(name, 61001.5, "u", -1000.0)],
        [lsst_row(name, 61002.0, "g", 200.0), source | {"psfFlux": 900.0}],
        {"ra": 1.5, "dec": 2.5},
    )
    asteroid = lsst_packet(lsst_row(0, 61003.25, "i", 5000.0))
    nameless = lsst_packet(lsst_row(None, 61003.25, "i", 5000.0))
    path = tmp_path / "packets"
    got = read(alerts.write(path, alerts.LSST, [packet, asteroid, nameless]))
    assert (got.format, got.objects) == ("lsst_alerts", 1)
    assert rows(got) == [(61001.5, "lsstu"), (61002.0, "lsstg"), (61003.25, "lssty")]
    # nJy: 10 ** (-0.4 * (31.4 - 27.5)) = 10 ** -1.56 = 0.02754228703; the last one is
    # forced photometry of the same visit, 900 nJy.
    assert_allclose(
        got.photometry["flux"], [-27.54228703, 5.508457406, 24.78805833], rtol=1e-9
    )
    assert_allclose(got.photometry["flux_err"], [1.3771143515] * 3, rtol=1e-9)
    assert got.photometry["detected"].tolist() == [False, False, True]
    assert got.metadata.to_dict("records") == [
        {"object_id": str(name), "ra": 1.5, "dec": 2.5}
    ]
    assert got.left_out == {
        "packets of solar-system objects": 2,
        "repeated rows of one exposure": 1,
    }


def test_elasticc_values(tmp_path: Path):
    of = {"ra": 1.5, "decl": 2.5, "mwebv": 0.25, "z_final": -9.0}
    packet = lsst_packet(
        elasticc_row(7, 60300.5, "Y", 1000.0), of=of | {"z_final": 0.5}
    )
    other = lsst_packet(elasticc_row(8, 60300.5, "z", 1000.0), of=of)
    path = tmp_path / "packets"
    got = read(alerts.write(path, alerts.ELASTICC, [packet, other]))
    assert rows(got) == [(60300.5, "lssty"), (60300.5, "lsstz")]
    assert_allclose(got.photometry["flux"], [27.54228703] * 2, rtol=1e-9)
    assert_allclose(got.metadata["redshift"], [0.5, np.nan])
    assert_allclose(got.metadata["mwebv"], [0.25, 0.25])
    assert_allclose(got.metadata["dec"], [2.5, 2.5])


LSST_TABLES = {
    "lsst/or4_lsst7.1": (50, 50),
    "lsst/rubin_sample_data_10_0": (25, 22),
    "elasticc/elasticc_truth_earlysnia": (556, 318),
    "elasticc/elasticc_agn_alerts": (100, 98),
    "elasticc/elasticc_sample_seed0": (89, 89),
}


@pytest.mark.parametrize(("name", "counts"), LSST_TABLES.items())
def test_real_lsst_parquet(test_data: Path, name: str, counts: tuple[int, int]):
    path = test_data / "alerts" / f"{name}.parquet"
    parts = ("diaSource", "prvDiaSources", "prvDiaForcedSources")
    table = pq.read_table(path, columns=list(parts)).to_pylist()
    new = name.startswith("lsst")
    time, band = ("midpointMjdTai", "band") if new else ("midPointTai", "filterName")
    flux = "psfFlux" if new else "psFlux"
    wanted: dict[tuple, float] = {}
    for packet in table:
        if not packet["diaSource"]["diaObjectId"]:
            continue  # of the solar system
        # Forced photometry comes last and wins.
        points = [packet["diaSource"], *(packet["prvDiaSources"] or [])]
        points += packet["prvDiaForcedSources"] or []
        for one in points:
            key = str(one["diaObjectId"]), one[time], f"lsst{one[band].lower()}"
            wanted[key] = one[flux] * 10**-1.56
    got = read(path)
    assert (len(table), got.objects) == counts
    mine = got.photometry.set_index(["object_id", "mjd", "band"])["flux"]
    assert mine.index.is_unique
    assert set(mine.index) == set(wanted)
    assert_allclose(mine, [wanted[key] for key in mine.index], rtol=1e-9)
    assert len(got.light_curves()) == counts[1]


def test_real_elasticc_truth(test_data: Path):
    path = test_data / "alerts" / "elasticc" / "elasticc_truth_earlysnia.parquet"
    got = read(path)
    truth = pq.read_table(path, columns=["SNID", "GENTYPE"]).to_pandas()
    assert set(got.metadata["object_id"]) == set(truth["SNID"].astype(str))
    assert set(truth["GENTYPE"]) == {10}
    assert set(got.metadata["label"]) == {"SNIa"}
    assert got.light_curves().metadata["redshift"].notna().mean() > 0.8


# ---- BOOM


def test_boom_values(tmp_path: Path):
    candidate = {"jd": 2461000.5, "fid": 3, "magpsf": 20.0, "sigmapsf": 0.1}
    candidate |= {"isdiffpos": True, "psfFlux": 36307805477010, "ra": 3.0, "dec": 4.0}
    alert = {"_id": {"$numberLong": "12"}, "objectId": "ZTF26a", "candidate": candidate}
    history = {
        "_id": "ZTF26a",
        "prv_candidates": [candidate],
        "prv_nondetections": [{"jd": 2460990.5, "fid": 1, "diffmaglim": 20.0}],
        "fp_hists": [alerts.ztf_forced(2460999.5, 1, -100.0, 25.0)],
    }
    source = {"midpointMjdTai": 61000.25, "band": "i", "psfFlux": 1000.0}
    source |= {"psfFluxErr": {"$numberDouble": "50.0"}, "ra": 1.0, "dec": 2.0}
    rubin = {"_id": "9007199254740993", "prv_candidates": [source], "fp_hists": []}
    paths = []
    for name, document in (("a", alert), ("b", history), ("c", rubin)):
        paths.append(tmp_path / name)
        paths[-1].write_text(json.dumps(document))
    got = read(paths)
    assert (got.format, got.files, got.objects) == ("boom", 3, 2)
    assert rows(got, "ZTF26a") == [(60999.0, "ztfg"), (61000.0, "ztfi")]
    assert rows(got, "9007199254740993") == [(61000.25, "lssti")]
    assert_allclose(got.photometry["flux"], [27.54228703, -1000, 1000], rtol=1e-9)
    assert_allclose(got.photometry["flux_err"], [1.377114351, 40, 92.1034037])
    assert got.photometry["detected"].tolist() == [True, False, True]


def test_real_boom(test_data: Path):
    folder = test_data / "alerts" / "boom"
    got = read(sorted(folder.glob("*.json")))
    history = json.loads((folder / "alert_aux.json").read_text())
    ztf = {one["jd"] for one in history["prv_candidates"] + history["fp_hists"]}
    history = json.loads((folder / "lsst_aux.json").read_text())
    lsst = {one["midpointMjdTai"] for one in history["prv_candidates"]}
    lengths = got.photometry.groupby("object_id").size().to_dict()
    assert lengths == {"ZTF26aarabyi": len(ztf), "313629129590702081": len(lsst)}
    alert = json.loads((folder / "alert.json").read_text())["candidate"]
    detection = got.photometry[got.photometry["detected"]]
    detection = detection[detection["object_id"] == "ZTF26aarabyi"]
    # BOOM's own flux, 1e6 times nJy, says the same as the magnitude.
    assert_allclose(detection["flux"], alert["psfFlux"] / 1e6 * 10**-1.56, rtol=1e-4)
    assert got.left_out["upper limits"] == 112


# ---- exports of brokers

EXPORT = [  # mjd, fid, magpsf, sigmapsf, positive; flux 1000, -100 and a limit
    (60000.25, 1, 20.0, 0.1, True),
    (60001.25, 2, 22.5, 0.2, False),
    (60002.25, 1, None, None, None),
]


def fink(path: Path) -> Path:
    table = pd.DataFrame(EXPORT, columns=["m", "i:fid", "i:magpsf", "i:sigmapsf", "s"])
    table["i:isdiffpos"] = table.pop("s").map({True: "t", False: "0"})
    table["i:jd"] = table.pop("m") + JD
    tags = ["valid", "badquality", "upperlim"]
    table = table.assign(**{"i:objectId": "ZTF26a", "d:tag": tags})
    table.to_csv(path, index=False)
    return path


def alerce(path: Path) -> Path:
    keys = ("mjd", "fid", "magpsf", "sigmapsf", "isdiffpos")
    rows = [dict(zip(keys, row, strict=True)) for row in EXPORT[:2]]
    for row in rows:
        row |= {"isdiffpos": 1 if row["isdiffpos"] else -1, "magpsf_corr": 15.0}
        row |= {"ra": 10.0, "dec": -5.0}
    limits = [{"mjd": 60002.25, "fid": 1, "diffmaglim": 20.0}]
    path.write_text(json.dumps({"detections": rows, "non_detections": limits}))
    return path


def lasair(path: Path) -> Path:
    keys = ("mjd", "fid", "magpsf", "sigmapsf", "isdiffpos")
    rows = [dict(zip(keys, row, strict=True)) for row in EXPORT]
    for row in rows:
        row["jd"] = row["mjd"] + JD
        row["isdiffpos"] = {True: "t", False: "f"}.get(row["isdiffpos"])
    path.write_text(json.dumps({"objectId": "ZTF26a", "candidates": rows}))
    return path


def bts(path: Path) -> Path:
    names = ["mjd", "fid", "magpsf", "sigmapsf", "isdiffpos"]
    table = pd.DataFrame(EXPORT[:2], columns=names).assign(ZTFID="ZTF26a")
    table.to_csv(path, index=False)
    return path


EXPORTS = {
    fink: {"rows that Fink tags as of bad quality": 1, "upper limits": 1},
    alerce: {"upper limits": 1},
    lasair: {"upper limits": 1},
    bts: {},
}


@pytest.mark.parametrize("export", EXPORTS)
def test_exports_of_brokers(tmp_path: Path, export):
    path = export(tmp_path / "ZTF26a")
    assert detect(path) == "broker_export"
    got = read(path)
    assert got.left_out == EXPORTS[export]
    assert set(got.photometry["object_id"]) == {"ZTF26a"}
    wanted = [(60000.25, "ztfg"), (60001.25, "ztfr")][: got.rows]
    assert rows(got) == wanted
    assert_allclose(got.photometry["flux"], [1000.0, -100.0][: got.rows], rtol=1e-9)
    errors = [92.1034037, 18.4206807]  # 100 * 0.2 * 0.921034037
    assert_allclose(got.photometry["flux_err"], errors[: got.rows], rtol=1e-8)
    assert got.rows == (1 if export is fink else 2)
    assert got.photometry["detected"].tolist() == [True, False][: got.rows]


def test_skyportal_and_rubin_exports(tmp_path: Path):
    path = tmp_path / "photometry.csv"
    table = pd.DataFrame(
        {
            "obj_id": "ZTF26a",
            "mjd": [60000.25, 60001.25, 60002.25, 60003.25],
            "filter": ["ztfg", "ztfr", "clear", "ztfg"],
            "mag": [20.0, 20.0, 20.0, 20.0],
            "magerr": 0.1,
            "magsys": ["ab", "ab", "ab", "vega"],
        }
    )
    table.to_csv(path, index=False)
    got = read(path)
    assert rows(got) == [
        (60000.25, "ztfg"),
        (60001.25, "ztfr"),
        (60003.25, "ztfg"),
    ]
    # Vega has magnitude -0.11 in ztfg: 10 ** (0.4 * 0.11) times brighter.
    assert_allclose(got.photometry["flux"], [1000.0, 1000.0, 1106.6238], rtol=1e-6)
    assert got.left_out == {"rows in other passbands": 1}

    table = pd.DataFrame(
        {
            "r:diaObjectId": ["169813006680588318"] * 2,
            "r:midpointMjdTai": [61000.5, 61001.5],
            "r:band": ["i", "y"],
            "r:psfFlux": [1000.0, -1000.0],
            "r:psfFluxErr": 50.0,
        }
    )
    table.to_csv(path, index=False)
    got = read(path)
    assert rows(got, "169813006680588318") == [(61000.5, "lssti"), (61001.5, "lssty")]
    assert_allclose(got.photometry["flux"], [27.54228703, -27.54228703], rtol=1e-9)


def test_lasair_of_lsst_and_forced_photometry_of_alerce(tmp_path: Path):
    source = {"midpointMjdTai": 61000.5, "band": "r", "psfFlux": 1000.0}
    source |= {"psfFluxErr": 50.0}
    forced = [source | {"psfFlux": 900.0}, source | {"midpointMjdTai": 61001.5}]
    value = {"diaObjectId": 169813006680588318, "diaSourcesList": [source]}
    path = tmp_path / "lasair"
    path.write_text(json.dumps([value | {"diaForcedSourcesList": forced}]))
    got = read(path)
    assert rows(got, "169813006680588318") == [(61000.5, "lsstr"), (61001.5, "lsstr")]
    assert got.photometry["detected"].tolist() == [True, False]
    assert_allclose(got.photometry["flux"], [24.78805833, 27.54228703], rtol=1e-9)

    row = {"oid": "ZTF26a", "mjd": 61000.5, "fid": 2, "mag": 20.0, "e_mag": 0.1}
    value = {"detections": [row | {"isdiffpos": 1}], "non_detections": []}
    later = row | {"isdiffpos": -1, "mjd": 61001.5}
    none = row | {"isdiffpos": -1, "mjd": 61002.5, "mag": 100.0, "e_mag": 100.0}
    path.write_text(json.dumps(value | {"forced_photometry": [later, none]}))
    got = read(path)
    assert rows(got, "ZTF26a") == [(61000.5, "ztfr"), (61001.5, "ztfr")]
    assert got.photometry["detected"].tolist() == [True, False]
    assert_allclose(got.photometry["flux"], [1000, -1000])
    assert got.left_out == {"failed forced photometry": 1}


# ---- tables


def simple() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "object_id": ["007", "007", "8"],
            "mjd": [60000.5, 60001.5, 60000.5],
            "band": ["ztfg", "ztfr", "lssty"],
            "flux": [100.0, -3.0, 20.0],
            "flux_err": [1.0, 2.0, 3.0],
        }
    )


def as_csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False)


def as_gzip(path: Path, table: pd.DataFrame) -> None:
    write_gzip(path, table.to_csv(index=False))


def as_csv_with_bom(path: Path, table: pd.DataFrame) -> None:
    path.write_text(table.to_csv(index=False), encoding="utf-8-sig")


def as_parquet(path: Path, table: pd.DataFrame) -> None:
    table.to_parquet(path, index=False)


def as_feather(path: Path, table: pd.DataFrame) -> None:
    pyarrow.feather.write_feather(pa.Table.from_pandas(table), str(path))


def as_stream(path: Path, table: pd.DataFrame) -> None:
    arrow = pa.Table.from_pandas(table)
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_stream(file, arrow.schema) as writer,
    ):
        writer.write_table(arrow)


def as_ecsv(path: Path, table: pd.DataFrame) -> None:
    Table.from_pandas(table).write(path, format="ascii.ecsv")


def as_fits(path: Path, table: pd.DataFrame) -> None:
    Table.from_pandas(table).write(path, format="fits")


def as_nested(path: Path, table: pd.DataFrame) -> None:
    table.groupby("object_id").agg(list).reset_index().to_parquet(path, index=False)


WRITERS = [as_csv, as_gzip, as_csv_with_bom, as_parquet, as_feather, as_stream]
WRITERS += [as_ecsv, as_fits, as_nested]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", ["table", "table.avro"])
def test_one_table_in_every_file(tmp_path: Path, write, name: str):
    path = tmp_path / name
    write(path, simple())
    wanted = {as_ecsv: "astropy", as_fits: "astropy", as_nested: "nested"}
    assert detect(path) == wanted.get(write, "table")
    got = read(path)
    pd.testing.assert_frame_equal(
        got.photometry, simple(), check_dtype=False, check_exact=True
    )
    assert got.light_curves().lengths.tolist() == [2, 1]
    scaled = read(path, zeropoint=30.0)  # 10 ** -1
    assert_allclose(scaled.photometry["flux"], [10.0, -0.3, 2.0], rtol=1e-12)
    assert_allclose(scaled.photometry["flux_err"], [0.1, 0.2, 0.3], rtol=1e-12)


def test_tables_in_memory():
    nested = simple().groupby("object_id").agg(list).reset_index()
    structs = pa.table(
        {
            "object_id": ["007", "8"],
            "lightcurve": pa.array(
                [
                    {key: row[key] for key in ("mjd", "band", "flux", "flux_err")}
                    for row in nested.to_dict("records")
                ]
            ),
        }
    )
    records = pa.table(
        {
            "object_id": ["007", "8"],
            "lightcurve": pa.array(
                [
                    rows.drop(columns="object_id").to_dict("records")
                    for _, rows in simple().groupby("object_id")
                ]
            ),
        }
    )
    frames = {
        "table": [simple(), pa.Table.from_pandas(simple())],
        "nested": [nested, pa.Table.from_pandas(nested), structs, records],
        "astropy": [Table.from_pandas(simple()), QTable.from_pandas(simple())],
    }
    for name, values in frames.items():
        for value in values:
            got = read(value)
            assert got.format == name
            pd.testing.assert_frame_equal(
                got.photometry, simple(), check_dtype=False, check_exact=True
            )
    assert read([simple()[:2], simple()[2:]]).rows == 3


def test_columns_of_others_and_a_zero_point_in_each_row(tmp_path: Path):
    table = simple().rename(
        columns={"mjd": "time", "flux_err": "fluxerr", "object_id": "objectId"}
    )
    got = read(table.assign(zp=[27.5, 30.0, 31.4]))
    assert list(got.photometry) == list(simple())
    assert_allclose(got.photometry["flux"], [100.0, -0.3, 20 * 10**-1.56], rtol=1e-12)
    with pytest.raises(ValueError, match="columns time and MJD both stand for mjd"):
        read(table.assign(MJD=1.0))


def test_metadata_of_tables(tmp_path: Path):
    table = simple().assign(redshift=[0.1, 0.1, np.nan], label=["Ia", "Ia", None])
    got = read(table)
    assert_allclose(got.metadata["redshift"], [0.1, np.nan])
    assert got.light_curves().labels.tolist() == ["SNIa", None]
    with pytest.raises(ValueError, match="object .007., row 1: redshift differs from"):
        read(table.assign(redshift=[0.1, 0.2, 0.3]))
    metadata = pd.DataFrame({"object_id": ["8", "007"], "mwebv": [0.5, 0.25]})
    as_csv(tmp_path / "a.csv", simple())
    as_csv(tmp_path / "b.csv", metadata)
    light_curves = read([tmp_path / "b.csv", tmp_path / "a.csv"]).light_curves()
    assert light_curves.object_id.tolist() == ["8", "007"]
    with pytest.raises(
        ValueError, match=r"b\.csv has the columns mwebv, object_id: it is"
    ):
        read(tmp_path / "b.csv")


def test_nested_metadata_and_lengths():
    nested = simple().groupby("object_id").agg(list).reset_index()
    got = read(nested.assign(redshift=[0.5, 0.25], decl=[1.0, 2.0], note="x"))
    assert list(got.metadata) == ["object_id", "redshift", "dec", "note"]
    nested.at[1, "flux"] = [1.0, 2.0]
    with pytest.raises(ValueError, match="lists of object '8' differ in length"):
        read(nested)


def test_units_and_times_of_astropy(tmp_path: Path):
    time = Time([2460000.5, 2460001.0], format="jd")  # MJD 60000.0 and 60000.5
    columns = {"band": ["ztfg", "ztfr"], "flux": [36.3078054770101, 3.63078054770101]}
    columns["flux_err"] = [3.63078054770101, 0.363078054770101]
    series = TimeSeries(time=time)
    series["band"] = columns["band"]
    for name in ("flux", "flux_err"):
        series[name] = columns[name] * u.uJy
    series.meta |= {"object_id": "a", "z": 0.25, "mwebv": 0.125}
    path = tmp_path / "series"
    series.write(path, format="ascii.ecsv")
    for source in (series, path):
        got = read(source)
        assert rows(got) == [(60000.0, "ztfg"), (60000.5, "ztfr")]
        # 1 FLUXCAL is 10 ** (-0.4 * (27.5 - 23.9)) = 10 ** -1.44 = 0.0363078 uJy.
        assert_allclose(got.photometry["flux"], [1000.0, 100.0], rtol=1e-12)
        assert_allclose(got.photometry["flux_err"], [100.0, 10.0], rtol=1e-12)
        assert got.metadata.to_dict("records") == [
            {"object_id": "a", "redshift": 0.25, "mwebv": 0.125}
        ]
    milli = QTable({"mjd": [60000.0], "band": ["ztfg"], "object_id": ["a"]})
    milli["flux"], milli["fluxerr"] = [1.0] * u.mJy, [0.1] * u.mJy
    # 1 mJy = 1e6 nJy = 1e6 * 10 ** -1.56.
    assert_allclose(read(milli).photometry["flux"], [27542.28703], rtol=1e-9)
    milli["flux"], milli["fluxerr"] = [1.0] * u.electron, [0.1] * u.electron
    with pytest.raises(ValueError, match="unit electron, which is not a flux density"):
        read(milli)


def test_sncosmo_tables_and_what_they_lack():
    table = Table({"time": [60000.0], "band": ["ztfg"], "flux": [1000.0]})
    with pytest.raises(ValueError, match="lacks flux_err; it has time, band, flux"):
        read(table)
    table["fluxerr"], table["zp"], table["zpsys"] = 10.0, 30.0, "ab"
    with pytest.raises(ValueError, match="neither a column nor `meta` names"):
        read(table)
    table.meta["name"] = "a"
    assert_allclose(read(table).photometry["flux"], 100.0)
    table["flux"].unit = "nJy"
    with pytest.raises(ValueError, match="a unit stands at flux, beside"):
        read(table)
    del table["flux"].unit
    table.replace_column("zpsys", ["vega"])
    # Vega has magnitude -0.11 in ztfg.
    assert_allclose(read(table).photometry["flux"], 100.0 * 10**0.044)
    table.replace_column("zpsys", ["bd17"])
    with pytest.raises(ValueError, match="row 0: zpsys is 'bd17', neither ab nor vega"):
        read(table)


# ---- SNANA, PLAsTiCC, folders


def test_snana_and_plasticc_files(tmp_path: Path):
    light_curve = [[(60000.5, "g ", 4096, 20.0, 2.0), (60001.5, "r ", 0, 5.0, 2.0)]]
    snana_pair(tmp_path / "fits", {"SNID": ["101"]}, light_curve, survey="ZTF")
    head, phot = sorted((tmp_path / "fits").iterdir())
    for paths in (head, phot, [phot, head], tmp_path / "fits"):
        got = read(paths)
        assert (got.format, got.rows) == ("snana_fits", 2)
        assert got.photometry["flux"].tolist() == [20.0, 5.0]

    text = snana_text("2020a", {}, ["58765.5 Y 12.5 2.5 0x00"])
    (tmp_path / "a").write_text(text)
    write_gzip(tmp_path / "b", text)
    write_tar(tmp_path / "c", {"a.dat": text}, tmp_path)
    for name in "abc":
        got = read(tmp_path / name)
        assert (got.format, got.photometry["flux"].item()) == ("snana_text", 12.5)

    metadata = {"object_id": [11], "hostgal_specz": [0.5], "mwebv": [0.1]}
    folder = tmp_path / "plasticc"
    plasticc(folder, metadata | {"target": [90]}, [(11, 59700.5, 2, 9, 1, 1)], "x")
    for paths in (folder, sorted(folder.iterdir())):
        got = read(paths)
        assert (got.format, got.rows) == ("plasticc", 1)
        assert got.light_curves().labels.tolist() == ["SNIa"]
    got = read(folder / "training_set.csv")
    assert got.light_curves().labels.tolist() == [None]


def test_real_snana_and_tables(test_data: Path):
    snana = test_data / "snana" / "PALEO_YSEDR1_NONIaMODEL0-0001_HEAD.FITS.gz"
    got = read(snana)
    assert (got.format, got.objects, got.rows) == ("snana_fits", 155, 58_044)
    text = read(test_data / "yse_dr1" / "snana_text.tar.gz")
    assert (text.format, text.objects) == ("snana_text", 200)
    folder = test_data / "tables" / "ztf_real"
    whole = read(folder)
    assert (whole.format, whole.objects, whole.rows) == ("table", 1933, 110_780)
    assert read([folder, test_data / "tables" / "mallorn"]).objects == 1933 + 1825
    files = read(sorted(folder.glob("*.parquet")))
    for one in ("flux", "mjd"):
        assert_allclose(
            files.light_curves().__dict__[one], whole.light_curves().__dict__[one]
        )
    assert Counter(files.light_curves().labels) == Counter(whole.light_curves().labels)


def test_real_bts_export_beside_a_table(test_data: Path, tmp_path: Path):
    (tmp_path / "bts.csv").symlink_to(
        test_data / "bts_tables" / "ZTF_BTS_02_02__02_04_2021.csv"
    )
    as_csv(tmp_path / "photometry.csv", simple().assign(object_id="ZTF18aarbgdn"))
    got = read(tmp_path)
    assert (got.format, got.rows) == ("bts", 3)
    assert got.describe().startswith("read a light-curve table with an export of the")


def test_folders(tmp_path: Path, test_data: Path):
    got = read(test_data / "alerts" / "ztf_avro")
    assert (got.format, got.files) == ("ztf_alerts", 2)
    assert got.left_out["files of no known format"] == 5  # the schemas
    with pytest.raises(
        ValueError, match=r"different formats: boom \(.*alert\.json\), "
    ):
        read(test_data / "alerts")
    with pytest.raises(ValueError, match="holds no light curves in a known format"):
        read(test_data / "passbands" / "lsst")
    as_csv(tmp_path / "photometry.csv", simple())
    assert_allclose(read(tmp_path, zeropoint=30).photometry["flux"], [10, -0.3, 2])


# ---- one door


def test_what_is_asked_for_in_vain(tmp_path: Path, test_data: Path):
    packet = ztf_packet("a", ztf_row(2461000.5, 1, 20.0, "t"))
    path = alerts.write(tmp_path / "a.csv", alerts.ZTF, [packet])
    as_csv(tmp_path / "b.avro", simple())
    assert detect(path) == "ztf_alerts"
    assert detect(tmp_path / "b.avro") == "table"
    with pytest.raises(ValueError, match="a zero point cannot be given for ztf_alerts"):
        read(path, zeropoint=31.4)
    with pytest.raises(ValueError, match="files are of different formats: ztf_alerts"):
        read([path, tmp_path / "b.avro"])
    with pytest.raises(ValueError, match=r"a\.csv is of no known format: avro with"):
        read(path, format="table")
    with pytest.raises(KeyError, match="no format 'vo'. Known: ztf_alerts, "):
        read(path, format="vo")
    assert read(path, format="ztf_alerts").rows == 1
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        read(tmp_path / "gone")
    with pytest.raises(ValueError, match="no files were given"):
        read([])
    with pytest.raises(ValueError, match="a set cannot be read"):
        read({1})
    bts_export = test_data / "bts_tables" / "ZTF_BTS_02_02__02_04_2021.csv"
    with pytest.raises(
        ValueError, match="export of the BTS explorer, which has classes"
    ):
        read(bts_export)
    limit = ztf_packet("a", ztf_row(2461000.5, 1, None, None))
    alerts.write(path, alerts.ZTF, [limit])
    with pytest.raises(ValueError, match=r"holds no observation \(1 upper limits left"):
        read(path)


def test_a_format_that_is_given_counts_at_every_door(tmp_path: Path):
    as_csv(tmp_path / "a.csv", simple())
    for door in (read, accept.read):
        for data in (tmp_path / "a.csv", simple()):
            with pytest.raises(
                ValueError, match="It is a light-curve table, format tab"
            ):
                door(data, format="ztf_alerts")
            with pytest.raises(KeyError, match="no format 'tabel'. Known: "):
                door(data, format="tabel")
    as_read = accept.read(simple(), format="table")
    assert as_read.flux.tolist() == accept.read(simple()).flux.tolist()


@pytest.mark.parametrize("door", [read, accept.read])
def test_texts_that_are_no_path_are_refused(door):
    with pytest.raises(ValueError, match="is JSON, not a path. Give it as bytes"):
        door('{"objectId": "a", "candidates": [' + 999 * '{"jd": 2460000.5}, ' + "{}]}")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        door(9999 * "a")


def test_an_index_names_the_object_at_every_door():
    table = simple().set_index("object_id")
    assert read(table).photometry["object_id"].tolist() == list(table.index)
    assert set(accept.read(table).object_id) == set(table.index)


@pytest.mark.parametrize("number", ["1.70028500009812e+17", "170028500009812352.0"])
def test_ids_that_went_through_a_float_are_refused_in_every_table(
    tmp_path: Path, number: str
):
    as_csv(tmp_path / "a.csv", simple().assign(object_id=number))
    nested = {"mjd": [[60000.5]], "band": [["ztfg"]], "flux": [[1.0]]}
    lists = pd.DataFrame({"object_id": [number], "flux_err": [[1.0]]} | nested)
    for data in (tmp_path / "a.csv", lists):
        with pytest.raises(ValueError, match="went through a floating-point number"):
            accept.read(data)
        with pytest.raises(ValueError, match="went through a floating-point number"):
            read(data).light_curves()
    assert set(accept.read(simple().assign(object_id="12e17")).object_id) == {"12e17"}


def test_a_broken_table_is_named_with_its_file(tmp_path: Path):
    as_csv(tmp_path / "a.csv", simple().assign(band="X"))
    with pytest.raises(ValueError, match=r"a\.csv: passband 'X' \(object '007'"):
        read(tmp_path / "a.csv").light_curves()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_offers_its_interface(name: str):
    one = FORMATS[name]
    assert one.name == name
    assert one.what and not one.what.endswith(".")
    assert one.looks_for and not one.looks_for.endswith(".")
    # One reader; a zero point can be given to tables only, which it scales.
    assert (one.light_curves is None) != (one.tables is None)
    assert one.states_unit or one.tables is not None
    # It can be told from others, and a folder without its files is not of it.
    assert not one.accepts(Source("unrelated.csv", "csv", frozenset({"a", "b"})))
    if one.whole_folder is not None:
        assert one.whole_folder(Path(__file__).parent) == []
    if one.file_names is not None:
        assert not one.file_names.search("below/readme.md")


def test_every_registered_name_leads_to_the_same_reader():
    assert readers.FORMATS is FORMATS
    assert (readers.detect, readers.read) == (detect, read)


def test_import_is_light():
    code = "import sys, zoo.datasets.readers.formats\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"keras", "tensorflow", "tensorflow_datasets", "astropy", "fastavro"}
    assert not heavy & set(done.stdout.split())
