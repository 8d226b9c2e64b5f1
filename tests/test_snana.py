"""SNANA files: what headers, filters, flags and codes mean; then the real ones."""

import tarfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from survey_files import snana_pair, snana_text

from zoo.datasets.readers import formats
from zoo.datasets.readers.surveys.snana import flags
from zoo.light_curves import LightCurves
from zoo.passbands import PASSBANDS, SURVEYS, find, make, of_survey

ROW = (60000.0, "g", 0, 100.0, 10.0)


def text(path: Path, header: dict[str, str], rows: list[str]) -> Path:
    path.write_text(snana_text("1", header, rows))
    return path


def pair(folder: Path, head: dict[str, list], rows: list[tuple], **options) -> Path:
    return snana_pair(folder, {"SNID": ["1"]} | head, [rows], **options)


def read(path: Path, **options) -> LightCurves:
    return formats.read(path, **options).light_curves()


def bands(light_curves: LightCurves) -> list[str]:
    return [light_curves.passbands[code].name for code in light_curves.band]


# ---- Filters


def test_letters_of_a_survey():
    assert of_survey("DES")["Y"] is PASSBANDS["desy"]
    assert of_survey("YSE(YSE_DR1)") == of_survey("YSE")
    assert of_survey("PS1_LOWZ_COMBINED(CFA4p2)")["q"].name == "cfa4p2::v"
    assert not of_survey("PS1_LOWZ_COMBINED") and not of_survey("des")


@pytest.mark.parametrize(
    ("survey", "names", "expected"),
    [
        ("DES", "g Y DES-r desi ps1::g ztfg", "desg desy desr desi ps1::g ztfg"),
        ("LSST", "LSST-Y y DES-g", "lssty lssty desg"),  # a full name is what it says
        ("CFA3K", "CFA3K-U/f h", "keplercam::us keplercam::b"),
        ("PS1_LOWZ_COMBINED(CFA3K)", "CFA41-B/g CFA3K-h", "cfa4p1::b cfa4p1::v"),
        ("YSE (YSE_DR1)", "X g", "ztfg ps1::g"),
        ("ROMAN", "R W", "f062 f146"),
    ],
)
def test_filters(tmp_path: Path, survey: str, names: str, expected: str):
    rows = [f"{60000 + i} {name} 50 1 0" for i, name in enumerate(names.split())]
    got = read(text(tmp_path / "a.dat", {"SURVEY": survey}, rows))
    assert bands(got) == expected.split()


@pytest.mark.parametrize(
    ("survey", "name"),
    [("MOON", "g"), ("DES", "w"), ("LSST", "MOON-g"), ("YSE", "ZTF/Q"), ("des", "g")],
)
def test_a_filter_is_never_guessed(tmp_path: Path, survey: str, name: str):
    path = text(tmp_path / "a.dat", {"SURVEY": survey}, [f"60000 {name} 50 1 0"])
    with pytest.raises(ValueError, match=f"the filters '{name}' of survey '{survey}'"):
        read(path)
    got = read(path, passbands={name.rpartition("-")[2]: find("sdssg")})
    assert bands(got) == ["sdssg"]


def test_control_characters_of_a_filter_are_not_shown(tmp_path: Path):
    path = text(tmp_path / "a.dat", {"SURVEY": "DES"}, ["60000 \x1b[31mg 50 1 0"])
    with pytest.raises(ValueError, match="the filters") as refusal:
        read(path)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("flag", ["1e400", "99999999999999999999999", "nan"])
def test_a_flag_that_is_no_integer_is_refused(tmp_path: Path, flag: str):
    path = text(tmp_path / "a.dat", {"SURVEY": "DES"}, [f"60000 g 50 1 {flag}"])
    with pytest.raises(ValueError, match=r"a\.dat: "):
        read(path)


def test_what_a_user_says_of_a_letter_wins(tmp_path: Path):
    own = make("mine::x", wavelength=0.55)
    path = text(tmp_path / "a.dat", {"SURVEY": "DES"}, ["1 g 50 1 0", "2 r 50 1 0"])
    got = read(path, passbands={"g": own})
    assert bands(got) == ["desr", "mine::x"] or bands(got) == ["mine::x", "desr"]
    assert got.mjd.tolist() == [1.0, 2.0]
    folder = pair(tmp_path / "fits", {}, [ROW], survey="MOON")
    assert bands(read(folder, passbands={"g": own})) == ["mine::x"]


