"""`train_model` and `transfer_model`: what the commands do, for Python users."""

import pandas as pd
import pytest
from models import SMALL, labelled, small_model

import zoo
from zoo.model_folder.preset import Preset
from zoo.training.train_model import train_model
from zoo.training.transfer_model import transfer_model


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The folder of a small model."""
    return zoo.save(small_model(), tmp_path_factory.mktemp("run") / "toy")


@pytest.fixture(scope="module")
def moved(toy):
    """That model transferred with all labels of a table."""
    return transfer_model(
        toy,
        "mine",
        labelled(4).to_tables(),
        name="table",
        classes="data",
        train=["latent", "head"],
        progress=False,
    )


def test_a_budget_of_all_is_measured_on_the_validation_part_and_says_so(moved):
    validation = moved.split["validation"]
    assert moved.metrics["data"] == "table (validation part)"
    assert moved.metrics["n"] == len(validation) == 3
    assert len(moved.split["train"]) + len(validation) == 32
    assert len(moved.metrics["learning_curve"]["loss"]) == moved.report.epochs


def test_a_transferred_model_records_what_it_learned_from(moved):
    preset = moved.model.preset
    assert (preset.model_id, preset.parent) == ("mine-gru", "toy-gru@v1.2.3")
    assert set(preset.classes) == set(labelled(1).labels)
    training = dict(preset.training)
    assert training["data"] == "table" and training["labels"] == 32
    assert training["train"] == "latent,head" and not training["from_scratch"]
    assert training["recipe"] == "transfer" and "where" not in training
    assert moved.report.trained == ("latent", "head")


def test_an_outcome_is_saved_with_its_metrics_and_split(moved, tmp_path):
    folder = zoo.save(
        moved.model, tmp_path / "m", metrics=moved.metrics, split=moved.split
    )
    split = pd.read_csv(folder / "split.csv")
    assert set(split["object_id"]) == set(labelled(4).object_id)
    assert zoo.load(folder).preset.training["epochs"] == moved.report.epochs


def test_a_trained_model_may_carry_simulated_light_curves_that_it_never_saw():
    preset = Preset("mine-gru", ("SNIa", "other"), architecture=SMALL)
    data = labelled(10)
    outcome = train_model(
        preset,
        data,
        name="mine",
        recipe="paper",
        epochs=1,
        simulated=True,
        progress=False,
    )
    golden = set(outcome.model.golden.object_id)
    used = {*outcome.split["train"], *outcome.split["validation"]}
    assert golden and golden == set(data.object_id) - used
    assert outcome.metrics["n"] == len(golden)
    assert outcome.model.preset.training["recipe"] == "paper"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"labels": 3}, ValueError, "3 labels cannot be drawn"),
        ({"classes": ["SNIa", "TDE"]}, ValueError, "not among the classes SNIa, TDE"),
        ({"train": "heads"}, ValueError, "train='heads' is not known"),
        ({"base": "toyy"}, KeyError, "neither a folder nor a model"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_training(
    toy, arguments, error, message
):
    common = {"base": toy, "target": "mine", "data": labelled(4), "name": "table"}
    with pytest.raises(error, match=message):
        transfer_model(**{**common, **arguments})


def test_an_unknown_recipe_is_refused():
    preset = Preset("mine-gru", ("SNIa", "other"), architecture=SMALL)
    with pytest.raises(ValueError, match="recipe 'papers' is not known. Did you mean"):
        train_model(preset, labelled(4), name="mine", recipe="papers")
    with pytest.raises(ValueError, match="epochs is 0"):
        zoo.fit(small_model(), labelled(4), epochs=0)
