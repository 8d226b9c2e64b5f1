"""The authors' published weights: read as arrays, refused if odd, put in our order.

Most tests use a file of the same layout with made-up weights, written here.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

import zoo
from zoo.classifier.load import check_golden
from zoo.cli.main import app
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.analytic import golden_light_curves
from zoo.model_folder.folder import open_folder
from zoo.taxonomy import ZTFSIMS
from zoo.upstream.layout import OUTPUTS
from zoo.upstream.model import WAVELENGTHS, build_upstream
from zoo.upstream.weights import PUBLISHED, read_upstream

ROOT = Path(__file__).parent.parent
ALPHABETICAL = (
    *("AGN", "SLSN-I", "SNII", "SNIIb", "SNIIn", "SNIa", "SNIa-91bg", "SNIax"),
    *("SNIb", "SNIc", "SNIc-BL", "TDE"),
)
KERNEL = "model_weights/gru/gru/gru_cell/kernel:0"
OURS = "is not one of the files of Rithwik-G/astromcad2.0"


def layer(kind, name, *inputs, **config):
    links = [[[below, 0, 0, {}] for below in inputs]] if inputs else []
    config = {"name": name, **config}
    return {"class_name": kind, "name": name, "config": config, "inbound_nodes": links}


def gru(name, below, sequences):
    return layer(
        *("GRU", name, below),
        **{"units": 100, "activation": "tanh", "recurrent_activation": "sigmoid"},
        **{"use_bias": True, "reset_after": True, "go_backwards": False},
        return_sequences=sequences,
    )


def dense(name, below, units, activation):
    facts = {"units": units, "activation": activation, "use_bias": True}
    return layer("Dense", name, below, **facts)


def described(host: bool) -> dict:
    """What Keras 2 wrote into `model_config`, less what does not matter."""
    layers = [
        layer("InputLayer", "lc", batch_input_shape=[None, 656, 4]),
        layer("Masking", "masking", "lc", mask_value=0.0),
        gru("gru", "masking", True),
        gru("gru_1", "gru", False),
        dense("dense", "gru_1", 100, "tanh"),
    ]
    if host:
        layers += [
            layer("InputLayer", "host", batch_input_shape=[None, 2]),
            dense("dense_1", "host", 10, "linear"),
            layer("Concatenate", "concatenate", "dense", "dense_1", axis=-1),
            dense("dense_2", "concatenate", 100, "relu"),
            dense("latent", "dense_2", 100, "relu"),
            dense("dense_3", "latent", 12, "softmax"),
        ]
    else:
        layers += [
            dense("dense_1", "dense", 100, "relu"),
            dense("latent", "dense_1", 100, "relu"),
            dense("dense_2", "latent", 12, "softmax"),
        ]
    outputs = [[layers[-1]["name"], 0, 0]]
    config = {"name": "model", "layers": layers, "output_layers": outputs}
    return {"class_name": "Functional", "config": config}


def shapes(host: bool) -> dict[str, tuple[int, ...]]:
    dense = {"dense": (100, 100), "latent": (100, 100)}
    dense |= (
        {"dense_1": (2, 10), "dense_2": (110, 100), "dense_3": (100, 12)}
        if host
        else {"dense_1": (100, 100), "dense_2": (100, 12)}
    )
    found = {}
    for name, cell, width in (("gru", "gru_cell", 4), ("gru_1", "gru_cell_1", 100)):
        found[f"{name}/{name}/{cell}/kernel:0"] = (width, 300)
        found[f"{name}/{name}/{cell}/recurrent_kernel:0"] = (100, 300)
        found[f"{name}/{name}/{cell}/bias:0"] = (2, 300)
    for name, shape in dense.items():
        found[f"{name}/{name}/kernel:0"] = shape
        found[f"{name}/{name}/bias:0"] = shape[1:]
    return {f"model_weights/{name}": shape for name, shape in found.items()}


def write(path: Path, host: bool = False) -> Path:
    """A file of the authors' layout; its output k has the logit k, whatever comes."""
    generator = np.random.default_rng(0)
    head = "dense_3" if host else "dense_2"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(described(host))
        for name, shape in shapes(host).items():
            values = generator.normal(size=shape) / 10
            if name.startswith(f"model_weights/{head}/"):
                values = np.arange(12) if len(shape) == 1 else np.zeros(shape)
            file[name] = values.astype(np.float32)
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "theirs.h5")


