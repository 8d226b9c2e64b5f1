"""Classify light curves part by part: memory does not grow with their number.

While the network runs on one part, the next is read and prepared.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pandas as pd

from zoo.inference.classify import classified
from zoo.inference.novelty import Usual
from zoo.inference.runtime import Runtime
from zoo.inference.tally import Tally
from zoo.inference.trust import Trust
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.table import Part


def classify_parts(
    runtime: Runtime,
    parts: Iterable[Part],
    tally: Tally,
    *,
    novelty: bool = False,
    trust: bool = False,
    advance: Callable[[int], None] = lambda rows: None,
) -> Iterator[pd.DataFrame]:
    """Class probabilities, part by part, as `zoo.classify` gives them.

    Args:
        runtime: of the model.
        parts: of different objects.
        tally: counts the parts that are done.
        novelty: add the column of `zoo.novelty`.
        trust: add the column `trust`, as for `zoo.classify`.
        advance: called with the number of rows of each part that is done.
    """
    usual = Usual.of(runtime) if novelty else None
    known = Trust.of(runtime) if trust else None
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
            table, reason = classified(runtime, part.light_curves, inputs, usual, known)
            tally.add(part, inputs, reason, runtime)
            yield table
            advance(part.rows)
