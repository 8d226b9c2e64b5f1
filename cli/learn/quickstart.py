"""`zoo-cli quickstart`: the main job from end to end, offline, in minutes."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.shell.arguments import Overwrite
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.terminal import say
from zoo.system.atomic import new_files, refuse_existing

if TYPE_CHECKING:
    from zoo.light_curves.ragged import LightCurves

BASE = "ztfsims-gru"
OBJECTS = 5000
BUDGETS = (100, 400)


def quickstart(
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path(
        "zoo-quickstart"
    ),
    overwrite: Overwrite = False,
) -> None:
    """Transfer a ZTF classifier to LSST with a few labels, and measure the gain.

    Simulates LSST light curves, classifies them with `ztfsims-gru` as it is, transfers
    it with 100 to 400 labels, and trains the same network from scratch on the same
    labels. Writes report.md, learning_curves.png, results.json and the transferred
    model.

    Example: zoo-cli quickstart --out zoo-quickstart
    """
    from zoo.datasets import registry
    from zoo.figures.axes import save
    from zoo.figures.learning import learning_curves_figure

    for name in ("model", "report.md"):  # what was simulated is used again
        refuse_existing(out / name, overwrite)
    import_keras()
    out.mkdir(parents=True, exist_ok=True)
    say(f"Simulating {OBJECTS} LSST light curves ...")
    data_set = registry.builder(
        "lsstsims", objects=OBJECTS, seed=1, data_dir=out / "data"
    )
    light_curves = registry.load_light_curves(data_set)
    name = data_set.info.full_name

    say(f"Classifying them with {BASE} as it is ...")
    results = {"data": name, "zero_shot": _zero_shot(light_curves, name)}
    for title, scratch in (("transfer", False), ("from scratch", True)):
        results[title] = [
            _run(light_curves, labels, scratch, name, out) for labels in BUDGETS
        ]
    zero = results["zero_shot"]
    curves = {"transfer": [(0, zero["macro_auroc"], *zero["intervals"]["macro_auroc"])]}
    for title in ("transfer", "from scratch"):
        curves.setdefault(title, []).extend(
            (run["labels"], run["macro_auroc"], *run["interval"])
            for run in results[title]
        )
    figure = learning_curves_figure(curves)
    figure.axes[0].set_title(f"{BASE} moved to LSST (simulated)")
    save(figure, out / "learning_curves.png")
    report = _report(results)
    with new_files(out / "results.json", out / "report.md") as (figures, text):
        figures.write_text(json.dumps(results, indent=2), encoding="utf-8")
        text.write_text(report, encoding="utf-8")
    say(*report.splitlines())
    say(f"Report and figure: {out / 'report.md'}")


def _zero_shot(light_curves: "LightCurves", name: str) -> dict[str, Any]:
    import warnings

    import numpy as np

    import zoo
    from zoo.light_curves.examples import SPLIT_COLUMN

    test = np.flatnonzero(light_curves.metadata[SPLIT_COLUMN] == "test")
    with warnings.catch_warnings():
        # The base was trained on two passbands only, which is the point here.
        warnings.filterwarnings("ignore", message="the model was not trained on")
        return zoo.evaluate(zoo.load(BASE), light_curves.take(test), name=name)


def _run(
    light_curves: "LightCurves", labels: int, scratch: bool, name: str, out: Path
) -> dict[str, Any]:
    import zoo
    from zoo.training.transfer_model import transfer_model

    say(f"{'From scratch' if scratch else 'Transfer'} with {labels} labels ...")
    outcome = transfer_model(
        BASE, "lsst", light_curves, name=name, labels=labels, from_scratch=scratch
    )
    if not scratch:
        zoo.save(
            outcome.model,
            out / "model",
            metrics=outcome.metrics,
            split=outcome.split,
            overwrite=True,  # of fewer labels
        )
    return {
        "labels": labels,
        "macro_auroc": outcome.metrics["macro_auroc"],
        "interval": outcome.metrics["intervals"]["macro_auroc"],
        "epochs": outcome.report.epochs,
        "seconds": round(outcome.report.seconds, 1),
    }


def _report(results: dict[str, Any]) -> str:
    zero = results["zero_shot"]
    low, high = zero["intervals"]["macro_auroc"]
    rows = "\n".join(
        f"| {moved['labels']} | {_with_interval(moved)} | {_with_interval(fresh)} |"
        for moved, fresh in zip(
            results["transfer"], results["from scratch"], strict=True
        )
    )
    return f"""# {BASE} moved to LSST

Macro AUROC over the 12 classes on {zero["n"]} simulated LSST light curves that no \
model saw ({results["data"]}, test split), with 95 % bootstrap intervals; one seed.

As it is, without a label: {zero["macro_auroc"]:.3f} ({low:.3f} to {high:.3f}).

| labels | transfer | from scratch |
|---|---|---|
{rows}

![Macro AUROC against the number of labels](learning_curves.png)

The transferred model is in `model/`; next, transfer one to your own light curves:

    zoo-cli transfer ztfsims-gru --target mine --data my_table --classes data --out mine
"""


def _with_interval(run: dict[str, Any]) -> str:
    low, high = run["interval"]
    return f"{run['macro_auroc']:.3f} ({low:.3f} to {high:.3f})"
