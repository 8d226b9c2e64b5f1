"""How unlike all that a model knows a light curve is.

A classifier calls everything one of its classes. Two things betray what it never saw:
it is less sure, and its latent layer puts the light curve away from those it knows.
Neither alone is enough (`benchmarks/README.md`): kilonovae leave it unsure, and
microlensing lies far away. The score adds the two, each in units of what is usual among
the light curves that travel with the model.
"""

from typing import Any

import keras
import numpy as np
import pandas as pd

from zoo.inference import announce, as_table, latents, read
from zoo.light_curves import LightCurves
from zoo.network import LightCurveNetwork
from zoo.preprocess import Inputs, preprocess

_FEWEST = 50
"""Reference light curves below which the usual is not known."""

_SMALL = 1e-3  # keeps logarithms finite; entropies and distances of interest are above


def novelty(
    model: LightCurveNetwork, photometry: Any, metadata: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Score how unlike the known classes each object is.

    The mean of two standardised numbers: the logarithm of the entropy of the
    probabilities, and the logarithm of the distance, in the latent layer, to the
    nearest light curve that travels with the model. About 0 for an ordinary object; the
    larger, the stranger. Use it to rank, not as a probability.

    Args, warnings as for `zoo.classify`.

    Returns:
        DataFrame, index `object_id`: float32 `novelty`, NaN for an object without a
        trigger, and `reason`.

    Raises:
        ValueError: as `zoo.classify`, or the model carries too few light curves to know
            what is usual.

    Example:
        >>> import zoo
        >>> from zoo.golden import golden_light_curves
        >>> zoo.novelty(zoo.load("ztfsims-gru"), golden_light_curves()).shape
        (8, 2)
    """
    usual = _usual(model)
    light_curves = read(photometry, metadata)
    inputs = preprocess(light_curves, model.preset.preprocessing)
    announce(light_curves, inputs)
    score = _score(model, inputs, usual)[:, None]
    return as_table(light_curves, inputs, score, ["novelty"])


def _usual(model: LightCurveNetwork) -> dict[str, Any]:
    """What is usual among the light curves that travel with the model: their latents,
    and mean and scatter of how far apart they lie and how unsure the model is.
    """
    reference: LightCurves = model.reference()
    if len(reference) < _FEWEST:
        raise ValueError(
            f"{model.source} carries {len(reference)} light curves; novelty needs "
            f"{_FEWEST}. Take a model of the zoo, or a transfer of one."
        )
    inputs = preprocess(reference, model.preset.preprocessing)
    latent = latents(model, inputs)
    scale = latent.std(axis=0) + _SMALL
    apart = np.log(_nearest(latent / scale, latent / scale, itself=True) + _SMALL)
    unsure = np.log(_entropy(_probabilities(model, latent)) + _SMALL)
    return {
        "latent": latent / scale,
        "scale": scale,
        "apart": (apart.mean(), apart.std()),
        "unsure": (unsure.mean(), unsure.std()),
    }


def _score(
    model: LightCurveNetwork, inputs: Inputs, usual: dict[str, Any]
) -> np.ndarray:
    latent = latents(model, inputs)
    away = _nearest(latent / usual["scale"], usual["latent"])
    numbers = {"apart": away, "unsure": _entropy(_probabilities(model, latent))}
    standard = [
        (np.log(values + _SMALL) - usual[name][0]) / usual[name][1]
        for name, values in numbers.items()
    ]
    return np.mean(standard, axis=0)


def _probabilities(model: LightCurveNetwork, latent: np.ndarray) -> np.ndarray:
    """What the head says of latents: no second pass through the rest of the network."""
    return keras.ops.convert_to_numpy(model.get_layer("head")(latent))


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    return -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=1)


def _nearest(
    points: np.ndarray, others: np.ndarray, *, itself: bool = False
) -> np.ndarray:
    """Distance to the nearest of the others, or the next one after the point itself."""
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=1 + itself).fit(others)
    return found.kneighbors(points)[0][:, -1]
