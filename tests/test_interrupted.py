"""Signals, full disks, folders that may not be written, and two commands at once.

Every command runs in a process of its own and meets the real thing. Tests wait for what
they see, a file or a line, never for a time.
"""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model

import zoo
from zoo.light_curves.folder import write_folder
from zoo.model_folder.folder import open_folder

ROOT = Path(__file__).parent.parent
CLI = (sys.executable, "-c", "from zoo.cli.main import main; main()")
PATIENCE = 120  # s, after which a test fails
PARTS = 3
"""Of a table: it is read in several, so that there is something to interrupt."""


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **changes}


def start(*arguments: object, **options) -> subprocess.Popen:
    """A command in a process group of its own, deaf to no signal."""
    options = {"env": environment(), "preexec_fn": hear} | options
    return subprocess.Popen(
        [*CLI, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def hear() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def wait_for(seen: Callable[[], object], child: subprocess.Popen) -> None:
    """Wait until something is seen; the command must not end before."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < end, "nothing was seen"
        time.sleep(0.002)


def interrupt(child: subprocess.Popen, number: int, whole_group: bool = True) -> str:
    """Send a signal, check how the command ends, and return what it says."""
    (os.killpg if whole_group else os.kill)(child.pid, number)
    _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == 128 + number, said
    assert "Traceback" not in said
    last = said.splitlines()[-1]
    name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
    assert last.startswith(f"stopped by {name}: no partial output was left.")
    assert not alive(child.pid)
    return said


def alive(group: int, seconds: float = 5) -> bool:
    """Whether a process of a group is left; the last of them may still be ending."""
    end = time.monotonic() + seconds
    while members(group):
        if time.monotonic() > end:
            return True
        time.sleep(0.01)
    return False


def members(group: int) -> list[str]:
    """Processes of a group that are not dead, though nobody may have asked yet."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group, *_ = path.read_text().rpartition(")")[2].split()
        except (OSError, ValueError):  # it has just ended
            continue
        if int(its_group) == group and state not in "ZX":
            found.append(path.parent.name)
    return found


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Path:
    """Tables that take a few parts to read: in the order of their objects, and not."""
    folder = tmp_path_factory.mktemp("tables")
    objects, rows = 10_000 * PARTS, 20
    generator = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "object_id": np.repeat(np.arange(objects), rows),
            "mjd": np.tile(60000 + 3.0 * np.arange(rows), objects),
            "band": np.tile(["ztfg", "ztfr"], objects * rows // 2),
            "flux": generator.normal(300, 100, objects * rows),
            "flux_err": 20.0,
        }
    )
    table.to_parquet(folder / "ordered.parquet")
    table.sample(frac=1, random_state=0).to_parquet(folder / "shuffled.parquet")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A table folder and a model folder."""
    folder = tmp_path_factory.mktemp("small")
    write_folder(labelled(10), folder / "table")
    zoo.save(small_model(), folder / "toy")
    return folder


# ---- signals


@pytest.mark.parametrize(
    ("number", "name", "seen"),
    [
        (signal.SIGINT, "ordered", ".p.parquet.*"),
        (signal.SIGTERM, "ordered", ".p.parquet.*"),
        (signal.SIGINT, "shuffled", ".zoo.*/*.arrow"),
        (signal.SIGHUP, "shuffled", ".zoo.*/*.arrow"),
    ],
)
def test_classify_is_stopped(tables, tmp_path, number, name, seen):
    (tmp_path / "p.parquet").write_text("what was there")
    source = tables / f"{name}.parquet"
    child = start(
        "classify",
        "ztfsims-gru",
        source,
        "--out",
        tmp_path / "p.parquet",
        "--overwrite",
    )
    wait_for(lambda: list(tmp_path.glob(seen)), child)
    said = interrupt(child, number)
    assert said.count("\n") == 1
    assert files(tmp_path) == ["p.parquet"]
    assert (tmp_path / "p.parquet").read_text() == "what was there"


def test_a_second_ctrl_c_does_not_keep_it_from_tidying_up(tables, tmp_path):
    source = tables / "shuffled.parquet"
    child = start("classify", "ztfsims-gru", source, "--out", tmp_path / "p.parquet")
    wait_for(lambda: list(tmp_path.glob(".zoo.*/*.arrow")), child)
    os.killpg(child.pid, signal.SIGINT)
    interrupt(child, signal.SIGINT)
    assert files(tmp_path) == []


def test_a_signal_that_is_ignored_stays_so(tables, tmp_path):
    source, out = tables / "ordered.parquet", tmp_path / "p.parquet"
    child = start(
        *("classify", "ztfsims-gru", source, "--out", out),
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # nohup
    )
    wait_for(lambda: list(tmp_path.glob(".p.parquet.*")), child)
    os.killpg(child.pid, signal.SIGHUP)
    assert child.communicate(timeout=PATIENCE)[1] == ""
    assert child.returncode == 0
    assert files(tmp_path) == ["p.parquet"]


def says(child: subprocess.Popen, text: str) -> None:
    """Wait for a line on standard error."""
    for line in child.stderr:
        if text in line:
            return
    raise AssertionError(f"{text!r} was not said: {child.poll()}")


def test_training_is_stopped(small, tmp_path):
    out = tmp_path / "m"
    # So wide that a busy machine does not finish it before the signal arrives.
    child = start("train", "--data", small / "table", "--out", out, "--units", 256)
    says(child, "epoch 1:")
    interrupt(child, signal.SIGTERM)
    assert files(tmp_path) == []


def hidden(folder: Path) -> list[str]:
    """What is written aside has a name that begins with a dot, or says so; but for
    what tfds notes of itself."""
    return [
        name
        for name in files(folder)
        if ("/." in f"/{name}" and "/.config" not in name) or "incomplete" in name
    ]


def test_workers_are_stopped(tmp_path):
    """And by a signal to the command alone, as `kill` sends it."""
    tfds = tmp_path / "tfds"
    child = start(
        *("data", "build", "ztfsims", "--objects", 20_000, "--workers", 2),
        *("--table", tmp_path / "table"),
        env=environment(TFDS_DATA_DIR=str(tfds)),
    )
    wait_for(lambda: len(children(child)) > 2, child)  # and one that tracks resources
    interrupt(child, signal.SIGTERM, whole_group=False)
    assert not (tmp_path / "table").exists()
    assert not hidden(tmp_path)
    assert not list(tfds.rglob("*.parquet*"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("whole_group", [True, False])
def test_workers_are_stopped_at_any_moment(tmp_path, number, whole_group):
    """While they start, are given work, do it and send what they made."""
    generator = random.Random(0)
    for _ in range(10):
        child = start(
            *("data", "build", "ztfsims", "--objects", 20_000, "--workers", 2),
            env=environment(TFDS_DATA_DIR=str(tmp_path)),
        )
        wait_for(lambda child=child: children(child), child)
        time.sleep(generator.uniform(0, 1.5))
        interrupt(child, number, whole_group)
        assert not list(tmp_path.rglob("*.parquet*"))


def children(child: subprocess.Popen) -> list[str]:
    path = Path(f"/proc/{child.pid}/task/{child.pid}/children")
    if not path.exists():
        pytest.skip("this system does not tell the children of a process")
    return path.read_text().split()


@pytest.mark.slow
def test_workers_do_not_outlive_a_command_that_is_killed(tmp_path):
    child = start(
        *("data", "build", "ztfsims", "--objects", 20_000, "--workers", 2),
        env=environment(TFDS_DATA_DIR=str(tmp_path)),
    )
    wait_for(lambda: len(children(child)) > 2, child)
    child.kill()
    child.communicate()
    assert not alive(child.pid, 60)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_transfer_is_stopped(small, tmp_path, number):
    data = ("--data", small / "table", "--target", "bts")
    child = start("transfer", small / "toy", *data, "--out", tmp_path / "m")
    says(child, "epoch 1:")
    interrupt(child, number)
    assert files(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_study_is_stopped_and_goes_on(small, tmp_path, number):
    out = tmp_path / "study"
    command = ("reproduce", "bts", "--data", small / "table", "--quick")
    command = (*command, "--labels", "20,40", "--out", out)
    child = start(*command)
    wait_for(lambda: list(out.glob("cells/*.json")), child)
    interrupt(child, number)
    kept = list(out.glob("cells/*.json"))
    for path in kept:
        json.loads(path.read_text())
    assert not hidden(tmp_path)
    assert not (out / "report.md").exists()
    times = {path: path.stat().st_mtime_ns for path in kept}
    child = start(*command)
    wait_for(lambda: len(list(out.glob("cells/*.json"))) > len(kept), child)
    interrupt(child, number)
    assert all(path.stat().st_mtime_ns == times[path] for path in kept)


@pytest.mark.slow
@pytest.mark.parametrize("line", ["Simulating", "Classifying", "Transfer with 100"])
def test_the_quickstart_is_stopped(tmp_path, line):
    out = tmp_path / "q"
    child = start("quickstart", "--out", out)
    assert any(line in said for said in child.stdout)
    interrupt(child, signal.SIGINT)
    assert not hidden(tmp_path)
    left = {path.name for path in out.iterdir()} if out.exists() else set()
    assert left <= {"data"}, left  # what was simulated is kept


@pytest.mark.slow
def test_a_card_is_stopped(small, tmp_path):
    zoo.pull(str(small / "toy"), tmp_path / "m")
    before = {p: p.read_bytes() for p in (tmp_path / "m").iterdir()}
    child = start("card", tmp_path / "m", "--data", small / "table")
    maps = Path(f"/proc/{child.pid}/maps")
    wait_for(lambda: "onnxruntime" in maps.read_text(), child)  # it measures
    interrupt(child, signal.SIGTERM)
    assert {p: p.read_bytes() for p in (tmp_path / "m").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


# ---- disks and folders


def limit_files(size: int) -> Callable[[], None]:
    """No file may grow larger: to a program the same as a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def fails(*arguments: object, **options) -> str:
    child = start(*arguments, **options)
    _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1, said
    assert "Traceback" not in said
    assert said.count("\n") == 1, said
    return said


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("name", ["ordered", "shuffled"])
def test_a_full_disk(tables, tmp_path, suffix, name):
    out = tmp_path / f"p{suffix}"
    arguments = ("classify", "ztfsims-gru", tables / f"{name}.parquet", "--out", out)
    said = fails(*arguments, preexec_fn=limit_files(100_000))
    if name == "ordered":
        assert said == f"error: {out} cannot be written: File too large.\n"
    else:  # its temporary files are not smaller
        assert f"are written to {tmp_path}: File too large." in said
    assert files(tmp_path) == []


