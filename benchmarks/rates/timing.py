"""Fair timing: pinned cores, warm calls, medians, peak memory of a process."""

import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPEATS = 7

Times = tuple[float, float]
"""Wall seconds, and seconds of processors, all threads together."""


@dataclass(frozen=True)
class Rate:
    """Things per second, over the repeats.

    Attributes:
        median, low, high: of the repeats.
        per_core_second: median per second of processor time, which hardly depends on
            what else the machine does.
    """

    median: float
    low: float
    high: float
    per_core_second: float

    @classmethod
    def of(cls, count: float, times: Sequence[Times]) -> "Rate":
        """Process `count` things in each of these times."""
        rates = [count / wall for wall, _ in times]
        busy = statistics.median(count / cpu for _, cpu in times)
        return cls(statistics.median(rates), min(rates), max(rates), busy)


def turns(
    counts: dict[str, float],
    calls: dict[str, Callable[[], Times]],
    repeats: int = REPEATS,
) -> dict[str, Rate]:
    """Alternate the calls, each of which returns the times that its count took."""
    times: dict[str, list[Times]] = {name: [] for name in calls}
    for repeat in range(repeats + 1):
        for name, call in calls.items():
            took = call()
            if repeat:  # the first round warms up
                times[name].append(took)
    return {name: Rate.of(counts[name], taken) for name, taken in times.items()}


def timed(work: Callable[[], object]) -> Callable[[], Times]:
    """Wrap the work so that it returns the times it took."""

    def run() -> Times:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        return time.perf_counter() - wall, time.process_time() - cpu

    return run


@contextmanager
def cores(number: int) -> Iterator[None]:
    """Pin this process, and the network's workers, to this number of cores."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:number])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@dataclass(frozen=True)
class Ran:
    """A command that ended.

    Attributes:
        seconds: wall time.
        busy: seconds of processors, its children included.
        memory: its peak, MiB.
        printed: its standard output.
    """

    seconds: float
    busy: float
    memory: float
    printed: str


def child(command: list[str], at: Path | None = None, **environment: str) -> Ran:
    """Run a command, in this folder or another.

    Raises:
        RuntimeError: it failed.
    """
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as printed,
        tempfile.TemporaryFile("w+") as errors,
    ):
        process = subprocess.Popen(
            command,
            stdout=printed,
            stderr=errors,
            cwd=at,
            env=os.environ | environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}: {errors.read()}")
        busy = usage.ru_utime + usage.ru_stime
        return Ran(seconds, busy, usage.ru_maxrss / 1024, printed.read())


def script(name: str, *arguments: object) -> list[str]:
    """The command that runs a module of this package in a separate process."""
    return [sys.executable, "-m", f"rates.{name}", *map(str, arguments)]


def memory() -> float:
    """Memory that this process uses now, in MiB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Of the power of the size as which a value grows, from first to last."""
    return math.log(values[-1] / values[0]) / math.log(sizes[-1] / sizes[0])