def test_each_object_has_the_filters_of_its_subsurvey(tmp_path: Path):
    head = {"SNID": ["1", "2", "3"], "SUBSURVEY": ["CFA3K", "CSP", "CFA4p1"]}
    rows = [[(60000.0, letter, 0, 50.0, 1.0)] for letter in ("g", "u", "m")]
    stated = {"SUBSURVEY_FLAG": 1}
    survey = "PS1_LOWZ_COMBINED"
    snana_pair(tmp_path / "a", head, rows, survey=survey, stated=stated)
    assert bands(read(tmp_path / "a")) == ["cfa4p1::b", "cspb", "cfa4p1::v"]
    rows[1][0] = (60000.0, "g", 0, 50.0, 1.0)
    snana_pair(tmp_path / "b", head, rows, survey=survey)
    with pytest.raises(ValueError, match=r"'g' of survey 'PS1_LOWZ_COMBINED\(CSP\)'"):
        read(tmp_path / "b")


def test_the_page_lists_the_filters_of_every_survey():
    page = Path(__file__).parents[1] / "docs" / "howto" / "survey.md"
    lines = [line for line in page.read_text().splitlines() if line.startswith("|")]
    rows = [[cell.strip(" `") for cell in line.split("|")[1:3]] for line in lines[2:]]
    listed = {
        survey: dict(one.split(" = ") for one in letters.split(", "))
        for survey, letters in rows
    }
    assert listed == {
        survey: {letter: passband.name for letter, passband in letters.items()}
        for survey, letters in SURVEYS.items()
    }


# ---- Zero points, dust, redshifts, NOBS


@pytest.mark.parametrize("key", ["ZP_FLUXCAL", "FLUXCAL_ZPT"])
def test_the_zero_point_that_a_file_states(tmp_path: Path, key: str):
    nano = 10 ** (0.4 * 3.9)
    rows = [f"60000 g {100 * nano} {10 * nano} 0"]
    header = {"SURVEY": "DES", key: "31.40  # mag = ZP_FLUXCAL - 2.5*log10(FLUXCAL)"}
    in_fits = [(60000.0, "g", 0, 100 * nano, 10 * nano)]
    pair(tmp_path / "a", {key: [31.4]}, in_fits)
    pair(tmp_path / "b", {}, in_fits, stated={key: 31.4})
    got = [read(text(tmp_path / "a.dat", header, rows))]
    for light_curves in [*got, read(tmp_path / "a"), read(tmp_path / "b")]:
        assert_allclose([light_curves.flux, light_curves.flux_err], [[100], [10]], 1e-6)


@pytest.mark.parametrize("value", ["-9", "nan", "AB", "", "0", "1e9"])
def test_a_zero_point_that_is_none_is_refused(tmp_path: Path, value: str):
    header = {"SURVEY": "DES", "ZP_FLUXCAL": value}
    path = text(tmp_path / "a.dat", header, ["60000 g 5 1 0"])
    with pytest.raises(ValueError, match=r"a\.dat: the zero point ZP_FLUXCAL is"):
        read(path)


def test_two_zero_points_of_one_file_are_refused(tmp_path: Path):
    both = {"ZP_FLUXCAL": 31.4, "FLUXCAL_ZPT": 27.5}
    path = text(tmp_path / "a.dat", {"SURVEY": "DES"} | both, ["60000 g 5 1 0"])
    pair(tmp_path / "a", {}, [(60000.0, "g", 0, 5.0, 1.0)], stated=both)
    for source in (path, tmp_path / "a"):
        with pytest.raises(ValueError, match="two zero points, ZP_FLUXCAL 31.4 and"):
            read(source)


