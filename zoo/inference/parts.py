"""Classify light curves part by part: memory does not grow with their number.

While the network runs on one part, the next is read and prepared.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from zoo.inference.novelty import Usual
from zoo.inference.result import NAMED, as_table, left_out_message
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import new_passbands, new_passbands_message, to_inputs
from zoo.light_curves.parts import Part
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import dropped_messages
from zoo.passbands import BANDS


@dataclass
class Tally:
    """What was classified, and what was not, over all parts.

    Attributes:
        rows: observations read, of which `dropped` had no flux and `repeated` were
            equal to another.
        objects: number of objects.
        left_out: of which so many cannot be classified,
        named: the first few of them, and
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
    bands: set[str] = field(default_factory=set)

    def add(self, part: Part, inputs: Inputs, runtime: Runtime) -> None:
        """Count one part."""
        light_curves = part.light_curves
        self.rows += part.rows
        self.dropped += part.dropped
        self.repeated += part.repeated
        self.bands |= {*new_passbands(light_curves, runtime.preset.preprocessing)}
        self.objects += len(light_curves)
        left_out = np.flatnonzero(inputs.reason != "")
        if len(left_out) and not self.left_out:
            self.named = light_curves.object_id[left_out[:NAMED]].tolist()
            self.reason = inputs.reason[left_out[0]]
        self.left_out += len(left_out)

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

    def announce(self, runtime: Runtime) -> None:
        """Say what was left out, once.

        Raises:
            ValueError: no object at all was classified.
        """
        for message in dropped_messages(self.dropped, self.repeated, self.rows):
            warnings.warn(message, stacklevel=2)
        if self.bands:
            bands = [band for band in BANDS if band in self.bands]
            message = new_passbands_message(bands, runtime.preset.preprocessing)
            warnings.warn(message, stacklevel=2)
        if self.left_out:
            message = left_out_message(
                self.left_out, self.objects, self.named, self.reason
            )
            if self.left_out == self.objects:
                raise ValueError(message)
            warnings.warn(message, stacklevel=2)


def classify_parts(
    runtime: Runtime,
    parts: Iterable[Part],
    tally: Tally,
    *,
    novelty: bool = False,
    advance: Callable[[int], None] = lambda rows: None,
) -> Iterator[pd.DataFrame]:
    """Class probabilities, part by part, as `zoo.classify` gives them.

    Args:
        runtime: of the model.
        parts: of different objects.
        tally: filled as parts are done.
        novelty: add the column of `zoo.novelty`.
        advance: called with the number of rows of each part that is done.
    """
    usual = Usual.of(runtime) if novelty else None
    iterator = iter(parts)

    def prepare() -> tuple[Part, Inputs] | None:
        part = next(iterator, None)
        if part is None:
            return None
        return part, to_inputs(part.light_curves, runtime.preset.preprocessing)

    with ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(prepare)
        while (ready := waiting.result()) is not None:
            waiting = ahead.submit(prepare)
            part, inputs = ready
            tally.add(part, inputs, runtime)
            yield classified(runtime, part.light_curves, inputs, usual)
            advance(part.rows)


def classified(
    runtime: Runtime, light_curves: LightCurves, inputs: Inputs, usual: Usual | None
) -> pd.DataFrame:
    """What `zoo.classify` returns, with the column of `zoo.novelty` where wanted.

    Args:
        runtime: of the model.
        light_curves: any number of objects.
        inputs: made from them.
        usual: what `zoo.novelty` compares with; None: leave it out.
    """
    outputs = ["probabilities"] if usual is None else ["probabilities", "latent"]
    probabilities, *latent = runtime.run(inputs, *outputs)
    table = as_table(light_curves, inputs, probabilities, runtime.preset.classes)
    if usual is not None:
        score = usual.score(latent[0], probabilities)[:, None]
        strange = as_table(light_curves, inputs, score, ("novelty",))
        table.insert(len(table.columns) - 1, "novelty", strange["novelty"])
    return table
