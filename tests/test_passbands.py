"""Passbands: every wavelength is recomputed from its transmission curve."""

from pathlib import Path

import numpy as np
import pytest

from zoo.passbands import BANDS, PASSBANDS, find, register

CURVES = {
    "ztfg": "ztf/ZTF_g_band_test_data_pos1_0AOI.csv",
    "ztfr": "ztf/ZTF_r_band_test_data_pos1_0AOI.csv",
    "ztfi": "ztf/ztf_i_band.csv",
    **{f"lsst{letter}": f"lsst/total_{letter}.dat" for letter in "ugrizy"},
}


def test_codes_of_bands_never_change():
    # The integer `band` of every written data set is a position in this tuple.
    assert BANDS[:9] == (
        "ztfg",
        "ztfr",
        "ztfi",
        "lsstu",
        "lsstg",
        "lsstr",
        "lssti",
        "lsstz",
        "lssty",
    )
    assert tuple(PASSBANDS) == BANDS


@pytest.mark.parametrize("band", CURVES)
def test_wavelength_is_the_mean_of_the_curve(test_data: Path, band: str):
    path = test_data / "passbands" / CURVES[band]
    delimiter = "," if path.suffix == ".csv" else None
    curve = np.loadtxt(path, delimiter=delimiter, comments="#")
    nanometre, transmission = curve[np.argsort(curve[:, 0])].T
    mean = np.trapezoid(nanometre * transmission, nanometre) / np.trapezoid(
        transmission, nanometre
    )
    assert PASSBANDS[band].wavelength == pytest.approx(mean / 1000, abs=1e-4)


@pytest.mark.parametrize(
    "bands", ["ztfg ztfr ztfi", "lsstu lsstg lsstr lssti lsstz lssty"]
)
def test_wavelengths_rise_from_blue_to_red(bands: str):
    wavelengths = [PASSBANDS[band].wavelength for band in bands.split()]
    assert wavelengths == sorted(set(wavelengths))


def test_same_letter_of_two_surveys_is_nearer_than_another_letter():
    # The classic swap: the paper's authors fed ZTF g as 0.6223 and r as 0.4827 um.
    for letter, other in ("gr", "rg", "ig"):
        own = PASSBANDS[f"ztf{letter}"].wavelength
        same = abs(own - PASSBANDS[f"lsst{letter}"].wavelength)
        assert same < abs(own - PASSBANDS[f"lsst{other}"].wavelength)


@pytest.mark.parametrize("band", CURVES)
def test_entry_names_itself_its_survey_and_its_source(band: str):
    entry = PASSBANDS[band]
    assert entry.name == band
    assert band.startswith(entry.survey)
    assert entry.source


def test_a_registered_passband_is_known_by_its_name_alone():
    register("test::box", curve=([0.5, 0.6], [1.0, 1.0]))
    assert find("test::box").wavelength == 0.55
    assert find("TEST box") is None
    assert register("test::box", wavelength=0.55) is find("test::box")
    with pytest.raises(ValueError, match="'test::box' has an effective wavelength of"):
        register("test::box", wavelength=0.6)
    with pytest.raises(ValueError, match="'PS1-g' has an effective wavelength of 0.48"):
        register("PS1-g", wavelength=0.6)


@pytest.mark.parametrize("wavelength", [0.0, -1.0, 550.0, float("nan"), float("inf")])
def test_a_wavelength_must_be_in_um(wavelength: float):
    with pytest.raises(ValueError, match="Give it in um, between 0.05 and 30"):
        register("test::wrong", wavelength=wavelength)


@pytest.mark.parametrize(
    "curve",
    [
        ([0.5], [1.0]),
        ([0.5, 0.6], [1.0]),
        ([0.5, 0.6], [0.0, 0.0]),
        ([0.5, float("nan")], [1.0, 1.0]),
    ],
)
def test_what_is_not_a_curve_is_refused(curve):
    with pytest.raises(ValueError, match="a transmission curve needs"):
        register("test::wrong", curve=curve)
