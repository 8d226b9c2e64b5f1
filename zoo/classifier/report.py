"""What a transfer did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TransferReport:
    """What `transfer` copied, started and froze; tensors are named `layer/variable`.

    Attributes:
        copied: tensors that equal the source's, but for the rows of `columns`.
        mapped: classes whose head rows were kept or started from finer classes', as
            (class, source classes).
        new: classes whose head rows were drawn at random.
        trainable: layers that a fit will change.
        frozen: layers that it will not change.
        auto: whether `zoo.fit` will choose the layers, once it knows the labels.
        columns: further columns of the metadata, whose rows of the kernel of
            `metadata_dense` are zero.
    """

    copied: tuple[str, ...]
    mapped: tuple[tuple[str, tuple[str, ...]], ...]
    new: tuple[str, ...]
    trainable: tuple[str, ...]
    frozen: tuple[str, ...]
    auto: bool = False
    columns: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "TransferReport":
        """The report whose attributes were written as JSON."""
        return cls(**{name: _tuples(value) for name, value in data.items()})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
