"""Measurements in the form that the hub shows beside a card and ranks on leaderboards.

They are files `.eval_results/*.yaml`, one for each measurement. Each entry names a data
set of the hub (https://huggingface.co/docs/hub/eval-results), so these are measurements
on our own simulations, which have one name everywhere, and in their 12 classes, so that
they can be compared. Any other, such as one on a table of a user, is in the header of
the card alone (`model-index`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zoo.evaluation.metrics_file import measurements
from zoo.hub.client import NAMESPACE
from zoo.model_folder.contents import EVAL_RESULTS
from zoo.model_folder.metric_names import METRIC_NAMES, few
from zoo.model_folder.preset import Preset
from zoo.taxonomy import ZTFSIMS

_OURS = re.compile(r"(ztfsims|lsstsims|anysims)/(simulated-[\w-]+/[\d.]+)")
_ADDRESS = "https://huggingface.co"
DIGITS = 5
"""Decimals of a score that is published."""


def hub_data_sets(names: str) -> list[str]:
    """The data sets of the hub among those that a model was trained or measured on.

    Example:
        >>> hub_data_sets("ztfsims/simulated-n9-s1/1.1.0 + mine")
        ['transient-zoo/ztfsims']
    """
    found = map(_OURS.fullmatch, names.split(" + "))
    return list(dict.fromkeys(f"{NAMESPACE}/{one[1]}" for one in found if one))


def eval_results(preset: Preset, metrics: Mapping[str, Any]) -> dict[str, str]:
    """The files of results of a model, by their names in its folder.

    Args:
        preset: of the model.
        metrics: the content of `metrics.json`; measurements of too few objects
            (`zoo.model_folder.metric_names.few`) are left out, and so are those on
            other data, chosen objects or other classes.

    Returns:
        YAML. In each entry `task_id` is the metric, and `notes` tell on which objects
        and with which inputs it was measured, and its 95 % interval; `source` is the
        model's own `metrics.json`, where it is published.
    """
    from huggingface_hub import eval_result_entries_to_yaml
    from huggingface_hub.utils import yaml_dump

    files: dict[str, str] = {}
    for measured in measurements(metrics):
        data = _OURS.fullmatch(measured["data"] or "")
        if data is None or not _is_comparable(measured):
            continue
        before = sum(name.startswith(f"{EVAL_RESULTS}/{data[1]}") for name in files)
        name = f"{data[1]}-{before + 1}" if before else data[1]
        entries = eval_result_entries_to_yaml(list(_entries(preset, measured, data)))
        files[f"{EVAL_RESULTS}/{name}.yaml"] = yaml_dump(entries, sort_keys=False)
    return files


def _is_comparable(measured: Mapping[str, Any]) -> bool:
    enough = not few(measured["n"], measured["per_class"])["objects"]
    all_of_them = not measured.get("where") and set(measured["classes"]) == set(ZTFSIMS)
    return enough and all_of_them


def _entries(
    preset: Preset, measured: Mapping[str, Any], data: re.Match[str]
) -> Iterator[Any]:
    from huggingface_hub import EvalResultEntry

    seen = {True: "with metadata", False: "light curve alone", None: "inputs as given"}
    about = [
        data[2],
        f"{measured['n']} objects",
        seen[measured.get("metadata")],
    ]
    source = {}
    if preset.repository:
        path = f"{preset.repository}/blob/v{preset.version}/metrics.json"
        source = {"source_url": f"{_ADDRESS}/{path}", "source_name": "metrics.json"}
    for key in METRIC_NAMES:
        if measured[key] is None:
            continue
        low, high = measured["intervals"][key]
        ends = [f"95 % interval {low:.5f} to {high:.5f}"] if low is not None else []
        yield EvalResultEntry(
            dataset_id=f"{NAMESPACE}/{data[1]}",
            task_id=key,
            value=round(measured[key], DIGITS),
            notes="; ".join([*about, *ends]),
            **source,
        )
