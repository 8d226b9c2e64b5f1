"""Classify the parts of a table on Beam, as `zoo.inference.parts` does in this process.

This process reads and checks the parts and writes each to a file; the workers classify
them; this process reads their results in order. Only file names are kept in memory and
sent through the runner. On a cluster the files lie in its `temp_location`.
"""

import contextlib
import io
import logging
import pickle
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions

from zoo.beam.classify import Worker
from zoo.beam.installed import beam, silent
from zoo.inference.classify import classified
from zoo.inference.runtime import Runtime
from zoo.inference.tally import Tally
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.table import Part
from zoo.system.leftovers import aside, clean

_HERE = ("DirectRunner", "BundleBasedDirectRunner", "SwitchingDirectRunner")
_BINARY = "application/octet-stream"
_DONE = ".done"  # after the name of a part's file: that of its result


def classify_parts_on(
    runner: str,
    model: str | PathLike[str],
    parts: Iterable[Part],
    tally: Tally,
    *,
    options: Sequence[str] = (),
    scratch: Path,
    novelty: bool = False,
    trust: bool = False,
    keep_all_passbands: bool = False,
    advance: Callable[[int], None] = lambda rows: None,
) -> Iterator[pd.DataFrame]:
    """Class probabilities, part by part and in order, as `zoo.inference.parts` gives.

    Args:
        runner: of Beam: `DirectRunner`, `FlinkRunner`, `SparkRunner`, ...
        model: its name or folder, which every worker must be able to read.
        parts: of different objects.
        tally: counts the parts that are done.
        options: of the pipeline, each KEY=VALUE, or KEY for a flag.
        scratch: folder for temporary files, where `temp_location` is not among the
            options; every worker must be able to read and write there.
        novelty: add the column of `zoo.novelty`.
        trust: add the column `trust`, as for `zoo.classify`.
        keep_all_passbands: as for `zoo.classify`.
        advance: called with the number of rows of each part that is done.

    Raises:
        ValueError: the runner is not known, or as `zoo.inference.parts.classify_parts`.
        OSError: the pipeline failed.
    """
    flags = [f"--runner={runner}", *(f"--{option}" for option in options)]
    with contextlib.ExitStack() as stack:
        if runner in _HERE:  # its log repeats our one line at length
            stack.enter_context(silent(logging.CRITICAL))
        chosen = _options(flags)
        work = _Work(
            model,
            novelty=novelty,
            trust=trust,
            keep_all_passbands=keep_all_passbands,
            source=Runtime.load(model).source,
        )
        pipeline = beam.Pipeline(options=chosen)
        base = chosen.view_as(GoogleCloudOptions).temp_location or str(scratch)
        folder = stack.enter_context(_folder(base))
        files = [
            _write(part, FileSystems.join(folder, f"part-{number:06d}"))
            for number, part in enumerate(parts)
        ]
        _run(pipeline, runner, files, work)
        for file in files:
            table, counts = _read(file + _DONE)
            tally.merge(counts)
            yield table
            advance(counts.rows)


def _run(pipeline: Any, runner: str, files: list[str], work: "_Work") -> None:
    try:
        _ = (
            pipeline
            | "Parts" >> beam.Create(files)
            | "Spread" >> beam.Reshuffle()
            | "Classify" >> beam.ParDo(work)
        )
        pipeline.run().wait_until_finish()
    except Exception as error:
        text = str(error.args[0]) if error.args else repr(error)
        last = text.strip().splitlines()[-1] if text.strip() else repr(error)
        raise OSError(f"the pipeline on {runner} failed: {last}") from error


class _Work(Worker):
    """Classify the part in a file, and write the result beside it."""

    def process(self, element: str) -> Iterator[str]:
        part = _read(element)
        inputs = to_inputs(part.light_curves, self.runtime.preset.preprocessing)
        table, reason = classified(
            self.runtime, part.light_curves, inputs, self.usual, self.trust
        )
        tally = Tally.of(part, inputs, reason, self.runtime)
        # Two workers may do one part at the same time: each writes a file of its own.
        aside = _write((table, tally), f"{element}.{uuid.uuid4().hex}")
        FileSystems.rename([aside], [element + _DONE])
        yield element


def _options(flags: list[str]) -> PipelineOptions:
    """Parse options as Beam does; one that it refuses is an error, not an exit."""
    messages = io.StringIO()
    try:
        with contextlib.redirect_stderr(messages):
            options = PipelineOptions(flags)
            options.get_all_options()  # what parses them
    except SystemExit:
        last = messages.getvalue().strip().splitlines()[-1]
        raise ValueError(f"Beam refuses {' '.join(flags)}: {last}.") from None
    return options


@contextlib.contextmanager
def _folder(base: str) -> Iterator[str]:
    """A new folder of any file system that Beam knows, deleted at the end."""
    if Path(base).is_dir():  # else it is of another kind of file system
        clean(Path(base))
    folder = FileSystems.join(base, aside(Path("zoo")).name)
    FileSystems.mkdirs(folder)
    try:
        yield folder
    finally:
        FileSystems.delete([folder])


def _write(what: Any, path: str) -> str:
    with FileSystems.create(path, _BINARY) as file:
        file.write(pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL))
    return path


def _read(path: str) -> Any:
    with FileSystems.open(path, _BINARY) as file:
        return pickle.loads(file.read())
