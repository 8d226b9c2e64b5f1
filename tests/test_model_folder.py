"""The model folder: whole, checked, and rebuilt by name."""

import json

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from models import labelled, small_model, weights

import zoo
from zoo.catalogue import BUNDLED, bundled_ids
from zoo.golden import golden_arrays, golden_light_curves, read_golden
from zoo.model_folder import (
    check_golden,
    read_manifest,
    read_model,
    read_split,
    sha256,
)

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
    assert set(manifest["files"]) == FILES - {"zoo.json"}
    assert (manifest["model_id"], manifest["version"]) == ("toy-gru", "1.2.3")
    assert manifest["preprocessing"]["window"] == [-30.0, 70.0]


def test_round_trip_keeps_preset_weights_and_probabilities(folder):
    before, after = small_model(), zoo.load(folder)
    assert after.preset == before.preset
    old, new = weights(before), weights(after)
    assert all(np.array_equal(old[name], new[name]) for name in old)
    pd.testing.assert_frame_equal(
        before.classify(labelled(1)), after.classify(labelled(1))
    )
    assert check_golden(after, folder) == 0


@pytest.mark.parametrize("name", sorted(FILES - {"zoo.json"}))
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
    manifest = read_manifest(folder)
    manifest["files"]["../other"] = "0"
    (folder / "zoo.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match=r"\.\./other is missing"):
        zoo.load(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ('{"model_id": "x"}', "is damaged: 'schema_version'"),
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
    manifest = read_manifest(folder)
    manifest["files"]["model.safetensors"] = sha256(path)
    (folder / "zoo.json").write_text(json.dumps(manifest))


def test_weights_are_matched_by_name_not_by_order(folder):
    def turn_around(tensors):
        for name in reversed(sorted(tensors)):
            tensors[name] = tensors.pop(name)

    rewrite_tensors(folder, turn_around)
    assert check_golden(zoo.load(folder), folder) == 0


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
    with pytest.raises(ValueError, match="does not give its golden values"):
        check_golden(small_model(seed=7), folder)


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
    assert check_golden(zoo.load(folder), folder) == 0


def test_a_manifest_that_names_no_files_is_refused(folder):
    manifest = read_manifest(folder)
    manifest["files"] = {}
    (folder / "zoo.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match=r"README.md was changed"):
        zoo.load(folder)


def test_truncated_weights_are_refused_even_with_a_matching_sha256(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    manifest = read_manifest(folder)
    manifest["files"]["model.safetensors"] = sha256(path)
    (folder / "zoo.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match=r"model.safetensors cannot be read"):
        zoo.load(folder)


def test_a_model_of_other_passbands_saves_without_a_warning(tmp_path):
    zoo.save(small_model(passbands=("lsstu", "lsstg")), tmp_path / "lsst")
    assert zoo.load(tmp_path / "lsst").golden.bands == ("lsstu", "lsstg")


def test_saving_again_replaces_all_and_leaves_nothing_behind(folder):
    split = {"train": ["a", "b"], "validation": ["c"]}
    zoo.save(small_model(seed=1), folder, split=split)
    assert read_split(folder) == ["a", "b", "c"]
    zoo.save(small_model(seed=2), folder)
    assert read_split(folder) == []
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]
    assert check_golden(zoo.load(folder), folder) == 0


def test_golden_light_curves_survive_the_file():
    light_curves = golden_light_curves()
    arrays = golden_arrays(light_curves, np.zeros((8, 2), np.float32))
    again, _ = read_golden(arrays)
    assert list(again.object_id) == list(light_curves.object_id)
    for name in ("mjd", "flux", "flux_err", "band", "detected", "offsets"):
        np.testing.assert_array_equal(getattr(again, name), getattr(light_curves, name))


@pytest.mark.parametrize("model_id", bundled_ids())
def test_every_bundled_model_meets_the_contract(model_id):
    folder = BUNDLED / model_id
    shipped = [path for path in folder.iterdir() if path.name != "split.csv"]
    assert sum(path.stat().st_size for path in shipped) < 1_000_000
    model = read_model(folder)
    assert model.preset.model_id == model_id
    assert check_golden(model, folder) < 1e-4
    assert model.preset.training["data"]
    assert {"macro_auroc", "intervals", "n"} <= set(
        json.loads((folder / "metrics.json").read_text())
    )
    assert zoo.models().loc[model_id, "revision"] == f"v{model.preset.version}"


def test_unknown_model_is_refused_with_the_nearest_name():
    with pytest.raises(KeyError, match="'ztfsim-gru' is neither a folder nor a model"):
        zoo.load("ztfsim-gru")
    with pytest.raises(KeyError, match="Did you mean 'ztfsims-gru'"):
        zoo.load("ztfsim-gru")


def test_a_hub_name_is_told_apart():
    with pytest.raises(KeyError, match="Hugging Face Hub cannot be loaded by name yet"):
        zoo.load("someone/something@v1.0.0")


def test_unknown_revision_is_refused():
    with pytest.raises(KeyError, match="not at 'v99.0.0'"):
        zoo.load("ztfsims-gru@v99.0.0")
