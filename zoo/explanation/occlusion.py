"""What a model predicts while parts of what it sees are hidden in turn.

Hiding parts of an input and predicting again is the occlusion of Zeiler & Fergus (2014,
ECCV, arXiv:1311.2901). Rows are left out of the inputs, as in training
(`zoo.training.epochs.augment`): features are causal and relative to the trigger, so
this gives what `preprocess` makes of the light curve without these observations and
with the same trigger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.explanation.hidden import (
    EVERYTHING,
    Hidden,
    known_metadata,
    metadata,
    passbands,
    points,
    times,
    with_hidden,
)
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import input_rows
from zoo.light_curves.ragged import LightCurves

MOST = 400
"""Maximum number of parts that the points of an object make."""

NOTABLE = 0.05
"""Change of a probability from which a part is said to carry a prediction: smaller
ones do not show in a figure."""

_CARRIERS = 3  # of a sentence
_ROWS = 500_000  # of shortened light curves in memory at a time, as for histories


@dataclass(frozen=True, eq=False)
class Occlusion:
    """Probabilities of one object with `k` parts hidden in turn.

    Attributes:
        row: int64 `(m,)`, the observations that the model sees, as positions among
            those of the light curve.
        days: float64 `(m,)`, since trigger.
        trigger: which of these is the trigger.
        parts: what is hidden, `k` in all.
        probabilities: float32 `(k, classes)`.
    """

    row: np.ndarray
    days: np.ndarray
    trigger: int
    parts: tuple[Hidden, ...]
    probabilities: np.ndarray


def occlude(
    runtime: Runtime, light_curve: LightCurves, inputs: Inputs, *, most: int = MOST
) -> Occlusion:
    """Hide every point, passband, span of days and known scalar of an object in turn.

    The trigger is never hidden: it sets the days and the unit of the fluxes of every
    other row.

    Args:
        runtime: of the model.
        light_curve: one object.
        inputs: made of it.
        most: maximum number of parts that its points make, see
            `zoo.explanation.hidden.points`.

    Example:
        >>> from zoo.inputs.preprocess import preprocess
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model, one = Runtime.load("ztfsims-gru"), golden_light_curves().take([0])
        >>> inputs = preprocess(one, model.preset.preprocessing)
        >>> [part.name for part in occlude(model, one, inputs, most=1).parts][1:4]
        ['ztfg', 'ztfr', 'days before the trigger']
    """
    preprocessing = runtime.preset.preprocessing
    row, days = input_rows(light_curve, inputs, preprocessing)
    trigger = int(inputs.trigger[0])
    names = [light_curve.passbands[code].name for code in light_curve.band[row]]
    known = known_metadata(light_curve, preprocessing)
    parts = [
        *points(names, days, trigger, most),
        *passbands(light_curve, row, trigger),
        *times(days, trigger, preprocessing.window),
        *metadata(known, preprocessing),
    ]
    probabilities = np.empty((len(parts), len(runtime.preset.classes)), np.float32)
    step = max(1, _ROWS // len(row))
    for start in range(0, len(parts), step):
        some = slice(start, start + step)
        without = with_hidden(inputs, parts[some], known, preprocessing)
        (probabilities[some],) = runtime.run(without, "probabilities")
    return Occlusion(row, days, trigger, tuple(parts), probabilities)


def carriers(parts: Sequence[Hidden], change: np.ndarray) -> list[tuple[str, float]]:
    """The parts that carry a prediction most: without one of them, the probability is
    lower by `NOTABLE` or more.

    All metadata together are not among them, since each is on its own, and of parts
    with the same points, such as a passband with a single one, the first is.

    Args:
        parts: `k` of them.
        change: `(k,)`, of the probability where each is hidden.

    Returns:
        Names and changes of three at most, the largest drop first.
    """
    backwards = reversed([*enumerate(parts)])  # of equal ones, the first stays
    different = {(part.rows.tobytes(), part.columns): i for i, part in backwards}
    single = [i for i in different.values() if parts[i].kind != EVERYTHING]
    ranked = sorted(single, key=lambda i: (change[i], i))[:_CARRIERS]
    return [(parts[i].name, float(change[i])) for i in ranked if change[i] <= -NOTABLE]
