"""Whoever writes into a model folder makes it refused, or changes nothing.

Each attack plants a graph that reverses the order of the classes, or weights that do,
into a copy of a bundled model. The outcome is the right answer, to the bit, or one
sentence; and `verify` refuses.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading

import onnx
import pandas as pd
import pytest
from models import forge

import zoo
from zoo import doctor
from zoo.classifier.load import verify
from zoo.hub import find as finding
from zoo.hub.find import find
from zoo.hub.pins import BUNDLED
from zoo.inference.onnx_graph import onnx_graph
from zoo.light_curves.analytic import golden_light_curves
from zoo.model_folder.tensors import read_tensors, to_safetensors

MODEL = "ztfsims-gru"
WEIGHTS = "model.safetensors"


def reversed_tensors():
    tensors = read_tensors(find(MODEL).folder)
    head = {f"head/{k}": tensors[f"head/{k}"][..., ::-1] for k in ("kernel", "bias")}
    return {k: v.copy() for k, v in {**tensors, **head}.items()}


GRAPH = onnx_graph(find(MODEL).folder.preset, reversed_tensors())
BAD_WEIGHTS = to_safetensors(reversed_tensors(), find(MODEL).folder.preset)


def digest(content):
    return hashlib.sha256(content).hexdigest()[:16]


def former_name(folder, graph=GRAPH, version=2):
    """The name under which an early version of the package kept its graph."""
    made_from = find(MODEL).folder.manifest.sha256[:16]
    return folder / f".onnx-{version}-{made_from}-{digest(graph)}"


def outside(folder, content=GRAPH):
    path = folder.parent / "outside"
    path.write_bytes(content)
    return path


def external(folder):
    """The graph with its weights in a file beside it."""
    path = folder.parent / "external.onnx"
    onnx.save_model(
        onnx.load_model_from_string(GRAPH),
        path,
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    return path.read_bytes(), (folder.parent / "weights.bin").read_bytes()


def write(name, content=GRAPH):
    return lambda folder: (folder / name).write_bytes(content)


def in_former_name(version):
    return lambda folder: former_name(folder, version=version).write_bytes(GRAPH)


def linked(link):
    return lambda folder: link(outside(folder), former_name(folder))


def external_graph(folder):
    graph, weights = external(folder)
    former_name(folder, graph).write_bytes(graph)
    (folder / "weights.bin").write_bytes(weights)


def external_graph_alone(folder):
    graph, _ = external(folder)  # its weights lie where the command runs
    former_name(folder, graph).write_bytes(graph)


def named_in_the_manifest(name, content=GRAPH):
    def plant(folder):
        (folder / name).write_bytes(content)
        forge(folder)

    return plant


def replace(name, how):
    def plant(folder):
        (folder / name).unlink()
        how(folder / name, folder)

    return plant


def in_a_folder(name):
    def plant(folder):
        (folder / name).mkdir()
        (folder / name / former_name(folder).name).write_bytes(GRAPH)

    return plant


REFUSED = {
    "former name": in_former_name(2),
    "former name, first format": in_former_name(1),
    "former name, a format to come": in_former_name(3),
    "former name, a link": linked(lambda to, at: at.symlink_to(to)),
    "former name, a hard link": linked(lambda to, at: at.hardlink_to(to)),
    "former name, a broken link": linked(lambda to, at: at.symlink_to(f"{to}-gone")),
    "former name, a pipe": lambda folder: os.mkfifo(former_name(folder)),
    "former name, a folder": lambda folder: former_name(folder).mkdir(),
    "external data": external_graph,
    "external data elsewhere": external_graph_alone,
    "model.onnx": write("model.onnx"),
    "hidden model.onnx": write(".model.onnx"),
    "optimised graph": write("model.ort"),
    "graph.onnx.data": write("model.onnx.data"),
    "weights in capitals": write("Model.safetensors", BAD_WEIGHTS),
    "weights with a space": write("model.safetensors ", BAD_WEIGHTS),
    "weights as pickle": write("pytorch_model.bin", b"\x80\x04."),
    "weights of Keras": write("model.weights.h5", BAD_WEIGHTS),
    "a part of a killed command": write(".model.safetensors.0a1b2c3d.part", GRAPH),
    "a module called onnx": write("onnx.py", b"raise SystemExit('planted')"),
    "a module called onnxruntime": write("onnxruntime.py", b"raise SystemExit(1)"),
    "a configuration of ONNX Runtime": write("ort_config.json", b"{}"),
    "byte code": in_a_folder("__pycache__"),
    "a hidden folder": in_a_folder(".onnx"),
    "named in zoo.json": named_in_the_manifest("model.onnx"),
    "hidden, named in zoo.json": named_in_the_manifest(".onnx-2-0-0"),
    "a figure with a wrong name": named_in_the_manifest("mo del.png"),
    "graph for weights": write(WEIGHTS),
    "other weights": write(WEIGHTS, BAD_WEIGHTS),
    "a link to other weights": replace(
        WEIGHTS, lambda at, folder: at.symlink_to(outside(folder, BAD_WEIGHTS))
    ),
    "a hard link to other weights": replace(
        WEIGHTS, lambda at, folder: at.hardlink_to(outside(folder, BAD_WEIGHTS))
    ),
    "a pipe for weights": replace(WEIGHTS, lambda at, folder: os.mkfifo(at)),
    "a device for weights": replace(
        WEIGHTS, lambda at, folder: at.symlink_to("/dev/zero")
    ),
    "a folder for weights": replace(WEIGHTS, lambda at, folder: at.mkdir()),
    "a pipe for zoo.json": replace("zoo.json", lambda at, folder: os.mkfifo(at)),
}

SIGNED = {  # anew, so that every sha256 is right
    "graph for weights": named_in_the_manifest(WEIGHTS),
    "graph for golden values": named_in_the_manifest("golden.npz"),
    "other weights": named_in_the_manifest(WEIGHTS, BAD_WEIGHTS),
}

RIGHT = {
    "in .git": in_a_folder(".git"),
    "in .cache": in_a_folder(".cache"),
    "in .ipynb_checkpoints": in_a_folder(".ipynb_checkpoints"),
    "for .gitattributes": write(".gitattributes"),
    "for the ids of a split": lambda folder: (folder / "split.csv").write_text(
        "object_id,part\ngolden-0,train\n"
    ),
    "a link to the right weights": replace(
        WEIGHTS, lambda at, folder: at.symlink_to(BUNDLED / MODEL / WEIGHTS)
    ),
    "beside the folder": lambda folder: former_name(folder.parent).write_bytes(GRAPH),
    "a module beside the folder": lambda folder: (
        folder.parent / "onnxruntime.py"
    ).write_text("raise SystemExit('planted')"),
}


@pytest.fixture(scope="module")
def data():
    return golden_light_curves()


@pytest.fixture(scope="module")
def expected(data):
    table = zoo.classify(MODEL, data)
    planted = table.iloc[:, -2::-1].to_numpy()
    assert abs(planted - table.iloc[:, :-1].to_numpy()).max() > 0.5
    return table


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return zoo.pull(MODEL, tmp_path / "copy")


@pytest.mark.parametrize("attack", REFUSED)
def test_a_planted_file_is_refused_at_every_door(attack, folder, data):
    REFUSED[attack](folder)
    doors = (
        lambda: zoo.classify(folder, data),
        lambda: zoo.embed(folder, data),
        lambda: zoo.Stream(folder),
        lambda: zoo.load(folder),
        lambda: zoo.pull(folder, folder.parent / "again"),
        lambda: verify(find(folder)),
    )
    for door in doors:
        with pytest.raises((ValueError, FileNotFoundError)) as caught:
            door()
        assert "\n" not in str(caught.value)
    assert not (folder.parent / "again").exists()


@pytest.mark.parametrize("attack", SIGNED)
def test_files_that_were_signed_anew_do_not_pass_verification(attack, folder):
    SIGNED[attack](folder)
    with pytest.raises(ValueError) as caught:
        verify(find(folder))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("attack", RIGHT)
def test_what_nothing_reads_changes_no_bit(attack, folder, data, expected):
    RIGHT[attack](folder)
    pd.testing.assert_frame_equal(zoo.classify(folder, data), expected)
    assert verify(find(folder)) < 1e-5


@pytest.mark.parametrize("attack", ["former name", "model.onnx", "hidden model.onnx"])
def test_a_folder_with_a_planted_file_is_not_pulled_over(attack, folder):
    REFUSED[attack](folder)
    before = sorted(folder.iterdir())
    with pytest.raises(ValueError, match="something other than a model"):
        zoo.pull(MODEL, folder)
    assert sorted(folder.iterdir()) == before


def test_a_graph_planted_into_the_package_is_not_read_and_is_noticed(
    tmp_path, monkeypatch, data, expected
):
    here = shutil.copytree(BUNDLED, tmp_path / "bundled")
    former_name(here / MODEL).write_bytes(GRAPH)
    for module in (finding, doctor):
        monkeypatch.setattr(module, "BUNDLED", here)
    pd.testing.assert_frame_equal(zoo.classify(MODEL, data), expected)
    with pytest.raises(ValueError, match="left by an early version .* delete it"):
        verify(find(MODEL))
    found = {check.name: check for check in doctor.bundled()}[f"model {MODEL}"]
    assert (found.status, found.remedy) == (doctor.WARNING, "delete it")
    assert "no part of the model, and is not read" in found.found


def test_a_graph_planted_into_the_cache_of_the_hub_is_not_read_and_is_noticed(
    hub, folder, data, expected
):
    zoo.push(folder, "astro/copy", version=find(MODEL).folder.preset.version)
    cached = find("hf://astro/copy").folder.path
    former_name(cached).write_bytes(GRAPH)
    table = zoo.classify("hf://astro/copy", data)
    pd.testing.assert_frame_equal(table, expected)
    with pytest.raises(ValueError, match="left by an early version"):
        verify(find("hf://astro/copy"))


def test_weights_that_change_after_the_check_change_nothing(folder, data, expected):
    found = find(folder)  # read and checked
    (folder / WEIGHTS).write_bytes(BAD_WEIGHTS)
    former_name(folder).write_bytes(GRAPH)
    pd.testing.assert_frame_equal(zoo.classify(found, data), expected)
    with pytest.raises(ValueError, match="not listed"):
        zoo.classify(folder, data)


def test_weights_that_keep_changing_are_right_or_refused(folder, data, expected):
    good, path = (folder / WEIGHTS).read_bytes(), folder / WEIGHTS
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    stop, outcomes = threading.Event(), set()
    assert len(good) == len(BAD_WEIGHTS)

    def swap():
        while not stop.is_set():
            for content in (BAD_WEIGHTS, good):
                path.write_bytes(content)
                os.utime(path, ns=times)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(60):
            try:
                table = zoo.classify(folder, data)
            except ValueError as error:
                assert "was changed" in str(error)
                outcomes.add("refused")
            else:
                pd.testing.assert_frame_equal(table, expected)
                outcomes.add("right")
    finally:
        stop.set()
        thread.join()
    assert "refused" in outcomes


def test_verify_computes_the_network_that_classify_runs(
    monkeypatch, folder, data, expected
):
    monkeypatch.setattr(
        "zoo.inference.runtime.read_tensors", lambda _: reversed_tensors()
    )
    planted = zoo.classify(folder, data)
    assert not planted.equals(expected)
    with pytest.raises(ValueError, match="does not reproduce its golden values"):
        verify(find(folder))


COMMAND = "import sys; sys.path.remove(''); from zoo.cli.main import main; main()"


@pytest.mark.parametrize("attack", ["former name", "a module called onnx"])
@pytest.mark.parametrize("command", ["verify", "classify"])
def test_the_commands_say_which_file_is_not_part_of_the_model(attack, command, folder):
    REFUSED[attack](folder)
    photometry, _ = golden_light_curves().to_tables()
    photometry.to_csv("table.csv", index=False)
    arguments = ["table.csv", "--out", "p.csv"] if command == "classify" else []
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, command, "copy", *arguments],
        capture_output=True,
        text=True,
        cwd=folder.parent,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "is not listed in zoo.json" in line
    assert not (folder.parent / "p.csv").exists()
