"""What a transfer did."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TransferReport:
    """What `transfer` did; tensors are named `layer/variable`.

    Attributes:
        copied: tensors that equal the source's.
        mapped: classes whose head rows were kept or started from those of finer
            classes, as (class, source classes).
        new: classes whose head rows were drawn at random.
        trainable: layers that a fit will change.
        frozen: layers that it will not.
        auto: whether `zoo.fit` will still choose them.
    """

    copied: tuple[str, ...]
    mapped: tuple[tuple[str, tuple[str, ...]], ...]
    new: tuple[str, ...]
    trainable: tuple[str, ...]
    frozen: tuple[str, ...]
    auto: bool = False
