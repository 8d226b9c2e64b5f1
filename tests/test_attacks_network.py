"""Nothing is sent, and nothing is written outside: counted with strace.

Each program runs with an empty home folder, in a network namespace of its own, so that
nothing reaches a network even where the test fails.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TRACED = [*"unshare --map-root-user --net".split(), *"strace -f -qq -o".split()]
CALLS = "trace=connect,sendto,sendmsg,sendmmsg"
OUTSIDE = re.compile(r"^\d+ +(connect|send\w*)\(.*sa_family=AF_INET6?")
CLI = "from zoo.cli.main import main; main()"
# In which a client sends what it has: ONNX Runtime tries with the first session.
WAIT = "import time; time.sleep(1)\n"

SWITCHES = ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "CI")
ELSEWHERE = ("HF_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "KERAS_HOME")


def traced(tmp_path: Path, code: str, *arguments: str, **variables: str):
    """Run a program; its connection attempts, and the files it left in its home."""
    home, place, log = (tmp_path / name for name in ("home", "place", "log"))
    for folder in (home, place):
        folder.mkdir(exist_ok=True)
    here = {k: v for k, v in os.environ.items() if k not in SWITCHES + ELSEWHERE}
    del here["HF_ENDPOINT"]
    done = subprocess.run(
        [*TRACED, log, "-e", CALLS, sys.executable, "-c", code, *arguments],
        cwd=place,
        env={**here, "HOME": str(home), "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    tried = [x for x in log.read_text().splitlines() if OUTSIDE.match(x)]
    left = {str(p.relative_to(home)) for p in home.rglob("*") if p.is_file()}
    return tried, left, done.stdout


def missing() -> str:
    """What this machine lacks for a trace; empty if nothing."""
    if not (shutil.which("unshare") and shutil.which("strace")):
        return "needs unshare (util-linux) and strace: nobody counted connections"
    done = subprocess.run([*TRACED, os.devnull, "true"], capture_output=True, text=True)
    return f"may not trace here: {done.stderr.strip()}" if done.returncode else ""


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

TABLE = """
import pandas as pd
from zoo.light_curves.analytic import golden_light_curves
photometry, metadata = golden_light_curves().to_tables()
"""
PROGRAMS = {
    "classify": TABLE + "import zoo; zoo.classify('ztfsims-gru', photometry)\n",
    "ONNX Runtime first, by zoo's name": "import zoo, onnxruntime\n"
    + TABLE
    + "zoo.embed('ztfsims-gru', photometry)\n",
    "Stream": TABLE
    + "import zoo; s = zoo.Stream('ztfsims-gru'); s.push(photometry)\n"
    + "s.save('s.zoo'); zoo.Stream.restore('s.zoo', 'ztfsims-gru')\n",
    "worker": TABLE
    + "import zoo\n"
    + "from concurrent.futures import ProcessPoolExecutor\n"
    + "from multiprocessing import get_context\n"
    + "from zoo.inference.runtime import Runtime\n"
    + "with ProcessPoolExecutor(1, get_context('spawn')) as pool:\n"
    + "    runtime = Runtime.load('ztfsims-gru')\n"
    + "    pool.submit(zoo.classify, runtime, photometry).result()\n",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_connection_is_tried_and_no_file_is_left(program, tmp_path):
    tried, left, _ = traced(tmp_path, PROGRAMS[program] + WAIT)
    assert (tried, left) == ([], set())


@pytest.mark.parametrize("value", ["0", "", "false"])
def test_a_switch_of_the_environment_does_not_turn_it_on(value, tmp_path):
    variables = {"ORT_DISABLE_TELEMETRY": value}
    tried, left, _ = traced(tmp_path, PROGRAMS["classify"] + WAIT, **variables)
    assert (tried, left) == ([], set())


def test_a_connection_is_counted(tmp_path):
    code = "import socket; socket.socket().connect_ex(('192.0.2.1', 443))"
    tried, _, _ = traced(tmp_path, code)
    assert len(tried) == 1


@pytest.mark.skipif(
    tuple(map(int, version("onnxruntime").split(".")[:2])) < (1, 29),
    reason="this ONNX Runtime has no telemetry on Linux",
)
def test_whoever_imports_onnx_runtime_before_zoo_has_its_telemetry(tmp_path):
    # As docs/security.md says; and so the other tests would see it.
    code = "import onnxruntime\n" + PROGRAMS["classify"] + WAIT
    _, left, _ = traced(tmp_path, code)
    assert any("onnxruntime" in name for name in left)


def documented(tmp_path: Path) -> list[Path]:
    """The places that `zoo-cli doctor` names, relative to the home folder."""
    tried, left, output = traced(tmp_path, CLI, "doctor", "--offline", "--json")
    assert (tried, left) == ([], set())
    found = [check["found"] for check in json.loads(output)["checks"]]
    home = re.escape(str(tmp_path / "home"))
    places = [re.match(rf"{home}/([^ ,]+)", text) for text in found]
    return [Path(place.group(1)) for place in places if place]


def test_the_page_on_security_names_the_places_that_doctor_names(tmp_path):
    page = (ROOT / "docs" / "security.md").read_text()
    places = documented(tmp_path)
    assert len(places) == 5
    for place in places:
        assert f"`~/{place}`" in page


COMMANDS = {
    "classify": ["classify", "ztfsims-gru", "table.csv", "--out", "out.csv"],
    "classify a VOTable": ["classify", "ztfsims-gru", "table.vot", "--out", "out.csv"],
    "explore": ["explore", "ztfsims-gru", "--data", "table.csv", "--out", "out.html"],
    "models": ["models", "--tree"],
    "verify": ["verify", "ztfsims-gru"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_tries_no_connection_and_keeps_what_doctor_says(command, tmp_path):
    places = documented(tmp_path)
    code = "photometry.to_csv('table.csv', index=False)\n"
    code += "from astropy.table import Table\n"
    code += "Table.from_pandas(photometry).write('table.vot', format='votable')"
    traced(tmp_path, TABLE + code)
    tried, left, _ = traced(tmp_path, CLI, *COMMANDS[command])
    assert tried == []
    assert command == "verify" or not left  # which imports Keras
    assert all(any(Path(name).is_relative_to(p) for p in places) for name in left)
    out = {path.name for path in (tmp_path / "place").iterdir()}
    assert out <= {"table.csv", "table.vot", COMMANDS[command][-1]}


@pytest.mark.slow
def test_quickstart_tries_no_connection_and_keeps_what_doctor_says(tmp_path):
    places = documented(tmp_path)
    tried, left, _ = traced(tmp_path, CLI, "quickstart", "--out", "out")
    assert tried == []
    for name in left:
        assert any(Path(name).is_relative_to(place) for place in places), name
    assert {path.name for path in (tmp_path / "place").iterdir()} == {"out"}
