"""The model folder: what `zoo.save` writes, the wheel ships and `zoo.load` reads.

    README.md  zoo.json  model.safetensors  config.json  metrics.json  golden.npz

`zoo.json` holds the preset and the sha256 of every other file, checked before use.
Nothing in a folder is ever unpickled or executed: the network is rebuilt from the
preset by our own code, and its tensors are set by name.
"""

import hashlib
import importlib.metadata
import json
import tempfile
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import safetensors
import safetensors.numpy

from zoo.aside import written_aside
from zoo.golden import golden_arrays, read_golden
from zoo.light_curves import LightCurves
from zoo.preset import SCHEMA_VERSION, Preset

MANIFEST = "zoo.json"
WEIGHTS = "model.safetensors"
CONFIG = "config.json"
METRICS = "metrics.json"
GOLDEN = "golden.npz"
CARD = "README.md"
SPLIT = "split.csv"
"""Who was trained on; it lies beside a model but is no part of it and never pushed."""

# float32 sums in another order, on another backend or machine: style.md, section 4.
GOLDEN_RTOL, GOLDEN_ATOL = 1e-3, 1e-4


def save(
    model: Any,
    folder: str | PathLike[str],
    *,
    metrics: Mapping[str, Any] | None = None,
    split: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Write a model folder, whole or not at all.

    Args:
        model: a `TransientClassifier`.
        folder: where; a model folder already there is replaced.
        metrics: what `zoo.evaluate` returned, kept in `metrics.json`.
        split: ids of the objects it was trained on, by part (`train`, `validation`),
            kept in `split.csv`.

    Returns:
        The folder.

    Raises:
        ValueError: there is something else in the folder.

    Example:
        >>> import tempfile, zoo
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zoo.save(zoo.load("ztfsims-gru"), f"{folder}/copy").name
        'copy'
    """
    from zoo.card import write_card
    from zoo.inference import predict
    from zoo.network import named_tensors
    from zoo.preprocess import preprocess

    path = Path(folder)
    refuse_other_content(path)
    with written_aside(path) as aside:
        preset = model.preset
        tensors = {
            name: np.asarray(v.numpy()) for name, v in named_tensors(model).items()
        }
        safetensors.numpy.save_file(tensors, aside / WEIGHTS)
        (aside / CONFIG).write_text(
            _json(json.loads(model.plain().to_json())), encoding="utf-8"
        )
        (aside / METRICS).write_text(_json(dict(metrics or {})), encoding="utf-8")
        golden = model.reference()
        expected = predict(model, preprocess(golden, preset.preprocessing))
        np.savez_compressed(aside / GOLDEN, **golden_arrays(golden, expected))
        write_card(preset, metrics or {}, aside / CARD)
        (aside / MANIFEST).write_text(_json(_manifest(preset, aside)), encoding="utf-8")
        if split is not None:
            rows = [(i, part) for part, ids in split.items() for i in ids]
            frame = pd.DataFrame(rows, columns=["object_id", "part"])
            frame.to_csv(aside / SPLIT, index=False)
    return path


def read_split(folder: Path) -> list[str]:
    """Ids of the objects a folder's model was trained on, empty where not kept."""
    path = folder / SPLIT
    if not path.is_file():
        return []
    return pd.read_csv(path, dtype=str)["object_id"].tolist()


def read_preset(folder: Path) -> Preset:
    """Read the preset of a model folder after checking every file against its sha256.

    Raises:
        FileNotFoundError: there is no `zoo.json`.
        ValueError: it is damaged or of another schema, or a file is missing, was
            changed, or is not named in it.
    """
    manifest = read_manifest(folder)
    named = {CARD, WEIGHTS, CONFIG, METRICS, GOLDEN} | manifest["files"].keys()
    for name in sorted(named):
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ValueError(f"{folder}: {name} is missing. Fetch the model again.")
        if sha256(path) != manifest["files"].get(name):
            raise ValueError(
                f"{path} was changed: its sha256 is not the one in {MANIFEST}. Fetch "
                "the model again."
            )
    about_the_folder = ("schema_version", "versions", "files")
    return Preset.from_dict(
        {key: value for key, value in manifest.items() if key not in about_the_folder}
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read `zoo.json`, unchecked but for its shape."""
    path = folder / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(
            f"{folder} is not a model folder: it has no {MANIFEST}."
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["schema_version"]
        complete = {"model_id", "files"} <= manifest.keys()
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}. Fetch it again.") from None
    if version != SCHEMA_VERSION or not complete:
        raise ValueError(
            f"{path} has schema version {version}; this zoo reads {SCHEMA_VERSION}. "
            "Upgrade transient-zoo."
        )
    return manifest


def read_model(folder: Path) -> Any:
    """Rebuild the model of a folder: code from here, tensors by name from there.

    Raises:
        ValueError: as `read_preset`, or a tensor is missing, extra or misshapen.
    """
    from zoo.classifier import TransientClassifier
    from zoo.network import named_tensors

    model = TransientClassifier(read_preset(folder))
    try:
        tensors = safetensors.numpy.load_file(folder / WEIGHTS)
    except safetensors.SafetensorError as error:
        raise ValueError(f"{folder / WEIGHTS} cannot be read: {error}.") from None
    wanted = named_tensors(model)
    if tensors.keys() != wanted.keys():
        raise ValueError(
            f"{folder / WEIGHTS} does not fit the architecture: tensors "
            f"{sorted(tensors.keys() ^ wanted.keys())} are missing or extra."
        )
    for name, variable in wanted.items():
        if tensors[name].shape != tuple(variable.shape):
            raise ValueError(
                f"{folder / WEIGHTS}: tensor {name} has shape {tensors[name].shape}, "
                f"not {tuple(variable.shape)}."
            )
        variable.assign(tensors[name])
    model.golden = _golden(folder)[0]
    return model


def check_golden(model: Any, folder: Path) -> float:
    """Compare a model with the golden values of a folder.

    Returns:
        The largest difference in probability.

    Raises:
        ValueError: it is larger than rounding can explain.
    """
    from zoo.inference import predict
    from zoo.preprocess import preprocess

    light_curves, expected = _golden(folder)
    found = predict(model, preprocess(light_curves, model.preset.preprocessing))
    difference = float(np.abs(found - expected).max())
    if not np.allclose(found, expected, rtol=GOLDEN_RTOL, atol=GOLDEN_ATOL):
        raise ValueError(
            f"{folder}: the model does not give its golden values (off by "
            f"{difference:.2g}). The weights or the software differ from what made it."
        )
    return difference


def _golden(folder: Path) -> tuple[LightCurves, np.ndarray]:
    with np.load(folder / GOLDEN, allow_pickle=False) as arrays:
        return read_golden(dict(arrays))


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_other_content(path: Path) -> None:
    """Raise ValueError where a model folder cannot be written, or would destroy
    something else."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file. Choose a folder to write the model to.")
    if path.is_dir():
        ours = {MANIFEST, SPLIT}
        if (path / MANIFEST).is_file():
            ours |= read_manifest(path)["files"].keys()
        if other := sorted(p.name for p in path.iterdir() if p.name not in ours):
            raise ValueError(
                f"{path} holds something other than a model: {other[0]}. Choose "
                "another folder."
            )
    above = next(p for p in path.absolute().parents if p.exists())
    try:
        tempfile.TemporaryDirectory(dir=above).cleanup()
    except OSError as error:
        raise ValueError(
            f"{path} cannot be written: {error.strerror}. Choose another folder."
        ) from None


def _manifest(preset: Preset, folder: Path) -> dict[str, Any]:
    files = sorted(p for p in folder.iterdir() if p.name not in (MANIFEST, SPLIT))
    versions = ("transient-zoo", "keras", "numpy")
    return {
        "schema_version": SCHEMA_VERSION,
        **preset.to_dict(),
        "versions": {name: importlib.metadata.version(name) for name in versions},
        "files": {path.name: sha256(path) for path in files},
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
