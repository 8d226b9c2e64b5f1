"""Readers: small files written here, with every value checked; then the real ones."""

import gzip
import re
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from numpy.testing import assert_allclose
from survey_files import plasticc, snana_pair, snana_text, write_gzip, write_tar

from zoo.datasets import readers
from zoo.datasets.readers.surveys import bts
from zoo.datasets.readers.surveys.rows import unknown_to_nan
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.folder import write_folder
from zoo.passbands import BANDS


def one(folder: Path) -> LightCurves:
    return concatenate(list(readers.stream(folder)))


def bands(light_curves: LightCurves) -> list[str]:
    return [BANDS[code] for code in light_curves.band]


# ---- SNANA FITS

HEAD = {
    "SNID": ["101", "102", "103"],
    "MWEBV": [0.05, 0.1, -9.0],
    "REDSHIFT_HELIO": [0.25, -9.0, 0.5],
    "REDSHIFT_FINAL": [0.9, 0.9, 0.9],
    "SIM_TYPE_NAME": ["SNIa", "II", ""],
    "SIM_MODEL_NAME": ["SALT3", "NON1ASED", "SLSN-I+host"],
}
LIGHT_CURVES = [
    [
        (60002.5, "r ", 4096, 20.0, 2.0),
        (60001.5, "u ", 0, -3.0, 2.5),
        (60003.5, "Y ", 6144, 50.0, 4.0),
        (60004.5, "i ", 4096 + 1024, 9000.0, 5.0),
    ],
    [(60010.0, "g ", 0, 100.0, 2.0)],
    [(60020.0, "z ", 4096, 7.0, 3.5), (60021.0, "LSST-y", 0, 1.0, 3.5)],
]


@pytest.mark.parametrize("suffix", [".FITS", ".FITS.gz", ".fits"])
def test_snana_fits_values(tmp_path: Path, suffix: str):
    snana_pair(tmp_path / "below", HEAD, LIGHT_CURVES, suffix=suffix)
    assert readers.detect(tmp_path) == "snana_fits"
    with pytest.warns(UserWarning, match=r"left out 1 saturated rows \(bit 1024 of"):
        got = one(tmp_path)
    assert got.object_id.tolist() == ["101", "102", "103"]
    assert got.lengths.tolist() == [3, 1, 2]  # the saturated row is gone
    assert got.mjd.tolist() == [60001.5, 60002.5, 60003.5, 60010.0, 60020.0, 60021.0]
    assert got.flux.tolist() == [-3.0, 20.0, 50.0, 100.0, 7.0, 1.0]
    assert got.flux_err.tolist() == [2.5, 2.0, 4.0, 2.0, 3.5, 3.5]
    assert bands(got) == ["lsstu", "lsstr", "lssty", "lsstg", "lsstz", "lssty"]
    # The flag decides, not the signal to noise of 50 (object 102) or 2 (object 103).
    assert got.detected.tolist() == [False, True, True, False, True, False]
    assert_allclose(got.metadata["redshift"], [0.25, 0.9, 0.5])
    assert_allclose(got.metadata["mwebv"], [0.05, 0.1, np.nan])
    assert got.labels.tolist() == ["SNIa", "SNII", "SLSN-I"]


def test_snana_fits_without_flags_uses_signal_to_noise(tmp_path: Path):
    rows = [(60000.0, "g", 0, 10.0, 2.0), (60001.0, "g", 0, 9.9, 2.0)]
    snana_pair(tmp_path, {"SNID": ["1"]}, [rows], survey="ZTF")
    got = one(tmp_path)
    assert got.detected.tolist() == [True, False]
    assert got.labels.tolist() == [None]


