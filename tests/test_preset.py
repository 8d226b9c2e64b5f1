"""The preset: what travels with the weights survives JSON."""

import json
import math
from dataclasses import FrozenInstanceError

import pytest

from zoo.inputs.parameters import Preprocessing
from zoo.model_folder.preset import Architecture, Preset
from zoo.passbands import BANDS, PASSBANDS
from zoo.taxonomy import BTS, ZTFSIMS

FULL = Preset(
    model_id="lsst-gru",
    classes=("SNIa", "other"),
    version="1.2.3",
    survey="lsst",
    architecture=Architecture(gru_1=7, latent=9),
    preprocessing=Preprocessing(
        features="paper",
        window=(-20.0, 50.5),
        pair_days=12.0,
        flux_scale=250.0,
        passbands=("lsstg", "lsstr"),
        wavelengths={"lsstg": 0.48, "lsstr": 0.62},
        metadata=("mwebv", "mwebv_known"),
        metadata_fill={"mwebv": 0.1},
    ),
    training={"data": "ztfsims:1.0.0", "seed": 3, "labels": None, "scores": [1, 2.5]},
    parent="ztfsims-gru@v1.0.0",
    license="CC-BY-4.0",
)


@pytest.mark.parametrize("preset", [FULL, Preset("ztfsims-gru", ZTFSIMS)])
def test_json_gives_the_same_preset(preset: Preset):
    text = json.dumps(preset.to_dict(), allow_nan=False)
    assert Preset.from_dict(json.loads(text)) == preset


def test_json_keeps_the_types():
    got = Preset.from_dict(json.loads(json.dumps(FULL.to_dict())))
    assert isinstance(got.classes, tuple)
    assert isinstance(got.architecture, Architecture)
    assert isinstance(got.preprocessing, Preprocessing)
    assert isinstance(got.preprocessing.window, tuple)
    assert isinstance(got.preprocessing.metadata, tuple)


def test_parts_left_out_take_their_defaults():
    got = Preset.from_dict({"model_id": "x", "classes": ["SNIa", "TDE"]})
    assert got == Preset("x", ("SNIa", "TDE"))


def test_from_dict_leaves_its_argument_as_it_was():
    data = FULL.to_dict()
    text = json.dumps(data)
    Preset.from_dict(data)
    assert json.dumps(data) == text


@pytest.mark.parametrize(
    ("path", "kind"),
    [((), "preset"), (("architecture",), "architecture"), (("preprocessing",),) * 2],
)
def test_an_entry_that_is_not_known_is_refused(path: tuple[str, ...], kind):
    data = FULL.to_dict()
    inner = data
    for key in path:
        inner = inner[key]
    inner |= {"zeta": 1, "attention": 2}
    name = kind if isinstance(kind, str) else kind[0]
    with pytest.raises(ValueError) as refusal:
        Preset.from_dict(data)
    message = str(refusal.value)
    assert message.startswith(
        f"{name} has unknown entries ['attention', 'zeta']; known are ["
    )
    assert message.endswith("It may come from a newer zoo: upgrade transient-zoo.")


@pytest.mark.parametrize("missing", ["model_id", "classes"])
def test_an_entry_that_is_missing_is_refused(missing: str):
    data = FULL.to_dict()
    del data[missing]
    with pytest.raises(ValueError, match=f"^preset is incomplete: .*'{missing}'"):
        Preset.from_dict(data)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"passbands": ["mine"]}, "the wavelength of passband 'mine' is missing"),
        ({"wavelengths": {"mine": math.nan}}, "'mine' has wavelength nan. Give it in"),
        ({"wavelengths": {"ztfg": 4805.0}}, "'ztfg' has wavelength 4805. Give it in"),
        ({"wavelengths": {"\x1b[31m": 0.5}}, "an entry of wavelengths must be text, 1"),
        ({"wavelengths": {"ztfg": "0.5"}}, "of passband 'ztfg' is '0.5', no number"),
        (
            {"wavelength_margin": math.nan},
            "margin is nan; it must be a number from 0",
        ),
        (
            {"wavelength_margin": -1.0},
            "margin is -1.0; it must be a number from 0",
        ),
    ],
)
def test_passbands_that_cannot_be_are_refused(changes, message):
    data = FULL.to_dict()
    data["preprocessing"] |= changes
    with pytest.raises(ValueError, match=message):
        Preset.from_dict(data)


def test_replace_gives_a_copy():
    got = FULL.replace(classes=BTS, parent=None)
    assert (got.classes, got.parent, got.version) == (BTS, None, "1.2.3")
    assert FULL.classes == ("SNIa", "other")
    with pytest.raises(FrozenInstanceError):
        FULL.version = "2.0.0"  # type: ignore[misc]


def test_defaults_are_those_of_the_paper():
    preprocessing = Preprocessing()
    assert preprocessing.window == (-30, 70)
    assert preprocessing.pair_days == 30
    assert preprocessing.flux_scale == 500
    assert preprocessing.metadata == ("redshift", "redshift_known", "mwebv")
    widths = Architecture()
    assert (widths.gru_1, widths.gru_2, widths.light_curve_dense) == (100, 100, 100)
    assert (widths.metadata_dense, widths.merge_dense, widths.latent) == (10, 100, 100)


def test_the_wavelengths_of_ztf_and_lsst_are_written_down():
    got = Preprocessing().wavelengths
    assert got == {band: PASSBANDS[band].wavelength for band in BANDS[:9]}
