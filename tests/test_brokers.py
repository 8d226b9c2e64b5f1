"""What brokers and Rubin's data releases send: one object is read alike in whatever
file it comes, whatever lies beside it. Values are computed by hand.
"""

import json
from collections import Counter
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import alert_files as alerts
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from alert_files import babamul, babamul_row, lsst_packet, lsst_row, ztf_packet, ztf_row
from astropy.table import Table
from numpy.testing import assert_allclose

from zoo.datasets.readers.brokers import boom, lists, lsst_alerts, ztf_alerts
from zoo.datasets.readers.brokers.fields import identity
from zoo.datasets.readers.formats import FORMATS, detect, read
from zoo.passbands import find

JD = 2400000.5
NJY = 10**-1.56  # 1 nJy at zero point 27.5: 10 ** (-0.4 * (31.4 - 27.5))
RUBIN = 170028500009812345  # a float64 would make it ...352


def rows(table, name: str | None = None) -> list[tuple]:
    photometry = table.photometry
    if name is not None:
        photometry = photometry[photometry["object_id"] == name]
    return list(photometry[["mjd", "band"]].itertuples(index=False, name=None))


def of(table, name: str) -> pd.DataFrame:
    photometry = table.photometry
    return photometry[photometry["object_id"] == name].reset_index(drop=True)


def source(mjd: float, band: str, flux: float, **more: object) -> dict:
    row = {"midpointMjdTai": mjd, "band": band, "psfFlux": flux, "psfFluxErr": 100.0}
    return row | more


def candidate(mjd: float, fid: int = 1, magnitude: float = 20.0) -> dict:
    row = {"jd": mjd + JD, "mjd": mjd, "fid": fid, "magpsf": magnitude}
    return row | {"sigmapsf": 0.1, "isdiffpos": "t", "candid": 1}


def counts(mjd: float, flux: float, **more: object) -> dict:
    """Forced photometry of ZTF at the zero point 25: 1 DN is 10 at 27.5."""
    row = {"jd": mjd + JD, "mjd": mjd, "fid": 1, "forcediffimflux": flux}
    return row | {"forcediffimfluxunc": 1.0, "magzpsci": 25.0} | more


def as_json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value))
    return path


def as_csv(path: Path, table: list[dict]) -> Path:
    pd.DataFrame(table).to_csv(path, index=False)
    return path


# ---- detections by object


