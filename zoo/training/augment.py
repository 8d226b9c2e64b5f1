"""Light curves varied at random while a network trains on them.

Features are causal and relative to the trigger, so leaving out rows other than the
trigger gives the inputs that `preprocess` would make without these observations. The
one exception: the detection that confirms the trigger may be left out too, so the
network sees a few light curves shorter than any that it will classify.
"""

from dataclasses import replace

import numpy as np

from zoo.inputs.features import metadata_input
from zoo.inputs.inputs import Inputs
from zoo.inputs.parameters import Preprocessing
from zoo.recipe import Recipe


def augment(
    inputs: Inputs,
    preprocessing: Preprocessing,
    recipe: Recipe,
    generator: np.random.Generator,
) -> Inputs:
    """Vary every object once.

    Args:
        inputs: those of any number of objects.
        preprocessing: the parameters that they were made with.
        recipe: how strongly; see `Recipe`.
        generator: source of the randomness.

    Returns:
        Inputs of the same objects. Their triggers are kept, and no rows are added.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> from zoo.inputs.preprocess import preprocess
        >>> inputs = preprocess(golden_light_curves(), Preprocessing())
        >>> recipe = Recipe(truncation=1.0)
        >>> random = np.random.default_rng(0)
        >>> shorter = augment(inputs, Preprocessing(), recipe, random)
        >>> bool((shorter.lengths <= inputs.lengths).all())
        True
    """
    hidden = hide_metadata(
        inputs.metadata, preprocessing, recipe.metadata_dropout, generator
    )
    inputs = replace(inputs, metadata=hidden)
    if recipe.truncation or recipe.thinning:
        inputs = _leave_out_rows(inputs, recipe, generator)
    return inputs


def _leave_out_rows(
    inputs: Inputs, recipe: Recipe, generator: np.random.Generator
) -> Inputs:
    lengths, n = inputs.lengths, len(inputs)
    owner = np.repeat(np.arange(n), lengths)
    row = np.arange(len(owner)) - inputs.offsets[owner]

    end = inputs.trigger + 1 + generator.random(n) * (lengths - inputs.trigger)
    end = np.where(generator.random(n) < recipe.truncation, end, lengths)
    lost = generator.uniform(0, recipe.thinning, n)
    kept = row < end.astype(np.int64)[owner]
    kept &= generator.random(len(row)) >= lost[owner]
    kept |= row == inputs.trigger[owner]
    return inputs.with_rows(kept)


def hide_metadata(
    metadata: np.ndarray,
    preprocessing: Preprocessing,
    probability: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Metadata inputs with each scalar made unknown at random, independently."""
    hidden = metadata.copy()
    for scalar, fill in preprocessing.metadata_fill.items():
        drop = generator.random(len(metadata)) < probability
        filled = metadata_input(
            preprocessing.features, scalar, np.array(fill, np.float32)
        )
        for column, name in enumerate(preprocessing.metadata):
            if name.removesuffix("_known") == scalar:
                hidden[drop, column] = filled if name == scalar else 0.0
    return hidden
