"""`zoo-cli import-upstream`: the paper authors' weights as a model folder of ours."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.shell.arguments import Overwrite
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.terminal import say, say_json


def import_upstream(
    file: Annotated[
        Path, typer.Argument(help="NoHostClassifier.h5 or HostClassifier.h5.")
    ],
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    overwrite: Overwrite = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Convert the published weights of arXiv 2502.18558 to a zoo model.

    The files are in github.com/Rithwik-G/astromcad2.0 (MIT). Their order of classes
    and their wavelengths of g and r are corrected. Nothing in them is executed.

    Example: zoo-cli import-upstream NoHostClassifier.h5 --out upstream
    """
    from zoo.model_folder.folder import check_out
    from zoo.upstream.model import build_upstream
    from zoo.upstream.weights import read_upstream

    check_out(out, overwrite)
    upstream = read_upstream(file)
    import_keras()
    import zoo

    model = build_upstream(upstream)
    zoo.save(model, out, overwrite=overwrite)
    preset = model.preset
    if as_json:
        report = {"model": preset.model_id, "out": str(out), **preset.training}
        say_json(report)
        return
    say(f"{out}: {preset.model_id}, {len(preset.classes)} classes")
    for correction in preset.training["corrections"]:
        say(f"corrected: {correction}")
