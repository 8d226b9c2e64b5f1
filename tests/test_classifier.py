"""The network: layer names, parameter counts, padding, a plain config."""

import json

import keras
import numpy as np
import pytest
from models import labelled, small_model

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
