"""One trial of a study: a method, a number of labels, a run; trained and scored.

And the base model of the protocol `paper` that trials of one run start from.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from zoo.classifier.classifier import TransientClassifier
from zoo.classifier.load import load
from zoo.classifier.save import save
from zoo.evaluation.early import auroc_by_days
from zoo.evaluation.predictions import Predictions, predict_labelled
from zoo.evaluation.scores import HEADLINES, bootstrap, score
from zoo.inference.runtime import predict
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset
from zoo.recipe import RECIPES, Recipe
from zoo.study.design import Design, Trial
from zoo.study.files import base_folder
from zoo.study.protocols import OWN_BASE, PAPER_BASE, Method, paper_split
from zoo.taxonomy import class_indices
from zoo.training.fit import fit
from zoo.training.labels.labelled import with_passbands
from zoo.training.labels.stratified import Parts
from zoo.training.train_model import train_model
from zoo.training.transfer_model import with_fresh_weights

REPLICATES = 200
"""Bootstrap replicates that a trial keeps."""

_DIGITS = 5

# The model of a method is used again for every trial of a process: a new one would have
# its training step traced again, which takes longer than a small fit.
_models: dict[tuple[Method, tuple[str, ...]], TransientClassifier] = {}


def run_trial(
    trial: Trial, design: Design, light_curves: LightCurves, out: Path
) -> dict[str, Any]:
    """Train and score one trial.

    Args:
        trial: which one.
        design: of the study.
        light_curves: labelled ones, all with a trigger and a class of the design.
        out: folder of the study, which holds its own base models.

    Returns:
        `method`, `labels`, `run`; `n`, number of objects scored; `with_metadata` and
        `light_curve_alone`, scores (see `_scores`); `by_days`, the macro AUROC by days
        since trigger; and for a trial with labels `fit`: epochs, losses, seconds,
        layers and the temperature.

    Raises:
        ValueError: a method without a base has no labels.
    """
    method = next(m for m in design.methods if m.name == trial.method)
    codes = class_indices(light_curves.labels, design.classes)
    chosen = design.parts(codes, trial.labels, trial.run)
    source = None
    if method.base is not None:
        own = method.base == OWN_BASE
        source = _loaded(str(base_folder(out, trial.run)) if own else method.base)
    result: dict[str, Any] = {**asdict(trial), "n": len(chosen.test)}
    if trial.labels:
        model = _start(method, source, design, trial)
        recipe = RECIPES[method.recipe]
        result["fit"] = _train(
            model, recipe, light_curves, codes, chosen, design, trial
        )
    elif source is not None:
        model = source
    else:
        raise ValueError(f"{trial.method} cannot classify without a label.")
    tested = light_curves.take(chosen.test)
    whole = predict_labelled(model, tested, design.classes)
    alone = predict_labelled(model, tested.without_metadata(), design.classes)
    result["with_metadata"] = _scores(whole, trial.run)
    result["light_curve_alone"] = _scores(alone, trial.run)
    result["by_days"] = {
        str(days): None if point is None else round(point[0], _DIGITS)
        for days, point in auroc_by_days(whole).items()
    }
    return result


def train_base(
    light_curves: LightCurves,
    classes: Sequence[str],
    folder: Path,
    *,
    name: str,
    run: int,
) -> None:
    """Train the base model of one run as in arXiv 2502.18558 and write its folder.

    The network without metadata branch, the paper's features and recipe, in the classes
    of the target: the paper's base for BTS knows the five merged classes.

    Args:
        light_curves: simulated ZTF light curves.
        classes: of the target.
        folder: model folder to write.
        name: of the data.
        run: number of the run, which is the seed.
    """
    preset = Preset(
        "base-gru",
        tuple(classes),
        survey="ztfsims",
        preprocessing=Preprocessing(features="paper", metadata=()),
    )
    codes = class_indices(light_curves.labels, classes)
    held = light_curves.take((codes >= 0).nonzero()[0])  # BTS has no AGN
    outcome = train_model(
        preset, held, name=name, recipe="paper", seed=run, progress=False
    )
    save(outcome.model, folder, metrics=outcome.metrics)


@cache
def _loaded(name: str) -> TransientClassifier:
    return load(name)


def _start(
    method: Method, source: TransientClassifier | None, design: Design, trial: Trial
) -> TransientClassifier:
    """The model of a trial before it is trained."""
    template = source
    if template is None:  # from scratch: the network of the base it is compared with
        paper = design.protocol == "paper"
        template = _loaded(PAPER_BASE if paper else str(design.methods[0].base))
    new = template.transfer(
        design.target, classes=design.classes, train=method.train, seed=trial.run
    )
    if source is None:
        new = with_fresh_weights(new, trial.run)
    used = _models.setdefault((method, design.classes), new)
    used.set_weights(new.get_weights())
    used.split = new.split  # what it learned in another trial, it has forgotten
    return used


def _train(
    model: TransientClassifier,
    recipe: Recipe,
    light_curves: LightCurves,
    codes: np.ndarray,
    chosen: Parts,
    design: Design,
    trial: Trial,
) -> dict[str, Any]:
    train = light_curves.take(chosen.train)
    validation = light_curves.take(chosen.validation)
    # In the passbands of the labels, which `fit` takes up: the base may lack some.
    knows = with_passbands(model.preset, train).preprocessing
    inputs = preprocess(validation, knows)
    truth = codes[chosen.validation][inputs.index]
    own = predict(model, inputs)[np.arange(len(inputs)), truth]
    before = float(-np.log(np.maximum(own, 1e-7)).mean())
    report = fit(
        model,
        train,
        validation,
        recipe=recipe,
        class_weight=_class_weight(codes, design),
        seed=trial.run,
        progress=False,
    )
    return {
        "epochs": report.epochs,
        "best_epoch": report.best_epoch,
        "validation_loss": _rounded([before, *report.validation_loss]),
        "seconds": round(report.seconds, 2),
        "objects": report.objects,
        "trained": list(report.trained),
        "temperature": round(report.temperature, 4),
        "fraction": round(report.fraction, 4),
    }


def _class_weight(codes: np.ndarray, design: Design) -> dict[str, float] | None:
    """N / n_c over the whole training part, as arXiv 2502.18558 weighs its classes."""
    if design.protocol != "paper":
        return None
    train, _, _ = paper_split(codes, design.target)
    counts = np.bincount(codes[train], minlength=len(design.classes))
    weights = len(train) / np.maximum(counts, 1)
    return dict(zip(design.classes, weights.tolist(), strict=True))


def _scores(predictions: Predictions, run: int) -> dict[str, Any]:
    """Scores of a trial: HEADLINES, `ece`, `log_loss`, `accuracy`, AUROC and F1 by
    class, and `replicates`, a bootstrap of HEADLINES over the objects.

    The same objects are drawn for every method of a run, so that their differences have
    narrower intervals than each alone.
    """
    probabilities, truth = predictions.probabilities, predictions.truth
    scores = score(probabilities, truth, predictions.classes, seed=run, replicates=1)
    drawn, _ = bootstrap(probabilities, truth, seed=run, replicates=REPLICATES)
    return {
        **{name: scores[name] for name in (*HEADLINES, "ece", "log_loss", "accuracy")},
        "per_class": {
            label: {key: values[key] for key in ("n", "auroc", "f1")}
            for label, values in scores["per_class"].items()
        },
        "replicates": {name: _rounded(drawn[name]) for name in HEADLINES},
    }


def _rounded(values: Sequence[float] | np.ndarray) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
