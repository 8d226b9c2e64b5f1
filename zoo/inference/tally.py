"""What was classified and what was left out, reported once for any number of parts."""

import warnings
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from zoo.hub.better_base import better_base
from zoo.inference.result import NOT_FINITE
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.metadata import Unused
from zoo.inputs.plausibility import Plausibility
from zoo.inputs.wavelengths import left_out, new_passbands, passband_messages
from zoo.inputs.window import mostly_outside, outside_in_words
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import Part, dropped_messages
from zoo.passbands import Passband

_NAMED = 3  # objects that a warning names


def announce(
    runtime: Runtime,
    light_curves: LightCurves,
    inputs: Inputs,
    reason: np.ndarray,
    *,
    strict: bool = False,
) -> None:
    """Give the warnings of `Tally.announce` for all objects at once.

    Args:
        runtime: of the model.
        light_curves: any number of objects.
        inputs: made from them.
        reason: why one is not classified, object `(n,)`, empty where it is.
        strict: as for `Tally.announce`.

    Raises:
        ValueError: no object can be classified, and `strict`.
    """
    tally = Tally.of(Part(light_curves), inputs, reason, runtime)
    tally.announce(runtime, strict=strict, stacklevel=4)


@dataclass
class Tally:
    """What was classified, and what was not, over all parts.

    Attributes:
        rows: number of observations.
        dropped: number of these without a flux.
        repeated: number of these that equal another one.
        objects: number of objects.
        left_out: number of these that cannot be classified.
        named: ids of the first few that cannot.
        reason: why the first of them cannot.
        bands: passbands that the model was not trained on, within its range.
        outside: number of observations outside that range, by passband.
        unseen: number of objects with most points outside the window of the model.
        for_example: the first of these, in words.
        plausibility: what no survey would observe.
        unused: columns of the metadata that the model does not see, and that it misses.
    """

    rows: int = 0
    dropped: int = 0
    repeated: int = 0
    objects: int = 0
    left_out: int = 0
    named: list[str] = field(default_factory=list)
    reason: str = ""
    bands: set[Passband] = field(default_factory=set)
    outside: Counter[Passband] = field(default_factory=Counter)
    unseen: int = 0
    for_example: str = ""
    plausibility: Plausibility = field(default_factory=Plausibility)
    unused: Unused = field(default_factory=Unused)

    @classmethod
    def of(
        cls, part: Part, inputs: Inputs, reason: np.ndarray, runtime: Runtime
    ) -> "Tally":
        """Count one part; `inputs` and `reason` as for `announce`."""
        light_curves, failed = part.light_curves, np.flatnonzero(reason != "")
        preprocessing = runtime.preset.preprocessing
        outside = left_out(light_curves, preprocessing)
        unseen = mostly_outside(light_curves, inputs, preprocessing)
        for_example = ""
        if len(unseen):
            one = light_curves.take(unseen[:1])
            where = outside_in_words(one, preprocessing)
            for_example = f"{_printable(one.object_id[0])} has {where}"
        return cls(
            rows=part.rows,
            dropped=part.dropped,
            repeated=part.repeated,
            objects=len(light_curves),
            left_out=len(failed),
            named=light_curves.object_id[failed[:_NAMED]].tolist(),
            reason=reason[failed[0]] if len(failed) else "",
            bands=new_passbands(light_curves, preprocessing, outside),
            outside=outside,
            unseen=len(unseen),
            for_example=for_example,
            plausibility=Plausibility.of(light_curves),
            unused=Unused.of(light_curves, preprocessing),
        )

    def add(
        self, part: Part, inputs: Inputs, reason: np.ndarray, runtime: Runtime
    ) -> None:
        """Count one part; `inputs` and `reason` as for `announce`."""
        self.merge(Tally.of(part, inputs, reason, runtime))

    def merge(self, other: "Tally") -> None:
        """Count what another tally counted, of later parts."""
        self.rows += other.rows
        self.dropped += other.dropped
        self.repeated += other.repeated
        self.objects += other.objects
        self.bands |= other.bands
        self.outside += other.outside
        self.unseen += other.unseen
        self.for_example = self.for_example or other.for_example
        self.plausibility.merge(other.plausibility)
        self.unused.merge(other.unused)
        if not self.left_out:
            self.named, self.reason = other.named, other.reason
        self.left_out += other.left_out

    def announce(
        self, runtime: Runtime, *, strict: bool = False, stacklevel: int = 2
    ) -> None:
        """Warn of what was left out, and of what is not plausible: once for each kind,
        with its count.

        Args:
            runtime: of the model.
            strict: whether it is an error if no object can be classified, as for a
                command, which then writes no file. A function returns its table, with
                the reasons: the objects may be one partition of many.
            stacklevel: whose line the warnings name, as for `warnings.warn`.

        Raises:
            ValueError: no object can be classified, and `strict`.
        """
        messages = [*dropped_messages(self.dropped, self.repeated, self.rows)]
        messages += self.plausibility.messages()
        messages += self.of_the_model(runtime)
        nothing = self.left_out and self.left_out == self.objects
        if self.left_out and not (nothing and strict):
            messages.append(self._left_out())
        for message in messages:
            warnings.warn(message, stacklevel=stacklevel)
        if nothing and strict:
            remedy = "Mark the detections in a `detected` column."
            if self.reason == NOT_FINITE:
                remedy = "Fetch or train the model again."
            elif self.outside:
                remedy = "Choose a base that was trained there, or keep these rows."
            raise ValueError(f"{self._left_out()} {remedy}")

    def of_the_model(self, runtime: Runtime) -> list[str]:
        """What to tell a user of passbands that the model was not trained on, objects
        that lie mostly outside its window, and of metadata that it does not see."""
        preset = runtime.preset
        messages = passband_messages(self.bands, self.outside, preset.preprocessing)
        if messages and (better := better_base(preset, {*self.bands, *self.outside})):
            messages[-1] += f" {better} knows more of these passbands."
        if self.unseen:
            first, last = preset.preprocessing.window
            messages.append(
                f"the model sees days {first:g} to {last:g} since trigger, and of "
                f"{self.unseen:,} of {self.objects:,} objects most points lie outside: "
                f"{self.for_example}."
            )
        return messages + self.unused.messages(runtime.source)

    def _left_out(self) -> str:
        ids = ", ".join(map(_printable, self.named))
        more = ", ..." if self.left_out > len(self.named) else ""
        return (
            f"{self.left_out} of {self.objects} objects cannot be classified "
            f"({ids}{more}): {self.reason}."
        )


def _printable(object_id: str) -> str:
    return object_id if object_id.isprintable() else repr(object_id)
