"""Attacks on what a fit does and remembers: each is said or refused, none is silent."""

import csv
import json
import os
import pickle
from dataclasses import replace

import keras
import numpy as np
import pytest
import safetensors.numpy
from models import forge, labelled, small_model, weights
from test_cli import fails, run

import zoo
from zoo.inference.result import NOT_FINITE
from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.folder import write_folder
from zoo.recipe import RECIPES, Recipe

HUGE = 3e38  # finite in float32, but not times two
LABELS = ("SNIa", "SNII", "TDE", "other")


def files(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def damaged(layer: str, value: float = HUGE):
    """A model with a layer of weights of one value."""
    model = small_model()
    kernel, *others = model.get_layer(layer).get_weights()
    model.get_layer(layer).set_weights([np.full_like(kernel, value), *others])
    return model


def transferred():
    return small_model().transfer("mine", classes=LABELS)


# Numbers that are not finite.


def test_a_fit_that_diverges_stops_and_leaves_the_model_as_it_was():
    model = transferred()
    before, preset = weights(model), model.preset
    recipe = Recipe(learning_rate=1e37, epochs=4, batch_size=4)
    with pytest.raises(ValueError, match=r"loss is \w+ in epoch \d, at a learning"):
        zoo.fit(model, labelled(), recipe=recipe, progress=False)
    assert model.preset == preset and not model.split
    for name, tensor in weights(model).items():
        np.testing.assert_array_equal(tensor, before[name])
    assert np.isfinite(zoo.classify(model, labelled()).iloc[:, :-1]).all(axis=None)
    # The optimizer does not remember it either.
    assert np.isfinite(zoo.fit(model, labelled(), epochs=2, progress=False).loss).all()


def test_a_last_step_that_diverges_is_noticed_too():
    model = transferred()
    recipe = Recipe(learning_rate=HUGE, epochs=1, batch_size=256, patience=None)
    with pytest.raises(ValueError, match="the validation loss is nan in epoch 1"):
        zoo.fit(model, labelled(), recipe=recipe, progress=False)


@pytest.mark.parametrize(
    ("layer", "value"),
    [
        *((layer, value) for layer in ("gru_1", "head") for value in (np.nan, -np.inf)),
        *(("metadata_dense", value) for value in (np.nan, np.inf, HUGE)),
        *(("latent", value) for value in (np.nan, np.inf, HUGE)),
    ],
)
def test_a_model_that_cannot_be_loaded_is_not_saved_over_a_good_one(
    tmp_path, layer, value
):
    folder = zoo.save(small_model(), tmp_path / "good")
    before = files(folder)
    model = damaged(layer, value)
    with pytest.raises(ValueError, match="good was not written: .*finite"):
        zoo.save(model, folder, overwrite=True)
    assert files(folder) == before


def test_a_model_whose_weights_have_another_type_is_not_saved(tmp_path):
    folder = zoo.save(small_model(), tmp_path / "good")
    before = files(folder)
    model = small_model()
    model.preset = model.preset.replace(classes=LABELS)  # no longer those of the head
    with pytest.raises(ValueError, match=r"cannot be saved: .*good"):
        zoo.save(model, folder, overwrite=True)
    assert files(folder) == before


def half_damaged():
    """A model of finite weights, without finite output for known redshifts."""
    model = small_model(metadata=("redshift", "redshift_known"))
    kernel, bias = model.get_layer("metadata_dense").get_weights()
    kernel[1] = HUGE
    model.get_layer("metadata_dense").set_weights([kernel, bias])
    merge, *others = model.get_layer("merge_dense").get_weights()
    model.get_layer("merge_dense").set_weights([np.full_like(merge, 10.0), *others])
    return model


def assert_explained(table) -> int:
    """Every row has all of its numbers or a reason; count the latter."""
    finite = np.isfinite(table.iloc[:, :-1].to_numpy())
    assert (finite.all(axis=1) == finite.any(axis=1)).all()
    assert ((table["reason"] == "") == finite.all(axis=1)).all()
    return int((table["reason"] == NOT_FINITE).sum())


@pytest.mark.parametrize("make", [lambda: damaged("latent"), half_damaged])
def test_no_row_lacks_both_probabilities_and_a_reason(make):
    model, light_curves = make(), labelled(2)
    photometry, metadata = light_curves.to_tables()
    runtime = Runtime.of(model)
    inputs = to_inputs(light_curves, runtime.preset.preprocessing)
    output = runtime.run(inputs, "probabilities")[0]
    wrong = int((~np.isfinite(output).all(axis=1)).sum())
    assert (0 < wrong < 16) if make is half_damaged else wrong == 16
    message = f"{wrong} of 16 objects cannot be classified .*no finite output"
    with pytest.warns(UserWarning, match=message):
        table = zoo.classify(model, light_curves)
    assert assert_explained(table) == wrong
    with pytest.warns(UserWarning, match="no finite output"):
        assert 0 < assert_explained(zoo.embed(model, light_curves)) <= wrong
    assert assert_explained(zoo.Stream(model).push(photometry, metadata)) == wrong
    if wrong < 16:
        scores = zoo.evaluate(model, light_curves)
        assert scores["left_out"]["no_finite_output"] == wrong == scores["n_excluded"]
        assert scores["n"] == 16 - wrong and np.isfinite(scores["log_loss"])
    only = light_curves.take(np.flatnonzero((table["reason"] != "").to_numpy()))
    with pytest.raises(ValueError, match=NOT_FINITE):
        zoo.evaluate(model, only)


def test_no_row_lacks_both_on_beam():
    beam = pytest.importorskip("apache_beam", exc_type=ImportError)
    from apache_beam.testing.util import assert_that

    from zoo.beam import Classify

    def check(tables):
        assert sum(map(assert_explained, tables)) > 0

    with beam.Pipeline() as pipeline:
        tables = pipeline | beam.Create([labelled(2)]) | Classify(damaged("latent"))
        assert_that(tables, check)


def test_a_forged_folder_whose_output_is_not_finite_gives_no_file(tmp_path):
    folder = zoo.save(small_model(), tmp_path / "forged")
    path = folder / "model.safetensors"
    tensors = safetensors.numpy.load_file(path)
    for name in ("latent/kernel", "latent/bias"):
        tensors[name] = np.full_like(tensors[name], HUGE)
    safetensors.numpy.save_file(tensors, path)
    forge(folder)
    write_folder(labelled(2), tmp_path / "table")
    out = tmp_path / "out.csv"
    said = fails("classify", str(folder), str(tmp_path / "table"), "--out", str(out))
    assert "16 of 16 objects cannot be classified" in said
    assert "no finite output of the model" in said and "Fetch or train" in said
    assert not out.exists()
    said = fails("evaluate", str(folder), "--data", str(tmp_path / "table"))
    assert "no finite output of the model" in said
    assert "does not reproduce its golden values" in fails("verify", str(folder))


# The numbers of a recipe.

START = Recipe(
    epochs=2,
    patience=None,
    batch_size=16,
    balance="families",
    truncation=0.3,
    thinning=0.3,
    photometric_redshifts=0.5,
)
CHANGES = {
    "epochs": 3,
    "patience": 0,
    "batch_size": 8,
    "learning_rate": 1e-2,
    "anneal": True,
    "balance": "classes",
    "prior": "roots",
    "snia_weight": 4.0,
    "metadata_dropout": 0.0,
    "truncation": 0.0,
    "thinning": 0.0,
    "prefixes": 2,
    "photometric_redshifts": 1.0,
    "redshift_scatter": (0.2, 0.3),
    "redshift_outliers": 0.9,
    "calibrate": True,
    "folds": 2,
}


@pytest.fixture(scope="module")
def trained():
    """What the recipe `START` makes of a transferred model, and a function that fits
    the same model with another recipe."""
    model = small_model().transfer("mine", classes=LABELS, train="all")
    before = model.get_weights()

    def fitted(recipe):
        model.set_weights(before)
        model.split = {}
        report = zoo.fit(model, labelled(), recipe=recipe, progress=False)
        return report.epochs, model.get_weights()

    return fitted, fitted(START)


def differ(one, other) -> bool:
    return one[0] != other[0] or any(
        not np.array_equal(a, b) for a, b in zip(one[1], other[1], strict=True)
    )


def test_every_field_of_a_recipe_is_tried():
    assert CHANGES.keys() == vars(Recipe()).keys()


@pytest.mark.parametrize("name", CHANGES)
def test_every_field_of_a_recipe_acts(trained, name):
    fitted, usual = trained
    recipe = replace(START, **{name: CHANGES[name]})
    if name == "patience":  # no epoch is good enough after the first
        recipe = replace(recipe, epochs=6, learning_rate=1e-9)
        usual = fitted(replace(recipe, patience=None))
    if name == "folds":  # what harms does not go all the way
        recipe = replace(recipe, learning_rate=0.3)
        usual = fitted(replace(recipe, folds=0))
    assert differ(fitted(recipe), usual)


def test_the_same_recipe_gives_the_same_model(trained):
    fitted, usual = trained
    assert not differ(fitted(START), usual)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"balance": "clases"}, "Did you mean 'classes'"),
        ({"balance": ["classes"]}, "is not known"),
        ({"prior": "family"}, "Did you mean 'families'"),
        ({"snia_weight": 2.0}, "prior 'families', not 'classes' and None"),
        ({"snia_weight": 2.0, "prior": "roots"}, "not 'classes' and 'roots'"),
        ({"learning_rate": 10**400}, "a number above 0"),
        ({"learning_rate": float("nan")}, "a number above 0"),
        ({"batch_size": 0}, "a whole number"),
        ({"epochs": True}, "a whole number"),
        ({"truncation": 1.1}, "from 0 to 1"),
        ({"calibrate": 1}, "True or False"),
    ],
)
def test_a_value_that_would_not_act_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**changes)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"SNIA": 1.0}, "names SNIA, which the model does not have"),
        ({"TDE": float("nan")}, "class_weight of TDE is nan"),
        ({"TDE": -1.0}, "class_weight of TDE is -1.0"),
        ({"TDE": "2"}, "class_weight of TDE is '2'"),
        (dict.fromkeys(LABELS, 0.0), "0 for every label"),
    ],
)
def test_class_weights_are_checked(wrong, message):
    given = {**dict.fromkeys(LABELS, 1.0), **wrong}
    with pytest.raises(ValueError, match=message):
        zoo.fit(transferred(), labelled(), class_weight=given, progress=False)


