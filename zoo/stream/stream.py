"""Classify objects as their observations arrive, one step of the network for each.

Features are causal, so what the network made of earlier observations stays valid: a few
hundred bytes for each object stand for its whole light curve.
"""

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zoo.inference.result import label_rows
from zoo.inference.runtime import AnyModel, Runtime
from zoo.inputs.preprocess import metadata_inputs, row_features
from zoo.inputs.trigger import NO_TRIGGER, paired_rows, trigger_flux
from zoo.light_curves.accept import as_frame, metadata_frame, read
from zoo.light_curves.columns import ObjectIds, renamed, require_columns
from zoo.light_curves.metadata import ready
from zoo.light_curves.ragged import ZEROPOINT, LightCurves
from zoo.light_curves.table import build, sort_rows
from zoo.stream import file
from zoo.stream.objects import Objects
from zoo.stream.pending import Observations, Pending


class Stream:
    """Class probabilities of many objects, kept up to date.

    An object's observations must come in the order of time, in any number at once. A
    later push of an earlier one cannot be worked in: it is left out, and counted in
    `late`; classify such an object anew with `zoo.classify` where it matters. An
    observation at the mjd and passband of one that an earlier push held is left out
    too, and counted in `repeated`, as are rows of one push that repeat another; two
    different ones in one push are refused, as by `zoo.classify`. For observations in
    order, `push` predicts what `zoo.classify` predicts from all of them together.

    Args:
        model: a loaded model, or the name or folder of one: then Keras is not needed.

    Attributes:
        late: observations left out because a newer one of their object came before.
        repeated: observations left out because they came before.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> stream = zoo.Stream("ztfsims-gru")
        >>> photometry, metadata = golden_light_curves().to_tables()
        >>> for mjd, night in photometry.groupby("mjd"):
        ...     table = stream.push(night, metadata)
        >>> len(stream)
        8
    """

    def __init__(self, model: AnyModel):
        self.runtime = Runtime.of(model)
        self.late = self.repeated = 0
        self._objects = Objects(self.runtime.preset)
        self._pending = Pending()

    def __len__(self) -> int:
        return len(self._objects)

    def push(
        self,
        photometry: Any,
        metadata: Any = None,
        *,
        zeropoint: float | None = None,
    ) -> pd.DataFrame:
        """Take in new observations.

        Args:
            photometry: rows of a light-curve table, of any objects, in any order, or
                other data that `zoo.light_curves.accept.read` reads.
            metadata: of these objects or more; what is known replaces what was.
            zeropoint: AB zero point of fluxes whose unit the data do not state; default
                27.5.

        Returns:
            DataFrame, index `object_id`, one row for each object of `photometry`: its
            class probabilities as of now, as `zoo.classify` gives them, NaN with a
            `reason` before it has a trigger.

        Raises:
            ValueError: the table breaks a rule; nothing of it was taken in.
        """
        given, repeated = self._read(photometry, metadata, zeropoint)
        self.repeated += repeated
        objects = self._objects
        slots = objects.find(given.object_id)
        for name in ("redshift", "mwebv"):
            objects.learn(slots, name, given.metadata[name].to_numpy())

        owner = np.repeat(np.arange(len(slots)), given.lengths)
        new = self._new(given, slots[owner])
        of_row = slots[owner[new]]
        seen = Observations(
            given.mjd[new],
            given.flux[new],
            given.flux_err[new],
            given.band[new],
            given.detected[new],
        )
        self._note(of_row, seen)
        going_on = np.isfinite(objects["trigger_mjd"][of_row])
        waiting = np.flatnonzero(~going_on)
        if len(waiting):
            confirmed, earlier = self._confirm(of_row[waiting], seen.take(waiting))
            of_row = np.concatenate([of_row[going_on], confirmed])
            seen = seen.take(np.flatnonzero(going_on)) + earlier
        self._step(of_row, seen)

        preset = self.runtime.preset
        reason = np.full(len(slots), "", dtype=object)
        untriggered = np.isnan(objects["trigger_mjd"][slots])
        reason[untriggered] = NO_TRIGGER.format(days=preset.preprocessing.pair_days)
        probabilities = objects["probabilities"][slots]
        return label_rows(given.object_id, probabilities, preset.classes, reason)

    def forget(self, before: float) -> int:
        """Forget objects whose newest observation is older than an mjd.

        Returns:
            How many were forgotten. One of them that comes again is a new object.
        """
        old = self._objects["last_mjd"][: len(self)] < before
        count = len(self)
        held, rows = self._pending.take(np.flatnonzero(~old))
        kept = np.flatnonzero(~old)[held]
        number = self._objects.keep(~old)
        self._pending = Pending()
        order = np.lexsort((rows.mjd, number[kept]))
        self._pending.add(number[kept][order], rows.take(order))
        return count - len(self)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write all that the stream remembers into one file, whole or not at all.

        Args:
            path: where, by custom a `.npz`; a file already there is replaced.
        """
        objects, count = self._objects, len(self)
        held, rows = self._pending.take(np.arange(count))
        order = np.lexsort((rows.mjd, held))
        held, rows = held[order], rows.take(order)
        self._pending.add(held, rows)
        arrays = {
            "counts": np.array([self.late, self.repeated]),
            "object_id": np.array(list(objects.slots), dtype=np.str_),
            "pending_object": held,
            **{f"pending_{name}": column for name, column in vars(rows).items()},
            **{name: column[:count] for name, column in objects.columns.items()},
        }
        return file.save(Path(path), self.runtime, arrays)

    @classmethod
    def restore(cls, path: str | PathLike[str], model: AnyModel) -> "Stream":
        """Go on where a stream was saved.

        Args:
            path: what `save` wrote.
            model: the model that the stream was of.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is no saved stream, or one of another model.
        """
        stream = cls(model)
        arrays = file.load(Path(path), stream.runtime)
        stream.late, stream.repeated = map(int, arrays["counts"])
        stream._objects.find(arrays["object_id"].tolist())
        for name in stream._objects.columns:
            stream._objects.columns[name] = arrays[name]
        rows = {
            name: arrays[f"pending_{name}"] for name in Observations.__annotations__
        }
        stream._pending.add(arrays["pending_object"], Observations(**rows))
        return stream

    def _read(
        self, photometry: Any, metadata: Any, zeropoint: float | None
    ) -> tuple[LightCurves, int]:
        """Light curves of the objects that are observed, and the number of rows that
        repeat another."""
        frame = as_frame(photometry)
        if frame is None:
            light_curves = read(photometry, metadata, zeropoint=zeropoint)
            return light_curves.take(np.flatnonzero(light_curves.lengths)), 0
        if metadata is not None:
            frame, metadata = renamed(frame), ready(metadata_frame(metadata))
            require_columns(frame, ("object_id",), "photometry")
            observed = ObjectIds.of(frame, "photometry")
            known = ObjectIds.of(metadata, "metadata")
            wanted = pd.Index(known.names, dtype=object).isin(observed.names)
            metadata = metadata[wanted[known.codes]]
        table = build(
            frame, metadata, zeropoint=ZEROPOINT if zeropoint is None else zeropoint
        )
        return table.light_curves, table.repeated

    def _new(self, given: LightCurves, of_row: np.ndarray) -> np.ndarray:
        """Rows that were not seen before and are not late; the others are counted."""
        last = self._objects["last_mjd"][of_row]
        late = given.mjd < last
        seen = self._objects["last_bands"][of_row] >> given.band & 1 == 1
        repeated = (given.mjd == last) & seen
        self.late += int(late.sum())
        self.repeated += int(repeated.sum())
        return np.flatnonzero(~(late | repeated))

    def _note(self, of_row: np.ndarray, seen: Observations) -> None:
        """Remember when each object was last observed, and in which passbands."""
        _, slots, ends = _runs(of_row)
        last_mjd, last_bands = self._objects["last_mjd"], self._objects["last_bands"]
        newest = seen.mjd[ends - 1]
        last_bands[slots[newest > last_mjd[slots]]] = 0
        last_mjd[slots] = newest
        rows = np.flatnonzero(seen.mjd == last_mjd[of_row])
        bits = np.uint16(1) << seen.band[rows].astype(np.uint16)
        np.bitwise_or.at(last_bands, of_row[rows], bits)

    def _confirm(
        self, of_row: np.ndarray, seen: Observations
    ) -> tuple[np.ndarray, Observations]:
        """Look for triggers among what waits and what is new.

        Returns:
            All observations of the objects that have a trigger now, and their objects.
        """
        objects, preprocessing = self._objects, self.runtime.preset.preprocessing
        owner, slots, _ = _runs(of_row)
        held_owner, held = self._pending.take(slots)
        rows, owner = held + seen, np.concatenate([held_owner, owner])
        order = sort_rows(owner, rows.mjd, rows.band)
        rows, owner = rows.take(order), owner[order]
        trigger = paired_rows(
            rows.detected, rows.mjd, owner, len(slots), preprocessing.pair_days
        )
        found = trigger >= 0
        at = trigger[found]
        objects["trigger_mjd"][slots[found]] = rows.mjd[at]
        unit = trigger_flux(rows.flux[at], rows.flux_err[at])
        objects["trigger_flux"][slots[found]] = unit
        # A trigger to come is the newest detection, while another may still pair with
        # it, or later than all: what lies before its window will never be needed.
        newest = objects["last_mjd"][slots]
        detection = np.full(len(slots), -np.inf)
        detection[owner[rows.detected]] = rows.mjd[rows.detected]
        pairs = newest - detection <= preprocessing.pair_days
        needed = np.where(pairs, detection, newest) + preprocessing.window[0]
        waits = np.flatnonzero(~found[owner] & (rows.mjd >= needed[owner]))
        self._pending.add(slots[owner[waits]], rows.take(waits))
        taken = np.flatnonzero(found[owner])
        return slots[owner[taken]], rows.take(taken)

    def _step(self, of_row: np.ndarray, seen: Observations) -> None:
        """Take the network on by the observations that lie in the window."""
        objects, preprocessing = self._objects, self.runtime.preset.preprocessing
        first, last = preprocessing.window
        days = seen.mjd - objects["trigger_mjd"][of_row]
        rows = np.flatnonzero((days >= first) & (days <= last))
        if not len(rows):
            return
        if len(rows) < len(of_row):
            of_row, seen, days = of_row[rows], seen.take(rows), days[rows]
        features = row_features(
            preprocessing,
            seen.band,
            days,
            seen.flux,
            seen.flux_err,
            objects["trigger_flux"][of_row],
        )
        _, slots, ends = _runs(of_row)
        scalars = {name: objects[name][slots] for name in ("redshift", "mwebv")}
        kept = ("state_1", "state_2", "probabilities")
        values = self.runtime.step(
            features,
            np.concatenate([[0], ends]),
            metadata_inputs(scalars, preprocessing),
            ("new_state_1", "new_state_2", "probabilities"),
            (objects["state_1"][slots], objects["state_2"][slots]),
        )
        for name, value in zip(kept, values, strict=True):
            objects[name][slots] = value


def _runs(of_row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of an object stand together: number of the run of each row, the object of
    each run, and the row after its last."""
    changes = of_row[1:] != of_row[:-1]
    owner = np.concatenate(
        [np.zeros(min(1, len(of_row)), np.int64), np.cumsum(changes)]
    )
    ends = np.append(np.flatnonzero(changes) + 1, len(of_row))[: len(of_row)]
    return owner, of_row[ends - 1], ends
