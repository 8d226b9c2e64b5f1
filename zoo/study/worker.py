"""A process that computes cells.

It imports nothing of weight before it is silent: what TensorFlow has to say about GPUs
that it does not find would stand between the lines of the progress bar.
"""

import os
import pickle
from pathlib import Path
from typing import Any

from zoo.system.workers import begin

# What this process holds: design, light curves, bases and the folder of the study.
_held: dict[str, Any] = {}


def hold(payload: bytes) -> None:
    """Fall silent, then unpack what every cell needs. Errors travel as exceptions."""
    begin()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    _held.update(pickle.loads(payload))


def train_base(run: int, path: Path) -> None:
    """Train the base model of a run."""
    _held["bases"].train(run, path)


def compute(cell: Any, path: Path) -> None:
    """Train and score a cell, and write its file."""
    from zoo.study.cells import run_cell
    from zoo.study.files import BASES, write

    out = _held["out"]
    write(path, run_cell(cell, _held["design"], _held["light_curves"], out / BASES))
