"""A setting that Keras cannot use is named, with what to do; only Keras minds it."""

import os
import subprocess
import sys

import pytest
from models import labelled
from source_files import ROOT

from zoo.light_curves.folder import write_folder
from zoo.system.installed import is_installed
from zoo.system.keras_backend import BACKENDS, chosen

ABSENT = [name for name in (*BACKENDS, "openvino") if not is_installed(name)]
COMMAND = "from zoo.cli.main import main; main()"


def run(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    settings = {"KERAS_BACKEND": "", "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )


def verify(**variables: str) -> str:
    """The one line in which `verify` ends."""
    done = run(COMMAND, "verify", "ztfsims-gru-lite", **variables)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def test_an_unknown_backend_of_the_environment():
    assert verify(KERAS_BACKEND="theano") == (
        "error: Keras cannot use its backend theano, by KERAS_BACKEND: set "
        "KERAS_BACKEND to one of tensorflow, jax, torch."
    )


@pytest.mark.parametrize("name", ABSENT)
def test_a_backend_that_is_not_installed(name):
    line = verify(KERAS_BACKEND=name)
    assert f"backend {name}, by KERAS_BACKEND: pip install {name}, or set KER" in line


@pytest.mark.parametrize(
    "text",
    [
        '{"backend": "theano"}',
        '{"backend": 5}',
        '{"backend": null}',
        '{"floatx": "float8", "backend": "tensorflow"}',
        '{"epsilon": "small"}',
        '{"image_data_format": "none"}',
        "[1]",
    ],
)
def test_the_file_of_settings_is_named(tmp_path, text):
    path = tmp_path / "keras.json"
    path.write_text(text)
    line = verify(KERAS_HOME=str(tmp_path))
    assert str(path) in line
    assert "KERAS_BACKEND to one of" in line or f"Correct or remove {path}" in line


def test_classification_asks_for_no_backend(tmp_path):
    write_folder(labelled(1), tmp_path / "table")
    command = ["classify", "ztfsims-gru", str(tmp_path / "table")]
    out = tmp_path / "p.csv"
    done = run(COMMAND, *command, "--out", str(out), KERAS_BACKEND="theano")
    assert done.returncode == 0, done.stderr
    assert out.exists()


CORRECTED = """
import os, zoo
try:
    zoo.load("ztfsims-gru-lite")
except ImportError as error:
    print(error)
os.environ["KERAS_BACKEND"] = "tensorflow"
print(type(zoo.load("ztfsims-gru-lite")).__name__)
"""


def test_the_setting_may_be_corrected_in_the_same_process():
    done = run(CORRECTED, KERAS_BACKEND="theano")
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("Keras cannot use its backend theano, by KERAS_BACKEND")
    assert second == "TransientClassifier"


def test_a_home_with_a_tilde(monkeypatch, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "keras.json").write_text('{"backend": "jax"}')
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", "~/mine")
    assert chosen().name == "jax"
    assert chosen().origin == str(tmp_path / "mine" / "keras.json")
