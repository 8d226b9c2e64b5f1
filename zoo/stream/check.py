"""Whether what a file holds can be the memory of a stream.

States that no network has, or numbers of objects that are not there, would be used for
ever: they are refused before anything takes them over.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zoo.light_curves.photometry import JULIAN_DATE, LARGEST
from zoo.model_folder.arrays import check_shapes, check_values

_STATE = 1 + 1e-5  # a GRU's state is a mean of values of tanh, but for rounding
_FINITE = float(np.finfo(np.float32).max)

_RANGES = {
    "trigger_mjd": (-_FINITE, JULIAN_DATE),
    "trigger_flux": (1 / LARGEST, LARGEST),
    "redshift": (-_FINITE, _FINITE),
    "mwebv": (-_FINITE, _FINITE),
    "further": (-_FINITE, _FINITE),
    "probabilities": (0, _STATE),
    "novelty": (-_FINITE, _FINITE),
}


def check_objects(
    ids: list[str],
    arrays: Mapping[str, np.ndarray],
    columns: Mapping[str, np.ndarray],
) -> None:
    """Check the objects of a stream.

    Args:
        ids: of the objects.
        arrays: what the file holds, by name.
        columns: arrays of the type, and but for their length of the shape, that those
            of the objects must have.

    Raises:
        ValueError: one of them has another, or values that it cannot have.
    """
    if len(set(ids)) != len(ids):
        raise ValueError("object_id names an object twice")
    check_shapes(
        arrays, {name: (len(ids), *c.shape[1:]) for name, c in columns.items()}
    )
    for name, column in columns.items():
        if arrays[name].dtype != column.dtype:
            raise ValueError(f"{name} is of type {arrays[name].dtype}")
        if column.dtype.kind == "f" and column.ndim == 2 and name not in _RANGES:
            check_values(name, arrays[name], -_STATE, _STATE)
    for name, (low, high) in _RANGES.items():
        if name in columns:
            check_values(name, arrays[name], low, high, unknown=True)
    last = arrays["last_mjd"]  # before any observation it is -inf
    check_values("last_mjd", last[last != -np.inf], -_FINITE, JULIAN_DATE)
    triggered = np.isfinite(arrays["trigger_mjd"])
    if (np.isfinite(arrays["trigger_flux"]) != triggered).any():
        raise ValueError("trigger_flux is not known where trigger_mjd is")
    rows = arrays["probabilities"]
    known = np.isfinite(rows[:, 0])
    if (known & ~triggered).any() or not np.allclose(rows[known].sum(1), 1, atol=1e-3):
        raise ValueError("probabilities of an object do not sum to 1")


def check_pending(
    arrays: Mapping[str, np.ndarray], objects: int, passbands: int
) -> None:
    """Check the observations that a stream holds back.

    Args:
        arrays: what the file holds, by name.
        objects: number of objects of the stream.
        passbands: number of passbands that it knows.

    Raises:
        ValueError: an array is missing or has another shape, or values that it cannot
            have.
    """
    names = ("object", "mjd", "flux", "flux_err", "band", "detected")
    rows = arrays["pending_object"].size if "pending_object" in arrays else 0
    check_shapes(arrays, {f"pending_{name}": (rows,) for name in names})
    owner = arrays["pending_object"]
    check_values("pending_object", owner, 0, objects - 1)
    if (np.diff(owner) < 0).any():
        raise ValueError("pending_object is not in order")
    check_values("pending_mjd", arrays["pending_mjd"], -_FINITE, JULIAN_DATE)
    check_values("pending_flux", arrays["pending_flux"], -LARGEST, LARGEST)
    check_values("pending_flux_err", arrays["pending_flux_err"], 1 / LARGEST, LARGEST)
    check_values("pending_band", arrays["pending_band"], 0, passbands - 1)


def check_notes(notes: Any) -> None:
    """Check what is saved with a stream: rows left out, counted, and a user's notes.

    Raises:
        ValueError: they are something else.
    """
    fine = isinstance(notes, list) and [type(one) for one in notes] == [dict, dict]
    if not fine or not all(type(x) is int and x >= 0 for x in notes[0].values()):
        raise ValueError("notes is not a table of counts and one of notes")
