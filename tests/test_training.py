"""`zoo.fit`: the recipe, reproducible, on batches of similar length."""

import io
import random
import sys
import threading
from dataclasses import replace

import keras
import numpy as np
import pytest
from models import labelled, small_model, weights

import zoo
from zoo.inference.runtime import predict
from zoo.inputs.preprocess import preprocess, to_inputs
from zoo.light_curves.ragged import concatenate
from zoo.passbands import CATALOGUE
from zoo.recipe import RECIPES, Recipe
from zoo.taxonomy import ZTFSIMS
from zoo.training.epochs.augment import augment
from zoo.training.epochs.batches import Batches
from zoo.training.epochs.callbacks import Anneal
from zoo.training.labels.labelled import labelled_inputs, object_weights
from zoo.training.teachers import Lesson
from zoo.training.train_model import train_model


@pytest.fixture(scope="module")
def one():
    """A small model that several tests fit: tracing a training step takes seconds."""
    return small_model(seed=0)


@pytest.fixture
def toy(one):
    """The same model with its first weights and preset, and a traced training step."""
    new = small_model(seed=0)
    one.set_weights(new.get_weights())
    one.preset = new.preset
    return one


def fit(model, *data, **options):
    return zoo.fit(model, *data or (labelled(),), **{"progress": False, **options})


def rate(model) -> float:
    return float(model.optimizer.learning_rate.numpy())


def test_the_seed_alone_decides_the_weights_whatever_was_fitted_before(toy):
    # The training step is used again; the state of the optimizer must not be.
    start = toy.get_weights()
    fit(toy, epochs=3, seed=5)
    step, runs = toy.train_function, []
    for seed in (1, 1, 2):
        toy.set_weights(start)
        fit(toy, epochs=2, seed=seed)
        runs.append(weights(toy))
    assert toy.train_function is step
    another = small_model(seed=0)
    fit(another, epochs=2, seed=1)
    first, again, other = runs
    for name, value in weights(another).items():
        assert np.array_equal(value, first[name]) and np.array_equal(value, again[name])
    assert not np.array_equal(first["gru_1/kernel"], other["gru_1/kernel"])


def test_a_fit_leaves_the_random_generators_of_its_caller_alone(toy):
    def drawn(after):
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002
        after()
        return random.random(), np.random.random()  # noqa: NPY002

    assert drawn(lambda: fit(toy, epochs=1)) == drawn(lambda: None)


def test_recipe_is_the_papers(toy):
    assert fit(toy, epochs=1).epochs == 1
    assert isinstance(toy.optimizer, keras.optimizers.Adam)
    assert rate(toy) == pytest.approx(1e-3)
    assert isinstance(toy.loss, keras.losses.CategoricalCrossentropy)


def test_a_model_with_a_parent_is_fitted_with_the_recipe_of_transfer():
    model = small_model().transfer("lsst")
    recipe = RECIPES["transfer"]
    report = fit(model)
    assert report.epochs == report.best_epoch == recipe.epochs
    assert rate(model) == pytest.approx(recipe.learning_rate)
    assert recipe.calibrate and report.temperature != 1.0


def test_class_weight_takes_the_place_of_the_balance(toy):
    start, data = toy.get_weights(), labelled()

    def fitted(snia, others):
        toy.set_weights(start)
        weight = dict.fromkeys(toy.preset.classes, others) | {"SNIa": snia}
        recipe = Recipe(epochs=25, patience=None)
        fit(toy, data, data, recipe=recipe, class_weight=weight)
        return predict(toy, preprocess(data, toy.preset.preprocessing))[:, 0].mean()

    assert fitted(0.01, 1.0) + 0.02 < fitted(1.0, 0.01)


def test_a_class_without_a_weight_is_refused(toy):
    with pytest.raises(ValueError, match="class_weight has no weight for SNIa-91bg, "):
        fit(toy, class_weight={"SNIa": 1.0})


def test_a_lone_batch_whose_lengths_vary_is_fitted(toy):
    # Keras takes the shapes of all epochs from the batches of the first one.
    recipe = replace(RECIPES["paper"], truncation=0.9, thinning=0.5, epochs=10)
    assert fit(toy, labelled(1), labelled(1), recipe=recipe).epochs > 1


def test_a_refused_fit_leaves_the_passbands_alone():
    model = small_model(classes=("SNIa", "SNIb/c"))
    with pytest.raises(ValueError, match="which are not among the classes"):
        zoo.fit(model, labelled(bands=("lsstu",)), progress=False)
    assert model.preset.preprocessing.passbands == ("ztfg", "ztfr")


def test_a_compiled_model_keeps_its_optimizer_and_a_loss_of_its_own():
    def loss(truth, probabilities):
        return keras.ops.mean(keras.ops.square(truth - probabilities), axis=-1)

    model = small_model()
    model.compile(keras.optimizers.SGD(0.5), loss)
    assert fit(model, epochs=1).epochs == 1
    assert isinstance(model.optimizer, keras.optimizers.SGD) and rate(model) == 0.5
    assert model.loss is loss


