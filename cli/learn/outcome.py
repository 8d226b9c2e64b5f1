"""What `zoo-cli train` and `zoo-cli transfer` share: options, and the end."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.terminal import say

if TYPE_CHECKING:
    from zoo.training.outcome import Outcome

Out = Annotated[Path, typer.Option(help="Model folder to write.")]
ModelId = Annotated[
    str | None,
    typer.Option("--id", help="Id of the model; default: DATA-gru, or TARGET-gru."),
]
Version = Annotated[str, typer.Option(help="Version of the model.")]
License = Annotated[
    str | None,
    typer.Option(
        help="SPDX identifier of the weights' licence; default: that of the base."
    ),
]
Seed = Annotated[
    int,
    typer.Option(min=0, help="Seed of the draw, the order and the initial weights."),
]


def days(window: str) -> tuple[float, float]:
    """The first and last day of a window."""
    try:
        first, last = map(float, window.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{window!r} must be the first and the last day since trigger, such as "
            "-30,70.",
            param_hint="--window",
        ) from None
    return first, last


def command_line(command: str, **options: object) -> str:
    """The command line that repeats this, for the card; an option of None is left out.

    Example:
        >>> command_line("train", data=["a", "b"], metadata=False, seed=0, units=None)
        'zoo-cli train --data a --data b --no-metadata --seed 0'
    """
    words = [f"zoo-cli {command}"]
    for option, value in options.items():
        name = option.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        elif value is not None:
            values = value if isinstance(value, list) else [value]
            words += [f"--{name} {quote(str(one))}" for one in values]
    return " ".join(words)


def finish(outcome: "Outcome", command: str, out: Path, overwrite: bool) -> None:
    """Write the model's folder, with the command that made it, and print the scores."""
    import zoo
    from zoo.evaluation.words import cautions

    model, report, metrics = outcome.model, outcome.report, outcome.metrics
    training = {**model.preset.training, "command": command}
    model.preset = model.preset.replace(training=training)
    zoo.save(model, out, metrics=metrics, split=outcome.split, overwrite=overwrite)
    say(
        f"{out}: {model.preset.model_id}, {report.objects} objects, {report.epochs} "
        f"epochs, {report.seconds:.0f} s"
    )
    low, high = metrics["intervals"]["macro_auroc"]
    if metrics["macro_auroc"] is not None:
        say(
            f"macro AUROC {metrics['macro_auroc']:.3f} ({low:.3f} to {high:.3f}), "
            f"macro F1 {metrics['macro_f1']:.3f}, on {metrics['n']} objects of "
            f"{metrics['data']}"
        )
    for sentence in cautions(metrics):
        say(sentence)
