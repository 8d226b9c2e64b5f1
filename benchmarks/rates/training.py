"""One call of `zoo.fit` on the paper's network, in a separate process.

python -m rates.training OBJECTS POINTS EPOCHS BATCH

POINTS is the number of observations of every light curve; 0: lengths as those of ZTF.
The environment chooses what computes: ZOO_KERNEL=0 leaves it to Keras.
"""

import json
import sys
import time

import numpy as np

import zoo
import zoo.training.epochs.train
from rates.population import lengths, photometry
from zoo.classifier import TransientClassifier
from zoo.inputs.parameters import Preprocessing
from zoo.light_curves.table import from_tables
from zoo.model_folder.preset import Preset
from zoo.recipe import Recipe
from zoo.taxonomy import ZTFSIMS
from zoo.training.epochs.callbacks import Watch

PRESET = Preset("toy-gru", ZTFSIMS, preprocessing=Preprocessing(metadata=()))

CHECKED = 64
"""Objects of the validation loss, which is not in the rates."""


class Clock(Watch):
    """Notes when steps end.

    Attributes:
        wall, busy: seconds of each epoch, from its begin to the end of its last step.
        first: when the first step of all ended, and the processor time until then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wall: list[float] = []
        self.busy: list[float] = []
        self.first: tuple[float, float] | None = None
        clocks.append(self)

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        """Start."""
        super().on_epoch_begin(epoch, logs)
        self.start = time.perf_counter(), time.process_time()

    def on_train_batch_end(self, batch: int, logs=None) -> None:
        """Note the times; those of the last step of the epoch stay."""
        super().on_train_batch_end(batch, logs)
        now = time.perf_counter(), time.process_time()
        self.first = self.first or now
        self.last = now[0] - self.start[0], now[1] - self.start[1]

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """Keep the times."""
        super().on_epoch_end(epoch, logs)
        self.wall.append(self.last[0])
        self.busy.append(self.last[1])


clocks: list[Clock] = []


def labelled(counts: np.ndarray, seed: int):
    """Light curves of these lengths with random labels."""
    table = from_tables(photometry(counts, seed=seed))
    drawn = np.random.default_rng(seed).integers(0, len(ZTFSIMS), len(counts))
    table.metadata["label"] = np.array(ZTFSIMS, object)[drawn]
    return table


def measure(objects: int, points: int, epochs: int, batch: int) -> dict[str, float]:
    """Rates per core-second (`median`, `low`, `high`) and per second (`wall`)."""
    model = TransientClassifier(PRESET)
    counts = np.full(objects, points) if points else lengths(objects)
    data, checks = labelled(counts, 0), labelled(lengths(CHECKED), 1)
    zoo.training.epochs.train.Watch = Clock
    recipe = Recipe(epochs=epochs, patience=None, batch_size=batch)
    start = time.perf_counter(), time.process_time()
    zoo.fit(model, data, checks, recipe=recipe, progress=False)
    clock = clocks[-1]
    wall, busy = (then - now for then, now in zip(clock.first, start, strict=True))
    steps = -(-objects // batch)
    trained = objects // steps * steps
    rates = trained / np.array(clock.busy[1:])  # Keras compiles in the first
    return {
        "median": float(np.median(rates)),
        "low": float(rates.min()),
        "high": float(rates.max()),
        "wall": float(trained / np.median(clock.wall[1:])),
        "first_step_seconds": wall,
        "first_step_core_seconds": busy,
    }


def main(objects: int, points: int, epochs: int, batch: int) -> None:
    """Train; print the rates as JSON."""
    sys.stdout.write(json.dumps(measure(objects, points, epochs, batch)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
