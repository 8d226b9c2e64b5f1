"""Whole commands: files of any size, start-up, data sets."""

import math
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rates.population import write
from rates.timing import child

ZOO = [sys.executable, "-c", "from zoo.cli.main import main; main()"]
STARTS = 11
TEN_COMMANDS = """
import typer
app = typer.Typer(help="Ten.", no_args_is_help=True)
for number in range(10):
    def command(name: str, count: int = 1) -> None:
        "Do a thing."
    app.command(f"command-{number}")(command)
app()
"""
FIRST = """
import zoo, pandas as pd
table = pd.DataFrame({"object_id": "a", "mjd": [60000.0, 60002.0, 60004.0],
    "band": "ztfg", "flux": [500.0, 600.0, 700.0], "flux_err": 20.0})
print(zoo.classify("ztfsims-gru", table).iloc[0, 0])
"""


def classify(table: Path, model: str = "ztfsims-gru") -> dict[str, float]:
    """`zoo-cli classify` of a file: wall seconds, peak memory, objects."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*ZOO, "classify", model, str(table), "--out", f"{folder}/p.parquet"]
        seconds, peak, printed = child(command)
    objects = int(printed.split()[-2])
    return {"objects": objects, "seconds": seconds, "memory": peak}


def sizes(counts: tuple[int, ...], folder: Path) -> dict[str, Any]:
    """Files of many sizes, and the exponent of time over objects above 10,000."""
    figures: dict[str, Any] = {}
    for count in counts:
        path = folder / f"{count}.parquet"
        write(path, count)
        figures[str(count)] = classify(path)
        path.unlink()
    large = [(n, figures[str(n)]["seconds"]) for n in counts if n >= 10_000]
    if len(large) > 1:
        (n0, s0), (n1, s1) = large[0], large[-1]
        figures["exponent"] = math.log(s1 / s0) / math.log(n1 / n0)
    return figures


def starts() -> dict[str, float]:
    """Wall seconds from process start, medians of turns."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import zoo": [sys.executable, "-c", "import zoo"],
        "ten commands --help": [sys.executable, "-c", TEN_COMMANDS, "--help"],
        "zoo-cli --help": [*ZOO, "--help"],
        "first probability": [sys.executable, "-c", FIRST],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for repeat in range(STARTS + 1):
        for name, command in commands.items():
            took, _, _ = child(command)
            if repeat:
                seconds[name].append(took)
    return {name: statistics.median(times) for name, times in seconds.items()}


def data_set(objects: int) -> dict[str, float]:
    """Simulate, build and load a data set: objects per second of one process."""
    from zoo.datasets import registry

    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        builder = registry.builder("ztfsims", objects=objects, data_dir=folder)
        start = time.perf_counter()
        registry.prepare(builder)
        rates["simulate and build"] = objects / (time.perf_counter() - start)
        start = time.perf_counter()
        registry.load_light_curves(builder)
        rates["load"] = objects / (time.perf_counter() - start)
    return rates
