"""What the column `trust` is worth, and what `zoo.drift` notices.

    python benchmarks/trust.py TABLE ... [--models A,B] [--taxonomy bts] [--objects N]
                               [--json FILE]

TABLE is labelled data that zoo reads, of objects that no model was trained on. For each
table and model: the share of the labelled objects with each word, and the accuracy and
the mean highest probability among them and among the others, with 95 % intervals from a
bootstrap over objects; and the same for rules that are not among the words. Then the
share of simulated objects with each word, of classes that the models know and of those
that none was trained on; the same tables with a fault in their fluxes; and how often
`zoo.drift` raises an alarm where something has changed, and where nothing has. Prints
tables in Markdown.
"""

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from novelty import MODELS, SURVEYS, UNSEEN, YEARS, simulated
from rich.console import Console

import zoo
from zoo.evaluation.reliability import reliability
from zoo.inference import novelty
from zoo.inference.classify import classified
from zoo.inference.novelty import Usual
from zoo.inference.runtime import Runtime
from zoo.inference.trust import OK, WORDS, Trust
from zoo.inputs.preprocess import to_inputs, triggers
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.accept import read_objects
from zoo.taxonomy import TAXONOMIES, class_indices, collapse

RATES = (0.01, 0.05, 0.10)  # of false alarms, for comparison
DRAWS = 1000  # of the bootstrap
PAIRS, SAMPLE = 200, 300  # comparisons by `zoo.drift`, and objects in each of the two


@dataclass
class Judged:
    """Objects that a model has classified.

    Attributes:
        table: with the columns `novelty` and `trust`, of those with probabilities.
        top: the highest probability among the classes of the taxonomy.
        correct: whether its class is the true one.
        known: whether the label has a place in the taxonomy.
        points: number of rows within the window.
        metadata: of these objects.
    """

    table: pd.DataFrame
    top: np.ndarray
    correct: np.ndarray
    known: np.ndarray
    points: np.ndarray
    metadata: pd.DataFrame

    @classmethod
    def by(cls, runtime: Runtime, data: LightCurves, classes) -> "Judged":
        """Classify light curves."""
        inputs = to_inputs(data, runtime.preset.preprocessing)
        usual, trust = Usual.of(runtime), Trust.of(runtime)
        table = classified(runtime, data, inputs, usual, trust)[0].iloc[inputs.index]
        own = runtime.preset.classes
        probabilities = collapse(table[[*own]].to_numpy(), own, classes)
        truth = class_indices(data.labels[inputs.index], classes)
        return cls(
            table,
            probabilities.max(1),
            probabilities.argmax(1) == truth,
            truth >= 0,
            inputs.lengths,
            data.metadata.iloc[inputs.index],
        )


def rules(judged: Judged) -> dict[str, np.ndarray]:
    """Which objects each word flags, all words together, and rules that are none."""
    word = judged.table["trust"].to_numpy()
    return {
        **{name: word == name for name in WORDS},
        "any word": word != OK,
        "no word: 5 points or fewer": judged.points <= 5,
        "no word: 10 points or fewer": judged.points <= 10,
        "no word: redshift unknown": judged.metadata["redshift"].isna().to_numpy(),
        "no word: E(B-V) above 0.3": judged.metadata["mwebv"].to_numpy() > 0.3,
    }


def within_and_without(judged: Judged, flagged: np.ndarray) -> dict[str, list]:
    """Share, accuracy and highest probability, each with its interval."""
    flagged, known = flagged[judged.known], judged.known
    correct, top = judged.correct[known], judged.top[known]
    generator = np.random.default_rng(0)
    draws = generator.integers(0, len(flagged), (DRAWS, len(flagged)))

    def mean(values: np.ndarray, of: np.ndarray) -> list:
        chosen = of[draws]
        count = chosen.sum(1)
        drawn = (values[draws] * chosen).sum(1)[count > 0] / count[count > 0]
        interval = np.quantile(drawn, (0.025, 0.975)) if of.any() else [np.nan] * 2
        return [float(values[of].mean()) if of.any() else np.nan, *map(float, interval)]

    every = np.ones(len(flagged), bool)
    return {
        "n": [int(flagged.sum()), len(flagged)],
        "share": mean(flagged.astype(float), every),
        "accuracy": mean(correct, flagged),
        "accuracy of others": mean(correct, ~flagged),
        "probability": mean(top, flagged),
        "probability of others": mean(top, ~flagged),
    }


