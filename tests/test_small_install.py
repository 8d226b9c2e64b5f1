"""An installation for classification only: no Keras, TensorFlow, tfds, matplotlib.

By default it is simulated: a folder of links to the packages that
requirements-inference.txt brings, and nothing else. `pytest -m install` builds the
wheel and installs it with pip, as a user would.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import distribution
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from models import forge, labelled, small_model
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from source_files import ROOT

import zoo
from zoo.light_curves.folder import write_folder
from zoo.system.installed import LEFT_OUT

REQUIREMENTS = ROOT / "requirements-inference.txt"
LINES = [x for x in REQUIREMENTS.read_text().splitlines() if x and x[0] != "#"]
COMMAND = "from zoo.cli.main import main; main()"
MOST = 1000  # MB; 870 measured, with pip itself and the byte code that it compiles
MB = 2**20

WORK = [
    ["models", "--tree"],
    ["verify", "ztfsims-gru"],
    ["classify", "ztfsims-gru", "table", "--out", "p.parquet"],
    ["classify", "ztfsims-gru-lite", "table.csv", "--novelty", "--out", "p.csv"],
    ["drift", "predicted.parquet", "predicted.parquet"],
    ["evaluate", "ztfsims-gru", "--data", "table", "--taxonomy", "bts", "--json"],
    ["explore", "ztfsims-gru", "--data", "table", "--out", "page.html"],
    ["data", "show", "table", "golden-0-0"],
    ["pull", "ztfsims-gru", "--out", "pulled"],
    ["doctor", "--offline"],
    ["doctor", "--offline", "--deep"],
]
REFUSED = [
    ("tensorflow-datasets", ["quickstart", "--out", "new"]),
    ("keras", ["train", "--data", "table", "--out", "new"]),
    ("tensorflow-datasets", ["train", "--data", "ztfsims", "--out", "new"]),
    ("keras", "transfer ztfsims-gru --target m --data table --out new".split()),
    ("keras", ["reproduce", "bts", "--quick", "--out", "new"]),
    ("keras", ["export", "ztfsims-gru", "--out", "new.onnx"]),
    ("matplotlib", ["card", "copy"]),
    ("matplotlib", ["card", "copy", "--data", "table"]),
    ("keras", ["push", "copy", "me/mine", "--version", "9.0.0", "--dry-run"]),
    ("h5py", ["import-upstream", "table.csv", "--out", "new"]),
    ("tensorflow-datasets", ["data", "list"]),
    ("tensorflow-datasets", ["data", "build", "ztfsims", "--objects", "9"]),
    ("matplotlib", ["data", "show", "table", "golden-0-0", "--model", "ztfsims-gru"]),
    ("matplotlib", ["data", "compare", "table", "table", "--out", "new"]),
    ("tensorflow-datasets", ["evaluate", "ztfsims-gru", "--data", "ztfsims"]),
]


def brought(names: list[str]) -> set[str]:
    """The distributions that pip would install for requirements."""
    found: set[str] = set()
    todo = [(Requirement(name), "") for name in names]
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for further in ("", *requirement.extras):
            if f"{name}[{further}]" not in found:
                found.add(f"{name}[{further}]")
                of = distribution(name).requires or []
                todo += [(Requirement(line), further) for line in of]
    return {name.partition("[")[0] for name in found}


def simulated(site: Path) -> list[str]:
    """Link the packages into a folder; the command that runs Python with them only."""
    site.mkdir()
    for name in brought(LINES) | {"transient-zoo"}:
        one = distribution(name)
        parts = {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}
        for part in parts:
            about_us = part.endswith(".dist-info")
            if (name != "transient-zoo" or about_us) and not (site / part).exists():
                (site / part).symlink_to(Path(str(one.locate_file(part))).resolve())
    # -S leaves out the folder of installed packages.
    return ["env", f"PYTHONPATH={ROOT}:{site}", sys.executable, "-S"]


def installed(folder: Path) -> list[str]:
    """Install the wheel as the documentation says; the command that runs Python."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet"]
    wheel = next(folder.glob("*.whl"))
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    path = [python, "-c", "import zoo; print(zoo.__path__[0])"]
    alone = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    here = subprocess.run(
        path, check=True, capture_output=True, text=True, cwd="/", env=alone
    )
    listed = Path(here.stdout.strip()) / REQUIREMENTS.name
    assert listed.read_text() == REQUIREMENTS.read_text()
    subprocess.run([*pip, "-r", listed], check=True)
    return ["env", "-u", "PYTHONPATH", python]


