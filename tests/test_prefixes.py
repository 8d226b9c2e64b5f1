"""A network learns at earlier moments of a light curve, in the same pass."""

from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import Case
from models import labelled, small_model

import zoo
from zoo.inputs.preprocess import preprocess
from zoo.kernel.library import kernel
from zoo.recipe import Recipe
from zoo.training.epochs import train
from zoo.training.epochs.augment import draw_ends
from zoo.training.epochs.batches import Batches

needs_kernel = pytest.mark.skipif(kernel() is None, reason="the kernel is not compiled")


@needs_kernel
@pytest.mark.parametrize("units", [7, 32])
def test_the_loss_is_the_mean_over_light_curves_cut_short(units):
    case = Case(units)
    lengths = np.diff(case.offsets)
    generator = np.random.default_rng(1)
    earlier = generator.integers(0, lengths[:, None], (len(lengths), 3))
    ends = np.concatenate([case.ends, earlier], axis=1)
    expected_loss, expected = 0.0, {}
    for column in ends.T:
        cut = Case(units)
        kept = np.arange(len(case.rows)) - np.repeat(case.offsets[:-1], lengths)
        cut.rows = case.rows[kept <= np.repeat(column, lengths)]
        cut.offsets = np.concatenate([[0], np.cumsum(column + 1)])
        cut.objects = np.argsort(-column, kind="stable")
        cut.ends = column[:, None]
        loss, gradients = cut.learn(kernel())
        expected_loss += loss / 4
        for name, values in gradients.items():
            expected[name] = expected.get(name, 0) + values / 4
    case.ends = ends
    loss, gradients = case.learn(kernel())
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    for name, values in gradients.items():
        np.testing.assert_allclose(values, expected[name], atol=2e-5)


def test_ends_lie_between_trigger_and_end_and_favour_the_beginning():
    model = small_model()
    inputs = preprocess(labelled(40), model.preset.preprocessing)
    ends = draw_ends(inputs, 50, np.random.default_rng(0))
    last = inputs.lengths - 1
    np.testing.assert_array_equal(ends[:, 0], last)
    assert (ends >= inputs.trigger[:, None]).all()
    assert (ends <= last[:, None]).all()
    after = ends[:, 1:] - inputs.trigger[:, None]
    many = last - inputs.trigger >= 7
    assert {0, 1, 2} <= set(after[many].ravel())
    # Half of a uniform draw would lie beyond the middle.
    beyond = after[many] > (last - inputs.trigger)[many, None] / 2
    assert 0.02 < beyond.mean() < 0.4


def test_without_prefixes_batches_are_as_before():
    model = small_model()
    inputs = preprocess(labelled(4), model.preset.preprocessing)
    targets = np.eye(12, dtype=np.float32)[np.arange(len(inputs)) % 12]
    plain = Batches(inputs, targets, size=8, seed=3)
    several = Batches(inputs, targets, size=8, seed=3, prefixes=2)
    assert plain.ends.shape == (len(inputs), 1)
    assert len(several[0][0]["light_curve"]) == 3 * len(plain[0][0]["light_curve"])
    last = np.diff(inputs.offsets)[several.order[0]] - 1
    seen = (several[0][0]["light_curve"] != 0).any(2).sum(1)
    np.testing.assert_array_equal(seen[::3], last + 1)


@needs_kernel
def test_keras_learns_the_same_at_the_same_moments(monkeypatch):
    data = labelled(8)
    recipe = Recipe(epochs=2, batch_size=32, metadata_dropout=0.0, prefixes=3)
    fast, slow = small_model(), small_model()
    found = zoo.fit(fast, data, recipe=recipe, progress=False)
    monkeypatch.setattr(train, "is_standard", lambda model: False)
    expected = zoo.fit(slow, data, recipe=recipe, progress=False)
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-5)
    np.testing.assert_allclose(
        found.validation_loss, expected.validation_loss, rtol=1e-4
    )
    other = small_model()
    zoo.fit(other, data, recipe=replace(recipe, prefixes=0), progress=False)
    assert not np.array_equal(other.get_weights()[0], fast.get_weights()[0])