def reads(path):
    with pytest.warns(UserWarning, match=OURS):
        return read_upstream(path)


def refused(path) -> str:
    """The reason why a file is refused, after checking that it is a whole sentence."""
    with pytest.raises(ValueError) as caught:
        read_upstream(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith("cb8ef40935d7, unchanged.") and "\n" not in message
    return message


@pytest.mark.parametrize("host", [False, True])
def test_outputs_take_the_order_of_ztfsims(tmp_path, host):
    model = build_upstream(reads(write(tmp_path / "theirs.h5", host)))
    table = model.classify(golden_light_curves())
    wanted = np.exp(np.arange(12)) / np.exp(np.arange(12)).sum()
    assert tuple(table.columns[:-1]) == ZTFSIMS
    np.testing.assert_allclose(
        table[list(ALPHABETICAL)], np.tile(wanted, (8, 1)), rtol=1e-5
    )
    assert OUTPUTS == ALPHABETICAL


def test_every_other_tensor_is_taken_as_it_is(tmp_path):
    path = write(tmp_path / "theirs.h5", host=True)
    model = build_upstream(reads(path))
    places = {"gru_1": "gru/gru/gru_cell", "gru_2": "gru_1/gru_1/gru_cell_1"}
    names = {"light_curve_dense": "dense", "metadata_dense": "dense_1"}
    names |= {"merge_dense": "dense_2", "latent": "latent"}
    places |= {ours: f"{theirs}/{theirs}" for ours, theirs in names.items()}
    with h5py.File(path) as stored:
        for ours, place in places.items():
            for variable in model.get_layer(ours).weights:
                values = stored[f"model_weights/{place}/{variable.name}:0"][()]
                np.testing.assert_array_equal(variable.numpy(), values)


def test_the_network_is_fed_g_and_r_swapped(file):
    preprocessing = build_upstream(reads(file)).preset.preprocessing
    for band, wavelength in (("ztfg", 0.6223), ("ztfr", 0.4827)):
        inputs = preprocess(golden_light_curves((band,)), _any_band(preprocessing))
        assert set(inputs.light_curve[:, 0]) == {np.float32(wavelength)}
    bluest_first = ["lsstu", "lsstg", "lsstr", "lssti", "lsstz", "lssty"]
    fed = [WAVELENGTHS[band] for band in bluest_first]
    assert fed == sorted(fed, reverse=True) and min(fed) > 0


def _any_band(preprocessing):
    from dataclasses import replace

    return replace(preprocessing, passbands=())


@pytest.mark.parametrize(
    ("host", "model_id", "metadata"),
    [(False, "upstream-gru", ()), (True, "upstream-host-gru", ("redshift", "mwebv"))],
)
def test_the_preset_says_where_it_comes_from(tmp_path, host, model_id, metadata):
    path = write(tmp_path / "theirs.h5", host)
    preset = build_upstream(reads(path)).preset
    assert (preset.model_id, preset.version) == (model_id, "0.0.0")
    assert (preset.survey, preset.license) == ("ztfsims", "MIT")
    assert preset.preprocessing.metadata == metadata
    assert preset.preprocessing.passbands == ("ztfg", "ztfr")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert preset.training["sha256"] == digest
    assert len(preset.training["corrections"]) == 2


def test_metadata_are_fed_raw_and_unknown_ones_filled(tmp_path):
    model = build_upstream(reads(write(tmp_path / "theirs.h5", host=True)))
    inputs = preprocess(golden_light_curves(), model.preset.preprocessing)
    np.testing.assert_allclose(inputs.metadata[0], [0.04, 0.03])
    np.testing.assert_allclose(inputs.metadata[5], [0.1, 0.036])


def test_a_transferred_one_keeps_licence_and_wavelengths(file):
    preset = build_upstream(reads(file)).transfer("bts").preset
    assert (preset.license, preset.parent) == ("MIT", "upstream-gru@v0.0.0")
    assert preset.preprocessing.wavelengths["ztfg"] == 0.6223


def test_reading_needs_no_keras(file):
    code = (
        "import sys, warnings, zoo.upstream.weights as u; "
        f"warnings.simplefilter('ignore'); u.read_upstream({str(file)!r}); "
        "print('keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT)
    assert done.stdout.strip() == b"False", done.stderr


# --- Files that are refused ---


def test_what_is_not_hdf5_is_refused(tmp_path, file):
    assert "it is not a file" in refused(tmp_path)
    assert "it is not a file" in refused(tmp_path / "nothing.h5")
    (tmp_path / "text.h5").write_text("weights")
    assert "it cannot be read as HDF5" in refused(tmp_path / "text.h5")
    (tmp_path / "empty.h5").touch()
    assert "it cannot be read as HDF5" in refused(tmp_path / "empty.h5")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(file, part):
    os.truncate(file, int(file.stat().st_size * part))
    assert "it cannot be read as HDF5" in refused(file)


def test_a_file_far_too_large_is_refused_unread(file):
    os.truncate(file, 10**12)  # sparse: takes no room
    assert "it is larger than 16 MiB" in refused(file)


def test_a_heap_without_end_is_refused(file):
    # HDF5 1.14 reads an object of no size again and again.
    content = bytearray(file.read_bytes())
    start = content.index(b"GCOL") + 16
    content[start : start + 16] = bytes(16)
    file.write_bytes(content)
    assert "a heap of texts does not end" in refused(file)
    file.write_bytes(content + b"GCOL" * 100)
    assert "more heaps of texts than a Keras file" in refused(file)


@pytest.mark.filterwarnings(f"ignore:.*{OURS}")
def test_damaged_bytes_never_end_in_another_error(file):
    content = file.read_bytes()
    with h5py.File(file) as stored:
        tensors = [stored[name] for name in shapes(False)]
        arrays = [(t.id.get_offset(), t.id.get_storage_size()) for t in tensors]
    where = np.ones(len(content), bool)
    for start, size in arrays:
        where[start : start + size] = False
    generator = np.random.default_rng(0)
    refusals = 0
    for _ in range(300):
        damaged = bytearray(content)
        for i in generator.choice(np.flatnonzero(where), 20):
            damaged[i] = generator.choice([0, 255, damaged[i] ^ 1])
        file.write_bytes(damaged)
        try:
            read_upstream(file)
        except ValueError:
            refusals += 1
    assert refusals > 100


def _replace(file, name, **kwargs):
    with h5py.File(file, "r+") as stored:
        del stored[name]
        return stored.create_dataset(name, **kwargs).shape


def _values(**kwargs):
    return {"data": np.zeros((4, 300), np.float32), **kwargs}


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        ({"data": np.zeros((4, 200), np.float32)}, "has shape (4, 200)"),
        ({"data": np.zeros((300, 4), np.float32)}, "has shape (300, 4)"),
        ({"data": np.zeros((4, 300))}, "and type float64, not (4, 300) and float32"),
        ({"data": np.zeros((4, 300), ">f4")}, "and type >f4, not"),
        ({"data": h5py.Empty("f4")}, "has shape None"),
        ({"data": np.full((4, 300), np.nan, np.float32)}, "that are not finite"),
        ({"data": np.full((4, 300), np.inf, np.float32)}, "that are not finite"),
        ({"shape": (2**24, 2**24), "dtype": "f4"}, "has shape (16777216, 16777216)"),
        ({"shape": (4, 300), "dtype": "f4"}, "was never written"),
        (_values(compression="gzip"), "is not stored contiguously in the file itself"),
        (
            {
                **{"shape": (4, 300), "dtype": "f4"},
                **{"chunks": (2**14, 2**14), "maxshape": (None, None)},
            },
            "is not stored contiguously",
        ),
    ],
)
def test_an_odd_tensor_is_refused(file, dataset, reason):
    _replace(file, KERNEL, **dataset)
    message = refused(file)
    assert f"{KERNEL} " in message and reason in message


