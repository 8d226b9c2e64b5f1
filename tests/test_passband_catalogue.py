"""The catalogue of passbands: what it holds, and that its numbers can be made again.

ZOO_TEST_CURVES names the folder that the packages of `benchmarks/passbands/make.py`
were downloaded to; the test that needs it is skipped without it.
"""

import gzip
import json
import os
import string
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from zoo.datasets.simulator.surveys import LSST, ZTF
from zoo.datasets.simulator.transients.dust import extinction
from zoo.passbands import PASSBANDS

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks" / "passbands"))

from curves import ab_magnitude, effective_wavelength, key, samples  # noqa: E402

PATH = ROOT / "zoo" / "passbands" / "catalogue.json"
CATALOGUE = json.loads(PATH.read_text())
ROWS = CATALOGUE["passbands"]
NAMES = {row["name"]: row for row in ROWS}
MEANING = {key(n): row["name"] for row in ROWS for n in (row["name"], *row["aliases"])}
LETTERS = CATALOGUE["letters"]


@pytest.fixture
def box():
    """A curve that is 1 from 0.5 to 0.6 um."""
    wavelength = np.array([0.4, 0.5 - 1e-9, *np.linspace(0.5, 0.6, 201), 0.6 + 1e-9])
    transmission = np.ones_like(wavelength)
    transmission[[0, 1, -1]] = 0
    return wavelength, transmission


def test_the_catalogue_is_large_in_passbands_and_small_in_bytes():
    assert len(ROWS) >= 100
    assert len(NAMES) == len(ROWS)
    assert PATH.stat().st_size < 60_000


def test_the_passbands_with_codes_come_first_and_are_unchanged():
    for row, (name, passband) in zip(ROWS, PASSBANDS.items(), strict=False):
        assert row["name"] == name
        assert row["wavelength"] == passband.wavelength
        assert row["survey"] == passband.survey


def test_every_name_means_one_passband():
    for row in ROWS:
        for name in (row["name"], *row["aliases"]):
            assert MEANING[key(name)] == row["name"], name


def test_an_alias_is_not_a_second_spelling_of_its_name():
    for row in ROWS:
        keys = [key(name) for name in (row["name"], *row["aliases"])]
        assert len(set(keys)) == len(keys), row["name"]


@pytest.mark.parametrize("letter", [*string.ascii_letters, "Ks", "W1", "W2"])
def test_what_several_instruments_have_is_no_alias(letter: str):
    assert key(letter) not in MEANING


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *[("PS1-g", "ps1::g"), ("PS1.g", "ps1::g"), ("Pan-STARRS g", "ps1::g")],
        *[("g-PS1", "ps1::g"), ("DES-g", "desg"), ("DES-Y", "desy"), ("g'", "sdssg")],
        *[("gp", "sdssg"), ("sdss g", "sdssg"), ("SLOAN/SDSS.g", "sdssg")],
        *[("cyan", "atlasc"), ("orange", "atlaso"), ("ATLAS-c", "atlasc")],
        *[("uvw2", "uvot::uvw2"), ("UVW2", "uvot::uvw2"), ("Swift-B", "uvot::b")],
        *[("Swift/UVOT.UVM2", "uvot::uvm2"), ("Gaia-G", "gaia::g")],
        *[("Gaia BP", "gaia::gbp"), ("2MASS-Ks", "2massks"), ("zs", "ps1::z")],
        *[("Johnson-V", "bessellv"), ("Cousins R", "bessellr"), ("TESS", "tess")],
        *[("P48g", "ztfg"), ("g_ZTF", "ztfg"), ("ztf::I", "ztfi"), ("LSST-y", "lssty")],
        *[("SNLS-g", "megacampsf::g"), ("Roman F062", "f062"), ("R062", "f062")],
        # The aliases that sncosmo has.
        *[("sdss::z", "sdssz"), ("swope2::v1", "cspv3009"), ("swope2::y", "cspys")],
        *[("acswf::f606w", "f606w"), ("nicmos2::f110w", "nicf110w")],
    ],
)
def test_names_that_people_and_brokers_write(written: str, name: str):
    assert MEANING[key(written)] == name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_numbers_of_a_passband(row: dict):
    eight = np.array(row["samples"])
    assert 0.1 < row["wavelength"] < 3.0
    assert len(eight) == 8
    assert (np.diff(eight) > 0).all()
    assert eight[0] < row["wavelength"] < eight[-1]
    at_samples = 3.1 * extinction(eight)
    assert row["milky_way"] == pytest.approx(at_samples.mean(), abs=0.02, rel=0.005)
    assert at_samples.min() <= row["milky_way"] <= at_samples.max()
    assert -0.2 < row["vega"] < 2.6


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_passband_says_where_its_curve_is_from(row: dict):
    package, path = row["source"].split(":")
    assert path.split("/")[0] in (package, "sedpy")
    assert CATALOGUE["packages"][package]["version"]
    assert CATALOGUE["packages"][package]["licence"]


