"""Light curves from the examples of our tfds data sets."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from zoo.labels import LABELS
from zoo.light_curves.ragged import ROW_ARRAYS, LightCurves
from zoo.passbands import CATALOGUE

_TEXTS = ("subclass", "mode")  # metadata of simulated objects, kept where there are any


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
    if not rows:
        raise ValueError("the data set is empty. Choose a split that holds examples.")
    wanted = ["object_id", *ROW_ARRAYS, "redshift", "mwebv", "label"]
    if missing := [name for name in wanted if name not in rows[0]]:
        raise ValueError(
            f"the examples lack {missing}. Give a data set built by zoo.datasets, with "
            f"the features {wanted}."
        )
    labels = np.array([*LABELS, None], dtype=object)  # code -1, unknown, is the last
    metadata = pd.DataFrame(
        {
            "redshift": np.array([row["redshift"] for row in rows], np.float32),
            "mwebv": np.array([row["mwebv"] for row in rows], np.float32),
            # As objects: in a column of strings pandas turns None into NaN.
            "label": pd.Series(labels[[int(r["label"]) for r in rows]], dtype=object),
        }
    )
    for name in _TEXTS:
        texts = [_text(row.get(name, "")) or None for row in rows]
        if any(texts):
            metadata[name] = pd.Series(texts, dtype=object)
    object_id = np.array([_text(row["object_id"]) for row in rows], dtype=object)
    if pd.Index(object_id).has_duplicates:
        raise ValueError("the data set holds an object twice. Build it again.")
    if any((np.diff(row["mjd"]) < 0).any() for row in rows):
        raise ValueError("the data set holds rows out of order. Build it again.")
    return LightCurves(
        object_id=object_id,
        offsets=np.concatenate([[0], np.cumsum([len(row["mjd"]) for row in rows])]),
        metadata=metadata,
        passbands=CATALOGUE,
        **{
            name: np.concatenate([row[name] for row in rows]).astype(dtype)
            for name, dtype in ROW_ARRAYS.items()
        },
    )


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


SPLIT_COLUMN = "zoo_split"
"""Metadata column that our tfds data sets carry in memory and as tables: `train`,
`validation` or `test`."""
