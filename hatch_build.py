"""Compile `zoo/kernel/kernel.c` while the package is installed, where that is possible.

The result is a shared library without Python's headers: one wheel serves every version
of Python on a kind of machine. Without a C compiler that knows vectors (GCC or Clang),
or with ZOO_KERNEL=0 in the environment, the wheel is pure Python and slower.
"""

import os
import platform
import shlex
import subprocess
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


class Compile(BuildHookInterface):
    """Adds `zoo/kernel/kernel.so` to a wheel, or to the checkout if it is editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files of the wheel are collected."""
        if self.target_name != "wheel":
            return
        library = Path(self.root, "zoo", "kernel", "kernel.so")
        library.unlink(missing_ok=True)
        try:
            if os.environ.get("ZOO_KERNEL") == "0":
                raise OSError("ZOO_KERNEL=0")
            compile_to(library)
        except (OSError, KeyError, subprocess.CalledProcessError) as error:
            self.app.display_warning(
                f"zoo/kernel/kernel.c was not compiled ({error}): the package works, "
                "and is several times slower."
            )
            return
        system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{system}"
        build_data["artifacts"].append("zoo/kernel/kernel.so")


def compile_to(library: Path) -> None:
    """Compile all variants for this machine into one shared library.

    Raises:
        OSError: there is no compiler.
        KeyError: no variant is for this machine.
        subprocess.CalledProcessError: the compiler failed.
    """
    machine = platform.machine().lower()
    variants = VARIANTS[MACHINES.get(machine, machine)]
    compiler = shlex.split(os.environ.get("CC") or "cc")
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
        part = library.with_suffix(".part")
        part.write_bytes(made.read_bytes())
        part.replace(library)
