"""The folder of a study: its design, a file for every cell, its own base models."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zoo.study.cells import Cell
from zoo.study.design import Design
from zoo.system.atomic import new_file

DESIGN = "design.json"
CELLS = "cells"
BASES = "bases"


def claim(out: Path, design: Design, data: str) -> None:
    """Make a folder that of a design, or find that it is already.

    Raises:
        ValueError: it holds another study, or something else.
    """
    wanted = json.loads(json.dumps({**asdict(design), "data": data}))
    path = out / DESIGN
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        if differing := [key for key in wanted if found.get(key) != wanted[key]]:
            raise ValueError(
                f"{out} holds a study with other {', '.join(differing)}. Choose "
                "another folder, or ask for the same to go on with it."
            )
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} is not empty and holds no study. Choose another one.")
    for folder in (out, out / CELLS, out / BASES):
        folder.mkdir(parents=True, exist_ok=True)
    write(path, wanted)


def cell_file(out: Path, cell: Cell) -> Path:
    """Where the result of a cell is kept."""
    return out / CELLS / cell.name


def base_folder(out: Path, run: int) -> Path:
    """Where the base model of a run is kept."""
    return out / BASES / f"base-{run}"


def write(path: Path, content: Any) -> None:
    """Write JSON, completely or not at all."""
    with new_file(path) as part:
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")
