"""Temperature: predicted probabilities that match observed frequencies.

One number by which all logits are divided (Guo et al. 2017, arXiv 1706.04599). It
changes no ranking of the classes of an object. It is folded into the head, so that the
network and every export of it give calibrated probabilities.
"""

import numpy as np

from zoo.classifier.head import log_sum_exp, softmax
from zoo.classifier.installed import keras

_FLOOR = 1e-7  # of a probability; Keras uses it in its cross-entropy
_SPREAD = 0.3
"""Prior scatter of ln(temperature). With it a handful of validation objects hardly
moves the temperature, and a hundred decide it; without it, ten objects that happen to
be right would make the model certain."""

_SEARCH = np.exp(np.linspace(-2, 2, 401))  # temperatures tried, 1 % apart


def temperature(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Find the temperature that makes probabilities fit the truth best.

    The one with the smallest log loss, plus (ln T / 0.3)^2 / 2 for a prior around 1.

    Args:
        probabilities: `(n, classes)`, for objects that were not trained on.
        truth: int `(n,)`, index of the true class.

    Returns:
        The temperature: above 1 where the probabilities were overconfident.

    Example:
        >>> confident = np.tile([0.999, 0.001], (100, 1))
        >>> temperature(confident, np.repeat([0, 1], [80, 20])) > 2
        True
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), _FLOOR))
    losses = [
        _log_loss(logits / t, truth) + 0.5 * (np.log(t) / _SPREAD) ** 2 for t in _SEARCH
    ]
    return float(_SEARCH[np.argmin(losses)])


def cool(model: keras.Model, temperature: float) -> None:
    """Divide the logits of a model by a temperature, permanently."""
    head = model.get_layer("head")
    head.set_weights([weight / temperature for weight in head.get_weights()])


def cooled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities `(n, classes)` whose logits were divided by a temperature.

    Example:
        >>> cooled(np.array([[0.8, 0.2]]), 0.5).round(3)
        array([[0.941, 0.059]])
    """
    # Not `_FLOOR`, which would mend what is certain and wrong.
    least = np.finfo(np.float32).tiny
    logits = np.log(np.maximum(probabilities.astype(np.float64), least)) / temperature
    return softmax(logits)


def _log_loss(logits: np.ndarray, truth: np.ndarray) -> float:
    """Summed over the objects."""
    own = logits[np.arange(len(truth)), truth]
    return float((log_sum_exp(logits) - own).sum())
