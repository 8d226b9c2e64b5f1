"""`zoo-cli models` and `zoo-cli verify`: list the models, check the files of one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.arguments import Model
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.terminal import add, cell, say, say_json, show, terminal_width
from zoo.cli.shell.terminal import table as new_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

_SPARED = ("data", "parent", "where", "survey", "classes")
"""Columns of the list that a narrow terminal does without, in this order."""


def list_models(
    pattern: Annotated[
        str, typer.Argument(help="Only ids that contain this text.")
    ] = "",
    hub: Annotated[
        bool, typer.Option("--hub", help="Also search the Hugging Face Hub.")
    ] = False,
    author: Annotated[
        str | None, typer.Option(help="Only models of this author (with --hub).")
    ] = None,
    tag: Annotated[
        str | None, typer.Option(help="Only models with this tag (with --hub).")
    ] = None,
    tree: Annotated[
        bool, typer.Option("--tree", help="Show each model below its parent.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models of the zoo, of this folder and, with --hub, of the hub.

    Example: zoo-cli models ztf

    Example: zoo-cli models --hub --tag lsst --tree
    """
    from zoo.hub.listing import models

    table = models(pattern, folder=Path(), hub=hub, author=author, tag=tag)
    if as_json:
        records = table.reset_index().to_json(orient="records")
        say_json({"models": json.loads(records)})
    else:
        if tree:
            show(_tree(table))
            return
        shown, hidden = _table(table)
        show(shown)
        if hidden:
            say(f"hidden: {', '.join(hidden)} (--json shows all)")


def verify(
    model: Model,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check every file of a model against its sha256, and its golden values.

    README.md may be edited: it is prose, and the command says so where it was.
    The golden values are computed in Keras, where it is installed, and without it. The
    sha256 of the whole model is what `zoo.load(MODEL, sha256=...)` pins.

    Example: zoo-cli verify ztfsims-gru
    """
    from zoo.classifier.load import verify as difference_of
    from zoo.hub.find import find
    from zoo.system.installed import is_installed

    found, keras = find(model), is_installed("keras")
    if keras:
        import_keras()
    difference = difference_of(found)
    if as_json:
        report = {"model": found.name, "golden_difference": difference, "keras": keras}
        report |= {
            "sha256": found.folder.manifest.sha256,
            "card_edited": found.folder.card_is_edited,
        }
        say_json(report)
        return
    how = "" if keras else "; Keras, which is not installed, was not asked"
    say(
        f"{model}: files and golden values are right (within {difference:.1g}{how}).",
        f"sha256: {found.folder.manifest.sha256}",
    )
    if found.folder.card_is_edited:
        say("README.md was edited by hand: it is prose, and was not compared.")


def _table(table: "pd.DataFrame") -> tuple["Table", list[str]]:
    """The table, and the columns for which the terminal is too narrow."""
    models = table.drop(columns="ancestors")
    cells = {"model": ["model", *map(_text, models.index)]} | {
        str(name): [str(name), *map(_text, column)] for name, column in models.items()
    }
    hidden = []
    for name in _SPARED:
        if 1 + sum(3 + max(map(len, of)) for of in cells.values()) <= terminal_width():
            break
        del cells[name]
        hidden.append(name)
    shown = new_table(*cells, whole=cells)  # names to copy are not cut
    for row in zip(*(of[1:] for of in cells.values()), strict=True):
        add(shown, *row)
    return shown, hidden


def _text(value) -> str:
    if value is None or value != value:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _tree(table: "pd.DataFrame"):
    """Every model below its parents, which are shown even where not in the table."""
    from rich.tree import Tree

    root = Tree("models", hide_root=True)
    branches: dict[str, Tree] = {}
    rows = list(table.itertuples())
    for row in sorted(rows, key=lambda row: len(row.ancestors) + bool(row.parent)):
        above = root
        line = [row.parent, *row.ancestors] if isinstance(row.parent, str) else []
        for name in map(_bare, reversed(line)):
            if name not in branches:
                branches[name] = above.add(cell(name))
            above = branches[name]
        if row.Index not in branches:
            branches[row.Index] = above.add(cell(f"{row.Index}@{row.revision}"))
    return root


def _bare(name: str) -> str:
    """A model's name without its revision and without the zoo's own namespace."""
    from zoo.hub.client import NAMESPACE

    return str(name).partition("@")[0].removeprefix(f"{NAMESPACE}/")
