"""What new observations change: triggers, and the states of the network."""

from collections.abc import Sequence

import numpy as np

from zoo.inference.novelty import Usual
from zoo.inference.runtime import Runtime
from zoo.inputs.metadata import metadata_inputs
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import row_features
from zoo.inputs.trigger import paired_rows, trigger_flux
from zoo.light_curves.table import sort_rows
from zoo.passbands import Passband
from zoo.stream.objects import Objects
from zoo.stream.observations import Observations, runs
from zoo.stream.pending import Pending
from zoo.system.cores import threads

BLOCK = 4096
"""Objects that are learned at once: what is computed of them on the way stays in the
cache, where it takes a fifth less time (measured, 100,000 objects of 100 units)."""


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


def reopened(
    objects: Objects,
    pending: Pending,
    of_row: np.ndarray,
    new: Observations,
    tied: np.ndarray,
) -> tuple[np.ndarray, Observations]:
    """Bring back the newest observations of objects that others join at their time.

    `zoo.classify` sorts observations of one time by passband, in whatever order they
    arrived: the network must see them again in that order.

    Args:
        objects: the states of those with such an observation are taken back.
        pending: their newest observations; those of all objects leave it.
        of_row: int64 `(m,)`, the object of each new observation, which has a trigger;
            rows of an object are adjacent.
        new: the new observations.
        tied: bool `(m,)`, whether one is as old as the newest of its object.

    Returns:
        The object of each observation to learn, and these, sorted by object and time.
    """
    run, slots, ends = runs(of_row)
    held_run, held = pending.take(slots)
    if not tied.any():
        return of_row, new
    again = np.zeros(len(slots), bool)
    again[run[tied]] = True
    objects.reopen(slots[again])
    back = np.flatnonzero(again[held_run])
    rows, run = held.take(back) + new, np.concatenate([held_run[back], run])
    order = sort_rows(run, rows.mjd, rows.band)
    return slots[run[order]], rows.take(order)


def learn(
    runtime: Runtime,
    objects: Objects,
    pending: Pending,
    passbands: Sequence[Passband],
    of_row: np.ndarray,
    rows: Observations,
    usual: Usual | None,
) -> None:
    """Take observations of objects with a trigger into their states, and hold what is
    needed if another one arrives at the time of the newest.

    Args as for `step`; observations outside the window are passed over.
    """
    first, last = runtime.preset.preprocessing.window
    _, slots, ends = runs(of_row)
    trigger_mjd, last_mjd = objects["trigger_mjd"][of_row], objects["last_mjd"][of_row]
    days = rows.mjd - trigger_mjd
    within = (days >= first) & (days <= last)
    newest = within & (rows.mjd == last_mjd)
    start = 0
    with threads():  # the same ones for all blocks
        for block in range(0, len(slots), BLOCK):
            here = slots[block : block + BLOCK]
            end = ends[block + len(here) - 1]
            late = newest[start:end]
            earlier = start + np.flatnonzero(within[start:end] & ~late)
            step(
                runtime, objects, passbands, of_row[earlier], rows.take(earlier), usual
            )
            objects.settle(here)
            at = start + np.flatnonzero(late)
            step(runtime, objects, passbands, of_row[at], rows.take(at), usual)
            start = end
    # Where the trigger is among the newest, one that joins them may be the trigger.
    held = np.flatnonzero(newest | (within & (trigger_mjd == last_mjd)))
    pending.add(of_row[held], rows.take(held))


def step(
    runtime: Runtime,
    objects: Objects,
    passbands: Sequence[Passband],
    of_row: np.ndarray,
    new: Observations,
    usual: Usual | None,
) -> None:
    """One step of the network for each observation.

    Args:
        runtime: of the model.
        objects: updated in place.
        passbands: what the codes of the observations stand for.
        of_row: int64 `(m,)`, the object of each observation, which has a trigger; rows
            of an object are adjacent.
        new: observations within the window that the states do not contain, in order.
        usual: scores the novelty of these objects too.
    """
    if not len(of_row):
        return
    preprocessing = runtime.preset.preprocessing
    days = new.mjd - objects["trigger_mjd"][of_row]
    trigger_flux = objects["trigger_flux"][of_row]
    features = row_features(
        preprocessing, passbands, new.band, days, new.flux, new.flux_err, trigger_flux
    )
    _, slots, ends = runs(of_row)
    outputs = ("new_state_1", "new_state_2", "probabilities")
    values = runtime.session.run(
        features,
        np.concatenate([[0], ends]),
        metadata_inputs(objects.metadata(slots), preprocessing),
        outputs if usual is None else (*outputs, "latent"),
        (objects["state_1"][slots], objects["state_2"][slots]),
    )
    for name, value in zip(
        ("state_1", "state_2", "probabilities"), values[:3], strict=True
    ):
        objects[name][slots] = value
    if usual is not None:
        objects["novelty"][slots] = usual.score(values[3], values[2])
