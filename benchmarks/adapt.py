"""Where adapting a base to a simulated survey pays, scored on real labels.

    python benchmarks/adapt.py TABLE [--base MODEL ...] [--survey SURVEY] [--seeds N]
                               [--passbands A,B] [--years BEFORE,AFTER] [--objects N]
                               [--classes bts|data] [--json FILE]

The survey is measured from the photometry of the table, as by `zoo-cli survey measure`,
or is a file or a name. It is simulated once for every seed, and each base is fine-tuned
on that without a real label, as by `zoo-cli transfer --survey`. The labels of the table
only score: of the objects that the base and the adapted base both classify, with
redshift and E(B-V) and without, in the classes with at least five. Printed are means
over the seeds with their standard errors; the difference to the base on the same
objects, with its standard error; and the 95 % bootstrap interval over objects of that
of seed 0.

The ways with `prior` need the unlabelled objects too: probabilities are weighted by the
mix of classes under which the table is most likely (Saerens, Latinne & Decaestecker
2002, Neural Computation 14, 21). Their differences are to the same model without that.
"""

import argparse
import json
import re
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import zoo
from zoo.adapt import adapt_model
from zoo.datasets.measure_survey import measure
from zoo.datasets.simulated import simulate, simulated_name
from zoo.datasets.survey_files import SurveyFile, read_survey
from zoo.datasets.survey_files.read import from_tables
from zoo.evaluation.paired import paired
from zoo.evaluation.predictions import predict_labelled
from zoo.evaluation.scores import HEADLINES
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.recipe import RECIPES
from zoo.taxonomy import PARENT, class_indices, resolve_classes

# EM ends where no share of a class moves further: a tenth of an object in 1,000.
_SETTLED = 1e-4
# Of a class, to be scored: one object more or less moves its AUROC by a fifth or less.
_FEWEST = 5
_METADATA = {"yes": lambda data: data, "no": LightCurves.without_metadata}


