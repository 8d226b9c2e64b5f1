"""Golden values: some light curves and the probabilities a model predicts for them.

They travel with every model, so that whoever loads it can check that it predicts the
same there. The light curves are simulated or computed from a formula, never a user's
data.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from zoo.columns import PHOTOMETRY
from zoo.inputs.inputs import Inputs
from zoo.inputs.limits import check_names
from zoo.inputs.metadata import column_values, further_names, number_columns
from zoo.inputs.padding import pad
from zoo.inputs.parameters import Preprocessing
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import from_tables
from zoo.model_folder.arrays import (
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    check_shapes,
    check_values,
    read_arrays,
)
from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.manifest import GOLDEN

_LARGEST = float(np.finfo(np.float32).max)
_AS_INPUTS = 8  # light curves
_COLUMNS = ("mjd", "band", "flux", "flux_err", "detected")
_NUMBERS = ("mjd", "flux", "flux_err", "redshift", "mwebv", "probabilities")
_OPTIONAL = {"wavelength", "input_light_curve", "input_metadata", "further"}
_KINDS = {
    "object_id": TEXT,
    "band": TEXT,
    "further_names": TEXT,
    "offsets": INTEGER,
    "detected": FLAG,
    **dict.fromkeys((*_NUMBERS, *_OPTIONAL), NUMBER),
}

MOST = 2**26
"""Bytes that golden values may take in memory; those of the zoo take less than 1 MB."""


def golden_arrays(
    light_curves: LightCurves, inputs: Inputs, probabilities: np.ndarray
) -> dict:
    """The arrays of `golden.npz`: light curves, metadata, expected probabilities.

    For users without zoo it also holds the network inputs of the first 8 rows of the
    probabilities: `input_light_curve` `(8, time, features)`, padded with zero rows, and
    `input_metadata` `(8, width)`.
    """
    first = np.arange(min(_AS_INPUTS, len(inputs)))
    longest = int(inputs.lengths[first].max(initial=0))
    return {
        "input_light_curve": pad(inputs, first, longest)["light_curve"],
        "input_metadata": inputs.metadata[first],
        **light_curve_arrays(light_curves),
        "probabilities": probabilities,
    }


def with_further(
    light_curves: LightCurves, preprocessing: Preprocessing
) -> LightCurves:
    """Golden light curves with values of the further metadata that a model sees, where
    they have none: computed from a formula, each object with others, every fifth
    unknown."""
    metadata = light_curves.metadata
    values = {}
    for place, name in enumerate(further_names(preprocessing)):
        if name not in metadata:
            number = np.arange(len(light_curves)) * (place + 2)
            steps = np.where(number % 5 == 4, np.nan, number % 5 - 1.0)  # -1, 0, 1, 2
            standard = preprocessing.columns.get(name) or {"median": 0, "scale": 0.05}
            value = standard["median"] + standard["scale"] * steps
            values[name] = (abs(value) if name == "redshift_err" else value).astype(
                np.float32
            )
    return replace(light_curves, metadata=metadata.assign(**values))


def light_curve_arrays(light_curves: LightCurves) -> dict[str, Any]:
    """Light curves as plain arrays, for a `.npz` file; labels are left out, and texts
    of the metadata."""
    rows = light_curves.to_tables()[0]
    own = {"wavelength": rows["wavelength"].to_numpy()} if "wavelength" in rows else {}
    return {
        "object_id": light_curves.object_id.astype(str),
        "offsets": light_curves.offsets,
        "mjd": light_curves.mjd,
        "flux": light_curves.flux,
        "flux_err": light_curves.flux_err,
        "detected": light_curves.detected,
        "band": rows["band"].to_numpy(str),
        **own,
        "redshift": light_curves.metadata["redshift"].to_numpy(np.float32),
        "mwebv": light_curves.metadata["mwebv"].to_numpy(np.float32),
        **_further(light_curves),
    }


def _further(light_curves: LightCurves) -> dict[str, np.ndarray]:
    """The error of the redshift and further columns, side by side, and their names."""
    metadata = light_curves.metadata
    error = [name for name in ("redshift_err",) if name in metadata]
    names = [*error, *number_columns(metadata)]
    if not names:
        return {}
    columns = [column_values(metadata, name) for name in names]
    return {"further": np.stack(columns, 1), "further_names": np.array(names)}


def read_light_curves(arrays: dict[str, np.ndarray]) -> LightCurves:
    """Undo `light_curve_arrays`."""
    photometry = pd.DataFrame(
        {
            "object_id": np.repeat(arrays["object_id"], np.diff(arrays["offsets"])),
            **{name: arrays[name] for name in _COLUMNS},
            **{name: arrays[name] for name in ("wavelength",) if name in arrays},
        }
    )
    metadata = pd.DataFrame(
        {name: arrays[name] for name in ("object_id", "redshift", "mwebv")}
    )
    for place, name in enumerate(arrays.get("further_names", ())):
        metadata[str(name)] = arrays["further"][:, place]
    return from_tables(photometry, metadata)


def golden_values(folder: ModelFolder) -> tuple[LightCurves, np.ndarray]:
    """The light curves that travel with a model, and the probabilities it must give.

    Raises:
        ValueError: they cannot be read.
    """
    try:
        arrays = read_arrays(folder.files[GOLDEN], _KINDS, MOST)
        _check(arrays, len(folder.preset.classes))
        return read_light_curves(arrays), arrays["probabilities"]
    except ValueError as error:
        raise ValueError(
            f"{folder.path / GOLDEN} holds no golden values: {str(error).rstrip('.')}. "
            "Fetch it again."
        ) from None


def _check(arrays: dict[str, np.ndarray], classes: int) -> None:
    """Refuse arrays that do not fit each other, before one is repeated or indexed."""
    for name in (*_KINDS.keys() - _OPTIONAL - {"further_names"},):
        if name not in arrays:
            raise ValueError(f"{name} is missing")
    objects, rows = arrays["object_id"].size, arrays["mjd"].size
    of_rows = {name: (rows,) for name in (*_COLUMNS, "wavelength") if name in arrays}
    of_objects = {name: (objects,) for name in ("object_id", "redshift", "mwebv")}
    check_shapes(arrays, {"offsets": (objects + 1,), **of_rows, **of_objects})
    if "further" in arrays or "further_names" in arrays:
        names = arrays.get("further_names", np.empty(0))
        taken = {"object_id", "redshift", "mwebv", *PHOTOMETRY}
        check_shapes(
            arrays,
            {"further_names": (names.size,), "further": (objects, names.size)},
        )
        check_names("further_names", names.tolist(), "a column of the metadata")
        check_values("further", arrays["further"], -_LARGEST, _LARGEST, unknown=True)
        if not taken.isdisjoint(names.tolist()):
            raise ValueError("further_names has a column that stands beside it")
    offsets = arrays["offsets"]
    if offsets[0] != 0 or offsets[-1] != rows or (np.diff(offsets) < 0).any():
        raise ValueError(f"offsets do not divide {rows} rows among {objects} objects")
    expected = arrays["probabilities"]
    if not expected.size or expected.shape != (expected.size // classes, classes):
        raise ValueError(f"probabilities has shape {expected.shape}")
    check_values("probabilities", expected, 0, 1)
    if not np.allclose(expected.sum(1), 1, atol=1e-3):
        raise ValueError("probabilities of an object do not sum to 1")
