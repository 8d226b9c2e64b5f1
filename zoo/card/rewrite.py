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
    write_manifest,
)
from zoo.model_folder.metrics import metrics_text, read_metrics, to_metrics
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import read_tensors, to_safetensors
from zoo.system.atomic import new_folder


def rewrite(
    folder: ModelFolder,
    out: Path,
    *,
    preset: Preset | None = None,
    metrics: Mapping[str, Any] | None = None,
    prose: str | None = None,
    keep_card: bool = False,
) -> Path:
    """The same weights with another preset, other metrics or another card.

    Args:
        folder: a model folder; its card and figures need not have been checked.
        out: where; may be the same folder.
        preset: default: as it is. Version and id may differ, never the network.
        metrics: default: as they are.
        prose: the text of the card. Default: as it is.
        keep_card: leave the card as a person has edited it, but for its header and the
            lines that load the model, instead of writing it again from its prose.

    Returns:
        The new folder.

    Raises:
        ValueError: the prose lacks a section (see `zoo.card`), a card that was replaced
            by hand has none and is not to be kept, `out` holds something else, a tensor
            is damaged, or the metrics are not those of a measurement.
    """
    from zoo.card import write_card
    from zoo.card.edited import card_text, kept_prose, with_computed

    check_out(out, overwrite=True)
    preset = preset or folder.preset
    if metrics is None:
        metrics = read_metrics(folder.files[METRICS], folder.path / METRICS)
    else:
        metrics = to_metrics(metrics)
    edited = card_text(folder) if keep_card else ""
    if prose is None:
        prose = "" if keep_card else kept_prose(folder)
    weights = to_safetensors(read_tensors(folder), preset)  # which name their model
    with new_folder(out) as part:
        (part / WEIGHTS).write_bytes(weights)
        for name in (CONFIG, GOLDEN):
            (part / name).write_bytes(folder.files[name])
        if (folder.path / SPLIT).is_file():
            # A link stays one: its target may be any file.
            shutil.copyfile(folder.path / SPLIT, part / SPLIT, follow_symlinks=False)
        (part / METRICS).write_text(metrics_text(metrics), encoding="utf-8")
        versions = folder.manifest.entries["versions"]
        write_card(preset, metrics, part, prose, versions=versions, name=out.name)
        if keep_card:
            fresh = (part / CARD).read_text(encoding="utf-8")
            text = with_computed(edited, fresh)
            (part / CARD).write_text(text, encoding="utf-8")
        write_manifest(preset, part, versions)
    return out
