"""The Keras model: network, head, transfer, save and load."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.classifier.classifier import TransientClassifier as TransientClassifier

__all__ = ["TransientClassifier"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'zoo.classifier' has no attribute {name!r}")
    return getattr(import_module("zoo.classifier.classifier"), name)
