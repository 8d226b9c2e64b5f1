"""Labels help or cost nothing: how far a fit goes from the weights at its start."""

from dataclasses import replace

import numpy as np
import pytest
from models import labelled, small_model, weights
from numpy.testing import assert_allclose, assert_array_equal

import zoo
from zoo.cli.learn.described import compared
from zoo.evaluation.paired import COMPARED, paired
from zoo.evaluation.scores import score
from zoo.inference.runtime import predict
from zoo.inputs.preprocess import input_rows, preprocess, to_inputs
from zoo.recipe import RECIPES, Recipe
from zoo.training import fit as training
from zoo.training import interpolate as interpolation
from zoo.training.calibration import cooled
from zoo.training.epochs.augment import draw_ends
from zoo.training.interpolate import (
    CORRELATION,
    FRACTIONS,
    between,
    log_loss,
    loss_of_all_moments,
    mean,
    surest,
    to_the_mean,
)
from zoo.training.labels.labelled import labelled_inputs

RECIPE = Recipe(
    epochs=2, batch_size=64, learning_rate=0.01, patience=None, folds=2, calibrate=True
)


def fitted(data=None, *, seed=0, recipe=RECIPE, model=None, **options):
    """A small model before a fit, its weights afterwards, and the report."""
    model = model or small_model(seed=1)
    before = weights(model)
    data = labelled(8) if data is None else data
    options = {"progress": False, "recipe": recipe, "seed": seed, **options}
    report = zoo.fit(model, data, **options)
    return model, before, weights(model), report


def fresh(copies):
    """Objects that are none of `labelled(30)`."""
    return labelled(30 + copies).without(labelled(30).object_id)


# === The choice ===


def along(gain: np.ndarray) -> np.ndarray:
    """Log losses where the probability of the true one of two classes rises by `gain`,
    `(n,)`, from each fraction to the next."""
    own = 0.5 + np.arange(len(FRACTIONS))[:, None] * gain
    return log_loss(np.stack([own, 1 - own], axis=-1), np.zeros(len(gain), int))


def test_what_helps_every_object_goes_all_the_way():
    assert FRACTIONS[surest(along(np.full(10, 0.05)))] == 1


def test_what_harms_stays_at_the_start():
    assert surest(along(np.full(10, -0.05))) == 0


def test_a_gain_within_the_scatter_does_not_count():
    gain = np.array([0.09, -0.05, 0.09, -0.05, 0.02])
    losses = along(gain)
    assert losses[1].mean() < losses[0].mean()  # a gain
    assert surest(losses) == 0
    many = np.tile(gain, 40)  # and the same gain of many objects
    assert surest(along(many)) > 0


def test_one_object_that_is_certain_and_wrong_is_one_object():
    own = np.full((len(FRACTIONS), 100), 0.5)
    own[1:] = 0.9
    own[1:, 0] = 0.0
    probabilities = np.stack([own, 1 - own], axis=-1)
    assert surest(log_loss(probabilities, np.zeros(100, int))) > 0


def test_the_end_counts_as_much_as_all_earlier_moments():
    losses = np.random.default_rng(0).random((2, 5, 7))
    expected = (losses[:, 0] + losses[:, 1:].mean(1)) / 2
    assert_allclose(loss_of_all_moments(losses), expected)
    assert_array_equal(loss_of_all_moments(losses[:, :1]), losses[:, 0])


@pytest.mark.parametrize("prefixes", [0, 3])
def test_the_way_is_judged_at_the_moments_that_were_learned(monkeypatch, prefixes):
    """At the end of each light curve, and as a survey saw it earlier."""
    judged = []

    def all_moments(losses):
        judged.append(losses)
        return loss_of_all_moments(losses)

    monkeypatch.setattr(interpolation, "loss_of_all_moments", all_moments)
    model, _, _, report = fitted(recipe=replace(RECIPE, prefixes=prefixes))
    (losses,) = judged
    assert losses.shape == (len(FRACTIONS), 1 + prefixes, report.comparison["n"])
    at_the_start = losses[0, 0].mean()
    assert report.comparison["log_loss"]["first"] == pytest.approx(at_the_start)
    for earlier in losses[0, 1:]:
        assert (earlier != losses[0, 0]).any()


