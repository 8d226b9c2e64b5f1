"""Features and windows that hold years: they go through every door of a model."""

import numpy as np
import pytest
from models import labelled, small_model

import zoo
from zoo.inputs.features import FEATURES, WIDTH, Rows
from zoo.inputs.preprocess import preprocess
from zoo.inputs.trigger import trigger_rows

DAYS = np.array([-1500.0, -70.5, -70.0, -30.0, 0.0, 1.0, 69.9, 70.0, 70.1, 1500.0])


def rows(days):
    one = np.ones(len(days), np.float32)
    return Rows(0.6 * one, days, one, 0.1 * one, one)


def test_long_equals_scaled_up_to_70_days_and_goes_on_without_a_step():
    long, scaled = (FEATURES[name](rows(DAYS)) for name in ("long", "scaled"))
    near = np.abs(DAYS) <= 70
    for number, (ours, theirs) in enumerate(zip(long, scaled, strict=True)):
        if number != 1:
            np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(long[1][near], scaled[1][near], rtol=1e-12)
    assert (np.diff(long[1]) > 0).all()
    assert long[1][-1] == pytest.approx(70 / 30 * (1 + np.log(1500 / 70)))
    assert long[1][0] == -long[1][-1]
    slope = np.diff(FEATURES["long"](rows(np.array([69.9, 70.0, 70.1])))[1])
    assert slope[0] == pytest.approx(slope[1], rel=2e-3)


@pytest.mark.parametrize("features", FEATURES)
def test_a_model_of_any_features_is_saved_with_its_card_and_loaded(tmp_path, features):
    model = small_model(features=features)
    zoo.save(model, tmp_path / "m")
    found = zoo.load(tmp_path / "m")
    assert found.preset.preprocessing.features == features
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert "days since trigger" in card or "before or after trigger" in card
    inputs = preprocess(labelled(1), model.preset.preprocessing)
    assert inputs.light_curve.shape[1] == WIDTH[features]


def test_a_transferred_model_takes_a_wider_window_and_starts_as_its_base():
    base = zoo.load("multisims-gru")
    wide = base.transfer(target="mine", window=(-1500, 1500))
    assert wide.preset.preprocessing.window == (-1500, 1500)
    assert wide.preset.preprocessing.features == "long"
    data = labelled(4)
    since = data.mjd - np.repeat(data.mjd[trigger_rows(data, 30)], data.lengths)
    data = data.keep((since >= -30) & (since <= 70))  # the window of the base
    np.testing.assert_allclose(
        zoo.classify(wide, data).drop(columns="reason"),
        zoo.classify(base, data).drop(columns="reason"),
        atol=1e-6,  # days / 30, by another formula
    )
    narrow = base.transfer(target="mine", window=(-20, 20))
    assert narrow.preset.preprocessing.features == "scaled"


@pytest.mark.parametrize(
    ("window", "words"),
    [((5, 70), "first day of the window"), ((-30, -1), "last day of the window")],
)
def test_a_window_without_the_trigger_is_refused(window, words):
    with pytest.raises(ValueError, match=words):
        zoo.load("ztfsims-gru-lite").transfer(target="mine", window=window)


def test_features_that_cannot_tell_years_apart_are_named():
    with pytest.raises(ValueError, match="'paper' are made for the window -30 to 70"):
        zoo.load("ztfsims-gru-paper").transfer(target="mine", window=(-1500, 1500))
