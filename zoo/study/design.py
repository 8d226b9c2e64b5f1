"""The plan of a study: what is compared, with how many labels, in how many runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from zoo.inputs.parameters import Preprocessing
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.ragged import LightCurves
from zoo.spelling import did_you_mean
from zoo.study.protocols import (
    HELD_OUT,
    OWN_BASE,
    PAPER_BASE,
    PROTOCOLS,
    TARGETS,
    Method,
    methods,
    paper_split,
    pool_size,
    usual_labels,
)
from zoo.taxonomy import TAXONOMIES, class_indices, resolve_classes
from zoo.training.labels.stratified import (
    VALIDATION_FRACTION,
    Parts,
    draw_labels,
    stratified_split,
)

RUNS = 5  # as in arXiv 2502.18558
_QUICK_RUNS = 2
_QUICK_LABELS = 400
_FEW_LABELS = 200


@dataclass(frozen=True)
class Design:
    """A study.

    Attributes:
        target: `bts` or `lsst`.
        protocol: `zoo` or `paper`.
        classes: of the classifiers.
        methods: what is compared; the first is transfer, the second from scratch.
        labels: numbers of labelled objects.
        runs: repetitions of every trial.
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
    left_out: tuple[str, ...] = ()

    def tried(self, method: Method) -> tuple[int, ...]:
        """Numbers of labels that a method is tried with: all; but only the few that
        bases are for, where it is neither the transfer nor the baseline of the protocol
        `zoo`.
        """
        beside = self.protocol == "zoo" and method not in self.methods[:2]
        return tuple(x for x in self.labels if not beside or x <= _FEW_LABELS)

    def parts(self, codes: np.ndarray, labels: int, run: int) -> Parts:
        """Choose the objects of a trial.

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
        train, validation = stratified_split(codes[drawn], VALIDATION_FRACTION, run)
        # With few labels there may be none to validate on: the training part decides.
        decides = validation if len(validation) else train
        return Parts(drawn[train], drawn[decides], test)


@dataclass(frozen=True)
class Trial:
    """One training run of a study and its scores.

    Attributes:
        method: name of the method.
        labels: objects to learn from; 0: none, the base as it is.
        run: number of the run.
    """

    method: str
    labels: int
    run: int

    @property
    def title(self) -> str:
        """The trial in words."""
        return f"{self.method}, {self.labels} labels, run {self.run + 1}"

    @property
    def name(self) -> str:
        """Name of its file."""
        words = "".join(x if x.isalnum() else "-" for x in self.method.lower())
        return f"{words}_{self.labels}_{self.run}.json"


def trials(design: Design) -> list[Trial]:
    """All trials of a study, those that take longest first."""
    # No label: each base once, by the first of its methods.
    bases = {m.base: m for m in reversed(design.methods) if m.zero_shot}
    every = [
        Trial(method.name, labels, run)
        for run in range(design.runs)
        for method in design.methods
        for labels in (0, *design.tried(method))
        if labels or method in bases.values()
    ]
    slow = {m.name: m.recipe == "scratch" for m in design.methods}
    return sorted(every, key=lambda trial: (-trial.labels, not slow[trial.method]))


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
        hint = did_you_mean(protocol, PROTOCOLS)
        raise KeyError(
            f"{protocol!r} is not known.{hint} Choose {' or '.join(PROTOCOLS)}."
        )
    pool = pool_size(protocol, target, codes)
    if too_many := [x for x in labels if x > pool]:
        raise ValueError(
            f"{too_many[0]} labels are more than the {pool} that are left to learn "
            "from. Choose fewer, or give more labelled data."
        )
    budgets = sorted(set(labels)) or usual_labels(protocol, target, pool)
    if not budgets:
        raise ValueError(
            f"{len(codes)} labelled objects are too few for a study. Give more data."
        )
    whole = Design(
        target,
        protocol,
        tuple(classes),
        methods(protocol, target),
        tuple(budgets),
        runs or RUNS,
        pool,
    )
    return _quick(whole, chosen=bool(labels), runs=runs) if quick else whole


def _quick(whole: Design, *, chosen: bool, runs: int | None) -> Design:
    """The two methods that matter, at three numbers of labels unless they were chosen,
    in two runs, without base models of its own."""
    compared = tuple(
        replace(m, base=PAPER_BASE) if m.base == OWN_BASE else m
        for m in whole.methods[:2]
    )
    budgets = whole.labels
    if not chosen:
        few = [x for x in budgets if x <= _QUICK_LABELS] or budgets[:1]
        budgets = tuple(sorted({few[0], few[len(few) // 2], few[-1]}))
    runs = runs or _QUICK_RUNS
    left_out = [f"the method {method.name}" for method in whole.methods[2:]]
    if missing := [str(x) for x in whole.labels if x not in budgets]:
        left_out.append(f"the numbers of labels {', '.join(missing)}")
    if runs < RUNS:
        left_out.append(f"{RUNS - runs} of {RUNS} runs")
    if compared[0].base == PAPER_BASE:
        left_out.append(f"base models of its own: {PAPER_BASE} stands for them")
    return replace(
        whole, methods=compared, labels=budgets, runs=runs, left_out=tuple(left_out)
    )


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
        hint = did_you_mean(target, TARGETS)
        raise KeyError(f"{target!r} is not known.{hint} Choose {' or '.join(TARGETS)}.")
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