def forced_objects(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files whose one object has forced photometry only, with S/N 3, 6, 10 and 20."""
    snr = [3.0, 6.0, 10.0, 20.0]
    lsst = [source(61000.5 + n, "r", 100 * s) for n, s in enumerate(snr)]
    ztf = [counts(61000.5 + n, s) for n, s in enumerate(snr)]
    diff = [
        {"diaObjectId": 13, "expMidptMJD": one["midpointMjdTai"], "band": "r"}
        | {"psfDiffFlux": one["psfFlux"], "psfDiffFluxErr": 100.0}
        | {"psfFlux": 9e6, "psfFluxErr": 100.0, "psfFlux_flag": False}
        for one in lsst
    ]
    fink = [
        {f"r:{k}": v for k, v in one.items()} | {"r:diaObjectId": 12} for one in lsst
    ]
    alerce = [
        {
            "oid": "ZTF26f",
            "mjd": 61000.5 + n,
            "fid": 1,
            "mag": 20.0,
            "e_mag": 1.0857 / s,
        }
        | {"isdiffpos": 1, "procstatus": "0", "candid": n}
        for n, s in enumerate(snr)
    ]
    last = ztf_packet("ZTF26g", ztf_row(2461000.5, 1, None, None))
    last["fp_hists"] = [
        alerts.ztf_forced(r["jd"], 1, 4 * r["forcediffimflux"], 25) for r in ztf
    ]
    return {
        "Lasair, LSST": (
            as_json(folder / "a", {"diaObjectId": 11, "diaForcedSourcesList": lsst}),
            "11",
        ),
        "Lasair, ZTF": (
            as_json(folder / "b", {"objectId": "ZTF26e", "forcedphot": ztf}),
            "ZTF26e",
        ),
        "Fink /fp": (as_csv(folder / "c", fink), "12"),
        "ALeRCE": (as_csv(folder / "d", alerce), "ZTF26f"),
        "DP1": (as_csv(folder / "e", diff), "13"),
        "ZTF packet": (alerts.write(folder / "f", alerts.ZTF, [last]), "ZTF26g"),
    }


def detected_objects(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files whose one object has detections."""
    lsst = [source(61000.5 + n, "r", 900.0, diaSourceId=n) for n in range(4)]
    ztf = [candidate(61000.5 + n) for n in range(4)]
    packet = lsst_packet(
        lsst_row(21, 61003.5, "r", 900.0), [lsst_row(21, 61000.5, "r", 9)]
    )
    fink = [
        {f"i:{k}": v for k, v in one.items()} | {"i:objectId": "ZTF26p"} for one in ztf
    ]
    antares = [
        {
            "locus_id": "ANT1",
            "ant_mjd": 61000.5 + n,
            "ant_passband": "R",
            "ant_mag": 20.0,
        }
        | {"ant_magerr": 0.1, "ant_survey": 1}
        for n in range(4)
    ]
    return {
        "Lasair message": (
            as_json(
                folder / "p", {"diaObjectId": 20, "alert": {"diaSourcesList": lsst}}
            ),
            "20",
        ),
        "LSST packet": (alerts.write(folder / "q", alerts.LSST, [packet]), "21"),
        "Fink, ZTF": (as_csv(folder / "r", fink), "ZTF26p"),
        "DP1 DiaSource": (
            as_csv(folder / "s", [one | {"diaObjectId": 22} for one in lsst]),
            "22",
        ),
        "Babamul": (
            as_json(folder / "t", babamul("ZTF26q", 31.4)),
            "ZTF26q",
        ),
        "ANTARES": (as_csv(folder / "u", antares), "ANT1"),
    }


def test_forced_photometry_alone_follows_the_signal_to_noise_rule(tmp_path: Path):
    for name, (path, obj) in forced_objects(tmp_path).items():
        got = of(read(path), obj)
        assert got["detected"].tolist() == [False, True, True, True], name
        assert got["flux"].min() > 0


@pytest.mark.filterwarnings("ignore:the light curve of ANTARES")
def test_a_file_beside_another_never_changes_its_result(tmp_path: Path):
    files = forced_objects(tmp_path) | detected_objects(tmp_path)
    alone = {name: of(read(path), obj) for name, (path, obj) in files.items()}
    together = 0
    for (first, (path, obj)), (_, (beside, _)) in permutations(files.items(), 2):
        if detect(path) != detect(beside):
            with pytest.raises(ValueError, match="the files are of different formats"):
                read([path, beside])
            continue
        for both in ([path, beside], [beside, path]):
            pd.testing.assert_frame_equal(of(read(both), obj), alone[first])
        together += 1
    assert together > 50  # of one format


def test_objects_without_a_name_are_named_by_their_files_and_never_merged(
    tmp_path: Path,
):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        as_csv(tmp_path / folder / "lc.csv", [candidate(61000.5)])
    assert set(read(tmp_path / "a" / "lc.csv").metadata["object_id"]) == {"lc"}
    both = read([tmp_path / "a" / "lc.csv", tmp_path / "b" / "lc.csv"])
    assert (both.objects, both.rows) == (2, 2)
    assert read([pd.DataFrame([candidate(61000.5)])] * 2).objects == 2


# ---- one row per exposure


def test_the_better_row_of_an_exposure_is_kept(tmp_path: Path):
    forced = [
        counts(61000.5, 90.0),  # beside a detection of flux 1000: preferred
        counts(61001.5, 80.0, procstatus="57"),
        counts(61002.5, 70.0, procstatus=""),
        counts(61003.5, -99999.0),
        counts(61004.5, -5.0),  # below zero, and alone
        counts(61005.5, 60.0, procstatus=None),
    ]
    forced = [{"procstatus": "0"} | one for one in forced]
    detections = [candidate(61000.5 + n) for n in range(4)]
    value = {"objectId": "a", "candidates": detections, "forcedphot": forced}
    got = read(as_json(tmp_path / "a", value))
    assert_allclose(got.photometry["flux"], [900, 1000, 1000, 1000, -50])
    assert got.photometry["detected"].tolist() == [True] * 4 + [False]
    assert got.left_out == {
        "forced photometry with a procstatus other than 0": 3,
        "failed forced photometry": 1,
        "repeated rows of one exposure": 1,
    }


def test_flags_of_packets(tmp_path: Path):
    schema = json.loads(json.dumps(alerts.ZTF))
    forced = [alerts.ztf_forced(2461000.5, 1, 9.0, 25.0) | {"procstatus": "61"}]
    forced.append(alerts.ztf_forced(2461001.5, 1, 9.0, 25.0))
    packet = ztf_packet("a", ztf_row(2461000.5, 1, 20.0, "t"), [], forced)
    got = read(alerts.write(tmp_path / "a", schema, [packet]))
    assert_allclose(got.photometry["flux"], [1000.0, 90.0])
    assert got.left_out == {"forced photometry with a procstatus other than 0": 1}
    # A flagged detection of a packet yields to any other row of its exposure.
    flagged = lsst_row(7, 61000.5, "r", 5000.0) | {"psfFlux_flag": True}
    other = lsst_row(7, 61000.5, "r", 1000.0) | {"psfFlux_flag": False}
    left_out = Counter[str]()
    packet = {"diaSource": flagged, "prvDiaSources": [other]}
    packet["prvDiaForcedSources"] = [other | {"psfFlux": 1.0, "psfFlux_flag": True}]
    parts, _ = lsst_alerts.packet(packet, left_out)
    kept = min((part[5][0], part[3][0]) for part in parts if len(part[5]))
    assert kept[1] == pytest.approx(1000 * NJY)
    assert left_out["rows flagged psfFlux_flag"] == 1


@pytest.mark.parametrize(
    "flag",
    ["psfDiffFlux_flag", "diff_PixelFlags_nodataCenter", "pixelFlags_saturatedCenter"],
)
@pytest.mark.parametrize("value", [True, 1, "true", "t", 1.0])
def test_flags_of_data_releases(tmp_path: Path, flag: str, value: object):
    row = {"diaObjectId": RUBIN, "expMidptMJD": 61000.5, "band": "g"}
    row |= {"psfDiffFlux": 1000.0, "psfDiffFluxErr": 50.0, "psfFlux": 8000.0}
    row |= {"psfFluxErr": 50.0, "psfFlux_flag": True}  # of the direct image
    good = row | {"expMidptMJD": 61001.5, flag: {True: False}.get(value, 0)}
    got = read(as_csv(tmp_path / "a", [row | {flag: value}, good]))
    assert rows(got) == [(61001.5, "lsstg")]
    assert got.left_out == {f"rows flagged {flag}": 1}


def test_flagged_detections_of_tables_are_left_out(tmp_path: Path):
    table = [source(61000.5 + n, "r", 900.0, diaSourceId=n) for n in range(3)]
    table[0] |= {"psfFlux_flag": 1, "isDipole": 0}
    table[1] |= {"psfFlux_flag": 0, "isDipole": 1}
    table = [one | {"diaObjectId": RUBIN} for one in table]
    got = read(as_csv(tmp_path / "a", table))
    assert got.rows == 1
    assert got.left_out == {"rows flagged psfFlux_flag": 1, "rows flagged isDipole": 1}


# ---- Babamul


@pytest.mark.parametrize("zeropoint", [31.4, 46.4])
@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "json", "api"])
def test_babamul(tmp_path: Path, zeropoint: float, codec: str):
    unit = 10 ** (-0.4 * (31.4 - zeropoint))  # of a psfFlux, nJy
    history = [babamul_row(2460999.5, "r", 1000 * unit, 50 * unit)]
    history.append(babamul_row(2460998.5, "i", -1000 * unit, 50 * unit))
    forced = [babamul_row(2460997.5, "g", 20 * unit, 50 * unit)]
    forced.append(babamul_row(2460996.5, "g", None))
    limits = [babamul_row(2460995.5, "g", None)]
    packet = babamul("ZTF26a", zeropoint, history, forced, limits)
    path = tmp_path / "a"
    if codec == "snappy":
        path.write_bytes(alerts.snappy(alerts.BABAMUL, [packet]))
    elif codec in ("json", "api"):
        as_json(path, packet if codec == "json" else {"message": "", "data": packet})
    else:
        alerts.write(path, alerts.BABAMUL, [packet], codec)
    got = read(path)
    assert (got.format, got.objects) == ("boom", 1)
    assert rows(got) == [
        (60997.0, "ztfg"),
        (60998.0, "ztfi"),
        (60999.0, "ztfr"),
        (61000.0, "ztfg"),
    ]
    wanted = [20 * NJY, -1000 * NJY, 1000 * NJY, 1000.0]
    assert_allclose(got.photometry["flux"], wanted, rtol=1e-6)
    assert_allclose(got.photometry["flux_err"][:3], 50 * NJY, rtol=1e-6)
    assert got.photometry["detected"].tolist() == [False, False, True, True]
    assert got.left_out == {
        "upper limits": 1,
        "rows without a flux, an error above 0 or a time": 1,
    }
    assert got.metadata.to_dict("records") == [
        {"object_id": "ZTF26a", "ra": 10.0, "dec": -5.0}
    ]


