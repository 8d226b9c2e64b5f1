"""Light curves cut some days after the trigger: against direct ways, and by hand."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model
from test_cli import fails, home, run  # noqa: F401

import zoo
from zoo.evaluation.early import as_days, brightness_alone, cut
from zoo.evaluation.predictions import predict_labelled
from zoo.inputs.features import FEATURES
from zoo.inputs.preprocess import input_rows
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.accept import read


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def data():
    return labelled(6)


def days_since_trigger(data):
    return data.mjd - np.repeat(data.mjd[trigger_rows(data, 30)], data.lengths)


def test_figures_of_a_day_are_those_of_truncated_tables(model, data):
    photometry, metadata = data.to_tables()
    early = read((photometry[days_since_trigger(data) <= 10], metadata))
    # By then the trigger of a few is not confirmed yet, so there is no direct way.
    kept = np.flatnonzero(trigger_rows(early, 30) >= 0)
    assert len(kept) >= 40
    expected = zoo.evaluate(model, early.take(kept), "bts", seed=3)
    result = zoo.evaluate(model, data.take(kept), "bts", days="10,2", seed=3)
    assert list(result["days"]) == ["10", "2"]
    found = result["days"]["10"]
    assert set(found) - set(expected) == {"trigger_not_confirmed", "brightness_alone"}
    for key in set(found) & set(expected):
        assert found[key] == expected[key], key
    assert found["trigger_not_confirmed"] == 0


def test_every_day_has_the_same_objects_as_the_whole(model, data):
    result = zoo.evaluate(model, data, "bts", days=(0, 2, 5, 1e4))
    for day in result["days"].values():
        assert day["n"] == result["n"]
        for label, of in day["per_class"].items():
            assert of["n"] == result["per_class"][label]["n"]
    late = result["days"]["10000"]
    assert late["trigger_not_confirmed"] == 0
    for key in ("macro_auroc", "log_loss", "intervals", "per_class"):
        assert late[key] == result[key]


@pytest.mark.parametrize("features", FEATURES)
def test_cut_light_curves_give_the_features_of_the_whole_one_until_then(data, features):
    model = small_model(features=features)
    whole = predict_labelled(model, data)
    preprocessing = model.preset.preprocessing
    _, since = input_rows(data, whole.inputs, preprocessing)
    early, expected = cut(whole, 5), whole.inputs.with_rows(since <= 5)
    np.testing.assert_array_equal(early.inputs.light_curve, expected.light_curve)
    np.testing.assert_array_equal(early.inputs.offsets, expected.offsets)
    np.testing.assert_array_equal(early.inputs.trigger, expected.trigger)
    np.testing.assert_array_equal(early.truth, whole.truth)


def test_what_comes_later_cannot_matter(model, data):
    later = days_since_trigger(data) > 5
    flux = np.where(later, np.float32(12345), data.flux)
    other = replace(data, flux=flux, detected=data.detected & ~later)
    # The detection that confirms it must stay, else there is no trigger.
    kept = np.flatnonzero(trigger_rows(other, 30) >= 0)
    assert 40 <= len(kept)
    first, second = (
        zoo.evaluate(model, one.take(kept), "bts", days=[5]) for one in (data, other)
    )
    assert first["days"] == second["days"]
    assert first["log_loss"] != second["log_loss"]


def test_triggers_that_are_not_confirmed_yet_are_counted_and_scored(model):
    """Second detections after 1, 4 and 29 days; the first object has an early lone
    one, which is no trigger."""
    rows, second = [], {"a": 1.0, "b": 4.0, "c": 29.0}
    for name, days in second.items():
        times = [0.0, days / 2, days, days + 3]
        rows += [(name, 60000 + t, t in (0.0, days)) for t in times]
    rows.append(("a", 59960.0, True))
    photometry = pd.DataFrame(rows, columns=["object_id", "mjd", "detected"])
    photometry = photometry.assign(band="ztfr", flux=500.0, flux_err=20.0)
    metadata = pd.DataFrame(
        {"object_id": list("abc"), "label": ["SNIa", "SNII", "TDE"]}
    )
    result = zoo.evaluate(model, (photometry, metadata), days=[0, 1, 2, 4, 28.5, 29])
    counts = {day: of["trigger_not_confirmed"] for day, of in result["days"].items()}
    assert counts == {"0": 3, "1": 2, "2": 2, "4": 1, "28.5": 1, "29": 0}
    assert {of["n"] for of in result["days"].values()} == {3}


def test_brightness_alone_by_hand():
    """The class has peaks 9, 5, 4 and the rest 6, 3, 2: it wins 7 of 9 pairs. Its
    trigger fluxes 1, 2, 2 against 2, 3, 1 win 1 + 2 halves + ..."""
    of_class = np.array([True, True, True, False, False, False])
    peak, trigger = [9.0, 5, 4, 6, 3, 2], [1.0, 2, 2, 2, 3, 1]
    found = brightness_alone(np.column_stack([trigger, peak]), of_class)
    assert found["ranked_by"] == "peak flux so far, bright first"
    assert found["auroc"] == pytest.approx(7 / 9)
    low, high = found["interval"]
    assert low < 7 / 9 < high == 1
    faint = brightness_alone(-np.column_stack([trigger, peak]), of_class)
    assert faint["ranked_by"] == "peak flux so far, faint first"
    assert (faint["auroc"], faint["interval"]) == (found["auroc"], found["interval"])


def test_brightness_is_that_of_detections_until_the_day(model):
    """Two objects as bright at the trigger; one rises by day 3, the other by day 8, and
    the first has a bright row that is no detection."""
    rows = [
        *(("a", 0, 100, True), ("a", 1, 999, False), ("a", 3, 300, True)),
        *(("b", 0, 100, True), ("b", 1, 150, True), ("b", 8, 400, True)),
    ]
    photometry = pd.DataFrame(rows, columns=["object_id", "mjd", "flux", "detected"])
    photometry = photometry.assign(
        band="ztfr", flux_err=10.0, mjd=60000 + photometry.mjd
    )
    metadata = pd.DataFrame({"object_id": ["a", "b"], "label": ["SNIa", "SNII"]})
    result = zoo.evaluate(model, (photometry, metadata), days=[1, 3, 8])
    alone = {day: of["brightness_alone"]["SNIa"] for day, of in result["days"].items()}
    assert alone["1"]["ranked_by"] == "peak flux so far, faint first"
    assert alone["3"]["ranked_by"] == "peak flux so far, bright first"
    assert alone["8"]["ranked_by"] == "peak flux so far, faint first"
    assert {one["auroc"] for one in alone.values()} == {1.0}
    absent = result["days"]["1"]["brightness_alone"]["TDE"]
    assert absent == {"ranked_by": None, "auroc": None, "interval": [None, None]}


def test_days_are_numbers():
    assert as_days(" 2, 5,2.0") == (2.0, 5.0)
    assert as_days(()) == ()
    for wrong in ("2,x", "", "-1", "nan", "2,inf", [None], ["2", [3]]):
        with pytest.raises(
            ValueError, match="it must be numbers of days since trigger"
        ):
            as_days(wrong)
    with pytest.raises(ValueError, match="it must be numbers of days since trigger"):
        zoo.evaluate("no-such-model", None, days=[-1])


def test_the_command_prints_the_days(home):  # noqa: F811
    arguments = ("evaluate", "toy", "--data", "table", "--days", "2,10")
    result = json.loads(run(*arguments, "--taxonomy", "bts", "--json"))
    expected = zoo.evaluate("toy", "table", "bts", days=[2, 10], name="table")
    assert result == expected
    shown = run(*arguments, "--taxonomy", "bts")
    early = expected["days"]["2"]
    confirmed = 80 - early["trigger_not_confirmed"]
    assert 0 < confirmed < 80
    assert f"{confirmed} of 80" in shown and "80 of 80" in shown
    assert "brightness alone" in shown
    for of in (early["per_class"]["SNIa"], early["brightness_alone"]["SNIa"]):
        assert f"{of['auroc']:.3f} (" in shown
    assert "brightness alone" not in run(*arguments, "--classes", "SNII,SLSN-I")
    assert "0 or more, such as 2,5,10" in fails(*arguments[:-1], "2,x", code=2)
