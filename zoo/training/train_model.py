"""From labelled light curves to a new model, trained and measured.

`zoo-cli train` parses its arguments and calls this.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.classifier.classifier import TransientClassifier
from zoo.classifier.load import load
from zoo.hub.find import find
from zoo.inputs.parameters import reads_of
from zoo.inputs.trigger import thinned
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset
from zoo.recipe import recipe_called
from zoo.training.epochs.start import seeded
from zoo.training.labels.stratified import Parts, learned_by, parts
from zoo.training.outcome import Name, Outcome, fit_and_measure

GOLDEN_PER_CLASS = 20
"""Enough to start a head (see `zoo.classifier.head`), few enough to bundle."""

_GOLDEN_ROWS = 32
"""Maximum number of rows of each: light curves of years would fill most of the 1 MB of
a bundled folder."""


def train_model(
    preset: Preset,
    data: Any,
    *,
    name: str,
    recipe: str = "zoo",
    epochs: int | None = None,
    teachers: Sequence[Name] = (),
    simulated: bool = False,
    where: str | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Outcome:
    """Train a new model and measure it on objects that it did not see.

    The split is that of the metadata column `zoo_split` where there is one, else 80 %
    of every class to train, 10 % to decide when to stop and 10 % to measure. It is not
    measured on objects that a teacher was trained on.

    Args:
        preset: id, classes, architecture and preprocessing of the model.
        data: labelled light curves, in any form that `zoo.light_curves.accept.read`
            reads.
        name: what to call the data in the model's metrics and card.
        recipe: name of one of `zoo.recipe.RECIPES`.
        epochs: maximum number of epochs. Default: that of the recipe.
        teachers: names or folders of models to learn from, see `zoo.fit`.
        simulated: the light curves are simulated, so some of those measured on may be
            published with the model (`golden.npz`). A user's own data never are.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        seed: seed of the split, the weights and the order.
        progress: show a progress bar.

    Raises:
        ValueError: as `zoo.fit`, or only some of the objects have a `zoo_split`.
        KeyError: there is no such teacher.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> from zoo.model_folder.preset import Architecture, Preset
        >>> small = Architecture.of(units=4)
        >>> preset = Preset("mine-gru", ("SNIa", "other"), architecture=small)
        >>> outcome = train_model(
        ...     preset, golden_light_curves(), name="mine", epochs=1, progress=False)
        >>> outcome.model.preset.training["recipe"]
        'zoo'
    """
    recipe_called(recipe)  # a misspelt name, before the data are read
    found = [find(teacher) for teacher in teachers]
    presets = (preset, *(one.folder.preset for one in found))
    reads = reads_of(one.preprocessing for one in presets)
    light_curves = read(data, where=where, **reads)
    loaded = [load(one) for one in found]
    taught = learned_by(loaded)
    with seeded(seed):
        model = TransientClassifier(preset)
    chosen = parts(preset, light_curves, seed, seen=taught)
    if simulated and len(chosen.test):
        model.golden = _golden_sample(preset, light_curves, chosen, seed)
    outcome = fit_and_measure(
        model,
        light_curves,
        chosen,
        name=name,
        recipe=recipe,
        record={"teachers": [one.name for one in found] or None, "where": where},
        epochs=epochs,
        teachers=loaded,
        seed=seed,
        progress=progress,
    )
    if taught:
        outcome.split["teachers"] = sorted(taught)
    return outcome


def _golden_sample(
    preset: Preset, light_curves: LightCurves, chosen: Parts, seed: int
) -> LightCurves:
    """Some light curves of each class that the model was not trained on."""
    labels = light_curves.labels[chosen.test].astype(str)
    generator = np.random.default_rng(seed)
    drawn = [
        generator.permutation(chosen.test[labels == label])[:GOLDEN_PER_CLASS]
        for label in np.unique(labels)
    ]
    some = light_curves.take(np.sort(np.concatenate(drawn)))
    return thinned(some, _GOLDEN_ROWS, preset.preprocessing.pair_days, generator)
