"""Keras on JAX on a GPU: golden values, equal results, rates.

    python benchmarks/gpu.py [--json FILE]

Needs JAX that finds a GPU (`pip install "jax[cuda12]"`), and takes at most ten minutes:
a part that has not begun after eight is left out, and named. Without a GPU it says so
and measures nothing.

- **golden**: the largest difference in probability of every bundled model from its
  golden values, in float32; above the tolerance of `zoo.inference.golden` it fails.
- **equal**: the largest difference in probability between Keras on the GPU and the
  runtime on the CPU; above EQUAL in float32, or above ROUGH as JAX computes by default
  (TF32, 10 bits of the mantissa), it fails.
- **losses**: the training losses of two epochs from the same seed, by Keras on the GPU
  and by the compiled code on the CPU; where they differ by more than LOSS, relatively,
  it fails.
- **classification**: `predict_on_batch` of padded batches, light curves per second.
- **learning**: `zoo.fit`, light curves per second (`wall`), the first epoch, which
  compiles, left out.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import jax
import keras
import numpy as np
from rates import training
from rates.population import lengths
from rich.console import Console

import zoo
from zoo.classifier import TransientClassifier
from zoo.classifier.layers import compile_for_training
from zoo.classifier.load import check_golden
from zoo.hub.pins import BUNDLED, pins
from zoo.inference.runtime import Runtime
from zoo.inputs.inputs import Inputs
from zoo.inputs.padding import pad
from zoo.inputs.preprocess import preprocess
from zoo.kernel.library import kernel
from zoo.model_folder.folder import open_folder
from zoo.training.epochs.batches import Batches
from zoo.training.epochs.compiled import run_epochs
from zoo.training.labels.labelled import labelled_inputs

LAST_BEGIN = 480.0
"""Seconds after which no part begins."""

EQUAL, ROUGH, LOSS = 1e-5, 1e-2, 1e-4
MODEL = "ztfsims-gru"
SIZES = (512, 2048, 8192)
OBJECTS = 16_384


def golden() -> dict[str, float]:
    """Differences of the bundled models from their golden values.

    Raises:
        ValueError: one is larger than rounding can explain.
    """
    return {
        name: check_golden(zoo.load(name), open_folder(BUNDLED / name))
        for name in pins()
    }


def equal(objects: int = OBJECTS) -> dict[str, float]:
    """Differences in probability between the Keras model here and the runtime.

    Raises:
        ValueError: one is above its tolerance.
    """
    model, runtime = zoo.load(MODEL), Runtime.load(MODEL)
    inputs = simulated(model, objects)
    expected = runtime.run(inputs, "probabilities")[0]
    found = {}
    for name, precision, allowed in (
        ("float32", "float32", EQUAL),
        ("default", "default", ROUGH),
    ):
        with jax.default_matmul_precision(precision):
            # JAX compiles anew for another precision.
            predicted = np.asarray(model(padded(inputs), training=False))
        found[name] = float(np.abs(predicted - expected).max())
        if not found[name] <= allowed:
            raise ValueError(
                f"{name}: probabilities differ by {found[name]:.2g} from those of the "
                f"CPU, and {allowed:g} is allowed."
            )
    return found


def losses(objects: int = 2048) -> dict[str, float]:
    """The training losses here and on the CPU.

    Raises:
        ValueError: they differ by more than the tolerance, or nothing is compiled.
    """
    if kernel() is None:
        raise ValueError(
            "zoo/kernel is not compiled here: there is nothing to compare."
        )
    found = {}
    with jax.default_matmul_precision("float32"):
        for where in ("GPU", "CPU"):
            keras.utils.set_random_seed(0)
            model = TransientClassifier(training.PRESET)
            compile_for_training(model, 1e-3)
            data = labelled_inputs(training.labelled(lengths(objects), 0), model.preset)
            targets = data.one_hot(len(model.preset.classes))
            batches = Batches(data.inputs, targets, size=512, seed=0)
            if where == "CPU":
                history = run_epochs(model, batches, data, 2, [])
            else:
                fitted = model.fit(batches, epochs=2, shuffle=False, verbose=0)
                history = fitted.history
            found |= {
                f"{where}, epoch {i + 1}": x for i, x in enumerate(history["loss"])
            }
    for epoch in (1, 2):
        here, there = (found[f"{where}, epoch {epoch}"] for where in ("GPU", "CPU"))
        if not abs(here - there) <= LOSS * there:
            raise ValueError(
                f"epoch {epoch}: the loss is {here:.6g}, and {there:.6g} on the CPU."
            )
    return found


def classification(
    sizes: tuple[int, ...] = SIZES, repeats: int = 5
) -> dict[str, float]:
    """Light curves per second, by batch size."""
    model = zoo.load(MODEL)
    rates = {}
    for size in sizes:
        batch = padded(simulated(model, size))
        taken = []
        for _ in range(repeats + 1):
            start = time.perf_counter()
            model.predict_on_batch(batch)
            taken.append(time.perf_counter() - start)
        rates[str(size)] = size / float(np.median(taken[1:]))
    return rates


def learning(
    sizes: tuple[int, ...] = SIZES, objects: int = OBJECTS
) -> dict[str, dict[str, float]]:
    """Light curves per second of `zoo.fit`, and seconds to the first step, by batch
    size."""
    return {
        str(size): training.measure(objects, 0, epochs=4, batch=size) for size in sizes
    }


def simulated(model: Any, objects: int) -> Inputs:
    """Inputs with the lengths of ZTF."""
    light_curves = training.labelled(lengths(objects), 0)
    return preprocess(light_curves, model.preset.preprocessing)


def padded(inputs: Inputs) -> dict[str, np.ndarray]:
    """All of them in one batch, padded to the longest that there can be."""
    return pad(inputs, np.arange(len(inputs)), 128)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    console = Console()
    started = time.perf_counter()
    gpus = [device for device in jax.devices() if device.platform == "gpu"]
    if not gpus:
        sys.exit("JAX finds no GPU: nothing was measured.")
    figures: dict[str, Any] = {
        "machine": {
            "gpus": [device.device_kind for device in gpus],
            "jax": jax.__version__,
            "keras": keras.__version__,
        }
    }
    parts: tuple[Callable[[], dict[str, Any]], ...]
    parts = (golden, equal, losses, classification, learning)
    for part in parts:
        name = part.__name__
        if time.perf_counter() - started > LAST_BEGIN:
            figures[name] = "left out: eight minutes are over"
        else:
            figures[name] = part()
        console.print(name, figures[name])
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