def test_a_correction_for_dust_is_undone(tmp_path: Path):
    dimmed = 10 ** (-0.4 * 0.3 * PASSBANDS["desg"].milky_way)
    stated = {"MWEBV_APPLYFLAG": 1}
    rows = ["60000 g 100 10 0"]
    header = {"SURVEY": "DES", "MWEBV": "0.3 +- 0.1  # MW E(B-V)"}
    a = text(tmp_path / "a.dat", header | {"MWEBV_APPLYFLAG": "1  # corrected"}, rows)
    b = pair(tmp_path / "b", {"MWEBV": [0.3]}, [ROW], survey="DES", stated=stated)
    for path in (a, b):
        got = read(path)
        assert_allclose(got.flux / 100, dimmed, rtol=1e-6)
        assert_allclose(got.flux_err / 10, dimmed, rtol=1e-6)
        assert_allclose(got.metadata["mwebv"], 0.3, rtol=1e-6)
    not_applied = text(tmp_path / "c.dat", header | {"MWEBV_APPLYFLAG": "0"}, rows)
    assert read(not_applied).flux.tolist() == [100.0]
    unknown = pair(tmp_path / "d", {"MWEBV": [-9.0]}, [ROW], stated=stated)
    with pytest.raises(ValueError, match="cannot be undone for object '1' in passband"):
        read(unknown)
    with pytest.raises(ValueError, match="cannot be undone .* passband 'mine::x'"):
        read(b, passbands={"g": make("mine::x", wavelength=0.55)})


@pytest.mark.parametrize("keys", ["HELIO FINAL CMB", "FINAL", "CMB HELIO"])
def test_the_redshift_that_is_known(tmp_path: Path, keys: str):
    known, *others = [f"REDSHIFT_{key}" for key in keys.split()]
    header = dict.fromkeys(others, "-9.000000 +- -9.000000") | {known: "0.34 +- 0.01"}
    path = text(tmp_path / "a.dat", header, ["60000 X 5 1 0"])
    head = dict.fromkeys(others, [-9.0]) | {known: [0.34]}
    for source in (path, pair(tmp_path / "fits", head, [ROW])):
        assert_allclose(read(source).metadata["redshift"], 0.34, rtol=1e-6)


def test_coordinates_are_kept(tmp_path: Path):
    path = text(tmp_path / "a.dat", {"DECL": "-5.25 deg"}, ["60000 X 5 1 0"])
    head = {"RA": [10.5], "DEC": [-5.25]}
    for source in (path, pair(tmp_path / "fits", head, [ROW])):
        got = read(source).metadata
        assert (got["ra"].item(), got["dec"].item()) == (10.5, -5.25)
    unknown = pair(tmp_path / "b", {"RA": [-999.0], "DEC": [-999.0]}, [ROW])
    assert read(unknown).metadata[["ra", "dec"]].isna().all(axis=None)


@pytest.mark.parametrize("key", ["NOBS", "NOBS_AFTER_MASK"])
def test_a_text_that_is_cut_is_refused(tmp_path: Path, key: str):
    rows = ["1 X 5 1 0", "2 X 5 1 0"]
    whole = snana_text("1", {key: "2"}, rows)
    path = tmp_path / "a.dat"
    path.write_text(whole.partition("END:")[0])  # no matter: all rows are there
    assert len(read(path).mjd) == 2
    for number in ("3", "1"):
        path.write_text(whole.replace(f"{key}: 2", f"{key}: {number}"))
        with pytest.raises(ValueError, match=f"{key} is {number}, but there are 2 OBS"):
            read(path)
    path.write_text(whole.replace(f"{key}: 2", f"{key}: many"))
    with pytest.raises(ValueError, match=f"{key} is 'many', not an integer"):
        read(path)


def test_a_pair_that_is_cut_is_refused(tmp_path: Path):
    rows = [(60000.0 + i, "g", 0, 50.0, 1.0) for i in range(3)]
    pair(tmp_path / "a", {"NOBS": [14]}, rows)
    with pytest.raises(ValueError, match="object '1' has NOBS 14, but .* at 3 rows"):
        read(tmp_path / "a")
    pair(tmp_path / "b", {"NOBS": [3]}, rows)
    assert len(read(tmp_path / "b").mjd) == 3


def test_rows_that_no_object_points_at_are_counted(tmp_path: Path):
    rows = [(60000.0 + i, "g", 0, 50.0, 1.0) for i in range(5)]
    pair(tmp_path / "a", {}, rows)
    head = next((tmp_path / "a").glob("*HEAD*"))
    with fits.open(head, mode="update") as file:
        file[1].data["PTROBS_MAX"] = 3
    got = formats.read(tmp_path / "a")
    assert (got.rows, got.left_out) == (3, {"rows that no object points at": 2})


