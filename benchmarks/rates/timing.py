"""Fair timing: pinned cores, warm calls, medians, peak memory of a process."""

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

REPEATS = 7


@dataclass(frozen=True)
class Rate:
    """Things per second, over the repeats.

    Attributes:
        median, low, high: of the repeats.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, count: float, seconds: Sequence[float]) -> "Rate":
        """Process `count` things in each of these times."""
        rates = [count / one for one in seconds]
        return cls(statistics.median(rates), min(rates), max(rates))


def turns(
    counts: dict[str, float],
    calls: dict[str, Callable[[], float]],
    repeats: int = REPEATS,
) -> dict[str, Rate]:
    """Alternate the calls, each of which returns the seconds that its count took."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for repeat in range(repeats + 1):
        for name, call in calls.items():
            took = call()
            if repeat:  # the first round warms up
                seconds[name].append(took)
    return {name: Rate.of(counts[name], times) for name, times in seconds.items()}


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """Wrap the work so that it returns the seconds it took."""

    def run() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

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


def child(command: list[str], **environment: str) -> tuple[float, float, str]:
    """Run a command: wall seconds, peak memory in MiB, standard output."""
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as printed,
        tempfile.TemporaryFile("w+") as errors,
    ):
        process = subprocess.Popen(
            command, stdout=printed, stderr=errors, env=os.environ | environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}: {errors.read()}")
        return seconds, usage.ru_maxrss / 1024, printed.read()


def script(name: str, *arguments: object) -> list[str]:
    """The command that runs a module of this package in a separate process."""
    return [sys.executable, "-m", f"rates.{name}", *map(str, arguments)]


def memory() -> float:
    """Memory that this process uses now, in MiB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20
