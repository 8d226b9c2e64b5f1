"""Scores: against scikit-learn, by hand, and against an explicit bootstrap."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import metrics as sk

from zoo.evaluation.scores import score, weighted_metrics

FIGURES = (
    "accuracy balanced_accuracy macro_f1 macro_auroc micro_auroc log_loss ece"
).split()
CLASSES = ("SNIa", "SNIb/c", "SNII", "SLSN-I", "TDE")


def labelled(
    n: int, present: tuple[int, ...], *, seed: int, decimals: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of five classes that know something, and the truth.

    `decimals` rounds what the network gives, so that many values are equal.
    """
    generator = np.random.default_rng(seed)
    truth = generator.choice(present, n, p=np.arange(1, len(present) + 1) / sum(
        range(1, len(present) + 1)
    ))  # fmt: skip
    truth[: len(present)] = present
    logits = generator.normal(0, 1, (n, 5)) + 1.5 * np.eye(5)[truth]
    odds = np.exp(logits if decimals is None else logits.round(decimals))
    return odds / odds.sum(1, keepdims=True), truth


CASES = [
    pytest.param(*labelled(400, (0, 1, 2, 3, 4), seed=0), id="all classes"),
    pytest.param(*labelled(300, (0, 1, 2, 3, 4), seed=1, decimals=0), id="ties"),
    pytest.param(*labelled(200, (0, 2, 4), seed=2), id="absent classes"),
    pytest.param(*labelled(100, (1, 3), seed=3, decimals=0), id="two classes and ties"),
    pytest.param(*labelled(6, (0, 1, 2, 3, 4), seed=4), id="one of most classes"),
]


@pytest.mark.parametrize(("probabilities", "truth"), CASES)
def test_figures_agree_with_scikit_learn(probabilities: np.ndarray, truth: np.ndarray):
    got = score(probabilities, truth, CLASSES)
    predicted = probabilities.argmax(1)
    present = np.unique(truth)
    one_hot = np.eye(5)[truth]
    wanted = {
        "accuracy": sk.accuracy_score(truth, predicted),
        "balanced_accuracy": sk.recall_score(
            truth, predicted, labels=present, average="macro"
        ),
        "macro_f1": sk.f1_score(truth, predicted, labels=present, average="macro"),
        "macro_auroc": np.mean(
            [sk.roc_auc_score(truth == i, probabilities[:, i]) for i in present]
        ),
        "micro_auroc": sk.roc_auc_score(one_hot.ravel(), probabilities.ravel()),
        "log_loss": sk.log_loss(truth, probabilities, labels=range(5)),
    }
    assert {name: got[name] for name in wanted} == pytest.approx(wanted, rel=1e-10)


def test_figures_agree_with_the_averages_of_scikit_learn_where_all_classes_occur():
    probabilities, truth = labelled(400, (0, 1, 2, 3, 4), seed=0)
    got = score(probabilities, truth, CLASSES)
    predicted = probabilities.argmax(1)
    assert got["macro_auroc"] == pytest.approx(
        sk.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro")
    )
    assert got["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(truth, predicted)
    )
    assert got["macro_f1"] == pytest.approx(
        sk.f1_score(truth, predicted, average="macro")
    )


@pytest.mark.parametrize(("probabilities", "truth"), CASES)
def test_figures_per_class_agree_with_scikit_learn(
    probabilities: np.ndarray, truth: np.ndarray
):
    got = score(probabilities, truth, CLASSES)["per_class"]
    assert tuple(got) == CLASSES
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        truth, probabilities.argmax(1), labels=range(5), zero_division=0
    )
    for i, name in enumerate(CLASSES):
        assert got[name]["n"] == support[i]
        assert got[name]["precision"] == pytest.approx(precision[i])
        if support[i]:
            auroc = sk.roc_auc_score(truth == i, probabilities[:, i])
            assert got[name]["auroc"] == pytest.approx(auroc)
            average = sk.average_precision_score(truth == i, probabilities[:, i])
            assert got[name]["average_precision"] == pytest.approx(average)
            assert got[name]["recall"] == pytest.approx(recall[i])
            assert got[name]["f1"] == pytest.approx(f1[i])
        else:
            assert got[name]["auroc"] is got[name]["average_precision"] is None
            assert got[name]["recall"] is None


