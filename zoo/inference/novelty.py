"""How different a light curve is from everything a model was trained on.

A classifier puts every object into one of its classes. Two things betray an object of
another kind: the model is less certain, and its latent layer places the light curve
away from those it knows. Neither alone is enough (`benchmarks/README.md`): kilonovae
make the model uncertain, and microlensing events lie far away. The score is the mean of
the two, each standardised on the light curves that travel with the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from zoo.inference.result import NOT_FINITE, as_table
from zoo.inference.runtime import AnyModel, Runtime
from zoo.inference.tally import announce
from zoo.inputs.preprocess import preprocess, to_inputs
from zoo.light_curves.accept import read_objects
from zoo.light_curves.ragged import LightCurves

FALSE_ALARMS = 0.05
"""Share, of the light curves that travel with a model, that lies above the cut. There
are 240, which tell 5 % to within 1.4 %; at 1 % the cut would hang on two of them, and
0.2 to 2.7 % of ordinary objects lay above it. They have at most 32 rows: of ordinary
objects with more, or with one season of a survey of years, up to 15 % lie above the cut
(`benchmarks/README.md`)."""

_FEWEST = 50
"""Reference light curves needed to tell what is usual."""

_SMALL = 1e-3  # keeps logarithms finite; entropies and distances of interest are above


def novelty(
    model: AnyModel,
    photometry: Any,
    metadata: Any = None,
    *,
    keep_all_passbands: bool = False,
) -> pd.DataFrame:
    """Score how different each object is from the classes of the model.

    The mean of two standardised numbers: the logarithm of the entropy of the
    probabilities, and the logarithm of the distance, in the latent layer, to the
    nearest light curve that travels with the model. About 0 for an ordinary object; a
    larger score is stranger. Use it to rank objects: it is not a probability. The cut
    of `zoo.classify(..., trust=True)` is the score that 5 % of those light curves
    exceed.

    Args, warnings as for `zoo.classify`.

    Returns:
        DataFrame, index `object_id`: float32 `novelty`, NaN for an object without a
        trigger, and `reason`.

    Raises:
        ValueError: as `zoo.classify`, or the model carries too few light curves to
            tell what is usual.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> zoo.novelty("ztfsims-gru", golden_light_curves()).shape
        (8, 2)
    """
    runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
    usual = Usual.of(runtime)
    reads = runtime.preset.preprocessing.reads
    light_curves = read_objects(photometry, metadata, **reads)
    inputs = to_inputs(light_curves, runtime.preset.preprocessing)
    score = usual.score(*runtime.run(inputs, "latent", "probabilities"))
    table, reason = as_table(light_curves, inputs, score[:, None], ["novelty"])
    announce(runtime, light_curves, inputs, reason)
    return table


@dataclass(frozen=True)
class Usual:
    """What is usual among the light curves that travel with a model.

    Attributes:
        latent: their latents in units of `scale`, float32 `(k, width)`.
        scale: scatter of each number of the latent layer, float32 `(width,)`.
        distance: mean and scatter of the logarithm of the distance of each to its
            nearest neighbour.
        entropy: mean and scatter of the logarithm of the entropy of their class
            probabilities.
        cut: the score that `FALSE_ALARMS` of them exceed, each compared with the
            others; and where their redshifts are not known, which makes a model less
            certain.
    """

    latent: np.ndarray
    scale: np.ndarray
    distance: tuple[float, float]
    entropy: tuple[float, float]
    cut: tuple[float, float]

    @classmethod
    def of(cls, runtime: Runtime) -> "Usual":
        """Measure it.

        Raises:
            ValueError: the model carries too few light curves, or gives no finite
                output for one.
        """
        reference = runtime.reference()
        if len(reference) < _FEWEST:
            raise ValueError(
                f"{runtime.source} has {len(reference)} golden light curves; novelty "
                f"needs {_FEWEST}. Use a model of the zoo, or one transferred from it."
            )
        latent, probabilities = _outputs(runtime, reference)
        scale = latent.std(axis=0) + _SMALL
        itself = np.arange(len(reference))
        distance = _nearest(latent / scale, latent / scale, itself)
        numbers = (distance, _entropy(probabilities))
        usual = (_mean_and_scatter(numbers[0]), _mean_and_scatter(numbers[1]))
        unknown = reference.metadata.assign(redshift=np.float32("nan"))
        far, uncertain = _outputs(runtime, replace(reference, metadata=unknown))
        without = (_nearest(far / scale, latent / scale, itself), _entropy(uncertain))
        first, second = (
            float(np.quantile(_mean_deviation(one, usual), 1 - FALSE_ALARMS))
            for one in (numbers, without)
        )
        return cls(latent / scale, scale, *usual, cut=(first, second))

    def score(self, latent: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """The novelty of objects, `(k,)`; NaN where the output is not finite."""
        finite = np.isfinite(latent).all(axis=1) & np.isfinite(probabilities).all(
            axis=1
        )
        if not finite.all():
            score = np.full(len(finite), np.nan)
            score[finite] = self.score(latent[finite], probabilities[finite])
            return score
        numbers = (_nearest(latent / self.scale, self.latent), _entropy(probabilities))
        return _mean_deviation(numbers, (self.distance, self.entropy))


def _mean_deviation(
    numbers: Sequence[np.ndarray], usual: Sequence[tuple[float, float]]
) -> np.ndarray:
    """The mean over numbers of how far the logarithm of each is from usual, `(k,)`."""
    standardised = [
        (np.log(values + _SMALL) - mean) / scatter
        for values, (mean, scatter) in zip(numbers, usual, strict=True)
    ]
    return np.mean(standardised, axis=0)


def _mean_and_scatter(values: np.ndarray) -> tuple[float, float]:
    logarithms = np.log(values + _SMALL)
    return logarithms.mean(), logarithms.std()


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    return -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=1)


def _outputs(runtime: Runtime, reference: LightCurves) -> list[np.ndarray]:
    """Latents and probabilities of the light curves that travel with a model."""
    inputs = preprocess(reference, runtime.preset.preprocessing)
    outputs = runtime.run(inputs, "latent", "probabilities")
    if not all(np.isfinite(values).all() for values in outputs):
        raise ValueError(f"{runtime.source}: {NOT_FINITE}.")
    return outputs


def _nearest(
    points: np.ndarray, others: np.ndarray, itself: np.ndarray | None = None
) -> np.ndarray:
    """Distance of each point to the nearest of the others.

    Args:
        points: `(k, width)`.
        others: `(n, width)`.
        itself: int64 `(k,)`, which of the others is the point itself and does not
            count; default: none.
    """
    from sklearn.neighbors import NearestNeighbors

    if not len(points):  # scikit-learn refuses them
        return np.zeros(0, np.float32)
    neighbours = NearestNeighbors(n_neighbors=1 if itself is None else 2).fit(others)
    distance, index = neighbours.kneighbors(points)
    if itself is None:
        return distance[:, 0]
    return np.where(index[:, 0] == itself, distance[:, 1], distance[:, 0])
