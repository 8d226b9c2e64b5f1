"""A push that is killed at any moment leaves the old version or the new, whole."""

import json
import random
import subprocess
import sys
import time

import pytest
from minihub import Fault
from models import labelled, small_model

import zoo
from zoo.card.rewrite import rewrite
from zoo.hub.fetch import fetch
from zoo.model_folder.folder import open_folder
from zoo.publish.push import push

REPO = "astro/toy-gru"
DELAY = 0.02  # s, of every answer

# All of a push but its golden values, which take Keras: that is checked before anything
# is sent, so there is nothing to kill.
PUSH = """
import sys
from pathlib import Path
from zoo.model_folder.folder import open_folder
from zoo.publish.plan import compare
from zoo.publish.push import stage
from zoo.publish.upload import upload
folder, scratch, version = sys.argv[1:]
staged = stage(open_folder(Path(folder)), Path(scratch), "astro/toy-gru", version)
print("ready", flush=True)
sys.stdin.readline()
upload(staged, compare(staged, "astro/toy-gru", version, False))
print("done", flush=True)
"""


def start(folder, scratch, version) -> subprocess.Popen:
    """A process that waits for a line before it asks the hub for anything."""
    child = subprocess.Popen(
        [sys.executable, "-c", PUSH, str(folder), str(scratch), version],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "ready\n"
    return child


def finish(child) -> None:
    """Let it push, to the end."""
    assert child.communicate("\n")[0] == "done\n"


def kill(child, hub, requests, seconds) -> None:
    """Kill it so long after so many requests, and wait for the hub to answer them."""
    before = len(hub.log)
    child.stdin.write("\n")
    child.stdin.flush()
    while len(hub.log) - before < requests and child.poll() is None:
        time.sleep(0.001)
    time.sleep(seconds)
    child.kill()
    child.communicate()
    time.sleep(0.1)
    while hub.busy:
        time.sleep(0.05)


def is_whole(hub, tag) -> bool:
    """Whether the hub has a version, which is then checked byte by byte."""
    if tag not in hub.repos[REPO].tags:
        return False
    fetched = fetch(REPO, tag)
    assert f"v{fetched.folder.preset.version}" == tag
    files = hub.read(REPO, tag)
    named = json.loads(files["zoo.json"])["files"]
    assert set(files) - {".gitattributes", "zoo.json"} == set(named)
    return True


@pytest.mark.parametrize("kills", [5, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_at_random_moments(hub, tmp_path, record_testsuite_property, kills):
    model = small_model()
    metrics = zoo.evaluate(model, labelled())
    folder = zoo.save(model, tmp_path / "m", metrics=metrics)
    push(folder, REPO, version="1.0.0")
    # Slow enough that a kill meets every step.
    hub.fault(Fault(".*", times=None, action="delay", seconds=DELAY))
    before = len(hub.log)
    finish(start(folder, tmp_path / "whole", "1.0.1"))
    requests = len(hub.log) - before

    generator = random.Random(0)
    outcomes = {"old": 0, "new": 0}
    for number in range(2, 2 + kills):
        version, data = f"1.0.{number}", f"run {number}"
        changed = rewrite(
            open_folder(folder),
            tmp_path / f"c{number}",
            metrics={**metrics, "data": data},
        )
        child = start(changed, tmp_path / f"s{number}", version)
        kill(
            child, hub, generator.randint(0, requests), generator.uniform(0, 2 * DELAY)
        )
        published = is_whole(hub, f"v{version}")
        outcomes["new" if published else "old"] += 1
        now = fetch(REPO).name
        assert now == f"{REPO}@v{version if published else f'1.0.{number - 1}'}"
        if not published:  # the same push again
            finish(start(changed, tmp_path / f"t{number}", version))
        files = hub.read(REPO, f"v{version}")
        assert json.loads(files["metrics.json"])["data"] == data
    assert all(is_whole(hub, f"v1.0.{number}") for number in range(2 + kills))
    record_testsuite_property("kills", outcomes)
    assert outcomes["old"] > kills / 4
