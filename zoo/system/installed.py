"""Packages that are not installed, and the sentence that says what to do about it.

An installation for classification only leaves out Keras, TensorFlow and the rest of
`LEFT_OUT` (requirements-inference.txt).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

LEFT_OUT = (
    *("h5py", "importlib-resources", "keras", "matplotlib", "tensorflow"),
    "tensorflow-datasets",
)
"""Names of the dependencies that classification does not need."""

_MODULES = {"scikit-learn": "sklearn"}  # the others are called like their modules


def is_installed(module: str) -> bool:
    """Whether a top-level module can be found; it is not imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a finder of someone else's refuses it
        return False


def dependencies() -> list[str]:
    """The names of the packages that `pip install transient-zoo` brings."""
    try:
        lines = requires("transient-zoo") or []
    except PackageNotFoundError:  # a checkout that was never installed
        return []
    names = (re.split(r"[^\w.-]", s)[0] for s in lines if "extra ==" not in s)
    return [name.replace("_", "-") for name in names]


def what_to_install(error: ModuleNotFoundError) -> str:
    """The sentence for a module that is missing; empty for one that is not ours.

    Example:
        >>> what_to_install(ModuleNotFoundError(name="sklearn.metrics"))
        'this needs scikit-learn, which is not installed: pip install transient-zoo.'
        >>> what_to_install(ModuleNotFoundError(name="zoo.lode"))
        ''
    """
    missing = (error.name or "").partition(".")[0]
    for name in (*dependencies(), *LEFT_OUT):
        if _MODULES.get(name, name.replace("-", "_")) == missing:
            return (
                f"this needs {name}, which is not installed: pip install transient-zoo."
            )
    return ""


@contextmanager
def explained() -> Iterator[None]:
    """Import a package within the block, or say what to install.

    Raises:
        ImportError: a dependency is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        sentence = what_to_install(error)
        if not sentence:
            raise
        raise ImportError(sentence, name=error.name) from None
