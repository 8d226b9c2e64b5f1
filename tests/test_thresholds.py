"""Thresholds on the probability of a class: by hand, against scikit-learn, for real."""

import json

import numpy as np
import pytest
from models import labelled, small_model
from sklearn.metrics import average_precision_score, precision_recall_curve
from test_cli import fails, home, run, transferred  # noqa: F401

import zoo
from zoo.evaluation.thresholds import Curve, purity_completeness
from zoo.taxonomy import BTS, class_indices, collapse

# Purity 1, 1/2, 2/3, 3/4, 3/5 and completeness 1/3, 1/3, 2/3, 1, 1.
VALUES = np.array([0.5, 0.8, 0.6, 0.9, 0.7])
OF_CLASS = np.array([False, False, True, True, True])


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def data():
    return labelled(6)


@pytest.fixture(scope="module")
def direct(model, data):
    """The probability of SN II and which objects are, by the public road."""
    table = model.classify(data).drop(columns="reason").to_numpy()
    truth = class_indices(data.labels, BTS)
    return collapse(table, model.preset.classes, BTS)[:, 2], truth == 2


def test_a_curve_by_hand():
    curve = Curve.of(VALUES, OF_CLASS)
    assert curve.value.tolist() == [0.9, 0.8, 0.7, 0.6, 0.5]
    assert curve.purity == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4, 3 / 5])
    assert curve.completeness == pytest.approx([1 / 3, 1 / 3, 2 / 3, 1, 1])
    assert curve.f1 == pytest.approx([1 / 2, 2 / 5, 2 / 3, 6 / 7, 3 / 4])


@pytest.mark.parametrize(
    ("goal", "least", "value"),
    [
        ("purity", 0.9, 0.9),
        ("purity", 0.75, 0.6),  # the most complete of three thresholds
        ("purity", 0.5, 0.6),  # 0.5 is as complete, but less pure
        ("completeness", 0.3, 0.9),
        ("completeness", 0.5, 0.6),  # purer than 0.7, which is enough
        ("completeness", 1, 0.6),
    ],
)
def test_the_best_threshold_by_hand(goal, least, value):
    curve = Curve.of(VALUES, OF_CLASS)
    assert curve.value[curve.best(goal, least)] == value


def test_a_purity_that_is_not_reached_has_no_threshold():
    assert Curve.of(VALUES, ~OF_CLASS).best("purity", 0.9) is None


def test_equal_probabilities_are_selected_together():
    curve = Curve.of(np.array([0.5, 0.5, 0.25]), np.array([True, False, True]))
    assert curve.value.tolist() == [0.5, 0.25]
    assert curve.purity == pytest.approx([1 / 2, 2 / 3])


def test_the_curve_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    value = generator.uniform(size=300).round(2)
    positive = generator.uniform(size=300) < value
    curve = Curve.of(value, positive)
    purity, completeness, at = precision_recall_curve(positive, value)
    np.testing.assert_array_equal(curve.value, at[::-1])
    np.testing.assert_allclose(curve.purity, purity[:-1][::-1])
    np.testing.assert_allclose(curve.completeness, completeness[:-1][::-1])


def test_a_kept_curve_has_few_points_all_of_them_right():
    generator = np.random.default_rng(1)
    value = generator.uniform(size=2000) ** 4  # as of a rare class
    positive = generator.uniform(size=2000) < value
    both = np.column_stack([value, 1 - value])
    kept = purity_completeness(both, np.where(positive, 0, 1), ("TDE", "other"))["TDE"]
    assert 20 <= len(kept["threshold"]) <= 40
    assert kept["threshold"] == sorted(kept["threshold"], reverse=True)
    for threshold, purity, completeness in zip(*kept.values(), strict=True):
        chosen = value >= threshold
        assert purity == pytest.approx(positive[chosen].mean(), abs=5e-5)
        found = (chosen & positive).sum() / positive.sum()
        assert completeness == pytest.approx(found, abs=5e-5)
    assert kept["completeness"][-1] == 1
    assert kept["threshold"][0] == value.max()
    assert np.diff(kept["completeness"]).max() < 0.1


def test_evaluate_has_the_curves_of_every_class(model, data, direct):
    result = zoo.evaluate(model, data, classes="SNIa,SNII,AGN")
    assert list(result["purity_completeness"]) == ["SNIa", "SNII", "AGN"]
    assert result["purity_completeness"]["AGN"] is None
    whole = zoo.evaluate(model, data, "bts")
    average = whole["per_class"]["SNII"]["average_precision"]
    assert average == pytest.approx(average_precision_score(direct[1], direct[0]))
    low, high = whole["per_class"]["SNII"]["intervals"]["average_precision"]
    assert low < average < high


@pytest.mark.parametrize("wanted", [{"purity": 0.4}, {"completeness": 0.8}])
def test_the_threshold_selects_what_it_says(model, data, direct, wanted):
    value, of_class = direct
    found = zoo.thresholds(model, data, "SN II", taxonomy="bts", **wanted)
    chosen = value >= found["threshold"]
    assert (found["class"], found["wanted"]) == ("SNII", wanted)
    assert (found["n"], found["n_class"]) == (48, of_class.sum())
    assert found["selected"] == chosen.sum() > 0
    assert found["purity"] == pytest.approx(of_class[chosen].mean())
    assert found["completeness"] == pytest.approx(chosen[of_class].mean())
    ((name, least),) = wanted.items()
    assert found[name] >= least
    average = average_precision_score(of_class, value)
    assert found["average_precision"] == pytest.approx(average)
    for other in value:  # no threshold does better
        more = value >= other
        if {"purity": of_class[more].mean(), "completeness": more[of_class].mean()}[
            name
        ] >= least:
            better = {
                "purity": more[of_class].mean(),
                "completeness": of_class[more].mean(),
            }
            best = {"purity": found["completeness"], "completeness": found["purity"]}
            assert better[name] <= best[name] + 1e-12