def test_a_disk_that_is_really_full(tables, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here, so none can be full")
    try:
        out = disk / "p.parquet"
        source = tables / "ordered.parquet"
        said = fails("classify", "ztfsims-gru", source, "--out", out)
        assert said == f"error: {out} cannot be written: No space left on device.\n"
        assert files(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_may_not_be_written(small, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o555)
    out = tmp_path / "p.parquet"
    said = fails("classify", small / "toy", small / "table", "--out", out)
    assert "Permission denied" in said and str(tmp_path) in said


@pytest.fixture
def frozen(tmp_path):
    """A folder that even root may not write."""
    folder = tmp_path / "frozen"
    folder.mkdir()
    bind = ["mount", "--bind", "-o", "ro", str(folder), str(folder)]
    if subprocess.run(bind, capture_output=True).returncode:
        pytest.skip("no folder can be mounted here, so none read-only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    "command",
    [
        "classify {small}/toy {small}/table --out {frozen}/p.parquet",
        "pull ztfsims-gru --out {frozen}/m",
        "transfer {small}/toy --target bts --data {small}/table --out {frozen}/m",
    ],
)
def test_a_folder_that_nobody_may_write(small, frozen, command):
    said = fails(*command.format(small=small, frozen=frozen).split())
    assert "Read-only file system" in said and str(frozen) in said


# ---- two at once


def both(*children: subprocess.Popen) -> None:
    for child in children:
        _, said = child.communicate(timeout=PATIENCE)
        assert child.returncode == 0, said


def test_two_classify_into_one_file(tables, tmp_path):
    out, source = tmp_path / "p.parquet", tables / "ordered.parquet"
    both(*(start("classify", "ztfsims-gru", source, "--out", out) for _ in range(2)))
    assert files(tmp_path) == ["p.parquet"]
    assert len(pd.read_parquet(out)) == 10_000 * PARTS


PULLS = """
import sys, zoo
for _ in range(40):
    zoo.pull("ztfsims-gru", sys.argv[1], overwrite=True)
"""


def test_two_write_one_folder_again_and_again(tmp_path):
    command = [sys.executable, "-c", PULLS, str(tmp_path / "m")]
    both(
        *(
            subprocess.Popen(
                command, env=environment(), stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        )
    )
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    open_folder(tmp_path / "m")


# ---- streams, locales, names


def test_nobody_reads_to_the_end():
    for command in ("models", "--help", "data list"):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [*CLI, *command.split()],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        os.close(writer)
        assert (done.returncode, done.stderr) == (141, ""), command


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES = {
    "C": {"LC_ALL": "C"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
}


@pytest.mark.parametrize("locale", LOCALES)
def test_names_and_locales(small, tmp_path, locale):
    folder = tmp_path / "my tübles, \"new\" & 'öld'"
    (folder / "in put").mkdir(parents=True)
    for source in (small / "table").iterdir():
        (folder / "in put" / source.name).write_bytes(source.read_bytes())
    for suffix in ("parquet", "csv"):
        out = folder / f"prøb ä.{suffix}"
        done = subprocess.run(
            [*CLI, "classify", str(small / "toy"), str(folder / "in put")]
            + ["--out", str(out)],
            capture_output=True,
            env=environment(**LOCALES[locale]),
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert b": 80 objects" in done.stdout
        read = pd.read_parquet if suffix == "parquet" else pd.read_csv
        assert len(read(out)) == 80
    assert len(files(folder)) == 5
    for command in ("models", "data list", "--help"):
        done = subprocess.run(
            [*CLI, *command.split()],
            capture_output=True,
            env=environment(**LOCALES[locale]),
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_names_that_a_locale_cannot_hold(small, tmp_path):
    """Only where UTF-8 was switched off by hand: Python chooses it by itself."""
    options = {"env": environment(**ASCII), "errors": "replace"}
    for name, code in (("p.parquet", 0), ("pä.parquet", 1)):
        out = tmp_path / name
        child = start(
            "classify", small / "toy", small / "table", "--out", out, **options
        )
        _, said = child.communicate(timeout=PATIENCE)
        assert child.returncode == code, said
    assert said.startswith("error: ") and said.count("\n") == 1
    assert "cannot be encoded in this locale. Set PYTHONUTF8=1" in said
    assert files(tmp_path) == ["p.parquet"]
    for command in ("models", "--help"):
        done = subprocess.run([*CLI, command], capture_output=True, **options)
        assert done.returncode == 0 and done.stdout
