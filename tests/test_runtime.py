"""Inference without Keras: the same numbers, from a graph made of the weights."""

import copy
import gc
import os
import pickle
import shutil
import subprocess
import sys
import weakref

import numpy as np
import onnx
import pandas as pd
import pytest
from models import labelled, small_model

import zoo
from zoo.hub.pins import BUNDLED, pins
from zoo.inference.onnx_graph import OPSET, onnx_graph
from zoo.inference.protobuf import message
from zoo.inference.runtime import Runtime, current_tensors
from zoo.inference.session import CHUNK
from zoo.inputs.features import FEATURES
from zoo.inputs.padding import pad
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.table import from_tables
from zoo.model_folder import held
from zoo.model_folder.preset import Architecture, Preset
from zoo.model_folder.tensors import named_tensors, tensor_shapes


@pytest.fixture
def folder(tmp_path):
    return zoo.save(small_model(), tmp_path / "toy")


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("metadata", [(), ("redshift", "redshift_known", "mwebv")])
def test_the_runtime_says_what_keras_says(features, metadata):
    model = small_model(features=features, metadata=metadata)
    inputs = preprocess(labelled(4), model.preset.preprocessing)
    batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
    found = Runtime.of(model).run(inputs, "probabilities")[0]
    np.testing.assert_allclose(found, model.predict_on_batch(batch), atol=1e-5)


@pytest.mark.parametrize("model_id", pins())
def test_every_bundled_model_says_without_keras_what_it_says_with_it(model_id):
    model, runtime = zoo.load(model_id), Runtime.load(model_id)
    inputs = preprocess(runtime.reference(), runtime.preset.preprocessing)
    inputs = inputs.take(np.arange(60))
    batch = pad(inputs, np.arange(60), int(inputs.lengths.max()))
    said = np.asarray(model(batch, training=False))
    np.testing.assert_allclose(runtime.run(inputs, "probabilities")[0], said, atol=1e-5)


def test_several_outputs_come_from_one_pass():
    model = small_model()
    inputs = preprocess(labelled(8), model.preset.preprocessing)
    runtime = Runtime.of(model)
    latent, probabilities = runtime.run(inputs, "latent", "probabilities")
    assert latent.shape == (64, 8)
    np.testing.assert_array_equal(
        probabilities, runtime.run(inputs, "probabilities")[0]
    )
    logits = latent @ model.get_layer("head").kernel.numpy()
    logits += model.get_layer("head").bias.numpy()
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)


def test_chunks_and_cores_do_not_change_a_bit(monkeypatch):
    model = small_model()
    inputs = preprocess(labelled(24), model.preset.preprocessing)
    runtime = Runtime.of(model)
    monkeypatch.setattr("zoo.inference.session.MOST_STEPS", 0)
    assert len(inputs) > 2 * CHUNK
    found = runtime.run(inputs, "probabilities")[0]
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    np.testing.assert_array_equal(found, runtime.run(inputs, "probabilities")[0])


@pytest.mark.parametrize("model_id", ["ztfsims-gru", "ztfsims-gru-lite"])
def test_an_object_has_the_same_bits_whoever_its_neighbours_are(model_id, monkeypatch):
    # What makes results independent of parts, workers and machines of one kind.
    runtime = Runtime.load(model_id)
    inputs = preprocess(runtime.reference(), runtime.preset.preprocessing)
    names = ("probabilities", "latent")
    expected = runtime.run(inputs, *names)
    monkeypatch.setattr("zoo.inference.session.MOST_STEPS", 0)
    for size in (1, 2, 7, 13, 24, 512):  # the last: the short beside the longest
        monkeypatch.setattr("zoo.inference.session.CHUNK", size)
        for found, whole in zip(runtime.run(inputs, *names), expected, strict=True):
            np.testing.assert_array_equal(found, whole)
    some = np.random.default_rng(0).permutation(len(inputs))[:77]
    for found, whole in zip(
        runtime.run(inputs.take(some), *names), expected, strict=True
    ):
        np.testing.assert_array_equal(found, whole[some])
    alone = preprocess(runtime.reference().take([5]), runtime.preset.preprocessing)
    np.testing.assert_array_equal(runtime.run(alone, *names)[0][0], expected[0][5])


def test_no_object_is_an_empty_result():
    model = small_model()
    inputs = preprocess(labelled(1), model.preset.preprocessing)
    none = inputs.take(np.array([], np.int64))
    assert Runtime.of(model).run(none, "probabilities")[0].shape == (0, 12)


