"""The same weights with another preset, other metrics or another card."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.model_folder.folder import refuse_other_content
from zoo.model_folder.manifest import (
    CARD,
    CONFIG,
    GOLDEN,
    METRICS,
    SPLIT,
    WEIGHTS,
    check_files,
    preset_of,
    to_json,
    write_manifest,
)
from zoo.model_folder.preset import Preset
from zoo.system.atomic import written_aside


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
