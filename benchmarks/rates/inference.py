"""From arrays, tables and single objects to probabilities, beside the peers."""

from typing import Any

import numpy as np

import zoo
from rates.peer import Peer
from rates.population import lengths, photometry
from rates.timing import Rate, cores, timed, turns
from zoo.preprocess import preprocess
from zoo.preset import Preset
from zoo.runtime import Runtime
from zoo.table import from_tables
from zoo.tensors import tensor_shapes

MODELS = ("ztfsims-gru", "ztfsims-gru-lite")
FORWARD, TABLE, ONE = 4096, 20_000, 200
POINTS = (8, 32, 128, 512)
PEER_TABLE, PEER_ONE = 4000, 50


def gemm() -> dict[str, float]:
    """The fp32 rate of matrix products on one core, GFLOP/s, by size."""
    random = np.random.default_rng(0)
    found = {}
    for size in (512, 1024, 2048):
        a, b = (random.random((size, size), np.float32) for _ in range(2))
        out = np.empty_like(a)
        times = max(1, 2 * 1024**3 // size**3)

        def work(a=a, b=b, out=out, times=times) -> None:
            for _ in range(times):
                np.matmul(a, b, out=out)

        rate = turns(2 * size**3 * times, {"": timed(work)})[""]
        found[f"{size}"] = rate.median / 1e9
    return found


def flop(preset: Preset, points: int, objects: int) -> float:
    """Operations of the matrix products on real observations."""
    shapes = tensor_shapes(preset)
    products = {k: v for k, v in shapes.items() if "kernel" in k}
    recurrent = sum(np.prod(v) for k, v in products.items() if k.startswith("gru"))
    dense = sum(np.prod(v) for k, v in products.items() if not k.startswith("gru"))
    return 2 * (points * recurrent + objects * dense)


def forward(bound: float) -> dict[str, Any]:
    """The network alone, on one core and on two: light curves/s, share of the bound."""
    found: dict[str, Any] = {}
    table = from_tables(photometry(lengths(FORWARD)))
    for name in MODELS:
        runtime = Runtime.load(name)
        inputs = preprocess(table, runtime.preset.preprocessing)
        work = timed(
            lambda runtime=runtime, inputs=inputs: runtime.run(inputs, "latent")
        )
        operations = flop(runtime.preset, len(inputs.light_curve), len(inputs))
        for number in (1, 2):
            with cores(number):
                rate = turns(len(inputs), {"": work})[""]
            gflops = rate.median * operations / len(inputs) / 1e9
            found[f"{name}, {number} core(s)"] = {
                **vars(rate),
                "gflops": gflops,
                "share_of_bound": gflops / (number * bound),
            }
    return found


def table(peer: Peer | None) -> dict[str, Any]:
    """A shuffled table to probabilities, one core each, in turns with SuperNNova."""
    frame = photometry(lengths(TABLE)).sample(frac=1, random_state=0)
    frame = frame.reset_index(drop=True)
    runtimes = {name: Runtime.load(name) for name in MODELS}
    calls = {
        name: timed(lambda runtime=runtime: zoo.classify(runtime, frame))
        for name, runtime in runtimes.items()
    }
    with cores(1):
        rates = turns(TABLE, calls)
        if peer is not None:
            rates |= _with_peer(peer, calls)
    with cores(2):
        both = turns(TABLE, calls)
    rates |= {f"{name}, 2 cores": rate for name, rate in both.items()}
    return {name: vars(rate) for name, rate in rates.items()}


def _with_peer(peer: Peer, calls: dict[str, Any]) -> dict[str, Rate]:
    """Ours and SuperNNova's rates from turns in the same minutes."""
    seconds: dict[str, list[float]] = {name: [] for name in (*calls, "SuperNNova")}
    for _ in range(5):
        for name, call in calls.items():
            seconds[name].append(call())
        answer = peer.ask("supernnova_batch", objects=PEER_TABLE)
        seconds["SuperNNova"].append(answer["seconds"])
    counts = dict.fromkeys(calls, TABLE) | {"SuperNNova": PEER_TABLE}
    return {name: Rate.of(counts[name], times) for name, times in seconds.items()}


def one(peer: Peer | None) -> dict[str, Any]:
    """One object per call, from its table: the call of an alert broker."""
    frame = photometry(lengths(ONE))
    frames = [part.reset_index(drop=True) for _, part in frame.groupby("object_id")]
    calls: dict[str, Any] = {}
    for name in MODELS:
        runtime = Runtime.load(name)

        def work(runtime=runtime) -> None:
            for part in frames:
                zoo.classify(runtime, part)

        calls[name] = timed(work)
    with cores(1):
        rates = turns(ONE, calls, 3)
        if peer is not None:
            seconds: list[float] = []
            ours: dict[str, list[float]] = {name: [] for name in calls}
            for _ in range(5):
                for name, call in calls.items():
                    ours[name].append(call())
                answer = peer.ask("supernnova_one", objects=PEER_ONE)
                seconds.append(answer["seconds"])
            rates = {name: Rate.of(ONE, times) for name, times in ours.items()}
            rates["SuperNNova"] = Rate.of(PEER_ONE, seconds)
    return {name: vars(rate) for name, rate in rates.items()}


def points() -> dict[str, Any]:
    """Tables of few and of many observations per object: observations/s on one core."""
    runtime = Runtime.load(MODELS[0])
    found = {}
    for count in POINTS:
        frame = photometry(np.full(200_000 // count, count))
        with cores(1):
            work = timed(lambda frame=frame: zoo.classify(runtime, frame))
            found[str(count)] = vars(turns(len(frame), {"": work}, 3)[""])
    return found
