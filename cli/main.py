"""`zoo-cli`: the commands, and how an error becomes one line.

Commands import Keras, TensorFlow and pandas when they run, so that `--help` is instant.
"""

import sys
import warnings

import typer

from zoo.cli import (
    card,
    classify,
    data,
    evaluate,
    explore,
    export,
    hub,
    models,
    quickstart,
    reproduce,
    train,
    upstream,
)

app = typer.Typer(
    name="zoo-cli",
    help="Pretrained transient classifiers that move to your survey with few "
    "labels.\n\n"
    "Example: zoo-cli quickstart",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(quickstart.quickstart)
app.command("models")(models.list_models)
app.add_typer(data.app, name="data")
app.command()(train.train)
app.command()(train.transfer)
app.command()(evaluate.evaluate)
app.command()(classify.classify)
app.command()(explore.explore)
app.command()(reproduce.reproduce)
app.command()(models.verify)
app.command()(card.card)
app.command()(export.export)
app.command()(hub.push)
app.command()(hub.pull)
app.command("import-upstream")(upstream.import_upstream)


def main() -> None:
    """Run a command; a user's mistake ends in one line and exit code 1."""
    warnings.showwarning = _show_warning
    try:
        app()
    except (ValueError, KeyError, OSError, ImportError) as error:
        text = error.args[0] if isinstance(error, KeyError) else error
        sys.exit(_fail(str(text)))


def _fail(message: str) -> int:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    return 1


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    typer.echo(f"warning: {message}", err=True)
