"""Speed of the network, tables, streams, training and commands, and of the peers.

    python benchmarks/speed.py [--peers PYTHON] [--only PART ...] [--quick]
                               [--json FILE] [--baseline FILE]

PYTHON is the interpreter of the environment described in `peers.py`; without it the
peers are left out. Takes about 25 minutes, five with --quick. A rate is the median over
the repeats of one run; rates on one core are those of a pinned process with one thread.
--baseline compares with the JSON of an earlier run; differences below 30 %, or between
machines, are not significant.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: chunks run side by side
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
)

from rates import commands, inference
from rates.peer import Peer
from rates.population import lengths, photometry
from rates.timing import child, cores, script
from rich.console import Console
from rich.table import Table

PARTS = (
    *("bound", "forward", "table", "one", "points", "stream", "training"),
    *("starts", "sizes", "survey", "data_set"),
)
TIE = 1.3
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
TRAINING = {"ours": (8192, 5), "batch": 512}
PACKAGES = ("numpy", "onnxruntime", "pandas", "tensorflow", "keras")


def stream(quick: bool) -> dict[str, Any]:
    """Push alerts to a stream, on one core."""
    objects, nights = (20_000, 25) if quick else (200_000, 50)
    figures = {}
    with cores(1):
        for model in inference.MODELS:
            _, _, printed = child(
                script("stream", model, objects, nights), **ONE_THREAD
            )
            figures[model] = json.loads(printed)
    return figures


def training(peer: Peer | None) -> dict[str, Any]:
    """The paper's network, without metadata, in batches of 512, per core-second."""
    objects, epochs = TRAINING["ours"]
    counts = lengths(objects).tolist()
    figures: dict[str, Any] = {}
    with cores(1):
        for name, xla in (("TensorFlow, XLA", 1), ("TensorFlow", 0)):
            arguments = (objects, epochs, TRAINING["batch"], xla)
            _, _, printed = child(script("training", *arguments), **ONE_THREAD)
            figures[name] = json.loads(printed)
        if peer is not None:
            forms = {"torch, packed": (counts, False)}
            forms["torch, padded, sorted"] = (sorted(counts), True)
            for name, (points, padded) in forms.items():
                rates = []
                for _ in range(3):
                    answer = peer.ask(
                        "gru_train",
                        lengths=points,
                        steps=objects // TRAINING["batch"],
                        batch=TRAINING["batch"],
                        padded=padded,
                    )
                    rates.append(answer["objects"] / answer["cpu_seconds"])
                rates.sort()
                figures[name] = {"median": rates[1], "low": rates[0], "high": rates[-1]}
    return figures


def survey() -> dict[str, Any]:
    """A real table of 1.1 million rows, if the test data are available."""
    data = os.environ.get("ZOO_TEST_DATA")
    if not data:
        return {"skipped": "set ZOO_TEST_DATA"}
    table = Path(data) / "tables" / "mallorn_unlabelled"
    figures = {
        m: commands.classify(table, m) for m in ("lsstsims-gru", "ztfsims-gru-lite")
    }
    return {"rows": 1_143_103, **figures}


def measure(
    wanted: list[str], python: Path | None, quick: bool, folder: Path
) -> dict[str, Any]:
    """Measure these parts."""
    counts = (1_000, 10_000) if quick else (1_000, 10_000, 100_000, 1_000_000)
    peers = {} if python is None else ready(python, folder)
    peer = peers.get(1)
    figures: dict[str, Any] = {"machine": machine(peer)}
    bound = inference.gemm() if {"bound", "forward"} & {*wanted} else {}
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "bound": lambda: bound,
        "forward": lambda: inference.forward(max(bound.values())),
        "table": lambda: inference.table(peers),
        "one": lambda: inference.one(peer),
        "points": inference.points,
        "stream": lambda: stream(quick),
        "training": lambda: training(peer),
        "starts": commands.starts,
        "sizes": lambda: commands.sizes(counts, folder),
        "survey": survey,
        "data_set": lambda: commands.data_set(4_000 if quick else 20_000),
    }
    console = Console(stderr=True)
    for name in wanted:
        console.print(f"measuring {name}")
        figures[name] = parts[name]()
    for one in peers.values():
        one.close()
    return figures


def ready(python: Path, folder: Path) -> dict[int, Peer]:
    """The peers on one and on two cores, with a table and a trained model each."""
    path = folder / "table.parquet"
    photometry(lengths(inference.PEER_TABLE)).to_parquet(path)
    peers = {}
    for number in (1, 2):
        peer = Peer(python, sorted(os.sched_getaffinity(0))[:number])
        peer.ask("load", table=str(path))
        peer.ask("supernnova_batch", objects=200)
        peers[number] = peer
    return peers


def machine(peer: Peer | None) -> dict[str, Any]:
    """The machine and releases that the figures belong to."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "peers": None if peer is None else peer.ask("versions"),
    }


def flat(figures: Any, name: str = "") -> dict[str, float]:
    """Every number by the path to it."""
    if isinstance(figures, dict):
        parts = (flat(value, f"{name} / {key}") for key, value in figures.items())
        return {key: value for part in parts for key, value in part.items()}
    number = isinstance(figures, int | float) and not isinstance(figures, bool)
    return {name.removeprefix(" / "): float(figures)} if number else {}


def over_peers(figures: dict[str, Any]) -> dict[str, float]:
    """Ratios of our rates to those of the peers on the same number of cores."""
    ratios = {}
    for part, peer in (
        ("table", "SuperNNova, 1 core(s)"),
        ("table", "SuperNNova, 2 core(s)"),
        ("one", "SuperNNova, 1 core(s)"),
        ("training", "torch, packed"),
        ("training", "torch, padded, sorted"),
    ):
        rates = figures.get(part, {})
        on = "" if part == "training" else peer.partition(", ")[2]
        for name in rates if peer in rates else ():
            if name != peer and name.endswith(on) and "torch" not in name:
                ratio = rates[name]["median"] / rates[peer]["median"]
                ratios[f"{part}: {name} over {peer}"] = ratio
    return ratios


def show(figures: dict[str, Any], before: dict[str, float]) -> None:
    """Print all figures, and their change since the baseline."""
    table = Table("figure", "value", *(["baseline", "ratio"] if before else []))
    for name, value in flat(
        {k: v for k, v in figures.items() if k != "machine"}
    ).items():
        cells = [name, f"{value:,.4g}" if value < 100 else f"{value:,.0f}"]
        if name in before and before[name]:
            ratio = value / before[name]
            changed = not 1 / TIE < ratio < TIE
            cells += [f"{before[name]:,.4g}", f"{ratio:.2f}{' !' if changed else ''}"]
        table.add_row(*cells)
    for name, ratio in over_peers(figures).items():
        table.add_row(name, f"{ratio:.2f}")
    Console().print(table)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--baseline", type=Path, metavar="FILE")
    args = parser.parse_args()
    if args.peers is None:
        sys.stderr.write("no --peers: SuperNNova and torch are left out\n")
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(args.only, args.peers, args.quick, Path(folder))
    before = flat(json.loads(args.baseline.read_text())) if args.baseline else {}
    show(figures, before)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