def test_pointers_at_the_same_rows_are_refused(tmp_path: Path):
    snana_pair(tmp_path, {"SNID": ["1", "2"]}, [[ROW], [ROW]])
    with fits.open(next(tmp_path.glob("*HEAD*")), mode="update") as file:
        file[1].data["PTROBS_MIN"] = 1
        file[1].data["PTROBS_MAX"] = 1
    with pytest.raises(ValueError, match="PTROBS_MIN and PTROBS_MAX .* do not fit"):
        read(tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        {"SURVEY": "ZTF"},
        {"ZP_FLUXCAL": 27.5},
        {"MWEBV_APPLYFLAG": 1},
        {"PHOTFLAG_DETECT": 1},
    ],
)
def test_headers_of_a_pair_that_contradict_each_other(tmp_path: Path, header: dict):
    stated = {"ZP_FLUXCAL": 31.4, "MWEBV_APPLYFLAG": 0, "PHOTFLAG_DETECT": 0}
    pair(tmp_path, {}, [ROW], stated=stated)
    with fits.open(next(tmp_path.glob("*PHOT*")), mode="update") as file:
        file[0].header.update({f"HIERARCH {k}": v for k, v in header.items()})
    with pytest.raises(ValueError, match=f"its header says {next(iter(header))} "):
        read(tmp_path)


# ---- Headers of text files


def test_comments_blanks_and_several_keys_in_a_line(tmp_path: Path):
    path = tmp_path / "a.dat"
    path.write_text(
        "SURVEY: DES   FILTERS: griz  # of the survey: all\n"
        "SNID: 7\n"
        "# RA: 99\n"
        "RA: 10.5   DECL: -5.25   MWEBV: .01263 +- 0.0\n"
        "MASK: FLUXCALERR > 0, FLAG = 0x00\n"
        "VARLIST: MJD FLT FLUXCAL FLUXCALERR # NOTE: seven\n"
        "\n"
        "  OBS: 60000.5  g  12.5 2.5   # cloudy: 1\n"
        "#OBS: 60001.5  g  12.5 2.5\n"
        "OBS:\t60002.5\tr\t1.25e1\t2.5\n"
    )
    got = read(path)
    assert (got.object_id[0], got.mjd.tolist()) == ("7", [60000.5, 60002.5])
    assert got.flux.tolist() == [12.5, 12.5]
    numbers = got.metadata[["ra", "dec", "mwebv"]].iloc[0]
    assert_allclose(numbers.to_numpy(float), [10.5, -5.25, 0.01263], rtol=1e-6)


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("ZP_FLUXCAL: 27.5\nZP_FLUXCAL: 31.4\n", "", "ZP_FLUXCAL is '27.5', and later"),
        ("SURVEY: DES\n", "", "SURVEY is 'YSE', and later 'DES'"),
        ("", "SNID: 2\nOBS: 3 X 5 1 0\n", "holds a second object, 2"),
        ("", "OBS: 3 X 5 1 0 7\n", "an OBS line is longer than the VARLIST"),
        ("", "OBS: 3 X 5\n", "an OBS line is shorter than the VARLIST"),
        ("MWEBV_APPLYFLAG: yes\n", "", "MWEBV_APPLYFLAG is 'yes', not an integer"),
        ("PHOTFLAG_DETECT: \n", "", "PHOTFLAG_DETECT is '', not an integer"),
    ],
)
def test_texts_that_contradict_themselves(
    tmp_path: Path, header: str, rows: str, message: str
):
    whole = snana_text("1", {}, ["1 X 5 1 0", "2 Y 5 1 0"])
    whole = whole.replace("NVAR: 5\n", f"{header}NVAR: 5\n").replace("END:", rows)
    path = tmp_path / "a.dat"
    path.write_text(whole)
    with pytest.raises(ValueError, match=rf"a\.dat:? {message}"):
        read(path)


def test_the_last_of_repeated_values_counts_and_is_counted(tmp_path: Path):
    path = text(tmp_path / "a.dat", {"REDSHIFT_CMB": "0.1"}, ["1 X 5 1 0"])
    again = "NVAR: 5\nREDSHIFT_CMB: 0.2\nRA: 10.5 deg\nPEAKMJD: 1\nPEAKMJD: 2\n"
    path.write_text(path.read_text().replace("NVAR: 5\n", again))
    got = formats.read(path)
    assert got.light_curves().metadata["redshift"].item() == np.float32(0.2)
    assert got.left_out == {"values of repeated header keys (kept: the last)": 1}


