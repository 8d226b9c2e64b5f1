"""Adapting to a simulated survey, and a survey that is invented here, from its file to
a published model."""

import json

import numpy as np
import pytest
from models import small_model
from test_cli import fails, run

import zoo
from zoo.adapt import adapt_model, transfer_adapted
from zoo.light_curves.folder import read_folder

INVENTED = """\
name = "invented"
[passband."inv::a"]
curve = "a.dat"
depth = 21.0
[passband."inv::b"]
curve = "b.dat"
depth = 20.6
scatter = 0.2
[passband."inv::c"]
curve = "c.dat"
depth = 20.1
[cadence]
nights = [[["inv::a", "inv::b"], 0.6, 0.2], [["inv::c"], 0.4, 0.8]]
revisit = [[2, 0.5], [4, 0.5]]
seasons = 160
[selection]
limits = [17.5, 20.0]
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The current folder: a survey file with curves, and a base of another survey."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.dat").write_text("0.42 1\n0.52 1\n")
    (tmp_path / "b.dat").write_text("0.58 1\n0.70 1\n")
    (tmp_path / "c.dat").write_text("0.75 1\n0.88 1\n")
    (tmp_path / "invented.toml").write_text(INVENTED)
    zoo.save(small_model(), tmp_path / "base")
    return tmp_path


def test_an_invented_survey_goes_from_its_file_to_a_published_model(place, hub):
    run("data", "build", "invented.toml", "--objects", "120", "--table", "table")
    run(
        *("train", "--data", "table", "--out", "trained", "--id", "invented-gru"),
        *("--units", "4", "--epochs", "1", "--license", "CC0-1.0"),
    )
    passbands = ["inv::a", "inv::b", "inv::c"]
    known = json.loads((place / "trained" / "zoo.json").read_text())["preprocessing"]
    assert known["passbands"] == passbands
    run(
        *("data", "build", "invented.toml", "--objects", "60", "--seed", "9"),
        *("--table", "labels"),
    )
    said = run(
        *("transfer", "trained", "--target", "mine", "--data", "labels"),
        *("--survey", "invented.toml", "--survey-objects", "100", "--labels", "30"),
        *("--classes", "SNIa,SNIb/c,SNII,SLSN-I,TDE,AGN", "--out", "transferred"),
    )
    assert "after, on 30 labels" in said
    run("push", "transferred", "astro/mine-gru", "--version", "1.0.0")
    model = zoo.load("astro/mine-gru")
    # It knows the passbands by itself.
    bare = read_folder("table").to_tables()[0].drop(columns="wavelength")
    probabilities = model.classify(bare)[list(model.preset.classes)]
    assert np.allclose(probabilities.sum(axis=1), 1)


def test_what_a_model_was_adapted_to_is_written_down(place):
    run(
        *("transfer", "base", "--target", "mine", "--survey", "invented.toml"),
        *("--survey-objects", "120", "--out", "m"),
    )
    preset = json.loads((place / "m" / "zoo.json").read_text())
    training = preset["training"]
    assert training["labels"] == 0
    assert training["survey"].startswith("invented-")
    assert training["survey_objects"] == 120
    assert "--survey invented.toml --survey-objects 120" in training["command"]
    assert preset["parent"].startswith("toy-gru@")
    card = (place / "m" / "README.md").read_text()
    assert "no real label was used" in card
    assert training["survey"] in card
    # The simulation with more objects, which `--data invented.toml` is, begins with the
    # same ones: `evaluate` leaves them out.
    kept = zoo.load("m").split
    simulated = zoo.datasets.simulate("invented.toml", objects=120)
    learned = simulated.metadata["zoo_split"].isin(["train", "validation"])
    assert {one for ids in kept.values() for one in ids} <= set(simulated.object_id)
    assert set(kept["train"]) <= set(simulated.object_id[learned])
    assert kept["train"] and kept["validation"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--data", "labels", "--survey-objects", "200"], "needs --survey"),
        (["--survey", "invented.toml", "--zeropoint", "31.4"], "needs --data"),
        (["--survey", "invented.toml", "--bands", "g=desg"], "needs --data"),
    ],
)
def test_options_that_would_do_nothing_are_refused(place, given, message):
    said = fails("transfer", "base", "--target", "t", *given, "--out", "m", code=2)
    assert message in said


def test_a_data_set_of_a_file_is_measured_on_its_test_part(place):
    run("data", "build", "invented.toml", "--objects", "120", "--table", "table")
    run("train", "--data", "table", "--out", "m", "--units", "4", "--epochs", "1")
    metrics = json.loads((place / "m" / "metrics.json").read_text())
    table = read_folder("table")
    tested = (table.metadata["zoo_split"] == "test").sum()
    assert metrics["n"] + metrics["n_excluded"] == tested


def test_labels_decide_whether_the_adapted_base_is_the_start(place):
    survey = zoo.datasets.simulate("invented.toml", objects=150)
    data = zoo.datasets.simulate("invented.toml", objects=60, seed=9)
    done = transfer_adapted(
        *("base", "mine", data, survey),
        name="labels",
        survey_name="simulated",
        labels=40,
        progress=False,
    )
    training = done.outcome.model.preset.training
    first, second = done.log_losses
    assert done.labels == 40
    assert training["survey_kept"] == done.kept
    # A base with random weights, which four epochs improve.
    assert done.kept == (second < first)
    assert done.outcome.model.preset.parent.startswith("toy-gru@")
    assert not set(done.outcome.split["train"]) & set(survey.object_id)


def test_the_number_of_epochs_limits_both_fits(place, capfd):
    survey = zoo.datasets.simulate("invented.toml", objects=100)
    data = zoo.datasets.simulate("invented.toml", objects=60, seed=9)
    transfer_adapted(
        *("base", "mine", data, survey),
        **{"name": "labels", "survey_name": "simulated", "labels": 40, "epochs": 1},
    )
    shown = "".join(capfd.readouterr())
    assert "1/1" in shown
    assert "/4" not in shown  # the epochs of the recipe


def test_classes_that_are_not_simulated_are_refused_and_others_left_out(place):
    survey = zoo.datasets.simulate("invented.toml", objects=120)
    done = adapt_model(
        *("base", "mine", survey), name="s", classes=["SNIa", "TDE"], progress=False
    )
    used = done.model.preset.training["survey_objects"]
    assert used == np.isin(survey.labels, ["SNIa", "SNIa-91bg", "SNIax", "TDE"]).sum()
    rest = survey.take(np.flatnonzero(survey.labels == "AGN"))
    with pytest.raises(ValueError, match="no simulated object has a place among"):
        adapt_model("base", "mine", rest, name="s", classes=["SNIa", "TDE"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "give labelled light curves, or a --survey"),
        (("--survey", "invented.toml", "--labels", "5"), "needs --data"),
        (("--survey", "invented.toml", "--train", "head"), "needs --data"),
        (("--survey", "invented.toml", "--metadata", "x"), "needs --data"),
        (("--survey", "invented.toml", "--from-scratch"), "omit --survey"),
    ],
)
def test_options_for_labels_need_labels(place, options, message):
    words = ("transfer", "base", "--target", "mine", "--out", "m", *options)
    assert message in fails(*words, code=2).replace("\n", " ")


def test_a_survey_that_is_wrong_leaves_no_model(place):
    (place / "invented.toml").write_text(INVENTED.replace("seasons", "saesons"))
    words = ("transfer", "base", "--target", "mine", "--out", "m")
    assert "Did you mean 'seasons'?" in fails(*words, "--survey", "invented.toml")
    assert "no survey file" in fails(*words, "--survey", "missing.toml")
    assert not (place / "m").exists()