def of_tables(tables: dict[str, LightCurves], models, classes) -> Iterator[dict]:
    """The words, and the rules that are none, on real light curves."""
    for name, data in tables.items():
        for model in models:
            judged = Judged.by(Runtime.load(model), data, classes)
            for rule, flagged in rules(judged).items():
                if (flagged & judged.known).any():
                    row = {"table": name, "model": model, "rule": rule}
                    yield row | within_and_without(judged, flagged)


def shares(judged: Judged, chosen: np.ndarray) -> dict[str, float]:
    """The share of some objects with each word, and with any."""
    word = judged.table["trust"].to_numpy()[chosen]
    return {
        "n": int(chosen.sum()),
        **{name: float(np.mean(word == name)) for name in WORDS},
        "any word": float(np.mean(word != OK)),
    }


def of_classes(models, objects: int) -> Iterator[dict]:
    """The words on simulated light curves, with redshifts and without."""
    for model in models:
        runtime = Runtime.load(model)
        for survey in SURVEYS.get(model, ("ztfsims",)):
            for seed, classes in ((77, None), (78, UNSEEN)):
                data = simulated(survey, objects, seed, classes)
                for redshift, one in (
                    ("known", data),
                    ("unknown", data.without_metadata()),
                ):
                    judged = Judged.by(runtime, one, runtime.preset.classes)
                    label = judged.metadata["label"].to_numpy()
                    for name in classes or ("all that it knows",):
                        chosen = label == name if classes else np.ones(len(label), bool)
                        row = {"model": model, "survey": survey, "class": name}
                        yield row | {"redshifts": redshift} | shares(judged, chosen)


def of_real_unseen(tables: dict[str, LightCurves], models, classes) -> Iterator[dict]:
    """The words on real objects whose label no model knows."""
    for name, data in tables.items():
        for model in models:
            runtime = Runtime.load(model)
            judged = Judged.by(runtime, data, runtime.preset.classes)
            label = judged.metadata["label"].fillna("").to_numpy()
            chosen = ~judged.known & (label != "")
            if chosen.any():
                row = {"table": name, "model": model}
                yield row | shares(judged, chosen)


def of_rates(models, objects: int) -> Iterator[dict]:
    """Share of ordinary simulated objects above the cut, at several rates, as the bases
    have learned them and with the season of the peak alone."""
    for model in models:
        runtime = Runtime.load(model)
        for survey in SURVEYS.get(model, ("ztfsims",)):
            for seasons, years in (("nine", YEARS), ("one", None)):
                data = simulated(survey, objects, 77, years=years)
                for number, redshift in enumerate(("known", "unknown")):
                    one = data.without_metadata() if number else data
                    score = zoo.novelty(runtime, one)["novelty"]
                    place = {"model": model, "survey": survey, "seasons": seasons}
                    row = place | {"redshift": redshift}
                    for rate in RATES:
                        novelty.FALSE_ALARMS = rate
                        cut = Usual.of(runtime).cut[number]
                        row[f"{rate:.0%}"] = float((score > cut).mean())
                    novelty.FALSE_ALARMS = 0.05
                    yield row


def scaled(flux: float, error: float | None = None):
    """A change of all fluxes, and of their errors, by factors."""
    factors = np.float32(flux), np.float32(flux if error is None else error)
    return lambda data: replace(
        data, flux=data.flux * factors[0], flux_err=data.flux_err * factors[1]
    )


def young(data: LightCurves) -> LightCurves:
    """Light curves until ten days after their trigger."""
    trigger = triggers(data, Runtime.load(MODELS[0]).preset.preprocessing)
    start = np.where(trigger >= 0, data.mjd[trigger], -np.inf)
    return data.keep(data.mjd <= np.repeat(start + 10, data.lengths))


def fewer_snia(data: LightCurves) -> LightCurves:
    """Every other SN Ia left out."""
    snia = np.flatnonzero(data.labels == "SNIa")
    return data.take(np.setdiff1d(np.arange(len(data)), snia[::2]))