def test_babamul_of_lsst_and_matches_of_another_survey(tmp_path: Path):
    alert = source(
        61000.5, "i", 1000.0, jd=61000.5 + JD, diaObjectId=7, ra=1.0, dec=2.0
    )
    past = {"jd": 61000.5 - 1 + JD, "psfFlux": 500.0, "psfFluxErr": 50.0, "band": "y"}
    match = {"objectId": "ZTF26b", "prv_candidates": [past] * 3, "fp_hists": [past]}
    packet = {"candid": 1, "objectId": "7", "candidate": alert, "fp_hists": [past]}
    packet |= {"prv_candidates": [], "survey_matches": {"ztf": match}}
    got = read(as_json(tmp_path / "a", packet))
    assert rows(got, "7") == [(60999.5, "lssty"), (61000.5, "lssti")]
    assert_allclose(got.photometry["flux"], [500 * NJY, 1000 * NJY])
    assert got.left_out == {"rows of the same position in another survey": 4}


def test_the_zero_point_of_a_flux_is_read_or_the_packet_is_refused(tmp_path: Path):
    past = [babamul_row(2460999.5, "r", 1000.0)]
    for zeropoint in (30.0, 8.9):
        path = as_json(tmp_path / "a", babamul("ZTF26a", zeropoint, past))
        with pytest.raises(
            ValueError, match=f"has the zero point {zeropoint:.2f}, neither"
        ):
            read(path)
    beside = [past[0] | {"magpsf": 20.0}]  # which is 36307.8 nJy
    packet = babamul("ZTF26a", 31.4, beside)
    with pytest.raises(ValueError, match=r"'ZTF26a': psfFlux 1000 beside magpsf 20"):
        read(as_json(tmp_path / "a", packet))
    alone = {"_id": "ZTF26a", "prv_candidates": past}
    with pytest.raises(ValueError, match="no magnitude stands beside a psfFlux"):
        read(as_json(tmp_path / "a", alone))


