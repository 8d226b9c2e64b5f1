"""`zoo-cli`: the commands, and how an error becomes one line.

Commands import Keras, TensorFlow and pandas when they run, so that `--help` is instant.
"""

import sys
import warnings
from typing import Annotated

import typer

from zoo.cli import doctor
from zoo.cli.data import data
from zoo.cli.hub import card, export, models, push, upstream
from zoo.cli.learn import quickstart, reproduce, train
from zoo.cli.predict import classify, evaluate, explore
from zoo.cli.shell.exit_codes import run

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
app.command()(push.push)
app.command()(push.pull)
app.command("import-upstream")(upstream.import_upstream)
app.command()(doctor.doctor)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"transient-zoo {version('transient-zoo')}")
        raise typer.Exit


@app.callback()
def _zoo(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run a command; a user's mistake ends in one line and exit code 1."""
    warnings.showwarning = _show_warning
    sys.exit(run(app))


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    typer.echo(f"warning: {message}", err=True)
