"""When not to trust a probability: one word for each object.

A probability holds for objects like those that a model was trained on. Each rule names
a way in which an object is not; which of them matter was measured on real light curves
(`benchmarks/README.md`). Few points and an unknown redshift are no rules, because the
probabilities account for them.
"""

from dataclasses import dataclass, replace

import numpy as np

from zoo.inference.novelty import Usual
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.plausibility import implausible
from zoo.inputs.wavelengths import usable_rows
from zoo.inputs.window import mostly_detected_outside
from zoo.light_curves.ragged import LightCurves

OK = "ok"

WORDS = ("flux", "passbands", "redshift", "window", "novel")
"""Why not to trust a probability, the gravest reason first."""


@dataclass(frozen=True)
class Trust:
    """What a model knows of the objects whose probabilities can be trusted.

    Attributes:
        usual: what is usual among the light curves that travel with it.
        redshifts: lowest and highest redshift of these; NaN where the model does not
            see the redshift, or they have none.
    """

    usual: Usual
    redshifts: tuple[float, float]

    @classmethod
    def of(cls, runtime: Runtime) -> "Trust":
        """Measure it.

        Raises:
            ValueError: as `Usual.of`.
        """
        usual = Usual.of(runtime)
        known = runtime.reference().metadata["redshift"].to_numpy(np.float32)
        known = known[np.isfinite(known)]
        if "redshift" not in runtime.preset.preprocessing.metadata or not len(known):
            return cls(usual, (np.nan, np.nan))
        return cls(usual, (float(known.min()), float(known.max())))

    def words(
        self,
        light_curves: LightCurves,
        inputs: Inputs,
        preprocessing: Preprocessing,
        score: np.ndarray,
    ) -> np.ndarray:
        """One of `WORDS`, or `OK`, for each object with inputs, object `(k,)`.

        Args:
            light_curves: any number of objects.
            inputs: the inputs of `k` of them.
            preprocessing: what it made them with.
            score: novelty of the `k` objects.
        """
        index = inputs.index
        redshift = light_curves.metadata["redshift"].to_numpy(np.float32)
        low, high = self.redshifts
        outside = mostly_detected_outside(light_curves, inputs, preprocessing)
        rules = {
            "flux": implausible(light_curves)[index],
            "passbands": _mostly_out_of_range(light_curves, preprocessing)[index],
            "redshift": ((redshift < low) | (redshift > high))[index],
            "window": np.isin(index, outside),
            "novel": score > np.where(np.isfinite(redshift[index]), *self.usual.cut),
        }
        words = np.full(len(inputs), OK, dtype=object)
        for word in reversed(WORDS):
            words[rules[word]] = word
        return words


def _mostly_out_of_range(
    light_curves: LightCurves, preprocessing: Preprocessing
) -> np.ndarray:
    """Objects with most points at wavelengths that the model was not trained on, bool
    `(n,)`, also where it keeps all passbands."""
    margin = min(preprocessing.wavelength_margin, Preprocessing.wavelength_margin)
    usable = usable_rows(light_curves, replace(preprocessing, wavelength_margin=margin))
    if usable is None:
        return np.zeros(len(light_curves), bool)
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    within = np.bincount(owner[usable], minlength=len(light_curves))
    return 2 * within < light_curves.lengths
