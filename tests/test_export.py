"""Exported models: files that agree with Keras and describe themselves, or no file."""

import json
import zipfile

import numpy as np
import pytest
from models import labelled, small_model
from typer.testing import CliRunner

import zoo
import zoo.export.check
from zoo.cli.main import app
from zoo.export import export
from zoo.export.document import document
from zoo.export.write import FORMATS
from zoo.inputs.features import FEATURES
from zoo.inputs.padding import pad
from zoo.inputs.preprocess import preprocess


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def files(model, tmp_path_factory):
    """The model in every format."""
    folder = tmp_path_factory.mktemp("exported")
    done = {}
    for name, suffix in FORMATS.items():
        done[name] = export(model, name, folder / f"toy-{name}{suffix}")
        assert done[name].difference < 1e-5
        assert done[name].objects == 8
    return {name: one.path for name, one in done.items()}


def run(files, name, batch):
    from importlib import import_module

    return import_module(f"zoo.export.{name}").reader(files[name])(batch)


def batch_of(model, copies=1, more=0):
    inputs = preprocess(labelled(copies), model.preset.preprocessing)
    return pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()) + more)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("copies", "more"), [(1, 0), (5, 9)])
def test_any_batch_size_and_length(files, model, name, copies, more):
    batch = batch_of(model, copies, more)
    said = run(files, name, batch)
    expected = np.asarray(model(batch, training=False))
    np.testing.assert_allclose(said["probabilities"], expected, atol=1e-5)
    np.testing.assert_allclose(said["probabilities"].sum(1), 1, atol=1e-5)
    assert said["latent"].shape == (len(expected), 8)