def test_a_missing_tensor_or_layer_is_refused(file):
    with h5py.File(file, "r+") as stored:
        del stored[KERNEL]
    assert f"{KERNEL} is missing" in refused(file)
    with h5py.File(file, "r+") as stored:
        del stored["model_weights/gru"]
        stored["model_weights/gru"] = np.zeros(3)
    assert f"{KERNEL} is missing" in refused(file)


def test_a_group_in_the_place_of_a_tensor_is_refused(file):
    with h5py.File(file, "r+") as stored:
        del stored[KERNEL]
        stored.create_group(KERNEL)
    assert f"{KERNEL} is not a data set" in refused(file)


@pytest.mark.parametrize(
    "place", [KERNEL, "model_weights/gru/gru/gru_cell", "model_weights"]
)
@pytest.mark.parametrize("kind", ["external", "soft"])
def test_links_are_never_followed(tmp_path, file, place, kind):
    # Both lead to weights that are all right: following them would not be noticed.
    secret = write(tmp_path / "secret.h5")
    with h5py.File(file, "r+") as stored:
        stored.move(place, "elsewhere")
        stored[place] = (
            h5py.ExternalLink(str(secret), f"/{place}")
            if kind == "external"
            else h5py.SoftLink("/elsewhere")
        )
        assert place in stored
    assert f"{KERNEL} is a soft or external link" in refused(file)


