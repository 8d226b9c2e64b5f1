"""Training beside that of torch, and its growth with objects and points."""

import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from rates.commands import ZOO
from rates.peer import Peer
from rates.population import lengths, write_labelled
from rates.timing import child, cores, exponent, script

OBJECTS, BATCH, EPOCHS = 8192, 512, 5
ROUNDS = 3
STEPS = {"torch, packed": 6, "torch, padded, sorted": OBJECTS // BATCH}
MANY, MANY_POINTS = (2048, 8192, 32_768), (16, 64, 256)


def training(peer: Peer | None, rounds: int = ROUNDS) -> dict[str, Any]:
    """The paper's network, without metadata, in batches of 512, per core-second.

    Each round calls `zoo.fit` in a new process on one and on two cores, then torch.
    """
    found: dict[str, list[dict[str, float]]] = {}
    for number in range(rounds):
        for count in (1, 2):
            found.setdefault(f"ours, {count} core(s)", []).append(_ours(count))
        if not number:
            found["Keras, 1 core(s)"] = [_ours(1, EPOCHS - 2, ZOO_KERNEL="0")]
        for name, steps in STEPS.items() if peer else ():
            found.setdefault(name, []).append(_torch(peer, steps, "sorted" in name))
    return {name: _middle(answers) for name, answers in found.items()}


def _ours(count: int, epochs: int = EPOCHS, **environment: str) -> dict[str, float]:
    threads = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
    environment |= dict.fromkeys(threads, str(count))
    with cores(count):
        command = script("training", OBJECTS, 0, epochs, BATCH)
        return json.loads(child(command, **environment).printed)


def _torch(peer: Peer, steps: int, padded: bool) -> dict[str, float]:
    counts = lengths(OBJECTS).tolist()
    options = {"batch": BATCH, "padded": padded, "steps": steps}
    order = sorted(counts) if padded else counts
    answer = peer.ask("gru_train", lengths=order, **options)
    return {
        "median": answer["objects"] / answer["cpu_seconds"],
        "wall": answer["objects"] / answer["seconds"],
    }


def _middle(answers: list[dict[str, float]]) -> dict[str, float]:
    """Medians over the rounds, and the range of the rates."""
    rates = [answer["median"] for answer in answers]
    names = [name for name in answers[0] if name not in ("low", "high")]
    return {
        "low": min(rates),
        "high": max(rates),
        **{n: statistics.median(a[n] for a in answers) for n in names},
    }


def growth(quick: bool) -> dict[str, Any]:
    """Core-seconds of an epoch and peak memory, by objects and by points; then those of
    `zoo-cli reproduce`, from process start to end."""
    objects, points = (MANY[:2], MANY_POINTS[:2]) if quick else (MANY, MANY_POINTS)
    least = OBJECTS // 4
    return {
        "epoch by objects": _series({n: _epoch(n, 0) for n in objects}),
        "epoch by points": _series({n: _epoch(least, n) for n in points}),
        "reproduce by objects": _series({n: _reproduce(n, 32) for n in objects}),
        "reproduce by points": _series({n: _reproduce(least, n) for n in points}),
    }


def _series(found: dict[int, dict[str, float]]) -> dict[str, Any]:
    sizes, times = list(found), [one["core_seconds"] for one in found.values()]
    return {
        **{str(n): one for n, one in found.items()},
        "exponent": exponent(sizes, times),
    }


def _epoch(objects: int, points: int) -> dict[str, float]:
    with cores(1):
        ran = child(script("training", objects, points, 3, BATCH), OMP_NUM_THREADS="1")
    rate = json.loads(ran.printed)["median"]
    return {"core_seconds": objects / rate, "memory": ran.memory}


def _reproduce(objects: int, points: int) -> dict[str, float]:
    """A quick study with 100 labels and one run, on light curves of random labels."""
    with tempfile.TemporaryDirectory() as folder:
        table = write_labelled(Path(folder, "table"), objects, points)
        command = ["reproduce", "bts", "--quick", "--seeds", "1", "--labels", "100"]
        command += ["--data", str(table), "--out", f"{folder}/out"]
        ran = child([*ZOO, *command])
    return {"core_seconds": ran.busy, "seconds": ran.seconds, "memory": ran.memory}
