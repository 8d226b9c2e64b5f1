"""The model folder: whole, checked, and rebuilt by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from models import forge, labelled, small_model, weights

import zoo
from zoo.card.rewrite import rewrite
from zoo.classifier.load import check_golden, read_model
from zoo.hub.pins import BUNDLED, bundled_ids, pins
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.analytic import golden_light_curves
from zoo.model_folder.folder import open_folder, read_split
from zoo.model_folder.golden import golden_arrays, read_light_curves
from zoo.model_folder.manifest import read_manifest
from zoo.publish.push import stage

MODEL_CARDS = BUNDLED.parents[1] / "model_cards"
FILES = {
    "README.md",
    "config.json",
    "golden.npz",
    "metrics.json",
    "model.safetensors",
    "zoo.json",
}


@pytest.fixture
def folder(tmp_path):
    return zoo.save(small_model(), tmp_path / "toy")


def test_holds_the_files_of_the_contract(folder):
    assert {path.name for path in folder.iterdir()} == FILES
    manifest = read_manifest(folder)
    assert set(manifest.files) == FILES - {"zoo.json"}
    entries = manifest.entries
    assert (entries["model_id"], entries["version"]) == ("toy-gru", "1.2.3")
    assert entries["preprocessing"]["window"] == [-30.0, 70.0]


def test_round_trip_keeps_preset_weights_and_probabilities(folder):
    before, after = small_model(), zoo.load(folder)
    assert after.preset == before.preset
    old, new = weights(before), weights(after)
    assert all(np.array_equal(old[name], new[name]) for name in old)
    pd.testing.assert_frame_equal(
        before.classify(labelled(1)), after.classify(labelled(1))
    )
    assert check_golden(after, open_folder(folder)) < 1e-6


@pytest.mark.parametrize("name", sorted(FILES - {"zoo.json", "README.md"}))
def test_a_flipped_byte_is_noticed(folder, name):
    path = folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{name} was changed: its sha256"):
        zoo.load(folder)


def test_a_missing_file_is_noticed(folder):
    (folder / "config.json").unlink()
    with pytest.raises(ValueError, match=r"config.json is missing"):
        zoo.load(folder)


def test_a_manifest_that_leaves_the_folder_is_refused(folder):
    (folder.parent / "other").write_text("x")
    files = read_manifest(folder).files
    for name in ("../other", "/etc/passwd", "a/b.png", "*.png", ".x.png", "é.png"):
        forge(folder, files={**files, name: "0"})
        with pytest.raises(ValueError, match="is not a file of a model folder"):
            zoo.load(folder)


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5", "x.pkl", "a.py"])
def test_files_that_could_hold_code_have_no_place(folder, name):
    (folder / name).write_bytes(b"x")
    with pytest.raises(ValueError, match=f"{name} is not listed in zoo.json"):
        zoo.load(folder)
    forge(folder)
    with pytest.raises(ValueError, match=f"'{name}', which is not a file of a model"):
        zoo.load(folder)


def test_hidden_files_are_passed_over_and_kept(folder):
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref")
    assert check_golden(zoo.load(folder), open_folder(folder)) < 1e-6
    rewrite(open_folder(folder), folder)
    zoo.save(small_model(), folder, overwrite=True)
    assert (folder / ".git" / "HEAD").read_text() == "ref"


def test_a_card_edited_by_hand_can_be_written_again(folder):
    (folder / "README.md").write_text("# My words")
    edited = open_folder(folder)
    with pytest.raises(ValueError, match="nothing in it is marked as prose"):
        rewrite(edited, folder)
    assert (folder / "README.md").read_text() == "# My words"
    rewrite(edited, folder, prose=(MODEL_CARDS / "general.md").read_text())
    assert check_golden(zoo.load(folder), open_folder(folder)) < 1e-6


def test_a_model_trained_here_is_not_replaced_by_a_pull(folder):
    zoo.save(small_model(), folder, split={"train": ["a"]}, overwrite=True)
    with pytest.raises(ValueError, match=r"its split.csv, .* would be lost"):
        zoo.pull("ztfsims-gru", folder, overwrite=True)
    assert read_split(open_folder(folder)) == {"train": ["a"]}


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"junk"])
def test_golden_values_of_another_kind_are_refused(folder, content):
    (folder / "golden.npz").write_bytes(content)
    forge(folder)
    with pytest.raises(ValueError, match="holds no golden values"):
        zoo.load(folder)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"architecture": {"gru_1": 10**6}}, "layer gru_1 has width 1000000"),
        ({"architecture": {"gru_1": "8"}}, "layer gru_1 has width '8'"),
        (
            {"architecture": {"gru_1": 9}},
            "gru_1.*where zoo.json asks for 9",
        ),
        ({"classes": 5}, "classes must be a list|incomplete"),
        ({"license": None}, "license must be text"),
        ({"files": ["README.md"]}, "is damaged"),
    ],
)
def test_a_forged_preset_is_refused(folder, entries, message):
    if "architecture" in entries:
        now = read_manifest(folder).entries["architecture"]
        entries = {"architecture": {**now, **entries["architecture"]}}
    forge(folder, **entries)
    with pytest.raises(ValueError, match=message):
        zoo.load(folder)


@pytest.mark.parametrize("name", ["", "@v1", "ztfsims-gru@", "hf://"])
def test_what_is_no_name_of_a_model_is_refused(name):
    with pytest.raises(KeyError, match="is not a model name"):
        zoo.load(name)


@pytest.mark.parametrize(
    "layer",
    [
        {"module": "keras.layers", "class_name": "Lambda", "config": {}},
        {"module": "os", "class_name": "Dense", "config": {}},
        {"module": "builtins", "class_name": "eval"},
        {"module": "keras.layers", "class_name": ["GRU"]},
        {"class_name": "MyLayer", "registered_name": "mine>MyLayer"},
    ],
)
def test_a_config_that_asks_for_other_classes_is_refused(folder, layer):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["config"]["layers"].append(layer)
    path.write_text(json.dumps(config))
    forge(folder)
    with pytest.raises(ValueError, match="which is not a layer of our networks"):
        zoo.load(folder)


@pytest.mark.parametrize("text", ["[]", "{}", "nonsense", '{"class_name": "Lambda"}'])
def test_a_config_of_another_kind_is_refused(folder, text):
    (folder / "config.json").write_text(text)
    forge(folder)
    with pytest.raises(
        ValueError, match="is not (valid JSON|a functional Keras config)"
    ):
        zoo.load(folder)


def test_rewriting_keeps_the_weights_and_the_prose(folder, tmp_path):
    preset = open_folder(folder).preset.replace(version="2.0.0")
    prose = "## Intended use\n\nMine.\n\n## Limits and risks\n\nMany.\n"
    first = rewrite(open_folder(folder), tmp_path / "first", preset=preset, prose=prose)
    second = rewrite(open_folder(first), first, metrics={})
    assert "Mine." in (second / "README.md").read_text()
    assert open_folder(second).preset == preset
    assert check_golden(zoo.load(second), open_folder(folder)) < 1e-6
    assert json.loads((second / "metrics.json").read_text()) == {}


def test_every_flipped_byte_of_the_manifest_is_noticed(folder):
    path = folder / "zoo.json"
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ValueError, match="is damaged|was changed|schema version"):
            open_folder(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ('{"model_id": "x"}', "is damaged: KeyError\\('schema_version'"),
        ('{"schema_version": 99, "model_id": "x", "files": {}}', "schema version 99"),
    ],
)
def test_a_damaged_manifest_is_refused(folder, text, message):
    (folder / "zoo.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        zoo.load(folder)


def rewrite_tensors(folder, change):
    path = folder / "model.safetensors"
    tensors = safetensors.numpy.load_file(path)
    change(tensors)
    safetensors.numpy.save_file(tensors, path)
    forge(folder)


def test_weights_are_matched_by_name_not_by_order(folder):
    def turn_around(tensors):
        for name in reversed(sorted(tensors)):
            tensors[name] = tensors.pop(name)

    rewrite_tensors(folder, turn_around)
    assert check_golden(zoo.load(folder), open_folder(folder)) < 1e-6


def test_a_renamed_tensor_is_refused(folder):
    def rename(tensors):
        tensors["gru_3/kernel"] = tensors.pop("gru_2/kernel")

    rewrite_tensors(folder, rename)
    with pytest.raises(
        ValueError, match=r"gru_2/kernel', 'gru_3/kernel'\] are missing"
    ):
        zoo.load(folder)


def test_a_misshapen_tensor_is_refused(folder):
    def cut(tensors):
        tensors["head/bias"] = tensors["head/bias"][:-1]

    rewrite_tensors(folder, cut)
    with pytest.raises(ValueError, match=r"head/bias has shape \(11,\), not \(12,\)"):
        zoo.load(folder)


def test_other_weights_fail_the_golden_check(folder):
    with pytest.raises(ValueError, match="does not reproduce its golden values"):
        check_golden(small_model(seed=7), open_folder(folder))


def test_a_folder_with_other_content_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ValueError, match="something other than a model"):
        zoo.save(small_model(), tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "x"
    with pytest.raises(ValueError, match="is a file"):
        zoo.save(small_model(), tmp_path / "thesis.tex")


def test_a_file_beside_the_model_is_not_destroyed(folder):
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="something other than a model: notes.txt"):
        zoo.save(small_model(seed=1), folder)
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_manifest_that_names_no_files_is_refused(folder):
    forge(folder, files={})
    with pytest.raises(ValueError, match=r"README.md is not listed in zoo.json"):
        zoo.load(folder)


def test_truncated_weights_are_refused_even_with_a_matching_sha256(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    forge(folder)
    with pytest.raises(ValueError, match=r"model.safetensors cannot be read"):
        zoo.load(folder)


def header(folder, change):
    """Rewrite the header of the weights: 8 bytes of length, then JSON."""
    path = folder / "model.safetensors"
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    text = change(json.loads(content[8 : 8 + length]))
    text = text if isinstance(text, bytes) else json.dumps(text).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
    forge(folder)


def longer(tensors):
    tensors["head/bias"]["data_offsets"][1] += 4
    return tensors


def overlapping(tensors):
    tensors["head/bias"]["data_offsets"] = tensors["head/kernel"]["data_offsets"]
    return tensors


def other_shape(tensors):
    tensors["head/bias"]["shape"] = [10**9]
    return tensors


def other_type(tensors):
    tensors["head/bias"]["dtype"] = "I32"
    return tensors


def half_precision(tensors):
    for name in tensors.keys() - {"__metadata__"}:
        tensors[name]["dtype"] = "BF16"
        tensors[name]["shape"] = [2, *tensors[name]["shape"]]
    return tensors


def broken(tensors):
    return b"{" * 1000


@pytest.mark.parametrize(
    "lie",
    [
        half_precision,
        longer,
        overlapping,
        other_shape,
        other_type,
        broken,
    ],
)
def test_a_header_that_lies_is_refused(folder, lie):
    header(folder, lie)
    with pytest.raises(ValueError, match=r"cannot be read|not float32"):
        zoo.load(folder)


def test_a_header_of_more_bytes_than_the_file_is_refused(folder):
    path = folder / "model.safetensors"
    path.write_bytes((2**40).to_bytes(8, "little") + path.read_bytes()[8:])
    forge(folder)
    with pytest.raises(ValueError, match="cannot be read"):
        zoo.load(folder)


def test_weights_that_are_not_finite_are_refused(folder):
    rewrite_tensors(folder, lambda tensors: tensors["head/bias"].fill(np.nan))
    with pytest.raises(ValueError, match="head/bias is not finite"):
        zoo.load(folder)


def test_a_model_of_other_passbands_saves_without_a_warning(tmp_path):
    zoo.save(small_model(passbands=("lsstu", "lsstg")), tmp_path / "lsst")
    assert zoo.load(tmp_path / "lsst").golden.bands == ("lsstu", "lsstg")


def test_saving_again_replaces_all_and_leaves_nothing_behind(folder):
    split = {"train": ["a", "b"], "validation": ["c"]}
    zoo.save(small_model(seed=1), folder, split=split, overwrite=True)
    assert read_split(open_folder(folder)) == split
    with pytest.raises(FileExistsError, match="exists already.*--overwrite"):
        zoo.save(small_model(seed=2), folder)
    assert read_split(open_folder(folder)) == split
    zoo.save(small_model(seed=2), folder, overwrite=True)
    assert read_split(open_folder(folder)) == {}
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]
    assert check_golden(zoo.load(folder), open_folder(folder)) < 1e-6


def test_an_object_called_na_is_among_those_trained_on(folder):
    split = {"train": ["NA", "a,b", "007"]}
    zoo.save(small_model(), folder, split=split, overwrite=True)
    assert read_split(open_folder(folder)) == split


OPENED = """
import collections, os, sys
opened = collections.Counter()
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        folder, name = os.path.split(arguments[0])
        if folder.endswith(sys.argv[1]):
            opened[name] += 1
