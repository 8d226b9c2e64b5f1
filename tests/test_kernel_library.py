"""A library that is missing, damaged or foreign: other engines do its work."""

import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from kernel_cases import needs_kernel

from zoo import doctor
from zoo.inference.runtime import Runtime
from zoo.kernel import library
from zoo.kernel.library import SWITCH, kernel, why_not

ROOT = Path(__file__).parent.parent

PATH = """
import pickle, sys
sys.path.insert(0, "tests")
import zoo
from models import labelled, small_model
from zoo.kernel.library import kernel
from zoo.inference.runtime import Runtime
data = labelled(2)
tables = [zoo.classify("ztfsims-gru", data), zoo.novelty("ztfsims-gru", data)]
stream = zoo.Stream("ztfsims-gru")
tables.append(stream.push(*data.to_tables()))
if "fit" in sys.argv:
    model = small_model()
    zoo.fit(model, data, epochs=1, progress=False)
    tables.append(zoo.classify(model, data))
assert len(pickle.loads(pickle.dumps(Runtime.load("ztfsims-gru"))).session.run.__doc__)
sys.stdout.buffer.write(pickle.dumps((kernel() is not None, tables)))
"""


def results(*arguments: str, **environment: str):
    """Whether a child process had the kernel, and its tables."""
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", PATH, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


@needs_kernel
def test_without_the_kernel_everything_gives_the_same_within_rounding():
    with_it, tables = results("fit")
    without, others = results("fit", **{SWITCH: "0"})
    assert with_it and not without
    assert len(tables) == len(others) == 4
    # Novelty magnifies what rounding does to the latent layer, and Adam what it does
    # to small gradients.
    within = (1e-6, 3e-5, 1e-6, 1e-5)
    for table, other, most in zip(tables, others, within, strict=True):
        numbers = table.select_dtypes("number").columns
        assert len(numbers) and table.columns.equals(other.columns)
        for name in numbers:
            np.testing.assert_allclose(table[name], other[name], atol=most)


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A folder with the library, its sources and sums, which is loaded in its place."""
    for path in library.LIBRARY.parent.glob("*.*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(library, "LIBRARY", tmp_path / "kernel.so")
    monkeypatch.setattr(library, "SUMS", tmp_path / "kernel.sha256")
    kernel.cache_clear()
    yield tmp_path
    kernel.cache_clear()


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGED = "kernel.so is damaged, or compiled from another kernel.c"
DAMAGE = {
    "missing": (lambda f: (f / "kernel.so").unlink(), "kernel.c was not compiled"),
    "empty": (lambda f: (f / "kernel.so").write_bytes(b""), DAMAGED),
    "half of it": (lambda f: half(f / "kernel.so"), DAMAGED),
    "a text": (lambda f: (f / "kernel.so").write_text("no library"), DAMAGED),
    "an older one": (lambda f: (f / "kernel.so").write_bytes(b"\x7fELF"), DAMAGED),
    "of other sources": (lambda f: (f / "kernel.c").write_text("int x;"), DAMAGED),
    "without sums": (lambda f: (f / "kernel.sha256").unlink(), DAMAGED),
    "empty sums": (lambda f: (f / "kernel.sha256").write_text(""), DAMAGED),
    "strange sums": (
        lambda f: (f / "kernel.sha256").write_bytes(b"\xff a b c"),
        DAMAGED,
    ),
    "half of the sums": (lambda f: half(f / "kernel.sha256"), DAMAGED),
}


@needs_kernel
def test_a_copy_is_as_good(copy):
    assert why_not() == "" and kernel() is not None


@needs_kernel
@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_library_is_not_loaded_and_doctor_says_what_to_do(copy, name):
    damage, reason = DAMAGE[name]
    damage(copy)
    assert kernel() is None and why_not().startswith(reason)
    check = doctor.engine()
    assert (check.status, check.found.rpartition(": ")[2]) == ("warning", why_not())
    assert "install a C compiler" in check.remedy


@needs_kernel
def test_a_library_of_another_machine_is_not_loaded(copy):
    import hashlib

    content = bytearray((copy / "kernel.so").read_bytes())
    content[18:20] = b"\xf3\x00"  # the machine of an ELF file: RISC-V
    (copy / "kernel.so").write_bytes(content)
    sums = (copy / "kernel.sha256").read_text().splitlines()[:-1]
    sums.append(f"{hashlib.sha256(content).hexdigest()}  kernel.so")
    (copy / "kernel.sha256").write_text("\n".join(sums))
    if sys.platform == "linux":
        assert kernel() is None
        assert why_not() == "kernel.so is for another kind of machine"


def test_doctor_names_the_engine(monkeypatch):
    if compiled := kernel():
        assert f"compiled code for {compiled.variant} predicts" in doctor.engine().found
    monkeypatch.setenv(SWITCH, "0")
    kernel.cache_clear()
    try:
        check = doctor.engine()
    finally:
        kernel.cache_clear()
    assert check.status == "ok" and check.found.endswith("ZOO_KERNEL=0")
    assert check.found.startswith("ONNX Runtime predicts and Keras trains")


TASKS = """
import os, pickle, sys
sys.path.insert(0, "tests")
from concurrent.futures import ThreadPoolExecutor
import zoo
from models import labelled
from zoo.inference.runtime import Runtime
data = labelled(2)
runtime = Runtime.load("ztfsims-gru")
expected = zoo.classify(runtime, data)
with ThreadPoolExecutor(8) as pool:
    tables = list(pool.map(lambda _: zoo.classify(runtime, data), range(16)))
