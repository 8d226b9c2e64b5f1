"""Kills, links, full disks and existing files: nothing is lost, nothing is left.

A process is killed with SIGKILL, which it cannot hear, at random moments; the same
command afterwards ends in a result or one sentence, and tidies up.
"""

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from minihub import Fault
from models import labelled, small_model

import zoo
from zoo.card.rewrite import rewrite
from zoo.hub.fetch import fetch
from zoo.light_curves.analytic import golden_light_curves
from zoo.light_curves.folder import read_folder, write_folder
from zoo.model_folder.folder import open_folder
from zoo.publish.push import push
from zoo.stream.stream import Stream
from zoo.system import atomic, leftovers
from zoo.system.atomic import new_file, new_folder, scratch_folder

ROOT = Path(__file__).parent.parent
CLI = (sys.executable, "-c", "from zoo.cli.main import main; main()")
PATIENCE = 300  # s, after which a test fails


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **changes}


def start(*command: object, **options) -> subprocess.Popen:
    """A process in a group of its own."""
    return subprocess.Popen(
        [*map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **{"env": environment(), **options},
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---- kills

REPLACE = """
import sys
from pathlib import Path
from zoo.system import atomic
from zoo.system.atomic import new_folder
if sys.argv[2] == "slow":
    atomic._exchange = lambda a, b: False  # a file system that cannot
print("ready", flush=True)
for number in range(100_000):
    with new_folder(Path(sys.argv[1])) as part:
        for name in "ab":
            (part / name).write_text(str(number))
"""


@pytest.mark.parametrize(("way", "kills"), [("exchanged", 25), ("slow", 25)])
def test_a_folder_that_is_replaced_is_the_old_or_the_new_one(tmp_path, way, kills):
    """Where two folders cannot be exchanged in one step, from the next reader on."""
    path, generator, empty = tmp_path / "m", random.Random(0), 0
    with new_folder(path) as part:
        for name in "ab":
            (part / name).write_text("-1")
    (path / ".git").mkdir()
    for _ in range(kills):
        child = start(sys.executable, "-c", REPLACE, path, way)
        assert child.stdout.readline() == "ready\n"
        time.sleep(generator.uniform(0, 0.02))
        child.kill()
        child.communicate()
        if not path.exists():
            assert way == "slow"
            empty += 1
            leftovers.recover(path)
        a, b = ((path / name).read_text() for name in "ab")
        assert a == b
        with new_folder(path) as part:  # the next run
            for name in "ab":
                (part / name).write_text("-1")
        assert names(tmp_path) == ["m"]
        assert (path / ".git").is_dir()
    assert way == "slow" or not empty


STREAM = """
import sys, zoo
from zoo.light_curves.analytic import golden_light_curves
stream = zoo.Stream("ztfsims-gru")
stream.push(*golden_light_curves().to_tables())
print("ready", flush=True)
for _ in range(100_000):
    stream.save(sys.argv[1])
"""

PULL = """
import sys, zoo
print("ready", flush=True)
for _ in range(100_000):
    zoo.pull("ztfsims-gru", sys.argv[1], overwrite=True)
"""


def killed(script: str, out: Path, seconds: float) -> None:
    child = start(sys.executable, "-c", script, out)
    assert child.stdout.readline() == "ready\n", child.communicate()
    time.sleep(seconds)
    assert child.poll() is None, child.communicate()
    child.kill()
    child.communicate()


@pytest.mark.parametrize("kills", [3, pytest.param(15, marks=pytest.mark.slow)])
def test_a_stream_that_is_killed_while_it_is_saved(tmp_path, kills):
    path, generator = tmp_path / "s.npz", random.Random(1)
    for _ in range(kills):
        killed(STREAM, path, generator.uniform(0.05, 0.3))
        stream = Stream.restore(path, "ztfsims-gru")
        assert len(stream) == 8
        stream.save(path)
        assert names(tmp_path) == ["s.npz"]


@pytest.mark.parametrize("kills", [3, pytest.param(15, marks=pytest.mark.slow)])
def test_a_pull_that_is_killed(tmp_path, kills):
    path, generator = tmp_path / "m", random.Random(2)
    zoo.pull("ztfsims-gru", path)
    for _ in range(kills):
        killed(PULL, path, generator.uniform(0, 0.1))
        assert open_folder(path).preset.model_id == "ztfsims-gru"
        zoo.pull("ztfsims-gru", path, overwrite=True)
        assert names(tmp_path) == ["m"]


def one_sentence_or_result(child: subprocess.Popen) -> int:
    _, said = child.communicate(timeout=PATIENCE)
    assert "Traceback" not in said
    assert child.returncode in (0, 1), said
    if child.returncode:
        assert said.splitlines()[-1].startswith("error: "), said
    return child.returncode


COMMANDS = {
    "classify": (
        *("classify", "ztfsims-gru", "{table}", "--out", "{out}/p.parquet"),
        "--overwrite",
    ),
    "pull": ("pull", "ztfsims-gru", "--out", "{out}/m", "--overwrite"),
    "explore": (
        *("explore", "ztfsims-gru", "--data", "{table}", "--out", "{out}/x.html"),
        "--overwrite",
    ),
    "data build": (
        *("data", "build", "ztfsims", "--objects", "40", "--table", "{out}/t"),
        "--overwrite",
    ),
    "transfer": (
        *("transfer", "{toy}", "--target", "bts", "--data", "{table}"),
        *("--out", "{out}/m", "--overwrite"),
    ),
    "card": ("card", "{out}/toy", "--data", "{table}"),
    "reproduce": (
        *("reproduce", "bts", "--data", "{table}", "--quick", "--labels", "20,40"),
        *("--out", "{out}/s"),
    ),
}
SECONDS = {"transfer": 25, "reproduce": 40}  # about how long each takes


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A table folder and a model folder that tests only read."""
    folder = tmp_path_factory.mktemp("small")
    model = small_model()
    write_folder(labelled(10), folder / "table")
    zoo.save(model, folder / "toy", metrics=zoo.evaluate(model, labelled()))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_commands_that_are_killed_can_be_run_again(name, small, tmp_path):
    generator, seconds = random.Random(3), SECONDS.get(name, 5)
    out, kills = tmp_path / "out", 6
    out.mkdir()
    zoo.pull(str(small / "toy"), out / "toy")
    places = {"table": small / "table", "toy": small / "toy", "out": out}
    command = [*CLI, *(part.format(**places) for part in COMMANDS[name])]
    options = {"env": environment(TFDS_DATA_DIR=str(tmp_path / "tfds"))}
    for _ in range(kills):
        child = start(*command, **options)
        time.sleep(generator.uniform(0.2, seconds))
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
    assert one_sentence_or_result(start(*command, **options)) == 0
    left = [path for path in out.rglob(".*") if path.suffix in (".part", ".old")]
    assert not left


SAVE = """
import sys, zoo
sys.path.insert(0, sys.argv[2])
from models import small_model
model = small_model()
print("ready", flush=True)
for _ in range(1000):
    zoo.save(model, sys.argv[1], overwrite=True)
"""


@pytest.mark.slow
def test_a_save_that_is_killed(tmp_path):
    path, generator = tmp_path / "m", random.Random(4)
    zoo.save(small_model(), path)
    for _ in range(6):
        child = start(sys.executable, "-c", SAVE, path, ROOT / "tests")
        assert child.stdout.readline() == "ready\n"
        time.sleep(generator.uniform(0, 1.5))
        child.kill()
        child.communicate()
        assert open_folder(path).preset.model_id == "toy-gru"
        zoo.save(small_model(), path, overwrite=True)
        assert names(tmp_path) == ["m"]


# ---- what is left


def dead(path: Path, kind: str = leftovers.UNFINISHED) -> Path:
    """The name that a process which has ended gave to something unfinished."""
    code = (
        "import sys; from pathlib import Path; from zoo.system.leftovers import aside"
    )
    code += "; print(aside(Path(sys.argv[1]), sys.argv[2]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), kind],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    return Path(done.stdout.removesuffix("\n"))


def test_the_next_run_removes_what_a_killed_one_left(tmp_path):
    dead(tmp_path / "a").write_text("half")
    folder = dead(tmp_path / "zoo")
    folder.mkdir()
    (folder / "rows.arrow").write_text("half")
    with new_file(tmp_path / "b") as part:
        part.write_text("whole")
    assert names(tmp_path) == ["b"]


def test_the_name_of_a_model_of_the_zoo_is_not_looked_for_among_files(
    tmp_path, monkeypatch
):
    """The present folder may hold many, and such a name is never that of a folder."""
    former = dead(tmp_path / "ztfsims-gru-lite", leftovers.FORMER)
    former.mkdir()
    monkeypatch.chdir(tmp_path)
    zoo.classify("ztfsims-gru-lite", golden_light_curves())
    assert names(tmp_path) == [former.name]


def test_what_others_use_stays(tmp_path):
    mine = leftovers.aside(tmp_path / "a")  # of a process that lives
    mine.write_text("half")
    elsewhere = tmp_path / mine.name.replace(f"{leftovers._host()}-", "00000000-")
    elsewhere.write_text("of another host")
    # The same number was given to another process: it began at another time.
    pid, start_ = os.getpid(), leftovers._start(os.getpid())
    again = tmp_path / mine.name.replace(f"-{pid}-{start_}-", f"-{pid}-{start_ - 1}-")
    again.write_text("of an earlier process")
    foreign = tmp_path / ".a.txt.part"
    foreign.write_text("of another program")
    leftovers.clean(tmp_path)
    assert set(names(tmp_path)) == {p.name for p in (mine, elsewhere, foreign)}


def test_a_link_among_them_is_not_followed(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "x").write_text("x")
    dead(tmp_path / "a").symlink_to(tmp_path / "precious")
    leftovers.clean(tmp_path)
    assert names(tmp_path) == ["precious"]
    assert names(tmp_path / "precious") == ["x"]


def test_a_model_between_two_names_is_found_by_the_next_load(tmp_path):
    """As it is left where two folders cannot be exchanged."""
    path = tmp_path / "m"
    zoo.pull("ztfsims-gru", path)
    path.rename(dead(path, leftovers.FORMER))
    assert zoo.classify(path, golden_light_curves()).shape[0] == 8
    assert names(tmp_path) == ["m"]
    path.rename(dead(path, leftovers.FORMER))
    with pytest.raises(FileExistsError):  # it is there again
        zoo.pull("ztfsims-gru", path)


def test_where_folders_cannot_be_exchanged_they_are_still_replaced(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(atomic, "_exchange", lambda a, b: False)
    zoo.pull("ztfsims-gru", tmp_path / "m")
    (tmp_path / "m" / ".git").mkdir()
    zoo.pull("ztfsims-gru-lite", tmp_path / "m", overwrite=True)
    assert open_folder(tmp_path / "m").preset.model_id == "ztfsims-gru-lite"
    assert (tmp_path / "m" / ".git").is_dir()
    assert names(tmp_path) == ["m"]


def test_temporary_folders_are_for_their_owner(tmp_path):
    with scratch_folder(tmp_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert names(tmp_path) == []


# ---- links, the current folder, existing files


def test_a_link_is_followed(tmp_path):
    zoo.pull("ztfsims-gru", tmp_path / "m")
    (tmp_path / "link").symlink_to("m")
    zoo.pull("ztfsims-gru-lite", tmp_path / "link", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert open_folder(tmp_path / "m").preset.model_id == "ztfsims-gru-lite"
    (tmp_path / "to-be").symlink_to("new")
    zoo.pull("ztfsims-gru", tmp_path / "to-be")
    assert open_folder(tmp_path / "new").preset.model_id == "ztfsims-gru"
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "b.txt").symlink_to("a.txt")
    with new_file(tmp_path / "b.txt") as part:
        part.write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "b.txt").is_symlink()


@pytest.mark.parametrize("out", [".", "..", "../m", "inner/.."])
def test_the_current_folder_is_not_taken_away(tmp_path, monkeypatch, out):
    """A shell would be left in a folder that is gone."""
    (tmp_path / "m" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "m")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match="is the folder in which this command runs"):
        zoo.pull("ztfsims-gru", out)
    with pytest.raises(ValueError, match="is the folder in which this command runs"):
        zoo.save(small_model(), out)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_mount_point_is_not_replaced(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        with pytest.raises(ValueError, match="is a mount point"):
            zoo.pull("ztfsims-gru", disk)
        assert open_folder(zoo.pull("ztfsims-gru", disk / "m"))
        assert names(disk) == ["m"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(
    "command",
    [
        "classify ztfsims-gru {table} --out {old}/p.parquet",
        "explore ztfsims-gru --data {table} --out {old}/x.html",
        "train --data {table} --out {old}/m",
        "transfer ztfsims-gru --target bts --data {table} --out {old}/m",
        "pull ztfsims-gru --out {old}/m",
        "export ztfsims-gru --out {old}/m.onnx",
        "data build ztfsims --objects 40 --table {old}/t",
        "data compare {table} {table} --out {old}/report",
        "import-upstream {table} --out {old}/m",
        "quickstart --out {old}/q",
    ],
)
def test_what_is_there_is_not_replaced_unasked(command, small, tmp_path):
    """Before anything is computed; the sentence names the option."""
    old = tmp_path / "old"
    old.mkdir()
    zoo.pull("ztfsims-gru", old / "m")
    for name in ("p.parquet", "x.html", "m.onnx"):
        (old / name).write_text("mine")
    write_folder(golden_light_curves(), old / "t")
    for name in ("report/report.json", "q/report.md"):
        (old / name).parent.mkdir()
        (old / name).write_text("{}")
    before = {p: p.read_bytes() for p in old.rglob("*") if p.is_file()}
    arguments = command.format(table=small / "table", old=old).split()
    child = start(*CLI, *arguments)
    _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1, said
    assert "exists already" in said and "--overwrite" in said
    assert said.count("\n") == 1
    assert {p: p.read_bytes() for p in old.rglob("*") if p.is_file()} == before


def test_a_table_is_never_without_its_metadata(tmp_path):
    """A process that is killed between two files leaves no table, or the old one."""
    write_folder(golden_light_curves(), tmp_path / "whole")
    (tmp_path / "t").mkdir()
    (tmp_path / "whole" / "metadata.parquet").rename(tmp_path / "t/metadata.parquet")
    with pytest.raises(FileNotFoundError, match="holds neither photometry"):
        read_folder(tmp_path / "t")
    write_folder(golden_light_curves(), tmp_path / "t")
    assert len(read_folder(tmp_path / "t")) == 8


def test_a_study_killed_at_its_beginning_can_be_begun_again(tmp_path):
    from zoo.study.files import claim

    for folder in ("cells", "bases"):
        (tmp_path / folder).mkdir()
    dead(tmp_path / "design.json").write_text("{")
    design = small_design()
    claim(tmp_path, design, "toy")
    assert names(tmp_path) == ["bases", "cells", "design.json"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("x")
    with pytest.raises(ValueError, match="is not empty and is not a study"):
        claim(tmp_path / "other", design, "toy")


def small_design():
    from zoo.study.design import design

    codes = np.arange(400) % 5
    classes = ("SNIa", "SNIb/c", "SNII", "SLSN-I", "TDE")
    return design("bts", "zoo", classes, codes, labels=[20, 40], quick=True)


# ---- modes, ids, full disks of a stream


def pushed(*ids: str) -> Stream:
    photometry, _ = golden_light_curves().to_tables()
    rows = photometry[photometry["object_id"] == photometry["object_id"].iloc[0]]
    stream = Stream("ztfsims-gru")
    stream.push(pd.concat([rows.assign(object_id=name) for name in ids]))
    return stream


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_saved_stream_has_the_mode_of_an_ordinary_file(tmp_path, umask, mode):
    stream, former = pushed("a"), os.umask(umask)
    try:
        path = stream.save(tmp_path / "s.npz")
    finally:
        os.umask(former)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    path.chmod(0o640)  # what a person has chosen since
    stream.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_saved_stream_keeps_ids_apart(tmp_path):
    ids = ["a", "a\0", "a\0\0", "\0", "é", "超新星", "a b", "b\n"]
    path = pushed(*ids).save(tmp_path / "s.npz")
    again = Stream.restore(path, "ztfsims-gru")
    assert len(again) == len(ids)
    photometry, _ = golden_light_curves().to_tables()
    late = photometry[photometry["object_id"] == photometry["object_id"].iloc[0]]
    again.push(pd.concat([late.assign(object_id=name) for name in ids]))
    assert len(again) == len(ids)
    assert again.repeated + again.late == len(late) * len(ids)


def test_one_long_id_does_not_make_a_saved_stream_large(tmp_path):
    short = pushed(*map(str, range(100))).save(tmp_path / "s.npz")
    long = pushed(*map(str, range(99)), "x" * 100_000).save(tmp_path / "l.npz")
    assert long.stat().st_size - short.stat().st_size < 110_000


def test_a_stream_of_the_first_format_is_read(tmp_path):
    path = pushed("a", "b").save(tmp_path / "s.npz")
    with np.load(path) as file:
        arrays = {k: v for k, v in file.items() if not k.endswith("_length")}
    arrays |= {
        "format": np.array(1),
        "model": np.array("ztfsims-gru"),
        "object_id": np.array(["a", "b"]),
        "own_names": np.array([], dtype=np.str_),
    }
    np.savez(tmp_path / "first.npz", **arrays)
    assert len(Stream.restore(tmp_path / "first.npz", "ztfsims-gru")) == 2


@pytest.mark.parametrize("damage", ["sum", "sign", "type", "text"])
def test_damaged_ids_are_refused(tmp_path, damage):
    path = pushed("a", "b").save(tmp_path / "s.npz")
    with np.load(path) as file:
        arrays = dict(file)
    arrays |= {
        "sum": {"object_id_length": np.array([1, 5])},
        "sign": {"object_id_length": np.array([-1, 3])},
        "type": {"object_id_length": np.array([1.0, 1.0])},
        "text": {"object_id": np.array([255, 255], np.uint8)},
    }[damage]
    np.savez(path, **arrays)
    with pytest.raises(ValueError):
        Stream.restore(path, "ztfsims-gru")


FULL = """
import resource, signal, sys, zoo
from zoo.light_curves.analytic import golden_light_curves
stream = zoo.Stream("ztfsims-gru")
stream.push(*golden_light_curves().to_tables())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    stream.save(sys.argv[1])
except OSError as error:
    print(error)
"""


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path):
    child = start(sys.executable, "-c", FULL, tmp_path / "s.npz")
    out, said = child.communicate(timeout=PATIENCE)
    assert out == f"{tmp_path / 's.npz'} cannot be written: File too large.\n", said
    assert names(tmp_path) == []


def test_every_writer_names_what_it_cannot_write(tmp_path):
    for opened in (new_file, new_folder):
        with (
            pytest.raises(OSError, match=r"x cannot be written: No space left"),
            opened(tmp_path / "x"),
        ):
            raise OSError(errno.ENOSPC, "No space left on device", ".x.1.part")
    assert names(tmp_path) == []


# ---- what the hub answers


def test_a_login_page_in_place_of_the_hub(hub):
    hub.fault(Fault(".*", times=None, action="page"))
    with pytest.raises(ConnectionError, match="sends no JSON.*login page"):
        zoo.load("astro/toy-gru")


def test_a_dry_run_without_a_token_checks_all_that_it_can(hub, small, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", "/nowhere")
    with pytest.raises(PermissionError, match=r"Log in with .* the card are ready"):
        push(small / "toy", "astro/toy-gru", version="1.0.0", dry_run=True)
    damaged = rewrite(open_folder(small / "toy"), small / "none")
    (damaged / "model.safetensors").write_bytes(b"")
    with pytest.raises(ValueError, match="was changed"):
        push(damaged, "astro/toy-gru", version="1.0.0", dry_run=True)


def test_an_empty_cache_that_may_only_be_read(hub, small, tmp_path, monkeypatch):
    push(small / "toy", "astro/toy-gru", version="1.0.0")
    assert fetch("astro/toy-gru").folder.preset.model_id == "toy-gru"
    cache = tmp_path / "cache"
    cache.mkdir()
    bind = ["mount", "--bind", "-o", "ro", str(cache), str(cache)]
    if subprocess.run(bind, capture_output=True).returncode:
        pytest.skip("no folder can be mounted here, so none read-only")
    try:
        home = environment(HF_HOME=str(cache), HF_HUB_CACHE=str(cache / "hub"))
        child = start(
            *(*CLI, "classify", "astro/toy-gru", small / "table"),
            *("--out", tmp_path / "p.csv"),
            env=home,
        )
        _, said = child.communicate(timeout=PATIENCE)
        assert child.returncode == 1
        last = said.splitlines()[-1]  # after warnings of the client
        assert last.startswith("error: astro/toy-gru cannot be kept in")
        assert "Read-only file system. Set HF_HUB_CACHE" in last
    finally:
        subprocess.run(["umount", str(cache)], check=True)
