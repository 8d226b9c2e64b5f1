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


class Diverged(ValueError):
    """The loss is not finite, so that there is nothing left to learn from it."""


class Watch(keras.callbacks.Callback):
    """Stop at the first loss that is not finite.

    Raises:
        Diverged: there is one.
    """

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the epoch, for the message."""
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Check the training loss."""
        self._check("loss", logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Check the validation loss, which the last step may have changed."""
        self._check("val_loss", logs)

    def _check(self, name: str, logs: Any) -> None:
        loss = float(logs[name])
        if not math.isfinite(loss):
            rate = float(self.model.optimizer.learning_rate)
            kind = "training" if name == "loss" else "validation"
            raise Diverged(
                f"the {kind} loss is {loss} in epoch {self.epoch}, at a learning rate "
                f"of {rate:.3g}: the model learns nothing more and is left as it was. "
                "Give a recipe with a lower learning rate, and check the weights that "
                "it started from."
            )


class Bar(keras.callbacks.Callback):
    """A progress bar with the losses on standard error; in a log, a line per epoch, or
    one for a whole fold, counted from 1, see `zoo.training.interpolate`."""

    def __init__(self, epochs: int, batches: int, fold: int | None = None):
        super().__init__()
        self.epochs, self.batches, self.fold = epochs, batches, fold

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the bar."""
        self.progress = Progress(
            TextColumn("training" if self.fold is None else f"fold {self.fold}"),
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
        if self.fold is None and not self.progress.console.is_terminal:
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
