"""The model folder that `zoo.save` writes, the wheel holds and `zoo.load` reads.

    README.md  zoo.json  model.safetensors  config.json  metrics.json  golden.npz

`zoo.json` holds the preset and the sha256 of every other file, checked before use; the
card alone may be edited afterwards.
Nothing in a folder is ever unpickled or executed: the network is rebuilt from the
preset by our own code, and its tensors are set by name.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from zoo.inputs.limits import shown
from zoo.model_folder.folder import check_out, open_folder, read_split
from zoo.model_folder.golden import golden_arrays, golden_values, with_further
from zoo.model_folder.keras_config import check_config
from zoo.model_folder.manifest import (
    CONFIG,
    GOLDEN,
    METRICS,
    SPLIT,
    WEIGHTS,
    to_json,
    write_manifest,
)
from zoo.model_folder.metrics import metrics_text, to_metrics
from zoo.model_folder.tensors import named_tensors, read_tensors, to_safetensors
from zoo.system.atomic import new_folder


def save(
    model: Any,
    folder: str | PathLike[str],
    *,
    metrics: Mapping[str, Any] | None = None,
    split: Mapping[str, Sequence[str]] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a model folder, completely or not at all.

    Args:
        model: a `TransientClassifier`.
        folder: where.
        metrics: the result of `zoo.evaluate` or `zoo.evaluation.metrics_file.measure`,
            kept in `metrics.json`; anything else is refused.
        split: ids of the objects it was trained on, by part (`train`, `validation`),
            kept in `split.csv`. Default: those that the model remembers
            (`model.split`).
        overwrite: replace a model that is there.

    Returns:
        The folder.

    Raises:
        ValueError: there is something else in the folder, the metrics are not those of
            a measurement, or `zoo.load` would refuse the model, such as for a weight
            that is not finite; what was in the folder is left as it was.
        FileExistsError: there is a model, and `overwrite` is False.

    Example:
        >>> import tempfile, zoo
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zoo.save(zoo.load("ztfsims-gru"), f"{folder}/copy").name
        'copy'
    """
    from zoo.card import write_card
    from zoo.inference.result import NOT_FINITE
    from zoo.inference.runtime import predict
    from zoo.inputs.preprocess import preprocess

    path = Path(folder)
    if not hasattr(model, "preset"):
        raise ValueError(
            f"zoo.save writes a model in memory, not {shown(model)}. To copy one by "
            "its name, use zoo.pull."
        )
    check_out(path, overwrite)
    measured = {} if metrics is None else to_metrics(metrics)
    preset = model.preset
    tensors = {name: np.asarray(v.numpy()) for name, v in named_tensors(model).items()}
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise ValueError(
                f"{path} was not written: weight {name} of the model is not finite. "
                f"{_REMEDY}"
            )
    with new_folder(path) as part:
        (part / WEIGHTS).write_bytes(to_safetensors(tensors, preset))
        (part / CONFIG).write_text(
            to_json(json.loads(model.plain().to_json())), encoding="utf-8"
        )
        (part / METRICS).write_text(metrics_text(measured), encoding="utf-8")
        golden = with_further(model.reference(), preset.preprocessing)
        inputs = preprocess(golden, preset.preprocessing)
        expected = predict(model, inputs)
        if not np.isfinite(expected).all():
            raise ValueError(f"{path} was not written: {NOT_FINITE}. {_REMEDY}")
        arrays = golden_arrays(golden, inputs, expected)
        np.savez_compressed(part / GOLDEN, **arrays)
        write_card(preset, measured, part, name=path.name)
        write_manifest(preset, part)
        split = model.split if split is None else split
        if split:
            rows = [(one, name) for name, ids in split.items() for one in ids]
            with (part / SPLIT).open(
                "w", newline="", encoding="utf-8", errors="surrogatepass"
            ) as file:
                # Python before 3.13 quotes no text for a lone \r, which ends a line.
                quoted = any("\r" in one for one, _ in rows)
                writer = csv.writer(
                    file,
                    lineterminator="\n",
                    quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
                )
                writer.writerows([("object_id", "part"), *rows])
        _check(part, path)
    return path


_REMEDY = "Train it again, with a lower learning rate."


def _check(part: Path, path: Path) -> None:
    """Refuse a folder, not yet in its place, whose model could not be loaded."""
    try:
        folder = open_folder(part)
        check_config(folder)
        read_tensors(folder)
        golden_values(folder)
        read_split(folder)
    except ValueError as error:
        text = str(error).replace(str(part), str(path))
        raise ValueError(f"the model cannot be saved: {text}") from None