@pytest.mark.parametrize("survey", ["YSE", "YSE_ZTF", "YSE(YSE_DR1)"])
def test_yse_is_of_ztf_and_of_pan_starrs(tmp_path: Path, survey: str):
    rows = [(60000.0 + i, band, 0, 10.0, 1.0) for i, band in enumerate("XYgriz")]
    snana_pair(tmp_path, {"SNID": ["1"]}, [rows], survey=survey)
    pan_starrs = [f"ps1::{letter}" for letter in "griz"]
    assert bands(one(tmp_path)) == ["ztfg", "ztfr", *pan_starrs]


def test_elasticc_folders_name_classes_and_repeat_ids(tmp_path: Path):
    rows = [[(60000.0, "g", 4096, 10.0, 1.0)]]
    for model in ("KN_K17", "SNIa-91bg"):
        head = {"SNID": ["7"], "SIM_TYPE_NAME": ["?"], "SNTYPE": [-9]}
        snana_pair(tmp_path / f"ELASTICC_TRAIN_{model}", head, rows)
    got = one(tmp_path)
    assert got.object_id.tolist() == [
        "ELASTICC_TRAIN_KN_K17/SIM-0001/7",
        "ELASTICC_TRAIN_SNIa-91bg/SIM-0001/7",
    ]
    assert got.labels.tolist() == ["KN", "SNIa-91bg"]


def test_elasticc_codes_count_for_elasticc_only(tmp_path: Path):
    rows = [[(60000.0, "g", 4096, 10.0, 1.0)]] * 3
    head = {"SNID": ["1", "2", "3"], "SNTYPE": [42, 142, -9]}
    snana_pair(tmp_path / "1", head, rows, stem="ELASTICC2_TRAIN_02_TDE-0001")
    version = {"VERSION": "ELASTICC_TRAIN_TDE"}
    snana_pair(tmp_path / "2", head, rows, stated=version)
    for name in ("1", "2"):
        assert one(tmp_path / name).labels.tolist() == ["TDE", "TDE", None]
    for survey in ("ZTF", "LSST"):
        snana_pair(tmp_path / survey, head, rows, survey=survey)
        reason = rf"1 labels \(SNTYPE 42 of survey {survey} has no known meaning\); 1 "
        with pytest.warns(UserWarning, match=reason):
            got = one(tmp_path / survey)
        assert got.labels.tolist() == [None, None, None]


def test_left_out_rows_are_counted_once(tmp_path: Path):
    bad = [
        [
            (60000.0, "g", 0, 10.0, 3.0),
            (60000.0, "g", 0, 12.0, 2.0),  # the same visit again, with a smaller error
            (60001.0, "g", 0, 10.0, -9.0),
            (60002.0, "g", 0, float("nan"), 1.0),
        ],
        [(60001.0, "g", 0, 10.0, 0.0)],
    ]
    snana_pair(tmp_path, {"SNID": ["1", "2"]}, bad)
    with pytest.warns(UserWarning) as warned:
        got = one(tmp_path)
    assert [str(w.message) for w in warned] == [
        f"{tmp_path}: left out 3 rows without a flux or an error above 0; 1 repeated "
        "rows of one time and passband (kept: the smallest error); 1 objects without "
        "an observation."
    ]
    assert (got.object_id.tolist(), got.flux.tolist()) == (["1"], [12.0])


