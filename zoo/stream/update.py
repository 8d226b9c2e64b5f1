"""What new observations change: triggers, and the states of the network."""

from collections.abc import Sequence

import numpy as np

from zoo.inference.runtime import Runtime
from zoo.inputs.parameters import SCALARS, Preprocessing
from zoo.inputs.preprocess import metadata_inputs, row_features
from zoo.inputs.trigger import paired_rows, trigger_flux
from zoo.light_curves.table import sort_rows
from zoo.passbands import Passband
from zoo.stream.objects import Objects
from zoo.stream.observations import Observations, runs
from zoo.stream.pending import Pending


def confirm(
    objects: Objects,
    pending: Pending,
    of_row: np.ndarray,
    new: Observations,
    preprocessing: Preprocessing,
) -> tuple[np.ndarray, Observations]:
    """Look for triggers of objects that had none, with their waiting observations.

    Args:
        objects: their triggers are written down here.
        pending: their earlier observations; what must still wait is put back.
        of_row: int64 `(m,)`, the object of each new observation; rows of an object are
            adjacent.
        new: the new observations.
        preprocessing: of the model.

    Returns:
        The objects that have a trigger now, one for each row, and all observations of
        them, sorted by object and time.
    """
    run, slots, _ = runs(of_row)
    earlier_run, earlier = pending.take(slots)
    rows, run = earlier + new, np.concatenate([earlier_run, run])
    order = sort_rows(run, rows.mjd, rows.band)
    rows, run = rows.take(order), run[order]
    trigger = paired_rows(
        rows.detected, rows.mjd, run, len(slots), preprocessing.pair_days
    )
    confirmed = trigger >= 0
    at = trigger[confirmed]
    objects["trigger_mjd"][slots[confirmed]] = rows.mjd[at]
    flux = trigger_flux(rows.flux[at], rows.flux_err[at])
    objects["trigger_flux"][slots[confirmed]] = flux
    # The trigger to come is either the newest detection, while another one may still
    # follow within the days of a pair, or a later row: nothing before the window of the
    # first of these will ever be used.
    newest = objects["last_mjd"][slots]
    detection = np.full(len(slots), -np.inf)
    detection[run[rows.detected]] = rows.mjd[rows.detected]
    may_pair = newest - detection <= preprocessing.pair_days
    needed = np.where(may_pair, detection, newest) + preprocessing.window[0]
    waits = np.flatnonzero(~confirmed[run] & (rows.mjd >= needed[run]))
    pending.add(slots[run[waits]], rows.take(waits))
    complete = np.flatnonzero(confirmed[run])
    return slots[run[complete]], rows.take(complete)


def step(
    runtime: Runtime,
    objects: Objects,
    passbands: Sequence[Passband],
    of_row: np.ndarray,
    new: Observations,
) -> None:
    """One step of the network for each new observation within the window.

    Args:
        runtime: of the model.
        objects: updated in place.
        passbands: what the codes of the observations stand for.
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
        preprocessing, passbands, new.band, days, new.flux, new.flux_err, trigger_flux
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