@pytest.mark.parametrize("name", FORMATS)
def test_rows_of_zeros_are_skipped_wherever_they_stand(files, model, name):
    batch = batch_of(model)
    length = batch["light_curve"].shape[1]
    gaps = np.zeros((8, length + 4, 5), np.float32)
    gaps[:, 2 : length // 2] = batch["light_curve"][:, : length // 2 - 2]
    gaps[:, length // 2 + 2 : length + 4] = batch["light_curve"][:, length // 2 - 2 :]
    said = run(files, name, {**batch, "light_curve": gaps})["probabilities"]
    expected = run(files, name, batch)["probabilities"]
    np.testing.assert_allclose(said, expected, atol=1e-6)


@pytest.mark.parametrize("name", FORMATS)
def test_a_light_curve_without_observations_gives_what_keras_gives(files, model, name):
    batch = batch_of(model)
    batch["light_curve"][3] = 0
    said = run(files, name, batch)["probabilities"]
    expected = np.asarray(model(batch, training=False))
    np.testing.assert_allclose(said, expected, atol=1e-5)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["light_curve", "metadata"])
def test_an_input_that_is_not_a_number_gives_nan(files, model, name, value, where):
    batch = batch_of(model)
    before = run(files, name, batch)
    batch[where][(5, 0, 1) if where == "light_curve" else (5, 0)] = value
    for output, said in run(files, name, batch).items():
        assert np.isnan(said[5]).all()
        others = np.arange(8) != 5
        np.testing.assert_allclose(said[others], before[output][others], atol=1e-6)


def told(path, name):
    """What a file says of itself: text and facts."""
    if name == "onnx":
        import onnx

        model = onnx.load(path)
        props = {one.key: one.value for one in model.metadata_props}
        return model.doc_string, json.loads(props["zoo"])
    if name == "saved_model":
        return (path / "README.md").read_text(), json.loads(
            (path / "inputs.json").read_text()
        )
    with zipfile.ZipFile(path) as archive:
        return archive.read("README.md").decode(), json.loads(
            archive.read("inputs.json")
        )


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_explains_itself(files, model, name):
    text, facts = told(files[name], name)
    assert facts["source"] == "toy-gru@v1.2.3"
    assert facts["license"] == "Apache-2.0"
    assert tuple(facts["classes"]) == model.preset.classes
    assert facts["preprocessing"]["window"] == [-30.0, 70.0]
    assert facts["preprocessing"]["metadata_fill"]["redshift"] == 0.1
    assert [*facts["inputs"]["light_curve"]["features"]][0] == "wavelength"
    assert [*facts["inputs"]["metadata"]["features"]] == [
        *model.preset.preprocessing.metadata
    ]
    for word in ("toy-gru@v1.2.3", "zero point 27.5", "SNIa", "asinh", "(batch, time"):
        assert word in text
    assert "{" not in text
    example = {k: np.array(v, np.float32) for k, v in facts["example"].items()}
    expected = example.pop("probabilities")
    lengths = (example["light_curve"] != 0).any(2).sum(1)
    assert len(expected) == 2
    assert lengths[0] != lengths[1]
    said = run(files, name, example)["probabilities"]
    np.testing.assert_allclose(said, expected, atol=1e-5)


def test_numbers_of_the_example_are_exact(model):
    written = document(model, "onnx").facts["example"]["light_curve"]
    inputs = preprocess(model.reference(), model.preset.preprocessing)
    rows = {row.tobytes() for row in inputs.light_curve} | {bytes(20)}
    assert {row.tobytes() for row in np.array(written, "f4").reshape(-1, 5)} <= rows


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("metadata", [(), ("redshift", "redshift_known", "mwebv")])
def test_every_kind_of_input(tmp_path, features, metadata):
    model = small_model(features=features, metadata=metadata)
    done = export(model, "onnx", tmp_path / "toy.onnx")
    assert done.difference < 1e-5


def test_light_curves_alone_in_tensorflow(tmp_path):
    model = small_model(metadata=())
    done = export(model, "litert", tmp_path / "toy.tflite")
    assert "Metadata**: none" in told(done.path, "litert")[0]
    assert [*told(done.path, "litert")[1]["inputs"]] == ["light_curve"]


def test_a_published_model_by_name(tmp_path):
    done = export("ztfsims-gru", "onnx", str(tmp_path / "m.onnx"))
    assert done.objects > 200
    assert done.difference < 1e-5
    assert [one.name for one in tmp_path.iterdir()] == ["m.onnx"]


def test_an_earlier_export_is_replaced_where_asked_to(files, model, tmp_path):
    for name, suffix in (("onnx", ".onnx"), ("saved_model", "")):
        out = tmp_path / f"again{suffix}"
        export(model, name, out)
        with pytest.raises(FileExistsError, match="exists already.*overwrite=True"):
            export(model, name, out)
        export(model, name, out, overwrite=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["again", "again.onnx"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_is_wrong_is_not_written(model, tmp_path, monkeypatch, name):
    monkeypatch.setattr(zoo.export.check, "TOLERANCE", 0.0)  # rounding is too much
    out = tmp_path / f"toy{FORMATS[name]}"
    with pytest.raises(
        ValueError,
        match=r"disagrees with Keras \(by .* probably a bug in the installed exporter",
    ):
        export(model, name, out)
    assert [*tmp_path.iterdir()] == []


def test_a_runtime_that_loses_a_nan_is_refused(files, model):
    def without_nan(batch):
        return run(files, "onnx", {k: np.nan_to_num(v) for k, v in batch.items()})

    with pytest.raises(
        ValueError, match="does not give NaN for a NaN among its inputs"
    ):
        zoo.export.check.check(without_nan, model, "onnx")


@pytest.mark.parametrize(
    ("name", "out", "message"),
    [
        ("openvino", "m.xml", "ignores the lengths of light curves"),
        ("torch", "m.pt", "not exported as 'torch'. Choose one of onnx, saved_model"),
        ("onnx", "m.pb", "must end in .onnx"),
        ("onnx", "nowhere/m.onnx", "its folder does not exist"),
        ("litert", "folder.tflite", "is a folder"),
        ("saved_model", "full", "something other than an exported model: mine.txt"),
        ("saved_model", "file", "is a file"),
    ],
)
def test_refusals_are_one_sentence(tmp_path, name, out, message):
    (tmp_path / "folder.tflite").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=message):
        export("ztfsims-gru", name, tmp_path / out)
    assert (tmp_path / "full" / "mine.txt").exists()


def test_the_command(tmp_path):
    folder, out = zoo.save(small_model(), tmp_path / "toy"), tmp_path / "toy.onnx"
    arguments = ["export", str(folder), "--format", "onnx", "--out", str(out)]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "toy-gru@v1.2.3; at most" in done.output
    assert out.is_file()
    with pytest.raises(ValueError, match="Choose one of"):
        CliRunner().invoke(app, [*arguments, "--format", "h5"], catch_exceptions=False)
