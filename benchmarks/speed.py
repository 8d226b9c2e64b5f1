"""Speed of the network, tables, streams, training and commands, and of the peers.

    python benchmarks/speed.py [--peers PYTHON] [--before TREE] [--only PART ...]
                               [--quick] [--json FILE] [--baseline FILE]

PYTHON is the interpreter of the environment described in `peers.py`; without it the
peers are left out. TREE is the root of another checkout, whose commands take turns with
ours. Takes about 40 minutes, ten with --quick. A rate is the median over the repeats of
one run; rates on one core are those of a pinned process with one thread.

FILE has figures by the kind of processor that the network was compiled for (`avx512`,
`avx2`, `plain`, or `none` where ONNX Runtime and Keras compute). --json replaces the
parts that were measured and keeps the others, so that a run may be made in parts;
--baseline compares with those of the same kind. Differences below 30 %, or between
machines, are not significant.

RATES_VARIANT=avx2 in the environment holds all to AVX2 on a machine with AVX-512.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: chunks run side by side
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
if os.environ.get("RATES_VARIANT") == "avx2":  # the libraries too, in their own words
    os.environ["OPENBLAS_CORETYPE"] = "Haswell"
    os.environ["ATEN_CPU_CAPABILITY"] = os.environ["ONEDNN_MAX_CPU_ISA"] = "avx2"
    os.environ["MKL_ENABLE_INSTRUCTIONS"] = "AVX2"
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
)

from rates import commands, inference, learning
from rates.peer import Peer
from rates.population import lengths, photometry
from rates.timing import child, cores, script
from rich.console import Console
from rich.table import Table

from zoo.kernel.library import kernel

PARTS = (
    *("bound", "forward", "table", "one", "points", "stream", "training", "whole"),
    *("growth", "starts", "sizes", "survey", "data_set"),
)
TIE = 1.3
PACKAGES = ("numpy", "onnxruntime", "pandas", "tensorflow", "keras")


def stream(quick: bool) -> dict[str, Any]:
    """Push alerts to a stream, on one core."""
    objects, nights = (20_000, 25) if quick else (200_000, 50)
    figures = {}
    with cores(1):
        for model in inference.MODELS:
            ran = child(script("stream", model, objects, nights), OMP_NUM_THREADS="1")
            figures[model] = json.loads(ran.printed)
    return figures


def real(name: str) -> Path | None:
    """A table of the test data, if these are available."""
    data = os.environ.get("ZOO_TEST_DATA")
    return Path(data) / "tables" / name if data else None


def survey() -> dict[str, Any]:
    """A real table of 1.1 million rows."""
    table = real("mallorn_unlabelled")
    if table is None:
        return {"skipped": "set ZOO_TEST_DATA"}
    figures = {
        m: commands.classify(table, m) for m in ("lsstsims-gru", "ztfsims-gru-lite")
    }
    return {"rows": 1_143_103, **figures}


def measure(
    wanted: list[str],
    python: Path | None,
    before: Path | None,
    quick: bool,
    folder: Path,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Measure these parts, and first the machine."""
    counts = (1_000, 10_000) if quick else (1_000, 10_000, 100_000, 1_000_000)
    peers = {} if python is None else ready(wanted, python, folder)
    peer = peers.get(1)
    yield "machine", machine(peer)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "bound": inference.gemm,
        "forward": inference.forward,
        "table": lambda: inference.table(peers),
        "one": lambda: inference.one(peer),
        "points": inference.points,
        "stream": lambda: stream(quick),
        "training": lambda: learning.training(peer, 1 if quick else learning.ROUNDS),
        "whole": lambda: commands.whole(real("ztf_real"), before),
        "growth": lambda: learning.growth(quick),
        "starts": commands.starts,
        "sizes": lambda: commands.sizes(counts, folder),
        "survey": survey,
        "data_set": lambda: commands.data_set(4_000 if quick else 20_000),
    }
    console = Console(stderr=True)
    for name in wanted:
        load = os.getloadavg()[0]
        console.print(f"measuring {name} ({kind()}, load {load:.1f})")
        yield name, {**parts[name](), "load_before": load}
    for one in peers.values():
        one.close()


def ready(wanted: list[str], python: Path, folder: Path) -> dict[int, Peer]:
    """The peers on one core and, for tables, on two; with a table and a trained model
    each, where these are needed."""
    peers = {}
    for number in (1, 2) if "table" in wanted else (1,):
        peers[number] = Peer(python, sorted(os.sched_getaffinity(0))[:number])
    if {"table", "one"} & {*wanted}:
        path = folder / "table.parquet"
        photometry(lengths(inference.PEER_TABLE)).to_parquet(path)
        for peer in peers.values():
            peer.ask("load", table=str(path))
            peer.ask("supernnova_batch", objects=200)
    return peers


def kind() -> str:
    """What computes: the kind of processor that it was compiled for, or `none`."""
    compiled = kernel()
    return "none" if compiled is None else compiled.variant


def machine(peer: Peer | None) -> dict[str, Any]:
    """The machine, engine and releases that the figures belong to."""
    compiled = kind() != "none"
    return {
        "engine": f"compiled, {kind()}" if compiled else "ONNX Runtime and Keras",
        "forced": "RATES_VARIANT" in os.environ,
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
    for part, peer, measure in (
        ("table", "SuperNNova, 1 core(s)", "median"),
        ("table", "SuperNNova, 2 core(s)", "median"),
        ("table", "SuperNNova, 1 core(s)", "per_core_second"),
        ("table", "SuperNNova, 2 core(s)", "per_core_second"),
        ("one", "SuperNNova, 1 core(s)", "per_core_second"),
        ("training", "torch, packed", "median"),
        ("training", "torch, padded, sorted", "median"),
    ):
        rates = {k: v for k, v in figures.get(part, {}).items() if k != "load_before"}
        on = "1 core(s)" if part == "training" else peer.partition(", ")[2]
        for name in rates if peer in rates else ():
            if name != peer and name.endswith(on):
                ratio = rates[name][measure] / rates[peer][measure]
                ratios[f"{part}: {name} over {peer} ({measure})"] = ratio
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
    parser.add_argument("--before", type=Path, metavar="TREE")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--baseline", type=Path, metavar="FILE")
    args = parser.parse_args()
    if args.peers is None:
        sys.stderr.write("no --peers: SuperNNova and torch are left out\n")
    known = read(args.baseline).get(kind(), {}) if args.baseline else {}
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        options = (args.only, args.peers, args.before, args.quick, Path(folder))
        for name, part in measure(*options):
            figures[name] = part
            if args.json:
                kinds = read(args.json)
                kinds[kind()] = kinds.get(kind(), {}) | figures
                args.json.write_text(json.dumps(kinds, indent=2) + "\n")
    show(figures, flat(known))


def read(path: Path) -> dict[str, Any]:
    """The figures in a file, by kind; none where there is no file."""
    return json.loads(path.read_text()) if path.exists() else {}


if __name__ == "__main__":
    main()
