"""One cell of a study: a method, a number of labels, a run; trained and scored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from zoo.classifier.classifier import TransientClassifier
from zoo.classifier.load import load
from zoo.evaluation.auroc import macro_auroc
from zoo.evaluation.early import DAYS, cut
from zoo.evaluation.scores import bootstrap, score
from zoo.inference.runtime import predict
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.ragged import LightCurves
from zoo.recipe import RECIPES
from zoo.study.design import OWN_BASE, PAPER_BASE, Design, Method, paper_split
from zoo.taxonomy import class_indices, collapse
from zoo.training.fit import fit
from zoo.training.run import with_fresh_weights
from zoo.training.stratified import Parts

METRICS = ("macro_auroc", "macro_f1", "balanced_accuracy")
REPLICATES = 200  # bootstrap replicates that a cell keeps
_DIGITS = 5

# The model of a method is used again for every cell of a process: a new one would have
# its training step traced anew, which takes longer than a small fit.
_models: dict[tuple[Method, tuple[str, ...]], TransientClassifier] = {}


@dataclass(frozen=True)
class Cell:
    """A cell of a study.

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
        """What it is, in words."""
        return f"{self.method}, {self.labels} labels, run {self.run + 1}"

    @property
    def name(self) -> str:
        """Name of its file."""
        words = "".join(x if x.isalnum() else "-" for x in self.method.lower())
        return f"{words}_{self.labels}_{self.run}.json"


def cells(design: Design) -> list[Cell]:
    """All cells of a study, those that take longest first."""
    bases = {m.base: m for m in reversed(design.methods) if m.zero_shot}
    found = [
        Cell(method.name, labels, run)
        for run in range(design.runs)
        for method in design.methods
        for labels in (0, *design.tried(method))
        if labels or method in bases.values()
    ]
    slow = {m.name: m.recipe == "scratch" for m in design.methods}
    return sorted(found, key=lambda cell: (-cell.labels, not slow[cell.method]))


def select(
    results: Sequence[dict[str, Any]], method: str, labels: int
) -> list[dict[str, Any]]:
    """The results of a method with a number of labels, one for every run."""
    return [r for r in results if (r["method"], r["labels"]) == (method, labels)]


def run_cell(
    cell: Cell, design: Design, light_curves: LightCurves, bases: Path
) -> dict[str, Any]:
    """Train and score a cell.

    Args:
        cell: which.
        design: of the study.
        light_curves: labelled ones, all with a trigger and a class of the design.
        bases: folder of the study's own base models.

    Returns:
        `method`, `labels`, `run`; `n`, objects scored; `with_metadata` and
        `light_curve_alone`, scores (see `_scores`); `by_days`, the macro AUROC so many
        days after the trigger; and for a cell with labels `fit`: epochs, losses,
        seconds, layers and the temperature.
    """
    method = next(m for m in design.methods if m.name == cell.method)
    codes = class_indices(light_curves.labels, design.classes)
    chosen = design.parts(codes, cell.labels, cell.run)
    source = None if method.base is None else _base(method, cell, bases)
    result: dict[str, Any] = {**asdict(cell), "n": len(chosen.test)}
    if cell.labels:
        model = _start(method, source, design, cell)
        result["fit"] = _train(model, method, light_curves, codes, chosen, design, cell)
    elif source is not None:
        model = source
    else:
        raise ValueError(f"{cell.method} cannot classify without a label.")
    tested, truth = light_curves.take(chosen.test), codes[chosen.test]
    given = preprocess(tested, model.preset.preprocessing)
    alone = preprocess(tested.without_metadata(), model.preset.preprocessing)

    def say(inputs: Inputs) -> np.ndarray:
        found = predict(model, inputs)
        return collapse(found, model.preset.classes, design.classes)

    result["with_metadata"] = _scores(say(given), truth, design.classes, cell.run)
    result["light_curve_alone"] = _scores(say(alone), truth, design.classes, cell.run)
    result["by_days"] = {
        str(days): _value(
            macro_auroc(
                say(cut(given, tested, model.preset.preprocessing, days)), truth
            )
        )
        for days in DAYS
    }
    return result


@cache
def _loaded(name: str) -> TransientClassifier:
    return load(name)


def _base(method: Method, cell: Cell, bases: Path) -> TransientClassifier:
    own = method.base == OWN_BASE
    return _loaded(str(bases / f"base-{cell.run}") if own else str(method.base))


def _start(
    method: Method, source: TransientClassifier | None, design: Design, cell: Cell
) -> TransientClassifier:
    """The model of a cell before it is trained."""
    train = method.train if isinstance(method.train, str) else list(method.train)
    template = source or _template(design)
    new = template.transfer(
        design.target, classes=design.classes, train=train, seed=cell.run
    )
    if source is None:
        new = with_fresh_weights(new, cell.run)
    used = _models.setdefault((method, design.classes), new)
    used.set_weights(new.get_weights())
    return used


def _template(design: Design) -> TransientClassifier:
    """The network that is trained from scratch: that of the base it is held against."""
    paper = design.protocol == "paper"
    return _loaded(PAPER_BASE if paper else str(design.methods[0].base))


def _train(
    model: TransientClassifier,
    method: Method,
    light_curves: LightCurves,
    codes: np.ndarray,
    chosen: Parts,
    design: Design,
    cell: Cell,
) -> dict[str, Any]:
    validation = light_curves.take(chosen.validation)
    inputs = preprocess(validation, model.preset.preprocessing)
    own = predict(model, inputs)[np.arange(len(inputs)), codes[chosen.validation]]
    before = float(-np.log(np.maximum(own, 1e-7)).mean())
    report = fit(
        model,
        light_curves.take(chosen.train),
        validation,
        recipe=RECIPES[method.recipe],
        class_weight=_class_weight(codes, design),
        seed=cell.run,
        progress=False,
    )
    return {
        "epochs": report.epochs,
        "best_epoch": report.best_epoch,
        "validation_loss": _rounded([before, *report.validation_loss]),
        "seconds": round(report.seconds, 2),
        "objects": report.objects,
        "trained": list(report.trained),
        "temperature": round(report.temperature, 4),
    }


def _class_weight(codes: np.ndarray, design: Design) -> dict[str, float] | None:
    """N / n_c over the whole training part, as arXiv 2502.18558 weighs its classes."""
    if design.protocol != "paper":
        return None
    train, _, _ = paper_split(codes, design.target)
    counts = np.bincount(codes[train], minlength=len(design.classes))
    weights = len(train) / np.maximum(counts, 1)
    return dict(zip(design.classes, weights.tolist(), strict=True))


def _scores(
    probabilities: np.ndarray, truth: np.ndarray, classes: Sequence[str], run: int
) -> dict[str, Any]:
    """Scores of a cell: METRICS, `ece`, `log_loss`, AUROC and F1 by class, and
    `replicates`, a bootstrap of METRICS over the objects.

    The same objects are drawn for every method of a run, so that their differences have
    narrower intervals than each alone.
    """
    found = score(probabilities, truth, classes, seed=run, replicates=1)
    drawn = bootstrap(probabilities, truth, seed=run, replicates=REPLICATES)
    return {
        **{name: found[name] for name in (*METRICS, "ece", "log_loss", "accuracy")},
        "per_class": {
            label: {key: values[key] for key in ("n", "auroc", "f1")}
            for label, values in found["per_class"].items()
        },
        "replicates": {name: _rounded(drawn[name]) for name in METRICS},
    }


def _value(found: tuple[float, float, float] | None) -> float | None:
    return None if found is None else round(found[0], _DIGITS)


def _rounded(values: Sequence[float] | np.ndarray) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
