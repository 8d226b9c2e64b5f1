"""One step of the network for each new observation."""

import numpy as np

from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import SCALARS, metadata_inputs, row_features
from zoo.stream.objects import Objects
from zoo.stream.observations import Observations, runs


def step(
    runtime: Runtime, objects: Objects, of_row: np.ndarray, new: Observations
) -> None:
    """Update states and probabilities with the observations within the window.

    Args:
        runtime: of the model.
        objects: updated in place.
        of_row: int64 `(m,)`, the object of each observation, which has a trigger; rows
            of an object are adjacent.
        new: observations that the network has not seen, in the order of time.
    """
    preprocessing = runtime.preset.preprocessing
    first, last = preprocessing.window
    days = new.mjd - objects["trigger_mjd"][of_row]
    rows = np.flatnonzero((days >= first) & (days <= last))
    if not len(rows):
        return
    if len(rows) < len(of_row):
        of_row, new, days = of_row[rows], new.take(rows), days[rows]
    trigger_flux = objects["trigger_flux"][of_row]
    features = row_features(
        preprocessing, new.band, days, new.flux, new.flux_err, trigger_flux
    )
    _, slots, ends = runs(of_row)
    metadata = {name: objects[name][slots] for name in SCALARS}
    values = runtime.session.run(
        features,
        np.concatenate([[0], ends]),
        metadata_inputs(metadata, preprocessing),
        ("new_state_1", "new_state_2", "probabilities"),
        (objects["state_1"][slots], objects["state_2"][slots]),
    )
    for name, value in zip(
        ("state_1", "state_2", "probabilities"), values, strict=True
    ):
        objects[name][slots] = value
