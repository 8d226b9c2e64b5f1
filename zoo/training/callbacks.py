"""What `zoo.fit` does between epochs: lower the learning rate, show the progress."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from zoo.classifier.installed import keras


class Anneal(keras.callbacks.Callback):
    """The learning rate falls along half a cosine, which reaches zero after the last
    epoch.

    The scheduler of Keras 3.15.1 calls numpy in a way that numpy 2.4 warns about.
    """

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_train_begin(self, logs: Any = None) -> None:
        """Note the rate that the model was compiled with."""
        self.highest = self.model.optimizer.get_config()["learning_rate"]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Lower the rate."""
        share = 0.5 * (1 + math.cos(math.pi * epoch / self.epochs))
        self.model.optimizer.learning_rate = self.highest * share

    def on_train_end(self, logs: Any = None) -> None:
        """Put the rate back, for the next fit."""
        if hasattr(self, "highest"):  # training had begun
            self.model.optimizer.learning_rate = self.highest


class Bar(keras.callbacks.Callback):
    """A progress bar with the losses on standard error; in a log, a line per epoch."""

    def __init__(self, epochs: int, batches: int):
        super().__init__()
        self.epochs, self.batches = epochs, batches

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the bar."""
        self.progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
        )
        self.task = self.progress.add_task("", total=self.epochs * self.batches)
        self.progress.start()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the batch."""
        self.progress.advance(self.task)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the losses."""
        text = f"epoch {epoch + 1}: loss {logs['loss']:.3f}, validation "
        text += f"{logs['val_loss']:.3f}"
        self.progress.update(self.task, description=text)
        if not self.progress.console.is_terminal:
            self.progress.console.print(text)

    def on_train_end(self, logs: Any = None) -> None:
        """Close the bar."""
        if hasattr(self, "progress"):
            self.progress.stop()


@contextmanager
def ended(callbacks: Iterable[keras.callbacks.Callback]) -> Iterator[None]:
    """End the callbacks above if training is interrupted, which Keras does not do."""
    try:
        yield
    except BaseException:
        for callback in callbacks:
            if isinstance(callback, Anneal | Bar):
                callback.on_train_end()
        raise
