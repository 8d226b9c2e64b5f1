"""From a base and a few labels to a transferred model: draw, transfer, fit, measure.

`zoo-cli transfer` and `zoo-cli quickstart` parse their arguments and call this.
"""

from collections.abc import Sequence
from typing import Any

from zoo.classifier.classifier import TransientClassifier
from zoo.classifier.load import load
from zoo.classifier.transfer import Model
from zoo.hub.find import find
from zoo.light_curves.accept import read
from zoo.taxonomy import resolve_classes
from zoo.training.epochs.start import seeded
from zoo.training.labels.stratified import label_budget, learned_by
from zoo.training.outcome import Name, Outcome, fit_and_measure


def transfer_model(
    base: Name,
    target: str,
    data: Any,
    *,
    name: str,
    classes: str | Sequence[str] | None = None,
    labels: int | None = None,
    train: str | Sequence[str] = "auto",
    window: tuple[float, float] | None = None,
    metadata: Sequence[str] = (),
    from_scratch: bool = False,
    epochs: int | None = None,
    where: str | None = None,
    model_id: str | None = None,
    version: str = "0.0.0",
    license: str | None = None,
    start: TransientClassifier | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Outcome:
    """Transfer a model to another survey with a few labels, and measure it.

    It is measured on the labelled objects that neither it nor its base was trained on
    (on those of the test split where `data` has a column `zoo_split`); where none is
    left, on the validation part, and the metrics say so.

    Args:
        base: the source, by any name that `zoo.load` takes. If its folder has a
            `split.csv`, its training objects are not measured on.
        target: name of the survey, which becomes part of the new model's id.
        data: labelled light curves, in any form that `zoo.light_curves.accept.read`
            reads.
        name: what to call the data in the model's metrics and card.
        classes: classes of the new model, see `zoo.taxonomy.resolve_classes`; `data`
            means the labels present. Default: the taxonomy of the target's name, else
            the base's classes.
        labels: number of objects to draw, stratified, a tenth of them for validation;
            None: all.
        train, window, metadata: layers to train, days since trigger that the new model
            sees and further columns of the metadata that it takes up, as in
            `TransientClassifier.transfer`.
        from_scratch: ignore the base's weights: the same network without a transfer.
        epochs: maximum number of epochs. Default: that of the recipe.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        model_id, version, license: of the new model, as in
            `TransientClassifier.transfer`.
        start: the base adapted to the survey (see `zoo.adapt`), to start from.
        seed: seed of the draw, of new weights and of the order.
        progress: show a progress bar.

    Raises:
        KeyError: there is no such base.
        ValueError: as `TransientClassifier.transfer` and `zoo.fit`, or the number of
            labels cannot be drawn.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> outcome = transfer_model(
        ...     "ztfsims-gru-lite", "mine", golden_light_curves(), name="mine",
        ...     classes="data", progress=False)
        >>> outcome.model.preset.parent.partition("@")[0]
        'ztfsims-gru-lite'
    """
    found = find(base)
    preprocessing = found.folder.preset.preprocessing.with_columns(metadata)
    light_curves = read(data, where=where, **preprocessing.reads)
    if classes is not None:
        classes = resolve_classes(classes, light_curves.labels)
    model = (load(found) if start is None else start).transfer(
        target,
        classes=classes,
        train=train,
        window=window,
        metadata=metadata,
        seed=seed,
        model_id=model_id,
        version=version,
        license=license,
    )
    if start is not None:
        before = start.preset
        origin = {"parent": before.parent, "ancestors": before.ancestors}
        model.preset = model.preset.replace(**origin)
    if from_scratch:
        model = with_fresh_weights(model, seed)
    seen = sorted(learned_by([model]))
    layers = train if isinstance(train, str) else ",".join(train)
    outcome = fit_and_measure(
        model,
        light_curves,
        label_budget(model.preset, light_curves, labels, seed, seen=seen),
        name=name,
        recipe="scratch" if from_scratch else "transfer",
        record={
            "train": "all" if from_scratch else layers,
            "from_scratch": from_scratch,
            "where": where,
        },
        epochs=epochs,
        seed=seed,
        progress=progress,
    )
    if seen:
        outcome.split["parent"] = seen
    return outcome


def with_fresh_weights(model: Model, seed: int) -> Model:
    """The same network with fresh weights, all trainable: the baseline of transfer.

    It is not compiled: `fit` does that. It needs more epochs than a transfer, which the
    recipe `scratch` gives it.
    """
    with seeded(seed):
        return type(model)(model.preset.replace(parent=None, ancestors=()))
