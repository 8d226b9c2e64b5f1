"""The tfds features of one example of every survey: raw physical units, ragged."""

import pickle
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.proto import tf_example_pb2

from zoo.labels import LABELS
from zoo.light_curves.examples import from_columns
from zoo.light_curves.ragged import LightCurves
from zoo.passbands import CATALOGUE, nanometres

UNKNOWN_LABEL = -1
"""Code of an object whose class is not known."""

_ROWS = {
    "mjd": (np.float64, "Modified Julian Date, days, not decreasing"),
    "flux": (np.float32, "difference flux, AB, zero point 27.5, not dereddened"),
    "flux_err": (np.float32, "error of the flux, same unit, positive"),
    "band": (
        np.int16,
        "place of the passband in zoo.passbands.CATALOGUE; below 0: minus nm of an "
        "invented one",
    ),
    "detected": (np.bool_, "the survey's detection flag, else flux / flux_err >= 5"),
}
_SCALARS = {
    "redshift": "heliocentric redshift, spectroscopic or of the host; NaN = not known",
    "mwebv": "Milky Way E(B-V), mag; NaN = not known",
}
_TEXTS = {
    "subclass": "finer label of a simulated object; empty = not simulated",
    "mode": "photometry of a simulated object: forced, cut or alerts; else empty",
}

_LISTS = {
    np.float32: "float_list",
    **dict.fromkeys((np.int16, np.bool_), "int64_list"),
    np.float64: "bytes_list",
}
_AT_ONCE = 1000  # examples whose numbers are Python's for a moment
_SERIALISED = {
    **{name: _LISTS[dtype] for name, (dtype, _) in _ROWS.items()},
    **dict.fromkeys(_SCALARS, "float_list"),
    "label": "int64_list",
    **dict.fromkeys(("object_id", *_TEXTS), "bytes_list"),
}
"""Which list of a `tf.train.Example` holds each feature, as tfds encodes them."""


def features() -> tfds.features.FeaturesDict:
    """The features of one object with `m` observations.

    `object_id` (text); `mjd`, `flux`, `flux_err`, `band` and `detected` `(m,)`;
    `redshift` and `mwebv` (float32 scalars); `label`, the index in `zoo.labels.LABELS`
    or -1 where the class is not known; `subclass` and `mode` (text, empty where not
    known), by which a simulation can be divided.
    `zoo.light_curves.examples.from_examples` reads them.
    """
    described = tfds.features
    return described.FeaturesDict(
        {
            "object_id": described.Text(doc="name of the object"),
            **{
                name: described.Tensor(
                    shape=(None,),
                    dtype=dtype,
                    doc=doc,
                    # As numbers, tfds would keep only the float32 part of a time.
                    encoding="bytes" if dtype is np.float64 else "none",
                )
                for name, (dtype, doc) in _ROWS.items()
            },
            **{
                name: described.Scalar(dtype=np.float32, doc=doc)
                for name, doc in _SCALARS.items()
            },
            "label": described.ClassLabel(
                names=LABELS, doc="index in zoo.labels.LABELS; -1 = not known"
            ),
            **{name: described.Text(doc=doc) for name, doc in _TEXTS.items()},
        }
    )


def to_examples(light_curves: LightCurves) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the name and the example of every object.

    Raises:
        ValueError: a passband is neither in the catalogue nor invented, so that it has
            no code.
    """
    codes = {label: code for code, label in enumerate(LABELS)}
    columns = {name: getattr(light_curves, name) for name in _ROWS}
    columns["band"] = _band_codes(light_curves)
    scalars = {name: light_curves.metadata[name].to_numpy() for name in _SCALARS}
    labels = light_curves.labels
    texts = {name: _texts(light_curves, name) for name in _TEXTS}
    offsets = light_curves.offsets.tolist()
    for i, object_id in enumerate(light_curves.object_id):
        rows = slice(offsets[i], offsets[i + 1])
        yield (
            object_id,
            {
                "object_id": object_id,
                **{name: column[rows] for name, column in columns.items()},
                **{name: values[i] for name, values in scalars.items()},
                "label": codes.get(labels[i], UNKNOWN_LABEL),
                **{name: values[i] for name, values in texts.items()},
            },
        )


def _band_codes(light_curves: LightCurves) -> np.ndarray:
    """What a data set keeps of the passbands: see `_ROWS`."""
    codes = [*range(len(CATALOGUE))]
    for passband in light_curves.own:
        try:
            codes.append(-nanometres(passband))
        except ValueError:
            raise ValueError(
                f"passband {passband.name!r} is not in the catalogue, and a data set "
                "keeps only such. Use the light-curve table itself."
            ) from None
    return np.array(codes, np.int16)[light_curves.band]


def saved_examples(path: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the examples of light curves that `pickle` wrote."""
    yield from to_examples(pickle.loads(Path(path).read_bytes()))


def from_records(source: Any) -> LightCurves:
    """Collect the serialised examples of a data set, parsed batch by batch.

    tfds parses them one by one, into an array for each of their features, which takes
    several times as long and as much memory.

    Args:
        source: as `as_data_source` returns it with
            `deserialize_method=tfds.decode.DeserializeMethod.RAW_BYTES`.

    Raises:
        ValueError: there are no examples, one lacks a feature or has its rows out of
            order, or an object occurs twice.
    """
    starts = range(0, len(source), _AT_ONCE)
    parts = [
        _columns(source.__getitems__(range(len(source))[start : start + _AT_ONCE]))
        for start in starts
    ]
    columns: dict[str, Any] = {
        name: list(chain.from_iterable(part[name] for part in parts))
        for name in ("object_id", *_TEXTS)
    }
    columns |= {
        name: np.concatenate([part[name] for part in parts]) if parts else []
        for name in ("lengths", *_ROWS, *_SCALARS, "label")
    }
    return from_columns(columns.pop("object_id"), columns.pop("lengths"), columns)


def _columns(records: Sequence[bytes]) -> dict[str, Any]:
    """The features of some examples, and the `lengths` of their light curves."""
    columns: dict[str, Any] = {name: [] for name in _SERIALISED}
    for record in records:
        found = tf_example_pb2.Example.FromString(record).features.feature
        for name, kind in _SERIALISED.items():
            columns[name] += getattr(found[name], kind).value[:]
    lengths = np.array([len(times) for times in columns["mjd"]], np.int64)
    columns["lengths"] = lengths // np.dtype(np.float64).itemsize
    columns["mjd"] = np.frombuffer(b"".join(columns["mjd"]), np.float64)
    for name, (dtype, _) in _ROWS.items():
        columns[name] = np.asarray(columns[name], dtype)
    for name in _SCALARS:
        columns[name] = np.array(columns[name], np.float32)
    for name, values in columns.items():
        expected = columns["lengths"].sum() if name in _ROWS else len(records)
        if len(values) != expected:
            raise ValueError(
                f"the data set holds {len(values):,} values of {name} where "
                f"{expected:,} belong. Build it again."
            )
    return columns


def _texts(light_curves: LightCurves, name: str) -> list[str]:
    if name not in light_curves.metadata:
        return [""] * len(light_curves)
    column = light_curves.metadata[name].astype(object)
    return column.where(column.notna(), "").map(str).tolist()
