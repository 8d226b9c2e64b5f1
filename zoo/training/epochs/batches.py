"""Padded batches of ragged inputs for training, with as little padding as possible.

Light curves of similar length share a batch, which is padded to its longest, rounded
up; on real lengths this takes 3 to 5 times less work than padding to one length.
"""

from collections.abc import Callable

import numpy as np

from zoo.classifier.installed import keras
from zoo.inputs.inputs import Inputs
from zoo.inputs.padding import pad
from zoo.training.epochs.augment import draw_ends

LENGTHS = (16, 32, 48, 64, 96, 128, 192, 256)
"""Padded lengths in training, each of which costs JAX a compilation of 4 to 5 s; longer
batches are padded to multiples of the last."""

FINE_LENGTHS = (*range(8, 129, 8), 160, 192, 224, 256)
"""The same for TensorFlow, where a length costs nothing, or 2 s with XLA: on real
lengths this is a fourteenth less work."""

_POOL = 20
"""Number of batches sorted by length together: enough to keep padding small, few enough
to keep the batches of an epoch mixed at random."""


class Batches(keras.utils.PyDataset):
    """Batches for `keras.Model.fit`: shuffled, of similar length, all of one size.

    Args:
        inputs: ragged inputs of `k` objects.
        targets: float32 `(k, classes)`, one-hot.
        weights: float32 `(k,)`, or None for equal weights.
        size: maximum number of objects per batch. The size used is the largest that
            divides the objects evenly; the few left over (fewer than there are
            batches) differ from epoch to epoch. Where a `keras.distribution` spreads
            batches over devices, sizes are multiples of their number, and in a fixed
            order the longest few left over are not used.
        seed: seed of the order; None: every object, in a fixed order.
        augment: varies the inputs at random in every epoch.
        teach: the targets of varied inputs, in place of `targets`.
        prefixes: number of earlier moments to learn at, see `draw_ends`.

    Attributes:
        inputs, targets, weights, order, ends: of the present epoch: as above; the
            objects of each batch; the rows after which each object is classified.
    """

    def __init__(
        self,
        inputs: Inputs,
        targets: np.ndarray,
        weights: np.ndarray | None = None,
        *,
        size: int,
        seed: int | None = None,
        augment: Callable[[Inputs, np.random.Generator], Inputs] | None = None,
        teach: Callable[[Inputs], np.ndarray] | None = None,
        prefixes: int = 0,
    ):
        super().__init__()
        self.inputs = self.source = inputs
        self.targets, self.weights = targets, weights
        self.augment, self.teach, self.shuffle = augment, teach, seed is not None
        self.prefixes = prefixes
        self.generator = np.random.default_rng(seed)
        self.used = len(inputs)
        if (several := devices()) > 1:  # each takes an equal share of every batch
            size, self.used = (n - n % several for n in (size, self.used))
            if not size or not self.used:
                raise ValueError(
                    f"{len(inputs)} objects in batches of {size} cannot be shared "
                    f"among {several} devices. Give more objects or use one device."
                )
        self.count = -(-self.used // size)
        self.size = size
        if self.shuffle:
            self.size = self.used // several // self.count * several
        self.on_epoch_end()

    def __len__(self) -> int:
        return self.count

    def on_epoch_end(self) -> None:
        """Vary the inputs and draw the order for the next epoch."""
        if self.augment is not None:
            self.inputs = self.augment(self.source, self.generator)
        if self.teach is not None:
            self.targets = self.teach(self.inputs)
        self.ends = draw_ends(self.inputs, self.prefixes, self.generator)
        lengths = self.inputs.lengths
        if self.shuffle:
            drawn = self.generator.permutation(len(self.inputs))
            order = self._pools(drawn[: self.count * self.size])
            order = [order[i] for i in self.generator.permutation(self.count)]
        else:
            by_length = np.argsort(lengths, kind="stable")[: self.used]
            order = np.array_split(by_length, np.arange(1, self.count) * self.size)
        # Keras takes the shape of every batch from the first two: unless these differ
        # in length, it refuses all other lengths.
        longest = [lengths[objects].max() for objects in order]
        ends = [int(np.argmax(longest)), int(np.argmin(longest))]
        rest = [objects for i, objects in enumerate(order) if i not in ends]
        self.order = [order[i] for i in dict.fromkeys(ends)] + rest

    @property
    def varies_rows(self) -> bool:
        """Whether light curves may have other rows in the next epoch."""
        return self.inputs.light_curve is not self.source.light_curve

    def _pools(self, drawn: np.ndarray) -> list[np.ndarray]:
        """Cut shuffled objects into batches of similar length, pool by pool."""
        batches: list[np.ndarray] = []
        for start in range(0, len(drawn), _POOL * self.size):
            pool = drawn[start : start + _POOL * self.size]
            pool = pool[np.argsort(self.inputs.lengths[pool], kind="stable")]
            batches += np.split(pool, len(pool) // self.size)
        return batches

    def _length(self, index: int) -> int:
        """Padded length of a batch.

        The first two differ, and a lone batch has the same length in every epoch: Keras
        takes the shapes of all epochs from the first two batches of the first one.
        """
        if self.count == 1:
            return _round_up(int(self.source.lengths.max()))
        length = _round_up(int(self.inputs.lengths[self.order[index]].max()))
        if index == 0 and length == self._length(1):
            return _round_up(length + 1)
        return length

    def __getitem__(self, index: int) -> tuple:
        objects = np.repeat(self.order[index], 1 + self.prefixes)
        ends = self.ends[self.order[index]].ravel()
        batch = pad(self.inputs, objects, self._length(index), ends)
        if self.weights is None:
            return batch, self.targets[objects]
        return batch, self.targets[objects], self.weights[objects]


def devices() -> int:
    """Number of devices that share each batch, see `keras.distribution`."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        return 1
    mesh = distribution.device_mesh
    return mesh.shape[mesh.axis_names.index(distribution.batch_dim_name)]


def _round_up(length: int) -> int:
    fine = keras.backend.backend() == "tensorflow"
    for padded in FINE_LENGTHS if fine else LENGTHS:
        if length <= padded:
            return padded
    return -(-length // LENGTHS[-1]) * LENGTHS[-1]