def compiled(learning_rate):
    model = transferred()
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate), loss="categorical_crossentropy"
    )
    model.transfer_report = replace(model.transfer_report, auto=False)
    return model


def test_a_model_of_the_users_own_optimizer_keeps_its_rate_without_a_recipe():
    model = compiled(0.25)
    zoo.fit(model, labelled(), epochs=1, progress=False)
    assert type(model.optimizer) is keras.optimizers.SGD
    assert float(model.optimizer.learning_rate) == 0.25
    zoo.fit(model, labelled(), recipe=START, progress=False)
    assert float(model.optimizer.learning_rate) == pytest.approx(START.learning_rate)


def test_a_model_that_was_compiled_here_forgets_the_rate_of_an_earlier_fit():
    model = transferred()
    zoo.fit(model, labelled(), recipe=replace(START, learning_rate=0.1), progress=False)
    with pytest.warns(UserWarning, match="nothing tells whether training helps"):
        zoo.fit(model, labelled(), epochs=1, progress=False)
    usual = RECIPES["transfer"].learning_rate
    assert float(model.optimizer.learning_rate) == pytest.approx(usual)


def test_a_schedule_and_a_recipe_exclude_each_other():
    model = compiled(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))
    with pytest.raises(ValueError, match="follows a schedule"):
        zoo.fit(model, labelled(), recipe="transfer", progress=False)
    assert zoo.fit(model, labelled(), epochs=1, progress=False).epochs == 1