# ---- Flags


@pytest.mark.parametrize(
    ("survey", "stated", "detected", "saturated"),
    [
        ("LSST", None, [0, 1, 0, 1, 0], [0, 0, 1, 1, 0]),
        ("LSST", 1, [0, 0, 0, 0, 0], [0, 0, 1, 1, 0]),
        ("YSE(YSE_DR1)", 0, None, [0, 0, 1, 1, 0]),
        ("DES", None, None, [0, 0, 0, 0, 0]),
        ("DES", 1024, [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]),
    ],
)
def test_flags(survey: str, stated: int | None, detected: list | None, saturated: list):
    photflag = np.array([0, 4096 + 2048, 1024, 4096 + 1024, -9])
    got, full = flags(photflag, survey, stated)
    assert (got is None) == (detected is None)
    assert got is None or got.tolist() == [bool(x) for x in detected]
    assert full.tolist() == [bool(x) for x in saturated]


@pytest.mark.parametrize("mask", [None, 0, 4])
def test_the_header_says_which_bit_is_a_detection(tmp_path: Path, mask: int | None):
    stated = {} if mask is None else {"PHOTFLAG_DETECT": mask}
    header = {"SURVEY": "DES"} | {key: str(value) for key, value in stated.items()}
    rows = [(60000.0, "g", 4096, 5.0, 2.0), (60001.0, "g", 4, 5.0, 2.0)]
    rows += [(60002.0, "g", 32768, 500.0, 2.0)]
    a = pair(tmp_path / "a", {}, rows, survey="DES", stated=stated)
    lines = [f"{mjd} {band} {flux} {err} {flag}" for mjd, band, flag, flux, err in rows]
    expected = [False, True, False] if mask else [False, False, True]
    for path in (a, text(tmp_path / "a.dat", header, lines)):
        assert read(path).detected.tolist() == expected


def test_a_file_beside_another_does_not_change_its_detections(tmp_path: Path):
    bright = text(tmp_path / "a.dat", {"SNID": "a"}, ["1 X 50 1 0"])
    flagged = text(tmp_path / "b.dat", {"SNID": "b"}, ["1 X 3 1 4096", "2 X 50 1 0"])
    assert read([bright, flagged]).detected.tolist() == [True, True, False]
    assert read(bright).detected.tolist() == [True]


# ---- Classes


@pytest.mark.parametrize(
    ("survey", "key", "code", "label"),
    [
        *[("DES", "SNTYPE", 120, "SNII"), ("DES", "TYPE", 1, "SNIa")],
        *[("DES", "SIM_TYPE_INDEX", 33, "SNIc"), ("DES", "SNTYPE", 180, "AGN")],
        *[("DES", "SNTYPE", 0, None), ("DES", "SNTYPE", -9, None)],
        *[("FOUNDATION", "SNTYPE", 1, "SNIa"), ("FOUNDATION", "SNTYPE", 120, "?")],
        *[("PS1_LOWZ_COMBINED(CSP)", "SNTYPE", 1, "SNIa"), ("MOON", "SNTYPE", 1, "?")],
        *[("SDSS", "SNTYPE", 120, "?"), ("LSST", "SNTYPE", 120, "?")],
        *[("DES", "SNTYPE", 123, "?"), ("DES", "SNTYPE", 201, "?")],
    ],
)
def test_integer_classes(
    tmp_path: Path, survey: str, key: str, code: int, label: str | None
):
    letter = next(iter(of_survey(survey)), "desg")
    header = {"SURVEY": survey, key: f"{code}    #  OVERRIDE"}
    a = text(tmp_path / "a.dat", header, [f"60000 {letter} 50 1 0"])
    row = (60000.0, letter, 0, 50.0, 1.0)
    b = pair(tmp_path / "b", {key: [code]}, [row], survey=survey)
    for path in (a, b):
        got = formats.read(path)
        reason = f"labels ({key} {code} of survey {survey} has no known meaning)"
        assert got.left_out == ({reason: 1} if label == "?" else {})
        assert got.light_curves().labels[0] == (None if label == "?" else label)