def test_external_storage_is_never_read(tmp_path, file):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(bytes(4800))
    _replace(
        file, KERNEL, shape=(4, 300), dtype="f4", external=[(str(secret), 0, 4800)]
    )
    assert f"{KERNEL} is not stored contiguously in the file itself" in refused(file)


def test_virtual_data_sets_are_never_read(tmp_path, file):
    secret = write(tmp_path / "secret.h5")
    layout = h5py.VirtualLayout((4, 300), "f4")
    layout[:] = h5py.VirtualSource(str(secret), KERNEL, (4, 300))
    with h5py.File(file, "r+") as stored:
        del stored[KERNEL]
        stored.create_virtual_dataset(KERNEL, layout)
    assert f"{KERNEL} is not stored contiguously in the file itself" in refused(file)


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("gru", {"units": 64}, "gru has units 64, not 100"),
        ("gru", {"activation": "relu"}, "gru has activation 'relu', not 'tanh'"),
        ("gru_1", {"recurrent_activation": "hard_sigmoid"}, "'hard_sigmoid', not"),
        ("gru_1", {"reset_after": False}, "gru_1 has reset_after False, not True"),
        ("gru", {"return_sequences": False}, "gru has return_sequences False"),
        ("gru", {"go_backwards": True}, "gru has go_backwards True"),
        ("dense", {"activation": "relu"}, "dense has activation 'relu', not 'tanh'"),
        ("latent", {"activation": {"a": 1}}, "latent has activation {'a': 1}, not"),
        ("dense_2", {"activation": "x" * 10**6}, "...xxx"),
        ("masking", {"mask_value": -1.0}, "masking has mask_value -1.0, not 0.0"),
        ("lc", {"batch_input_shape": [None, 656, 5]}, "lc has batch_input_shape"),
    ],
)
def test_another_configuration_is_refused(file, name, changes, reason):
    config = described(False)
    (found,) = (x for x in config["config"]["layers"] if x["name"] == name)
    found["config"] |= changes
    _describe(file, json.dumps(config))
    message = refused(file)
    assert reason in message and len(message) < 1000


def _describe(file, text):
    with h5py.File(file, "r+") as stored:
        stored.attrs["model_config"] = text


def test_a_lambda_is_refused_and_never_run(tmp_path, file):
    ran = tmp_path / "ran"
    code = f"__import__('pathlib').Path({str(ran)!r}).touch()"
    for place in ("latent", "extra"):
        config = described(False)
        odd = layer("Lambda", place, "dense_1", function=[code, None, None])
        kept = [x for x in config["config"]["layers"] if x["name"] != place]
        config["config"]["layers"] = [*kept, odd]
        _describe(file, json.dumps(config))
        wanted = {
            "latent": "latent has class_name 'Lambda', not 'Dense'",
            "extra": "['extra'] are missing or extra",
        }
        assert wanted[place] in refused(file)
    assert not ran.exists()


