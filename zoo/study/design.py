"""What a study compares: methods, numbers of labels, runs, and how objects are split.

Two protocols. `paper` is that of arXiv 2502.18558 and its code: base models trained for
the study on simulated ZTF light curves, one split that is not stratified, the first so
many objects of its parts, light curves alone. `zoo` is ours: the models of the zoo,
another stratified split in every run, redshift where it is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from zoo.inputs.parameters import Preprocessing
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import TAXONOMIES, class_indices, resolve_classes
from zoo.training.stratified import (
    VALIDATION_FRACTION,
    Parts,
    draw_labels,
    stratified_split,
)

TARGETS = ("bts", "lsst")
PROTOCOLS = ("zoo", "paper")
OWN_BASE = "base"
"""Stands for the base models that a study trains itself, one for each run."""

PAPER_BASE = "ztfsims-gru-paper"
"""The zoo's model with the features and the recipe of arXiv 2502.18558."""

HELD_OUT = 0.4
"""Share of every class that the protocol `zoo` measures on."""

# Runs, budgets and shares of arXiv 2502.18558: 20 % of the objects to test and 20 % of
# the others to validate for BTS, 10 % and 1/9 for LSST.
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
_SHARE = 0.3  # of all labels; arXiv 2502.18558 quotes what these reach
_ZOO_BASES = {
    "bts": ("ztfsims-gru", "multisims-gru", "lsstsims-gru"),
    "lsst": ("multisims-gru", "lsstsims-gru", "ztfsims-gru"),
}
RUNS = 5
QUICK_RUNS = 2
_QUICK_LABELS = 400
_FEW_LABELS = 200


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


@dataclass(frozen=True)
class Design:
    """A study.

    Attributes:
        target: `bts` or `lsst`.
        protocol: `zoo` or `paper`.
        classes: of the classifiers.
        methods: what is compared; the first is transfer, the second from scratch.
        labels: numbers of labelled objects.
        runs: repetitions of every cell.
        pool: labelled objects that there are to draw from.
        left_out: what a quick study leaves out, in words.
    """

    target: str
    protocol: str
    classes: tuple[str, ...]
    methods: tuple[Method, ...]
    labels: tuple[int, ...]
    runs: int
    pool: int
    left_out: tuple[str, ...] = field(default=())

    def tried(self, method: Method) -> tuple[int, ...]:
        """Numbers of labels that a method is tried with: all, or, for what stands
        beside transfer and scratch in the protocol `zoo`, the few that bases are for.
        """
        beside = self.protocol == "zoo" and method not in self.methods[:2]
        return tuple(x for x in self.labels if not beside or x <= _FEW_LABELS)

    def parts(self, codes: np.ndarray, labels: int, run: int) -> Parts:
        """Choose the objects of a cell.

        Args:
            codes: int64 `(n,)`, the class of each labelled object.
            labels: objects to learn from, a tenth of them to validate; 0: none.
            run: number of the run.

        Returns:
            Positions among the labelled objects; train and validation are empty where
            `labels` is 0.
        """
        if self.protocol == "paper":
            train, validation, test = paper_split(codes, self.target)
            learned = round(labels * (1 - VALIDATION_FRACTION))
            return Parts(train[:learned], validation[: labels - learned], test)
        pool, test = stratified_split(codes, HELD_OUT, run)
        if not labels:
            return Parts(pool[:0], pool[:0], test)
        drawn = pool[draw_labels(codes[pool], labels, run)]
        kept, aside = stratified_split(codes[drawn], VALIDATION_FRACTION, run)
        # With so few labels that none is set aside, the training part decides.
        return Parts(drawn[kept], drawn[aside if len(aside) else kept], test)


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