def test_a_calibration_that_cannot_be_is_not_passed_over():
    model = small_model().transfer("mine", classes=LABELS, train=["gru_1"])
    with pytest.warns(UserWarning, match="the head is frozen"):
        zoo.fit(model, labelled(), epochs=1, progress=False)


# What a model was trained on.


@pytest.fixture(scope="module")
def fitted():
    """A model trained on half of some objects, and all of them."""
    light_curves = labelled(10)
    half = light_curves.take(np.arange(40))
    model = transferred()
    zoo.fit(model, half, epochs=1, progress=False)
    return model, light_curves, set(half.object_id)


def test_zoo_fit_remembers_and_zoo_evaluate_leaves_out(fitted):
    model, light_curves, half = fitted
    assert model.split.keys() == {"train", "validation"}
    assert {*model.split["train"], *model.split["validation"]} == half
    scores = zoo.evaluate(model, light_curves)
    assert (scores["n"], scores["n_excluded"]) == (40, 40)
    assert scores["left_out"]["excluded"] == 40
    assert scores["training_objects"] == "left out"
    other = light_curves.object_id[-1]
    assert zoo.evaluate(model, light_curves, exclude={other})["n"] == 39
    scores = zoo.evaluate(model, light_curves, include_training=True)
    assert (scores["n"], scores["training_objects"]) == (80, "included")
    with pytest.raises(ValueError, match="all 40 objects were used to train"):
        zoo.evaluate(model, light_curves.take(np.arange(40)))