# ---- Lasair


def test_lasair_objects_of_ztf(tmp_path: Path):
    limit = {"jd": 60990.5 + JD, "mjd": 60990.5, "fid": 1, "diffmaglim": 20.0}
    limit |= {"magpsf": 20.0}  # Lasair repeats the limit there
    value = {"objectId": "a", "candidates": [candidate(61000.5), limit]}
    value |= {"forcedphot": [counts(60999.5, 2.0)]}
    got = read(as_json(tmp_path / "a", [value, value | {"objectId": "b"}]))
    assert got.objects == 2
    assert rows(got, "b") == [(60999.5, "ztfg"), (61000.5, "ztfg")]
    assert_allclose(of(got, "b")["flux"], [20.0, 1000.0])
    assert got.left_out == {"upper limits": 2}
    # `lightcurves` of its client: one list for each object, without names.
    got = read(as_json(tmp_path / "lc.json", [[candidate(61000.5), limit]]))
    assert rows(got, "lc") == [(61000.5, "ztfg")]
    got = read(as_json(tmp_path / "lc.json", [[candidate(61000.5)], [candidate(1.5)]]))
    assert rows(got, "lc[1]") == [(1.5, "ztfg")]
    (tmp_path / "lc.json").write_text("ZTF26a\n" + json.dumps([[candidate(61000.5)]]))
    with pytest.raises(ValueError, match="has the line 'ZTF26a' before its JSON"):
        read(tmp_path / "lc.json")


def test_lasair_messages_of_lsst(tmp_path: Path):
    sources = [source(61000.5, "r", 1000.0), source(61001.5, "y", 2000.0)]
    forced = [source(61002.5, "r", -300.0)]
    message = {"diaObjectId": RUBIN, "ra": 221.8, "decl": -38.1, "UTC": "2026-01-29"}
    lite = {"diaSourcesList": sources, "diaForcedSourcesList": forced}
    full = lite | {"diaObject": {"diaObjectId": RUBIN, "ra": 221.9, "decl": -38.2}}
    full |= {"diaNondetectionLimitsList": [{"diaNoise": 1.0}], "ebv": 0.25}
    for number, value in enumerate(
        (message | {"alert": lite}, message | {"alert": full}, full)
    ):
        got = read(as_json(tmp_path / "a", value))
        assert rows(got, str(RUBIN)) == [
            (61000.5, "lsstr"),
            (61001.5, "lssty"),
            (61002.5, "lsstr"),
        ]
        assert_allclose(got.photometry["flux"], [1000 * NJY, 2000 * NJY, -300 * NJY])
        assert got.photometry["detected"].tolist() == [True, True, False]
        assert got.left_out == ({"upper limits": 1} if number else {})
        assert got.metadata["dec"].item() in (-38.1, -38.2)
        assert list(got.metadata.get("mwebv", [])) == ([0.25] if number else [])
    with pytest.raises(ValueError, match="messages of Lasair without light curves"):
        read(as_json(tmp_path / "a", message))
    several = [message | {"diaObjectId": 8}, message | {"alert": lite}]
    (tmp_path / "a").write_text("\n".join(map(json.dumps, several)))
    assert (read(tmp_path / "a").objects, read(tmp_path / "a").rows) == (2, 3)


def test_objects_of_a_batch_keep_their_own_names(tmp_path: Path):
    batch = [
        {
            "diaObject": {"diaObjectId": RUBIN + n},
            "diaSourcesList": [source(1.5, "r", 9)],
        }
        for n in range(3)
    ]
    got = read(as_json(tmp_path / "a", batch))
    assert set(got.metadata["object_id"]) == {str(RUBIN + n) for n in range(3)}
    both = [source(1.5, "r", 9, diaObjectId=n) for n in (1, 2)]
    with pytest.raises(ValueError, match="one list has rows of several objects: 1, 2"):
        read(as_json(tmp_path / "a", {"diaSourcesList": both}))


def test_rubin_packets_as_json(tmp_path: Path):
    packet = lsst_packet(
        lsst_row(RUBIN, 61000.5, "r", 1000.0), [lsst_row(RUBIN, 1.5, "u", 1)]
    )
    packet["diaSource"] |= {"decl": 0.0}
    for value in (packet, [packet], {"data": packet}):
        got = read(as_json(tmp_path / "a", value))
        assert (got.format, got.rows) == ("lsst_alerts", 2)
        assert got.metadata["dec"].item() == 2.0


