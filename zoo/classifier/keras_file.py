"""What a `.keras` file, a pickle or a copy of a model holds besides Keras' own parts.

Keras keeps the preset and the frozen layers (`get_config`), the weights, and the
optimizer of a compiled model. Here are the rest: the name for transfers, the light
curves that travel with the model (without labels, as in a model folder), and the report
of a transfer. They are plain JSON and arrays.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.classifier.report import TransferReport
from zoo.model_folder.golden import light_curve_arrays, read_light_curves
from zoo.model_folder.manifest import GOLDEN

if TYPE_CHECKING:
    from zoo.classifier.network import LightCurveNetwork

_STATE = "zoo_state.json"


def write_assets(model: "LightCurveNetwork", folder: str) -> None:
    """Write what `read_assets` reads."""
    report = model.transfer_report
    state = {"source": model.source, "report": None if report is None else vars(report)}
    (Path(folder) / _STATE).write_text(json.dumps(state), encoding="utf-8")
    if model.golden is not None:
        np.savez_compressed(Path(folder) / GOLDEN, **light_curve_arrays(model.golden))


def read_assets(model: "LightCurveNetwork", folder: str) -> None:
    """Give a model the source, light curves and report that were written."""
    state = json.loads((Path(folder) / _STATE).read_text(encoding="utf-8"))
    model.source = state["source"]
    if state["report"] is not None:
        model.transfer_report = TransferReport.from_dict(state["report"])
    path = Path(folder) / GOLDEN
    if path.is_file():
        with np.load(path, allow_pickle=False) as arrays:
            model.golden = read_light_curves(arrays)
