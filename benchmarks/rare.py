"""How well a few labels find a rare class: F1 of tidal disruption events in MALLORN.

    python benchmarks/rare.py TABLE [--base MODEL] [--labels N ...] [--splits N]
                              [--class NAME] [--window FIRST,LAST] [--json FILE]

60 % of the objects of every class of the table are there to learn from and the rest to
measure on, in another split for every run. The base is transferred with N of them, or
all. An object counts as the rare class where its probability reaches a threshold, which
maximises F1 on the labels learned from: each of three parts of them is predicted by a
model that learned from the other two. Beside it: F1 of the most probable class, average
precision of the rare class, and macro AUROC. All with the table's metadata.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import zoo
from zoo.evaluation.scores import score
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import class_indices
from zoo.training.stratified import draw_labels, stratified_split

PARTS = 3


def best_threshold(probability: np.ndarray, rare: np.ndarray) -> float:
    """The threshold with the highest F1, halfway to the next lower probability."""
    order = np.argsort(-probability, kind="stable")
    true = np.cumsum(rare[order])
    f1 = 2 * true / (np.arange(1, len(order) + 1) + rare.sum())
    best = int(f1.argmax())
    ranked = np.append(probability[order], 0.0)
    return float(ranked[best] + ranked[best + 1]) / 2


def f1_at(probability: np.ndarray, rare: np.ndarray, threshold: float) -> float:
    """F1 of the objects at or above a threshold."""
    chosen = probability >= threshold
    return float(2 * (chosen & rare).sum() / max(chosen.sum() + rare.sum(), 1))


def average_precision(probability: np.ndarray, rare: np.ndarray) -> float:
    """Mean precision at each object of the class, the most probable first."""
    ranked = rare[np.argsort(-probability, kind="stable")]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float(precision[ranked].mean())


def learned(base, data: LightCurves, args: argparse.Namespace, seed: int):
    """The base, transferred to labelled light curves."""
    window = tuple(map(float, args.window.split(","))) if args.window else None
    model = base.transfer(
        target="mallorn", classes=base.preset.classes, window=window, train=args.train
    )
    zoo.fit(model, data, recipe="transfer", seed=seed, progress=False)
    return model


def probabilities(model, data: LightCurves) -> np.ndarray:
    """Of the classes, `(objects, classes)`; 0 for objects without a trigger."""
    classes = list(model.preset.classes)
    return zoo.classify(model, data)[classes].fillna(0.0).to_numpy()


def run(base, data: LightCurves, codes: np.ndarray, args, labels: str, seed: int):
    """The figures of one split."""
    rare = base.preset.classes.index(args.rare)
    learn, test = stratified_split(codes, 0.4, seed)
    if labels != "all":
        learn = learn[draw_labels(codes[learn], int(labels), seed)]
    part = np.empty(len(learn), np.int64)
    order = np.random.default_rng(seed).permutation(len(learn))
    order = order[np.argsort(codes[learn][order], kind="stable")]
    part[order] = np.arange(len(learn)) % PARTS
    outside = np.zeros(len(learn))
    for number in range(PARTS):
        model = learned(base, data.take(learn[part != number]), args, seed)
        held = np.flatnonzero(part == number)
        outside[held] = probabilities(model, data.take(learn[held]))[:, rare]
    threshold = best_threshold(outside, codes[learn] == rare)
    p = probabilities(learned(base, data.take(learn), args, seed), data.take(test))
    truth = codes[test] == rare
    scores = score(p, codes[test], base.preset.classes, replicates=1)
    return {
        "F1": f1_at(p[:, rare], truth, threshold),
        "threshold": threshold,
        "F1, most probable": scores["per_class"][args.rare]["f1"],
        "average precision": average_precision(p[:, rare], truth),
        "macro AUROC": scores["macro_auroc"],
        "macro F1": scores["macro_f1"],
    }


def main() -> None:
    """Transfer, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--base", default="lsstsims-gru")
    parser.add_argument("--labels", nargs="+", default=["100", "300", "all"])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--class", dest="rare", default="TDE")
    parser.add_argument("--window")
    parser.add_argument("--train", default="auto")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    base, data = zoo.load(args.base), read(args.table)
    codes = class_indices(data.labels, base.preset.classes)
    known = np.flatnonzero(codes >= 0)
    data, codes = data.take(known), codes[known]
    results: dict[str, list[dict[str, float]]] = {}
    for labels in args.labels:
        for seed in range(args.splits):
            found = run(base, data, codes, args, labels, seed)
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
