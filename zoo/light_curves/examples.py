"""Light curves from the examples of our tfds data sets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from zoo.labels import LABELS
from zoo.light_curves.ragged import ROW_ARRAYS, LightCurves
from zoo.passbands import CATALOGUE, invented

SCALARS = ("redshift", "mwebv")
"""Features of an example with one number, NaN where it is not known."""

TEXTS = ("subclass", "mode")
"""Features of simulated objects, empty text for others."""


def from_examples(examples: Iterable[Mapping[str, Any]]) -> LightCurves:
    """Collect the examples of one of our tfds data sets.

    Args:
        examples: dictionaries with the features of `zoo.datasets.tfds_features`, as
            `tfds.as_numpy(dataset)` or `dataset.as_numpy_iterator()` yield them.

    Raises:
        ValueError: there are no examples, one lacks a feature or has its rows out of
            order, or an object occurs twice.
    """
    rows = list(examples)
    wanted = ["object_id", *ROW_ARRAYS, *SCALARS, "label"]
    if missing := [name for name in wanted if rows and name not in rows[0]]:
        raise ValueError(
            f"the examples lack {missing}. Give a data set built by zoo.datasets, with "
            f"the features {wanted}."
        )
    columns: dict[str, Any] = {
        name: [row[name] for row in rows] for name in ("label", *SCALARS)
    }
    columns |= {name: [row.get(name, "") for row in rows] for name in TEXTS}
    columns |= {
        name: np.concatenate([row[name] for row in rows]) if rows else []
        for name in ROW_ARRAYS
    }
    return from_columns(
        [row["object_id"] for row in rows],
        np.array([len(row["mjd"]) for row in rows], np.int64),
        columns,
    )


def from_columns(
    object_id: Sequence[bytes | str],
    lengths: np.ndarray,
    columns: Mapping[str, Sequence[Any] | np.ndarray],
) -> LightCurves:
    """Collect examples that were read column by column.

    Args:
        object_id: names of the `n` objects.
        lengths: int64 `(n,)`, number of observations of each.
        columns: by feature of `zoo.datasets.tfds_features`; those of observations hold
            the `m` values of all objects in turn, others `n`.

    Raises:
        ValueError: there are no objects, one has its rows out of order, or an object
            occurs twice.

    Example:
        >>> one = from_columns(
        ...     ["a"],
        ...     np.array([1]),
        ...     {"mjd": [60000.0], "flux": [50.0], "flux_err": [5.0], "band": [0],
        ...      "detected": [True], "redshift": [0.1], "mwebv": [0.02], "label": [0],
        ...      "subclass": [""], "mode": [""]},
        ... )
        >>> one.labels.tolist()
        ['SNIa']
    """
    if not len(object_id):
        raise ValueError("the data set is empty. Choose a split that holds examples.")
    labels = np.array([*LABELS, None], dtype=object)  # code -1, unknown, is the last
    codes = np.asarray(columns["label"], np.int64)
    metadata = pd.DataFrame(
        {
            **{name: np.asarray(columns[name], np.float32) for name in SCALARS},
            # As objects: in a column of strings pandas turns None into NaN.
            "label": pd.Series(labels[codes], dtype=object),
        }
    )
    for name in TEXTS:
        texts = [_text(value) or None for value in columns[name]]
        if any(texts):
            metadata[name] = pd.Series(texts, dtype=object)
    ids = np.array([_text(name) for name in object_id], dtype=object)
    if pd.Index(ids).has_duplicates:
        raise ValueError("the data set holds an object twice. Build it again.")
    rows: dict[str, Any] = {
        name: np.asarray(columns[name], dtype) for name, dtype in ROW_ARRAYS.items()
    }
    # A code below 0 is of an invented passband: minus its wavelength in nm.
    nm = np.unique(-rows["band"][rows["band"] < 0])
    after = len(CATALOGUE) + np.searchsorted(nm, -rows["band"])
    rows["band"] = np.where(rows["band"] < 0, after, rows["band"])
    rows["band"] = rows["band"].astype(ROW_ARRAYS["band"])
    light_curves = LightCurves(
        object_id=ids,
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        metadata=metadata,
        passbands=(*CATALOGUE, *map(invented, nm.tolist())),
        **rows,
    )
    earlier = np.diff(light_curves.mjd) < 0
    same = np.diff(np.repeat(np.arange(len(lengths)), lengths)) == 0
    if (earlier & same).any():
        raise ValueError("the data set holds rows out of order. Build it again.")
    return light_curves


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


SPLIT_COLUMN = "zoo_split"
"""Metadata column that our tfds data sets carry in memory and as tables: `train`,
`validation` or `test`."""
