"""What was classified and what was left out, reported once for any number of parts."""

import warnings
from dataclasses import dataclass, field

import numpy as np

from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import new_passbands, new_passbands_message, to_inputs
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import Part, dropped_messages
from zoo.passbands import Passband, in_order

_NAMED = 3  # objects that a warning names


def inputs_of(
    runtime: Runtime, light_curves: LightCurves, *, strict: bool = False
) -> Inputs:
    """The inputs of all objects at once, with the warnings of `Tally.announce`.

    Args:
        runtime: of the model.
        light_curves: any number of objects.
        strict: as for `Tally.announce`.

    Raises:
        ValueError: no object can be classified, and `strict`.
    """
    inputs, tally = to_inputs(light_curves, runtime.preset.preprocessing), Tally()
    tally.add(Part(light_curves), inputs, runtime)
    tally.announce(runtime, strict=strict, stacklevel=4)
    return inputs


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
        bands: passbands that the model was not trained on.
    """

    rows: int = 0
    dropped: int = 0
    repeated: int = 0
    objects: int = 0
    left_out: int = 0
    named: list[str] = field(default_factory=list)
    reason: str = ""
    bands: set[Passband] = field(default_factory=set)

    def add(self, part: Part, inputs: Inputs, runtime: Runtime) -> None:
        """Count one part."""
        light_curves, left_out = part.light_curves, np.flatnonzero(inputs.reason != "")
        self.merge(
            Tally(
                rows=part.rows,
                dropped=part.dropped,
                repeated=part.repeated,
                objects=len(light_curves),
                left_out=len(left_out),
                named=light_curves.object_id[left_out[:_NAMED]].tolist(),
                reason=inputs.reason[left_out[0]] if len(left_out) else "",
                bands={*new_passbands(light_curves, runtime.preset.preprocessing)},
            )
        )

    def merge(self, other: "Tally") -> None:
        """Count what another tally counted, of later parts."""
        self.rows += other.rows
        self.dropped += other.dropped
        self.repeated += other.repeated
        self.objects += other.objects
        self.bands |= other.bands
        if not self.left_out:
            self.named, self.reason = other.named, other.reason
        self.left_out += other.left_out

    def announce(
        self, runtime: Runtime, *, strict: bool = False, stacklevel: int = 2
    ) -> None:
        """Warn of what was left out: one warning for each kind, with its count.

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
        if self.bands:
            new = [passband.name for passband in in_order(self.bands)]
            message = new_passbands_message(new, runtime.preset.preprocessing)
            messages.append(message)
        nothing = self.left_out and self.left_out == self.objects
        if self.left_out and not (nothing and strict):
            messages.append(self._left_out())
        for message in messages:
            warnings.warn(message, stacklevel=stacklevel)
        if nothing and strict:
            raise ValueError(
                f"{self._left_out()} Mark the detections in a `detected` column."
            )

    def _left_out(self) -> str:
        ids = ", ".join(x if x.isprintable() else repr(x) for x in self.named)
        more = ", ..." if self.left_out > len(self.named) else ""
        return (
            f"{self.left_out} of {self.objects} objects cannot be classified "
            f"({ids}{more}): {self.reason}."
        )
