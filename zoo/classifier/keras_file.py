"""What a `.keras` file, a pickle or a copy of a model holds besides Keras' own parts.

Keras keeps the preset and the frozen layers (`get_config`), the weights, and the
optimizer of a compiled model. Here is the rest: the name for transfers, the report of a
transfer, and the light curves that travel with the model (without labels, as in a model
folder). They are plain JSON and arrays.
"""

import json
from pathlib import Path

import numpy as np

from zoo.classifier.report import TransferReport
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.golden import light_curve_arrays, read_light_curves
from zoo.model_folder.manifest import GOLDEN

_STATE = "zoo_state.json"


def write_assets(
    folder: Path, source: str, report: TransferReport | None, golden: LightCurves | None
) -> None:
    """Write what `read_assets` returns."""
    state = {"source": source, "report": None if report is None else vars(report)}
    (folder / _STATE).write_text(json.dumps(state), encoding="utf-8")
    if golden is not None:
        np.savez_compressed(folder / GOLDEN, **light_curve_arrays(golden))


def read_assets(
    folder: Path,
) -> tuple[str, TransferReport | None, LightCurves | None]:
    """The source, transfer report and golden light curves that were written."""
    state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    report = state["report"] and TransferReport.from_dict(state["report"])
    if not (folder / GOLDEN).is_file():
        return state["source"], report, None
    with np.load(folder / GOLDEN, allow_pickle=False) as arrays:
        return state["source"], report, read_light_curves(arrays)
