"""What a few labels are worth, and whether they ever cost something.

    python benchmarks/labels.py TABLE [--base MODEL] [--classes bts|data]
                                [--labels N ...] [--runs N] [--no-metadata]

In every run half of the objects of each class are set aside to measure on; N labels are
drawn from the others and the base is transferred, as far as its labels show that this
helps (the zoo's recipe) and all the way. Printed are the scores of the base, and the
mean difference to it on the same objects with its standard error over the runs.
"""

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import zoo
from zoo.evaluation.predictions import predict_labelled
from zoo.evaluation.scores import HEADLINES, score
from zoo.light_curves.accept import read
from zoo.recipe import RECIPES
from zoo.taxonomy import class_indices, resolve_classes
from zoo.training.labels.stratified import draw_labels, stratified_split

USUAL = RECIPES["transfer"]
WAYS = {"as far as it helps": USUAL, "all the way": replace(USUAL, folds=0)}


def main() -> None:
    """Transfer, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--base", default="multisims-gru")
    parser.add_argument("--classes", default="bts")
    parser.add_argument("--labels", nargs="+", type=int, default=[10, 30, 100, 300])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-metadata", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    data, base = read(args.table), zoo.load(args.base)
    if args.no_metadata:
        data = data.without_metadata()
    classes = resolve_classes(args.classes, data.labels)
    codes = class_indices(data.labels, classes)
    known = np.flatnonzero(codes >= 0)
    data, codes = data.take(known), codes[known]
    shown = Table("labels", "runs", "weights", "of the way", *HEADLINES)
    for labels in args.labels:
        found: dict[str, list[np.ndarray]] = {}
        went: dict[str, list[float]] = {}
        for run in range(args.runs):
            pool, rest = stratified_split(codes, 0.5, run)
            drawn = pool[draw_labels(codes[pool], min(labels, len(pool)), run)]
            tested = data.take(rest)
            first = figures(base.transfer("mine", classes=classes), tested, classes)
            found.setdefault("the base", []).append(first)
            for way, recipe in WAYS.items():
                model = base.transfer("mine", classes=classes)
                report = zoo.fit(
                    *(model, data.take(drawn)), recipe=recipe, seed=run, progress=False
                )
                went.setdefault(way, []).append(report.fraction)
                found.setdefault(way, []).append(
                    figures(model, tested, classes) - first
                )
        for way, rows in found.items():
            mean, error = np.mean(rows, 0), np.std(rows, 0) / np.sqrt(len(rows) - 1)
            cells = [f"{value:.3f}" for value in mean]
            if way in went:
                cells = [
                    f"{value:+.3f} ± {scatter:.3f}"
                    for value, scatter in zip(mean, error, strict=True)
                ]
            fraction = f"{np.mean(went[way]):.2f}" if way in went else ""
            shown.add_row(str(len(drawn)), str(args.runs), way, fraction, *cells)
    Console(width=120).print(shown)


def figures(model: zoo.TransientClassifier, data, classes) -> np.ndarray:
    """The headline scores of a model."""
    of = predict_labelled(model, data, classes)
    scores = score(of.probabilities, of.truth, classes, replicates=1)
    return np.array([scores[name] for name in HEADLINES])


if __name__ == "__main__":
    main()
