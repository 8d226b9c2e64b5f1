"""The model folder: what `zoo.save` writes, the wheel ships and `zoo.load` reads.

    README.md  zoo.json  model.safetensors  config.json  metrics.json  golden.npz

`zoo.json` holds the preset and the sha256 of every other file, checked before use.
Nothing in a folder is ever unpickled or executed: the network is rebuilt from the
preset by our own code, and its tensors are set by name.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import safetensors.numpy

from zoo.golden import golden_arrays, read_golden
from zoo.keras_config import check_config
from zoo.light_curves.ragged import LightCurves
from zoo.manifest import (
    CARD,
    CONFIG,
    GOLDEN,
    MANIFEST,
    METRICS,
    SPLIT,
    WEIGHTS,
    check_files,
    preset_of,
    read_manifest,
    read_preset,
    to_json,
    write_manifest,
)
from zoo.preset import Preset
from zoo.system.atomic import written_aside
from zoo.tensors import read_tensors

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
        metrics: what `zoo.evaluate` or `zoo.measurement.measure` returned, kept in
            `metrics.json`.
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
    from zoo.inputs.preprocess import preprocess
    from zoo.network import named_tensors

    path = Path(folder)
    refuse_other_content(path)
    with written_aside(path) as aside:
        preset = model.preset
        tensors = {
            name: np.asarray(v.numpy()) for name, v in named_tensors(model).items()
        }
        safetensors.numpy.save_file(tensors, aside / WEIGHTS)
        (aside / CONFIG).write_text(
            to_json(json.loads(model.plain().to_json())), encoding="utf-8"
        )
        (aside / METRICS).write_text(to_json(dict(metrics or {})), encoding="utf-8")
        golden = model.reference()
        inputs = preprocess(golden, preset.preprocessing)
        expected = predict(model, inputs)
        arrays = golden_arrays(golden, inputs, expected)
        np.savez_compressed(aside / GOLDEN, **arrays)
        write_card(preset, metrics or {}, aside)
        write_manifest(preset, aside)
        if split is not None:
            rows = [(i, part) for part, ids in split.items() for i in ids]
            frame = pd.DataFrame(rows, columns=["object_id", "part"])
            frame.to_csv(aside / SPLIT, index=False)
    return path


def rewrite(
    folder: Path,
    out: Path,
    *,
    preset: Preset | None = None,
    metrics: Mapping[str, Any] | None = None,
    prose: str | None = None,
) -> Path:
    """The same weights with another preset, other metrics or another card.

    Args:
        folder: a model folder, checked first.
        out: where; may be the same folder.
        preset: default: as it is. Version and id may differ, never the network.
        metrics: default: as they are.
        prose: the text of the card. Default: as it is.

    Returns:
        The new folder.

    Raises:
        ValueError: a file was changed, the prose lacks a section (see `zoo.card`), or
            `out` holds something else.
    """
    from zoo.card import prose_of, write_card

    refuse_other_content(out)
    manifest = check_files(folder, card=False)
    preset = preset or preset_of(manifest)
    if metrics is None:
        metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    if prose is None:
        prose = prose_of((folder / CARD).read_text(encoding="utf-8"))
    with written_aside(out) as aside:
        for name in (WEIGHTS, CONFIG, GOLDEN, SPLIT):
            if (folder / name).is_file():
                shutil.copyfile(folder / name, aside / name)
        (aside / METRICS).write_text(to_json(metrics), encoding="utf-8")
        versions = manifest["versions"]
        write_card(preset, metrics, aside, prose, versions=versions)
        write_manifest(preset, aside, versions)
    return out


def read_split(folder: Path) -> list[str]:
    """Ids of the objects a folder's model was trained on, empty where not kept."""
    path = folder / SPLIT
    if not path.is_file():
        return []
    return pd.read_csv(path, dtype=str)["object_id"].tolist()


def read_model(folder: Path) -> Any:
    """Rebuild the model of a folder: code from here, tensors by name from there.

    Raises:
        ValueError: as `read_preset`, the Keras config asks for a class that is not
            ours, or a tensor is missing, extra, misshapen or not finite.
    """
    from zoo.classifier import TransientClassifier
    from zoo.network import named_tensors

    preset = read_preset(folder)
    check_config(folder / CONFIG, preset)
    model = TransientClassifier(preset)
    tensors = read_tensors(folder, preset)
    for name, variable in named_tensors(model).items():
        variable.assign(tensors[name])
    model.golden = golden_values(folder)[0]
    return model


def check_golden(model: Any, folder: Path) -> float:
    """Compare a model with the golden values of a folder, in Keras and without it.

    Returns:
        The largest difference in probability.

    Raises:
        ValueError: it is larger than rounding can explain.
    """
    import keras

    from zoo.inference import predict
    from zoo.inputs.padding import pad
    from zoo.inputs.preprocess import preprocess
    from zoo.precision import full_precision

    light_curves, expected = golden_values(folder)
    inputs = preprocess(light_curves, model.preset.preprocessing)
    batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
    with full_precision():
        in_keras = keras.ops.convert_to_numpy(model(batch, training=False))
    difference = 0.0
    for found in (in_keras, predict(model, inputs)):
        difference = max(difference, float(np.abs(found - expected).max()))
        if not np.allclose(found, expected, rtol=GOLDEN_RTOL, atol=GOLDEN_ATOL):
            raise ValueError(
                f"{folder}: the model does not give its golden values (off by "
                f"{difference:.2g}). The weights or the software differ from what "
                "made it."
            )
    return difference


def golden_values(folder: Path) -> tuple[LightCurves, np.ndarray]:
    """The light curves that travel with a model, and the probabilities it must give.

    Raises:
        ValueError: they cannot be read.
    """
    try:
        with np.load(folder / GOLDEN, allow_pickle=False) as arrays:
            return read_golden(dict(arrays))
    except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{folder / GOLDEN} holds no golden values: {error!r}. Fetch it again."
        ) from None


def refuse_other_content(path: Path) -> None:
    """Raise ValueError where a model folder cannot be written, or would destroy
    something else."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file. Choose a folder to write the model to.")
    if path.is_dir():
        ours = {MANIFEST, SPLIT}
        if (path / MANIFEST).is_file():
            try:
                ours |= read_manifest(path)["files"].keys()
            except ValueError:
                raise ValueError(
                    f"{path} holds a damaged model. Delete it or choose another folder."
                ) from None
        names = sorted(p.name for p in path.iterdir() if not p.name.startswith("."))
        if other := [name for name in names if name not in ours]:
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