# ---- ALeRCE, Fink, ANTARES, Rubin


def test_alerce_of_lsst(tmp_path: Path):
    table = [
        {"oid": RUBIN, "survey_id": "lsst", "measurement_id": n, "mjd": 61000.5 + n}
        | {"psfFlux": 1000.0 * n, "psfFluxErr": 50.0, "psfFlux_flag": 0, "band": n}
        | {"scienceFlux": 9e9, "parentDiaSourceId": 0, "ra": 1.0, "dec": 2.0}
        for n in range(1, 7)
    ]
    wanted = [(61001.5, "lsstg"), (61002.5, "lsstr"), (61003.5, "lssti")]
    wanted += [(61004.5, "lsstz"), (61005.5, "lssty"), (61006.5, "lsstu")]
    for path in (
        as_csv(tmp_path / "a", table),
        as_json(tmp_path / "b", {"detections": table, "non_detections": []}),
    ):
        got = read(path)
        assert rows(got, str(RUBIN)) == wanted
        assert_allclose(got.photometry["flux"], np.arange(1, 7) * 1000 * NJY)
        assert got.photometry["detected"].all()
    renamed = [one | {"band_name": "g"} for one in table]
    assert set(read(as_csv(tmp_path / "a", renamed)).photometry["band"]) == {"lsstg"}
    # Elsewhere numbers are not those of ALeRCE.
    other = [
        source(61000.5, "r", 900, diaObjectId=7),
        source(61001.5, 1, 9, diaObjectId=7),
    ]
    got = read(as_csv(tmp_path / "c", other))
    assert got.left_out == {"rows in other passbands": 1}
    got = read(tmp_path / "c", passbands={"1": find("lsstz")})
    assert rows(got) == [(61000.5, "lsstr"), (61001.5, "lsstz")]


def test_alerce_detections_and_forced_photometry_in_one_table(tmp_path: Path):
    row = {"oid": "a", "fid": 1, "mag": 20.0, "e_mag": 0.1, "isdiffpos": 1}
    table = [row | {"mjd": 61000.5, "has_stamp": True}]
    table += [row | {"mjd": 61001.5, "mag": 22.5, "procstatus": "0"}]
    table += [row | {"mjd": 61002.5, "procstatus": "62"}]
    table += [row | {"mjd": 61003.5, "mag": 100.0, "e_mag": 100.0, "procstatus": "0"}]
    got = read(as_csv(tmp_path / "a", table))
    assert_allclose(got.photometry["flux"], [1000.0, 100.0])
    assert got.photometry["detected"].tolist() == [True, False]
    assert got.left_out == {
        "failed forced photometry": 1,
        "forced photometry with a procstatus other than 0": 1,
    }
    # As its older interface names them: magpsf of detections, mag of the rest.
    older = [table[0] | {"magpsf": 20.0, "sigmapsf": 0.1}, *table[1:]]
    del older[0]["mag"], older[0]["e_mag"]
    again = read(as_csv(tmp_path / "a", older))
    pd.testing.assert_frame_equal(again.photometry, got.photometry)
    assert again.left_out == got.left_out


@pytest.mark.parametrize(
    ("column", "value"), [("forced", True), ("type", "forced"), ("origin", "alert_fp")]
)
def test_a_column_may_call_rows_forced_photometry(
    tmp_path: Path, column: str, value: object
):
    ztf = {"oid": "a", "fid": 1, "mag": 20.0, "e_mag": 0.1, "isdiffpos": 1}
    lsst = {"oid": 7, "band": 1, "psfFlux": 1e4, "psfFluxErr": 1.0, "psfFlux_flag": 0}
    for row in (ztf, lsst):
        table = [row | {"mjd": 61000.5, column: {True: False}.get(value, "alert")}]
        table += [row | {"mjd": 61001.5, column: value}]
        got = read(as_csv(tmp_path / "a", table)).photometry
        assert got["detected"].tolist() == [True, False]


def test_short_names_of_passbands_are_those_of_the_survey_that_is_named(tmp_path: Path):
    row = {
        "objectId": "a",
        "magpsf": 20.0,
        "sigmapsf": 0.1,
        "isdiffpos": 1,
        "filter": "g",
    }
    table = [row | {"mjd": 61000.5, "instrument_name": "ZTF"}]
    table += [row | {"mjd": 61001.5, "instrument_name": "DECam"}]
    table += [row | {"mjd": 61002.5, "instrument_name": "DECam", "filter": "desg"}]
    got = read(as_csv(tmp_path / "a", table))
    assert rows(got) == [(61000.5, "ztfg"), (61002.5, "desg")]
    assert got.left_out == {"rows in other passbands": 1}
    got = read(tmp_path / "a", passbands={"g": find("desg")})
    assert rows(got) == [(61000.5 + n, "desg") for n in range(3)]


