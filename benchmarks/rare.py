"""How well a few labels find a rare class: F1 of tidal disruption events in MALLORN.

    python benchmarks/rare.py TABLE [--base MODEL] [--labels N ...] [--splits N]
                              [--class NAME] [--no-metadata] [--handmade]
                              [--json FILE]

60 % of the objects of every class of the table are there to learn from and the rest to
measure on, in another split for every run. The base is transferred with N of them, or
all; with `--handmade`, trees learn hand-made features from all of them instead, also of
objects without a trigger (`handmade.py`).

An object counts as the rare class where its probability reaches a threshold. That is
found with what models that did not learn from the labels predict for them (`left_out`
of the report of `zoo.fit`). It has either about the highest F1 that one expects if
these probabilities are right, or the highest F1 on the labels, which depends on the few
of the rare class, but does not ask for calibrated probabilities (the trees' are not).
Beside it: F1 of the most probable class, average precision of the rare class, and macro
AUROC and F1.
"""

import argparse
import json
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from handmade import features, learn_and_predict
from rich.console import Console
from rich.table import Table

import zoo
from zoo.evaluation.auroc import average_precision
from zoo.evaluation.predictions import predict_labelled
from zoo.evaluation.scores import score
from zoo.evaluation.thresholds import Curve
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import class_indices, resolve_classes
from zoo.training.labels.stratified import draw_labels, stratified_split


def highest_f1(probability: np.ndarray, rare: np.ndarray) -> float:
    """The threshold with the highest F1, halfway to the next lower probability."""
    curve = Curve.of(probability, rare)
    best = int(curve.f1.argmax())
    return float(curve.value[best] + np.append(curve.value, 0.0)[best + 1]) / 2


def highest_expected_f1(probability: np.ndarray) -> float:
    """The threshold with about the highest expected F1, if the probabilities are right
    and many (Lipton et al. 2014, arXiv 1402.1892)."""
    falling = np.sort(probability)[::-1]
    chosen = np.arange(1, len(falling) + 1)
    return float(falling[(2 * falling.cumsum() / (chosen + falling.sum())).argmax()])


def f1_at(probability: np.ndarray, rare: np.ndarray, threshold: float) -> float:
    """F1 of the objects at or above a threshold."""
    chosen = probability >= threshold
    return float(2 * (chosen & rare).sum() / max(chosen.sum() + rare.sum(), 1))


class Split(NamedTuple):
    """The objects of one run.

    Attributes:
        names: of the classes.
        rare: which of them is the rare one.
        codes: int64 `(n,)`, the class of each object.
        learn, test: positions of those to learn from, and to measure on.
    """

    names: tuple[str, ...]
    rare: int
    codes: np.ndarray
    learn: np.ndarray
    test: np.ndarray


def split(data: LightCurves, rare: str, seed: int) -> Split:
    """60 % of every class to learn from, and the rest."""
    names = resolve_classes("data", data.labels)
    codes = class_indices(data.labels, names)
    return Split(names, names.index(rare), codes, *stratified_split(codes, 0.4, seed))


def figures(
    outside: np.ndarray,
    truth: np.ndarray,
    probabilities: np.ndarray,
    classes: np.ndarray,
    of: Split,
) -> dict[str, float]:
    """What to print of one split.

    Args:
        outside, truth: `(labels, classes)` and `(labels,)`; of those learned from,
            predicted by models that did not.
        probabilities, classes: the same of those to measure on.
        of: the split.
    """
    p, wanted = probabilities[:, of.rare], classes == of.rare
    expected = highest_expected_f1(outside[:, of.rare])
    found = highest_f1(outside[:, of.rare], truth == of.rare)
    scores = score(probabilities, classes, of.names, replicates=1)
    precision = average_precision(p, wanted, np.ones((1, len(p))))[0]
    return {
        "F1": f1_at(p, wanted, expected),
        "threshold": expected,
        "F1, highest on labels": f1_at(p, wanted, found),
        "F1, most probable": scores["per_class"][of.names[of.rare]]["f1"],
        "average precision": float(precision),
        "macro AUROC": scores["macro_auroc"],
        "macro F1": scores["macro_f1"],
    }


def run(base, data: LightCurves, of: Split, labels: str, seed: int) -> dict[str, float]:
    """The figures of one split, of a transfer."""
    learn = of.learn
    if labels != "all":
        learn = learn[draw_labels(of.codes[learn], int(labels), seed)]
    model = base.transfer(target="mallorn", classes=of.names)
    report = zoo.fit(model, data.take(learn), seed=seed, progress=False)
    if report.left_out is None:
        raise SystemExit(f"{labels} labels: none is left to choose a threshold on.")
    tested = predict_labelled(model, data.take(of.test), of.names)
    found = figures(*report.left_out, tested.probabilities, tested.truth, of)
    return {**found, "of the way": report.fraction}


def run_handmade(values: np.ndarray, of: Split) -> dict[str, float]:
    """The same of trees on the features of every object."""
    truth = of.codes[of.learn]
    outside, tested = learn_and_predict(values[of.learn], truth, values[of.test])
    return figures(outside, truth, tested, of.codes[of.test], of)


def main() -> None:
    """Transfer, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--base")
    parser.add_argument("--labels", nargs="+")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--class", dest="rare", default="TDE")
    parser.add_argument("--no-metadata", action="store_true")
    parser.add_argument("--handmade", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.handmade and (args.base or args.labels):
        parser.error("--handmade learns from all labels, without a base.")
    warnings.simplefilter("ignore")
    data = read(args.table)
    if args.no_metadata:
        data = data.without_metadata()
    data = data.take(np.flatnonzero(data.metadata["label"].notna()))
    if args.rare not in data.labels:
        parser.error(f"{args.table} has no label {args.rare}.")
    results: dict[str, list[dict[str, float]]] = {}
    if args.handmade:
        values, rows = features(data), ["hand-made"]
    else:
        base = zoo.load(args.base or "lsstsims-gru")
        rows = args.labels or ["100", "300", "all"]
    for labels in rows:
        for seed in range(args.splits):
            of = split(data, args.rare, seed)
            if args.handmade:
                found = run_handmade(values, of)
            else:
                found = run(base, data, of, labels, seed)
            results.setdefault(labels, []).append(found)
            if args.json:
                args.json.write_text(json.dumps(results, indent=1))
    columns = list(next(iter(results.values()))[0])
    shown = Table("labels", *columns)
    for labels, runs in results.items():
        values = np.array([[one[name] for name in columns] for one in runs])
        pairs = zip(values.mean(0), values.std(0), strict=True)
        shown.add_row(labels, *(f"{mean:.3f} ± {std:.3f}" for mean, std in pairs))
    Console(width=160).print(shown)


if __name__ == "__main__":
    main()
