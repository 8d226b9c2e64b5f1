"""zoo.evaluate: the figures it returns, and which objects it leaves out."""

import json

import numpy as np
import pytest
from models import labelled, small_model
from test_rooms import HEAVY, loaded

import zoo
from zoo.light_curves.folder import write_folder
from zoo.taxonomy import collapse
from zoo.training.labels.stratified import label_budget, parts

KEYS = {
    *("model", "revision", "data", "n", "n_excluded", "classes", "accuracy"),
    *("left_out", "training_objects", "few"),
    *("balanced_accuracy", "macro_f1", "macro_auroc", "micro_auroc", "log_loss", "ece"),
    *("per_class", "intervals", "mostly_outside_window", "purity_completeness"),
    "diagnostics",
}


def test_result_has_the_documented_figures():
    result = zoo.evaluate(small_model(), labelled(2), "bts", name="toy")
    assert set(json.loads(json.dumps(result))) == KEYS
    assert (result["model"], result["revision"]) == ("toy-gru", "v1.2.3")
    assert result["classes"] == ["SNIa", "SNIb/c", "SNII", "SLSN-I", "TDE"]
    assert set(result["per_class"]["SNIa"]) == {
        *("n", "auroc", "average_precision", "precision", "recall", "f1"),
        "intervals",
    }
    assert result["per_class"]["SNIb/c"]["n"] == 4  # SNIb and SNIc-BL, twice
    low, high = result["intervals"]["macro_auroc"]
    assert low <= result["macro_auroc"] <= high


def test_labels_without_a_place_are_left_out_and_counted():
    result = zoo.evaluate(small_model(), labelled(2), classes=["SNIa", "SNII"])
    assert (result["n"], result["n_excluded"]) == (8, 8)


def test_objects_without_label_or_trigger_are_counted():
    photometry, metadata = labelled(2).to_tables()
    metadata.loc[0, "label"] = None
    photometry.loc[photometry["object_id"] == "golden-1-0", "detected"] = False
    result = zoo.evaluate(small_model(), (photometry, metadata), "bts")
    assert (result["n"], result["n_excluded"]) == (14, 2)


def test_excluded_objects_are_counted():
    data = labelled(2)
    result = zoo.evaluate(small_model(), data, "bts", exclude=set(data.object_id[:5]))
    assert (result["n"], result["n_excluded"]) == (11, 5)


def test_integer_ids_are_excluded_as_well():
    photometry, metadata = labelled(2).to_tables()
    number = {name: i for i, name in enumerate(metadata["object_id"])}
    photometry["object_id"] = photometry["object_id"].map(number)
    metadata["object_id"] = metadata["object_id"].map(number)
    result = zoo.evaluate(small_model(), (photometry, metadata), "bts", exclude={0, 3})
    assert result["n_excluded"] == 2


def test_probabilities_are_collapsed_and_renormalised():
    model, data = small_model(), labelled(2)
    table = model.classify(data).drop(columns="reason").to_numpy()
    onto = ("SNIa", "SNII")
    coarse = collapse(table, model.preset.classes, onto)
    truth = np.array([0 if x.startswith("SNIa") else 1 for x in data.labels])
    kept = [i for i, x in enumerate(data.labels) if x.startswith(("SNIa", "SNII"))]
    result = zoo.evaluate(model, data, classes=onto)
    right = coarse[kept].argmax(1) == truth[kept]
    assert result["accuracy"] == pytest.approx(right.mean())


def test_classes_that_a_model_lacks_are_named():
    coarse = small_model(classes=("SNIa", "SNIb/c", "SNII", "SLSN-I", "TDE"))
    message = (
        "The model has none of the classes SNIa-91bg, SNIb, SNIc-BL, SNIIn, so every "
        "object of these counts as misclassified"
    )
    with pytest.warns(UserWarning, match=message):
        zoo.evaluate(coarse, labelled(2), "ztfsims")
    message = "The model has no class TDE, so every TDE counts as misclassified"
    with pytest.warns(UserWarning, match=message):
        zoo.evaluate(
            small_model(classes=("SNIa", "SNII")), labelled(2), classes="SNIa,SNII,TDE"
        )


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        (
            {"taxonomy": "bts", "classes": ["SNIa", "SNII"]},
            "either a taxonomy or classes",
        ),
        (
            {"classes": ["KN", "CaRT"]},
            "none of the 16 objects has a trigger and a label",
        ),
        ({"classes": []}, "at least two classes"),
        ({"taxonomy": "btss"}, "'btss' is neither a taxonomy .* Did you mean 'bts'"),
    ],
)
def test_refusals(kwargs, message):
    with pytest.raises(ValueError, match=message):
        zoo.evaluate(small_model(), labelled(2), **kwargs)


@pytest.mark.parametrize(
    "command",
    [
        "evaluate ztfsims-gru --data table --json",
        "data show table golden-0-0 --model ztfsims-gru --figure x.png",
        "data show table golden-0-0 --model ztfsims-gru --explain",
        "explore ztfsims-gru --data table --out x.html",
    ],
)
def test_commands_that_only_predict_run_without_keras(command, tmp_path):
    write_folder(labelled(1), tmp_path / "table")
    code = f"import os; os.chdir({str(tmp_path)!r})\n"
    code += f"sys.argv = ['zoo-cli', *{command.split()!r}]\n"
    code += "from zoo.cli.main import main\ntry: main()\nexcept SystemExit as e: "
    code += "assert not e.code"
    assert not loaded(code) & HEAVY


def test_label_budget_is_stratified_and_spares_the_rest():
    preset, data = small_model().preset, labelled(10)
    chosen = label_budget(preset, data, 20, seed=1)
    sizes = [len(chosen.train), len(chosen.validation), len(chosen.test)]
    assert sizes == [18, 2, 60]
    everyone = np.concatenate([chosen.train, chosen.validation, chosen.test])
    assert sorted(everyone) == list(range(80))
    used = data.labels[np.concatenate([chosen.train, chosen.validation])]
    assert set(used) == set(data.labels)
    again = label_budget(preset, data, 20, seed=1)
    np.testing.assert_array_equal(chosen.train, again.train)


def test_a_builders_test_split_is_never_drawn_from():
    preset, data = small_model().preset, labelled(10)
    data.metadata["zoo_split"] = np.where(np.arange(80) < 40, "test", "train")
    chosen = label_budget(preset, data, None, seed=1)
    np.testing.assert_array_equal(chosen.test, np.arange(40))
    assert min(chosen.train.min(), chosen.validation.min()) >= 40
    assert len(parts(preset, data, seed=0).validation) == 0


@pytest.mark.parametrize("labels", [7, 33])
def test_impossible_budget_is_refused(labels):
    with pytest.raises(ValueError, match=f"{labels} labels cannot be drawn from 32"):
        label_budget(small_model().preset, labelled(4), labels, seed=0)
