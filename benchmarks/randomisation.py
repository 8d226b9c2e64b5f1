"""Which domain randomisation helps: train with all of it, then without each part.

    python benchmarks/randomisation.py TABLE [--objects N] [--epochs E] [--seeds S]
                                       [--only NAME ...] [--json FILE]

TABLE is a light-curve table with labels of the BTS taxonomy. Every variant trains a new
`ztfsims-gru` on simulated light curves and is scored on TABLE without metadata.
Simulation, order and initial weights share the seed, so variants differ in one respect.
A variant takes about 5 minutes on one core with the default numbers.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from rich.console import Console
from rich.table import Table

import zoo
from zoo.classifier import TransientClassifier
from zoo.datasets.simulator import PLAIN, Randomisation, simulate
from zoo.datasets.simulator.surveys import SURVEYS
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.folder import read_folder
from zoo.model_folder.preset import Preset
from zoo.recipe import RECIPES
from zoo.taxonomy import BTS, TAXONOMIES

SIMULATION = {
    "population spreads": {"spread": PLAIN.spread},
    "cadence dropout": {"dropout": PLAIN.dropout},
    "band dropout": {"band_dropout": PLAIN.band_dropout},
    "error inflation": {"error_inflation": PLAIN.error_inflation},
    "calibration and residual": {
        "calibration": PLAIN.calibration,
        "residual": PLAIN.residual,
    },
}
TRAINING = {
    "earlier moments": {"prefixes": 0},
    "thinning": {"thinning": 0.0},
    "redshift and mwebv dropout": {"metadata_dropout": 0.0},
}
MODES = {"alerts and forced mixed (all forced)": {"alerts": 0.0, "cut": 0.0}}
EVERYTHING = "all of it"
SCORES = ("macro_auroc", "macro_f1", "balanced_accuracy")


def main() -> None:
    """Run the variants and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    variants = [EVERYTHING, *SIMULATION, *TRAINING, *MODES]
    parser.add_argument("table", type=Path)
    parser.add_argument("--objects", type=int, default=36_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=variants, help="variants to run")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()

    target = read_folder(args.table)
    target.metadata[["redshift", "mwebv"]] = np.nan
    results = {}
    for name in variants:
        if args.only and name not in args.only:
            continue
        results[name] = [
            score(name, target, args.objects, args.epochs, seed)
            for seed in range(args.seeds)
        ]
        show(results)
        if args.json:
            args.json.write_text(json.dumps(results, indent=1))


def score(
    without: str, target: LightCurves, objects: int, epochs: int, seed: int
) -> dict[str, float]:
    """Train one variant and score it."""
    survey, shipped = "ztfsims", SURVEYS["ztfsims"]
    SURVEYS[survey] = replace(shipped, **MODES.get(without, {}))
    randomisation = replace(Randomisation(), **SIMULATION.get(without, {}))
    chunks = simulate(survey, objects=objects, seed=seed, randomisation=randomisation)
    light_curves = concatenate(list(chunks))
    SURVEYS[survey] = shipped
    recipe = replace(RECIPES["zoo"], **TRAINING.get(without, {}))
    keras.utils.set_random_seed(seed)
    model = TransientClassifier(Preset("variant", TAXONOMIES[survey], survey=survey))
    zoo.fit(model, light_curves, epochs=epochs, recipe=recipe, seed=seed)
    result = zoo.evaluate(model, target, taxonomy=BTS)
    return {key: result[key] for key in SCORES}


def show(results: dict[str, list[dict[str, float]]]) -> None:
    """Print medians over the seeds, with their range if there are several."""
    table = Table("without", *SCORES)
    for name, runs in results.items():
        cells = []
        for key in SCORES:
            values = [run[key] for run in runs]
            spread = f" ({min(values):.3f} to {max(values):.3f})"
            cells.append(f"{np.median(values):.3f}{spread if len(values) > 1 else ''}")
        table.add_row("nothing" if name == EVERYTHING else name, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