def test_tensor_shapes_are_those_of_the_network():
    for model in (small_model(), small_model(metadata=())):
        made = {name: tuple(v.shape) for name, v in named_tensors(model).items()}
        assert made == tensor_shapes(model.preset)
    narrow = Preset("toy-gru", ("a", "b"), architecture=Architecture.of(7))
    assert tensor_shapes(narrow)["gru_2/recurrent_kernel"] == (7, 21)


@pytest.mark.parametrize("metadata", [(), ("redshift", "redshift_known", "mwebv")])
def test_the_graph_is_to_the_byte_what_the_onnx_package_writes(metadata):
    model = small_model(metadata=metadata)
    tensors = current_tensors(model)
    graph = onnx_graph(model.preset, tensors)
    read = onnx.load_model_from_string(graph)
    onnx.checker.check_model(read, full_check=True)
    assert read.SerializeToString() == graph
    assert read.producer_name == "transient-zoo"
    assert [opset.version for opset in read.opset_import] == [OPSET]
    weights = {x.name: onnx.numpy_helper.to_array(x) for x in read.graph.initializer}
    np.testing.assert_array_equal(weights["head/kernel"], tensors["head/kernel"])
    np.testing.assert_array_equal(
        weights["gru_1/R"][0].T, tensors["gru_1/recurrent_kernel"]
    )


def test_long_numbers_and_texts_of_a_message_are_what_protobuf_writes():
    for size in (0, 1, 127, 128, 16383, 16384, 2**31):
        opset = onnx.OperatorSetIdProto(domain="x" * min(size, 20000), version=size)
        written = message({1: opset.domain, 2: size})
        assert written == opset.SerializeToString()


def test_nothing_is_written_into_a_model_folder(folder):
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    expected = zoo.classify(zoo.load(folder), labelled(1))
    found = zoo.classify(folder, labelled(1))
    np.testing.assert_allclose(found.iloc[:, :-1], expected.iloc[:, :-1], atol=1e-5)
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert after == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_only_be_read_will_do(folder):
    folder.chmod(0o555)
    assert len(zoo.classify(folder, labelled(1))) == 8