assert all(table.equals(expected) for table in tables)
child = os.fork()
if not child:
    same = zoo.classify(runtime, data).equals(expected)
    other = zoo.classify(pickle.loads(pickle.dumps(runtime)), data).equals(expected)
    os._exit(0 if same and other else 1)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("switch", ["1", "0"])
def test_many_threads_a_fork_and_a_pickle_give_the_same_bits(switch):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TASKS],
        env={**os.environ, "PYTHONPATH": str(ROOT), SWITCH: switch},
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr


@needs_kernel
def test_many_threads_train_side_by_side():
    from kernel_cases import Case

    # Wide enough that the threads overlap where they pack the weights for the way back.
    case = Case(130, longest=8)
    loss, gradients = case.learn(kernel())
    from zoo.kernel.network import Network, of_layer

    network = Network(kernel(), case.tensors)

    def learn(_):
        into = {name: np.zeros_like(values) for name, values in gradients.items()}
        layers = {name: of_layer(into, name) for name in case.layers}
        found = network.learn(
            *(case.rows, case.offsets, case.objects, case.metadata),
            *(case.targets, case.weights, case.ends, layers),
        )
        return found, into

    with ThreadPoolExecutor(8) as pool:
        for found, into in pool.map(learn, range(32)):
            assert found == loss
            for name, values in into.items():
                np.testing.assert_array_equal(values, gradients[name])


def test_no_object_one_object_and_one_row():
    runtime = Runtime.load("ztfsims-gru")
    features = len(runtime.session._made_from[1]["gru_1/kernel"])
    width = len(runtime.preset.preprocessing.metadata)
    generator = np.random.default_rng(0)
    for lengths in ([], [1], [5000], [1] * 100_000, [5000, 1, 1, 3]):
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        rows = generator.normal(size=(offsets[-1], features)).astype(np.float32)
        metadata = np.zeros((len(lengths), width), np.float32)
        found = runtime.session.run(
            rows, offsets, metadata, ["probabilities", "new_state_1"]
        )
        assert [len(values) for values in found] == 2 * [len(lengths)]
        np.testing.assert_allclose(found[0].sum(1), 1, atol=1e-5)
        if len(lengths) > 1000:
            alone = runtime.session.run(
                rows[77:78], np.array([0, 1]), metadata[77:78], ["probabilities"]
            )
            np.testing.assert_array_equal(alone[0][0], found[0][77])