sys.addaudithook(note)
import zoo
{action}
print(*sorted(opened.items()), sep="\\n")
"""


@pytest.mark.parametrize(
    "action",
    [
        "zoo.load(sys.argv[2])",
        "zoo.pull(sys.argv[2], sys.argv[3])",
        "from zoo.light_curves.analytic import golden_light_curves; "
        "zoo.classify(sys.argv[2], golden_light_curves())",
    ],
)
def test_every_file_is_read_once(folder, action):
    """Of a folder that nobody has used before, so that its graph is not cached."""
    program = OPENED.replace("{action}", action)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, folder.name, str(folder)]
        + [str(folder.parent / "copy")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    counts = dict(map(eval, done.stdout.splitlines()))
    graph = {name for name in counts if name.startswith(".")}  # it is written
    assert {name: counts[name] for name in counts.keys() - graph} == dict.fromkeys(
        FILES, 1
    )


def test_what_was_checked_is_what_is_used(folder):
    """A file that changes between the check and its use changes nothing."""
    checked = open_folder(folder)
    for name in FILES:
        (folder / name).write_bytes(b"changed")
    assert check_golden(read_model(checked), checked) < 1e-6


def test_golden_light_curves_survive_the_file():
    light_curves = golden_light_curves()
    inputs = preprocess(light_curves, Preprocessing())
    arrays = golden_arrays(light_curves, inputs, np.zeros((8, 2), np.float32))
    again = read_light_curves(arrays)
    assert list(again.object_id) == list(light_curves.object_id)
    first = arrays["input_light_curve"][0]
    np.testing.assert_array_equal(
        first[: inputs.lengths[0]], inputs.light_curve[: inputs.lengths[0]]
    )
    assert not first[inputs.lengths[0] :].any()
    np.testing.assert_array_equal(arrays["input_metadata"], inputs.metadata)
    for name in ("mjd", "flux", "flux_err", "band", "detected", "offsets"):
        np.testing.assert_array_equal(getattr(again, name), getattr(light_curves, name))


@pytest.mark.parametrize("model_id", bundled_ids())
def test_every_bundled_model_meets_the_contract(model_id):
    folder = open_folder(BUNDLED / model_id)
    assert sum(map(len, folder.files.values())) < 1_000_000
    model = read_model(folder)
    assert model.preset.model_id == model_id
    assert check_golden(model, folder) < 1e-4
    assert model.preset.training["data"]
    assert {"macro_auroc", "intervals", "n"} <= set(
        json.loads(folder.files["metrics.json"])
    )
    assert zoo.models().loc[model_id, "revision"] == f"v{model.preset.version}"


def test_unknown_model_is_refused_with_the_nearest_name():
    with pytest.raises(KeyError, match="'ztfsim-gru' is neither a folder nor a model"):
        zoo.load("ztfsim-gru")
    with pytest.raises(KeyError, match="Did you mean 'ztfsims-gru'"):
        zoo.load("ztfsim-gru")


def test_unknown_revision_is_refused(hub, folder):
    with pytest.raises(KeyError, match="the hub has no model 'transient-zoo/ztfsims"):
        zoo.load("ztfsims-gru@v99.0.0")
    with pytest.raises(KeyError, match="holds toy-gru@v1.2.3, not version '9.0.0'"):
        zoo.load(f"{folder}@9.0.0")
    assert zoo.load(f"{folder}@v1.2.3").source == "toy-gru@v1.2.3"


@pytest.mark.parametrize("model_id", bundled_ids())
def test_what_a_push_would_publish_is_what_is_pinned(model_id, tmp_path):
    folder = open_folder(BUNDLED / model_id)
    preset = folder.preset
    assert preset.repository == f"transient-zoo/{model_id}"
    staged = stage(folder, tmp_path / "m", preset.repository, preset.version)
    assert staged.manifest.sha256 == pins()[model_id][f"v{preset.version}"]


def test_the_pins_are_those_of_the_bundled_models():
    for model_id in bundled_ids():
        manifest = read_manifest(BUNDLED / model_id)
        version = f"v{manifest.preset.version}"
        assert pins()[model_id][version] == manifest.sha256
    assert set(pins()) == set(bundled_ids())