def tenth_unseen(data: LightCurves) -> LightCurves:
    """One in ten objects of a class that no model knows."""
    unseen = simulated("ztfsims", len(data) // 9, 79, UNSEEN).without_metadata()
    return concatenate([data, unseen])


FAULTS = {
    "microjansky (23.9) as 27.5": scaled(1 / 27.5),
    "nanojansky (31.4) as 27.5": scaled(36.3),
    "1 mag too bright": scaled(2.5),
    "1 mag too faint": scaled(0.4),
}

CHANGES = {
    "nothing": lambda data: data,
    "every other SN Ia left out": fewer_snia,
    "redshifts and E(B-V) unknown": lambda data: data.without_metadata(),
    "10 days after trigger": young,
    "one in ten of an unseen class": tenth_unseen,
    "0.1 mag too bright": scaled(1.1),
    "0.5 mag too bright": scaled(1.6),
    "1 mag too bright": scaled(2.5),
    "errors half as large": scaled(1, 0.5),
}


def of_faults(tables: dict[str, LightCurves], models, classes) -> Iterator[dict]:
    """Accuracy and words where all fluxes are wrong."""
    for name, data in tables.items():
        for model in models:
            for fault, change in FAULTS.items():
                judged = Judged.by(Runtime.load(model), change(data), classes)
                row = {"table": name, "model": model, "fault": fault}
                row["accuracy"] = float(judged.correct[judged.known].mean())
                row["probability"] = float(judged.top[judged.known].mean())
                yield row | shares(judged, judged.known)


def of_changes(name: str, data: LightCurves, model: str, classes) -> Iterator[dict]:
    """How often there is an alarm between two samples of different objects."""
    runtime, generator = Runtime.load(model), np.random.default_rng(0)
    before = Judged.by(runtime, data, classes).table
    for change, apply in CHANGES.items():
        judged = Judged.by(runtime, apply(data), classes)
        alarms, figures = 0, Counter()
        for _ in range(PAIRS):
            one = before.iloc[generator.permutation(len(before))[:SAMPLE]]
            rest = np.flatnonzero(~judged.table.index.isin(one.index))
            two = judged.table.iloc[generator.permutation(rest)[:SAMPLE]]
            drifted = zoo.drift(one, two)["drifted"]
            alarms += bool(drifted.any())
            figures.update(drifted.index[drifted])
        top, correct = judged.top[judged.known], judged.correct[judged.known]
        bins = reliability(top, correct)
        gaps = [b["n"] * abs(b["confidence"] - b["accuracy"]) for b in bins if b["n"]]
        yield {
            "table": name,
            "model": model,
            "change": change,
            "accuracy": float(correct.mean()),
            "probability": float(top.mean()),
            "ece": sum(gaps) / len(top),
            "alarms": alarms / PAIRS,
            "most often": ", ".join(
                f"{x} {n / PAIRS:.0%}" for x, n in figures.most_common(3)
            ),
        }


def shown(value) -> str:
    """A cell: a share or a mean, with its interval where it has one."""
    if isinstance(value, list) and len(value) == 3:
        value, low, high = value
        return "-" if np.isnan(value) else f"{value:.3f} ({low:.3f}-{high:.3f})"
    if isinstance(value, list):
        return f"{value[0]} of {value[1]}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def show(title: str, rows: list[dict]) -> None:
    """Print a table in Markdown."""
    out = Console(width=1000, highlight=False).out
    out(f"\n{title}\n")
    if not rows:
        return
    out("| " + " | ".join(rows[0]) + " |")
    out("|" + "---|" * len(rows[0]))
    for row in rows:
        out("| " + " | ".join(map(shown, row.values())) + " |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="+", type=Path)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--taxonomy", default="bts")
    parser.add_argument("--objects", type=int, default=1500)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    classes, models = TAXONOMIES[args.taxonomy], args.models.split(",")
    tables = {path.name: read_objects(path, None) for path in args.tables}
    largest = max(tables, key=lambda name: len(tables[name]))
    results = {
        "words": list(of_tables(tables, models, classes)),
        "real objects of unseen classes": list(of_real_unseen(tables, models, classes)),
        "simulated": list(of_classes(models, args.objects)),
        "rates of false alarms": list(of_rates(models, args.objects)),
        "faults": list(of_faults(tables, models, classes)),
        "drift": [
            row
            for model in models
            for row in of_changes(largest, tables[largest], model, classes)
        ],
    }
    for title, rows in results.items():
        show(title, rows)
    if args.json:
        args.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
