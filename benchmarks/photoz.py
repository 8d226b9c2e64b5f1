"""What photometric redshifts are worth, beside spectroscopic ones and none.

    python benchmarks/photoz.py TABLE [TABLE ...] [--model MODEL ...] [--draws N]

The redshifts of each table are scattered by 0.03 (1 + z), and 5 % of the objects get
the redshift of another one. The models are given the error with them; the last column
of the three keeps the error from them, as if the redshifts were exact.
"""

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import zoo
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves

SCATTER, OUTLIERS = 0.03, 0.05


def photometric(data: LightCurves, seed: int, told: bool = True) -> LightCurves:
    """The same light curves with photometric redshifts, and their errors if `told`."""
    random = np.random.default_rng(seed)
    exact = data.metadata["redshift"].to_numpy(np.float64)
    known = np.flatnonzero(np.isfinite(exact))
    error = SCATTER * (1 + exact)
    redshift = exact + error * random.standard_normal(len(exact))
    wrong = known[random.random(len(known)) < OUTLIERS]
    redshift[wrong] = exact[random.choice(known, len(wrong))]
    columns = {"redshift": np.maximum(redshift, 1e-3)}
    if told:
        columns["redshift_err"] = error
    columns = {name: values.astype(np.float32) for name, values in columns.items()}
    return replace(data, metadata=data.metadata.assign(**columns))


def figures(model, data: LightCurves) -> tuple[float, float]:
    """Macro AUROC and macro F1."""
    classes = set(model.preset.classes)
    taxonomy = None if set(data.labels) - {""} <= classes else "bts"
    scores = zoo.evaluate(model, data, taxonomy=taxonomy)
    return scores["macro_auroc"], scores["macro_f1"]


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, nargs="+")
    parser.add_argument("--model", nargs="+", default=["ztfsims-gru", "lsstsims-gru"])
    parser.add_argument("--draws", type=int, default=5)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    columns = ("none", "photometric", "photometric, error unknown", "spectroscopic")
    shown = Table("table", "model", *columns)
    for table in args.table:
        data = read(table)
        for name in args.model:
            model, draws = zoo.load(name), range(args.draws)
            found = (
                [figures(model, data.without_metadata())],
                [figures(model, photometric(data, seed)) for seed in draws],
                [figures(model, photometric(data, seed, False)) for seed in draws],
                [figures(model, data)],
            )
            means = [np.mean(one, axis=0) for one in found]
            cells = [f"{auroc:.3f} / {f1:.3f}" for auroc, f1 in means]
            shown.add_row(table.name, name, *cells)
    Console(width=140).print(shown)


if __name__ == "__main__":
    main()