def test_extinction_falls_from_blue_to_red():
    narrow = [
        (row["wavelength"], row["milky_way"])
        for row in ROWS
        if row["wavelength"] > 0.33
        and row["samples"][-1] - row["samples"][0] < 0.25 * row["wavelength"]
    ]
    wavelength, milky_way = np.array(sorted(narrow)).T
    redder = wavelength[:, None] > wavelength + 0.02
    assert redder.sum() > 1000
    assert (milky_way[:, None] < milky_way)[redder].all()


@pytest.mark.parametrize("instrument", [ZTF, LSST], ids=["ztf", "lsst"])
def test_the_simulator_has_the_same_samples_and_nearly_the_same_dust(instrument):
    for band, eight, milky_way in zip(
        instrument.bands, instrument.samples, instrument.milky_way, strict=True
    ):
        assert NAMES[band]["samples"] == pytest.approx(eight, abs=2.1e-4)
        # Theirs are for E(B-V) of Schlegel et al. 1998, with another extinction law.
        assert 0.86 * NAMES[band]["milky_way"] == pytest.approx(milky_way, rel=0.07)


@pytest.mark.parametrize(
    ("name", "offset"),
    # Blanton & Roweis 2007, AJ 133 734, table 1.
    [
        *[("bessellux", 0.79), ("bessellb", -0.09), ("bessellv", 0.02)],
        *[("bessellr", 0.21), ("besselli", 0.45)],
        *[("2massj", 0.91), ("2massh", 1.39), ("2massks", 1.85)],
    ],
)
def test_magnitudes_of_vega_are_the_published_ones(name: str, offset: float):
    assert NAMES[name]["vega"] == pytest.approx(offset, abs=0.04)


def test_letters_stand_for_passbands_of_the_catalogue():
    for survey, letters in LETTERS.items():
        assert set(letters.values()) <= NAMES.keys(), survey


@pytest.mark.parametrize(
    "file", ["CSPDR3_2004dt.DAT", "FOUND_F15aqb.txt", "SWIFT_ASASSN-14eu.dat"]
)
def test_letters_of_snana_text_files(test_data: Path, file: str):
    lines = (test_data / "snana_surveys" / file).read_text().splitlines()
    header = dict(line.split(":", 1) for line in lines if ":" in line)
    letters = LETTERS[header["SURVEY"].split()[0]]
    assert set(header["FILTERS"].split()[0]) <= letters.keys()
    observed = {line.split()[2] for line in lines if line.startswith("OBS:")}
    assert observed <= letters.keys()


def test_letters_of_an_snana_fits_file(test_data: Path):
    path = test_data / "snana_surveys" / "DES-SN5YR_Foundation_HEAD.FITS.gz"
    with gzip.open(path) as stream, fits.open(stream) as hdus:
        letters = LETTERS[hdus[0].header["SURVEY"]]
        assert set(hdus[0].header["FILTERS"].strip()) <= letters.keys()


def test_a_box_has_the_wavelengths_of_a_box(box):
    assert effective_wavelength(box) == pytest.approx(0.55, abs=1e-4)
    edges = 0.5 * (0.6 / 0.5) ** ((np.arange(8) + 0.5) / 8)
    assert samples(box) == pytest.approx(edges, abs=1e-5)


def test_a_spectrum_of_1_jansky_has_ab_magnitude_8_9(box):
    wavelength = np.linspace(4000, 7000, 3001)
    flux = 1e-23 * 2.99792458e18 / wavelength**2
    magnitude = ab_magnitude(box, np.array([wavelength, flux]))
    assert magnitude == pytest.approx(8.9, abs=1e-3)


@pytest.mark.parametrize(
    "band, file",
    [
        ("ztfg", "ztf/ZTF_g_band_test_data_pos1_0AOI.csv"),
        ("ztfr", "ztf/ZTF_r_band_test_data_pos1_0AOI.csv"),
        ("ztfi", "ztf/ztf_i_band.csv"),
        *[(f"lsst{letter}", f"lsst/total_{letter}.dat") for letter in "ugrizy"],
    ],
)
def test_the_packages_have_the_published_curves(test_data: Path, band: str, file: str):
    path = test_data / "passbands" / file
    curve = np.loadtxt(path, delimiter="," if path.suffix == ".csv" else None)
    wavelength, transmission = curve[np.argsort(curve[:, 0])].T
    eight = samples((wavelength / 1000, transmission))
    assert NAMES[band]["samples"] == pytest.approx(eight, abs=3e-4)


def test_the_catalogue_is_what_the_script_makes():
    folder = os.environ.get("ZOO_TEST_CURVES")
    if not folder:
        pytest.skip(
            "ZOO_TEST_CURVES does not name the folder of the packages that "
            "benchmarks/passbands/make.py reads, so no passband was recomputed"
        )
    from curves import Packages
    from make import catalogue, text_of

    assert text_of(catalogue(Packages(Path(folder)))) == PATH.read_text()
