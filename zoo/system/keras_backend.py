"""The backend that Keras will use, found out without importing Keras.

Keras fails on a backend that it does not know, or that is not installed, without naming
the setting. It also cannot be imported a second time in the same process after that.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from zoo.system.installed import is_installed

BACKENDS = ("tensorflow", "jax", "torch")
"""Backends that can train; the first is Keras' default."""

_OTHERS = ("numpy", "openvino")  # of Keras: they predict only


@dataclass(frozen=True)
class Backend:
    """A backend, and what chose it.

    Attributes:
        name: as it stands in the setting.
        origin: `KERAS_BACKEND`, the path of `keras.json`, or `Keras' default`.
    """

    name: str
    origin: str

    @property
    def remedy(self) -> str:
        """What to do, where Keras would fail on this backend; else empty."""
        if self.name not in BACKENDS + _OTHERS:
            return f"set KERAS_BACKEND to one of {', '.join(BACKENDS)}"
        if is_installed(self.name):
            return ""
        there = next(filter(is_installed, BACKENDS), None)
        other = f", or set KERAS_BACKEND={there}" if there else ""
        return f"pip install {self.name}{other}"

    def __str__(self) -> str:
        return f"{self.name}, by {self.origin}"


def settings() -> Path:
    """The file that holds Keras' settings, whether it exists or not."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home).expanduser() / "keras.json"


def chosen() -> Backend:
    """The backend by KERAS_BACKEND, else by Keras' settings, else its default."""
    if name := os.environ.get("KERAS_BACKEND"):
        return Backend(name, "KERAS_BACKEND")
    path = settings()
    try:
        name = json.loads(path.read_text(encoding="utf-8"))["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return Backend(BACKENDS[0], "Keras' default")
    return Backend(str(name), str(path))
