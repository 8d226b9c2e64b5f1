"""The network: layer names, parameter counts, padding, a plain config; what users of
Keras do with any model."""

import copy
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from models import labelled, small_model, weights

import zoo
from zoo.classifier import TransientClassifier
from zoo.inference.runtime import predict
from zoo.inputs.features import WIDTH
from zoo.inputs.padding import pad
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.model_folder.preset import Preset
from zoo.taxonomy import ZTFSIMS

LAYERS = {
    "light_curve",
    "gru_1",
    "gru_2",
    "light_curve_dense",
    "metadata",
    "metadata_dense",
    "merge_dense",
    "latent",
    "head",
}


METADATA = Preprocessing().metadata


def full_model(features: str, metadata=METADATA) -> TransientClassifier:
    preprocessing = Preprocessing(features=features, metadata=metadata)
    return TransientClassifier(Preset("x-gru", ZTFSIMS, preprocessing=preprocessing))


def test_paper_network_has_the_published_number_of_parameters():
    assert full_model("paper", metadata=()).count_params() == 123_912


def test_metadata_branch_adds_1040_parameters():
    # Dense 10 on 3 inputs (40), and 10 more inputs of merge_dense (1,000).
    assert full_model("paper").count_params() == 124_952


def test_layer_names_are_the_contract():
    model = full_model("paper")
    assert {layer.name for layer in model.layers} == LAYERS | {"mask", "merge"}
    without = full_model("paper", metadata=())
    assert {layer.name for layer in without.layers} == (
        LAYERS - {"metadata", "metadata_dense"}
    ) | {"mask"}


def test_model_is_a_functional_keras_model():
    model = small_model()
    assert isinstance(model, keras.Model)
    assert model.get_layer("gru_1").output.shape[-1] == 8


def test_plain_config_rebuilds_without_our_code_and_says_the_same():
    model = small_model()
    config = json.loads(model.plain().to_json())
    assert config["class_name"] == "Functional"
    rebuilt = keras.models.model_from_json(json.dumps(config))
    rebuilt.set_weights(model.get_weights())
    inputs = preprocess(labelled(1), model.preset.preprocessing)
    batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
    said = rebuilt.predict_on_batch(batch)
    np.testing.assert_array_equal(said, model.predict_on_batch(batch))
    np.testing.assert_allclose(said, predict(model, inputs), atol=1e-6)


def test_config_round_trip_keeps_the_preset():
    model = small_model()
    assert TransientClassifier.from_config(model.get_config()).preset == model.preset


@pytest.mark.parametrize("features", WIDTH)
def test_padding_does_not_change_probabilities(features):
    model = small_model(features=features)
    inputs = preprocess(labelled(1), model.preset.preprocessing)
    objects = np.arange(len(inputs))
    longest = int(inputs.lengths.max())
    short = model.predict_on_batch(pad(inputs, objects, longest))
    long = model.predict_on_batch(pad(inputs, objects, longest + 40))
    np.testing.assert_allclose(short, long, atol=1e-6)


@pytest.mark.parametrize("metadata", [(), METADATA])
def test_wrong_input_key_is_refused(metadata):
    # With a name on every input Keras 3.15 refuses; without, it would only warn.
    model = small_model(metadata=metadata)
    batch = pad(preprocess(labelled(1), model.preset.preprocessing), np.array([0]), 96)
    batch["lightcurve"] = batch.pop("light_curve")
    with pytest.raises(ValueError, match='Missing data for input "light_curve"'):
        model(batch)


def test_a_model_says_what_it_is():
    model = small_model(passbands=("ztfg", "ztfi"))
    facts = ("12 classes", "ztfg ztfi", f"{model.count_params():,} parameters")
    assert repr(model) == f"<TransientClassifier toy-gru v1.2.3: {', '.join(facts)}>"
    assert all(f"<td>{fact}</td>" in model._repr_html_() for fact in facts)
    model.preset = model.preset.replace(classes=("<script>", *model.preset.classes[1:]))
    assert "<script>" not in model._repr_html_()


# ---- what users of Keras do with any model


@pytest.fixture(scope="module")
def transferred() -> TransientClassifier:
    """A compiled model with frozen layers, whose optimizer has a state."""
    model = small_model()
    model.golden = labelled(1)
    model.source = "astro/toy-gru@v1.2.3"
    new = model.transfer("mine", classes=["SNIa", "other"], train="head")
    zoo.fit(new, labelled(), epochs=1, progress=False)
    return new


