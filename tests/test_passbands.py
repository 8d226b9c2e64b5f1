"""Passbands: every wavelength is recomputed from its transmission curve."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from zoo.figures.palette import passband_styles
from zoo.passbands import (
    BANDS,
    CATALOGUE,
    PASSBANDS,
    Passband,
    find,
    make,
    near,
    register,
)

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


def test_a_letter_of_another_alphabet_is_part_of_a_name():
    assert find("ztfg\N{LATIN SMALL LETTER E WITH ACUTE}") is None
    assert find("\N{GREEK CAPITAL LETTER DELTA}ztfg") is None
    assert find("ztf_g") is find("ztfg")


def test_the_rp_of_gaia_is_not_the_r_of_sdss():
    assert find("rp") is PASSBANDS["sdssr"]
    assert find("RP") is find("Rp") is None
    assert "gaia::grp" in near("RP")


def test_single_precision_gives_the_same_passband():
    single = float(np.float32(0.61))
    assert make("test::single", wavelength=single) == make(
        "test::single", wavelength=0.61
    )


@pytest.mark.parametrize(
    "wavelength", [0.0, -1.0, 550.0, float("nan"), float("inf"), 10**400]
)
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
        ([0.5, 0.6], [-1.0, -1.0]),
        ([0.5, 0.6], [-1.0, 3.0]),  # its mean would be 0.65
        ([-0.5, 2.0], [1.0, 1.0]),
        ([0.5, 0.6, 0.7], [1e308, 1e308, 1e308]),
        ([], []),
    ],
)
def test_what_is_not_a_curve_is_refused(curve):
    with pytest.raises(ValueError, match="a transmission curve needs"):
        register("test::wrong", curve=curve)


DICHROMATS = {
    # Machado, Oliveira & Fernandes 2009, IEEE TVCG 15 1291, severity 1.
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def light(colour: str) -> np.ndarray:
    """Linear red, green and blue of a colour of sRGB."""
    value = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Place in Oklab (https://bottosson.github.io/posts/oklab/), times 100."""
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    opponents = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return 100 * opponents @ np.cbrt(np.clip(cones @ rgb, 0, None))


@pytest.mark.parametrize(
    "sight, least",
    [("none", 11), ("protanopia", 6), ("deuteranopia", 6), ("tritanopia", 6)],
)
def test_everybody_can_tell_the_colours_of_lsst_apart(sight, least):
    styles = passband_styles(PASSBANDS[f"lsst{letter}"] for letter in "ugrizy")
    seen = [
        oklab(np.clip(DICHROMATS[sight] @ light(colour), 0, 1))
        for colour, _ in styles.values()
    ]
    apart = [np.linalg.norm(a - b) for a, b in combinations(seen, 2)]
    assert len(apart) == 15 and min(apart) > least


def test_every_passband_is_seen_on_white_and_on_black():
    for name, (colour, _) in passband_styles(CATALOGUE).items():
        luminance = light(colour) @ [0.2126, 0.7152, 0.0722]
        assert 1.05 / (luminance + 0.05) > 2.2, name
        # The dark ground of the explore page.
        ground = light("#16191d") @ [0.2126, 0.7152, 0.0722]
        assert (luminance + 0.05) / (ground + 0.05) > 2, name


def test_the_colour_of_a_passband_is_that_of_its_wavelength():
    names = ("ztfg", "ztfr", "lsstg", "lsstr", "lsstu")
    green, vermilion, purple = "#009E73", "#D55E00", "#CC79A7"
    styles = passband_styles(PASSBANDS[name] for name in names)
    assert {name: colour for name, (colour, _) in styles.items()} == {
        **{"ztfg": green, "lsstg": green, "lsstu": purple},
        **{"ztfr": vermilion, "lsstr": vermilion},
    }
    assert list(styles) == ["lsstu", "ztfg", "lsstg", "lsstr", "ztfr"]
    own = passband_styles([Passband("mine::x", PASSBANDS["ztfi"].wavelength)])
    assert own["mine::x"] == passband_styles([PASSBANDS["ztfi"]])["ztfi"]
    far = passband_styles([Passband("uv", 0.05), Passband("ir", 30.0)])
    assert far == {"uv": ("#5E3C99", "v"), "ir": ("#64686B", "P")}


def test_the_markers_of_a_figure_differ():
    several = "uvot::uvw2 uvot::uvm2 uvot::uvw1 uvot::u uvot::b ztfg lsstg ps1::g ztfr"
    chosen = [PASSBANDS[name] for name in several.split()]
    assert len({marker for _, marker in passband_styles(chosen).values()}) == 9
    infrared = [PASSBANDS[name] for name in ("2massj", "2massh", "2massks")]
    twelve = list(passband_styles(chosen + infrared).values())
    assert len({marker for _, marker in twelve}) == 12
    everyone = list(passband_styles(CATALOGUE).values())
    for number in range(len(everyone) - 11):
        assert len({marker for _, marker in everyone[number : number + 12]}) == 12
    usual = passband_styles(PASSBANDS[f"lsst{letter}"] for letter in "ugrizy")
    assert "".join(marker for _, marker in usual.values()) == "vosD^P"
