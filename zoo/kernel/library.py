"""The compiled `kernel.c`, loaded for the processor at hand.

It is a plain shared library without Python's headers, so that one build serves every
version of Python. An installation without a C compiler has none, and a processor may
lack the instructions; ONNX Runtime and Keras then do the work.

`kernel.sha256`, written with it, holds the sha256 of the library and of its sources: a
library that is damaged, or was compiled from other sources, is not loaded.
"""

import ctypes
import hashlib
import os
from ctypes import c_char_p, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

LIBRARY = Path(__file__).with_name("kernel.so")
SUMS = LIBRARY.with_suffix(".sha256")
SWITCH = "ZOO_KERNEL"
"""Environment variable; 0: do without the compiled functions."""

BY_CHOICE, TOO_OLD = f"{SWITCH}=0", "this processor has no AVX2"
"""Reasons of `why_not` that no installation mends."""

LINEAR, TANH, RELU = range(3)
"""Activations, as `kernel.c` numbers them."""

_POINTER, _SIZE = c_void_p, c_int64
_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "pack": (_SIZE, _SIZE, _POINTER, _SIZE, _SIZE, _POINTER),
    "multiply": (_SIZE, _SIZE, _SIZE, _POINTER, _SIZE, *[_POINTER] * 3, _SIZE),
    "add_outer": (_SIZE, _SIZE, _SIZE, *[_POINTER, _SIZE] * 3),
    "add_rows": (_SIZE, _SIZE, _POINTER, _SIZE, _POINTER),
    "gru_forward": (_SIZE, _POINTER, _SIZE, _SIZE, *[_POINTER] * 7, _SIZE, _POINTER),
    "gru_backward": (_SIZE, _POINTER, _SIZE, *[_POINTER] * 6),
    "activate": (c_int, _SIZE, _POINTER),
    "softmax": (_SIZE, _SIZE, _POINTER),
}


class Kernel:
    """The functions of `kernel.c`, which describes them, by their names there.

    Args:
        library: the shared library.
        variant: the kind of processor, one of those it was compiled for.

    Raises:
        AttributeError: it was not compiled for it.
    """

    def __init__(self, library: ctypes.CDLL, variant: str):
        self.variant = variant
        for name, arguments in _FUNCTIONS.items():
            function = getattr(library, f"{name}_{variant}")
            function.argtypes, function.restype = arguments, None
            setattr(self, name, function)
        self.packed_size = getattr(library, f"packed_size_{variant}")
        self.packed_size.argtypes, self.packed_size.restype = (_SIZE, _SIZE), _SIZE

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the kernel has no function {name}")

    def packed(self, matrix: np.ndarray) -> np.ndarray:
        """A float32 matrix `(k, n)`, or a transposed view, as `multiply` reads it."""
        down, right = (stride // matrix.itemsize for stride in matrix.strides)
        packed = np.empty(self.packed_size(*matrix.shape), np.float32)
        self.pack(*matrix.shape, matrix.ctypes.data, down, right, packed.ctypes.data)
        return packed


@cache
def kernel() -> Kernel | None:
    """The compiled functions for this processor; None where there are none."""
    return None if why_not() else _loaded()


def why_not() -> str:
    """Why there are no compiled functions, in a few words; empty where there are."""
    if os.environ.get(SWITCH) == "0":
        return BY_CHOICE
    if not LIBRARY.exists():
        return "kernel.c was not compiled at installation"
    if not _is_whole():
        return "kernel.so is damaged, or compiled from another kernel.c"
    try:
        return "" if _loaded() else TOO_OLD
    except OSError:
        return "kernel.so is for another kind of machine"


def _is_whole() -> bool:
    """Whether the library and its sources are those of which the sums were taken."""
    try:
        pairs = [line.split() for line in SUMS.read_text("ascii").splitlines()]
        return {name for _, name in pairs} >= {"kernel.c", LIBRARY.name} and all(
            hashlib.sha256(SUMS.with_name(name).read_bytes()).hexdigest() == value
            for value, name in pairs
        )
    except (OSError, ValueError):
        return False


def _loaded() -> Kernel | None:
    library = ctypes.CDLL(str(LIBRARY))
    library.kernel_variant.restype = c_char_p
    variant = library.kernel_variant().decode()
    return Kernel(library, variant) if variant else None
