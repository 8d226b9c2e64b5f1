"""`zoo-cli models` and `zoo-cli verify`: list the models, check the files of one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.arguments import Model
from zoo.cli.shell.keras_quietly import import_keras

if TYPE_CHECKING:
    import pandas as pd


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
    from rich.console import Console

    from zoo.hub.listing import models

    table = models(pattern, folder=Path(), hub=hub, author=author, tag=tag)
    if as_json:
        records = table.reset_index().to_json(orient="records")
        typer.echo(json.dumps({"models": json.loads(records)}))
    else:
        Console().print(_tree(table) if tree else _table(table))


def verify(
    model: Model,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check every file of a model against its sha256, and its golden values.

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
        report["sha256"] = found.folder.manifest.sha256
        typer.echo(json.dumps(report))
        return
    how = "" if keras else "; Keras, which is not installed, was not asked"
    typer.echo(
        f"{model}: files and golden values are right (within {difference:.1g}{how}).\n"
        f"sha256: {found.folder.manifest.sha256}"
    )


def _table(table: "pd.DataFrame"):
    from rich.table import Table

    shown = Table()
    table = table.drop(columns="ancestors")
    for name in ("model", *table.columns):  # names to copy are not cut
        shown.add_column(name, no_wrap=name in ("model", "revision"))
    for row in table.itertuples():
        shown.add_row(*map(_cell, row))
    return shown


def _cell(value) -> str:
    from rich.markup import escape

    if value is None or value != value:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else escape(str(value))


def _tree(table: "pd.DataFrame"):
    """Every model below its parents, which are shown even where not in the table."""
    from rich.markup import escape
    from rich.tree import Tree

    root = Tree("models", hide_root=True)
    branches: dict[str, Tree] = {}
    rows = list(table.itertuples())
    for row in sorted(rows, key=lambda row: len(row.ancestors) + bool(row.parent)):
        above = root
        line = [row.parent, *row.ancestors] if isinstance(row.parent, str) else []
        for name in map(_bare, reversed(line)):
            if name not in branches:
                branches[name] = above.add(escape(name))
            above = branches[name]
        if row.Index not in branches:
            branches[row.Index] = above.add(escape(f"{row.Index}@{row.revision}"))
    return root


def _bare(name: str) -> str:
    """A model's name without its revision and without the zoo's own namespace."""
    from zoo.hub.client import NAMESPACE

    return str(name).partition("@")[0].removeprefix(f"{NAMESPACE}/")