def test_a_class_never_predicted_has_precision_zero():
    got = score(np.array([[0.6, 0.4], [0.7, 0.3]]), np.array([0, 1]), ("a", "b"))
    assert got["per_class"]["b"]["precision"] == 0
    assert got["per_class"]["b"]["f1"] == 0
    assert got["per_class"]["a"]["precision"] == 0.5


def test_auroc_needs_both_sides():
    got = score(np.array([[0.6, 0.4], [0.7, 0.3]]), np.array([0, 0]), ("a", "b"))
    assert got["macro_auroc"] is None
    assert got["intervals"]["macro_auroc"] == [None, None]
    assert [got["per_class"][name]["auroc"] for name in "ab"] == [None, None]
    assert got["accuracy"] == got["micro_auroc"] == got["macro_f1"] == 1


def test_all_ties_are_a_coin_toss():
    got = score(np.full((10, 2), 0.5), np.arange(10) % 2, ("a", "b"))
    assert got["macro_auroc"] == got["micro_auroc"] == 0.5


def test_ece_by_hand():
    # Top probabilities 0.95 and 0.93 share a bin, 0.55 and 0.59 another, of width 1/15:
    # [0.9333, 1], [0.8667, 0.9333), [0.5333, 0.6).
    top = np.array([0.95, 0.97, 0.93, 0.55, 0.59])
    right = np.array([1, 0, 1, 0, 1])
    probabilities = np.stack([top, 1 - top], axis=1)
    got = score(probabilities, 1 - right, ("a", "b"))["ece"]
    gaps = [abs(1 - 0.95 - 0.97), abs(1 - 0.93), abs(1 - 0.55 - 0.59)]
    assert got == pytest.approx(sum(gaps) / 5)


def test_ece_of_perfect_confidence():
    certain = np.eye(3)[[0, 1, 2, 0]]
    assert score(certain, np.array([0, 1, 2, 0]), "abc")["ece"] == 0
    assert score(certain, np.array([1, 2, 0, 1]), "abc")["ece"] == 1


def test_log_loss_of_a_true_class_with_probability_zero_is_finite():
    probabilities = np.array([[1.0, 0.0], [1.0, 0.0]])
    got = score(probabilities, np.array([0, 1]), ("a", "b"))["log_loss"]
    assert got == pytest.approx(-np.log(1e-15) / 2)


def test_no_object_is_refused():
    with pytest.raises(ValueError) as refusal:
        score(np.empty((0, 2)), np.array([], int), ("a", "b"))
    assert str(refusal.value) == (
        "there is no object to score. Give labelled light curves."
    )


@pytest.mark.parametrize("decimals", [None, 0])
def test_a_weight_counts_copies_of_an_object(decimals: int | None):
    probabilities, truth = labelled(60, (0, 1, 4), seed=5, decimals=decimals)
    weights = np.random.default_rng(6).integers(0, 4, 60)
    weights[:9] = 2
    weighted, weighted_class = weighted_metrics(probabilities, truth, weights[None])
    copied, copied_class = weighted_metrics(
        np.repeat(probabilities, weights, axis=0),
        np.repeat(truth, weights),
        np.ones((1, weights.sum())),
    )
    for name in FIGURES:
        assert_allclose(weighted[name], copied[name], rtol=1e-10)
    for name in ("auroc", "average_precision", "precision", "recall", "f1"):
        assert_allclose(weighted_class[name], copied_class[name], rtol=1e-10)


def test_each_row_of_weights_is_scored_by_itself():
    probabilities, truth = labelled(50, (0, 1, 2), seed=8)
    weights = np.random.default_rng(9).integers(0, 3, (7, 50))
    together, _ = weighted_metrics(probabilities, truth, weights)
    for i in range(7):
        alone, _ = weighted_metrics(probabilities, truth, weights[i : i + 1])
        for name in FIGURES:
            assert_allclose(together[name][i], alone[name][0], rtol=1e-12)


