"""A process that runs trials.

It imports nothing large before it is silent: TensorFlow's messages about missing GPUs
would appear between the lines of the progress bar.
"""

import os
import pickle
from pathlib import Path
from typing import Any

from zoo.system.workers import begin

# What this process holds: design, light curves, bases and the folder of the study.
_held: dict[str, Any] = {}


def hold(payload: bytes) -> None:
    """Fall silent, then unpack what every trial needs. Errors travel as exceptions."""
    begin()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    _held.update(pickle.loads(payload))


def train_base(run: int, path: Path) -> None:
    """Train the base model of a run."""
    _held["bases"].train(run, path)


def compute(trial: Any, path: Path) -> None:
    """Train and score a trial, and write its file."""
    from zoo.study.files import BASES, write
    from zoo.study.trial import run_trial

    out = _held["out"]
    write(path, run_trial(trial, _held["design"], _held["light_curves"], out / BASES))
