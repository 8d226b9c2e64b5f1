"""The models that can be loaded: of the package, of folders, and of the hub."""

import os
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from zoo.hub.pins import BUNDLED, bundled_ids
from zoo.model_folder.folder import LARGEST
from zoo.model_folder.manifest import METRICS, read_manifest
from zoo.model_folder.metric_names import few
from zoo.model_folder.metrics import read_metrics
from zoo.system.plain import plain
from zoo.system.regular import read_regular

_COLUMNS = (
    "model_id",
    "revision",
    "survey",
    "classes",
    "macro_auroc",
    "data",
    "where",
    "parent",
    "ancestors",
)
_LIMIT = 100  # models of the hub in one listing


def models(
    pattern: str = "",
    *,
    folder: str | Path | None = None,
    hub: bool = False,
    author: str | None = None,
    tag: str | None = None,
) -> pd.DataFrame:
    """List the models that can be loaded.

    Args:
        pattern: keep the ids that contain it.
        folder: list the model folders in this folder too.
        hub: search the Hugging Face Hub too.
        author: keep the hub's models of this user or organisation; implies `hub`.
        tag: keep the hub's models with this tag; implies `hub`.

    Returns:
        DataFrame, index `model_id` (what `load` takes): `revision`, `survey`,
        `classes` (their number), `macro_auroc` and `data` (the headline metric, None
        of too few objects, and what it was measured on), `where` (`bundled`, `folder`
        or `hub`), `parent` and its `ancestors`.

    Raises:
        OSError: the hub cannot be reached.

    Example:
        >>> import zoo
        >>> "ztfsims-gru" in zoo.models().index
        True
    """
    rows = [_row(model_id, BUNDLED / model_id, "bundled") for model_id in bundled_ids()]
    if folder is not None:
        folders = sorted(path.parent for path in Path(folder).glob("*/zoo.json"))
        rows += [row for path in folders if (row := _folder_row(path))]
    if hub or author or tag:
        rows += _on_the_hub(pattern, author, tag)
    table = pd.DataFrame(rows, columns=list(_COLUMNS)).set_index("model_id")
    return table[table.index.str.contains(pattern, regex=False)]


def _folder_row(path: Path) -> dict[str, Any] | None:
    """None, with a warning, for a folder that turns out to be no model of ours."""
    try:
        # With the dot, so that `load` takes it for a folder.
        return _row(os.path.join(".", path), path, "folder")
    except (ValueError, OSError) as error:
        warnings.warn(f"{path} is left out: {error}", stacklevel=4)
        return None


def _row(model_id: str, folder: Path, where: str) -> dict[str, Any]:
    preset = read_manifest(folder).preset
    metrics = read_metrics(read_regular(folder / METRICS, LARGEST), folder / METRICS)
    enough = "n" in metrics and not few(metrics["n"], metrics["per_class"])["objects"]
    return {
        "model_id": model_id,
        "revision": f"v{preset.version}",
        "survey": preset.survey,
        "classes": len(preset.classes),
        "macro_auroc": metrics["macro_auroc"] if enough else None,
        "data": metrics.get("data"),
        "where": where,
        "parent": preset.parent,
        "ancestors": list(preset.ancestors),
    }


def _on_the_hub(
    pattern: str, author: str | None, tag: str | None
) -> list[dict[str, Any]]:
    """One request: the headers of the cards hold everything that is shown."""
    from zoo.hub.client import TAG, client, reach
    from zoo.hub.errors import explained

    with explained(author or "the list of models"):
        reach()
        listed = list(
            client().list_models(
                author=author,
                search=pattern or None,
                filter=[TAG, *([tag] if tag else [])],
                cardData=True,
                limit=_LIMIT,
            )
        )
    rows = [_hub_row(info.id, info.card_data) for info in listed]
    return [{key: _harmless(value) for key, value in row.items()} for row in rows]


def _harmless(value: Any) -> Any:
    """What a card says, which may be what no table holds, such as halves of characters
    in a list."""
    if value is None or isinstance(value, int | float):
        return value
    return list(map(plain, value)) if isinstance(value, list) else plain(value)


def _hub_row(repo: str, card: Any) -> dict[str, Any]:
    header = card.to_dict() if card is not None else {}
    ours = header.get("zoo")
    ours = ours if isinstance(ours, dict) else {}  # anyone can write anything there
    ancestors = ours.get("ancestors")
    results = getattr(card, "eval_results", None) or []
    headline = next((r for r in results if r.metric_type == "macro_auroc"), None)
    return {
        "model_id": repo,
        "revision": f"v{ours['version']}" if "version" in ours else None,
        "survey": ours.get("survey"),
        "classes": ours.get("classes"),
        "macro_auroc": headline.metric_value if headline else None,
        "data": headline.dataset_name if headline else None,
        "where": "hub",
        "parent": header.get("base_model"),
        "ancestors": list(map(plain, ancestors)) if isinstance(ancestors, list) else [],
    }