def test_the_seed_draws_the_earlier_moments():
    model = small_model(seed=1)
    objects = labelled_inputs(labelled(4), model.preset)
    ends = model.get_weights()

    def found(seed):
        return interpolation._on_the_way(model, ends, ends, objects, 3, seed)

    first, again, other = found(0), found(0), found(1)
    assert_array_equal(first, again)
    assert_array_equal(first[:, 0], other[:, 0])
    assert (first[:, 1:] != other[:, 1:]).any()


@pytest.mark.parametrize(("early", "fraction"), [(0.9, 1.0), (0.1, 0.0)])
def test_earlier_moments_decide_where_the_end_says_little(monkeypatch, early, fraction):
    """At the end all shares of the way are alike."""

    def on_the_way(model, start, end, objects, prefixes, seed):
        own = np.full((len(FRACTIONS), 1 + prefixes, len(objects)), 0.5)
        own[:, 1:] += np.array(FRACTIONS)[:, None, None] * (early - 0.5)
        found = np.full((*own.shape, 12), 1e-3)
        at = np.arange(len(objects)), objects.classes
        found[..., at[0], at[1]] = own
        return found

    monkeypatch.setattr(interpolation, "_on_the_way", on_the_way)
    report = fitted(recipe=replace(RECIPE, prefixes=3, calibrate=False))[3]
    assert report.fraction == fraction


def test_inputs_up_to_a_row_are_those_of_the_light_curve_cut_there():
    data = labelled(3)
    preprocessing = small_model(seed=1).preset.preprocessing
    inputs = preprocess(data, preprocessing)
    ends = draw_ends(inputs, 1, np.random.default_rng(3))[:, 1]
    rows, _ = input_rows(data, inputs, preprocessing)
    last = data.mjd[rows[inputs.offsets[:-1] + ends]]
    kept = data.mjd <= np.repeat(last, data.lengths)
    assert not kept.all()
    trigger = np.cumsum(kept)[rows[inputs.offsets[:-1] + inputs.trigger]] - 1
    cut = to_inputs(data.keep(kept), preprocessing, trigger=trigger)
    assert_array_equal(inputs.up_to(ends).light_curve, cut.light_curve)
    assert_array_equal(inputs.up_to(ends).offsets, cut.offsets)
    assert_array_equal(inputs.up_to(ends).trigger, cut.trigger)


def test_both_ends_are_exact():
    start = [np.float32([0.1, 0.7]), np.float32([[3.0]])]
    end = [np.float32([0.3, -0.2]), np.float32([[1e-9]])]
    for fraction, expected in ((0.0, start), (1.0, end)):
        for mine, theirs in zip(between(start, end, fraction), expected, strict=True):
            assert_array_equal(mine, theirs)
            assert mine.dtype == np.float32
    assert_allclose(between(start, end, 0.2)[0], [0.14, 0.52], rtol=1e-6)


@pytest.mark.parametrize("trainings", [1, 2, 6])
def test_the_mean_of_noisy_ends_is_best_farther_along_the_way(trainings):
    """In many dimensions, of trainings whose errors are alike by `CORRELATION`."""
    rng = np.random.default_rng(0)
    gain, alike, *own = rng.normal(size=(2 + trainings, 20_000))
    own = np.array(own)
    error = np.sqrt(CORRELATION) * alike + np.sqrt(1 - CORRELATION) * own
    shares = np.linspace(0, 1, 501)[:, None]

    def best(end: np.ndarray) -> float:
        return shares[((shares * end - gain) ** 2).sum(1).argmin(), 0]

    alone = np.mean([best(gain + one) for one in error])
    expected = to_the_mean(alone, trainings)
    assert best(gain + error.mean(0)) == pytest.approx(expected, abs=0.02)
    assert expected == alone if trainings == 1 else expected > alone + 0.05