def test_snana_fits_refusals(tmp_path: Path):
    rows = [[(60000.0, "g", 0, 10.0, 1.0)]]
    cases = {
        r"filters 'g' of survey 'MOON' .* \(if .* --bands g=desg": {"survey": "MOON"},
        "filters 'w' of survey 'ZTF' .* filters: g, r": {"survey": "ZTF", "rows": "w"},
        "no known class in SIM_TYPE_NAME 'Weird'": {"name": "Weird"},
    }
    for number, (message, case) in enumerate(cases.items()):
        band = case.get("rows", "g")
        head = {"SNID": ["1"], "SIM_TYPE_NAME": [case.get("name", "Ia")]}
        folder = tmp_path / str(number)
        changed = [[(60000.0, band, 0, 10.0, 1.0)]]
        snana_pair(folder, head, changed, survey=case.get("survey", "LSST"))
        with pytest.raises(ValueError, match=message):
            one(folder)

    folder = snana_pair(tmp_path / "gone", {"SNID": ["1"]}, rows)
    (folder / "SIM-0001_PHOT.FITS").unlink()
    with pytest.raises(ValueError, match=r"SIM-0001_PHOT\.FITS cannot be read"):
        one(folder)

    folder = snana_pair(tmp_path / "cut", {"SNID": ["1"]}, rows, suffix=".FITS.gz")
    phot = folder / "SIM-0001_PHOT.FITS.gz"
    phot.write_bytes(phot.read_bytes()[:-40])
    with pytest.raises(ValueError, match="cannot be read"):
        one(folder)

    folder = snana_pair(tmp_path / "shifted", {"SNID": ["1", "2"]}, rows * 2)
    other = snana_pair(tmp_path / "other", {"SNID": ["1"]}, rows * 1)
    phot = folder / "SIM-0001_PHOT.FITS"
    phot.write_bytes((other / phot.name).read_bytes())
    with pytest.raises(ValueError, match="PTROBS_MIN and PTROBS_MAX .* do not fit"):
        one(folder)


# ---- SNANA text

TEXTS = {
    "a.dat": snana_text(
        "2020a",
        {
            "MWEBV": "0.034 +- 0.002 MW E(B-V)",
            "REDSHIFT_FINAL": "0.0325 +- 0.005 (SPEC-Z, HELIO)",
            "SPEC_CLASS": "SN Ia-norm",
            "SPEC_CLASS_BROAD": "SN Ia",
        },
        ["58765.125 Y 1234.5 56.25 0x00", "58764.5 X -12.5 10.0 0x00"]
        + ["58768 g 5 1 0x00"],
    ),
    "b.dat": snana_text(
        "2020b",
        {
            "REDSHIFT_FINAL": "-99.0 +- 0.005",
            "SPEC_CLASS": "SN",
            "SPEC_CLASS_BROAD": "Other",
        },
        ["58800.0 X 20.0 4.0 0x00"],
    ),
}


@pytest.mark.parametrize("packed", ["files", "gzip", "tar"])
def test_snana_text_values(tmp_path: Path, packed: str):
    if packed == "tar":
        write_tar(tmp_path / "texts.tar.gz", TEXTS, tmp_path)
    for name, text in TEXTS.items():
        if packed == "gzip":
            write_gzip(tmp_path / f"{name}.gz", text)
        elif packed == "files":
            (tmp_path / name).write_text(text)
    (tmp_path / "notes.txt").write_text("no light curve here")
    assert readers.detect(tmp_path) == "snana_text"
    got = one(tmp_path)
    assert got.object_id.tolist() == ["2020a", "2020b"]
    assert got.lengths.tolist() == [3, 1]
    assert got.mjd.tolist() == [58764.5, 58765.125, 58768.0, 58800.0]
    assert_allclose(got.flux, [-12.5, 1234.5, 5.0, 20.0])
    assert_allclose(got.flux_err, [10.0, 56.25, 1.0, 4.0])
    assert bands(got) == ["ztfg", "ztfr", "ps1::g", "ztfg"]
    assert got.detected.tolist() == [False, True, True, True]
    assert_allclose(got.metadata["ra"], [10.5, 10.5])
    assert_allclose(got.metadata["redshift"], [0.0325, np.nan])
    assert_allclose(got.metadata["mwebv"], [0.034, np.nan])
    assert got.labels.tolist() == ["SNIa", None]


def test_snana_text_flags(tmp_path: Path):
    rows = ["1 X 5 9 4096", "2 X 50 1 0", "3 X 50 1 5120"]
    (tmp_path / "a.DAT").write_text(snana_text("a", {}, rows))
    with pytest.warns(UserWarning, match="left out 1 saturated rows"):
        got = one(tmp_path)
    assert got.detected.tolist() == [True, False]


