"""Measure the simulator: rate on one core, memory, data sets, reproducible bytes.

    python benchmarks/simulator.py [--json FILE]

Takes a few minutes. `README.md` in this folder explains the figures.
"""

import argparse
import hashlib
import json
import os
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds
from rich.console import Console
from rich.table import Table
from tensorflow_datasets.core.writer import ExampleWriter

from zoo.datasets import registry
from zoo.datasets.parquet import ParquetWriter
from zoo.datasets.simulator import chunk, simulate, telescopes
from zoo.datasets.simulator.populations import populations
from zoo.datasets.simulator.randomisation import Randomisation
from zoo.datasets.simulator.surveys import SURVEYS
from zoo.datasets.tfds_features import features, to_examples
from zoo.light_curves import LightCurves

RUNS = 5
SURVEY_OBJECTS, CLASS_CHUNKS = 24_000, 10
MEMORY_OBJECTS = (4_000, 16_000, 64_000)
BUILD_OBJECTS, BUILD_RUNS = 12_000, 3


@contextmanager
def one_core() -> Iterator[None]:
    """Pin this process to one core, if the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the light curves drawn in each chunk: those for which visits are drawn.

    Chunks of faint classes are not full, because fewer candidates are within the
    limits.
    """
    numbers: list[int] = []
    original = telescopes.draw_visits

    def draw_visits(rng: Any, on: Any, nights: Any, years: Any) -> Any:
        numbers.append(len(nights))
        return original(rng, on, nights, years)

    telescopes.draw_visits = draw_visits
    try:
        yield numbers
    finally:
        telescopes.draw_visits = original


def rates(draw: Callable[[], Iterable[LightCurves]]) -> dict[str, float]:
    """Light curves drawn and kept per second of processor time, medians."""
    drawn, kept = [], []
    for _ in range(RUNS):
        with counted() as numbers:
            start = time.process_time()
            number = sum(map(len, draw()))
            seconds = time.process_time() - start
        drawn.append(sum(numbers) / seconds)
        kept.append(number / seconds)
    return {
        "drawn_per_second": statistics.median(drawn),
        "kept_per_second": statistics.median(kept),
    }


def survey_rates(survey: str) -> dict[str, float]:
    """Rates of a survey's default mix."""
    return rates(partial(simulate, survey, objects=SURVEY_OBJECTS, seed=1))


def class_rates(survey: str, label: str) -> dict[str, float]:
    """Rates of one population."""
    draw = partial(chunk.draw_chunk, survey, 1, {label: label}, Randomisation(), label)
    draw(0)  # the tables of a template are read once
    return rates(lambda: map(draw, range(CLASS_CHUNKS)))


def peak_memory(objects: int) -> float:
    """Peak resident memory of this process, MiB, after simulating these objects."""
    for _ in simulate("ztfsims", objects=objects, seed=1):
        pass
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts its parent's peak into ru_maxrss
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def in_new_process(function: Callable[[int], float], argument: int) -> float:
    """Call a function in a new process, where nothing else has used memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, argument).result()


class ReadyMade(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Yield simulated examples from memory, to time what tfds needs to write them."""

    VERSION = tfds.core.Version("1.0.0")
    examples: list[tuple[str, dict[str, object]]]
    pkg_dir_path = Path(__file__).parent

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(builder=self, features=features())

    def _example_writer(self) -> ExampleWriter:
        if self.info.file_format is tfds.core.FileFormat.PARQUET:
            # tfds' own writer of this format loses examples: see zoo.datasets.parquet.
            return ParquetWriter(self.info.file_format)
        return super()._example_writer()

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        return {"train": self._generate_examples()}

    def _generate_examples(self) -> Iterator[tuple[str, dict[str, object]]]:
        yield from self.examples


def build_rates() -> dict[str, float]:
    """Objects per second of processor time of a build, and of tfds from memory."""
    tfds.display_progress_bar(False)
    ReadyMade.examples = [
        example
        for part in simulate("ztfsims", objects=BUILD_OBJECTS, seed=1)
        for example in to_examples(part)
    ]
    makers = {
        "built": partial(registry.builder, "ztfsims", objects=BUILD_OBJECTS, seed=1),
        "written_as_parquet": partial(ReadyMade, file_format="parquet"),
        "written_as_tfrecord": partial(ReadyMade, file_format="tfrecord"),
    }
    rates: dict[str, list[float]] = {name: [] for name in makers}
    for _ in range(BUILD_RUNS):  # alternating, so that a slow moment affects them all
        for name, make in makers.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.process_time()
                registry.prepare(make(data_dir=folder))
                rates[name].append(BUILD_OBJECTS / (time.process_time() - start))
    return {name: statistics.median(values) for name, values in rates.items()}


def digest(workers: int) -> str:
    """sha256 of everything that a simulation yields."""
    sha256 = hashlib.sha256()
    for part in simulate("ztfsims", objects=6_000, seed=1, workers=workers):
        for name in ("offsets", "mjd", "flux", "flux_err", "band", "detected"):
            sha256.update(getattr(part, name).tobytes())
        sha256.update(" ".join(part.object_id).encode())
        sha256.update(part.metadata.to_csv().encode())
    return sha256.hexdigest()


def measure() -> dict[str, object]:
    """Every figure, as the JSON file holds it."""
    with one_core():
        surveys = {survey: survey_rates(survey) for survey in SURVEYS}
        classes = {
            survey: {label: class_rates(survey, label) for label in populations()}
            for survey in SURVEYS
        }
        build = build_rates()
    return {
        "surveys": surveys,
        "classes": classes,
        "peak_memory_mib": {n: in_new_process(peak_memory, n) for n in MEMORY_OBJECTS},
        "build": build,
        "sha256": {workers: digest(workers) for workers in (1, 2)},
    }


def show(figures: dict, console: Console) -> None:
    """Print the figures as tables."""
    table = Table("simulated", "drawn/s/core", "kept/s/core", "kept")
    for survey, row in figures["surveys"].items():
        rows = {survey: row, **figures["classes"][survey]}
        for name, values in rows.items():
            table.add_row(
                name if name == survey else f"  {name}",
                f"{values['drawn_per_second']:,.0f}",
                f"{values['kept_per_second']:,.0f}",
                f"{values['kept_per_second'] / values['drawn_per_second']:.0%}",
            )
    console.print(table)
    for objects, peak in figures["peak_memory_mib"].items():
        console.print(f"peak memory, {objects:,} objects: {peak:.0f} MiB")
    build = figures["build"]
    console.print(f"data set: {build['built']:,.0f} objects/s simulated and written")
    for form in ("parquet", "tfrecord"):
        written = build[f"written_as_{form}"]
        console.print(
            f"tfds alone, from memory, {form}: {written:,.0f} objects/s; "
            f"ratio {build['built'] / written:.2f}"
        )
    one, two = figures["sha256"].values()
    same = "identical" if one == two else "DIFFERENT"
    console.print(f"bytes of 1 and 2 workers: {same} ({one[:16]}, {two[:16]})")


def main() -> None:
    """Measure, print, and write the JSON file if requested."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write the figures here"
    )
    file = parser.parse_args().json
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # tfrecord needs TensorFlow
    figures = measure()
    show(figures, Console())
    if file is not None:
        file.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