def test_options_name_the_passbands_of_packets(tmp_path: Path):
    packet = ztf_packet("a", ztf_row(2461000.5, 4, 20.0, "t"))
    path = alerts.write(tmp_path / "a", alerts.ZTF, [packet])
    got = read(path, passbands={"4": find("ps1::z")})
    assert rows(got) == [(61000.0, "ps1::z")]


def test_antares(tmp_path: Path):
    row = {"ant_ra": 1.0, "ant_dec": 2.0, "ant_mag": 20.0, "ant_magerr": 0.1}
    table = [
        row | {"ant_mjd": 61000.5, "ant_passband": "R", "ant_survey": 1},
        row | {"ant_mjd": 61001.5, "ant_passband": "g", "ant_survey": 1},
        row | {"ant_mjd": 61002.5, "ant_passband": "z", "ant_survey": 4},
        row
        | {"ant_mjd": 61003.5, "ant_passband": "g", "ant_survey": 2, "ant_mag": None},
        row | {"ant_mjd": 61004.5, "ant_passband": "g", "ant_survey": 3},
    ]
    path = as_csv(tmp_path / "ANT2026abc.csv", table)
    with pytest.warns(
        UserWarning, match="does not state whether the source is brighter"
    ):
        got = read(path)
    wanted = [(61000.5, "ztfr"), (61001.5, "ztfg"), (61002.5, "lsstz")]
    assert rows(got, "ANT2026abc") == wanted
    assert_allclose(got.photometry["flux"], 1000.0)
    assert got.left_out == {
        "upper limits": 1,
        "rows of surveys other than ZTF and LSST": 1,
    }
    assert got.metadata.to_dict("records") == [
        {"object_id": "ANT2026abc", "ra": 1.0, "dec": 2.0}
    ]


def test_the_difference_flux_is_read_and_never_the_direct_one(tmp_path: Path):
    row = {"diaObjectId": RUBIN, "band": "g", "coord_ra": 1.0, "coord_dec": 2.0}
    row |= {"psfDiffFlux": 1000.0, "psfDiffFluxErr": 50.0}
    row |= {"psfFlux": 8000.0, "psfFluxErr": 70.0}
    table = [row | {"expMidptMJD": 61000.5}]
    for value in (as_csv(tmp_path / "a", table), pd.DataFrame(table)):
        got = read(value)
        assert rows(got, str(RUBIN)) == [(61000.5, "lsstg")]
        assert_allclose(got.photometry["flux"], 1000 * NJY)
        assert_allclose(got.photometry["flux_err"], 50 * NJY)
        assert got.metadata["dec"].item() == 2.0
    without_time = [{k: v for k, v in row.items()} | {"visit": 7}]
    with pytest.raises(ValueError, match="it lacks midpointMjdTai or expMidptMJD. Add"):
        read(as_csv(tmp_path / "a", without_time))


def nested_rows() -> list[dict]:
    diff = [
        {"midpointMjdTai": 61000.5 + n, "band": "r", "psfDiffFlux": 1000.0 * (n - 1)}
        | {"psfDiffFluxErr": 100.0, "psfFlux": 9e6, "psfFluxErr": 1.0}
        for n in range(3)
    ]
    sources = [source(61002.5, "r", 900.0)]
    one = {"diaObjectId": RUBIN, "ra": 1.0, "dec": 2.0}
    two = one | {"diaObjectId": RUBIN + 1}
    return [
        one | {"diaSource": sources, "diaObjectForcedSource": diff},
        two | {"diaSource": [], "diaObjectForcedSource": diff},
        two
        | {"diaObjectId": RUBIN + 2, "diaSource": None, "diaObjectForcedSource": None},
    ]


def struct_of_lists(table: pa.Table) -> pa.Table:
    for name in ("diaSource", "diaObjectForcedSource"):
        values = table[name].to_pylist()
        keys = [field.name for field in table.schema.field(name).type.value_type]
        opened = [v and {k: [one[k] for one in v] for k in keys} for v in values]
        opened = [v or {k: [] for k in keys} for v in opened]
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.array(opened))
    return table


def as_frame(path: Path, table: pa.Table) -> object:
    return table.to_pandas()


def as_parquet(path: Path, table: pa.Table) -> object:
    pa.parquet.write_table(table, path)
    return path


def as_structs(path: Path, table: pa.Table) -> object:
    return as_parquet(path, struct_of_lists(table))


def as_nested_pandas(path: Path, table: pa.Table) -> object:
    nested = pytest.importorskip("nested_pandas")
    pa.parquet.write_table(struct_of_lists(table), path)
    return nested.read_parquet(path)


@pytest.mark.parametrize("write", [as_frame, as_parquet, as_structs, as_nested_pandas])
def test_nested_catalogues_of_rubin(tmp_path: Path, write: Callable):
    got = read(write(tmp_path / "a", pa.Table.from_pylist(nested_rows())))
    assert (got.format, got.objects) == ("nested_sources", 3)
    for name, detected in (
        (RUBIN, [False, False, True]),
        (RUBIN + 1, [False, False, True]),
    ):
        part = of(got, str(name))
        assert_allclose(part["flux"], [-1000 * NJY, 0, 1000 * NJY])
        assert part["detected"].tolist() == detected
    assert set(got.metadata["ra"]) == {1.0}
    assert got.light_curves().lengths.tolist() == [3, 3, 0]


