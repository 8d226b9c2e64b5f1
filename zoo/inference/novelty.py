"""How unlike all that a model knows a light curve is.

A classifier calls everything one of its classes. Two things betray what it never saw:
it is less sure, and its latent layer puts the light curve away from those it knows.
Neither alone is enough (`benchmarks/README.md`): kilonovae leave it unsure, and
microlensing lies far away. The score adds the two, each in units of what is usual among
the light curves that travel with the model.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from zoo.inference.result import announce, as_table
from zoo.inference.runtime import AnyModel, Runtime
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.accept import read

_FEWEST = 50
"""Reference light curves below which the usual is not known."""

_SMALL = 1e-3  # keeps logarithms finite; entropies and distances of interest are above


def novelty(model: AnyModel, photometry: Any, metadata: Any = None) -> pd.DataFrame:
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
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> zoo.novelty("ztfsims-gru", golden_light_curves()).shape
        (8, 2)
    """
    runtime = Runtime.of(model)
    usual = Usual.of(runtime)
    light_curves = read(photometry, metadata)
    inputs = preprocess(light_curves, runtime.preset.preprocessing)
    announce(light_curves, inputs)
    score = usual.score(*runtime.run(inputs, "latent", "probabilities"))[:, None]
    return as_table(light_curves, inputs, score, ["novelty"])


@dataclass(frozen=True)
class Usual:
    """What is usual among the light curves that travel with a model.

    Attributes:
        latent: their latents in units of `scale`, float32 `(k, width)`.
        scale: scatter of each number of the latent layer.
        apart: mean and scatter of the logarithm of how far apart they lie.
        unsure: mean and scatter of the logarithm of the entropy of what is said of
            them.
    """

    latent: np.ndarray
    scale: np.ndarray
    apart: tuple[float, float]
    unsure: tuple[float, float]

    @classmethod
    def of(cls, runtime: Runtime) -> "Usual":
        """Measure it.

        Raises:
            ValueError: the model carries too few light curves.
        """
        reference = runtime.reference()
        if len(reference) < _FEWEST:
            raise ValueError(
                f"{runtime.source} carries {len(reference)} light curves; novelty "
                f"needs {_FEWEST}. Take a model of the zoo, or a transfer of one."
            )
        inputs = preprocess(reference, runtime.preset.preprocessing)
        latent, probabilities = runtime.run(inputs, "latent", "probabilities")
        scale = latent.std(axis=0) + _SMALL
        apart = np.log(_nearest(latent / scale, latent / scale, itself=True) + _SMALL)
        unsure = np.log(_entropy(probabilities) + _SMALL)
        return cls(
            latent / scale,
            scale,
            (apart.mean(), apart.std()),
            (unsure.mean(), unsure.std()),
        )

    def score(self, latent: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """The novelty of objects: `(k,)`."""
        numbers = (
            (_nearest(latent / self.scale, self.latent), self.apart),
            (_entropy(probabilities), self.unsure),
        )
        standard = [
            (np.log(values + _SMALL) - mean) / scatter
            for values, (mean, scatter) in numbers
        ]
        return np.mean(standard, axis=0)


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    return -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=1)


def _nearest(
    points: np.ndarray, others: np.ndarray, *, itself: bool = False
) -> np.ndarray:
    """Distance to the nearest of the others, or the next one after the point itself."""
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=1 + itself).fit(others)
    return found.kneighbors(points)[0][:, -1]