def test_snana_text_refusals(tmp_path: Path):
    path = tmp_path / "a.dat"
    text = snana_text("a", {}, ["1 X 5 9 0", "2 X 5"])
    path.write_text(text)
    with pytest.raises(ValueError, match="an OBS line is shorter than the VARLIST"):
        one(tmp_path)
    path.write_text(snana_text("a", {}, ["1 X five 9 0"]))
    with pytest.raises(ValueError, match=r"a\.dat: could not convert .*'five'"):
        one(tmp_path)
    (tmp_path / "b.dat.gz").write_bytes(gzip.compress(text.encode())[:-9])
    path.unlink()
    with pytest.raises(ValueError, match=r"b\.dat\.gz cannot be unpacked"):
        one(tmp_path)
    (tmp_path / "b.dat.gz").unlink()
    path.write_text(text.replace("FLUXCALERR", "NOISE"))
    with pytest.raises(ValueError, match=r"lacks \['FLUXCALERR'\]"):
        one(tmp_path)
    path.unlink()
    write_tar(tmp_path / "texts.tar.gz", TEXTS, tmp_path)
    tar = tmp_path / "texts.tar.gz"
    tar.write_bytes(tar.read_bytes()[:-60])
    with pytest.raises(ValueError, match=r"texts\.tar\.gz cannot be unpacked"):
        one(tmp_path)


# ---- PLAsTiCC

PLASTICC = {
    "object_id": [11, 12, 13],
    "hostgal_specz": [0.0, -9.0, np.nan],
    "hostgal_photoz": [0.0, 1.8, np.nan],
    "mwebv": [0.02, 0.01, 0.03],
    "target": [92, 88, 99],
}
PLASTICC_ROWS = [
    (11, 59700.125, 2, -12.5, 2.5, 1),
    (11, 59700.25, 1, -40.25, 4.125, 1),
    (12, 59720.5, 5, 2.0, 1.0, 0),
    (13, 59710.75, 0, 1.5, 0.5, 1),
]


@pytest.mark.parametrize("flag", ["detected", "detected_bool"])
def test_plasticc_values(tmp_path: Path, flag: str):
    plasticc(tmp_path, PLASTICC, PLASTICC_ROWS, flag)
    assert readers.detect(tmp_path) == "plasticc"
    got = one(tmp_path)
    assert got.object_id.tolist() == ["11", "12", "13"]
    assert got.mjd.tolist() == [59700.125, 59700.25, 59720.5, 59710.75]
    assert_allclose(got.flux, [-12.5, -40.25, 2.0, 1.5])
    assert_allclose(got.flux_err, [2.5, 4.125, 1.0, 0.5])
    assert bands(got) == ["lsstr", "lsstg", "lssty", "lsstu"]
    assert got.detected.tolist() == [True, True, False, True]
    assert_allclose(got.metadata["redshift"], [0.0, 1.8, np.nan])
    assert_allclose(got.metadata["mwebv"], [0.02, 0.01, 0.03], rtol=1e-6)
    assert got.labels.tolist() == ["RRL", "AGN", None]


def test_plasticc_true_target_and_blind_files(tmp_path: Path):
    truth = PLASTICC | {"true_target": [92, 88, 991]}
    plasticc(tmp_path / "true", truth, PLASTICC_ROWS, "detected")
    assert one(tmp_path / "true").labels.tolist() == ["RRL", "AGN", "uLens"]
    blind = {key: value for key, value in PLASTICC.items() if key != "target"}
    plasticc(tmp_path / "blind", blind, PLASTICC_ROWS, "detected")
    assert one(tmp_path / "blind").labels.tolist() == [None, None, None]