def assert_same(copied: TransientClassifier, model: TransientClassifier) -> None:
    theirs, ours = weights(copied), weights(model)
    assert theirs.keys() == ours.keys()
    assert all(np.array_equal(theirs[name], ours[name]) for name in ours)
    for name in ("preset", "source", "transfer_report"):
        assert getattr(copied, name) == getattr(model, name), name
    np.testing.assert_array_equal(copied.golden.flux, model.golden.flux)
    assert list(copied.golden.object_id) == list(model.golden.object_id)
    for one, other in zip(copied.layers, model.layers, strict=True):
        assert one.trainable == other.trainable
    states = zip(copied.optimizer.variables, model.optimizer.variables, strict=True)
    assert all(np.array_equal(a.numpy(), b.numpy()) for a, b in states)


def saved_and_loaded(model, folder):
    model.save(folder / "m.keras")
    return keras.saving.load_model(folder / "m.keras")


# Keras 3.15 turns its variables into arrays in a way that numpy 2.4 warns of.
ON_SAVING = pytest.mark.filterwarnings("ignore:__array__ implementation")


@ON_SAVING
@pytest.mark.parametrize(
    "copied",
    [
        lambda model, folder: copy.deepcopy(model),
        lambda model, folder: pickle.loads(pickle.dumps(model)),
        saved_and_loaded,
    ],
    ids=["deepcopy", "pickle", "keras file"],
)
def test_a_copy_keeps_everything(transferred, tmp_path, copied):
    assert_same(copied(transferred, tmp_path), transferred)


LOAD = """
import numpy as np
model = keras.saving.load_model("m.keras")
print(repr(model), model.source)
np.save("latent", model.get_layer("latent").get_weights()[0])
"""


@ON_SAVING
@pytest.mark.parametrize("imports", ["import zoo, keras", "import keras, zoo"])
def test_a_keras_file_loads_in_another_process(transferred, tmp_path, imports):
    transferred.save(tmp_path / "m.keras")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", imports + LOAD],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == f"{transferred!r} {transferred.source}"
    kept = np.load(tmp_path / "latent.npy")
    np.testing.assert_array_equal(kept, weights(transferred)["latent/kernel"])


@ON_SAVING
def test_checkpoints_of_a_fit_are_whole_models(tmp_path):
    model = small_model().transfer("mine", classes=["SNIa", "other"], train="head")
    inputs = preprocess(labelled(1), model.preset.preprocessing)
    batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
    classes = np.eye(2)[np.arange(len(inputs)) % 2]
    path = tmp_path / "{epoch}.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(path)
    model.fit(batch, classes, epochs=2, verbose=0, callbacks=[checkpoint])
    last = keras.saving.load_model(tmp_path / "2.keras")
    assert last.preset == model.preset
    ours, kept = weights(model), weights(last)
    assert all(np.array_equal(ours[name], kept[name]) for name in ours)


def test_a_clone_is_a_plain_model_of_the_same_layers():
    model = small_model()
    clone = keras.models.clone_model(model)
    assert type(clone) is not TransientClassifier
    assert [x.name for x in clone.layers] == [x.name for x in model.layers]
    clone.set_weights(model.get_weights())
    inputs = preprocess(labelled(1), model.preset.preprocessing)
    batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
    np.testing.assert_array_equal(
        clone.predict_on_batch(batch), model.predict_on_batch(batch)
    )


@pytest.fixture(
    params=["mixed_float16", "bfloat16", "floatx float64", "floatx float16"]
)
def other_precision(request):
    """A global setting of Keras other than float32."""
    name = request.param.removeprefix("floatx ")
    if name == request.param:
        keras.config.set_dtype_policy(name)
    else:
        keras.config.set_floatx(name)
    yield name
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def test_global_precision_changes_nothing(transferred, other_precision, tmp_path):
    model = TransientClassifier(transferred.preset)
    model.set_weights(transferred.get_weights())
    assert {x.dtype for x in model.weights} == {"float32"}
    inputs = preprocess(labelled(1), model.preset.preprocessing)
    batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
    np.testing.assert_array_equal(
        model.predict_on_batch(batch), transferred.predict_on_batch(batch)
    )
    np.testing.assert_array_equal(predict(model, inputs), predict(transferred, inputs))
    assert (
        json.loads(model.plain().to_json())["config"]["layers"][0]["config"]["dtype"]
        == "float32"
    )
    new = model.transfer("other", classes=["SNIa", "other"])
    assert np.isfinite(zoo.fit(new, labelled(), epochs=1, progress=False).loss).all()
    again = zoo.load(zoo.save(new, tmp_path / "m"))
    np.testing.assert_array_equal(predict(again, inputs), predict(new, inputs))