def design(
    target: str,
    protocol: str,
    classes: Sequence[str],
    codes: np.ndarray,
    *,
    labels: Sequence[int] = (),
    runs: int | None = None,
    quick: bool = False,
) -> Design:
    """Plan a study.

    Args:
        target: `bts` or `lsst`.
        protocol: `zoo` or `paper`.
        classes: of the classifiers.
        codes: int64 `(n,)`, the class of each labelled object.
        labels: numbers of labels; default: those of the protocol that there are.
        runs: repetitions; default 5, or 2 where it is quick.
        quick: leave out what takes long.

    Raises:
        KeyError: the protocol is not known.
        ValueError: there are fewer labelled objects than a number of labels.
    """
    if protocol not in PROTOCOLS:
        raise KeyError(f"{protocol!r} is not known. Choose {' or '.join(PROTOCOLS)}.")
    paper = protocol == "paper"
    pool = _paper_pool(codes, target) if paper else _pool(codes)
    methods = _paper_methods(target) if paper else _zoo_methods(target)
    usual = _PAPER_LABELS[target] if paper else (*_ZOO_LABELS, round(_SHARE * pool))
    budgets = sorted({x for x in usual if x < pool} | (set() if paper else {pool}))
    if labels:
        if too_many := [x for x in labels if x > pool]:
            raise ValueError(
                f"{too_many[0]} labels are more than the {pool} that are left to learn "
                "from. Choose fewer, or give more labelled data."
            )
        budgets = sorted(set(labels))
    if not budgets:
        raise ValueError(
            f"{len(codes)} labelled objects are too few for a study. Give more data."
        )
    whole = Design(
        target, protocol, tuple(classes), methods, tuple(budgets), runs or RUNS, pool
    )
    return _quick(whole, given=bool(labels), runs=runs) if quick else whole


def _quick(whole: Design, *, given: bool, runs: int | None) -> Design:
    """The two methods that matter, at three numbers of labels, in two runs, without
    base models of its own."""
    methods = tuple(
        replace(m, base=PAPER_BASE) if m.base == OWN_BASE else m
        for m in whole.methods[:2]
    )
    budgets = whole.labels
    if not given:
        limit = [x for x in budgets if x <= _QUICK_LABELS] or budgets[:1]
        budgets = tuple(sorted({limit[0], limit[len(limit) // 2], limit[-1]}))
    runs = runs or QUICK_RUNS
    left_out = [f"the method {method.name}" for method in whole.methods[2:]]
    if missing := [str(x) for x in whole.labels if x not in budgets]:
        left_out.append(f"the numbers of labels {', '.join(missing)}")
    if runs < RUNS:
        left_out.append(f"{RUNS - runs} of {RUNS} runs")
    if methods[0].base == PAPER_BASE:
        left_out.append(f"base models of its own: {PAPER_BASE} stands for them")
    return replace(
        whole,
        methods=methods,
        labels=budgets,
        runs=runs,
        left_out=tuple(left_out),
    )


def _paper_methods(target: str) -> tuple[Method, ...]:
    chosen = [
        Method(f"transfer, {name}", OWN_BASE, train, "paper")
        for name, train in _PAPER_TRAIN[target].items()
    ]
    return (chosen[0], Method("from scratch", None, "all", "paper"), *chosen[1:])


def _zoo_methods(target: str) -> tuple[Method, ...]:
    first, *others = _ZOO_BASES[target]
    return (
        Method(f"transfer from {first}", first),
        Method("from scratch", None, "all", "scratch"),
        *(Method(f"transfer from {base}", base) for base in others),
        Method(f"{first}, latent and head trained", first, "head"),
    )


def _pool(codes: np.ndarray) -> int:
    return len(stratified_split(codes, HELD_OUT, 0)[0])


def _paper_pool(codes: np.ndarray, target: str) -> int:
    """Labels of which 90 % are there to train and 10 % to validate."""
    train, validation, _ = paper_split(codes, target)
    share = VALIDATION_FRACTION
    return int(min(len(train) / (1 - share), len(validation) / share))


def usable(
    light_curves: LightCurves, target: str
) -> tuple[LightCurves, tuple[str, ...], np.ndarray]:
    """The objects that a study can use, and its classes.

    Args:
        light_curves: of the target.
        target: `bts`: its five classes, objects of others are left out; `lsst`: its
            twelve, or, where a label is none of these, the labels present.

    Returns:
        The light curves with a trigger and a class, the classes, and the class of each
        object, int64.

    Raises:
        KeyError: the target is not known.
        ValueError: no object is left.
    """
    if target not in TARGETS:
        raise KeyError(f"{target!r} is not known. Choose {' or '.join(TARGETS)}.")
    labels = light_curves.labels
    classes = TAXONOMIES[target]
    if target == "lsst" and not set(labels) - {None} <= set(classes):
        classes = resolve_classes("data", labels)
    codes = class_indices(labels, classes)
    trigger = trigger_rows(light_curves, Preprocessing().pair_days)
    kept = np.flatnonzero((codes >= 0) & (trigger >= 0))
    if not len(kept):
        raise ValueError(
            f"none of the {len(light_curves)} objects has a trigger and a label of "
            f"{', '.join(classes)}. Give labelled light curves."
        )
    return light_curves.take(kept), classes, codes[kept]
