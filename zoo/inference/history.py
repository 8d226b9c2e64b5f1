"""What a model predicts for objects as their observations arrive."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zoo.inference.result import NOT_FINITE
from zoo.inference.runtime import AnyModel, Runtime, predict
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import confirming_rows, input_rows, preprocess
from zoo.light_curves.ragged import LightCurves

_ROWS = 500_000  # of shortened light curves in memory at a time: 16 MB


@dataclass(frozen=True, eq=False)
class Histories:
    """Class probabilities of `k` objects after their observations, `m` in all.

    Attributes:
        offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`.
        row: int64 `(m,)`, the last observation used, as a position among all rows of
            the light curves.
        days: float64 `(m,)`, its days since trigger.
        probabilities: float32 `(m, classes)`, rows that sum to 1.
    """

    offsets: np.ndarray
    row: np.ndarray
    days: np.ndarray
    probabilities: np.ndarray


def histories(
    model: AnyModel,
    light_curves: LightCurves,
    inputs: Inputs,
    *,
    most: int | None = None,
    advance: Callable[[int], object] = lambda objects: None,
) -> Histories:
    """Class probabilities of many objects after each of their observations.

    Features are causal, so this is what the model would have predicted then. A history
    starts with the detection that confirms the trigger; before then the object has no
    trigger.

    Args:
        model: the model.
        light_curves: the objects.
        inputs: what `preprocess` made of them for this model.
        most: maximum number of observations per object, the last one among them and
            the others evenly spread; default: every one.
        advance: called with the number of objects that each chunk completes.

    Returns:
        The histories of the objects that have inputs.

    Raises:
        ValueError: the model gives no finite output for one.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> model, objects = Runtime.load("ztfsims-gru"), golden_light_curves()
        >>> inputs = preprocess(objects, model.preset.preprocessing)
        >>> len(histories(model, objects, inputs, most=2).row)
        16
    """
    runtime = Runtime.of(model)
    preprocessing = runtime.preset.preprocessing
    rows, days = input_rows(light_curves, inputs, preprocessing)
    first = rows[inputs.offsets[:-1] + inputs.trigger]
    confirmed = confirming_rows(light_curves, first, preprocessing)
    ends = []  # positions among the rows of the inputs
    for number, (start, stop) in enumerate(
        zip(inputs.offsets[:-1], inputs.offsets[1:], strict=True)
    ):
        own = start + np.flatnonzero(rows[start:stop] >= confirmed[number])
        if not len(own):  # confirmed after the end of the window
            own = np.array([stop - 1])
        if most is not None and len(own) > most:
            own = own[np.linspace(len(own) - 1, 0, most).round().astype(int)[::-1]]
        ends.append(own)
    counts = np.array([len(own) for own in ends], np.int64)
    end = np.concatenate([*ends, np.zeros(0, np.int64)])
    probabilities = np.empty((len(end), len(runtime.preset.classes)), np.float32)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    owners = np.repeat(np.arange(len(counts)), counts)
    # Between the times of one object too: those of 10,000 points have 10**8 rows.
    part_of = np.cumsum(inputs.lengths[owners]) // _ROWS
    for part in np.unique(part_of):
        mine = np.flatnonzero(part_of == part)
        owner = owners[mine]
        copies = inputs.take(owner)
        place = np.arange(copies.offsets[-1]) - np.repeat(
            copies.offsets[:-1], copies.lengths
        )
        last = end[mine] - inputs.offsets[owner]
        shortened = copies.with_rows(place <= np.repeat(last, copies.lengths))
        probabilities[mine] = predict(runtime, shortened)
        if not np.isfinite(probabilities[mine]).all():
            raise ValueError(f"{runtime.source}: {NOT_FINITE}.")
        advance(int(np.isin(offsets[1:] - 1, mine).sum()))
    return Histories(offsets, rows[end], days[end], probabilities)


def history(
    model: AnyModel, light_curve: LightCurves, *, most: int | None = None
) -> pd.DataFrame:
    """Class probabilities after every observation of one object, see `histories`.

    Args:
        model: the model.
        light_curve: one object.
        most: as for `histories`.

    Returns:
        DataFrame, one row per observation within the model's window, from the one that
        confirms the trigger: `mjd`, `days_since_trigger` and one float32 column per
        class, rows that sum to 1.

    Raises:
        ValueError: there is not exactly one object, or it has no trigger.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> table = history("ztfsims-gru", golden_light_curves().take([0]))
        >>> bool(table["days_since_trigger"].is_monotonic_increasing)
        True
    """
    if len(light_curve) != 1:
        raise ValueError(f"give one object, not {len(light_curve)}.")
    runtime = Runtime.of(model)
    inputs = preprocess(light_curve, runtime.preset.preprocessing)
    if not len(inputs):
        name, reason = light_curve.object_id[0], inputs.reason[0]
        raise ValueError(f"object {name!r} has {reason}.")
    return history_table(runtime, light_curve, inputs, most=most)


def history_table(
    runtime: Runtime,
    light_curve: LightCurves,
    inputs: Inputs,
    *,
    most: int | None = None,
) -> pd.DataFrame:
    """The table of `history`, for an object whose inputs are made; `most` as for
    `histories`."""
    after = histories(runtime, light_curve, inputs, most=most)
    return pd.DataFrame(
        {
            "mjd": light_curve.mjd[after.row],
            "days_since_trigger": after.days,
            **dict(zip(runtime.preset.classes, after.probabilities.T, strict=True)),
        }
    )
