"""Objects of which a model sees little are counted and named, at every door."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model
from test_cli import home, run  # noqa: F401

import zoo
from zoo.explore.content import content
from zoo.inference.parts import classify_parts
from zoo.inference.runtime import Runtime
from zoo.inference.tally import Tally
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import to_inputs
from zoo.inputs.window import mostly_outside, outside_in_words
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import Part, from_tables


def objects(**days) -> zoo.LightCurves:
    """Objects with two detections, on days 0 and 1, and points on other days."""
    rows = []
    for name, others in days.items():
        rows += [(name, 60000.0 + t, t in (0, 1)) for t in (0, 1, *others)]
    photometry = pd.DataFrame(rows, columns=["object_id", "mjd", "detected"])
    photometry = photometry.assign(band="ztfr", flux=500.0, flux_err=20.0)
    metadata = pd.DataFrame({"object_id": [*days], "label": "SNIa"})
    return from_tables(photometry, metadata)


STRANGE = {
    "late": (80, 90, 100),
    "early": (-31, -40, -50),
    "both": (-31, -40, 71),
    "half": (-31, 71),
    "edge": (-30, 70, 71, 72, 73),
}


def test_more_points_outside_than_within_by_hand():
    data, preprocessing = objects(**STRANGE), Preprocessing()
    inputs = to_inputs(data, preprocessing)
    unseen = mostly_outside(data, inputs, preprocessing)
    assert [*data.object_id[unseen]] == ["late", "early", "both"]
    assert [outside_in_words(data.take([at]), preprocessing) for at in unseen] == [
        "3 of 5 points after day 70",
        "3 of 5 points before day -30",
        "3 of 5 points before day -30 or after day 70",
    ]


def test_points_at_other_wavelengths_and_objects_without_trigger_do_not_count():
    data = objects(a=(80, 90, 100), b=(80, 90, 100))
    photometry, metadata = data.to_tables()
    late = (photometry["object_id"] == "a") & (photometry["mjd"] > 60080)
    photometry.loc[late, "band"] = "lsstu"
    photometry.loc[photometry["object_id"] == "b", "detected"] = False
    data = from_tables(photometry, metadata)
    preprocessing = Preprocessing(passbands=("ztfg", "ztfr"))
    inputs = to_inputs(data, preprocessing)
    assert len(inputs) == 1
    assert not len(mostly_outside(data, inputs, preprocessing))


SAID = "days -30 to 70 since trigger, and of 3 of 5 objects most points lie outside: "


@pytest.mark.parametrize("function", [zoo.classify, zoo.embed])
def test_one_message_a_call_counts_them_and_names_one(function):
    with pytest.warns(UserWarning) as said:
        function(small_model(), objects(**STRANGE))
    assert [str(one.message) for one in said] == [
        f"the model sees {SAID}late has 3 of 5 points after day 70."
    ]


def test_objects_that_lie_within_are_not_mentioned():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zoo.classify(small_model(), objects(half=(-31, 71), edge=(-30, 70)))


def test_evaluate_says_so_too_and_counts_those_it_scores():
    data = objects(**STRANGE)
    labels = ["SNIa", None, "SNIa", "SNII", "SNII"]
    data = replace(data, metadata=data.metadata.assign(label=labels))
    unknown = data.object_id[1]
    with pytest.warns(UserWarning, match=SAID):
        result = zoo.evaluate(small_model(), data, days=[2])
    assert result["n"] == 4
    assert result["mostly_outside_window"] == 3 - (unknown in ("late", "early", "both"))


def test_the_explore_page_says_it_of_each_object():
    model = small_model()
    with pytest.warns(UserWarning, match=SAID):
        shown = content(model, objects(**STRANGE), model.preset.classes)
    outside = {one["id"]: one.get("outside") for one in shown["objects"]}
    assert outside["late"] == "3 of 5 points after day 70"
    assert outside["half"] is outside["edge"] is None


def test_parts_are_counted_together():
    runtime, tally = Runtime.of(small_model()), Tally()
    parts = [Part(objects(**{name: days})) for name, days in STRANGE.items()]
    assert len(list(classify_parts(runtime, parts, tally))) == 5
    assert tally.unseen == 3
    with pytest.warns(UserWarning, match="of 3 of 5 objects .*: late has 3 of 5 po"):
        tally.announce(runtime)


def test_the_window_is_that_of_the_model():
    short = small_model(window=(-30.0, 3.0))
    with pytest.warns(UserWarning, match="days -30 to 3 since .* 8 of 8 objects"):
        zoo.classify(short, labelled(1))
    wide = small_model(window=(-100.0, 200.0))
    assert np.isfinite(wide.classify(objects(**STRANGE))["SNIa"]).all()


def test_the_commands_say_so(home):  # noqa: F811
    write_folder(objects(**STRANGE), home / "strange")
    with pytest.warns(UserWarning, match=SAID):
        printed = run("evaluate", "toy", "--data", "strange", "--json")
    assert json.loads(printed)["mostly_outside_window"] == 3
    with pytest.warns(UserWarning, match=SAID):
        run("classify", "toy", "strange", "--out", "p.csv")
    with pytest.warns(UserWarning, match=SAID):
        run("explore", "toy", "--data", "strange", "--out", "x.html")
    assert "3 of 5 points after day 70" in (home / "x.html").read_text()