def test_lists_of_fink(tmp_path: Path):
    ztf = {"objectId": ["a"], "cjd": [[2461000.5, 2461001.5]], "cfid": [[1, 2]]}
    ztf |= {"cmagpsf": [[20.0, np.nan]], "csigmapsf": [[0.1, np.nan]]}
    got = read(pd.DataFrame(ztf | {"cisdiffpos": [["t", None]]}))
    assert rows(got, "a") == [(61000.0, "ztfg")]
    assert got.left_out == {"upper limits": 1}
    lsst = {"diaObjectId": [RUBIN], "cmidpointMjdTai": [[61000.5]], "cband": [["y"]]}
    got = read(pd.DataFrame(lsst | {"cpsfFlux": [[1000.0]], "cpsfFluxErr": [[50.0]]}))
    assert rows(got, str(RUBIN)) == [(61000.5, "lssty")]
    assert_allclose(got.photometry["flux"], 1000 * NJY)


# ---- names of objects


@pytest.mark.parametrize(
    "value",
    [1.7e17, "170028500009812345.0", "1.70028500009812345e+17", np.float64(2**53)],
)
def test_ids_that_went_through_a_float_are_refused(tmp_path: Path, value: object):
    with pytest.raises(ValueError, match="went through a floating-point number"):
        identity(value)
    table = [source(61000.5, "r", 900.0, diaObjectId=value)]
    for given in (
        as_csv(tmp_path / "a", table),
        as_json(tmp_path / "b", {"diaObjectId": value, "diaSourcesList": table}),
        pd.DataFrame(table),
        as_json(tmp_path / "c", {"diaSource": table[0]}),
    ):
        with pytest.raises(ValueError, match="went through a floating-point number"):
            read(given)


def test_ids_beside_missing_ones_stay_exact(tmp_path: Path):
    names = [RUBIN, RUBIN + 1, None, 0]
    table = [source(61000.5, "r", 900.0) | {"diaObjectId": name} for name in names]
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.Table.from_pylist(table), path)
    text = pd.DataFrame(table).assign(diaObjectId=[str(RUBIN), str(RUBIN + 1), "", "0"])
    text.to_csv(tmp_path / "a.csv", index=False)
    for given in (path, tmp_path / "a.csv"):
        got = read(given)
        assert set(got.photometry["object_id"]) == {str(RUBIN), str(RUBIN + 1)}
        assert got.left_out == {"rows of solar-system objects": 2}
    missing = [candidate(61000.5) | {"objectId": name} for name in ("a", None)]
    with pytest.raises(ValueError, match=r"row 1: objectId is missing \(1 such rows\)"):
        read(as_csv(tmp_path / "b", missing))


@pytest.mark.parametrize(
    ("value", "name"),
    [(7, "7"), (7.0, "7"), ("7.0", "7"), (np.int64(7), "7"), (" a ", "a")]
    + [("12e45", "12e45"), ("10.25", "10.25"), ("007", "007"), ("1.5e+1", "15")]
    + [(None, None), (np.nan, None), ("", None), ("NaN", None)],
)
def test_identity(value: object, name: str | None):
    assert identity(value) == name


@pytest.mark.parametrize("value", [True, [1], {"a": 1}])
def test_what_cannot_name_an_object(value: object):
    with pytest.raises(ValueError, match="must be text or an integer"):
        identity(value)


# ---- packets in memory


def test_packets_in_memory_are_read_by_the_functions_that_read_files(tmp_path: Path):
    ztf = ztf_packet(
        "a", ztf_row(2461000.5, 1, 20.0, "t"), [ztf_row(2460999.5, 2, 20, "1")]
    )
    lsst = lsst_packet(lsst_row(7, 61000.5, "r", 1000.0))
    message = {"diaObjectId": 8, "alert": {"diaSourcesList": [source(1.5, "r", 9)]}}
    stream = babamul("ZTF26a", 46.4)
    for one, packet, path in (
        (ztf_alerts.packet, ztf, alerts.write(tmp_path / "a", alerts.ZTF, [ztf])),
        (lsst_alerts.packet, lsst, alerts.write(tmp_path / "b", alerts.LSST, [lsst])),
        (lists.document, message, as_json(tmp_path / "c", message)),
        (boom.document, stream, as_json(tmp_path / "d", stream)),
    ):
        parts, metadata = one(packet, Counter())
        table = read(path)
        assert metadata["object_id"] == table.metadata["object_id"].item()
        flux = np.sort(np.concatenate([part[3] for part in parts]))
        assert_allclose(flux, np.sort(table.photometry["flux"]))


# ---- what is not known

