"""`zoo-cli export`: a model for another runtime, checked against Keras."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.shell.arguments import MODEL_HELP, Overwrite
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.terminal import say


def export(
    model: Annotated[str, typer.Argument(help=MODEL_HELP)],
    out: Annotated[
        Path, typer.Option(help="File to write: .onnx or .tflite; or a folder.")
    ],
    format: Annotated[str, typer.Option(help="onnx, saved_model or litert.")] = "onnx",
    overwrite: Overwrite = False,
) -> None:
    """Export a model to a runtime that needs neither Keras nor zoo.

    The file describes its own inputs. It is written only if it agrees with Keras on
    the golden light curves.

    Example: zoo-cli export ztfsims-gru --format onnx --out ztfsims-gru.onnx
    """
    from zoo.classifier.load import read_model
    from zoo.export.write import check_out
    from zoo.hub.find import find

    check_out(format, out, overwrite)
    found = find(model)
    import_keras()
    from zoo.export.write import export as write

    done = write(read_model(found.folder, found.name), format, out, overwrite=overwrite)
    say(
        f"{done.path}: {found.name}; at most {done.difference:.1g} from Keras in "
        f"probability ({done.objects} golden light curves)"
    )
