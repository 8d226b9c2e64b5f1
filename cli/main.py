"""`zoo-cli`: its commands, with warnings and errors of one line each.

Commands import Keras, TensorFlow and pandas when they run, so that `--help` is instant.
"""

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from zoo.cli import doctor
from zoo.cli.data import data, survey
from zoo.cli.hub import card, export, models, push, upstream
from zoo.cli.learn import quickstart, reproduce, train, transfer
from zoo.cli.predict import (
    classify,
    compare_models,
    drift,
    evaluate,
    explore,
    thresholds,
)
from zoo.cli.shell.exit_codes import run
from zoo.cli.shell.terminal import Group, say

app = typer.Typer(
    name="zoo-cli",
    cls=Group,
    help="Pretrained transient classifiers that adapt to your survey with few "
    "labels.\n\n"
    "Example: zoo-cli quickstart",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = {
    "Start": (quickstart.quickstart, doctor.doctor),
    "Predict": (
        *(classify.classify, explore.explore, evaluate.evaluate),
        *(compare_models.compare_models, thresholds.thresholds, drift.drift),
    ),
    "Train": (transfer.transfer, train.train, reproduce.reproduce),
    "Models": (models.list_models, models.verify, export.export, card.card),
    "Hub": (push.push, push.pull, upstream.import_upstream),
}
"""By the headings of `zoo-cli --help`, in the order in which a newcomer needs them."""

for heading, commands in COMMANDS.items():
    for command in commands:
        name = command.__name__.removeprefix("list_").replace("_", "-")
        app.command(name, rich_help_panel=heading)(command)
app.add_typer(data.app, name="data", rich_help_panel="Data")
app.add_typer(survey.app, name="survey", rich_help_panel="Data")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"transient-zoo {version('transient-zoo')}")
        raise typer.Exit


_VERSION = typer.Option(
    "--version", callback=_version, is_eager=True, help="Show the version and exit."
)


@app.callback()
def _zoo(version: Annotated[bool, _VERSION] = False) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a user's mistake ends in one line and exit code 1.

    Args:
        arguments: of the command; default: those of this process.
    """
    warnings.showwarning = _show_warning
    sys.exit(run(lambda: app(arguments)))


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    say(f"warning: {message}", err=True)
