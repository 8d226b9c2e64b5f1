"""The temperature: right where it can be computed by hand, harmless on a handful."""

import numpy as np
import pytest
from models import labelled, small_model, weights

from zoo.evaluation.scores import score
from zoo.inference.runtime import predict
from zoo.inputs.preprocess import preprocess
from zoo.training.calibration import cool, temperature


def drawn(n: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities whose logits are too large by `scale`, and truths drawn from the
    right ones."""
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(n, 4)) * 2
    right = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = (right.cumsum(1) < generator.random((n, 1))).sum(1)
    scaled = np.exp(scale * logits)
    return scaled / scaled.sum(1, keepdims=True), truth


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 3.0])
def test_the_temperature_undoes_a_scale_of_the_logits(scale):
    probabilities, truth = drawn(5000, scale)
    assert temperature(probabilities, truth) == pytest.approx(scale, rel=0.06)


def test_a_few_objects_that_are_right_do_not_make_the_model_certain():
    probabilities = np.tile([0.8, 0.2], (10, 1))
    assert 0.7 < temperature(probabilities, np.zeros(10, int)) < 1.0


def test_certainty_that_is_wrong_stays_finite():
    certain = np.array([[1.0, 0.0]] * 50)
    assert 2 < temperature(certain, np.repeat([0, 1], 25)) < 10


def test_cooling_divides_the_logits_and_keeps_the_ranking():
    model = small_model()
    inputs = preprocess(labelled(), model.preset.preprocessing)
    before = predict(model, inputs).astype(np.float64)
    others = {n: w for n, w in weights(model).items() if not n.startswith("head/")}
    cool(model, 2.5)
    expected = before ** (1 / 2.5)
    expected /= expected.sum(1, keepdims=True)
    after = predict(model, inputs)
    np.testing.assert_allclose(after, expected, atol=1e-6)
    assert (after.argmax(1) == before.argmax(1)).all()
    assert all(np.array_equal(weights(model)[name], others[name]) for name in others)


def test_calibration_lowers_the_ece_of_unseen_objects():
    probabilities, truth = drawn(4000, 2.5)
    by = temperature(probabilities[:2000], truth[:2000])
    cooled = probabilities[2000:] ** (1 / by)
    cooled /= cooled.sum(1, keepdims=True)
    labels = list("abcd")
    before = score(probabilities[2000:], truth[2000:], labels, replicates=1)["ece"]
    after = score(cooled, truth[2000:], labels, replicates=1)["ece"]
    assert after < 0.03 < 0.1 < before