def test_a_second_fit_adds_to_what_is_remembered():
    model, light_curves = transferred(), labelled(6)
    for objects in (np.arange(24), np.arange(16, 40)):
        zoo.fit(model, light_curves.take(objects), epochs=1, progress=False)
    ids = [one for part in model.split.values() for one in part]
    assert sorted(ids) == sorted(light_curves.object_id[:40])


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras, on saving
@pytest.mark.parametrize("way", ["folder", "keras", "pickle", "runtime", "transfer"])
def test_what_a_model_was_trained_on_travels_with_it(fitted, tmp_path, way):
    model, light_curves, half = fitted
    if way == "folder":
        copy = zoo.save(zoo.load(zoo.save(model, tmp_path / "m")), tmp_path / "n")
        with (copy / "split.csv").open(newline="") as file:
            assert {row["object_id"] for row in csv.DictReader(file)} == half
    elif way == "keras":
        model.save(tmp_path / "m.keras")
        copy = keras.saving.load_model(tmp_path / "m.keras")
    elif way == "pickle":
        copy = pickle.loads(pickle.dumps(model))
    elif way == "runtime":
        copy = pickle.loads(pickle.dumps(Runtime.of(zoo.save(model, tmp_path / "m"))))
    else:
        copy = model.transfer("other", classes=LABELS)
        assert {*copy.split["parent"]} == half
    scores = zoo.evaluate(copy, light_curves)
    assert (scores["n"], scores["training_objects"]) == (40, "left out")


def test_the_students_of_a_model_know_its_objects():
    light_curves = labelled(6)
    teacher, student = transferred(), transferred()
    zoo.fit(teacher, light_curves.take(np.arange(16)), epochs=1, progress=False)
    rest = light_curves.take(np.arange(16, 40))
    zoo.fit(student, rest, teachers=[teacher], epochs=1, progress=False)
    assert zoo.evaluate(student, light_curves)["n"] == 8


def test_the_commands_leave_out_what_zoo_fit_saw(fitted, tmp_path):
    """zoo.fit, zoo.save, zoo-cli evaluate and card, on one and the same table."""
    model, light_curves, _ = fitted
    folder = zoo.save(model, tmp_path / "mine")
    write_folder(light_curves, tmp_path / "table")
    table = str(tmp_path / "table")
    scores = json.loads(run("evaluate", folder, "--data", table, "--json"))
    assert (scores["n"], scores["left_out"]["excluded"]) == (40, 40)
    run("card", folder, "--data", table)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert (metrics["n"], metrics["n_excluded"]) == (40, 40)
    text = (folder / "README.md").read_text()
    assert "(40 more left out: 40 excluded, as those trained on)" in text


def test_a_model_that_does_not_know_its_objects_says_so(tmp_path):
    folder = zoo.save(small_model(), tmp_path / "mine")
    write_folder(labelled(10), tmp_path / "table")
    table = str(tmp_path / "table")
    said = " ".join(run("evaluate", folder, "--data", table).split())
    assert "Which objects the model was trained on is not known" in said
    scores = json.loads(run("evaluate", folder, "--data", table, "--json"))
    assert scores["training_objects"] == "unknown"
    run("card", folder, "--data", table)
    said = (folder / "README.md").read_text()
    assert "Which objects the model was trained on is not known" in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n1,2\n",
        b"object_id,part\n\xff\xfe,train\n",
        b'"a\n',
        b"object_id,part\na\n",
    ],
)
def test_a_damaged_list_of_them_is_refused(fitted, tmp_path, content):
    model, light_curves, _ = fitted
    folder = zoo.save(model, tmp_path / "mine")
    (folder / "split.csv").write_bytes(content)
    with pytest.raises(ValueError, match=r"split\.csv does not list objects by part"):
        zoo.evaluate(folder, light_curves)
    with pytest.raises(ValueError, match=r"split\.csv does not list objects by part"):
        zoo.load(folder)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "dangling link"])
def test_a_list_of_them_that_is_no_ordinary_file_is_refused(fitted, tmp_path, kind):
    """Taken as absent, it would turn "left out" into "unknown" without a word."""
    model, light_curves, _ = fitted
    folder = zoo.save(model, tmp_path / "mine")
    path = folder / "split.csv"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "device" else tmp_path / "nothing")
    with pytest.raises(ValueError, match=r"split\.csv does not list objects by part"):
        zoo.evaluate(folder, light_curves)


def test_the_list_of_them_holds_every_id(tmp_path):
    ids = ("a\rb", "c\r", "d\ne", 'f"g', ",", "", " h ", "a", "a\0", "\udc80", "NA")
    model = small_model()
    for number, part in enumerate([ids, (*ids, "x" * 200_000)]):
        model.split = {"train": part}
        copy = zoo.load(zoo.save(model, tmp_path / str(number)))
        assert copy.split == model.split
