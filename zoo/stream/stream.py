"""Classify objects as their observations arrive, one step of the network for each.

Features are causal, so the states of the network after earlier observations stay valid:
a few hundred bytes per object replace its whole light curve.
"""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import fields, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zoo.inference.novelty import Usual
from zoo.inference.result import explained, label_rows
from zoo.inference.runtime import AnyModel, Runtime
from zoo.inputs.metadata import Unused, column_values, further_names
from zoo.inputs.parameters import SCALARS
from zoo.inputs.plausibility import Plausibility
from zoo.inputs.preprocess import row_wavelengths
from zoo.inputs.trigger import NO_TRIGGER, OUT_OF_RANGE
from zoo.inputs.wavelengths import left_out, passband_messages, rows_within
from zoo.light_curves.accept import read_part
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import (
    LightCurves,
    joined_passbands,
    nothing_observed,
    recoded,
)
from zoo.light_curves.table import NO_FLUX, Part, Unobserved, dropped_messages
from zoo.model_folder.arrays import check_shapes, check_values
from zoo.model_folder.manifest import parse_json
from zoo.passbands import CATALOGUE, Passband, make
from zoo.stream import file
from zoo.stream.check import check_notes, check_pending
from zoo.stream.objects import Objects
from zoo.stream.observations import Observations
from zoo.stream.pending import Pending
from zoo.stream.update import confirm, learn, reopened

_JUDGED_AFTER = 50
"""Observations after which a stream warns of data that are not plausible."""


