"""What carried the predictions of the objects on the explore page."""

from collections.abc import Callable

import numpy as np

from zoo.explanation.explanation import in_words
from zoo.explanation.hidden import POINT
from zoo.explanation.occlusion import carriers, occlude
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.ragged import LightCurves
from zoo.taxonomy import collapse


def influence(
    runtime: Runtime,
    light_curves: LightCurves,
    inputs: Inputs,
    probabilities: np.ndarray,
    onto: tuple[str, ...],
    *,
    most: int,
    advance: Callable[[int], object],
) -> tuple[np.ndarray, list[str]]:
    """Hide parts of each object in turn, as `zoo.explain` does.

    Args:
        runtime: of the model.
        light_curves: the objects.
        inputs: of the `k` that are classified.
        probabilities: `(k, classes)`, what the model predicts for these.
        onto: its columns.
        most: maximum number of parts that the points of an object make.
        advance: called with the number of objects done.

    Returns:
        The change of the probability of the predicted class without each observation,
        float32, for all rows of the light curves, NaN where there is none; and a
        sentence for each of the `k` objects.
    """
    changes = np.full(len(light_curves.mjd), np.nan, np.float32)
    sentences = []
    for at, whole in zip(inputs.index, probabilities, strict=True):
        one = light_curves.take([at])
        alone = to_inputs(one, runtime.preset.preprocessing)
        occlusion = occlude(runtime, one, alone, most=most)
        without = collapse(occlusion.probabilities, runtime.preset.classes, onto)
        predicted = whole.argmax()
        change = without[:, predicted] - whole[predicted]
        for part, value in zip(occlusion.parts, change, strict=True):
            if part.kind == POINT:
                rows = light_curves.offsets[at] + occlusion.row[part.rows]
                changes[rows] = value
        sentences.append(in_words(carriers(occlusion.parts, change)))
        advance(1)
    return changes, sentences
