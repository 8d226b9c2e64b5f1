"""From arrays, tables and single objects to probabilities, compared with the peers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from astropy.table import Table

import zoo
from rates.peer import Peer
from rates.population import lengths, photometry
from rates.timing import cores, timed, turns
from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.table import from_tables
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import tensor_shapes

MODELS = ("ztfsims-gru", "ztfsims-gru-lite")
FORWARD, TABLE, ONE = 4096, 20_000, 200
POINTS = (8, 32, 128, 512)
PEER_TABLE, PEER_ONE = 4000, 50


def gemm() -> dict[str, float]:
    """The fp32 rate of matrix products on one core, GFLOP/s, by size."""
    random = np.random.default_rng(0)
    figures = {}
    for size in (512, 1024, 2048):
        a, b = (random.random((size, size), np.float32) for _ in range(2))
        out = np.empty_like(a)
        times = max(1, 2 * 1024**3 // size**3)

        def work(a=a, b=b, out=out, times=times) -> None:
            for _ in range(times):
                np.matmul(a, b, out=out)

        rate = turns({"": 2 * size**3 * times}, {"": timed(work)})[""]
        figures[f"{size}"] = rate.median / 1e9
    return figures


def flop(preset: Preset, points: int, objects: int) -> float:
    """Operations of the matrix products on real observations."""
    shapes = tensor_shapes(preset)
    products = {k: v for k, v in shapes.items() if "kernel" in k}
    recurrent = sum(np.prod(v) for k, v in products.items() if k.startswith("gru"))
    dense = sum(np.prod(v) for k, v in products.items() if not k.startswith("gru"))
    return 2 * (points * recurrent + objects * dense)


def forward(bound: float) -> dict[str, Any]:
    """The network alone, on one and two cores: light curves/s, share of the bound."""
    figures: dict[str, Any] = {}
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
                rate = turns({"": len(inputs)}, {"": work})[""]
            gflops = rate.median * operations / len(inputs) / 1e9
            figures[f"{name}, {number} core(s)"] = {
                **vars(rate),
                "gflops": gflops,
                "share_of_bound": gflops / (number * bound),
            }
    return figures


def table(peers: dict[int, Peer]) -> dict[str, Any]:
    """From a shuffled table to probabilities, alternating with SuperNNova."""
    frame = photometry(lengths(TABLE)).sample(frac=1, random_state=0)
    frame = frame.reset_index(drop=True)
    runtimes = {name: Runtime.load(name) for name in MODELS}
    calls = {
        name: timed(lambda runtime=runtime: zoo.classify(runtime, frame))
        for name, runtime in runtimes.items()
    }
    counts = dict.fromkeys(calls, TABLE)
    figures = {}
    for number in (1, 2):
        work = dict(calls)
        if number in peers:
            work["SuperNNova"] = _from_peer(
                peers[number], "supernnova_batch", PEER_TABLE
            )
            counts["SuperNNova"] = PEER_TABLE
        with cores(number):
            rates = turns(counts, work)
        figures |= {f"{name}, {number} core(s)": vars(r) for name, r in rates.items()}
    return figures


def _from_peer(peer: Peer, what: str, objects: int) -> Callable[[], float]:
    return lambda: peer.ask(what, objects=objects)["seconds"]


KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "": lambda frame: frame,
    ", Arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    ", arrays": lambda frame: {name: frame[name].to_numpy() for name in frame},
    ", lists": lambda frame: {name: frame[name].tolist() for name in frame},
    ", LightCurves": from_tables,
    ", astropy": Table.from_pandas,
}
"""Ways to hand over the table of one object; a frame of pandas has no name."""


def one(peer: Peer | None) -> dict[str, Any]:
    """One object per call, from its table, as an alert broker would call it."""
    frame = photometry(lengths(ONE))
    frames = [part.reset_index(drop=True) for _, part in frame.groupby("object_id")]
    calls: dict[str, Any] = {}
    for name in MODELS:
        runtime = Runtime.load(name)
        for kind, made_of in KINDS.items():
            given = [made_of(part) for part in frames]

            def work(runtime=runtime, given=given) -> None:
                for part in given:
                    zoo.classify(runtime, part)

            calls[f"{name}{kind}"] = timed(work)
    counts = dict.fromkeys(calls, ONE)
    if peer is not None:
        calls["SuperNNova"] = _from_peer(peer, "supernnova_one", PEER_ONE)
        counts["SuperNNova"] = PEER_ONE
    with cores(1):
        rates = turns(counts, calls)
    return {f"{name}, 1 core(s)": vars(rate) for name, rate in rates.items()}


def points() -> dict[str, Any]:
    """Tables of few and of many observations per object: observations/s on one core."""
    runtime = Runtime.load(MODELS[0])
    figures = {}
    for count in POINTS:
        frame = photometry(np.full(200_000 // count, count))
        with cores(1):
            work = timed(lambda frame=frame: zoo.classify(runtime, frame))
            figures[str(count)] = vars(turns({"": len(frame)}, {"": work}, 3)[""])
    return figures