def test_training_learns_and_reports_it(toy):
    recipe = replace(RECIPES["paper"], batch_size=16)
    report = fit(toy, labelled(20), labelled(2), epochs=8, recipe=recipe)
    assert report.validation_loss[report.best_epoch - 1] < report.validation_loss[0]
    assert report.objects == 160 and report.validation_objects == 16
    assert report.epochs == len(report.loss) <= 8


def test_early_stopping_restores_the_best_weights():
    model = small_model()
    model.compile(keras.optimizers.Adam(0.3), keras.losses.CategoricalCrossentropy())
    report = fit(model, labelled(), labelled(1), epochs=40)
    assert report.epochs < 40
    checked = labelled_inputs(labelled(1), model.preset)
    own = predict(model, checked.inputs)[np.arange(len(checked)), checked.classes]
    best = report.validation_loss[report.best_epoch - 1]
    assert -np.log(own).mean() == pytest.approx(best, abs=1e-3)


def test_class_weights_are_n_over_n_c():
    got = object_weights(np.array([0, 0, 0, 2]), ("SNIa", "SNII", "TDE"), Recipe())
    np.testing.assert_allclose(got, [4 / 3] * 3 + [4])


def test_roots_weigh_a_class_as_the_square_root_of_its_number():
    codes = np.array([0] * 9 + [2])
    got = object_weights(codes, ("SNIa", "SNII", "TDE"), Recipe(balance="roots"))
    assert got.sum() == pytest.approx(10)
    assert got[:9].sum() == pytest.approx(3 * got[9])


def test_families_weigh_the_same_and_share_by_their_numbers():
    codes = np.array([0, 0, 0, 1, 2, 2])
    classes = ("SNIa", "SNIax", "TDE")
    got = object_weights(codes, classes, Recipe(balance="families"))
    np.testing.assert_allclose(got, [0.75] * 4 + [1.5] * 2)
    got = object_weights(codes, classes, Recipe(balance="families", snia_weight=2))
    np.testing.assert_allclose(got, [1.0] * 6)


def test_an_annealed_learning_rate_falls_and_the_next_fit_starts_afresh(toy):
    recipe = Recipe(anneal=True)
    fit(toy, labelled(), labelled(1), epochs=2, recipe=recipe)
    assert rate(toy) == pytest.approx(1e-3)
    annealing = Anneal(4)
    annealing.set_model(toy)
    annealing.on_train_begin()
    rates = []
    for epoch in range(4):
        annealing.on_epoch_begin(epoch)
        rates.append(rate(toy))
    annealing.on_train_end()
    assert rates == pytest.approx([1e-3, 8.54e-4, 5e-4, 1.46e-4], rel=1e-2)
    assert rate(toy) == pytest.approx(1e-3)


def test_fit_adds_the_passbands_it_saw(toy):
    fit(toy, labelled(bands=("lsstu", "ztfr")), epochs=1)
    assert toy.preset.preprocessing.passbands == ("ztfg", "ztfr", "lsstu")
    preprocess(labelled(1, bands=("lsstu",)), toy.preset.preprocessing)  # no warning


def test_label_without_a_place_is_refused_with_what_to_do():
    with pytest.raises(ValueError) as refusal:
        fit(small_model(classes=("SNIa", "SNIb/c", "TDE", "SNII")), labelled())
    assert str(refusal.value) == (
        "4 objects are labelled SLSN-I, which is not among the classes SNIa, SNIb/c, "
        "TDE, SNII. Train with the labels present (--classes data; in Python "
        "classes='data'), or list the classes and add `other`."
    )


def test_data_without_labels_are_refused():
    photometry, metadata = labelled().to_tables()
    with pytest.raises(ValueError, match="none of the 32 objects has both a trigger"):
        data = (photometry, metadata.drop(columns="label"))
        zoo.fit(small_model(), data, epochs=1, progress=False)
    with pytest.raises(ValueError, match="none of the 32 objects has both a trigger"):
        train_model(small_model().preset, data, name="mine", progress=False)


def test_fit_takes_a_recipe_by_its_name():
    light_curves, reports = labelled(), []
    for recipe in ("scratch", RECIPES["scratch"]):
        model = small_model()
        options = {"epochs": 1, "recipe": recipe, "progress": False}
        reports.append(zoo.fit(model, light_curves, **options).loss)
    assert reports[0] == reports[1]
    for wrong in ("scratch ", {"epochs": 1}):
        with pytest.raises(ValueError, match="recipe .* is not known. .*Choose one of"):
            zoo.fit(small_model(), light_curves, recipe=wrong, progress=False)


