"""Whatever the public functions accept as data, turned into light curves."""

from pathlib import Path
from typing import Any

import pandas as pd

from zoo.light_curves.examples import from_examples
from zoo.light_curves.folder import read_folder
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import from_tables


def as_light_curves(data: Any) -> LightCurves:
    """Read whatever the public functions accept as data.

    Args:
        data: `LightCurves`, the folder of a light-curve table, a (photometry,
            metadata) pair of frames, one photometry frame, or a tfds data set of ours.

    Raises:
        ValueError: the data break a rule of the table, or are of none of these kinds.
    """
    if isinstance(data, LightCurves):
        return data
    if isinstance(data, (str, Path)):
        return read_folder(data)
    if isinstance(data, pd.DataFrame):
        return from_tables(data)
    if isinstance(data, tuple) and len(data) == 2:
        return from_tables(*data)
    if hasattr(data, "as_numpy_iterator"):
        return from_examples(data.as_numpy_iterator())
    raise ValueError(
        f"data of type {type(data).__name__} cannot be read. Give the folder of a "
        "light-curve table, a (photometry, metadata) pair of frames, or a tfds data "
        "set of zoo.datasets."
    )


def read(photometry: Any, metadata: pd.DataFrame | None) -> LightCurves:
    """The light curves that `classify`, `embed` and `novelty` are given.

    Raises:
        ValueError: the table breaks a rule, or there are metadata beside other data.
    """
    if metadata is None:
        return as_light_curves(photometry)
    if not isinstance(photometry, pd.DataFrame):
        raise ValueError(
            "metadata were given beside data that hold their own. Give two frames, or "
            f"the {type(photometry).__name__} alone."
        )
    return from_tables(photometry, metadata)
