"""One HTML file: content, style, the page's script and plotly's."""

import base64
import hashlib
import html
import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from os import PathLike
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from zoo.explore.content import content
from zoo.inference.runtime import AnyModel, Runtime
from zoo.light_curves.ragged import LightCurves
from zoo.system.atomic import new_file
from zoo.system.plain import plain
from zoo.taxonomy import resolve_classes

SCRIPTS = ("figures.js", "panels.js", "page.js")
"""The page's own scripts, in their order in the page."""

_NUMBERS = frozenset((bool, float, int))

# What a browser would read as the end of a script, or as HTML in it.
_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def write_page(
    model: AnyModel,
    light_curves: LightCurves,
    path: str | PathLike[str],
    *,
    taxonomy: str | None = None,
    classes: str | Sequence[str] | None = None,
    objects: int | None = 500,
    seed: int = 0,
    name: str = "",
    advance: Callable[[int], object] = lambda objects: None,
) -> Path:
    """Write the explore page of a model and a data set.

    The file needs no server and no network: its content security policy forbids it to
    load anything.

    Args:
        model: a loaded model, or the name or folder of one.
        light_curves: with or without labels.
        path: the file; an existing one is replaced when the new one is complete.
        taxonomy: name of a coarser taxonomy to show.
        classes: or a list of classes. Default: the model's own.
        objects: maximum number of objects, drawn at random; None for all.
        seed: of the draw.
        name: name of the data.
        advance: called with numbers of objects as they are done.

    Returns:
        The file.

    Raises:
        ValueError: taxonomy and classes are both given, or no object can be classified.

    Example:
        >>> import tempfile
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_page("ztfsims-gru", golden_light_curves(),
        ...                f"{folder}/explore.html").name
        'explore.html'
    """
    if taxonomy is not None and classes is not None:
        raise ValueError("give either a taxonomy or classes, not both.")
    if not len(light_curves):
        raise ValueError("there is no object to show. Give light curves.")
    wanted = classes if taxonomy is None else taxonomy
    runtime = Runtime.of(model)
    onto = runtime.preset.classes
    if wanted is not None:
        onto = resolve_classes(wanted, light_curves.labels)
    total = len(light_curves)
    if objects is not None and objects < total:
        drawn = np.random.default_rng(seed).choice(total, objects, replace=False)
        light_curves = light_curves.take(np.sort(drawn))
    shown = content(runtime, light_curves, onto, advance=advance)
    text = page({**shown, "data": name or "light curves", "total": total})
    path = Path(path)
    with new_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return path


def page(shown: dict[str, Any]) -> str:
    """The HTML of the page.

    Args:
        shown: as `zoo.explore.content.content` returns it, and `data`, its name, and
            `total`, the number of objects to draw from.
    """
    from plotly.offline import get_plotlyjs

    plotly, own = get_plotlyjs(), "".join(map(_text, SCRIPTS))
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in (plotly, own))
    return Template(_text("page.html")).substitute(
        # Only these scripts run, and nothing can be loaded, not even by them.
        policy=f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'",
        title=html.escape(plain(f"{shown['model']} on {shown['data']}")),
        style=_text("page.css"),
        content=_json(shown),
        plotly=plotly,
        script=own,
    )


def _json(shown: dict[str, Any]) -> str:
    """JSON that is safe between the tags of a script, for any texts in it."""
    text = json.dumps(_plainly(shown), allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE)


def _plainly(value: Any) -> Any:
    """The same data with every text as it may be shown."""
    if isinstance(value, dict):
        return {plain(k): _plainly(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if _NUMBERS.issuperset(map(type, value)):  # most are: millions of numbers
            return value
        return [_plainly(one) for one in value]
    return plain(value) if isinstance(value, str) else value


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _text(name: str) -> str:
    return files("zoo.explore").joinpath(name).read_text(encoding="utf-8")
