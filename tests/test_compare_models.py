"""Two models on the same light curves: `zoo.compare_models` and its command."""

import json
import warnings

import numpy as np
import pytest
from models import labelled, small_model
from typer.testing import CliRunner

import zoo
from zoo.cli.main import app
from zoo.evaluation.paired import COMPARED
from zoo.light_curves.folder import write_folder


def test_it_compares_what_evaluate_measures():
    first, second, data = small_model(seed=1), small_model(seed=2), labelled(6)
    result = zoo.compare_models(first, second, data, "bts")
    for name in COMPARED:
        values = result[name]
        for model, key in ((first, "first"), (second, "second")):
            expected = zoo.evaluate(model, data, "bts")[name]
            assert values[key] == pytest.approx(expected, rel=1e-9)
        assert values["difference"] == values["second"] - values["first"]
        low, high = values["interval"]
        assert low <= values["difference"] <= high
    alone = zoo.evaluate(second, data, "bts")["per_class"]
    for label, of in result["per_class"].items():
        assert of["n"] == alone[label]["n"]
        assert of["auroc"]["second"] == pytest.approx(alone[label]["auroc"], rel=1e-9)
    assert (result["n"], result["only_first"], result["only_second"]) == (48, 0, 0)


def test_a_model_does_not_differ_from_itself():
    model = small_model()
    result = zoo.compare_models(model, model, labelled(3))
    for name in COMPARED:
        assert result[name]["difference"] == 0 and result[name]["interval"] == [0, 0]


def test_the_order_of_the_models_is_the_sign_of_the_differences():
    first, second = small_model(seed=1), small_model(seed=2)
    there = zoo.compare_models(first, second, labelled(4))["macro_auroc"]
    back = zoo.compare_models(second, first, labelled(4))["macro_auroc"]
    assert back["difference"] == -there["difference"] != 0
    assert back["interval"] == pytest.approx([-x for x in there["interval"][::-1]])


def test_what_either_was_trained_on_is_left_out_unless_asked_for():
    first, second, data = small_model(seed=1), small_model(seed=2), labelled(6)
    zoo.fit(first, data.take(np.arange(10)), epochs=1, progress=False)
    zoo.fit(second, data.take(np.arange(8, 16)), epochs=1, progress=False)
    result = zoo.compare_models(first, second, data)
    assert (result["n"], result["training_objects"]) == (48 - 16, ["left out"] * 2)
    whole = zoo.compare_models(first, second, data, include_training=True)
    assert (whole["n"], whole["training_objects"]) == (48, ["included"] * 2)


def test_objects_that_one_model_cannot_classify_are_counted():
    # `i` alone: too far from the passbands of the second.
    wide = small_model(seed=1, passbands=("lsstg", "lssti"))
    narrow = small_model(seed=2, passbands=("lsstg",))
    photometry, metadata = labelled(4).to_tables()
    red = metadata["object_id"][:6]
    chosen = photometry["object_id"].isin(red)
    photometry["band"] = np.where(chosen, "lssti", "lsstg")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="left out .* rows in lssti")
        result = zoo.compare_models(wide, narrow, (photometry, metadata))
        assert (result["n"], result["only_first"]) == (len(metadata) - 6, 6)
        tables = photometry[chosen], metadata[metadata["object_id"].isin(red)]
        with pytest.raises(ValueError, match="none of the|is classified by both"):
            zoo.compare_models(wide, narrow, tables)


def test_models_with_other_classes_need_a_taxonomy():
    first, second = small_model(), small_model(("SNIa", "other"))
    with pytest.raises(ValueError, match="different classes. Score both in a taxonomy"):
        zoo.compare_models(first, second, labelled(2))
    shared = zoo.compare_models(first, second, labelled(2), classes=["SNIa", "other"])
    assert shared["classes"] == ["SNIa", "other"]
    with pytest.raises(ValueError, match="either a taxonomy or classes"):
        zoo.compare_models(first, second, labelled(2), "bts", classes=["SNIa", "other"])


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a table and two models, the current one."""
    monkeypatch.chdir(tmp_path)
    write_folder(labelled(6), tmp_path / "table")
    for seed in (1, 2):
        zoo.save(small_model(seed=seed), tmp_path / f"m{seed}")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["compare-models", *arguments])


def test_the_command_prints_what_the_function_returns(home):
    done = run("m1", "m2", "--data", "table", "--taxonomy", "bts", "--json")
    assert done.exit_code == 0, done.output
    expected = zoo.compare_models("m1", "m2", "table", "bts")
    assert json.loads(done.stdout) == json.loads(json.dumps(expected))
    lines = run("m1", "m2", "--data", "table").stdout
    assert "toy-gru@v1.2.3 and toy-gru@v1.2.3 on 48 objects of table" in lines
    assert "macro_auroc" in lines and "SNIa-91bg" in lines


def test_the_command_hides_metadata_from_both(home):
    options = ("m1", "m2", "--data", "table", "--json")
    seen, hidden = (
        json.loads(run(*options, *more).stdout) for more in ((), ("--no-metadata",))
    )
    for key in ("first", "second"):
        assert seen["log_loss"][key] != hidden["log_loss"][key]


def test_the_command_refuses_in_one_sentence(home):
    both = ("--taxonomy", "bts", "--classes", "SNIa,other")
    assert run("m1", "m2", "--data", "table", *both).exit_code == 2
    assert run("m1", "m2", "--data", "table", "--where", "redshift").exit_code == 2


def test_a_data_set_of_ours_takes_models_with_passbands_of_their_own(home, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(home / "tfds"))
    own = {"ztfg": 0.4746, "ztfr": 0.6366, "mine_blue": 0.45}
    passbands = {"passbands": ("ztfg", "ztfr", "mine_blue"), "wavelengths": own}
    zoo.save(small_model(seed=3, **passbands), home / "m3")
    for models in (("m3", "m1"), ("m1", "m3")):
        options = ("--data", "ztfsims/simulated-n60-s1", "--include-training", "--json")
        done = run(*models, *options)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["n"] > 0
