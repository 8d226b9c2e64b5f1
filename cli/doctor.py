"""`zoo-cli doctor`: what is installed here, and what to do about what is wrong."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.terminal import cell, say_json, show

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
        say_json(report)
    if problems:
        raise ValueError(
            f"this installation has problems: {', '.join(problems)}. "
            "The report gives a remedy for each."
        )


def _show(check: "Check") -> None:
    line = cell(f"{check.status:8}", _COLOURS[check.status])
    line.append_text(cell(f"{check.name}: {check.found}", "default"))
    if check.remedy:
        line.append_text(cell(f" -> {check.remedy}", "bold"))
    show(line, wrap=False)
