"""What the figures of a card show, against scikit-learn and a direct evaluation."""

import json

import numpy as np
import pytest
from models import labelled, small_model
from sklearn.metrics import auc, confusion_matrix, roc_auc_score

import zoo
from zoo.evaluation.auroc import macro_auroc
from zoo.evaluation.early import DAYS
from zoo.evaluation.metrics_file import measure, recorded
from zoo.evaluation.scores import score
from zoo.inputs.features import FEATURES
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.accept import read
from zoo.taxonomy import BTS, class_indices, collapse


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def data():
    return labelled(6)


@pytest.fixture(scope="module")
def found(model, data):
    return measure(model, data, "bts", name="toy")["diagnostics"]


@pytest.fixture(scope="module")
def direct(model, data):
    """True classes and probabilities, by the public road."""
    table = model.classify(data).drop(columns="reason").to_numpy()
    return class_indices(data.labels, BTS), collapse(table, model.preset.classes, BTS)


def test_confusion_is_that_of_scikit_learn(found, direct):
    truth, probabilities = direct
    expected = confusion_matrix(truth, probabilities.argmax(1), labels=range(len(BTS)))
    np.testing.assert_array_equal(found["confusion"], expected)


def test_a_thinned_roc_curve_keeps_its_area(found, direct):
    truth, probabilities = direct
    for i, label in enumerate(BTS):
        curve = found["roc"][label]
        assert len(curve["fpr"]) <= 50
        area = roc_auc_score(truth == i, probabilities[:, i])
        assert auc(curve["fpr"], curve["tpr"]) == pytest.approx(area, abs=0.02)


def test_reliability_gives_the_calibration_error(found, model, data):
    bins = [b for b in found["reliability"] if b["n"]]
    n = sum(b["n"] for b in bins)
    error = sum(b["n"] * abs(b["accuracy"] - b["confidence"]) for b in bins) / n
    assert len(found["reliability"]) == 15
    assert error == pytest.approx(zoo.evaluate(model, data, "bts")["ece"], abs=1e-3)


@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("features", FEATURES)
def test_early_scores_are_those_of_truncated_tables(data, features, days):
    model = small_model(features=features)
    trigger = trigger_rows(data, model.preset.preprocessing.pair_days)
    photometry, metadata = data.to_tables()
    last = np.repeat(data.mjd[trigger] + days, data.lengths)
    early = read((photometry[photometry["mjd"] <= last], metadata))
    # By then the trigger of a few is not confirmed yet, so there is no direct way.
    kept = np.flatnonzero(trigger_rows(early, 30) >= 0)
    assert len(kept) >= 40
    result = zoo.evaluate(model, early.take(kept), "bts")
    whole = measure(model, data.take(kept), "bts", name="toy")["diagnostics"]
    point = next(point for point in whole["by_days"] if point["days"] == days)
    assert point["n"] == result["n"]
    assert point["macro_auroc"] == pytest.approx(result["macro_auroc"], abs=1e-4)
    assert point["interval"][0] <= point["macro_auroc"] <= point["interval"][1]


def test_the_interval_agrees_with_the_bootstrap():
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 4, 500)
    scores = generator.normal(size=(500, 4)) + 1.5 * np.eye(4)[truth]
    probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    value, low, high = macro_auroc(probabilities, truth)
    expected = score(probabilities, truth, tuple("abcd"))
    assert value == pytest.approx(expected["macro_auroc"], abs=1e-9)
    for found, other in zip(
        (low, high), expected["intervals"]["macro_auroc"], strict=True
    ):
        assert found == pytest.approx(other, abs=0.15 * (high - low))


def test_a_class_without_objects_has_no_curve(model, data):
    measured = measure(model, data, classes="SNIa,SNII,AGN", name="toy")
    assert measured["diagnostics"]["roc"]["AGN"] is None
    assert macro_auroc(np.ones((3, 2)) / 2, np.zeros(3, int)) is None


def test_a_measurement_is_json_and_says_what_the_model_saw(model, data):
    hidden = measure(model, data, "bts", name="toy", metadata=False, where="a=b")
    assert (hidden["metadata"], hidden["where"]) == (False, "a=b")
    assert json.loads(json.dumps(hidden)) == hidden
    seen = measure(model, data, "bts", name="toy")
    assert seen["metadata"] and seen["log_loss"] != hidden["log_loss"]
    light = measure(small_model(metadata=()), data, "bts", name="toy")
    assert light["metadata"] is False


def test_measurements_are_added_and_replaced():
    def measured(value, data="a", metadata=True):
        return {"n": value, "data": data, "classes": ["x"], "metadata": metadata}

    metrics = recorded({"learning_curve": 1}, measured(1))
    assert metrics == {**measured(1), "learning_curve": 1}
    metrics = recorded(metrics, measured(2, "b"))
    metrics = recorded(metrics, measured(3, "b", metadata=False))
    metrics = recorded(metrics, measured(4, "b"))
    metrics = recorded(metrics, measured(5))
    assert metrics["n"] == 5 and metrics["learning_curve"] == 1
    assert [other["n"] for other in metrics["more"]] == [4, 3]