def test_plasticc_pieces_end_with_an_object(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("zoo.datasets.readers.surveys.plasticc._ROWS_AT_ONCE", 2)
    rows = [(i // 3, 59000.0 + i, i % 6, 9.0, 1.0, 1) for i in range(12)]
    metadata = {
        "object_id": list(range(4)),
        "hostgal_specz": [0.1] * 4,
        "mwebv": [0.1] * 4,
        "target": [90] * 4,
    }
    plasticc(tmp_path, metadata, rows, "detected")
    parts = list(readers.stream(tmp_path))
    assert len(parts) > 2
    assert concatenate(parts).lengths.tolist() == [3, 3, 3, 3]


def test_plasticc_refusals(tmp_path: Path):
    plasticc(tmp_path / "a", PLASTICC | {"target": [92, 88, 7]}, PLASTICC_ROWS, "x")
    with pytest.raises(ValueError, match=r"class 7 is not one of PLAsTiCC"):
        one(tmp_path / "a")
    rows = [(11, 2459750.5, 1, 1.0, 1.0, 1)]
    plasticc(tmp_path / "jd", PLASTICC, rows, "detected")
    with pytest.raises(ValueError, match=r"training_set\.csv: .* looks like a Julian"):
        one(tmp_path / "jd")
    random = np.random.default_rng(0).normal(size=(200_000, 2))
    rows = [(11, 59000 + a, 1, b, 1.0, 1) for a, b in random.tolist()]
    plasticc(tmp_path / "cut", PLASTICC, rows, "detected")
    path = tmp_path / "cut" / "training_set.csv"
    packed = gzip.compress(path.read_bytes(), 1)
    path.with_suffix(".csv.gz").write_bytes(packed[:-20])
    path.unlink()
    with pytest.raises(ValueError, match=r"training_set\.csv\.gz cannot be unpacked"):
        one(tmp_path / "cut")
    rows = [(11, 59700.125, 6, 1.0, 1.0, 1)]
    plasticc(tmp_path / "b", PLASTICC, rows, "detected")
    with pytest.raises(ValueError, match=r"training_set\.csv: passband 6 is not known"):
        one(tmp_path / "b")


# ---- BTS and tables

EXPORT = """Unnamed: 0,ZTFID,IAUID,RA,Dec,peakt,type,redshift,b,A_V
1,ZTF18a,SN2018a,01:00:00.00,+10:00:00.0,100.5,SN Ia-91T,0.025,50.0,0.093
3,ZTF18b,SN2018b,02:00:00.00,+20:00:00.0,200.5,-,-,60.0,0.31
4,ZTF18c,SN2018c,02:00:00.00,+20:00:00.0,200.5,SN Ic-BL,0.035,60.0,0.031
"""
TABLE = pd.DataFrame(
    {
        "object_id": ["ZTF18b", "ZTF18a", "ZTF18x"],
        "mjd": [58000.0, 58001.0, 58002.0],
        "band": ["ztfg", "ztfr", "ztfi"],
        "flux": [10.0, 20.0, 30.0],
        "flux_err": [4.0, 2.0, 1.0],
    }
)


def test_bts_values(tmp_path: Path):
    (tmp_path / "export.csv").write_text(EXPORT)
    TABLE.to_csv(tmp_path / "photometry.csv", index=False)
    assert readers.detect(tmp_path) == "bts"
    got = one(tmp_path)
    assert got.object_id.tolist() == ["ZTF18b", "ZTF18a", "ZTF18x"]
    assert got.labels.tolist() == [None, "SNIa", None]
    assert_allclose(got.metadata["redshift"], [np.nan, 0.025, np.nan], rtol=1e-6)
    assert_allclose(got.metadata["mwebv"], [0.1, 0.03, np.nan], rtol=1e-6)
    assert got.detected.tolist() == [False, True, True]


def test_bts_refusals(tmp_path: Path):
    (tmp_path / "one.csv").write_text(EXPORT)
    TABLE.assign(object_id=["a", "b", "c"]).to_csv(tmp_path / "photometry.csv")
    with pytest.raises(ValueError, match=r"no object .* is a ZTFID of one\.csv"):
        one(tmp_path)
    (tmp_path / "two.csv").write_text(EXPORT)
    with pytest.raises(
        ValueError, match=r"2 exports .*: one\.csv, two\.csv\. Keep one"
    ):
        one(tmp_path)


def test_table_is_read_as_it_is(tmp_path: Path):
    TABLE.to_parquet(tmp_path / "photometry.parquet")
    assert readers.detect(tmp_path) == "table"
    got = one(tmp_path)
    write_folder(got, tmp_path / "again")
    assert one(tmp_path / "again").flux.tolist() == got.flux.tolist()


def test_detect_names_what_it_looks_for(tmp_path: Path):
    (tmp_path / "readme.md").write_text("nothing")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ValueError, match="no light curves in a known format") as error:
        readers.detect(tmp_path)
    assert str(error.value).endswith(f"Give one of {', '.join(readers.FORMATS)}.")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        readers.detect(tmp_path / "missing")
    TABLE.to_csv(tmp_path / "photometry.csv", index=False)
    with pytest.raises(ValueError, match="no light curves in the format snana_text"):
        list(readers.stream(tmp_path, format="snana_text"))


def write_snana_fits(folder: Path) -> None:
    snana_pair(folder, HEAD, [light_curve[:3] for light_curve in LIGHT_CURVES])


def write_snana_text(folder: Path) -> None:
    write_tar(folder / "texts.tar.gz", TEXTS, folder)
    write_tar(folder / "unrelated.tar.gz", {"notes.txt": "no light curve"}, folder)


def write_plasticc(folder: Path) -> None:
    plasticc(folder, PLASTICC, PLASTICC_ROWS, "detected")


def write_bts(folder: Path) -> None:
    (folder / "export.csv").write_text(EXPORT)
    write_table(folder)


def write_table(folder: Path) -> None:
    TABLE.to_parquet(folder / "photometry.parquet")


@pytest.mark.parametrize(
    "write",
    [write_snana_fits, write_snana_text, write_plasticc, write_bts, write_table],
)
def test_a_folder_is_read_alike_as_a_whole_and_in_a_stream(tmp_path: Path, write):
    write(tmp_path)
    (tmp_path / "readme.md").write_text("Light curves.")
    table = readers.read(tmp_path)
    assert table.format == readers.detect(tmp_path) == write.__name__[len("write_") :]
    whole, streamed = table.light_curves(), one(tmp_path)
    for mine, other in zip(whole.to_tables(), streamed.to_tables(), strict=True):
        pd.testing.assert_frame_equal(mine, other, check_exact=True)
    if table.format != "table":  # of that, the reader makes tables
        assert table.content is whole
        pd.testing.assert_frame_equal(table.photometry, whole.to_tables()[0])


def test_sentinels():
    values = np.float32([-9, -99, -999, -9999, 999, -0.05, 0.0, 9])
    assert_allclose(unknown_to_nan(values), [np.nan] * 5 + [-0.05, 0, 9], rtol=1e-6)
    assert_allclose(unknown_to_nan(["-", "0.1", None]), [np.nan, 0.1, np.nan])


# ---- real files


def test_real_snana_fits(test_data: Path):
    with pytest.warns(UserWarning, match="left out 18 repeated rows of one time and"):
        got = one(test_data / "snana")
    assert len(got) == 155
    # 58,217 rows: 155 separators, 13,810 of Pan-STARRS1, 44,252 of ZTF.
    assert len(got.mjd) == 13_810 + 44_252 - 18
    counts = Counter(bands(got))
    assert (counts["ztfg"], counts["ztfr"]) == (21_032, 23_220)
    got = got.keep(np.isin(bands(got), ["ztfg", "ztfr"]))
    assert Counter(got.labels) == {"SNII": 91, "SNIIb": 31, "SNIc": 27, "SNIb": 6}
    assert got.detected.any() and not got.detected.all()
    with fits.open(next((test_data / "snana").glob("*PHOT.FITS.gz"))) as file:
        rows = file[1].data
        ztf = np.isin(rows["BAND"], ["X", "Y"])
        assert_allclose(np.sort(got.mjd), np.sort(rows["MJD"][ztf]), rtol=1e-12)
        assert_allclose(np.sort(got.flux), np.sort(rows["FLUXCAL"][ztf]))
        assert got.detected.sum() == (rows["PHOTFLAG"][ztf] >= 4096).sum()


def test_real_yse_text(test_data: Path):
    got = one(test_data / "yse_dr1")
    assert len(got) == 200
    table = pd.read_csv(test_data / "yse_dr1" / "metadata.csv", keep_default_na=False)
    ztf = table.set_index("SNID").loc[got.object_id, "nztf"].replace("", 0).astype(int)
    of_ztf = np.isin(bands(got), ["ztfg", "ztfr"])
    owner = np.repeat(np.arange(len(got)), got.lengths)
    assert_allclose(np.bincount(owner[of_ztf], minlength=len(got)), ztf)
    assert (len(of_ztf), (~of_ztf).sum()) == (13_117, 5_119)
    assert Counter(got.labels)["SNIa"] == 45
    assert (got.flux / got.flux_err).min() >= 4 * 0.99
    with tarfile.open(test_data / "yse_dr1" / "snana_text.tar.gz") as tar:
        texts = {m.name: tar.extractfile(m).read().decode() for m in tar if m.isfile()}
    for i in (0, 50, 150):
        text = next(t for t in texts.values() if f"SNID:  {got.object_id[i]}\n" in t)
        rows = re.findall(r"OBS: (\S+) [XY] \S+ (\S+) (\S+)", text)
        values = np.array(rows, dtype=float).T
        mine = got.keep(of_ztf).take([i])
        assert_allclose([mine.mjd, mine.flux, mine.flux_err], values, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("ZTF_BTS_02_02__02_04_2021.csv", {"rows": 2154, "SNIa": 1389 + 45, "TDE": 7}),
        ("ZTF_BTS_23_29__22_09_2021.csv", {"rows": 2688, "SNIa": 1756 + 54, "TDE": 7}),
    ],
)
def test_real_bts_export(test_data: Path, name: str, counts: dict[str, int]):
    got = bts.read_export(test_data / "bts_tables" / name)
    assert len(got) == counts["rows"]
    assert (got["label"] == "SNIa").sum() >= counts["SNIa"]
    assert (got["label"] == "TDE").sum() == counts["TDE"]
    assert got["mwebv"].between(0, 2).all()
    assert got["redshift"].notna().mean() > 0.9


@pytest.mark.parametrize(("name", "count"), [("ztf_real", 1933), ("mallorn", 1825)])
def test_real_tables(test_data: Path, name: str, count: int):
    got = one(test_data / "tables" / name)
    assert (len(got), (got.labels != None).all()) == (count, True)  # noqa: E711


def test_real_plasticc_metadata_with_light_curves(test_data: Path, tmp_path: Path):
    truth = test_data / "plasticc" / "truth_metadata.csv"
    table = pd.read_csv(truth, skipinitialspace=True)
    (tmp_path / "metadata.csv.gz").write_bytes(gzip.compress(truth.read_bytes()))
    rows = pd.DataFrame({"object_id": table["object_id"], "mjd": 59600.0})
    rows = rows.assign(passband=2, flux=50.0, flux_err=1.0, detected_bool=1)
    rows.to_csv(tmp_path / "lightcurves.csv", index=False)
    got = one(tmp_path)
    counts = Counter(got.labels)
    assert (len(got), counts["SNIa"], counts["KN"]) == (7848, 2313, 102)
