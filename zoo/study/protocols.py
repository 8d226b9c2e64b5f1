"""The two protocols of a study: methods, numbers of labels, and how objects are split.

`paper` is that of arXiv 2502.18558 and its code: base models trained for the study on
simulated ZTF light curves, one split that is not stratified, the first objects of its
parts, light curves alone. `zoo` is ours: the models of the zoo, another stratified
split in every run, redshift where it is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zoo.training.labels.stratified import VALIDATION_FRACTION, stratified_split

TARGETS = ("bts", "lsst")
PROTOCOLS = ("zoo", "paper")
OWN_BASE = "base"
"""Stands for the base models that a study trains itself, one for each run."""

PAPER_BASE = "ztfsims-gru-paper"
"""The zoo's model with the features and the recipe of arXiv 2502.18558."""

SHARE = 0.3
"""Share of all labels whose performance arXiv 2502.18558 quotes."""

HELD_OUT = 0.4
"""Share of every class that the protocol `zoo` measures on."""

# Budgets and shares of arXiv 2502.18558: 20 % of the objects to test and 20 % of the
# others to validate for BTS, 10 % and 1/9 for LSST.
_PAPER_LABELS = {
    "bts": (*range(100, 1001, 100), *range(1200, 2001, 200), *range(2500, 4001, 500)),
    "lsst": (*range(100, 1001, 100), *range(2000, 10_001, 1000)),
}
_PAPER_SHARES = {"bts": (0.2, 0.2), "lsst": (0.1, 1 / 9)}
_PAPER_TRAIN: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {
    "bts": {"latent and output": "head", "output only": ("head",), "all layers": "all"},
    "lsst": {
        "GRUs, latent and output": "gru+head",
        "output only": ("head",),
        "all layers": "all",
    },
}
_ZOO_LABELS = (100, 200, 400, 1000)
_ZOO_BASES = {
    "bts": ("ztfsims-gru", "anysims-gru", "lsstsims-gru"),
    "lsst": ("lsstsims-gru", "anysims-gru", "ztfsims-gru"),
}


@dataclass(frozen=True)
class Method:
    """One way to a classifier of the target.

    Attributes:
        name: in the report.
        base: id of the model to start from; `base`: the study's own; None: none.
        train: layers to train, as in `zoo.classifier.transfer.transfer`.
        recipe: name of a recipe of `zoo.recipe`.
    """

    name: str
    base: str | None
    train: str | tuple[str, ...] = "auto"
    recipe: str = "transfer"

    @property
    def zero_shot(self) -> bool:
        """Whether it gives a classifier without any label."""
        return self.base is not None and self.train in ("auto", "head", "gru+head")


def methods(protocol: str, target: str) -> tuple[Method, ...]:
    """What a protocol compares; the first is transfer, the second from scratch."""
    if protocol == "paper":
        first, *others = (
            Method(f"transfer, {name}", OWN_BASE, train, "paper")
            for name, train in _PAPER_TRAIN[target].items()
        )
        return (first, Method("from scratch", None, "all", "paper"), *others)
    base, *further = _ZOO_BASES[target]
    return (
        Method(f"transfer from {base}", base),
        Method("from scratch", None, "all", "scratch"),
        *(Method(f"transfer from {other}", other) for other in further),
        Method(f"{base}, latent and head trained", base, "head"),
    )


def pool_size(protocol: str, target: str, codes: np.ndarray) -> int:
    """The number of labelled objects that there are to draw from.

    Args:
        protocol: `zoo` or `paper`.
        target: `bts` or `lsst`.
        codes: int64 `(n,)`, the class of each labelled object.
    """
    if protocol == "zoo":
        return len(stratified_split(codes, HELD_OUT, 0)[0])
    # 90 % of the labels are there to train and 10 % to validate.
    train, validation, _ = paper_split(codes, target)
    share = VALIDATION_FRACTION
    return int(min(len(train) / (1 - share), len(validation) / share))


def usual_labels(protocol: str, target: str, pool: int) -> list[int]:
    """The numbers of labels that a protocol tries where there are `pool` of them."""
    if protocol == "paper":
        return [labels for labels in _PAPER_LABELS[target] if labels < pool]
    tried = (*_ZOO_LABELS, round(SHARE * pool))
    return sorted({*(labels for labels in tried if labels < pool), pool})


def paper_split(
    codes: np.ndarray, target: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train, validation and test of arXiv 2502.18558: shuffled once, not stratified."""
    order = np.random.default_rng(0).permutation(len(codes))
    test_share, validation_share = _PAPER_SHARES[target]
    test = round(test_share * len(order))
    rest = order[test:]
    validation = round(validation_share * len(rest))
    return rest[validation:], rest[:validation], order[:test]
