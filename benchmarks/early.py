"""What learning at earlier moments of light curves is worth: SN Ia against the rest.

    python benchmarks/early.py TABLE [--base MODEL] [--labels N ...] [--splits N]
                               [--only WAY ...] [--alone SOURCE] [--without SOURCE]

Half of the objects of every class of the table are there to learn from and half to
measure on, in another split for every run. The base is transferred with N labels, or
all, by each recipe below, and scored on light curves cut some days after their
triggers, without and with metadata; the base itself is in the first rows, and
brightness alone, which needs no model. `--alone` and `--without` measure on the objects
of one source, and of all others, too: a sample of several sources may be told apart by
what each looks like.
"""

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import zoo
from zoo.evaluation.early import after_days
from zoo.evaluation.predictions import predict_labelled
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.recipe import RECIPES
from zoo.taxonomy import TAXONOMIES, class_indices
from zoo.training.labels.stratified import draw_labels, stratified_split

DAYS = (2, 5, 10, 20, 10_000)
CLASSES = TAXONOMIES["bts"]
USUAL = RECIPES["transfer"]
BEFORE = "the base"
WAYS = {
    "four earlier moments": USUAL,
    "eight": replace(USUAL, prefixes=8),
    "30 % cut short at random": replace(USUAL, prefixes=0, truncation=0.3),
    "90 % cut short at random": replace(USUAL, prefixes=0, truncation=0.9),
}


def figures(model: zoo.TransientClassifier, data: LightCurves) -> list[list[float]]:
    """The AUROC of SN Ia after each of the days; macro AUROC and F1 of the last. Then
    the AUROC of brightness alone."""
    after = after_days(predict_labelled(model, data, CLASSES), DAYS)
    early = [of["per_class"]["SNIa"]["auroc"] for of in after.values()]
    bright = [of["brightness_alone"]["SNIa"]["auroc"] for of in after.values()]
    last = after[f"{DAYS[-1]}"]
    return [
        [*early, last["macro_auroc"], last["macro_f1"]],
        [*bright[:-1], np.nan, np.nan, np.nan],
    ]


def samples(data: LightCurves, args: argparse.Namespace) -> dict[str, LightCurves]:
    """What is measured on: all objects, and those of one source or without one."""
    found = {"all": data}
    if args.alone:
        alone = data.metadata["source"] == args.alone
        found[f"{args.alone} alone"] = data.take(np.flatnonzero(alone))
    if args.without:
        others = data.metadata["source"] != args.without
        found[f"without {args.without}"] = data.take(np.flatnonzero(others))
    return found


def main() -> None:
    """Transfer, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--base", default="ztfsims-gru")
    parser.add_argument("--labels", nargs="+", default=["100", "all"])
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--alone", metavar="SOURCE")
    parser.add_argument("--without", metavar="SOURCE")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    data, base = read(args.table), zoo.load(args.base)
    if (args.alone or args.without) and "source" not in data.metadata:
        parser.error(f"{args.table} has no metadata column source to choose by.")
    for name in filter(None, (args.alone, args.without)):
        if name not in set(data.metadata["source"]):
            parser.error(f"{args.table} has no objects of the source {name}.")
    codes = class_indices(data.labels, CLASSES)
    known = np.flatnonzero(codes >= 0)
    data, codes = data.take(known), codes[known]
    found: dict[tuple[str, str, str, str], list[list[float]]] = {}
    for run in range(args.splits):
        half, rest = stratified_split(codes, 0.5, run)
        tests = {
            (name, metadata): some if metadata == "with" else some.without_metadata()
            for name, some in samples(data.take(rest), args).items()
            for metadata in ("without", "with")
        }

        def note(labels: str, way: str, model, tests=tests) -> None:
            for (name, metadata), test in tests.items():
                scores, bright = figures(model, test)
                found.setdefault((name, labels, way, metadata), []).append(scores)
                if way == BEFORE:
                    key = (name, "0", "brightness alone", "without")
                    found.setdefault(key, []).append(bright)

        note("0", BEFORE, base)
        for labels in args.labels:
            drawn = half
            if labels != "all":
                drawn = half[draw_labels(codes[half], int(labels), run)]
            for way in args.only:
                model = base.transfer(target="bts")
                some, recipe = data.take(drawn), WAYS[way]
                zoo.fit(model, some, recipe=recipe, seed=run, progress=False)
                note(labels, way, model)
    names = [f"{day} d" for day in DAYS[:-1]]
    columns = [*names, "end", "macro AUROC", "macro F1"]
    shown = Table("objects", "labels", "learns from", "metadata", *columns)
    for key, rows in sorted(found.items(), key=lambda item: item[0][:2]):
        cells = [f"{x:.3f}" if np.isfinite(x) else "" for x in np.mean(rows, axis=0)]
        shown.add_row(*key, *cells)
    Console(width=160).print(shown)


if __name__ == "__main__":
    main()
