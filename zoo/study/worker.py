"""A process that runs trials.

It imports nothing large before it is silent: TensorFlow's messages about missing GPUs
would appear between the lines of the progress bar.
"""

import os
import pickle
from pathlib import Path
from typing import Any

from zoo.system.workers import begin

# What this process holds: the arguments of `zoo.study.run.run` that decide the results.
_held: dict[str, Any] = {}


def hold(payload: bytes) -> None:
    """Fall silent, then unpack what every trial needs. Errors travel as exceptions."""
    begin()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    _held.update(pickle.loads(payload))


def base(run: int, path: Path) -> None:
    """Train the base model of a run."""
    from zoo.study.trial import train_base

    light_curves, name = _held["base_data"]
    train_base(light_curves, _held["design"].classes, path, name=name, run=run)


def trial(what: Any, path: Path) -> None:
    """Train and score a trial, and write its file."""
    from zoo.study.files import write
    from zoo.study.trial import run_trial

    write(path, run_trial(what, _held["design"], _held["light_curves"], _held["out"]))