class Stream:
    """Class probabilities of many objects, kept up to date.

    An object's observations must arrive in the order of time, any number at once. One
    that is older than those already pushed is left out and counted in `late`; where it
    matters, classify the whole object with `zoo.classify`. Observations at one mjd in
    several passbands may arrive in any order, also in several pushes. One at the mjd
    and passband of one already pushed is left out too, and counted in `repeated`, as
    are rows of one push that equal another; two different ones in one push are refused,
    as by `zoo.classify`. For observations in order of time, `push` gives the
    probabilities that `zoo.classify` gives for all of them together.

    A stream can be copied and pickled with all that it remembers; `save` writes a file
    that other versions of Python and NumPy read as well.

    Args:
        model: a loaded model, or the name or folder of one, which needs no Keras.
        novelty: score the novelty of each object too, as `zoo.novelty` does, in a
            column before `reason`.
        keep_all_passbands: as for `zoo.classify`.

    Attributes:
        runtime: of the model.
        late: number of observations left out because a newer one of their object had
            been pushed.
        repeated: number of observations left out because they had been pushed.
        left_out: number of rows that the readers of packets and files left out, by
            reason; the first of each are warned of.
        notes: what is saved with the stream, such as the offsets of Kafka up to which
            it has come: anything that JSON can hold.
        out_of_range: number of observations left out because their wavelength lies
            outside the range that the model was trained on; the first are warned of.

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

    def __init__(
        self,
        model: AnyModel,
        *,
        novelty: bool = False,
        keep_all_passbands: bool = False,
    ):
        self.runtime = Runtime.of(model, keep_all_passbands=keep_all_passbands)
        self.late = self.repeated = self.out_of_range = 0
        self.left_out: Counter[str] = Counter()
        self.notes: dict[str, Any] = {}
        self.passbands = CATALOGUE
        self._usual = Usual.of(self.runtime) if novelty else None
        self._objects = Objects(self.runtime.preset, novelty=novelty)
        self._pending = Pending()
        self._plausibility: Plausibility | None = Plausibility()  # None: warned of it
        self._unused: set[str] = set()  # columns of metadata that were warned of

    def __len__(self) -> int:
        return len(self._objects)

    def __copy__(self) -> "Stream":
        return deepcopy(self)  # what it remembers grows in place: two cannot share it

    def push(
        self,
        photometry: Any,
        metadata: Any = None,
        *,
        zeropoint: float | None = None,
        schema: Any = None,
    ) -> pd.DataFrame:
        """Add new observations.

        Rows with a NaN flux are dropped with a counted warning. Data that are not
        plausible (see `zoo.inputs.plausibility`) are warned of once in a stream.

        Args:
            photometry: rows of a light-curve table, of any objects, in any order, or
                other data that `zoo.light_curves.accept.read` reads, such as alert
                packets, one or a list: dictionaries, bytes, or messages of Kafka.
            metadata: of these objects or more; known values replace earlier ones.
            zeropoint: AB zero point of fluxes whose unit the data do not state; default
                27.5.
            schema: of packets as Avro without their schema, as in
                `zoo.light_curves.photometry.ReadOptions`.

        Returns:
            DataFrame, index `object_id`, one row for each object of `photometry`: its
            present class probabilities, as `zoo.classify` gives them, and its novelty
            where the stream scores it, NaN with a `reason` before it has a trigger. An
            empty list, and data without any observation, give a table without rows.

        Raises:
            ValueError: the table breaks a rule; the stream is unchanged.
        """
        reads = self.runtime.preset.preprocessing.reads
        options = ReadOptions(zeropoint=zeropoint, schema=schema, **reads)
        try:
            part = read_part(photometry, metadata, options, whole=False)
        except Unobserved as nothing:
            left_out, report = nothing.left_out, str(nothing)
            nobody = nothing_observed(np.array([], object))
            part = Part(nobody, left_out=left_out, report=report)
        if part.dropped and not len(part.light_curves.mjd):
            raise ValueError(NO_FLUX)
        self._refuse_other_wavelengths(part.light_curves.own)
        known = self._metadata_of(part.light_curves)
        self._count(part)
        for message in dropped_messages(part.dropped, 0, part.rows):
            warnings.warn(message, stacklevel=2)
        self._judge(part.light_curves)
        light_curves = self._in_own_codes(self._in_range(part.light_curves))
        self.repeated += part.repeated
        objects, preset = self._objects, self.runtime.preset
        slots = objects.find(light_curves.object_id)
        objects.learn(slots, known)
        of_row, new = self._unseen(light_curves, slots)
        self._learn(of_row, new)

        reason = np.full(len(slots), "", dtype=object)
        untriggered = np.isnan(objects["trigger_mjd"][slots])
        reason[untriggered] = NO_TRIGGER.format(days=preset.preprocessing.pair_days)
        reason[np.isinf(objects["last_mjd"][slots])] = OUT_OF_RANGE
        values, columns = objects["probabilities"][slots], preset.classes
        if self._usual is not None:
            values = np.column_stack([values, objects["novelty"][slots]])
            columns = (*columns, "novelty")
        values, reason = explained(values, reason)
        return label_rows(light_curves.object_id, values, columns, reason)

    def forget(self, before: float) -> int:
        """Forget objects whose newest observation is older than an mjd.

        Returns:
            The number of objects forgotten. If one of them is pushed again, it is a new
            object.
        """
        count = len(self)
        old = self._objects["last_mjd"][:count] < before
        self._pending = self._pending.renumber(self._objects.keep(~old))
        return count - len(self)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write all that the stream remembers into one file, whole or not at all.

        Args:
            path: of the file, by custom a `.npz`; a file already there is replaced.

        Raises:
            ValueError: `notes` are not what JSON can hold.
        """
        arrays = {
            "counts": np.array([self.late, self.repeated, self.out_of_range]),
            "margin": np.array(self.runtime.preset.preprocessing.wavelength_margin),
            "notes": np.array(file.as_json([self.left_out, self.notes])),
            **file.packed("own_names", [p.name for p in self._own]),
            "own_wavelengths": np.array([p.wavelength for p in self._own]),
            **self._objects.to_arrays(),
            **self._pending.to_arrays(len(self)),
        }
        return file.save(Path(path), self.runtime, arrays)

    @classmethod
    def restore(cls, path: str | PathLike[str], model: AnyModel) -> "Stream":
        """Continue a stream that was saved, also in which passbands it keeps, and
        whether it scores novelty.

        Args:
            path: what `save` wrote.
            model: the model of the stream.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is not a saved stream, or one of another model.
        """
        runtime = Runtime.of(model)
        arrays = file.load(Path(path), runtime)
        keep_all = bool(np.all(arrays.get("margin", 0.0) == np.inf))
        novelty = "novelty" in arrays
        stream = cls(runtime, novelty=novelty, keep_all_passbands=keep_all)
        try:
            stream._take_over(arrays)
        except ValueError as error:
            reason = str(error).rstrip(".")
            raise ValueError(
                f"{path} is a damaged stream: {reason}. Go back to an earlier file, or "
                "push the observations again."
            ) from None
        return stream

    def _take_over(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Undo `save`; refuse what no stream can hold."""
        counts = arrays.get("counts", np.empty(0, int))
        if counts.shape not in ((2,), (3,)):  # 2 in files of the first version
            raise ValueError("counts has another shape")
        check_values("counts", counts, 0, np.iinfo(np.int64).max)
        self.late, self.repeated, *more = counts.tolist()
        self.out_of_range = sum(more)
        if arrays.get("own_names", np.empty(0)).size:
            names = file.unpacked("own_names", arrays)
            check_shapes(arrays, {"own_wavelengths": (len(names),)})
            pairs = zip(names, arrays["own_wavelengths"].tolist(), strict=True)
            self._take_up([make(name, wavelength=um) for name, um in pairs])
        if "notes" in arrays:
            check_shapes(arrays, {"notes": ()})
            notes = parse_json(str(arrays["notes"]).encode(), "notes")
            check_notes(notes)
            self.left_out.update(notes[0])
            self.notes = notes[1]
        self._objects.take_over(arrays)
        check_pending(arrays, len(self), len(self.passbands))
        self._pending.take_over(arrays)

    def _count(self, part: Part) -> None:
        """Count what a reader left out; what is new is warned of."""
        if part.left_out.keys() - self.left_out.keys():
            warnings.warn(part.report, stacklevel=3)
        self.left_out.update(part.left_out)

    @property
    def _own(self) -> tuple[Passband, ...]:
        return self.passbands[len(CATALOGUE) :]

    def _metadata_of(self, light_curves: LightCurves) -> dict[str, np.ndarray]:
        """The metadata that the model sees; what it does not is warned of once.

        Raises:
            ValueError: a column holds something other than finite numbers.
        """
        metadata = light_curves.metadata
        preprocessing = self.runtime.preset.preprocessing
        names = (*SCALARS, *further_names(preprocessing))
        known = {name: column_values(metadata, name) for name in names}
        unused = Unused.of(light_curves, preprocessing)
        if fresh := (+unused.given).keys() - self._unused:
            unused.given = Counter({name: unused.given[name] for name in fresh})
            unused.missing.clear()  # a push may lack what another one gives
            for message in unused.messages(self.runtime.source):
                warnings.warn(message, stacklevel=4)
            self._unused |= fresh
        return known

    def _judge(self, light_curves: LightCurves) -> None:
        """Warn once, and not of the first few observations, which may be odd."""
        if self._plausibility is None:
            return
        self._plausibility.merge(Plausibility.of(light_curves))
        if self._plausibility.rows < _JUDGED_AFTER:
            return
        for message in self._plausibility.messages():
            warnings.warn(message, stacklevel=3)
            self._plausibility = None

    def _refuse_other_wavelengths(self, passbands: Sequence[Passband]) -> None:
        """Raise ValueError where a name has another wavelength here or in the model."""
        own = joined_passbands([self._own, passbands])
        row_wavelengths((*CATALOGUE, *own), self.runtime.preset.preprocessing)

    def _in_range(self, light_curves: LightCurves) -> LightCurves:
        """Leave out observations that the model cannot use, and count them."""
        preprocessing = self.runtime.preset.preprocessing
        outside = left_out(light_curves, preprocessing)
        if not outside:
            return light_curves
        if not self.out_of_range:
            for message in passband_messages((), outside, preprocessing):
                warnings.warn(message, stacklevel=3)
        self.out_of_range += sum(outside.values())
        return light_curves.keep(rows_within(light_curves, outside))

    def _in_own_codes(self, light_curves: LightCurves) -> LightCurves:
        """Light curves with the codes of this stream, which takes up new passbands."""
        if light_curves.own:
            self._take_up(light_curves.own)
        band = recoded(light_curves.band, light_curves.own, self._own)
        return replace(light_curves, band=band, passbands=self.passbands)

    def _take_up(self, passbands: Sequence[Passband]) -> None:
        """Know passbands of users, also where codes of earlier ones change."""
        before, own = self.passbands, joined_passbands([self._own, passbands])
        if own == self._own:
            return
        self._objects.recode(before, (*CATALOGUE, *own))
        self._pending.recode(self._own, own)
        self.passbands = (*CATALOGUE, *own)

    def _learn(self, of_row: np.ndarray, new: Observations) -> None:
        """Take in observations, rows of an object adjacent and in order."""
        objects, pending = self._objects, self._pending
        tied = new.mjd == objects["last_mjd"][of_row]
        triggered = np.isfinite(objects["trigger_mjd"][of_row])
        rest = np.flatnonzero(~triggered)
        waiting, waits = of_row[rest], new.take(rest)
        known, rows = of_row, new
        if len(rest):
            known, rows = of_row[triggered], new.take(np.flatnonzero(triggered))
        known, rows = reopened(objects, pending, known, rows, tied[triggered])
        objects.note(of_row, new.mjd, new.band)
        again = np.isnan(objects["trigger_mjd"][known])
        if again.any():
            moved, stays = np.flatnonzero(again), np.flatnonzero(~again)
            waiting, waits = np.append(known[moved], waiting), rows.take(moved) + waits
            known, rows = known[stays], rows.take(stays)
        if len(waiting):
            preprocessing = self.runtime.preset.preprocessing
            found, complete = confirm(objects, pending, waiting, waits, preprocessing)
            known, rows = np.append(known, found), rows + complete
        bands, usual = self.passbands, self._usual
        learn(self.runtime, objects, pending, bands, known, rows, usual)

    def _unseen(
        self, light_curves: LightCurves, slots: np.ndarray
    ) -> tuple[np.ndarray, Observations]:
        """Observations that are neither late nor repeated, which are counted, and the
        object of each."""
        of_row = np.repeat(slots, light_curves.lengths)
        mjd, last = light_curves.mjd, self._objects["last_mjd"][of_row]
        seen = self._objects.observed_last(of_row, light_curves.band)
        late, repeated = mjd < last, (mjd == last) & seen
        self.late += int(late.sum())
        self.repeated += int(repeated.sum())
        new = np.flatnonzero(~(late | repeated))
        columns = (getattr(light_curves, f.name)[new] for f in fields(Observations))
        return of_row[new], Observations(*columns)
