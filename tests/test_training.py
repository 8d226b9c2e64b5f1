"""`zoo.fit`: the recipe, reproducible, on batches of like length."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from models import labelled, small_model, weights

import zoo
from zoo.inference.runtime import predict
from zoo.inputs.preprocess import preprocess
from zoo.recipe import RECIPES, Recipe
from zoo.training.labelled import labelled_inputs


def test_same_seed_gives_the_same_weights():
    runs = []
    for seed in (1, 1, 2):
        model = small_model(seed=0)
        zoo.fit(model, labelled(), epochs=2, seed=seed, progress=False)
        runs.append(weights(model))
    first, again, other = runs
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["gru_1/kernel"], other["gru_1/kernel"])


def test_recipe_is_the_papers():
    model = small_model()
    zoo.fit(model, labelled(), epochs=1, progress=False)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(1e-3)
    assert isinstance(model.loss, keras.losses.CategoricalCrossentropy)


def test_a_second_fit_is_that_of_a_fresh_optimizer():
    # The training step is used again; the state of the optimizer must not be.
    runs = []
    for earlier in (0, 3):
        model = small_model(seed=0)
        start = model.get_weights()
        for _ in range(earlier):
            zoo.fit(model, labelled(), epochs=1, seed=5, progress=False)
        model.set_weights(start)
        zoo.fit(model, labelled(), epochs=2, seed=1, progress=False)
        runs.append(weights(model))
    assert all(np.array_equal(runs[0][name], runs[1][name]) for name in runs[0])


def test_a_model_with_a_parent_is_fitted_with_the_recipe_of_transfer():
    model = small_model().transfer("lsst")
    report = zoo.fit(model, labelled(), progress=False)
    assert report.epochs == report.best_epoch == RECIPES["transfer"].epochs
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(
        RECIPES["transfer"].learning_rate
    )


def test_class_weight_takes_the_place_of_the_balance():
    def fitted(**weight):
        model = small_model(classes=("SNIa", "other"))
        data = labelled()
        zoo.fit(model, data, data, epochs=8, progress=False, **weight)
        return predict(model, preprocess(data, model.preset.preprocessing))[:, 0].mean()

    rare = fitted(class_weight={"SNIa": 0.01, "other": 1.0})
    common = fitted(class_weight={"SNIa": 1.0, "other": 0.01})
    assert rare + 0.02 < common


def test_a_lone_batch_whose_lengths_vary_is_fitted():
    # Keras takes the shapes of all epochs from the batches of the first one.
    recipe = replace(RECIPES["paper"], truncation=0.9, thinning=0.5)
    model = small_model()
    report = zoo.fit(model, labelled(1), labelled(1), recipe=recipe, progress=False)
    assert report.epochs > 1


def test_a_refused_fit_leaves_the_passbands_alone():
    model = small_model(classes=("SNIa", "SNIb/c"))
    with pytest.raises(ValueError, match="cannot hold"):
        zoo.fit(model, labelled(bands=("lsstu",)), progress=False)
    assert model.preset.preprocessing.passbands == ("ztfg", "ztfr")


def test_a_loss_of_ones_own_serves():
    def loss(truth, probabilities):
        return keras.ops.mean(keras.ops.square(truth - probabilities), axis=-1)

    model = small_model()
    model.compile(keras.optimizers.Adam(1e-3), loss)
    assert zoo.fit(model, labelled(), epochs=1, progress=False).epochs == 1


def test_a_compiled_model_keeps_its_optimizer_and_loss():
    model = small_model()
    model.compile(
        keras.optimizers.SGD(0.5), keras.losses.CategoricalFocalCrossentropy()
    )
    zoo.fit(model, labelled(), epochs=1, progress=False)
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert isinstance(model.loss, keras.losses.CategoricalFocalCrossentropy)


def test_training_learns_and_reports_it():
    model = small_model(classes=("SNIa", "SNII", "TDE", "SLSN-I", "SNIb/c"))
    report = zoo.fit(
        model,
        labelled(20),
        labelled(2),
        epochs=25,
        recipe=replace(RECIPES["paper"], batch_size=16),
        progress=False,
    )
    assert report.validation_loss[report.best_epoch - 1] < report.validation_loss[0]
    assert report.objects == 160 and report.validation_objects == 16
    assert report.epochs == len(report.loss) <= 25


def test_early_stopping_restores_the_best_weights():
    model = small_model()
    model.compile(keras.optimizers.Adam(0.3), keras.losses.CategoricalCrossentropy())
    report = zoo.fit(model, labelled(), labelled(1), epochs=40, progress=False)
    assert report.epochs < 40
    inputs, classes = labelled_inputs(model, labelled(1))
    from zoo.inference.runtime import predict

    own = predict(model, inputs)[np.arange(len(classes)), classes]
    best = report.validation_loss[report.best_epoch - 1]
    assert -np.log(own).mean() == pytest.approx(best, abs=1e-3)


def test_class_weights_are_n_over_n_c():
    from zoo.training.labelled import _weights

    got = _weights(np.array([0, 0, 0, 2]), ("SNIa", "SNII", "TDE"), Recipe())
    np.testing.assert_allclose(got, [4 / 3] * 3 + [4])


def test_roots_weigh_a_class_as_the_square_root_of_its_number():
    from zoo.training.labelled import _weights

    codes = np.array([0] * 9 + [2])
    got = _weights(codes, ("SNIa", "SNII", "TDE"), Recipe(balance="roots"))
    assert got.sum() == pytest.approx(10)
    assert got[:9].sum() == pytest.approx(3 * got[9])


def test_families_weigh_the_same_and_share_by_their_numbers():
    from zoo.training.labelled import _weights

    codes = np.array([0, 0, 0, 1, 2, 2])
    classes = ("SNIa", "SNIax", "TDE")
    got = _weights(codes, classes, Recipe(balance="families"))
    np.testing.assert_allclose(got, [0.75] * 4 + [1.5] * 2)
    got = _weights(codes, classes, Recipe(balance="families", snia_weight=2))
    np.testing.assert_allclose(got, [1.0] * 6)


def test_an_annealed_learning_rate_falls_and_the_next_fit_starts_afresh():
    from zoo.training.callbacks import Anneal

    model = small_model()
    recipe = Recipe(anneal=True, learning_rate=1e-2)
    zoo.fit(model, labelled(), labelled(1), epochs=2, recipe=recipe, progress=False)
    rate = model.optimizer.learning_rate
    assert float(rate.numpy()) == pytest.approx(1e-2)
    annealing = Anneal(4)
    annealing.set_model(model)
    annealing.on_train_begin()
    rates = []
    for epoch in range(4):
        annealing.on_epoch_begin(epoch)
        rates.append(float(rate.numpy()))
    assert rates == pytest.approx([1e-2, 8.54e-3, 5e-3, 1.46e-3], rel=1e-2)


def test_fit_adds_the_passbands_it_saw():
    model = small_model()
    zoo.fit(model, labelled(bands=("lsstu", "ztfr")), epochs=1, progress=False)
    assert model.preset.preprocessing.passbands == ("ztfg", "ztfr", "lsstu")
    preprocess(labelled(1, bands=("lsstu",)), model.preset.preprocessing)  # no warning


def test_label_without_a_place_is_refused_with_what_to_do():
    model = small_model(classes=("SNIa", "SNIb/c"))
    with pytest.raises(ValueError, match=r"cannot hold the label\(s\) SLSN-I \(4\), "):
        zoo.fit(model, labelled(), epochs=1, progress=False)
    with pytest.raises(ValueError, match=r"--classes data"):
        zoo.fit(model, labelled(), epochs=1, progress=False)


def test_data_without_labels_are_refused():
    photometry, metadata = labelled().to_tables()
    with pytest.raises(ValueError, match="none of the 32 objects has both a trigger"):
        data = (photometry, metadata.drop(columns="label"))
        zoo.fit(small_model(), data, epochs=1, progress=False)


def test_fit_takes_a_tfds_data_set(tmp_path):
    from zoo.datasets import registry

    builder = registry.builder("ztfsims", objects=120, seed=2, data_dir=tmp_path)
    registry.prepare(builder)
    model = small_model()
    report = zoo.fit(model, builder.as_dataset(split="train"), epochs=1, progress=False)
    splits = builder.info.splits
    used = report.objects + report.validation_objects
    assert used == splits["train"].num_examples
    result = zoo.evaluate(model, builder.as_dataset(split="test"))
    assert result["n"] == splits["test"].num_examples


def test_summary_and_export_work_as_on_any_model(tmp_path):
    import tensorflow as tf

    from zoo.inputs.padding import pad

    model = small_model().transfer("lsst")
    lines = []
    model.summary(print_fn=lines.append)
    assert "metadata_dense" in "".join(lines)
    model.export(tmp_path / "exported", verbose=False)
    batch = pad(preprocess(labelled(1), model.preset.preprocessing), np.arange(8), 96)
    loaded = tf.saved_model.load(str(tmp_path / "exported"))
    np.testing.assert_allclose(
        loaded.serve(batch), model.predict_on_batch(batch), atol=1e-6
    )


def test_keras_fit_and_evaluate_work_as_on_any_model():
    from zoo.training.batches import Batches

    model = small_model().transfer("lsst")
    inputs, classes = labelled_inputs(model, labelled())
    batches = Batches(inputs, np.eye(12, dtype=np.float32)[classes], size=8)
    history = model.fit(batches, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert np.isfinite(model.evaluate(batches, verbose=0))


def test_a_student_learns_what_its_teachers_say_not_the_labels():
    teachers = [small_model(seed=1), small_model(seed=2)]
    data = labelled(8)
    inputs, _ = labelled_inputs(small_model(), data)
    wanted = np.mean([predict(teacher, inputs) for teacher in teachers], axis=0)

    def distance(student):
        return np.abs(predict(student, inputs) - wanted).mean()

    recipe = Recipe(learning_rate=1e-2, metadata_dropout=0.0)
    arguments = {"epochs": 5, "recipe": recipe, "progress": False}
    with_them, without = small_model(), small_model()
    before = distance(with_them)
    zoo.fit(with_them, data, data, teachers=teachers, **arguments)
    zoo.fit(without, data, data, **arguments)
    assert distance(with_them) < before < distance(without)


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        ({"classes": ("SNIa", "SNII")}, "its classes are SNIa, SNII"),
        ({"features": "paper"}, "its features differ"),
        ({"metadata": ()}, "its metadata differ"),
    ],
)
def test_a_teacher_that_sees_or_says_something_else_is_refused(teacher, message):
    with pytest.raises(ValueError, match=message):
        zoo.fit(small_model(), labelled(), teachers=[small_model(**teacher)])


def test_a_fit_that_is_broken_off_leaves_terminal_and_rate_as_they_were(monkeypatch):
    bars = []

    def ctrl_c(bar, batch, logs=None):
        bars.append(bar)
        raise KeyboardInterrupt

    monkeypatch.setattr("zoo.training.callbacks.Bar.on_epoch_end", ctrl_c)
    model = small_model()
    recipe = replace(RECIPES["transfer"], epochs=5)
    with pytest.raises(KeyboardInterrupt):
        zoo.fit(model, labelled(), recipe=recipe, progress=True)
    assert not bars[0].progress.live.is_started
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(
        recipe.learning_rate
    )