def with_prior(probabilities: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Probabilities under the mix of classes that makes these objects most likely.

    Args:
        probabilities: `(n, classes)`, rows that sum to 1.
        trained: share of each class in the loss that the model was trained with.
    """
    share, ratio = trained, probabilities / trained
    while True:
        weighted = ratio * share
        weighted /= weighted.sum(1, keepdims=True)
        before, share = share, weighted.mean(0)
        if np.abs(share - before).max() < _SETTLED:
            return weighted


def scored(data: LightCurves, classes: str) -> tuple[str, ...]:
    """The coarse classes of a taxonomy, or of the data, that occur often enough."""
    names = resolve_classes(classes, data.labels)
    coarse = tuple(dict.fromkeys(PARENT.get(one, one) for one in names))
    codes = class_indices(data.labels, coarse)
    counts = np.bincount(codes[codes >= 0], minlength=len(coarse))
    return tuple(one for one, n in zip(coarse, counts, strict=True) if n >= _FEWEST)


def trained_shares(classes: Sequence[str]) -> np.ndarray:
    """The classes' shares in the loss of a base: SNe Ia twice any other family."""
    shares = np.ones(len(classes))
    shares[np.array(classes) == "SNIa"] = RECIPES["adapt"].snia_weight
    return shares / shares.sum()


def survey_of(args, data: LightCurves, console: Console) -> SurveyFile:
    """The survey that is named, or measured from the light curves."""
    if args.survey:
        return read_survey(args.survey)
    tables, notes = measure(data, re.sub(r"[^a-z0-9_]", "_", args.table.stem.lower()))
    for note in notes:
        console.print(f"note: {note}")
    return from_tables({**tables, "source": str(args.table)})


def predicted(model, data: LightCurves, classes) -> dict[str, tuple]:
    """With and without metadata: ids, probabilities and true classes."""
    found = {}
    for metadata, seen in _METADATA.items():
        of = predict_labelled(model, seen(data), classes)
        ids = of.light_curves.object_id[of.inputs.index]
        found[metadata] = (ids, of.probabilities, of.truth)
    return found


def compared(base: tuple, adapted: tuple, shares: np.ndarray) -> dict:
    """The figures of every way, paired with the base or with the same model."""
    _, at, at_adapted = np.intersect1d(base[0], adapted[0], return_indices=True)
    truth, before, after = base[2][at], base[1][at], adapted[1][at_adapted]
    return {
        "n": len(truth),
        "counts": np.bincount(truth, minlength=len(shares)).tolist(),
        "adapted": paired(before, after, truth),
        "base, prior": paired(before, with_prior(before, shares), truth),
        "adapted, prior": paired(after, with_prior(after, shares), truth),
    }


def rows(runs: list[dict]) -> list[list[str]]:
    """A row for the base and for every way, from the runs of all seeds."""

    def told(values, sign: str = "") -> str:
        error = np.std(values) / np.sqrt(max(len(values) - 1, 1))
        scatter = f" ± {error:.3f}" if len(values) > 1 else ""
        return f"{np.mean(values):{sign}.3f}{scatter}"

    ways = [way for way in runs[0] if way not in ("n", "counts")]
    cells = [f"{runs[0][ways[0]][name]['first']:.3f}" for name in HEADLINES]
    found = [["base", *cells]]
    for way in ways:
        cells = []
        for name in HEADLINES:
            of = [run[way][name] for run in runs]
            low, high = of[0]["interval"]
            cells.append(
                f"{told([one['second'] for one in of])}\n"
                f"{told([one['difference'] for one in of], '+')} "
                f"({low:+.3f} to {high:+.3f})"
            )
        found.append([way, *cells])
    return found


def main() -> None:
    """Measure the survey, adapt, score, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--base", nargs="+", default=["ztfsims-gru"])
    parser.add_argument("--survey")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--passbands")
    parser.add_argument("--years")
    parser.add_argument("--objects", type=int, default=5000)
    parser.add_argument("--classes", default="bts")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    data = read(args.table)
    classes = scored(data, args.classes)
    data = data.take(np.flatnonzero(class_indices(data.labels, classes) >= 0))
    if args.passbands:
        names = np.array([one.name for one in data.passbands])
        data = data.keep(np.isin(names, args.passbands.split(","))[data.band])
    console = Console(width=150)
    survey = survey_of(args, data, console)
    years = tuple(map(int, args.years.split(","))) if args.years else None
    shares = trained_shares(classes)
    bases = {name: zoo.load(name) for name in args.base}
    before = {name: predicted(base, data, classes) for name, base in bases.items()}
    runs: dict[str, dict[str, list[dict]]] = {}
    began = time.process_time()
    for seed in range(args.seeds):
        simulated = simulate(survey, objects=args.objects, seed=seed, years=years)
        called = simulated_name(survey, args.objects, seed, years)
        for name in bases:
            adapted = adapt_model(
                *(name, "mine", simulated), name=called, seed=seed, progress=False
            ).model
            after = predicted(adapted, data, classes)
            for metadata, of in after.items():
                one = compared(before[name][metadata], of, shares)
                runs.setdefault(name, {}).setdefault(metadata, []).append(one)
        if args.json:
            versions = {name: base.preset.version for name, base in bases.items()}
            about = {"table": str(args.table), "classes": classes, "versions": versions}
            args.json.write_text(json.dumps({**about, "runs": runs}, indent=1))
    spent = (time.process_time() - began) / args.seeds / len(bases)
    console.print(f"{args.table.name}, survey {survey.name}, {spent:.0f} s a model")
    for name, by_metadata in runs.items():
        for metadata, results in by_metadata.items():
            counts = zip(classes, results[0]["counts"], strict=True)
            title = (
                f"{name} {bases[name].preset.version}, metadata: {metadata}; "
                f"n {results[0]['n']} of {len(data)}: "
                f"{', '.join(f'{label} {n}' for label, n in counts)}"
            )
            shown = Table("way", *HEADLINES, title=title, title_justify="left")
            for row in rows(results):
                shown.add_row(*row)
            console.print(shown)


if __name__ == "__main__":
    main()
