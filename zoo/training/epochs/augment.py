"""Light curves varied at random, and the moments at which a network learns from them.

Features are causal and relative to the trigger, so leaving out rows other than the
trigger gives the inputs that `preprocess` would make without these observations. The
one exception: the detection that confirms the trigger may be left out too, so the
network sees a few light curves shorter than any that it will classify.
"""

from dataclasses import replace

import numpy as np

from zoo.inputs.features import EXACT_REDSHIFT, metadata_input, redshift_of
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
    metadata = inputs.metadata
    if recipe.photometric_redshifts:
        metadata = scatter_redshifts(metadata, preprocessing, recipe, generator)
    hidden = hide_metadata(metadata, preprocessing, recipe.metadata_dropout, generator)
    inputs = replace(inputs, metadata=hidden)
    if recipe.truncation or recipe.thinning:
        inputs = _leave_out_rows(inputs, recipe, generator)
    return inputs


def _leave_out_rows(
    inputs: Inputs, recipe: Recipe, generator: np.random.Generator
) -> Inputs:
    lengths, n = inputs.lengths, len(inputs)
    owner = np.repeat(np.arange(n), lengths)
    row = inputs.row

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
    """Metadata inputs with each scalar made unknown at random, independently; the error
    of a redshift together with it."""
    hidden = metadata.copy()
    for scalar in (*preprocessing.metadata_fill, *preprocessing.columns):
        if scalar == "redshift_err":
            continue
        drop = generator.random(len(metadata)) < probability
        together = {scalar, "redshift_err"} if scalar == "redshift" else {scalar}
        for column, name in enumerate(preprocessing.metadata):
            if name.removesuffix("_known") in together:
                hidden[drop, column] = _unknown(name, preprocessing)
    return hidden


def without_metadata(metadata: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """Metadata inputs of objects of which nothing is known."""
    return hide_metadata(metadata, preprocessing, 1.0, np.random.default_rng(0))


def knows_redshift(metadata: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """Whether metadata inputs tell a redshift, exact or photometric, bool `(k,)`."""
    names = preprocessing.metadata
    if "redshift_known" in names:
        return metadata[:, names.index("redshift_known")] > 0
    if "redshift" in names:
        fill = _unknown("redshift", preprocessing)
        return metadata[:, names.index("redshift")] != fill
    return np.zeros(len(metadata), bool)


def _unknown(name: str, preprocessing: Preprocessing) -> np.ndarray | float:
    """An input of something that is not known."""
    if name not in preprocessing.metadata_fill:  # a flag, or a further column
        return 0.0
    fill = np.array(preprocessing.metadata_fill[name], np.float32)
    return metadata_input(preprocessing.features, name, fill)


def scatter_redshifts(
    metadata: np.ndarray,
    preprocessing: Preprocessing,
    recipe: Recipe,
    generator: np.random.Generator,
) -> np.ndarray:
    """Metadata inputs in which some of the exact redshifts became photometric ones.

    The error of each is s (1 + z), s drawn from `recipe.redshift_scatter` with equal
    chances for equal ratios. Redshifts are drawn from a normal distribution of that
    width; an outlier has the redshift of another object, and its error says nothing of
    it, as in surveys (Graham et al. 2018, AJ 155, 1; LSST DESC 2018, arXiv:1809.01669).
    """
    names, features = preprocessing.metadata, preprocessing.features
    if "redshift" not in names:
        return metadata
    at = names.index("redshift")
    known = knows_redshift(metadata, preprocessing)
    if "redshift_err" in names:  # those that are photometric stay as they are
        error = metadata_input(
            features, "redshift_err", np.array(EXACT_REDSHIFT, np.float32)
        )
        known = known & (metadata[:, names.index("redshift_err")] <= error)
    objects = np.flatnonzero(known)
    drawn = generator.random(len(objects)) < recipe.photometric_redshifts
    objects, others = objects[drawn], objects
    redshift = redshift_of(features, metadata[objects, at].astype(np.float64))
    low, high = np.log(recipe.redshift_scatter)
    error = np.exp(generator.uniform(low, high, len(objects))) * (1 + redshift)
    scattered = redshift + error * generator.standard_normal(len(objects))
    outlier = generator.random(len(objects)) < recipe.redshift_outliers
    elsewhere = generator.choice(others, len(objects)) if len(others) else objects
    other = redshift_of(features, metadata[elsewhere, at].astype(np.float64))
    scattered = np.where(outlier, other, scattered)
    changed = metadata.copy()
    changed[objects, at] = metadata_input(features, "redshift", scattered)
    if "redshift_err" in names:
        column = names.index("redshift_err")
        changed[objects, column] = metadata_input(features, "redshift_err", error)
    return changed


def draw_ends(
    inputs: Inputs, prefixes: int, generator: np.random.Generator
) -> np.ndarray:
    """The rows after which a network learns, int64 `(k, 1 + prefixes)`.

    A broker asks at every alert, and most questions come in the first days. A GRU has a
    state after every row, so learning at further moments costs the few dense layers
    alone, while light curves cut short would each cost a pass of their own.

    The first is the last row of each object. The others lie between its trigger and its
    end, uniform in the logarithm of the number of rows from the trigger on: an object
    is as often seen with one or two as with 16 to 32 of them.

    Args:
        inputs: of `k` objects.
        prefixes: number of earlier rows, which may repeat.
        generator: source of the randomness.

    Example:
        >>> from zoo.inputs.parameters import Preprocessing
        >>> from zoo.inputs.preprocess import preprocess
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> inputs = preprocess(golden_light_curves(), Preprocessing())
        >>> draw_ends(inputs, 2, np.random.default_rng(0)).shape
        (8, 3)
    """
    last = inputs.lengths - 1
    after = last - inputs.trigger + 1
    share = generator.random((len(inputs), prefixes))
    drawn = np.floor(after[:, None] ** share).astype(np.int64)
    earlier = inputs.trigger[:, None] + np.minimum(drawn, after[:, None]) - 1
    return np.concatenate([last[:, None], earlier], axis=1)