def test_other_connections_are_refused(file):
    config = described(False)
    config["config"]["layers"][-1]["inbound_nodes"] = [[["dense", 0, 0, {}]]]
    _describe(file, json.dumps(config))
    assert "dense_2 has inbound_nodes" in refused(file)
    config = described(False)
    config["config"]["output_layers"] = [["latent", 0, 0]]
    _describe(file, json.dumps(config))
    assert "its output is not that of layer dense_2" in refused(file)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"config": {"layers": [1], "output_layers": []}}',
        '{"config": {"layers": [{"name": [], "config": {}}], "output_layers": []}}',
        '{"config": {"layers": [{"name": "lc", "config": 3}], "output_layers": []}}',
        "[" * 50_000,
        np.bytes_(b"\xff"),
    ],
    ids=range(8),
)
def test_an_odd_description_is_refused(file, text):
    _describe(file, text)
    message = refused(file)
    assert "model_config does not describe a functional Keras model" in message


@pytest.mark.parametrize("value", [3, [1.5, 2.5], ["{}", "{}"]], ids=str)
def test_a_description_that_is_no_text_is_refused(file, value):
    _describe(file, value)
    assert "its attribute model_config is not one text" in refused(file)
    with h5py.File(file, "r+") as stored:
        del stored.attrs["model_config"]
    assert "it has no attribute model_config" in refused(file)


# --- The command ---


def run(*arguments):
    result = CliRunner().invoke(
        app, [str(a) for a in arguments], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_writes_a_folder_that_loads(tmp_path, file):
    out = tmp_path / "u"
    with pytest.warns(UserWarning, match=OURS):
        said = run("import-upstream", file, "--out", out)
    assert f"{out}: upstream-gru, 12 classes" in said and "corrected: g is" in said
    model = zoo.load(out)
    assert check_golden(model, open_folder(out)) < 1e-6
    assert model.preset == build_upstream(reads(file)).preset
    assert json.loads((out / "metrics.json").read_text()) == {}
    assert "license: mit" in (out / "README.md").read_text()
    with pytest.warns(UserWarning, match=OURS):
        again = ("import-upstream", file, "--out", out, "--overwrite", "--json")
        report = json.loads(run(*again))
    assert (report["model"], report["out"]) == ("upstream-gru", str(out))
    assert report["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_command_replaces_nothing_else(tmp_path, file):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.tex").write_text("x")
    with pytest.raises(ValueError, match="holds something other than a model"):
        run("import-upstream", file, "--out", out)
    (tmp_path / "broken.h5").write_text("x")
    with pytest.raises(ValueError, match="cannot be read as HDF5"):
        run("import-upstream", tmp_path / "broken.h5", "--out", tmp_path / "u")
    assert {path.name for path in out.iterdir()} == {"thesis.tex"}
    assert not (tmp_path / "u").exists()


def test_help_has_an_example():
    assert "Example: zoo-cli import-upstream" in run("import-upstream", "--help")


# --- The real files ---


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_files_give_their_reference_outputs(test_data, name):
    folder = test_data / "upstream_weights"
    model = build_upstream(read_upstream(folder / name))
    kind = "nohost" if name.startswith("No") else "host"
    with np.load(folder / "reference_io.npz") as arrays:
        inputs = {"light_curve": arrays["x"]}
        if kind == "host":
            inputs["metadata"] = arrays["host"]
        found = model.predict_on_batch(inputs)
        wanted = arrays[f"{kind}_probability"]
    described = json.loads((folder / "description.json").read_text())
    columns = [
        model.preset.classes.index(c) for c in described["output_index_to_class"]
    ]
    np.testing.assert_allclose(found[:, columns], wanted, atol=1e-5, rtol=0)


def test_the_published_weights_classify_real_light_curves(test_data, tmp_path):
    out = tmp_path / "u"
    run(
        "import-upstream",
        test_data / "upstream_weights/NoHostClassifier.h5",
        "--out",
        out,
    )
    data = test_data / "tables" / "ztf_real"
    arguments = ("--data", data, "--taxonomy", "bts", "--json")
    result = json.loads(run("evaluate", out, *arguments))
    assert (result["model"], result["n"]) == ("upstream-gru", 1933)
    assert result["macro_auroc"] >= 0.82
