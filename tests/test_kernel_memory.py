"""The compiled functions touch no byte too many, and memory does not grow."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kernel_cases import Case, needs_kernel

from zoo.kernel.library import kernel

TESTS = Path(__file__).parent
KERNEL = TESTS.parent / "zoo" / "kernel"

COMPILER = (
    shlex.split(os.environ.get("CC") or "")
    or [name for name in ("cc", "gcc", "clang") if shutil.which(name)][:1]
)
SANITIZERS = (
    "-g -O1 -std=gnu11 -Wall -Wextra -Werror -Wno-psabi -fno-omit-frame-pointer "
)
SANITIZERS += "-fsanitize=address,undefined -fno-sanitize-recover=all"

sys.path.append(str(TESTS.parent))
from hatch_build import VARIANTS  # noqa: E402

FLAGS = {"plain": [], **VARIANTS["x86_64"]}


def runs_here(variant: str) -> bool:
    """Whether this processor can run a variant."""
    here = kernel().variant if kernel() else "plain"
    return variant in {"avx512": FLAGS, "avx2": ("avx2", "plain")}.get(here, ("plain",))


@pytest.mark.parametrize("variant", FLAGS)
def test_no_function_touches_a_byte_too_many(variant, tmp_path):
    if not COMPILER:
        pytest.skip("no C compiler: memory is not checked")
    if not runs_here(variant):
        pytest.skip(f"this processor does not run {variant}, or there is no kernel")
    command = [*COMPILER, *SANITIZERS.split(), f"-DVARIANT={variant}", *FLAGS[variant]]
    command += [
        f"-I{KERNEL}",
        str(TESTS / "kernel_driver.c"),
        "-o",
        tmp_path / "driver",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and ("-lasan" in done.stderr or "sanitize" in done.stderr):
        pytest.skip("the C compiler has no sanitizers: memory is not checked")
    assert done.returncode == 0, done.stderr
    done = subprocess.run([tmp_path / "driver"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


@needs_kernel
@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="no /proc to read memory from"
)
def test_memory_does_not_grow():
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    case = Case(100, longest=30)
    compiled = kernel()
    for _ in range(20):
        case.run(compiled, "probabilities"), case.learn(compiled)
    before = resident()
    for _ in range(300):
        case.run(compiled, "probabilities"), case.learn(compiled)
    # Less than one network, of 0.5 MB, in 100 calls.
    assert resident() - before < 2**21