def test_the_highest_f1_is_the_highest(model, data, direct):
    value, of_class = direct
    best = zoo.thresholds(model, data, "SNII", taxonomy="bts", purity=0.1)["highest_f1"]

    def f1(threshold):
        chosen = value >= threshold
        return 2 * (chosen & of_class).sum() / (chosen.sum() + of_class.sum())

    assert best["f1"] == pytest.approx(max(map(f1, value)))
    assert f1(best["threshold"]) == pytest.approx(best["f1"])


def test_intervals_are_those_of_an_explicit_bootstrap(model, data, direct):
    value, of_class = direct
    found = zoo.thresholds(model, data, "SNII", taxonomy="bts", completeness=0.7)
    chosen = value >= found["threshold"]
    generator = np.random.default_rng(7)
    drawn = []
    for _ in range(4000):
        some = generator.integers(0, len(value), len(value))
        both = (chosen & of_class)[some].sum()
        sizes = chosen[some].sum(), of_class[some].sum()
        drawn.append((both / sizes[0], both / sizes[1], 2 * both / sum(sizes)))
    for name, values in zip(found["intervals"], np.transpose(drawn), strict=True):
        expected = np.percentile(values, (2.5, 97.5))
        width = np.ptp(expected)
        assert found["intervals"][name] == pytest.approx(expected, abs=0.15 * width)
        assert found["intervals"][name][0] <= found[name] <= found["intervals"][name][1]


def test_objects_trained_on_are_left_out(model, data):
    some = data.object_id[:10].tolist()
    found = zoo.thresholds(model, data, "SNII", completeness=1, exclude=some)
    assert (found["n"], found["n_excluded"]) == (38, 10)
    assert found["training_objects"] == "unknown"
    included = zoo.thresholds(
        model, data, "SNII", completeness=1, include_training=True
    )
    assert (included["n"], included["training_objects"]) == (48, "included")


@pytest.mark.parametrize(
    ("label", "options", "message"),
    [
        ("SNII", {}, "give either a purity or a completeness"),
        ("SNII", {"purity": 0.9, "completeness": 0.9}, "give either a purity or a"),
        ("SNII", {"purity": 90}, "purity is 90; it must be a number above 0"),
        ("SNII", {"completeness": 0}, "completeness is 0; it must be a number above"),
        ("SNII", {"purity": "0.9"}, "purity is '0.9'; it must be a number"),
        ("KN", {"purity": 0.9}, "'KN' is none of the classes SNIa, "),
        ("no", {"purity": 0.9}, "label 'no' is not a known class"),
        ("AGN", {"purity": 0.9}, "none of the 48 objects is labelled AGN"),
        (
            "SNII",
            {"purity": 0.9, "taxonomy": "bts", "classes": "SNIa,SNII"},
            "either a taxonomy or classes",
        ),
        ("SNIc-BL", {"purity": 1.0}, "no threshold gives SNIc-BL a purity of 1: the "),
    ],
)
def test_refusals(model, data, label, options, message):
    with pytest.raises(ValueError, match=message):
        zoo.thresholds(model, data, label, **options)


def test_the_command_prints_what_the_function_returns(home, model):  # noqa: F811
    arguments = ("thresholds", "toy", "--data", "table", "--class", "SNII")
    options = ("--completeness", "0.8", "--taxonomy", "bts")
    printed = json.loads(run(*arguments, *options, "--json"))
    expected = zoo.thresholds(
        "toy", "table", "SNII", completeness=0.8, taxonomy="bts", name="table"
    )
    assert printed == expected
    shown = run(*arguments, *options)
    assert "80 objects, 20 of them SNII" in shown
    assert "completeness of 0.8" in shown and "highest f1" in shown
    assert f"{expected['threshold']:.7g}" in shown
    hidden = json.loads(run(*arguments, *options, "--no-metadata", "--json"))
    assert hidden["threshold"] != expected["threshold"]


def test_the_command_leaves_out_what_was_trained_on(transferred, monkeypatch):  # noqa: F811
    monkeypatch.chdir(transferred)
    arguments = ("thresholds", "m", "--data", "table", "--class", "SNIa", "--json")
    left = json.loads(run(*arguments, "--purity", "0.2"))
    assert (left["n"], left["n_excluded"]) == (56, 24)
    assert left["training_objects"] == "left out"
    whole = json.loads(run(*arguments, "--purity", "0.2", "--include-training"))
    assert (whole["n"], whole["n_excluded"]) == (80, 0)


def test_mistakes_of_the_command_end_in_a_sentence(home):  # noqa: F811
    arguments = ("thresholds", "toy", "--data", "table", "--class")
    assert "give either --purity or --completeness" in fails(*arguments, "TDE", code=2)
    both = ("--purity", "0.9", "--completeness", "0.9")
    assert "give either" in fails(*arguments, "TDE", *both, code=2)
    assert "--purity" in fails(*arguments, "TDE", "--purity", "90", code=2)
    said = fails(*arguments, "SNIc-BL", "--purity", "1")
    assert "no threshold gives SNIc-BL a purity of 1: the highest is 0." in said
    assert "none of the classes" in fails(*arguments, "KN", "--purity", "0.5")
