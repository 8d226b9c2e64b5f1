"""Tables in, `LightCurves` out: the one door for data.

The names that other packages use are resolved on first use: a command that only needs
the columns of a table does not import the readers of files.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.light_curves.ragged import LightCurves as LightCurves
    from zoo.light_curves.ragged import concatenate as concatenate

__all__ = ["LightCurves", "concatenate"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'zoo.light_curves' has no attribute {name!r}")
    return getattr(import_module("zoo.light_curves.ragged"), name)