def test_a_spelled_class_counts_before_a_code(tmp_path: Path):
    header = {"SURVEY": "SDSS", "SIM_TYPE_NAME": "IIP", "SNTYPE": "120"}
    got = formats.read(text(tmp_path / "a.dat", header, ["60000 g 50 1 0"]))
    assert (got.light_curves().labels[0], got.left_out) == ("SNII", {})


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("ELASTICC_TRAIN_SNII-NMF", "SNII"),
        ("ELASTICC2_FINAL_SNIa-SALT3", "SNIa"),
        ("ELASTICC2_TRAIN_02_AGN", "AGN"),
    ],
)
def test_folders_of_elasticc_name_classes(tmp_path: Path, folder: str, label: str):
    assert read(pair(tmp_path / folder, {}, [ROW])).labels.tolist() == [label]


# ---- Hostile files

WORDS = st.sampled_from(
    "SURVEY: SNID: DES NOBS: 2 VARLIST: MJD FLT FLUXCAL FLUXCALERR PHOTFLAG OBS: g X "
    "60000.5 nan -9 1e400 0x10 # ( ) : END: MWEBV: MWEBV_APPLYFLAG: 1 ZP_FLUXCAL: 31.4 "
    "REDSHIFT_HELIO: SNTYPE: TYPE: PHOTFLAG_DETECT: +- é \x00".split()
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=8), max_size=12), st.integers(0, 400))
def test_damaged_texts_are_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], cut: int
):
    whole = snana_text("1", {"NOBS": "2"}, ["1 X 5 1 0", "2 X 50 9 4096"])
    added = "\n".join(" ".join(words) for words in lines)
    path = tmp_path_factory.mktemp("damaged") / "a.dat"
    path.write_text(f"{whole[:cut]}{added}\n{whole[cut:]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            got = formats.read(path)
        except ValueError as error:
            assert "\n" not in str(error) and "a.dat" in str(error)
        else:
            assert got.rows <= 2 + sum(words[:1] == ["OBS:"] for words in lines)


@pytest.mark.parametrize(
    ("column", "form", "values", "message"),
    [
        (
            "PHOTFLAG",
            "E",
            [4096.0, np.nan],
            "PHOTFLAG holds something else",
        ),
        (
            "PHOTFLAG",
            "8A",
            ["1", "x"],
            "PHOTFLAG holds .* than one integer",
        ),
        ("FLUXCAL", "8A", ["1", "x"], "FLUXCAL holds something else"),
        (
            "FLUXCAL",
            "2E",
            [[1, 2], [3, 4]],
            "FLUXCAL holds .* than one number",
        ),
        ("BAND", "J", [5, 6], "what the filters '5' of survey 'LSST' stand for is not"),
    ],
)
def test_columns_of_another_kind_are_refused(
    tmp_path: Path, column: str, form: str, values: list, message: str
):
    phot = next(pair(tmp_path, {}, [ROW]).glob("*PHOT*"))
    with fits.open(phot) as file:
        kept = [one for one in file[1].columns if one.name != column]
        changed = fits.Column(column, form, array=np.array(values))
        table = fits.BinTableHDU.from_columns([*kept, changed])
        fits.HDUList([file[0], table]).writeto(tmp_path / "new")
    (tmp_path / "new").replace(phot)
    with pytest.raises(ValueError, match=message):
        read(tmp_path)


# ---- Real files, read again by a few lines of our own


def words_of(content: str) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    header: dict[str, list[str]] = {}
    rows = []
    for line in content.splitlines():
        words = line.split("#")[0].split()
        if words and words[0] == "OBS:":
            rows.append(dict(zip(header["VARLIST:"], words[1:], strict=True)))
        elif words and not rows:
            header.setdefault(words[0], words[1:])
    return header, rows


def check_rows(
    mine: LightCurves, mjd: list, filters: list, flux: list, err: list, survey: str
) -> int:
    """Compare one object; returns the number of rows that repeat another."""
    names = [SURVEYS[survey][letter].name for letter in filters]
    rows = pd.DataFrame({"mjd": mjd, "band": names, "flux": flux, "err": err})
    rows = rows[rows["err"] > 0].sort_values("err", kind="stable")
    kept = rows.drop_duplicates(["mjd", "band"]).sort_values(["mjd", "band"])
    got = pd.DataFrame({"mjd": mine.mjd, "band": bands(mine)})
    got = got.assign(flux=mine.flux, err=mine.flux_err).sort_values(["mjd", "band"])
    assert got["band"].tolist() == kept["band"].tolist()
    for column, limit in (("mjd", 0), ("flux", 1e-6), ("err", 1e-6)):
        assert_allclose(got[column], kept[column].astype(float), rtol=limit)
    return len(mjd) - len(kept)


def text_files(test_data: Path) -> dict[str, str]:
    folder = test_data / "snana_surveys"
    texts = {
        str(path): path.read_text()
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() in (".dat", ".txt")
    }
    with tarfile.open(test_data / "yse_dr1" / "snana_text.tar.gz") as tar:
        for member in list(tar)[::7]:
            if file := tar.extractfile(member):
                texts[member.name] = file.read().decode()
    return texts


def test_every_real_text_file(test_data: Path, tmp_path: Path):
    texts = text_files(test_data)
    assert len(texts) > 30
    for name, content in texts.items():
        header, rows = words_of(content)
        path = tmp_path / Path(name).name
        path.write_text(content)
        table = formats.read(path)
        got = table.light_curves()
        values = [[float(row[key]) for row in rows] for key in ("MJD", "FLUXCAL")]
        errors = [float(row["FLUXCALERR"]) for row in rows]
        filters = [row.get("FLT", row.get("BAND")) for row in rows]
        survey = header["SURVEY:"][0]
        left = check_rows(got, values[0], filters, values[1], errors, survey)
        assert (sum(table.left_out.values()), table.rows) == (left, len(rows) - left)
        # None of these surveys has ELAsTiCC's bits.
        assert got.detected.tolist() == (got.flux / got.flux_err >= 5).tolist()
        known = header.get("REDSHIFT_HELIO:", header.get("REDSHIFT_FINAL:"))
        redshift = float(known[0]) if float(known[0]) > -1 else np.nan
        assert_allclose(got.metadata["redshift"], redshift, rtol=1e-6)
        assert_allclose(got.metadata["mwebv"], float(header["MWEBV:"][0]), rtol=1e-6)
        assert_allclose(got.metadata["ra"], float(header["RA:"][0]))
        dec = header.get("DECL:", header.get("DEC:"))
        assert_allclose(got.metadata["dec"], float(dec[0]))


def test_every_real_fits_pair(test_data: Path):
    heads = [*test_data.glob("snana*/*HEAD.FITS.gz")]
    assert len(heads) == 2
    for head in heads:
        phot = head.with_name(head.name.replace("HEAD", "PHOT"))
        header, objects = fits.getheader(head), fits.getdata(head, 1)
        points = fits.getdata(phot, 1)
        table = formats.read(head)
        got = table.light_curves()
        left, rows = 0, 0
        for i, one in enumerate(objects):
            part = points[one["PTROBS_MIN"] - 1 : one["PTROBS_MAX"]]
            filters = [name.strip() for name in part["BAND"].tolist()]
            flux, err = part["FLUXCAL"].tolist(), part["FLUXCALERR"].tolist()
            mine, survey = got.take([i]), header["SURVEY"].strip()
            left += check_rows(mine, part["MJD"].tolist(), filters, flux, err, survey)
            rows += len(part)
            assert got.object_id[i] == one["SNID"].strip()
        assert (sum(table.left_out.values()), table.rows) == (left, rows - left)
        assert len(points) == rows + len(objects)  # and the separators
        assert_allclose(got.metadata["redshift"], objects["REDSHIFT_HELIO"], rtol=1e-6)
        assert_allclose(got.metadata["mwebv"], objects["MWEBV"], rtol=1e-6)
        assert_allclose(got.metadata["ra"], objects["RA"])
        if (points["PHOTFLAG"] == 0).all():
            assert got.detected.tolist() == (got.flux / got.flux_err >= 5).tolist()
        else:
            first = [got.take([i]).mjd[got.take([i]).detected].min() for i in range(9)]
            assert_allclose(first, objects["MJD_DETECT_FIRST"][:9], atol=0.01)
