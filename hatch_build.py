"""Compile `zoo/kernel/kernel.c` while the package is installed, where that is possible.

The result is a shared library without Python's headers: one wheel serves every version
of Python on a kind of machine. Without a C compiler that knows vectors (GCC or Clang),
or with ZOO_KERNEL=0 in the environment, the wheel is pure Python and slower.
"""

import hashlib
import os
import platform
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FLAGS = ["-O3", "-fPIC", "-std=gnu11", "-Wno-psabi"]
AVX512 = "-mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma -mprefer-vector-width=512"
VARIANTS = {
    "x86_64": {"avx512": AVX512.split(), "avx2": ["-mavx2", "-mfma"]},
    "aarch64": {"plain": []},
}
"""By machine: the variants of `kernel.c` and the flags of each."""

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Other names of these machines."""

MISALIGNED = ("win32", "cygwin", "msys")
"""Systems where GCC aligns the stack too little for wide vectors:
https://gcc.gnu.org/bugzilla/show_bug.cgi?id=54412"""


class Compile(BuildHookInterface):
    """Adds `zoo/kernel/kernel.so` to a wheel, or to the checkout if it is editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files of the wheel are collected."""
        if self.target_name != "wheel":
            return
        library = Path(self.root, "zoo", "kernel", "kernel.so")
        try:
            if os.environ.get("ZOO_KERNEL") == "0":
                raise OSError("ZOO_KERNEL=0")
            compile_to(library)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            for left in (library, library.with_suffix(".sha256")):
                left.unlink(missing_ok=True)
            self.app.display_warning(
                f"zoo/kernel/kernel.c was not compiled ({error}): the package works, "
                "and is several times slower."
            )
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag(sysconfig.get_platform())}"
        build_data["artifacts"] += ["zoo/kernel/kernel.so", "zoo/kernel/kernel.sha256"]


def platform_tag(name: str) -> str:
    """The tag of a wheel that holds code for this machine only.

    Python itself may be for two kinds of machine: `macosx-11.0-universal2`.
    """
    name = name.removesuffix("universal2")
    name += platform.machine() if name.endswith("-") else ""
    return name.replace("-", "_").replace(".", "_")


def compile_to(library: Path) -> None:
    """Compile all variants for this machine into one shared library.

    The file that is there is replaced at once, so that a process which starts meanwhile
    finds one. The sha256 of the library and of its sources go into a file beside it:
    a damaged library, or one of other sources, is not loaded.

    Raises:
        OSError: there is no compiler.
        ValueError: nothing is known of this machine.
        subprocess.CalledProcessError: the compiler failed.
    """
    machine = platform.machine().lower()
    variants = VARIANTS.get(MACHINES.get(machine, machine))
    if variants is None or sys.platform in MISALIGNED:
        raise ValueError(f"not for {sysconfig.get_platform()}")
    compiler = shlex.split(os.environ.get("CC") or "cc")
    if sys.platform == "darwin":
        release = sysconfig.get_platform().split("-")[1]
        compiler += ["-arch", machine, f"-mmacosx-version-min={release}"]
    with tempfile.TemporaryDirectory() as folder:
        objects = []

        def run(source: str, name: str, *flags: str) -> None:
            objects.append(str(Path(folder, f"{name}.o")))
            path = str(library.with_name(source))
            command = [*compiler, *FLAGS, *flags, "-c", path, "-o", objects[-1]]
            subprocess.run(command, check=True)

        run("processor.c", "processor")
        for variant, flags in variants.items():
            run("kernel.c", variant, f"-DVARIANT={variant}", *flags)
        made = Path(folder, library.name)
        subprocess.run([*compiler, "-shared", *objects, "-o", str(made)], check=True)
        sources = [library.with_name(name) for name in ("kernel.c", "processor.c")]
        sums = "".join(
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in (*sources, made)
        )
        replace(library, made.read_bytes())
        replace(library.with_suffix(".sha256"), sums.encode())


def replace(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
