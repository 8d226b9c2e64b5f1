"""The mix of classes that a transferred model assumes."""

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from models import labelled, small_model, weights
from numpy.testing import assert_allclose, assert_array_equal

import zoo
from zoo.inference.runtime import predict
from zoo.recipe import BALANCES, RECIPES, Recipe
from zoo.taxonomy import ZTFSIMS
from zoo.training import interpolate as interpolation
from zoo.training.calibration import cooled
from zoo.training.interpolate import FRACTIONS, to_the_mean
from zoo.training.labels.labelled import labelled_inputs
from zoo.training.labels.prior import log_odds, shift, shifted

CLASSES = ("SNIa", "SNIb", "SNIc", "TDE")
PLAIN = Recipe(
    epochs=2, batch_size=64, learning_rate=0.01, patience=None, balance="roots"
)
PRIOR = replace(PLAIN, prior="families", snia_weight=2.0)


def test_the_odds_are_those_of_labels_and_imagined_objects_over_those_of_labels():
    """Of 15 SNe Ia, 3 SNe Ib, no SN Ic and a TDE, one more of each, and 30 in the mix
    2 : 1/2 : 1/2 : 1 of families, by the square root of their numbers."""
    codes = np.repeat([0, 1, 3], [15, 3, 1])
    before = np.sqrt([16, 4, 1, 2])
    after = np.sqrt([16 + 15, 4 + 4, 1 + 4, 2 + 8])
    expected = np.log(after / after.sum()) - np.log(before / before.sum())
    assert_allclose(log_odds(codes, CLASSES, PRIOR), expected, rtol=1e-6)


@pytest.mark.parametrize("prior", BALANCES)
@pytest.mark.parametrize("balance", BALANCES)
def test_the_mix_of_many_labels_stays(balance, prior):
    codes = np.repeat(np.arange(4), [40_000, 30_000, 20_000, 10_000])
    odds = log_odds(codes, CLASSES, Recipe(balance=balance, prior=prior))
    assert_allclose(odds, 0, atol=2e-3)


def test_of_classes_of_equal_weight_numbers_say_nothing():
    codes = np.array([0, 0, 1, 3])
    for recipe in (Recipe(), Recipe(prior="classes"), Recipe(prior="roots")):
        assert_allclose(log_odds(codes, CLASSES, recipe), 0, atol=1e-7)


def test_the_weight_of_snia_is_that_of_families_as_balance_or_as_prior():
    """Imagined: 8 of each class; they weigh as families, SNe Ia twice."""
    codes = np.repeat([0, 1, 3], [15, 3, 1])
    recipe = Recipe(balance="families", prior="classes", snia_weight=2.0)
    odds = log_odds(codes, CLASSES, recipe)
    # Within SNe Ib/c alone numbers tell: 4 and 1, then 12 and 9.
    expected = np.log([1, (12 / 21) / (4 / 5), (9 / 21) / (1 / 5), 1])
    assert_allclose(odds, expected, atol=1e-6)


def test_the_prior_of_a_transfer_is_that_of_the_bases():
    transfer, base = RECIPES["transfer"], RECIPES["zoo"]
    assert (transfer.prior, transfer.snia_weight) == (base.balance, base.snia_weight)


def test_a_class_without_labels_gains_a_finite_constant():
    odds = log_odds(np.zeros(99, int), CLASSES, PRIOR)
    assert np.isfinite(odds).all()
    assert (odds[1:] > odds[0]).all()


def fitted(recipe, **options):
    model = small_model(seed=1)
    data = labelled(8).take(np.arange(30))
    report = zoo.fit(model, data, recipe=recipe, progress=False, **options)
    return model, report


def learned_codes(model) -> np.ndarray:
    """Classes of the objects that a model was trained on."""
    label_of = dict(zip(labelled(8).object_id, labelled(8).labels, strict=True))
    return np.array([ZTFSIMS.index(label_of[one]) for one in model.split["train"]])


def test_the_bias_of_the_head_alone_gains_the_odds():
    (plain, _), (model, _) = fitted(PLAIN), fitted(PRIOR)
    odds = log_odds(learned_codes(model), ZTFSIMS, PRIOR)
    assert np.ptp(odds) > 0.3
    expected = weights(plain)
    for name, values in weights(model).items():
        if name == "head/bias":
            assert_allclose(values - expected[name], odds, atol=1e-6)
        else:
            assert_array_equal(values, expected[name], err_msg=name)


