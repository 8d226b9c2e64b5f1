"""Fine-tune a base on the simulated light curves of a survey; then, on its labels.

Whether that pays is decided by labels where there are any: the adapted base is the
start of a transfer only where it predicts them surely better than the base itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from zoo.classifier.classifier import TransientClassifier
from zoo.classifier.load import load
from zoo.hub.find import find
from zoo.inference.runtime import predict
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import class_indices, resolve_classes
from zoo.training.interpolate import log_loss, surest
from zoo.training.labels.labelled import labelled_inputs, with_passbands
from zoo.training.labels.stratified import label_budget, parts
from zoo.training.outcome import Name, Outcome, fit_and_measure
from zoo.training.transfer_model import transfer_model


class Adapted(NamedTuple):
    """A transfer that had a simulated survey to start from.

    Attributes:
        outcome: of the transfer.
        kept: whether it started from the adapted base.
        labels: number of labels that decided it.
        log_losses: of the base and of the adapted base, on these.
    """

    outcome: Outcome
    kept: bool
    labels: int
    log_losses: tuple[float, float]


def adapt_model(
    base: Name,
    target: str,
    survey: LightCurves,
    *,
    name: str,
    classes: str | Sequence[str] | None = None,
    window: tuple[float, float] | None = None,
    epochs: int | None = None,
    seed: int = 0,
    progress: bool = True,
    **own: Any,
) -> Outcome:
    """Fine-tune all layers of a base on a simulated survey, without a real label.

    Args:
        base: the source, by any name that `zoo.load` takes.
        target: name of the survey, which becomes part of the new model's id.
        survey: simulated light curves, as `zoo.datasets.simulate` makes them. Objects
            whose label has no place among the classes are left out.
        name: what to call them in the model's metrics and card.
        classes: of the new model. Default: the taxonomy of the target's name, else the
            base's classes.
        window: days since trigger that the new model sees. Default: as the base.
        epochs: maximum number of epochs. Default: that of the recipe `adapt`.
        seed: seed of new weights and of the order.
        progress: show a progress bar.
        own: `model_id`, `version` and `license` of `TransientClassifier.transfer`.

    Returns:
        The model, measured on simulated light curves that it was not trained on.

    Raises:
        KeyError: there is no such base.
        ValueError: no simulated object has a place among the classes, or as `zoo.fit`.

    Example:
        >>> import zoo
        >>> outcome = adapt_model(
        ...     "ztfsims-gru-lite", "mine", zoo.datasets.simulate("atlas", objects=60),
        ...     name="atlas", progress=False)
        >>> outcome.model.preset.training["labels"]
        0
    """
    found = find(base)
    if classes is not None:
        classes = resolve_classes(classes)
    model = load(found).transfer(
        target, classes=classes, train="all", window=window, seed=seed, **own
    )
    has_place = class_indices(survey.labels, model.preset.classes) != -2
    if not has_place.any():
        raise ValueError(
            "no simulated object has a place among the classes "
            f"{', '.join(model.preset.classes)}. Choose --classes that are simulated, "
            "or omit --survey."
        )
    survey = survey.take(np.flatnonzero(has_place))
    outcome = fit_and_measure(
        model,
        survey,
        parts(model.preset, survey, seed),
        name=name,
        recipe="adapt",
        record={"train": "all", **_record(survey, name)},
        epochs=epochs,
        seed=seed,
        progress=progress,
    )
    training = {**model.preset.training, "labels": 0}
    model.preset = model.preset.replace(training=training)
    # The same simulation with more objects begins with these: they are not scored.
    return replace(
        outcome, split={part: list(ids) for part, ids in model.split.items()}
    )


def transfer_adapted(
    base: Name,
    target: str,
    data: Any,
    survey: LightCurves,
    *,
    name: str,
    survey_name: str,
    classes: str | Sequence[str] | None = None,
    labels: int | None = None,
    window: tuple[float, float] | None = None,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> Adapted:
    """Adapt a base to a simulated survey, and transfer it with labels.

    Args:
        base, target, classes, window, seed, progress: as for `adapt_model`.
        data: labelled light curves, in any form that `zoo.light_curves.accept.read`
            reads.
        survey: simulated light curves.
        name, survey_name: what to call the two in the model's metrics and card.
        labels: number of objects to draw from `data`; None: all.
        options: others of `zoo.training.transfer_model.transfer_model`.

    Raises:
        KeyError, ValueError: as `adapt_model` and `transfer_model`.
    """
    found = find(base)
    columns = options.get("metadata", ())
    preprocessing = found.folder.preset.preprocessing.with_columns(columns)
    where = options.get("where")
    light_curves = read(data, where=where, **preprocessing.reads)
    if classes is not None:
        classes = resolve_classes(classes, light_curves.labels)
    common: dict[str, Any] = {"classes": classes, "window": window, "seed": seed}
    plain = load(found).transfer(target, **common)
    adapted = adapt_model(
        found,
        target,
        survey,
        name=survey_name,
        epochs=options.get("epochs"),
        progress=progress,
        **common,
    ).model
    chosen = label_budget(plain.preset, light_curves, labels, seed)
    drawn = np.sort(np.concatenate([chosen.train, chosen.validation]))
    losses, kept = _compared((plain, adapted), light_curves.take(drawn))
    outcome = transfer_model(
        found,
        target,
        light_curves,
        name=name,
        labels=labels,
        start=adapted if kept else None,
        progress=progress,
        **common,
        **options,
    )
    model = outcome.model
    record = {**_record(survey, survey_name), "survey_kept": kept}
    model.preset = model.preset.replace(training={**model.preset.training, **record})
    return Adapted(outcome, kept, len(drawn), losses)


def _record(survey: LightCurves, name: str) -> dict[str, Any]:
    return {"survey": name, "survey_objects": len(survey)}


def _compared(
    models: tuple[TransientClassifier, TransientClassifier], labelled: LightCurves
) -> tuple[tuple[float, float], bool]:
    """Log losses of two models on labels, and whether the second is surely better."""
    predicted, truth = [], np.array([], np.int64)
    for model in models:
        # As if it had learned their passbands: a transfer will.
        objects = labelled_inputs(labelled, with_passbands(model.preset, labelled))
        predicted.append(predict(model, objects.inputs))
        truth = objects.classes
    losses = log_loss(np.stack(predicted), truth)
    first, second = losses.mean(1).tolist()
    return (first, second), len(truth) > 1 and surest(losses) == 1
