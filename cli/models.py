"""`zoo-cli models` and `zoo-cli verify`: what there is, and whether it is whole."""

import json
from typing import Annotated

import typer

from zoo.cli.quiet import import_keras
from zoo.cli.sources import MODEL_HELP


def list_models(
    pattern: Annotated[str, typer.Argument(help="Keep ids that contain this.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models of the zoo.

    Example: zoo-cli models ztf
    """
    from rich.console import Console
    from rich.table import Table

    from zoo.catalogue import models

    table = models(pattern).reset_index()
    if as_json:
        typer.echo(json.dumps({"models": json.loads(table.to_json(orient="records"))}))
        return
    shown = Table(*table.columns)
    for row in table.itertuples(index=False):
        shown.add_row(*(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row))
    Console().print(shown)


def verify(
    model: Annotated[str, typer.Argument(help=MODEL_HELP)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check every file of a model against its sha256, and its golden values.

    Example: zoo-cli verify ztfsims-gru
    """
    from zoo.catalogue import find
    from zoo.model_folder import check_golden, read_model

    folder = find(model)
    import_keras()
    loaded = read_model(folder)
    difference = check_golden(loaded, folder)
    if as_json:
        report = {"model": loaded.preset.model_id, "golden_difference": difference}
        typer.echo(json.dumps(report))
        return
    typer.echo(f"{model}: files and golden values are right (within {difference:.1g}).")
