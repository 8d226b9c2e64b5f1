"""`zoo-cli doctor`: what is installed here, and what to do about what is wrong."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.keras_quietly import import_keras

if TYPE_CHECKING:
    from zoo.doctor import Check

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Also compute golden values, with Keras if it is there."
        ),
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not contact the hub.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check this installation: versions, backend, GPU, folders, hub, models.

    Each line is ok, a warning (something will not work) or a problem, with a remedy.

    Example: zoo-cli doctor

    Example: zoo-cli doctor --deep --json
    """
    from zoo import doctor
    from zoo.system.installed import is_installed

    def checks() -> Iterator["Check"]:
        yield from doctor.checks(network=not offline)
        if deep:
            if is_installed("keras"):
                import_keras()
            yield from doctor.deep()

    done = []
    for check in checks():
        done.append(check)
        if not as_json:
            _show(check)
    problems = [check.name for check in done if check.status == doctor.PROBLEM]
    if as_json:
        report = {"ok": not problems, "checks": [asdict(check) for check in done]}
        typer.echo(json.dumps(report))
    if problems:
        raise ValueError(
            f"this installation has problems: {', '.join(problems)}. "
            "The report gives a remedy for each."
        )


def _show(check: "Check") -> None:
    from rich.console import Console
    from rich.text import Text

    line = Text(f"{check.status:8}", style=_COLOURS[check.status])
    line.append(f"{check.name}: {check.found}", style="default")
    if check.remedy:
        line.append(f" -> {check.remedy}", style="bold")
    Console(highlight=False).print(line, soft_wrap=True)