def test_intervals_are_those_of_an_explicit_bootstrap():
    probabilities, truth = labelled(150, (0, 1, 2, 3, 4), seed=10)
    scores = score(probabilities, truth, CLASSES)
    intervals = scores["intervals"]
    of_class = scores["per_class"]["SLSN-I"]["intervals"]
    intervals |= {f"SLSN-I {name}": ends for name, ends in of_class.items()}
    generator = np.random.default_rng(11)
    drawn: dict[str, list[float]] = {name: [] for name in intervals}
    for _ in range(400):
        objects = generator.integers(0, 150, 150)
        p, t = probabilities[objects], truth[objects]
        present, predicted = np.unique(t), p.argmax(1)
        drawn["accuracy"].append((predicted == t).mean())
        drawn["balanced_accuracy"].append(
            np.mean([(predicted[t == i] == i).mean() for i in present])
        )
        drawn["macro_f1"].append(
            sk.f1_score(t, predicted, labels=present, average="macro")
        )
        drawn["macro_auroc"].append(np.mean([area(p[:, i], t == i) for i in present]))
        drawn["micro_auroc"].append(area(p.ravel(), np.eye(5, dtype=bool)[t].ravel()))
        drawn["log_loss"].append(-np.log(p[np.arange(150), t]).mean())
        values = dict(
            zip(("precision", "recall", "f1"), one_class(p, t, 3), strict=True)
        )
        values["auroc"] = area(p[:, 3], t == 3)
        values["average_precision"] = sk.average_precision_score(t == 3, p[:, 3])
        for name, value in values.items():
            drawn[f"SLSN-I {name}"].append(value)
        top, right = p.max(1), predicted == t
        bins = (top * 15).astype(int)
        drawn["ece"].append(
            sum(abs((right - top)[bins == b].sum()) for b in range(15)) / 150
        )
    for name, values in drawn.items():
        width = np.ptp(np.percentile(values, (2.5, 97.5)))
        assert_allclose(
            intervals[name],
            np.percentile(values, (2.5, 97.5)),
            atol=0.15 * width,
            err_msg=name,
        )


def one_class(p: np.ndarray, t: np.ndarray, code: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of one class."""
    scores = sk.precision_recall_fscore_support(
        t, p.argmax(1), labels=[code], zero_division=0
    )
    return tuple(float(values[0]) for values in scores[:3])


def area(value: np.ndarray, positive: np.ndarray) -> float:
    """The chance that a positive outranks a negative, by comparing every pair."""
    plus, minus = value[positive][:, None], value[~positive][None]
    return float(((plus > minus) + 0.5 * (plus == minus)).mean())


@pytest.mark.parametrize(("probabilities", "truth"), CASES)
def test_intervals_contain_the_value(probabilities: np.ndarray, truth: np.ndarray):
    got = score(probabilities, truth, CLASSES)
    assert list(got["intervals"]) == FIGURES
    for name in set(FIGURES) - {"ece"}:  # resampling adds scatter, so ece only grows
        low, high = got["intervals"][name]
        assert low <= got[name] <= high, name
        assert low < high, name


def test_intervals_narrow_with_the_number_of_objects():
    few = score(*labelled(100, (0, 1, 2), seed=12), CLASSES)["intervals"]
    many = score(*labelled(900, (0, 1, 2), seed=12), CLASSES)["intervals"]
    for name in ("accuracy", "macro_auroc", "log_loss"):
        ratio = np.ptp(few[name]) / np.ptp(many[name])
        assert 1.8 < ratio < 5, name  # about the root of 9


def test_intervals_depend_on_the_seed_alone():
    data = labelled(80, (0, 1, 2), seed=13)
    first = score(*data, CLASSES, seed=1)
    assert score(*data, CLASSES, seed=1) == first
    other = score(*data, CLASSES, seed=2)
    assert other["intervals"] != first["intervals"]
    assert {name: other[name] for name in FIGURES} == {
        name: first[name] for name in FIGURES
    }


def test_intervals_do_not_depend_on_how_many_weights_are_held_at_a_time(monkeypatch):
    data = labelled(40, (0, 1, 2), seed=14)
    wanted = score(*data, CLASSES)["intervals"]
    monkeypatch.setattr("zoo.evaluation.scores._BLOCK", 40 * 5 * 70)
    got = score(*data, CLASSES)["intervals"]
    for name in FIGURES:
        assert got[name] == pytest.approx(wanted[name], rel=1e-9)


def test_a_rare_class_may_be_missing_from_a_resample():
    probabilities, truth = labelled(30, (0, 1), seed=15)
    truth[truth == 1] = 0
    truth[0] = 1
    got = score(probabilities, truth, CLASSES)
    low, high = got["intervals"]["macro_auroc"]
    assert 0 <= low <= high <= 1


def test_float32_probabilities_score_as_they_are():
    probabilities, truth = labelled(50, (0, 1, 2), seed=16)
    single = probabilities.astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = score(single, truth, CLASSES)
    wanted = score(single.astype(np.float64), truth, CLASSES)
    assert got == wanted
