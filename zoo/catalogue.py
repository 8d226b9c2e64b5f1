"""What the zoo offers, and how a model's name becomes a folder."""

import difflib
import json
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from zoo.model_folder import METRICS, read_manifest, read_model

BUNDLED = Path(__file__).with_name("bundled")
"""Model folders that come with the package and need no network."""


def bundled_ids() -> list[str]:
    """Ids of the models that come with the package."""
    return sorted(path.parent.name for path in BUNDLED.glob("*/zoo.json"))


def models(pattern: str = "") -> pd.DataFrame:
    """What the zoo offers.

    Args:
        pattern: keep the ids that contain it.

    Returns:
        DataFrame, index `model_id`: `revision`, `survey`, `classes` (their number),
        `macro_auroc` and `data` (the headline metric and what it was measured on).

    Example:
        >>> import zoo
        >>> "ztfsims-gru" in zoo.models().index
        True
    """
    rows = []
    for model_id in bundled_ids():
        manifest = read_manifest(BUNDLED / model_id)
        metrics = json.loads((BUNDLED / model_id / METRICS).read_text(encoding="utf-8"))
        rows.append(
            {
                "model_id": model_id,
                "revision": f"v{manifest['version']}",
                "survey": manifest["survey"],
                "classes": len(manifest["classes"]),
                "macro_auroc": metrics.get("macro_auroc"),
                "data": metrics.get("data"),
            }
        )
    columns = ["model_id", "revision", "survey", "classes", "macro_auroc", "data"]
    table = pd.DataFrame(rows, columns=columns).set_index("model_id")
    return table[table.index.str.contains(pattern, regex=False)]


def find(name: str | PathLike[str]) -> Path:
    """The folder of a model, by id (with an optional `@revision`) or path.

    An id of the zoo comes before a folder of the same name: write `./NAME` for that.

    Raises:
        KeyError: there is no such model, folder or revision.
    """
    model_id, _, revision = str(name).partition("@")
    known = bundled_ids()
    if model_id not in known:
        if Path(name).is_dir():
            return Path(name)
        near = difflib.get_close_matches(model_id, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        if "/" in model_id and not Path(model_id).is_absolute():
            hint = " Models of the Hugging Face Hub cannot be loaded by name yet."
        raise KeyError(
            f"{model_id!r} is neither a folder nor a model of the zoo.{hint} Known: "
            f"{', '.join(known) or 'none'}."
        )
    folder = BUNDLED / model_id
    bundled = f"v{read_manifest(folder)['version']}"
    if revision and revision != bundled:
        raise KeyError(f"{model_id} comes at {bundled}, not at {revision!r}.")
    return folder


def load(name: str | PathLike[str]) -> Any:
    """Load a model.

    Args:
        name: an id of `zoo.models()`, with an optional `@revision`, or a model folder.

    Returns:
        A `TransientClassifier`, which is a functional `keras.Model`; not compiled.

    Raises:
        KeyError: there is no such model.
        ValueError: a file of it is missing or was changed.

    Example:
        >>> import zoo
        >>> zoo.load("ztfsims-gru").get_layer("gru_1").units
        100
    """
    return read_model(find(name))