@pytest.fixture(
    scope="module",
    params=["simulated", pytest.param("installed", marks=pytest.mark.install)],
)
def small(request, tmp_path_factory) -> list[str]:
    """The command that runs Python in the small installation."""
    folder = tmp_path_factory.mktemp("small")
    if request.param == "simulated":
        return simulated(folder / "site")
    return installed(folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with a light-curve table, a flat file of it, a model and predictions."""
    folder = tmp_path_factory.mktemp("home")
    data = labelled(8)
    write_folder(data, folder / "table")
    data.to_tables()[0].to_csv(folder / "table.csv", index=False)
    zoo.pull("ztfsims-gru-lite", folder / "copy")
    zoo.classify("ztfsims-gru", data).to_parquet(folder / "predicted.parquet")
    return folder


def run(small: list[str], home: Path, code: str, *arguments: str, **variables: str):
    return subprocess.run(
        [*small, "-c", code, *arguments],
        cwd=home,
        env={**os.environ, "HOME": str(home), "COLUMNS": "200", **variables},
        capture_output=True,
        text=True,
    )


def test_the_list_is_that_of_pyproject_without_what_is_left_out():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    of_project = {Requirement(line).name: line for line in project["dependencies"]}
    left_out = [name for name in of_project if name.replace("_", "-") in LEFT_OUT]
    assert len(left_out) == len(LEFT_OUT)
    assert LINES == [of_project[x] for x in of_project if x not in left_out]


def test_nothing_on_the_list_brings_what_is_left_out():
    assert not brought(LINES) & set(LEFT_OUT)


@pytest.mark.parametrize("arguments", WORK, ids=" ".join)
def test_it_works(small, home, arguments):
    done = run(small, home, COMMAND, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Keras" not in done.stderr and "keras" not in done.stderr


@pytest.mark.parametrize(("package", "arguments"), REFUSED, ids=lambda x: str(x))
def test_what_needs_more_says_what_to_install(small, home, package, arguments):
    done = run(small, home, COMMAND, *arguments)
    assert done.returncode == 1, done.stdout
    sentence = f"error: this needs {package}, which is not installed: pip install "
    assert done.stderr.splitlines()[-1].startswith(f"{sentence}transient-zoo")
    assert "Traceback" not in done.stderr and "No module" not in done.stderr
    left = {path.name for path in home.iterdir()}
    assert not left & {"new", "new.onnx", "golden-0-0.png"}


PYTHON = """
import json, zoo
from zoo.light_curves.folder import read_folder
data = read_folder("table")
stream = zoo.Stream("ztfsims-gru")
said = {}
for name, call in {
    "classify": lambda: zoo.classify("ztfsims-gru", data),
    "embed": lambda: zoo.embed("ztfsims-gru", data),
    "novelty": lambda: zoo.novelty("ztfsims-gru", data),
    "evaluate": lambda: zoo.evaluate("ztfsims-gru", data)["classes"],
    "Stream": lambda: stream.push(*data.to_tables()),
    "models": lambda: zoo.models(),
    "pull": lambda: zoo.pull("ztfsims-gru", "pulled"),
    "load": lambda: zoo.load("ztfsims-gru"),
    "fit": lambda: zoo.fit,
    "push": lambda: zoo.push("copy", "me/mine", version="9.0.0", dry_run=True),
    "TransientClassifier": lambda: zoo.TransientClassifier,
    "registry": lambda: __import__("zoo.datasets.registry"),
}.items():
    try:
        said[name] = len(call()) if name != "pull" else call().name
    except Exception as error:
        said[name] = f"{type(error).__name__}: {error}"
print(json.dumps(said))
"""


def test_every_public_function_works_or_says_what_to_install(small, home):
    done = run(small, home, PYTHON)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    works = {"classify", "embed", "novelty", "evaluate", "Stream", "models", "pull"}
    refusals = {name: text for name, text in said.items() if name not in works}
    assert all(not str(said[name]).startswith("ImportError") for name in works), said
    for text in refusals.values():
        assert re.match(
            r"ImportError: this needs (keras|matplotlib|tensorflow-datasets), which is "
            r"not installed: pip install transient-zoo\b",
            text,
        )


def test_the_numbers_are_those_of_the_whole_installation(small, home):
    done = run(
        small, home, 'import zoo; print(zoo.classify("ztfsims-gru", "table").to_json())'
    )
    assert done.returncode == 0, done.stderr
    there = pd.read_json(StringIO(done.stdout)).iloc[:, :-1].astype(float)
    here = zoo.classify("ztfsims-gru", home / "table").iloc[:, :-1]
    assert list(there.index) == list(here.index)
    np.testing.assert_allclose(there, here, atol=1e-6)


def test_the_doctor_calls_it_no_problem(small, home):
    done = run(small, home, COMMAND, "doctor", "--offline", "--json")
    report = json.loads(done.stdout)
    found = {check["name"]: check for check in report["checks"]}
    assert report["ok"]
    for name in ("keras", "tensorflow", "tensorflow-datasets"):
        assert found[name]["status"] == "ok"
        assert found[name]["found"] == (
            "not installed (not needed to classify; to train: pip install "
            "transient-zoo)"
        )
    assert "Keras backend" not in found
    assert not {"h5py", "matplotlib"} & set(found)


def test_a_backend_that_keras_could_not_use_does_not_matter(small, home):
    done = run(small, home, COMMAND, "verify", "ztfsims-gru", KERAS_BACKEND="theano")
    assert done.returncode == 0, done.stderr
    assert "Keras, which is not installed, was not asked" in done.stdout


def test_verify_refuses_other_weights_without_keras_too(small, home, tmp_path):
    folder = zoo.save(small_model(), tmp_path / "toy")
    other = zoo.save(small_model(seed=7), tmp_path / "other")
    (folder / "model.safetensors").write_bytes(
        (other / "model.safetensors").read_bytes()
    )
    forge(folder)
    done = run(small, home, COMMAND, "verify", str(folder))
    assert done.returncode == 1
    assert "does not reproduce its golden values" in done.stderr


@pytest.mark.install
@pytest.mark.parametrize("small", ["installed"], indirect=True)
def test_it_is_small(small):
    site = Path(small[-1]).parents[1]
    files = (path for path in site.rglob("*") if path.is_file())
    assert sum(path.stat().st_size for path in files) < MOST * MB
