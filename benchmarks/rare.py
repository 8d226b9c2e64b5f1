"""How well a few labels find a rare class: F1 of tidal disruption events in MALLORN.

    python benchmarks/rare.py TABLE [--base MODEL] [--labels N ...] [--splits N]
                              [--class NAME] [--no-metadata] [--json FILE]

60 % of the objects of every class of the table are there to learn from and the rest to
measure on, in another split for every run. The base is transferred with N of them, or
all. An object counts as the rare class where its probability reaches a threshold, which
maximises F1 on the labels learned from, as models that did not learn from them predict
them (`left_out` of the report of `zoo.fit`). Beside it: F1 of the most probable class,
average precision of the rare class, and macro AUROC and F1.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
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
from zoo.training.stratified import draw_labels, stratified_split


def highest_f1(probability: np.ndarray, rare: np.ndarray) -> float:
    """The threshold with the highest F1, halfway to the next lower probability."""
    curve = Curve.of(probability, rare)
    best = int(curve.f1.argmax())
    return float(curve.value[best] + np.append(curve.value, 0.0)[best + 1]) / 2


def f1_at(probability: np.ndarray, rare: np.ndarray, threshold: float) -> float:
    """F1 of the objects at or above a threshold."""
    chosen = probability >= threshold
    return float(2 * (chosen & rare).sum() / max(chosen.sum() + rare.sum(), 1))


def run(base, data: LightCurves, args, labels: str, seed: int) -> dict[str, float]:
    """The figures of one split."""
    classes = resolve_classes("data", data.labels)
    codes, rare = class_indices(data.labels, classes), classes.index(args.rare)
    learn, test = stratified_split(codes, 0.4, seed)
    if labels != "all":
        learn = learn[draw_labels(codes[learn], int(labels), seed)]
    model = base.transfer(target="mallorn", classes=classes)
    report = zoo.fit(model, data.take(learn), seed=seed, progress=False)
    if report.left_out is None:
        raise SystemExit(f"{labels} labels: none is left to choose a threshold on.")
    outside, truth = report.left_out
    threshold = highest_f1(outside[:, rare], truth == rare)
    of = predict_labelled(model, data.take(test), classes)
    p, wanted = of.probabilities[:, rare], of.truth == rare
    scores = score(of.probabilities, of.truth, classes, replicates=1)
    return {
        "F1": f1_at(p, wanted, threshold),
        "threshold": threshold,
        "F1, most probable": scores["per_class"][args.rare]["f1"],
        "average precision": float(
            average_precision(p, wanted, np.ones((1, len(p))))[0]
        ),
        "macro AUROC": scores["macro_auroc"],
        "macro F1": scores["macro_f1"],
        "of the way": report.fraction,
    }


def main() -> None:
    """Transfer, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--base", default="lsstsims-gru")
    parser.add_argument("--labels", nargs="+", default=["100", "300", "all"])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--class", dest="rare", default="TDE")
    parser.add_argument("--no-metadata", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    base, data = zoo.load(args.base), read(args.table)
    if args.no_metadata:
        data = data.without_metadata()
    data = data.take(np.flatnonzero(data.metadata["label"].notna()))
    if args.rare not in data.labels:
        parser.error(f"{args.table} has no label {args.rare}.")
    results: dict[str, list[dict[str, float]]] = {}
    for labels in args.labels:
        for seed in range(args.splits):
            found = run(base, data, args, labels, seed)
            results.setdefault(labels, []).append(found)
            if args.json:
                args.json.write_text(json.dumps(results, indent=1))
    columns = list(next(iter(results.values()))[0])
    shown = Table("labels", *columns)
    for labels, runs in results.items():
        values = np.array([[one[name] for name in columns] for one in runs])
        pairs = zip(values.mean(0), values.std(0), strict=True)
        shown.add_row(labels, *(f"{mean:.3f} ± {std:.3f}" for mean, std in pairs))
    Console(width=140).print(shown)


if __name__ == "__main__":
    main()
