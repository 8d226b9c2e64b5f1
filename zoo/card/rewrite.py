"""The same weights with another preset, other metrics or another card."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.model_folder.folder import ModelFolder, check_out
from zoo.model_folder.manifest import (
    CARD,
    CONFIG,
    GOLDEN,
    METRICS,
    SPLIT,
    WEIGHTS,
    to_json,
    write_manifest,
)
from zoo.model_folder.metrics import read_metrics, to_metrics
from zoo.model_folder.preset import Preset
from zoo.system.atomic import new_folder


def rewrite(
    folder: ModelFolder,
    out: Path,
    *,
    preset: Preset | None = None,
    metrics: Mapping[str, Any] | None = None,
    prose: str | None = None,
) -> Path:
    """The same weights with another preset, other metrics or another card.

    Args:
        folder: a model folder; its card and figures need not have been checked.
        out: where; may be the same folder.
        preset: default: as it is. Version and id may differ, never the network.
        metrics: default: as they are.
        prose: the text of the card. Default: as it is.

    Returns:
        The new folder.

    Raises:
        ValueError: the prose lacks a section (see `zoo.card`), `out` holds something
            else, or the metrics are not those of a measurement.
    """
    from zoo.card import prose_of, write_card

    check_out(out, overwrite=True)
    preset = preset or folder.preset
    if metrics is None:
        metrics = read_metrics(folder.files[METRICS], folder.path / METRICS)
    else:
        metrics = to_metrics(metrics)
    if prose is None:
        prose = prose_of(folder.files[CARD].decode())
    with new_folder(out) as part:
        for name in (WEIGHTS, CONFIG, GOLDEN):
            (part / name).write_bytes(folder.files[name])
        if (folder.path / SPLIT).is_file():
            shutil.copyfile(folder.path / SPLIT, part / SPLIT)
        (part / METRICS).write_text(to_json(metrics), encoding="utf-8")
        versions = folder.manifest.entries["versions"]
        write_card(preset, metrics, part, prose, versions=versions)
        write_manifest(preset, part, versions)
    return out
