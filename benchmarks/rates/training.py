"""Training steps as in `zoo.fit`, in a separate process.

KERAS_BACKEND=tensorflow python -m rates.training OBJECTS EPOCHS BATCH XLA
"""

import json
import sys
import time

import keras
import numpy as np

from rates.population import lengths, photometry
from zoo.classifier import TransientClassifier
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.table import from_tables
from zoo.model_folder.preset import Preset
from zoo.training.batches import Batches

CLASSES = tuple("abcdefghijkl")


class _Clock(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.wall: list[float] = []
        self.busy: list[float] = []

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        self.start = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        self.wall.append(time.perf_counter() - self.start[0])
        self.busy.append(time.process_time() - self.start[1])


def main(objects: int, epochs: int, batch: int, xla: bool) -> None:
    """Train the paper's network on random labels; print the rate as JSON."""
    keras.utils.set_random_seed(0)
    preset = Preset("toy-gru", CLASSES, preprocessing=Preprocessing(metadata=()))
    model = TransientClassifier(preset)
    inputs = preprocess(from_tables(photometry(lengths(objects))), preset.preprocessing)
    labels = np.random.default_rng(0).integers(0, len(CLASSES), objects)
    batches = Batches(
        inputs, np.eye(len(CLASSES), dtype=np.float32)[labels], size=batch, seed=0
    )
    model.compile("adam", "categorical_crossentropy", jit_compile=xla)
    clock = _Clock()
    model.fit(batches, epochs=epochs, shuffle=False, verbose=0, callbacks=[clock])
    rates = objects / np.array(clock.busy[1:])  # the first compiles
    report = {
        "median": float(np.median(rates)),
        "low": float(rates.min()),
        "high": float(rates.max()),
        "wall": float(objects / np.median(clock.wall[1:])),
        "first_epoch_seconds": clock.wall[0],
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    objects, epochs, batch, xla = map(int, sys.argv[1:])
    main(objects, epochs, batch, bool(xla))