# === Fits ===


def test_weights_lie_between_the_start_and_the_mean_of_all_trainings(monkeypatch):
    alone = Recipe(**{**vars(RECIPE), "folds": 0, "calibrate": False})
    only = Recipe(**{**vars(RECIPE), "calibrate": False})
    _, before, trained, plain = fitted(recipe=alone)
    assert (plain.fraction, plain.comparison, plain.left_out) == (1.0, None, None)
    seen = []

    def mean_of(ends):
        seen.extend(ends)
        return mean(ends)

    monkeypatch.setattr(interpolation, "mean", mean_of)
    monkeypatch.setattr(interpolation, "surest", lambda _: 2)
    _, _, after, report = fitted(recipe=only)
    assert len(seen) == 1 + RECIPE.folds
    assert report.fraction == to_the_mean(FRACTIONS[2], 1 + RECIPE.folds) > FRACTIONS[2]
    for place, (name, values) in enumerate(after.items()):
        ends = [weights[place] for weights in seen]
        assert_array_equal(ends[0], trained[name])
        end = np.mean(ends, axis=0)
        expected = before[name] + report.fraction * (end - before[name])
        assert_allclose(values, expected, atol=1e-6, err_msg=name)
        assert any((one != ends[0]).any() for one in ends[1:])
    assert (report.loss, report.epochs) == (plain.loss, plain.epochs)


def test_the_mean_of_the_same_weights_is_exact():
    frozen = [np.float32([0.1, 1 / 3, -7e-9])]
    for number in range(1, 8):
        found = mean([frozen] * number)
        assert_array_equal(found[0], frozen[0])
        assert found[0].dtype == np.float32


