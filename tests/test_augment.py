"""Light curves varied while training: rows only go, and the rest stays true."""

import numpy as np
from models import labelled

from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.table import from_tables
from zoo.recipe import Recipe
from zoo.training.augment import augment


def varied(recipe, seed=0):
    light_curves = labelled(20)
    inputs = preprocess(light_curves, Preprocessing())
    generator = np.random.default_rng(seed)
    return light_curves, inputs, augment(inputs, Preprocessing(), recipe, generator)


def test_nothing_changes_without_variation():
    _, inputs, same = varied(Recipe(metadata_dropout=0.0))
    np.testing.assert_array_equal(same.light_curve, inputs.light_curve)
    np.testing.assert_array_equal(same.metadata, inputs.metadata)
    np.testing.assert_array_equal(same.offsets, inputs.offsets)


def test_truncation_keeps_a_beginning_that_holds_the_trigger():
    _, inputs, cut = varied(Recipe(truncation=1.0))
    assert (cut.lengths < inputs.lengths).any()
    assert (cut.lengths > cut.trigger).all()
    np.testing.assert_array_equal(cut.trigger, inputs.trigger)
    for i, length in enumerate(cut.lengths):
        np.testing.assert_array_equal(
            cut.light_curve[cut.offsets[i] :][:length],
            inputs.light_curve[inputs.offsets[i] :][:length],
        )


def test_truncation_is_what_preprocessing_gives_of_fewer_observations():
    light_curves, inputs, cut = varied(Recipe(truncation=1.0, metadata_dropout=0.0))
    start = light_curves.mjd[trigger_rows(light_curves, Preprocessing().pair_days)]
    compared = 0
    for i, length in enumerate(cut.lengths):
        photometry, metadata = light_curves.take([inputs.index[i]]).to_tables()
        days = photometry["mjd"] - start[inputs.index[i]]
        seen = photometry[days.between(*Preprocessing().window)].iloc[:length]
        again = preprocess(from_tables(seen, metadata), Preprocessing())
        if not len(again):  # the detection that makes the trigger one is still to come
            continue
        compared += 1
        rows = slice(cut.offsets[i], cut.offsets[i + 1])
        np.testing.assert_array_equal(cut.light_curve[rows], again.light_curve)
        np.testing.assert_array_equal(cut.metadata[i], again.metadata[0])
        assert cut.trigger[i] == again.trigger[0]
    assert compared > 0.8 * len(cut)


def test_thinning_loses_at_most_its_share_on_average_and_never_the_trigger():
    _, inputs, thin = varied(Recipe(thinning=0.8))
    assert 0.4 < thin.lengths.sum() / inputs.lengths.sum() < 0.8
    before = inputs.light_curve[inputs.offsets[:-1] + inputs.trigger]
    after = thin.light_curve[thin.offsets[:-1] + thin.trigger]
    np.testing.assert_array_equal(before, after)


def test_the_same_seed_varies_light_curves_the_same_way_and_another_does_not():
    recipe = Recipe(thinning=0.5, truncation=0.5)
    _, _, one = varied(recipe, seed=1)
    _, _, again = varied(recipe, seed=1)
    _, _, other = varied(recipe, seed=2)
    np.testing.assert_array_equal(one.light_curve, again.light_curve)
    assert len(one.light_curve) != len(other.light_curve)
