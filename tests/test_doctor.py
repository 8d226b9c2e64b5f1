"""The doctor: every finding has a status, and a remedy where it is not ok."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zoo import doctor
from zoo.doctor import OK, PROBLEM, WARNING

ROOT = Path(__file__).parent.parent


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", "from zoo.cli.main import main; main()", "doctor"]
        + list(arguments),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def test_all_is_well_here(hub):
    found = {check.name: check for check in doctor.checks()}
    problems = [check for check in found.values() if check.status == PROBLEM]
    assert not problems
    assert found["hub"].found.endswith(" answers")
    assert found["model ztfsims-gru"].status == OK
    names = {"python", "keras", "onnxruntime", "Keras backend", "GPU", "cores"}
    assert names < set(found)
    assert all(bool(c.remedy) == (c.status != OK) for c in found.values())


def test_the_command_prints_a_line_for_each():
    done = run("--offline")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(line.split()[0] in (OK, WARNING) for line in lines)
    assert len(lines) == len(list(doctor.checks(network=False)))


def test_json_is_one_object():
    report = json.loads(run("--offline", "--json").stdout)
    assert report["ok"] is True
    assert set(report["checks"][0]) == {"name", "status", "found", "remedy"}


def test_nothing_of_weight_is_imported():
    code = "import sys, zoo.doctor; list(zoo.doctor.checks(network=False)); "
    code += "print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    heavy = {"keras", "tensorflow", "jax", "torch", "pandas", "onnxruntime"}
    assert not heavy & set(done.stdout.split())


def test_no_network_is_a_warning_and_no_failure():
    start = time.monotonic()
    done = run(HF_ENDPOINT="http://127.0.0.1:9")  # nobody listens there
    assert time.monotonic() - start < 30
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = [x for x in done.stdout.splitlines() if x.startswith("warning hub: ")]
    assert "does not answer" in line
    assert "need no network" in line and "HF_HUB_OFFLINE=1" in line


def test_offline_by_choice_is_fine():
    done = run(HF_HUB_OFFLINE="1")
    assert done.returncode == 0
    assert "ok      hub: HF_HUB_OFFLINE is set: not asked" in done.stdout


def test_a_model_that_was_changed(tmp_path, monkeypatch):
    here = tmp_path / "bundled"
    shutil.copytree(doctor.BUNDLED, here)
    with (here / "ztfsims-gru" / "metrics.json").open("a") as file:
        file.write(" ")
    monkeypatch.setattr(doctor, "BUNDLED", here)
    found = {check.name: check for check in doctor.bundled()}
    assert found["model ztfsims-gru"].status == PROBLEM
    assert "metrics.json was changed" in found["model ztfsims-gru"].found
    assert found["model ztfsims-gru-lite"].status == OK


def test_a_package_that_is_missing(monkeypatch):
    monkeypatch.setattr(doctor, "_NEEDED", ("numpy", "no-such-package"))
    check = list(doctor.versions())[2]
    assert (check.status, check.found) == (PROBLEM, "not installed")
    assert check.remedy.startswith("pip install")


def test_problems_end_in_exit_code_1(monkeypatch, capsys):
    from zoo.cli.doctor import doctor as command

    broken = [doctor.Check("keras", PROBLEM, "not installed", "pip install keras")]
    monkeypatch.setattr(doctor, "checks", lambda network: iter(broken))
    with pytest.raises(ValueError, match="has problems: keras"):
        command()
    assert "keras: not installed -> pip install keras" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("variables", "status", "found"),
    [
        ({"KERAS_BACKEND": "tensorflow"}, OK, "tensorflow, by KERAS_BACKEND"),
        ({"KERAS_BACKEND": "theano"}, WARNING, "theano, by KERAS_BACKEND"),
        ({"KERAS_HOME": "/nowhere"}, OK, "tensorflow, by Keras' default"),
    ],
)
def test_the_backend(monkeypatch, variables, status, found):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    check = doctor.backend()
    assert (check.status, check.found) == (status, found)


def test_the_backend_of_kerass_own_settings(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text('{"backend": "no-such"}')
    assert doctor.backend().status == WARNING
    (tmp_path / "keras.json").write_text("[")
    assert doctor.backend().found == "tensorflow, by Keras' default"


@pytest.mark.parametrize(("limit", "status"), [("1", OK), ("", OK), ("all", WARNING)])
def test_cores(monkeypatch, limit, status):
    monkeypatch.setenv("OMP_NUM_THREADS", limit)
    assert doctor.threads().status == status


def test_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "a" / "b"))
    assert doctor.data_folder().status == OK
    assert not (tmp_path / "a").exists()
    (tmp_path / "a").write_text("a file")
    check = doctor.data_folder()
    assert check.status == WARNING and "cannot be written" in check.found
    monkeypatch.setattr(doctor, "_SPACE", 1e9)
    assert " GB free" in doctor.hub_cache().found
    assert doctor.hub_cache().status == WARNING


@pytest.mark.parametrize(
    ("script", "status", "found"),
    [
        ("echo 'NVIDIA H100, 81559 MiB'", OK, "NVIDIA H100, 81559 MiB"),
        ("echo no device >&2; exit 9", OK, "none: everything runs on the CPU"),
        ("exec sleep 60", WARNING, "nvidia-smi does not answer"),
    ],
)
def test_the_gpu(monkeypatch, tmp_path, script, status, found):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(doctor, "_SECONDS", 0.5)
    check = doctor.gpu()
    assert check.status == status and check.found.startswith(found)


@pytest.mark.slow
def test_deep_loads_keras_and_computes_golden_values():
    report = json.loads(run("--offline", "--deep", "--json").stdout)
    names = {check["name"] for check in report["checks"]}
    assert report["ok"] and "golden values of ztfsims-gru" in names