def test_fit_takes_a_tfds_data_set(toy, tmp_path):
    from zoo.datasets import registry

    builder = registry.builder("ztfsims", objects=120, seed=2, data_dir=tmp_path)
    registry.prepare(builder)
    report = fit(toy, builder.as_dataset(split="train"), epochs=1)
    splits = builder.info.splits
    used = report.objects + report.validation_objects
    assert used == splits["train"].num_examples
    result = zoo.evaluate(toy, builder.as_dataset(split="test"))
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
    model = small_model().transfer("lsst")
    data = labelled_inputs(labelled(), model.preset)
    batches = Batches(data.inputs, data.one_hot(12), size=8)
    history = model.fit(batches, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert np.isfinite(model.evaluate(batches, verbose=0))


def test_a_student_learns_the_predictions_of_its_teachers_not_the_labels():
    teachers = [small_model(seed=1), small_model(seed=2)]
    data, student = labelled(8), small_model()
    inputs = labelled_inputs(data, student.preset).inputs
    wanted = np.mean([predict(teacher, inputs) for teacher in teachers], axis=0)

    def distance():
        return np.abs(predict(student, inputs) - wanted).mean()

    recipe = Recipe(learning_rate=1e-2, metadata_dropout=0.0, epochs=5)
    start, before = student.get_weights(), distance()
    fit(student, data, data, recipe=recipe, teachers=teachers)
    with_them = distance()
    student.set_weights(start)
    fit(student, data, data, recipe=recipe)
    assert with_them < before < distance()


def test_a_teacher_reads_light_curves_through_inputs_of_its_own():
    data, student = labelled(8), small_model()
    preset = student.preset
    teacher = small_model(seed=1, features="paper", window=(-10.0, 30.0), metadata=())
    train = labelled_inputs(data, preset)
    lesson = Lesson.of([teacher], data.take(train.index), train.one_hot(12))
    wanted = predict(teacher, to_inputs(data, teacher.preset.preprocessing))
    np.testing.assert_allclose(lesson.told, wanted[train.index], atol=1e-6)
    np.testing.assert_array_equal(lesson.told, lesson.untold)


def test_a_student_without_a_redshift_is_taught_as_its_teachers_judge_without_it():
    data, student = labelled(8), small_model()
    teacher, preprocessing = small_model(seed=1), student.preset.preprocessing
    train = labelled_inputs(data, student.preset)
    lesson = Lesson.of([teacher], data.take(train.index), train.one_hot(12))
    untold = zoo.classify(teacher, data.without_metadata())[list(ZTFSIMS)]
    np.testing.assert_allclose(lesson.untold, untold.to_numpy()[train.index], atol=1e-6)
    half = Recipe(metadata_dropout=0.5)
    varied = augment(train.inputs, preprocessing, half, np.random.default_rng(0))
    known = varied.metadata[:, preprocessing.metadata.index("redshift_known")] > 0
    assert 0 < known.sum() < len(known)
    targets = lesson.targets(varied, preprocessing)
    np.testing.assert_array_equal(targets[known], lesson.told[known])
    np.testing.assert_array_equal(targets[~known], lesson.untold[~known])


def test_objects_that_no_teacher_can_classify_are_learned_by_their_labels():
    data, one_hot = labelled(2), np.eye(12, dtype=np.float32)[:8]
    near, far = data.take(np.arange(4)), data.take(np.arange(4, 8))
    infrared = [passband.name for passband in CATALOGUE].index("f158")
    far = replace(far, band=np.full_like(far.band, infrared))
    teacher = small_model(seed=1)
    few = "toy-gru@v1.2.3 can classify 4 of the 8 objects; the others are learned"
    with pytest.warns(UserWarning, match="f158"), pytest.warns(UserWarning, match=few):
        lesson = Lesson.of([teacher], concatenate([near, far]), one_hot)
    assert (lesson.told[:4] > 0).all()
    np.testing.assert_array_equal(lesson.told[4:], one_hot[4:])
    with (
        pytest.warns(UserWarning, match="f158"),
        pytest.raises(ValueError, match="can classify none of the 4 objects"),
    ):
        Lesson.of([teacher], far, one_hot[:4])


def test_a_teacher_with_other_classes_is_refused():
    teacher = small_model(classes=("SNIa", "SNII"))
    with pytest.raises(ValueError, match="its classes are SNIa, SNII"):
        zoo.fit(small_model(), labelled(), teachers=[teacher])


def test_an_interrupted_fit_leaves_terminal_and_rate_as_they_were(toy, monkeypatch):
    class Interrupted(io.StringIO):
        """Standard error, on which Ctrl-C is pressed in the second epoch."""

        def write(self, text):
            if "epoch 2" in text:
                raise KeyboardInterrupt
            return super().write(text)

    def refreshing():
        return [t for t in threading.enumerate() if "Refresh" in type(t).__name__]

    monkeypatch.setattr(sys, "stderr", Interrupted())
    recipe = replace(RECIPES["transfer"], epochs=5, folds=0)
    fit(toy, recipe=recipe, epochs=1)
    highest = rate(toy)
    with pytest.raises(KeyboardInterrupt):
        fit(toy, recipe=recipe, progress=True)
    assert "epoch 1" in sys.stderr.getvalue()
    for thread in refreshing():  # one that was told to end may need a moment
        thread.join(timeout=10)
    assert not refreshing()
    assert rate(toy) == pytest.approx(highest)