UNKNOWN = {
    (
        "i:objectId",
        "i:jd",
        "i:magpsf",
        "i:sigmapsf",
        "i:fid",
    ): "ZTF.*it lacks i:isdiffpos",
    ("i:objectId", "i:jd", "i:magpsf", "i:isdiffpos", "i:fid"): "lacks i:sigmapsf",
    ("r:diaObjectId", "r:midpointMjdTai", "r:psfFlux", "r:band"): "lacks r:psfFluxErr",
    ("oid", "mjd", "fid", "mag", "isdiffpos"): "lacks sigmapsf or e_mag",
    ("diaObjectId", "band", "psfDiffFlux", "psfDiffFluxErr"): "lacks midpointMjdTai",
    ("ant_mjd", "ant_mag", "ant_passband", "alert_id"): "ANTARES; it lacks ant_magerr",
    (
        "objectId",
        "jd",
        "fid",
        "forcediffimflux",
        "forcediffimfluxunc",
    ): "lacks magzpsci",
    ("object_id", "mjd", "band", "flux"): "light-curve table; it lacks flux_err",
}


@pytest.mark.parametrize("columns", UNKNOWN)
def test_a_table_that_lacks_a_column_is_told_which(tmp_path: Path, columns: tuple):
    path = as_csv(tmp_path / "a", [dict.fromkeys(columns, 1)])
    with pytest.raises(ValueError, match=f"Nearest: .*{UNKNOWN[columns]}") as error:
        read(path)
    assert len(str(error.value)) < 600
    as_json(path, [dict.fromkeys(columns, 1)])
    with pytest.raises(ValueError, match=f"Nearest: .*{UNKNOWN[columns]}"):
        read(path)


def test_the_nearest_format_is_that_which_was_asked_for(tmp_path: Path):
    path = as_csv(tmp_path / "a", [{"object_id": 1, "mjd": 1, "band": 1, "flux": 1}])
    with pytest.raises(ValueError, match="Give a light curve of Fink"):
        read(path, format="broker_export")
    with pytest.raises(
        ValueError, match="Nearest: a light-curve table; it lacks flux_"
    ):
        read(path, format="table")


def test_every_layout_is_of_its_format(tmp_path: Path):
    for format in FORMATS.values():
        for needed in format.layouts.values():
            for place in range(2):
                names = [one[min(place, len(one) - 1)] for one in needed]
                path = as_csv(tmp_path / "a", [dict.fromkeys(names, 1)])
                assert detect(path) == format.name, names


# ---- what users add to tables of brokers


def rubin_rows(**columns) -> pd.DataFrame:
    rows = {
        "diaObjectId": [7, 7, 8],
        "midpointMjdTai": [61000.5, 61001.5, 61000.5],
        "band": ["g", "r", "g"],
        "psfFlux": [1000.0, 2000.0, 3000.0],
        "psfFluxErr": [10.0, 10.0, 10.0],
    }
    return pd.DataFrame(rows | columns)


def test_redshift_and_reddening_in_every_row_of_a_broker_are_read(tmp_path: Path):
    table = rubin_rows(z=[0.1, 0.1, np.nan], ebv=[0.02, 0.02, -999.0])
    table.to_csv(tmp_path / "a.csv", index=False)
    table.to_parquet(tmp_path / "a.parquet")
    for source in (table, tmp_path / "a.csv", tmp_path / "a.parquet"):
        metadata = read(source).metadata
        assert_allclose(metadata["redshift"], [0.1, np.nan])
        assert_allclose(metadata["mwebv"], [0.02, np.nan])
    with pytest.raises(ValueError, match="row 1: redshift differs from that in an ear"):
        read(rubin_rows(z=[0.1, 0.2, 0.1]))
    with pytest.raises(ValueError, match="z and redshift both stand for redshift"):
        read(rubin_rows(z=0.1, redshift=0.1))
    sources = rubin_rows()[:2].drop(columns="diaObjectId").to_dict("records")
    packet = {"diaObjectId": 7, "diaSourcesList": sources, "z": 0.1, "ebv": 0.02}
    nested = pd.DataFrame({"diaObjectId": [7], "diaSource": [sources], "z": [0.1]})
    for one in (packet, nested):
        assert_allclose(read(one).metadata["redshift"], [0.1])


def test_fluxes_of_rubin_in_another_unit_are_refused(tmp_path: Path):
    for unit in ("nJy", "uJy"):
        table = Table.from_pandas(rubin_rows())
        for name in ("psfFlux", "psfFluxErr"):
            table[name].unit = unit
        table.write(tmp_path / f"{unit}.parquet")
        frame = rubin_rows()
        frame.attrs["units"] = {"psfFlux": unit, "psfFluxErr": unit}
        for source in (tmp_path / f"{unit}.parquet", frame):
            if unit == "nJy":
                wanted = np.array([1000.0, 2000.0, 3000.0]) * 10**-1.56
                assert_allclose(read(source).photometry["flux"], wanted)
            else:
                with pytest.raises(ValueError, match="psfFlux has the unit uJy, and"):
                    read(source)