def test_a_training_that_harms_leaves_a_good_model_as_it_was():
    good, *_ = fitted(labelled(30), recipe=Recipe(epochs=12, learning_rate=0.01))
    assert zoo.evaluate(good, labelled(4), include_training=True)["macro_auroc"] > 0.9
    harmful = Recipe(**{**vars(RECIPE), "learning_rate": 0.3})
    _, before, after, report = fitted(fresh(6), model=good, recipe=harmful)
    assert report.fraction == 0
    assert report.comparison["macro_auroc"]["difference"] == pytest.approx(0, abs=0.02)
    for name, values in after.items():
        divided_by = report.temperature if name.startswith("head/") else 1
        assert_allclose(values, before[name] / divided_by, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize(("found", "taken"), [(3.0, 1.0), (0.9, 0.9)])
def test_a_base_that_is_kept_takes_no_temperature_that_its_labels_do_not_ask_for(
    monkeypatch, found, taken
):
    good, *_ = fitted(labelled(30), recipe=Recipe(epochs=12, learning_rate=0.01))
    monkeypatch.setattr("zoo.training.fit.temperature", lambda *given: found)
    harmful = Recipe(**{**vars(RECIPE), "learning_rate": 0.3})
    _, before, after, report = fitted(fresh(6), model=good, recipe=harmful)
    assert (report.fraction, report.temperature) == (0, taken)
    for name, values in after.items():
        divided_by = taken if name.startswith("head/") else 1
        assert_allclose(values, before[name] / divided_by, rtol=1e-6, err_msg=name)


def test_the_same_seed_is_the_same_model_and_another_is_another():
    first, again, other = (fitted(seed=seed)[2] for seed in (3, 3, 4))
    for name, values in first.items():
        assert_array_equal(values, again[name])
    assert any((values != other[name]).any() for name, values in first.items())


def test_the_comparison_is_that_of_objects_not_trained_on():
    data = labelled(8)
    model, _, _, report = fitted(data)
    comparison = report.comparison
    assert comparison["n"] == report.objects + report.validation_objects == len(data)
    assert set(comparison) == {"n", *COMPARED}
    # Without training the start is the same for every fold.
    start = small_model(seed=1)
    inputs = preprocess(data, start.preset.preprocessing)
    classes = start.preset.classes
    truth = np.array([classes.index(label) for label in data.labels[inputs.index]])
    expected = score(predict(start, inputs), truth, classes, replicates=1)
    for name in COMPARED:
        assert comparison[name]["first"] == pytest.approx(expected[name], rel=1e-6)
        low, high = comparison[name]["interval"]
        assert low <= comparison[name]["difference"] <= high
    probabilities, left_out = report.left_out
    assert np.array_equal(np.sort(left_out), np.sort(truth))
    second = score(probabilities, left_out, classes, replicates=1)
    for name in COMPARED:
        assert comparison[name]["second"] == pytest.approx(second[name], rel=1e-6)


def test_from_many_labels_on_the_validation_part_decides_alone(monkeypatch):
    monkeypatch.setattr(interpolation, "MANY", 40)
    monkeypatch.setattr(interpolation, "surest", lambda _: 2)
    report = fitted(labelled(8))[3]
    assert report.objects >= 40
    assert report.fraction == FRACTIONS[2]  # of one training
    assert report.comparison["n"] == report.validation_objects
    few = fitted(labelled(4))[3]
    assert few.comparison["n"] == few.objects + few.validation_objects
    assert few.fraction == to_the_mean(FRACTIONS[2], 1 + RECIPE.folds)


def test_objects_of_both_parts_are_no_judges():
    data = labelled(6)
    report = fitted(data, validation=data)[3]
    assert report.comparison["n"] == len(data)  # each once, as one left out of a fold


def test_two_labels_and_one():
    data = labelled(1)
    report = fitted(data.take(np.array([0, 1])))[3]
    assert report.comparison["n"] == 2
    with pytest.warns(UserWarning, match="nothing tells whether training helps"):
        report = fitted(data.take(np.array([0])))[3]
    assert (report.fraction, report.comparison) == (1, None)


def test_objects_that_the_start_was_trained_on_are_no_judges():
    data = labelled(9)
    first, second = data.take(np.arange(40)), data
    model, *_ = fitted(first)
    report = fitted(second, model=model)[3]
    assert report.comparison["n"] == len(data) - len(first)
    assert report.objects + report.validation_objects == len(data)


def test_a_second_fit_on_the_same_labels_says_that_nothing_judges_it():
    model, _, once, _ = fitted()
    with pytest.warns(UserWarning, match="nothing tells whether training helps"):
        _, _, twice, report = fitted(model=model)
    assert (report.fraction, report.comparison) == (1, None)
    assert any((values != once[name]).any() for name, values in twice.items())


def test_of_many_labels_some_judge_where_the_validation_part_cannot(monkeypatch):
    monkeypatch.setattr(interpolation, "MANY", 40)
    data = labelled(6)
    report = fitted(data, validation=data)[3]
    assert report.comparison["n"] == len(data)
    few = fresh(1).take(np.arange(3))
    assert fitted(data, validation=few)[3].comparison["n"] == len(data) + len(few)
    enough = fresh(1).take(np.arange(4))
    assert fitted(data, validation=enough)[3].comparison["n"] == len(enough)


def test_a_refusal_in_a_fold_leaves_the_model_as_it_was(monkeypatch):
    model = small_model(seed=1)
    before, preset = weights(model), model.preset
    begun, start = [], training.start_afresh

    def refuse(*given, **options):
        begun.append(1)
        if len(begun) == 2:
            raise ValueError("refused")
        start(*given, **options)

    monkeypatch.setattr(training, "start_afresh", refuse)
    with pytest.raises(ValueError, match="refused"):
        fitted(model=model)
    assert (model.preset, model.split) == (preset, {})
    for name, values in weights(model).items():
        assert_array_equal(values, before[name])


def test_an_interruption_while_folds_are_trained_keeps_the_trained_weights(monkeypatch):
    alone = Recipe(**{**vars(RECIPE), "folds": 0, "calibrate": False})
    trained = fitted(recipe=alone)[2]
    model, before = small_model(seed=1), interpolation._folds

    def stop(*given):
        before(*given)
        model.set_weights([0 * w for w in model.get_weights()])
        raise KeyboardInterrupt

    monkeypatch.setattr(interpolation, "_folds", stop)
    with pytest.raises(KeyboardInterrupt):
        fitted(model=model)
    for name, values in weights(model).items():
        assert_array_equal(values, trained[name])
    seen = {one for ids in model.split.values() for one in ids}
    assert seen == set(labelled(8).object_id)  # `zoo.evaluate` leaves them out


def test_folds_show_that_they_are_at_work(capsys):
    fitted(progress=True)
    lines = capsys.readouterr().err.splitlines()
    folds = [line for line in lines if line.startswith("fold")]
    assert [line.split()[:2] for line in folds] == [["fold", "1"], ["fold", "2"]]
    assert sum(line.startswith("epoch") for line in lines) == RECIPE.epochs


def test_the_recipe_of_a_transfer_decides_how_far_to_go():
    assert RECIPES["transfer"].folds == 5
    assert not any(RECIPES[one].folds for one in RECIPES if one != "transfer")


@pytest.mark.parametrize(
    "numbers", [{"folds": 1, "patience": None}, {"folds": 5}, {"folds": 3, "epochs": 4}]
)
def test_folds_are_two_or_more_and_never_stop_a_training(numbers):
    with pytest.raises(ValueError, match="recipe: folds is"):
        Recipe(**numbers)


# === Two models on the same objects ===


def test_what_is_certain_and_wrong_counts_the_same_before_and_after():
    probabilities = np.float32([[1e-12, 1 - 1e-12], [0.3, 0.7]])
    again = cooled(probabilities, 1.0)
    assert_allclose(again, probabilities, rtol=1e-6)
    loss = paired(probabilities, again, np.array([0, 1]))["log_loss"]
    assert loss["difference"] == pytest.approx(0, abs=1e-6)


def test_a_paired_difference_is_narrower_than_both_intervals():
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 3, 300)
    logits = generator.normal(size=(300, 3)) + 2 * np.eye(3)[truth]
    first = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    logits += 0.3 * np.eye(3)[truth]
    second = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    result = paired(first, second, truth)["macro_auroc"]
    low, high = score(first, truth, ("a", "b", "c"))["intervals"]["macro_auroc"]
    assert 0 < result["interval"][0] and result["interval"][1] < high - low
    assert result["difference"] == pytest.approx(result["second"] - result["first"])


