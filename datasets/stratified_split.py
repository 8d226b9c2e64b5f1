"""Splits by object: 80 % train, 10 % validation, 10 % test in every class."""

from collections.abc import Iterable

import numpy as np

SPLITS = ("train", "validation", "test")

_TENTHS = np.repeat([0, 1, 2], [8, 1, 1])


class StratifiedSplit:
    """Assigns objects to the splits in the order in which they come.

    Of every ten objects of one label in a row, eight go to train, one to validation and
    one to test, in an order drawn from the seed. The result depends on the order of the
    objects only, not on the pieces they come in.

    Args:
        seed: of the draws.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._generators: dict[str | None, np.random.Generator] = {}
        self._dealt: dict[str | None, list[int]] = {}

    def assign(self, labels: Iterable[str | None]) -> np.ndarray:
        """Choose the split of the next objects.

        Args:
            labels: canonical labels, None where not known, `(n,)`.

        Returns:
            int64 `(n,)`: index in `SPLITS`.
        """
        return np.array([self._next(label) for label in labels], dtype=np.int64)

    def _next(self, label: str | None) -> int:
        if not self._dealt.get(label):
            if label not in self._generators:
                name = (label or "").encode()
                self._generators[label] = np.random.default_rng([self._seed, *name])
            self._dealt[label] = self._generators[label].permutation(_TENTHS).tolist()
        return self._dealt[label].pop()
