"""The folder of a study: its design, a file for every trial, its own base models."""

import json
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from zoo.inputs.parameters import SCALARS
from zoo.light_curves.examples import SPLIT_COLUMN
from zoo.light_curves.ragged import ROW_ARRAYS, LightCurves
from zoo.study.design import Design, Trial
from zoo.system.atomic import new_file

DESIGN = "design.json"
TRIALS = "cells"  # the name in folders of earlier versions, which can be resumed
BASES = "bases"


def claim(out: Path, design: Design, data: str, *read: LightCurves) -> None:
    """Begin a study in a new or empty folder, or check that it holds the same one.

    Args:
        out: the folder.
        design: of the study.
        data: name of the light curves.
        read: the light curves themselves, and those that its base models learn from: a
            name does not tell one content from another.

    Raises:
        ValueError: it holds another study, or something else.
    """
    wanted = {
        **asdict(design),
        "data": data,
        "content of the data": [digest(light_curves) for light_curves in read],
        "version of transient-zoo": version("transient-zoo"),
    }
    wanted = json.loads(json.dumps(wanted))
    path = out / DESIGN
    if path.is_file():
        held = json.loads(path.read_text(encoding="utf-8"))
        if differing := [key for key in wanted if held.get(key) != wanted[key]]:
            raise ValueError(
                f"{out} holds a study with other {', '.join(differing)}. Choose "
                "another folder, or the same data, options and version to resume it."
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


def digest(light_curves: LightCurves) -> str:
    """A sha256 of all that a trial takes from light curves.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> digest(golden_light_curves()) == digest(golden_light_curves().take([0]))
        False
    """
    metadata = light_curves.metadata
    more = {SPLIT_COLUMN, "redshift_err"} & {*metadata.columns}
    used = [*SCALARS, "label", *sorted(more)]
    texts = [
        light_curves.object_id.tolist(),
        [(passband.name, passband.wavelength) for passband in light_curves.passbands],
        *(metadata[name].astype(str).tolist() for name in used),
    ]
    hashed = sha256(json.dumps(texts).encode())
    for name in ("offsets", *ROW_ARRAYS):
        hashed.update(np.ascontiguousarray(getattr(light_curves, name)).data)
    return hashed.hexdigest()


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