def test_a_model_that_goes_part_of_the_way_gains_part(monkeypatch):
    found = {}
    for share in (2, 5):
        monkeypatch.setattr("zoo.training.interpolate.surest", lambda _, s=share: s)
        (plain, _), (model, report) = (
            fitted(replace(one, folds=2)) for one in (PLAIN, PRIOR)
        )
        gained = weights(model)["head/bias"] - weights(plain)["head/bias"]
        found[report.fraction] = gained / report.fraction
    (part, first), (whole, second) = found.items()
    assert part < whole == 1
    assert_allclose(first, second, atol=1e-5)


def test_a_model_that_stays_at_its_base_is_its_base_to_the_bit(monkeypatch):
    monkeypatch.setattr("zoo.training.interpolate.surest", lambda _: 0)
    model, report = fitted(replace(PRIOR, folds=2))
    assert report.fraction == 0
    before = weights(small_model(seed=1))
    for name, values in weights(model).items():
        assert_array_equal(values, before[name], err_msg=name)


def test_the_prior_follows_the_temperature(monkeypatch):
    """In the model, and in what is said of the objects left out, of which each training
    went the share that was found: thresholds are chosen on it."""
    monkeypatch.setattr("zoo.training.interpolate.surest", lambda _: 2)
    monkeypatch.setattr("zoo.training.fit.temperature", lambda *_: 1.5)
    recipe = replace(PLAIN, folds=2, calibrate=True)
    plain, before = fitted(recipe)
    model, after = fitted(replace(recipe, prior="families", snia_weight=2.0))
    assert after.temperature == before.temperature == 1.5
    odds = log_odds(learned_codes(model), ZTFSIMS, PRIOR)
    gained = weights(model)["head/bias"] - weights(plain)["head/bias"]
    assert after.fraction == to_the_mean(FRACTIONS[2], 3)
    assert_allclose(gained, after.fraction * odds, atol=1e-5)
    gained = np.log(after.left_out[0] / before.left_out[0])
    gained -= gained.mean(1, keepdims=True)
    expected = FRACTIONS[2] * (odds - odds.mean())
    assert_allclose(gained, np.tile(expected, (len(gained), 1)), atol=1e-5)
    assert np.ptp(expected) > 0.1


def test_a_share_of_the_way_is_judged_with_its_share_of_the_prior(monkeypatch):
    """A training that changes nothing stays at its start, not at another mix."""
    added, real = [], interpolation.shifted

    def noted(probabilities, by):
        added.append(by)
        return real(probabilities, by)

    monkeypatch.setattr(interpolation, "shifted", noted)
    model, report = fitted(replace(PRIOR, folds=2, learning_rate=1e-12))
    odds = log_odds(learned_codes(model), ZTFSIMS, PRIOR)
    assert_allclose(added, np.outer(FRACTIONS, odds), atol=1e-12)
    assert report.fraction == 0
    before = weights(small_model(seed=1))
    assert_array_equal(weights(model)["head/bias"], before["head/bias"])


def test_without_a_judge_the_mix_stays():
    """So that a second fit on the same labels does not move it again."""
    model, _ = fitted(replace(PRIOR, folds=2))
    once = weights(model)["head/bias"]
    data = labelled(8).take(np.arange(30))
    still = replace(PRIOR, folds=2, learning_rate=1e-12)
    with pytest.warns(UserWarning, match="nothing tells whether training helps"):
        zoo.fit(model, data, recipe=still, progress=False)
    assert_allclose(weights(model)["head/bias"], once, atol=1e-6)


@pytest.mark.parametrize("how", ["class_weight", "teachers", "frozen head"])
def test_weights_of_the_caller_teachers_and_a_frozen_head_keep_their_mix(how):
    models = []
    for recipe in (PLAIN, PRIOR):
        model = small_model(seed=1)
        options = {}
        if how == "class_weight":
            options["class_weight"] = dict.fromkeys(ZTFSIMS, 1.0)
        elif how == "teachers":
            options["teachers"] = [small_model(seed=2)]
        warned = contextlib.nullcontext()
        if how == "frozen head":
            model.get_layer("head").trainable = False
            if recipe.prior:
                warned = pytest.warns(UserWarning, match="keep their temperature and")
        with warned:
            zoo.fit(model, labelled(8), recipe=recipe, progress=False, **options)
        models.append(weights(model))
    for name, values in models[0].items():
        assert_array_equal(values, models[1][name], err_msg=name)


def test_shifted_probabilities_are_those_of_the_shifted_model():
    model = small_model(seed=1)
    data = labelled_inputs(labelled(4), model.preset)
    before = predict(model, data.inputs)
    by = np.linspace(-1, 1, len(ZTFSIMS))
    shift(model, by)
    assert_allclose(predict(model, data.inputs), shifted(before, by), atol=1e-6)
    assert_allclose(shifted(cooled(before, 1.0), 0 * by), before, rtol=1e-6)