def test_changed_weights_are_refused_without_keras_too(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    with pytest.raises(ValueError, match="was changed"):
        zoo.classify(folder, labelled(1))


HELD = """
import os, sys, zoo
from zoo.light_curves.analytic import golden_light_curves
folder, name = sys.argv[1:]
data, opened = golden_light_curves(), []
def note(event, args):
    if event == "open" and str(args[0]).startswith(folder):
        opened.append(os.path.basename(args[0]))
sys.addaudithook(note)
zoo.classify(name, data)
assert "model.safetensors" in opened
opened.clear()
zoo.classify(name, data), zoo.embed(name, data), zoo.Stream(name)
print(*opened)
"""


@pytest.mark.parametrize("kind", ["bundled", "folder"])
def test_a_name_is_loaded_once_by_a_process(folder, kind):
    name = str(folder)
    if kind == "bundled":
        name, folder = "ztfsims-gru", BUNDLED / "ztfsims-gru"
    done = subprocess.run(
        [sys.executable, "-c", HELD, folder, name], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.split()) == (0, 3 * ["zoo.json"]), done.stderr


def test_what_is_held_is_not_taken_for_other_weights(folder):
    data = labelled(1)
    tables = []
    for seed in (5, 6, 5):
        zoo.save(small_model(seed=seed), folder, overwrite=True)
        tables.append(zoo.classify(folder, data))
        fresh = Runtime.of(zoo.load(folder))
        pd.testing.assert_frame_equal(tables[-1], zoo.classify(fresh, data))
    pd.testing.assert_frame_equal(tables[0], tables[2])
    assert not np.array_equal(tables[0].iloc[:, :-1], tables[1].iloc[:, :-1])


def test_two_folders_of_one_relative_name_are_not_confused(folder, monkeypatch):
    data, other = labelled(1), folder.parent / "elsewhere"
    other.mkdir()
    zoo.save(small_model(seed=5), other / folder.name)
    tables = []
    for place in (folder.parent, other):
        monkeypatch.chdir(place)
        tables.append(zoo.classify(f"./{folder.name}", data))
    assert not np.array_equal(tables[0].iloc[:, :-1], tables[1].iloc[:, :-1])


@pytest.mark.parametrize("damage", ["same size", "missing", "further", "zoo.json"])
def test_a_folder_that_is_damaged_while_its_model_is_held_is_refused(folder, damage):
    zoo.classify(folder, labelled(1))
    weights = folder / "model.safetensors"
    if damage == "same size":
        weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    elif damage == "missing":
        weights.unlink()
    elif damage == "further":
        (folder / "notes.txt").write_text("mine")
    else:
        path = folder / "zoo.json"
        path.write_text(path.read_text().replace("SNIa", "SNIb", 1))
    with pytest.raises(ValueError, match="was changed|is missing|is not listed"):
        zoo.classify(folder, labelled(1))


def test_few_models_are_held_at_a_time(tmp_path):
    data, model = labelled(1), small_model()
    folders = [zoo.save(model, tmp_path / f"toy-{i}") for i in range(held.MOST + 2)]
    gone = weakref.ref(Runtime.load(folders[0]).session)
    for folder in folders[1:]:
        zoo.classify(folder, data)
    gc.collect()
    assert gone() is None


ELSEWHERE = """
import os, pickle, sys
import numpy as np
os.chdir("/")
runtime, stream, whole, late = pickle.load(sys.stdin.buffer)
from zoo.inference.classify import classify
from zoo.inference.novelty import novelty
tables = (
    classify(runtime, whole), novelty(runtime, whole), stream.push(*late.to_tables())
)
assert "keras" not in sys.modules
sys.stdout.buffer.write(pickle.dumps(tables))
"""


def first_half(light_curves):
    """Half of the observations of each object, and the other half."""
    photometry, metadata = light_curves.to_tables()
    place = photometry.groupby("object_id").cumcount()
    early = place < photometry.groupby("object_id")["mjd"].transform("size") / 2
    return from_tables(photometry[early], metadata), from_tables(
        photometry[~early], metadata
    )


def test_another_process_gives_the_same_bits_and_needs_no_file(tmp_path):
    folder = zoo.pull("ztfsims-gru", tmp_path / "copy")
    runtime, stream = Runtime.load(folder), zoo.Stream(folder)
    whole = labelled(1)
    early, late = first_half(whole)
    stream.push(*early.to_tables())
    sent = pickle.dumps((runtime, stream, whole, late))
    shutil.rmtree(folder)
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], input=sent, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    expected = (
        zoo.classify(runtime, whole),
        zoo.novelty(runtime, whole),
        stream.push(*late.to_tables()),
    )
    for table, same in zip(pickle.loads(done.stdout), expected, strict=True):
        pd.testing.assert_frame_equal(table, same, check_exact=True)


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy])
def test_a_copy_gives_the_same_bits(copied):
    data, runtime = labelled(1), Runtime.of(small_model())
    pd.testing.assert_frame_equal(
        zoo.classify(copied(runtime), data), zoo.classify(runtime, data)
    )


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy])
def test_a_copy_of_a_stream_goes_its_own_way(copied):
    early, late = first_half(labelled(1))
    stream = zoo.Stream(small_model())
    stream.push(*early.to_tables())
    branch = copied(stream)
    table = branch.push(*late.to_tables())
    assert branch.forget(before=1e6) == len(table) == len(stream) == 8
    pd.testing.assert_frame_equal(stream.push(*late.to_tables()), table)


def test_weights_that_are_not_float32_are_refused_by_name():
    import keras

    model = keras.Sequential([keras.layers.Dense(2, dtype="float64", name="head")])
    model.build((None, 3))
    model.preset, model.source = Preset("toy-gru", ("a", "b")), "toy-gru@v0.0.0"
    with pytest.raises(
        ValueError,
        match="^the weight head/kernel of toy-gru@v0.0.0 is float64, and inference "
        "needs float32. Make or load the model with the floatx and the dtype policy",
    ):
        zoo.classify(model, labelled(1))


WITHOUT_KERAS = """
import sys, zoo
from zoo.light_curves.analytic import golden_light_curves
data = golden_light_curves()
assert len(zoo.classify("ztfsims-gru", data)) == 8
assert zoo.embed("ztfsims-gru", data).shape == (8, 101)
assert zoo.novelty("ztfsims-gru", data)["novelty"].notna().all()
heavy = {"keras", "tensorflow", "tensorflow_datasets", "jax", "torch"}
print(*heavy & {name.partition(".")[0] for name in sys.modules})
"""


def test_inference_by_name_imports_no_keras():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_KERAS], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
