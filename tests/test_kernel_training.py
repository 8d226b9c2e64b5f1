"""Training in compiled code is the training of Keras, and of nothing else."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from kernel_cases import needs_kernel
from models import labelled, small_model, weights
from numpy.testing import assert_allclose, assert_array_equal

import zoo
from zoo.classifier.layers import compile_for_training
from zoo.kernel.network import Network
from zoo.recipe import Recipe
from zoo.training.epochs import compiled
from zoo.training.epochs.batches import Batches
from zoo.training.epochs.callbacks import Diverged
from zoo.training.epochs.compiled import MOST_SUMS, SHARD, is_standard

pytestmark = needs_kernel

EXACT = {"metadata_dropout": 0.0}

SLOW = pytest.mark.slow  # Keras traces a step for some seconds


def both(monkeypatch, make, data, **options):
    """The report and the weights of one fit in compiled code, and of one in Keras."""
    done = []
    for here in (True, False):
        model = make()
        with monkeypatch.context() as patch:
            if not here:
                patch.setattr(
                    "zoo.training.epochs.train.is_standard", lambda model: False
                )
            report = zoo.fit(model, data, progress=False, **options)
        assert (model.train_function is None) == here  # which Keras makes
        done.append((report, weights(model)))
    return done


def assert_same(done, *, rel=1e-5, atol=2e-5):
    """That both fits agree; rel of the losses, atol of the weights."""
    (here, mine), (there, theirs) = done
    assert here.loss == pytest.approx(there.loss, rel=rel)
    assert here.validation_loss == pytest.approx(there.validation_loss, rel=rel)
    assert (here.epochs, here.best_epoch) == (there.epochs, there.best_epoch)
    assert (here.trained, here.objects) == (there.trained, there.objects)
    assert here.temperature == pytest.approx(there.temperature, rel=1e-4)
    for name in mine:
        assert_allclose(mine[name], theirs[name], atol=atol, err_msg=name)


RECIPES = {
    "plain": Recipe(epochs=1, batch_size=16, patience=None, **EXACT),
    "one batch": Recipe(epochs=2, batch_size=512, patience=None, **EXACT),
    "metadata dropout": Recipe(epochs=1, batch_size=16, patience=None),
    "varied": Recipe(
        epochs=2, batch_size=32, truncation=0.3, thinning=0.3, patience=None
    ),
    "annealed": Recipe(epochs=3, batch_size=32, anneal=True, patience=None, **EXACT),
    "families": Recipe(epochs=1, batch_size=16, balance="families", **EXACT),
    "calibrated": Recipe(epochs=2, batch_size=32, calibrate=True, **EXACT),
    "early stopping": Recipe(epochs=9, batch_size=64, patience=1, learning_rate=1e-6),
}


@pytest.mark.parametrize(
    "name",
    [
        x if x in ("metadata dropout", "calibrated") else pytest.param(x, marks=SLOW)
        for x in RECIPES
    ],
)
def test_a_recipe_gives_what_it_gives_in_keras(monkeypatch, name):
    done = both(monkeypatch, small_model, labelled(12), recipe=RECIPES[name])
    assert_same(done)
    if name == "early stopping":
        assert (done[0][0].epochs, done[0][0].best_epoch) == (2, 1)


@SLOW
def test_class_weights_and_a_validation_set_give_what_they_give_in_keras(monkeypatch):
    recipe = Recipe(epochs=2, batch_size=16, patience=None, **EXACT)
    chosen = {label: 0.5 + n for n, label in enumerate(small_model().preset.classes)}
    options = {"class_weight": chosen, "validation": labelled(3)}
    assert_same(both(monkeypatch, small_model, labelled(8), recipe=recipe, **options))


@pytest.mark.parametrize(
    ("train", "metadata"),
    [
        ("head", ("redshift", "redshift_known", "mwebv")),
        ("gru+head", ()),
        (["gru_1", "metadata_dense"], ("redshift", "redshift_known", "mwebv")),
    ],
)
def test_frozen_layers_stay_as_in_keras(monkeypatch, train, metadata):

    def make():
        return small_model(metadata=metadata).transfer(target="bts", train=train)

    before = weights(make())
    recipe = Recipe(epochs=1, batch_size=16, patience=None, **EXACT)
    done = both(monkeypatch, make, labelled(8), recipe=recipe)
    assert_same(done)
    (report, after), _ = done
    for name, values in after.items():
        if name.partition("/")[0] not in report.trained:
            assert_array_equal(values, before[name])


@pytest.mark.parametrize("recipe", ["plain", "metadata dropout"])
def test_states_of_frozen_grus_are_computed_once_and_nothing_else_changes(
    monkeypatch, recipe
):
    def fitted():
        model = small_model().transfer(target="bts", train="head")
        report = zoo.fit(model, labelled(20), recipe=RECIPES[recipe], progress=False)
        return report.loss, weights(model)

    computed = []
    run = Network.learn

    def learn(self, *given):
        computed.append(1)
        return run(self, *given)

    monkeypatch.setattr(Network, "learn", learn)
    loss, once = fitted()
    assert not computed
    monkeypatch.setattr(Batches, "varies_rows", True)
    assert fitted()[0] == loss and computed
    for name, values in fitted()[1].items():
        assert_array_equal(values, once[name])


@SLOW
def test_teachers_teach_as_in_keras(monkeypatch):
    recipe = Recipe(epochs=2, batch_size=16, patience=None)
    teachers = [small_model(seed=1), small_model(seed=2)]
    options = {"recipe": recipe, "teachers": teachers}
    assert_same(both(monkeypatch, small_model, labelled(8), **options))


def test_several_shards_of_several_sums_are_one_batch(monkeypatch):
    recipe = Recipe(epochs=2, batch_size=512, patience=None, **EXACT)
    expected = both(monkeypatch, small_model, labelled(16), recipe=recipe)
    assert expected[0][0].objects > 3 * SHARD
    monkeypatch.setattr(compiled, "MOST_SUMS", 2)
    model = small_model()
    report = zoo.fit(model, labelled(16), recipe=recipe, progress=False)
    assert_same([(report, weights(model)), expected[1]])


def test_sums_of_a_huge_batch_are_few(monkeypatch):
    monkeypatch.setattr(compiled, "SHARD", 1)
    numbers = set()
    gradients = compiled._Adam.gradients
    monkeypatch.setattr(
        compiled._Adam,
        "gradients",
        lambda self, number: numbers.add(number) or gradients(self, number),
    )
    recipe = Recipe(epochs=1, batch_size=512, patience=None, **EXACT)
    zoo.fit(small_model(), labelled(16), recipe=recipe, progress=False)
    assert numbers == set(range(MOST_SUMS))


BITS = """
import hashlib, sys
sys.path.insert(0, "tests")
from models import labelled, small_model
import zoo
model = small_model()
zoo.fit(model, labelled(12), recipe="scratch", epochs=2, seed=4, progress=False)
print(hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


def test_one_seed_is_one_model_to_the_bit_whatever_the_process_and_its_cores():
    found = []
    for environment in ({}, {}, {"OMP_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "7"}):
        env = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
        done = subprocess.run(
            [sys.executable, "-c", BITS],
            env=env | environment,
            capture_output=True,
            text=True,
            cwd=os.path.dirname(os.path.dirname(__file__)),
        )
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert len(set(found)) == 1 and len(found[0]) == 65


# ---- what is left to Keras


def compile_with(model, **changes):
    """Compile as zoo does, but for some arguments."""
    usual = {
        "optimizer": keras.optimizers.Adam(1e-3),
        "loss": keras.losses.CategoricalCrossentropy(),
    }
    model.compile(**{**usual, **changes})


def smoothing():
    return keras.losses.CategoricalCrossentropy(label_smoothing=0.1)


def schedule():
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, 100))


OTHERWISE_COMPILED = {
    "another optimizer": lambda: {"optimizer": keras.optimizers.SGD(1e-3)},
    "a kind of Adam": lambda: {"optimizer": keras.optimizers.AdamW(1e-3)},
    "clipped": lambda: {"optimizer": keras.optimizers.Adam(1e-3, clipnorm=1.0)},
    "another epsilon": lambda: {"optimizer": keras.optimizers.Adam(1e-3, epsilon=1e-3)},
    "averaged": lambda: {"optimizer": keras.optimizers.Adam(1e-3, use_ema=True)},
    "decaying": lambda: {"optimizer": keras.optimizers.Adam(1e-3, weight_decay=0.1)},
    "in several steps": lambda: {
        "optimizer": keras.optimizers.Adam(1e-3, gradient_accumulation_steps=2)
    },
    "a schedule": lambda: {"optimizer": schedule()},
    "label smoothing": lambda: {"loss": smoothing()},
    "another loss": lambda: {"loss": keras.losses.MeanSquaredError()},
    "loss weights": lambda: {"loss_weights": [2.0]},
    "metrics": lambda: {"metrics": ["accuracy"]},
    "weighted metrics": lambda: {"weighted_metrics": ["accuracy"]},
}


def with_layer(name, change):
    def do(model):
        change(model.get_layer(name))

    return do


def set_to(path, value):
    """Set an attribute of a layer, or of a part of it."""

    def do(layer):
        *parts, last = path.split(".")
        for part in parts:
            layer = getattr(layer, part)
        setattr(layer, last, value)

    return do


CHANGED = {
    "dropout": with_layer("gru_1", set_to("cell.dropout", 0.3)),
    "recurrent dropout": with_layer("gru_2", set_to("cell.recurrent_dropout", 0.3)),
    "an activation": with_layer("latent", set_to("activation", keras.activations.gelu)),
    "a regularizer": with_layer(
        "head", set_to("kernel.regularizer", keras.regularizers.L2(0.1))
    ),
    "a constraint": with_layer(
        "head", set_to("kernel.constraint", keras.constraints.NonNeg())
    ),
    "a frozen bias": with_layer("latent", set_to("bias.trainable", False)),
    "a GRU that runs backwards": with_layer("gru_1", set_to("go_backwards", True)),
}


def fitted_by_keras(model) -> bool:
    """Whether a fit leaves the model to Keras, which then trains it."""
    report = zoo.fit(model, labelled(2), epochs=1, progress=False)
    assert np.isfinite(report.loss).all()
    return model.train_function is not None


def test_the_models_of_the_zoo_are_trained_in_compiled_code(tmp_path):
    assert not fitted_by_keras(small_model())
    own = zoo.load("ztfsims-gru").transfer(target="bts")
    folder = zoo.save(small_model(metadata=()), tmp_path / "toy")
    for model in (own, zoo.load(folder), zoo.load("ztfsims-gru-lite")):
        compile_for_training(model, 1e-3)
        assert is_standard(model)


@pytest.mark.parametrize("name", OTHERWISE_COMPILED)
def test_a_model_compiled_otherwise_is_left_to_keras(name):
    model = small_model()
    compile_with(model)
    assert is_standard(model)
    compile_with(model, **OTHERWISE_COMPILED[name]())
    assert not is_standard(model)


@pytest.mark.parametrize("name", ["clipped", "label smoothing", "metrics"])
def test_what_is_left_to_keras_is_trained_there(name):
    model = small_model()
    compile_with(model, **OTHERWISE_COMPILED[name]())
    assert fitted_by_keras(model)


@pytest.mark.parametrize("name", CHANGED)
def test_a_model_whose_layers_were_changed_is_left_to_keras(name):
    model = small_model()
    CHANGED[name](model)
    compile_with(model)
    assert not is_standard(model)


def test_a_class_of_the_users_own_is_left_to_keras():
    class Mine(type(small_model())):
        def train_step(self, *arguments):
            return super().train_step(*arguments)

    assert fitted_by_keras(Mine(small_model().preset))


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_a_model_that_is_frozen_as_a_whole_is_left_to_keras():
    model = small_model()
    model.trainable = False
    before = weights(model)
    assert fitted_by_keras(model)
    for name, values in weights(model).items():
        assert_array_equal(values, before[name])


def test_several_devices_are_left_to_keras(monkeypatch):
    model = small_model()
    compile_with(model)
    monkeypatch.setattr(compiled, "devices", lambda: 2)
    assert not is_standard(model)


# ---- numbers that are not finite


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("layer", ["gru_1", "head"])
def test_weights_that_overflow_end_in_one_sentence_and_stay(layer, value):
    model = small_model()
    kernel, *rest = model.get_layer(layer).get_weights()
    kernel[:] = value
    model.get_layer(layer).set_weights([kernel, *rest])
    before = weights(model)
    try:
        zoo.fit(model, labelled(2), epochs=2, progress=False)
    except Diverged as error:
        assert "the model learns nothing more and is left as it was" in str(error)
        for name, values in weights(model).items():
            assert_array_equal(values, before[name])
    else:  # a gate that is always open or shut is no error
        assert layer == "gru_1" and abs(value) == np.float32(3e38)


def test_a_validation_loss_of_certain_and_wrong_probabilities_is_finite():
    model = small_model()
    kernel, bias = model.get_layer("head").get_weights()
    bias[0] = 1e4
    model.get_layer("head").set_weights([kernel, bias])
    recipe = Recipe(epochs=1, patience=None, learning_rate=1e-6)
    report = zoo.fit(model, labelled(4), recipe=recipe, progress=False)
    assert 1 < report.validation_loss[0] < 100
