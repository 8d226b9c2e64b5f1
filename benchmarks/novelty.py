"""How well `zoo.novelty` detects classes that a model was not trained on: AUROC.

    python benchmarks/novelty.py [MODEL ...] [--objects N] [--json FILE]

Simulates, in the survey of the model, classes that no model of the zoo was trained on
(KN, CaRT, ILOT, PISN, uLens) and the classes it was trained on, with seeds other than
those of the training data, and ranks the objects by novelty. The two ingredients of
novelty are scored alone as well: the entropy of the probabilities, and the distance
from known objects in the latent layer.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

import zoo
from zoo.datasets.simulator import simulate
from zoo.inference.novelty import Usual, _entropy, _nearest
from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import preprocess
from zoo.light_curves import concatenate

MODELS = ("ztfsims-gru", "lsstsims-gru", "anysims-gru")
UNSEEN = ("KN", "CaRT", "ILOT", "PISN", "uLens")
YEARS = (4, 4)  # before and after the season of the peak, as the bases have learned
SURVEYS = {"lsstsims-gru": ("lsstsims",), "anysims-gru": ("ztfsims", "lsstsims")}


def simulated(survey: str, objects: int, seed: int, classes=None, years=YEARS):
    """Simulated light curves, all at once."""
    options = {"objects": objects, "seed": seed, "classes": classes, "years": years}
    return concatenate(list(simulate(survey, **options)))


def scores(model, light_curves) -> dict[str, np.ndarray]:
    """Novelty, and its two ingredients."""
    runtime = Runtime.of(model)
    usual = Usual.of(runtime)
    inputs = preprocess(light_curves, model.preset.preprocessing)
    latent, probabilities = runtime.run(inputs, "latent", "probabilities")
    return {
        "novelty": usual.score(latent, probabilities),
        "entropy": _entropy(probabilities),
        "distance": _nearest(latent / usual.scale, usual.latent),
    }


def measure(name: str, survey: str, objects: int) -> list[dict]:
    """AUROC of every score and class, for one model and survey."""
    model = zoo.load(name)
    known, unseen = (
        simulated(survey, objects, 77),
        simulated(survey, objects, 78, UNSEEN),
    )
    of_known, of_unseen = scores(model, known), scores(model, unseen)
    rows = []
    for score in of_known:
        row = {"model": name, "survey": survey, "score": score}
        for label in UNSEEN:
            of_label = of_unseen[score][unseen.labels == label]
            values = np.concatenate([of_known[score], of_label])
            is_new = np.repeat([0, 1], [len(known), len(of_label)])
            row[label] = float(roc_auc_score(is_new, values))
        row["mean"] = float(np.mean([row[label] for label in UNSEEN]))
        rows.append(row)
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=MODELS)
    parser.add_argument("--objects", type=int, default=3000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.filterwarnings("ignore", message="the model was not trained on")
    rows = [
        row
        for name in args.models
        for survey in SURVEYS.get(name, ("ztfsims",))
        for row in measure(name, survey, args.objects)
    ]
    table = Table("model", "survey", "score", *UNSEEN, "mean")
    for row in rows:
        numbers = (f"{row[key]:.3f}" for key in (*UNSEEN, "mean"))
        table.add_row(row["model"], row["survey"], row["score"], *numbers)
    Console().print(table)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
