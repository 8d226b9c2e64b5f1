"""What services send as columns: forced photometry of ZTF and ATLAS, and SkyPortal."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import service_files as services
from numpy.testing import assert_allclose

import zoo
from zoo.datasets.readers.formats import read
from zoo.light_curves.accept import read as read_any

POOR = "rows of images of poor quality (infobitssci, scisigpix, sciinpseeing)"


def rows(table) -> list[tuple]:
    columns = table.photometry[["mjd", "band"]]
    return list(columns.itertuples(index=False, name=None))


# ---- forced photometry


@pytest.mark.parametrize("commented", [True, False])
def test_forced_photometry_of_ztf(tmp_path: Path, commented: bool):
    got = read(services.ztf(tmp_path / "SN 2026a.txt", commented=commented))
    # JD 2460000.75 is MJD 60000.25.
    assert rows(got) == [(60000.25, "ztfg"), (60001.25, "ztfr"), (60002.25, "ztfi")]
    # From zero point 25: 10 ** (0.4 * 2.5) = 10 times.
    assert_allclose(got.photometry["flux"], [1000.0, 2000.0, -50.0], rtol=1e-12)
    assert_allclose(got.photometry["flux_err"], 40.0, rtol=1e-12)
    assert got.metadata.to_dict("records") == [
        {"object_id": "SN 2026a", "ra": 10.5, "dec": -5.25}
    ]
    assert got.left_out == {
        POOR: 3,
        "rows whose procstatus is not 0": 1,
        "rows without procstatus": 1,
        "failed forced photometry": 2,
        "rows in other passbands": 1,
    }
    assert "no baseline subtracted" in got.describe()
    # No list of detections: S/N 25, 50 and -1.25.
    assert got.light_curves().detected.tolist() == [True, True, False]


def test_forced_photometry_of_atlas(tmp_path: Path):
    got = read(services.atlas(tmp_path / "atlas.txt"))
    assert rows(got) == [
        (60000.25, "atlaso"),
        (60001.25, "atlasc"),
        (60002.25, "atlaso"),
    ]
    # 10 ** (0.4 * (27.5 - 23.9)) = 27.542287.
    assert_allclose(got.photometry["flux"], [2754.2287, 2754.2287, -826.26861])
    assert_allclose(got.photometry["flux_err"], 137.711435, rtol=1e-7)
    assert got.metadata.to_dict("records") == [
        {"object_id": "atlas", "ra": 10.5, "dec": -5.25}
    ]
    assert got.left_out == {
        "rows whose error code (err) is not 0": 1,
        "rows of poor quality (chi/N above 100 or duJy above 4000)": 2,
        "rows in other passbands": 1,
    }
    assert got.light_curves().detected.tolist() == [True, True, False]


def test_forced_photometry_as_a_table_needs_names(tmp_path: Path):
    columns = [name.strip() for name in services.ZTF_COLUMNS.split(",")]
    table = pd.DataFrame([r.split() for r in services.ZTF_ROWS[:2]], columns=columns)
    with pytest.raises(ValueError, match="without a name of the object in each row"):
        read(table)
    named = table.assign(object_id=["a", "b"], z=[0.1, 0.2])
    named.to_csv(tmp_path / "table.csv", index=False)
    for source in (named, tmp_path / "table.csv"):
        got = read(source)
        assert got.objects == 2
        assert_allclose(got.photometry["flux"], [1000.0, 2000.0], rtol=1e-12)
        assert_allclose(got.metadata["redshift"], [0.1, 0.2])


def test_a_cut_that_cannot_be_made_is_said(tmp_path: Path):
    columns = [name.strip() for name in services.ZTF_COLUMNS.split(",")]
    table = pd.DataFrame([services.ZTF_ROWS[0].split()], columns=columns)
    table = table.assign(object_id="a").drop(columns="scisigpix")
    with pytest.warns(UserWarning, match="no column scisigpix, by which images of"):
        assert read(table).rows == 1
    with pytest.raises(ValueError, match="of no known format"):
        read(table.drop(columns="procstatus"))


def test_a_zero_point_cannot_be_given_for_services(tmp_path: Path):
    path = services.ztf(tmp_path / "a.txt")
    with pytest.raises(ValueError, match="which states its own. Leave it out"):
        read(path, zeropoint=25.0)


def test_text_without_a_good_row_says_why(tmp_path: Path):
    path = services.ztf(tmp_path / "a.txt", rows=services.ZTF_ROWS[6:8])
    with pytest.raises(ValueError, match="no observation .1 rows without procstatus"):
        read(path)
    with pytest.raises(ValueError, match="holds no observation. Give"):
        read(services.atlas(tmp_path / "b.txt", rows=()))


@pytest.mark.parametrize("cut", [-9, -40])
def test_a_cut_text_is_refused(tmp_path: Path, cut: int):
    for write in (services.ztf, services.atlas):
        path = write(tmp_path / "a.txt")
        path.write_text(path.read_text()[:cut])
        with pytest.raises(ValueError, match=r"a.txt: line \d+ has \d+ values for"):
            read(path)


# ---- SkyPortal


def test_alert_and_forced_photometry_of_skyportal_are_one_exposure(tmp_path: Path):
    table = services.skyportal_rows()
    records = json.loads(table.to_json(orient="records"))
    (tmp_path / "api.json").write_text(json.dumps(records))
    for source in (
        services.skyportal(tmp_path / "a.csv"),
        tmp_path / "api.json",
        table,
    ):
        got = read(source)
        assert got.format == "skyportal"
        assert rows(got) == [
            (60000.25, "ztfg"),
            (60003.25, "ztfr"),
            (60004.25, "atlaso"),
        ]
        # The forced flux, in uJy, of what the alert detected.
        assert_allclose(
            got.photometry["flux"], np.array([90, 180, 50]) * 27.542287, rtol=1e-7
        )
        assert got.photometry["detected"].tolist()[:2] == [True, True]
        assert got.left_out == {
            "repeated rows of one exposure": 2,
            "rows in other passbands": 1,  # g of another telescope than ZTF's
        }
    with pytest.warns(UserWarning, match="left out 1 rows in other passbands, 2 rep"):
        assert read_any(table).lengths.tolist() == [3]
    with pytest.raises(ValueError, match="names the source of each row. Add obj_id"):
        read(table.drop(columns="obj_id").assign(limiting_mag=21.0))


def test_letters_are_passbands_of_ztf_only_where_the_instrument_is(tmp_path: Path):
    table = services.skyportal_rows().iloc[4:].assign(filter="g", origin=None)
    table["instrument_name"] = ["ZTF", "LCO"]
    got = read(table)
    assert rows(got) == [(60004.25, "ztfg")]
    assert got.left_out == {"rows in other passbands": 1}
    mine = read(table, passbands={"g": zoo.passbands.find("sdssg")})
    assert [band for _, band in rows(mine)] == ["ztfg", "sdssg"]


def test_magnitudes_and_fluxes_of_skyportal(tmp_path: Path):
    """The table of its page has no name, no system, and fluxes without a zero point."""
    table = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "mjd": [60000.5, 60001.5, 60002.5],
            "mag": [20.0, 22.5, None],
            "magerr": [0.1, 0.2, None],
            "limiting_mag": 21.0,
            "filter": "ztfg",
            "instrument_name": "ZTF",
            "flux": [36.3, 3.63, 0.1],
            "fluxerr": [3.3, 0.7, 0.5],
        }
    )
    table.to_csv(tmp_path / "ZTF26a_photometry.csv", index=False)
    got = read(tmp_path / "ZTF26a_photometry.csv")
    assert_allclose(got.photometry["flux"], [1000.0, 100.0], rtol=1e-12)
    assert got.left_out == {"upper limits": 1}
    assert got.photometry["object_id"].tolist() == ["ZTF26a_photometry"] * 2
    # With a zero point the fluxes say more: also where nothing is detected.
    got = read(table.assign(zp=23.9, obj_id="a"))
    assert_allclose(got.photometry["flux"][2], 2.7542287)
    only = table.drop(columns=["mag", "magerr"]).assign(obj_id="a")
    with pytest.raises(ValueError, match=r"no zero point. .* \(--zeropoint 23.9\)"):
        read(only)
    assert_allclose(read(only, zeropoint=23.9).photometry["flux"][2], 2.7542287)


def test_systems_of_skyportal():
    table = services.skyportal_rows().iloc[[0, 2, 4]]
    got = read(table.assign(magsys=["vega", "ab", "csp"]))
    # Vega has magnitude -0.11 in ztfg.
    assert_allclose(
        got.photometry["flux"], [100 * 27.542287 * 10**0.044, 200 * 27.542287]
    )
    assert got.left_out == {"rows of other systems than AB and Vega": 1}


# ---- the samples, against an independent reading


def by_hand_atlas(path: Path) -> list[tuple]:
    lines = path.read_text().splitlines()
    names = lines[0].lstrip("#").split()
    found = []
    for line in lines[1:]:
        row = dict(zip(names, line.split(), strict=True))
        if float(row["chi/N"]) <= 100 and float(row["duJy"]) <= 4000:
            assert row["err"] == "0"
            flux = float(row["uJy"]) * 10 ** (0.4 * 3.6)
            found.append((float(row["MJD"]), f"atlas{row['F']}", flux))
    return found


def by_hand_ztf(path: Path) -> list[tuple]:
    lines = path.read_text().splitlines()
    names = next(line for line in lines if "forcediffimflux" in line)
    names = [name.strip(" #,") for name in names.split(",")]
    found = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        row = dict(zip(names, line.split(), strict=True))
        if row["procstatus"] != "0" or row["forcediffimflux"] == "null":
            continue
        flux = float(row["forcediffimflux"])
        flux *= 10 ** (0.4 * (27.5 - float(row["zpdiff"])))
        mjd = float(row["jd"]) - 2400000.5
        found.append((mjd, row["filter"].replace("_", "").lower(), flux))
    return found


def by_hand_skyportal_page(path: Path) -> list[tuple]:
    table = pd.read_csv(path)
    return [
        (row.mjd, row.filter, 10 ** (-0.4 * (row.mag - 27.5)))
        for row in table.itertuples()
        if not math.isnan(row.mag)
    ]


def by_hand_skyportal_api(path: Path) -> list[tuple]:
    return [
        (row["mjd"], row["filter"], row["flux"] * 10 ** (-0.4 * (row["zp"] - 27.5)))
        for row in json.loads(path.read_text())
        if row["flux"] is not None
    ]


SAMPLES = {
    "atlas_job01088.txt": by_hand_atlas,
    "irsa_ztf_forced.txt": by_hand_ztf,
    "ZTF21abc_photometry.csv": by_hand_skyportal_page,
    "skyportal_api_flux_data.json": by_hand_skyportal_api,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_services(test_data: Path, name: str):
    path = test_data / "broker_samples" / "made" / name
    wanted = pd.DataFrame(sorted(SAMPLES[name](path)), columns=["mjd", "band", "flux"])
    got = read(path).photometry[["mjd", "band", "flux"]]
    got = got.sort_values(["mjd", "band"], ignore_index=True)
    assert got["band"].tolist() == wanted["band"].tolist()
    assert_allclose(got["mjd"], wanted["mjd"], rtol=0, atol=1e-9)
    assert_allclose(got["flux"], wanted["flux"], rtol=1e-9)
