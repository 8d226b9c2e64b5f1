"""Whole commands: files of any size, start-up, training, data sets."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rates.population import write
from rates.timing import child, exponent

START = "from zoo.cli.main import main; main()"
if "RATES_VARIANT" in os.environ:  # else it would only delay the start
    START = f"import rates; {START}"
ZOO = [sys.executable, "-c", START]
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
        ran = child(command)
    objects = int(ran.printed.split()[-2])
    return {"objects": objects, "seconds": ran.seconds, "memory": ran.memory}


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
        figures["exponent"] = exponent(*zip(*large, strict=True))
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
            took = child(command).seconds
            if repeat:
                seconds[name].append(took)
    return {name: statistics.median(times) for name, times in seconds.items()}


def whole(table: Path | None, before: Path | None) -> dict[str, Any]:
    """`zoo-cli transfer` and `quickstart` from process start to end, in turns with
    those of another tree.

    Args:
        table: labelled light curves to transfer to; None: transfer is left out.
        before: root of the other tree, if any.
    """
    jobs = {"quickstart": ["quickstart"]}
    if table is not None:
        options = ["--target", "bts", "--labels", "100", "--data", str(table.resolve())]
        jobs = {"transfer": ["transfer", "ztfsims-gru", *options], **jobs}
    trees = {"": Path(__file__).parents[2]}
    if before is not None:
        trees["before: "] = before.resolve()
    figures = {}
    for name, arguments in jobs.items():
        for which, tree in trees.items():
            with tempfile.TemporaryDirectory() as folder:
                command = [*ZOO, *arguments, "--out", f"{folder}/out"]
                path = os.pathsep.join([str(tree), os.environ["PYTHONPATH"]])
                ran = child(command, tree, PYTHONPATH=path)
            figures[f"{which}{name}"] = {
                "seconds": ran.seconds,
                "core_seconds": ran.busy,
                "memory": ran.memory,
            }
    return figures


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
