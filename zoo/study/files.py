"""The folder of a study: its design, a file for every trial, its own base models."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zoo.study.design import Design, Trial
from zoo.system.atomic import new_file

DESIGN = "design.json"
TRIALS = "cells"  # the name in folders of earlier versions, which can be resumed
BASES = "bases"


def claim(out: Path, design: Design, data: str) -> None:
    """Begin a study in a new or empty folder, or check that it holds the same one.

    Raises:
        ValueError: it holds another study, or something else.
    """
    wanted = json.loads(json.dumps({**asdict(design), "data": data}))
    path = out / DESIGN
    if path.is_file():
        held = json.loads(path.read_text(encoding="utf-8"))
        if differing := [key for key in wanted if held.get(key) != wanted[key]]:
            raise ValueError(
                f"{out} holds a study with other {', '.join(differing)}. Choose "
                "another folder, or the same options to resume it."
            )
        return
    if out.exists() and (not out.is_dir() or any(map(_holds, out.iterdir()))):
        raise ValueError(
            f"{out} is not empty and is not a study. Choose another folder."
        )
    for folder in (out, out / TRIALS, out / BASES):
        folder.mkdir(parents=True, exist_ok=True)
    write(path, wanted)


def _holds(path: Path) -> bool:
    """Whether an entry of a folder is more than what a study that was killed at its
    very beginning leaves: an empty folder, or a file that was not finished."""
    return any(path.iterdir()) if path.is_dir() else not path.name.startswith(".")


def trial_file(out: Path, trial: Trial) -> Path:
    """Where the result of a trial is kept."""
    return out / TRIALS / trial.name


def base_folder(out: Path, run: int) -> Path:
    """Where the base model of a run is kept."""
    return out / BASES / f"base-{run}"


def write(path: Path, content: Any) -> None:
    """Write JSON, completely or not at all."""
    with new_file(path) as part:
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")