def test_a_metric_that_is_not_defined_is_none():
    certain = np.eye(2)[[0, 0]]
    result = paired(certain, certain, np.zeros(2, int))["macro_auroc"]
    assert result["first"] is None and result["difference"] is None


def test_a_transfer_says_when_the_labels_did_not_help():
    harmful = Recipe(**{**vars(RECIPE), "learning_rate": 0.3})
    good, *_ = fitted(labelled(30), recipe=Recipe(epochs=12, learning_rate=0.01))
    report = fitted(fresh(6), model=good, recipe=harmful)[3]
    lines = compared(report, "toy-gru@v1.0.0")
    assert lines[0].startswith("toy-gru@v1.0.0 and the result on 48 labels")
    assert lines[-1].startswith(
        "these labels do not show that training helped: the weights of toy-gru@v1.0.0 "
        "are kept"
    )
    assert lines[-1].endswith("kept") == (report.temperature == 1)


def test_a_frozen_head_is_kept_as_it_is_and_a_transfer_says_no_more():
    good, *_ = fitted(labelled(30), recipe=Recipe(epochs=12, learning_rate=0.01))
    for layer in good.layers:
        layer.trainable = layer.name != "head"
    harmful = Recipe(**{**vars(RECIPE), "learning_rate": 0.3})
    with pytest.warns(UserWarning, match="the head is frozen"):
        _, before, after, report = fitted(fresh(6), model=good, recipe=harmful)
    assert report.fraction == 0
    assert compared(report, "toy-gru@v1.0.0")[-1].endswith("toy-gru@v1.0.0 are kept")
    for name, values in after.items():
        assert_array_equal(values, before[name])
