"""Passbands: every wavelength is recomputed from its transmission curve."""

from pathlib import Path

import numpy as np
import pytest

from zoo.passbands import BANDS, PASSBANDS

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


@pytest.mark.parametrize("band", BANDS)
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


@pytest.mark.parametrize("band", BANDS)
def test_entry_names_itself_its_survey_and_its_source(band: str):
    entry = PASSBANDS[band]
    assert entry.name == band
    assert band.startswith(entry.survey)
    repository = {
        "ztf": "ZwickyTransientFacility/ztf_information",
        "lsst": "lsst/throughputs",
    }
    assert entry.source.startswith(f"{repository[entry.survey]} @")
