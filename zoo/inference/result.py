"""The table that inference returns, and what is said of objects left out."""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from zoo.inputs.inputs import Inputs
from zoo.light_curves.ragged import LightCurves

NAMED = 3
"""Objects that a warning names."""


def announce(light_curves: LightCurves, inputs: Inputs) -> None:
    """Say what cannot be classified: an error if nothing can, else one warning.

    Raises:
        ValueError: no object at all has inputs.
    """
    left_out = np.flatnonzero(inputs.reason != "")
    if not len(left_out):
        return
    message = left_out_message(
        len(left_out),
        len(light_curves),
        light_curves.object_id[left_out[:NAMED]].tolist(),
        inputs.reason[left_out[0]],
    )
    if not len(inputs):
        raise ValueError(message)
    warnings.warn(message, stacklevel=3)


def left_out_message(
    left_out: int, objects: int, names: Sequence[str], reason: str
) -> str:
    """What is said of objects that cannot be classified, `names` the first of them."""
    more = ", ..." if left_out > len(names) else ""
    given = ", ".join(x if x.isprintable() else repr(x) for x in names)
    message = (
        f"{left_out} of {objects} objects cannot be classified ({given}{more}): "
        f"{reason}."
    )
    if left_out == objects:
        return f"{message} Mark the detections in a `detected` column."
    return message


def as_table(
    light_curves: LightCurves, inputs: Inputs, values: np.ndarray, columns: Any
) -> pd.DataFrame:
    """Values `(k, columns)` of the objects with inputs as a table of all objects."""
    full = np.full((len(light_curves), values.shape[1]), np.nan, np.float32)
    full[inputs.index] = values
    return label_rows(light_curves.object_id, full, columns, inputs.reason)


def label_rows(
    object_id: np.ndarray, values: np.ndarray, columns: Any, reason: np.ndarray
) -> pd.DataFrame:
    """Values `(n, columns)`, NaN where there is a reason, as a table."""
    index = pd.Index(object_id, name="object_id")
    table = pd.DataFrame(values, index=index, columns=_names(tuple(columns)))
    reasons = pd.DataFrame(reason[:, None], index=index, columns=_names(("reason",)))
    return pd.concat([table, reasons], axis=1)


@lru_cache(16)
def _names(columns: tuple[str, ...]) -> pd.Index:
    """An index of columns; making one takes a tenth of the time of a single object."""
    return pd.Index(columns)
