"""`zoo-cli import-upstream`: the paper authors' weights as a model folder of ours."""

import json
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.shell.keras_quietly import import_keras


def import_upstream(
    file: Annotated[
        Path, typer.Argument(help="NoHostClassifier.h5 or HostClassifier.h5.")
    ],
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Convert the published weights of arXiv 2502.18558 to a zoo model.

    The files are in github.com/Rithwik-G/astromcad2.0 (MIT). Their order of classes
    and their wavelengths of g and r are corrected. Nothing in them is executed.

    Example: zoo-cli import-upstream NoHostClassifier.h5 --out upstream
    """
    from zoo.model_folder.folder import refuse_other_content
    from zoo.upstream.model import build_upstream
    from zoo.upstream.weights import read_upstream

    refuse_other_content(out)
    upstream = read_upstream(file)
    import_keras()
    import zoo

    model = build_upstream(upstream)
    zoo.save(model, out)
    preset = model.preset
    if as_json:
        report = {"model": preset.model_id, "out": str(out), **preset.training}
        typer.echo(json.dumps(report))
        return
    typer.echo(f"{out}: {preset.model_id}, {len(preset.classes)} classes")
    for correction in preset.training["corrections"]:
        typer.echo(f"corrected: {correction}")
