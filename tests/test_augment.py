"""Light curves varied while training: rows only go, and the rest stays true."""

from dataclasses import replace

import numpy as np
import pytest
from models import labelled

from zoo.inputs.features import FEATURES, redshift_of
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.table import from_tables
from zoo.recipe import Recipe
from zoo.training.epochs.augment import augment


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


PHOTOZ = {
    "metadata": ("redshift", "redshift_known", "redshift_err", "mwebv"),
    "metadata_fill": {"redshift": 0.1, "mwebv": 0.036, "redshift_err": 0.0},
}


def of_redshifts(recipe, features="scaled", **known):
    """Inputs of many objects at a redshift of 0.5, before and after."""
    light_curves = labelled(250)
    metadata = light_curves.metadata.assign(
        redshift=np.float32(0.5), **{k: np.float32(v) for k, v in known.items()}
    )
    light_curves = replace(light_curves, metadata=metadata)
    preprocessing = Preprocessing(features=features, **PHOTOZ)
    inputs = preprocess(light_curves, preprocessing)
    generator = np.random.default_rng(0)
    return inputs, augment(inputs, preprocessing, recipe, generator)


@pytest.mark.parametrize("features", FEATURES)
def test_photometric_redshifts_scatter_by_their_errors(features):
    recipe = Recipe(
        metadata_dropout=0.0, photometric_redshifts=0.8, redshift_scatter=(0.02, 0.2)
    )
    before, after = of_redshifts(recipe, features)
    changed = after.metadata[:, 2] > 0
    assert changed.mean() == pytest.approx(0.8, abs=0.04)
    np.testing.assert_array_equal(after.metadata[~changed], before.metadata[~changed])
    np.testing.assert_array_equal(after.metadata[:, [1, 3]], before.metadata[:, [1, 3]])
    error = after.metadata[changed, 2]
    error = error if features == "paper" else 1e-3 * 10**error
    assert error.min() >= 0.02 * 1.5 * 0.999
    assert error.max() <= 0.2 * 1.5 * 1.001
    assert np.median(error) == pytest.approx(np.sqrt(0.02 * 0.2) * 1.5, rel=0.1)
    pull = (redshift_of(features, after.metadata[changed, 0]) - 0.5) / error
    assert np.std(pull) == pytest.approx(1, abs=0.06)


def test_outliers_have_the_redshift_of_another_object():
    light_curves = labelled(250)
    redshift = np.where(np.arange(len(light_curves)) % 2, 0.1, 1.0).astype(np.float32)
    metadata = light_curves.metadata.assign(redshift=redshift)
    preprocessing = Preprocessing(**PHOTOZ)
    inputs = preprocess(replace(light_curves, metadata=metadata), preprocessing)
    recipe = Recipe(
        metadata_dropout=0.0,
        photometric_redshifts=1.0,
        redshift_scatter=(0.001, 0.001),
        redshift_outliers=0.4,
    )
    after = augment(inputs, preprocessing, recipe, np.random.default_rng(0))
    moved = np.abs(after.metadata[:, 0] - inputs.metadata[:, 0]) > 0.5
    assert moved.mean() == pytest.approx(0.2, abs=0.03)  # half of the others are alike


def test_redshifts_that_are_photometric_already_stay_as_they_are():
    recipe = Recipe(metadata_dropout=0.0, photometric_redshifts=1.0)
    before, after = of_redshifts(recipe, redshift_err=0.05)
    np.testing.assert_array_equal(after.metadata, before.metadata)


def test_a_hidden_redshift_takes_its_error_along():
    recipe = Recipe(metadata_dropout=0.5, photometric_redshifts=1.0)
    _, after = of_redshifts(recipe)
    hidden = after.metadata[:, 1] == 0
    assert hidden.mean() == pytest.approx(0.5, abs=0.05)
    assert (after.metadata[hidden, 2] == 0).all()
    assert (after.metadata[~hidden, 2] > 0).all()


def test_a_model_without_redshifts_has_none_to_scatter():
    inputs = preprocess(labelled(2), Preprocessing(metadata=("mwebv",)))
    recipe = Recipe(metadata_dropout=0.0, photometric_redshifts=1.0)
    generator = np.random.default_rng(0)
    after = augment(inputs, Preprocessing(metadata=("mwebv",)), recipe, generator)
    np.testing.assert_array_equal(after.metadata, inputs.metadata)
