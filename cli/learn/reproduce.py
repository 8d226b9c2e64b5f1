"""`zoo-cli reproduce`: the study of arXiv 2502.18558, by its protocol or by ours."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import DATA_HELP, check_choice
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import say, say_json
from zoo.system.progress import error_console

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions
    from zoo.light_curves.ragged import LightCurves

SURVEY = {"bts": "bts", "lsst": "lsstsims"}
# As many as the public Bright Transient Survey objects of the paper, enough for the
# 10,000 labels that it draws from LSST simulations, and about its number of simulated
# ZTF light curves (118,978, of which 95,182 to train).
_PAPER_OBJECTS = {"bts": 6247, "lsst": 13_000}
_BASE_DATA = "ztfsims/simulated-n120000-s1"


@reads_data
def reproduce(
    target: Annotated[str, typer.Argument(help="bts or lsst.")],
    out: Annotated[Path, typer.Option(help="Folder for the study.")],
    data: Annotated[
        str | None,
        typer.Option(
            help=f"{DATA_HELP} Default: the simulation of the target.",
            autocompletion=completion.data,
        ),
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="zoo, or paper: that of arXiv 2502.18558.")
    ] = "zoo",
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Runs of every trial; default 5.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="Numbers of labels A,B,...")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="In minutes; the report lists what it lacks."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    *,
    options: "ReadOptions",
) -> None:
    """Compare transfer with training from scratch, over numbers of labels and runs.

    Writes report.md, results.json and figures. Trials run in parallel, one per core,
    and each is kept: run the same command again to resume a study that was stopped.

    Example: zoo-cli reproduce bts --quick --out study

    Example: zoo-cli reproduce lsst --data my_table --seeds 5 --out study
    """
    budgets = _budgets(labels)
    from zoo.study.protocols import PROTOCOLS, TARGETS

    check_choice(target, TARGETS, "TARGET")
    check_choice(protocol, PROTOCOLS, "--protocol")
    from zoo.cli.shell.arguments import data_name, read_data

    if data is None:
        data = SURVEY[target]
        if protocol == "paper":
            data = f"{data}/simulated-n{_PAPER_OBJECTS[target]}-s0"
    import_keras()
    from zoo.study.design import design, usable
    from zoo.study.report import write_report

    started = time.perf_counter()
    light_curves, classes, codes = usable(read_data(data, options), target)
    plan = design(
        target, protocol, classes, codes, labels=budgets, runs=seeds, quick=quick
    )
    base_data = None
    if protocol == "paper" and not quick:
        base_data = read_data(_BASE_DATA), data_name(_BASE_DATA)
    name = data_name(data)
    results = _run(plan, light_curves, out, data=name, base_data=base_data)
    seconds = time.perf_counter() - started
    summary = write_report(results, plan, out, data=name, seconds=seconds)
    if as_json:
        say_json(summary)
    else:
        say(*_described(summary, out))


def _budgets(labels: str | None) -> list[int]:
    if labels is None:
        return []
    parts = labels.split(",")
    if not all(part.isdigit() and int(part) for part in parts):
        raise typer.BadParameter(
            f"{labels!r} is not a list of numbers A,B,...", param_hint="--labels"
        )
    return [int(part) for part in parts]


def _run(plan, light_curves: "LightCurves", out: Path, **options: Any) -> list[dict]:
    """Run the trials with a progress bar; in a log, a line for each."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    from zoo.study.run import run

    console = error_console()
    bar = Progress(
        TextColumn("trials"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
    )
    task = bar.add_task("", total=None)

    def show(title: str, done: int, total: int) -> None:
        bar.start()  # only now is it known that the folder can be used
        bar.update(task, description=title, completed=done, total=total)
        if not console.is_terminal:
            say(f"{done}/{total} {title}", err=True)

    try:
        return run(plan, light_curves, out, progress=show, **options)
    finally:
        if bar.live.is_started:
            bar.stop()


def _described(summary: dict, out: Path) -> list[str]:
    """What was left out, the scores with the most labels, and the labels saved."""
    lines = [f"left out: {what}" for what in summary["left_out"]]
    curves = next(iter(summary["curves"].values()))
    for method, points in curves["macro_auroc"].items():
        most, point = list(points.items())[-1]
        low, high = point["interval"]
        lines.append(
            f"{method}, {most} labels: macro AUROC {point['median']:.3f} ({low:.3f} to "
            f"{high:.3f})"
        )
    for method, numbers in summary["headline"].items():
        middle, low, high = numbers["labels_saved"]
        lines.append(
            f"{method} saves {middle:.0%} of the labels ({low:.0%} to {high:.0%})"
        )
    return [*lines, f"report: {out / 'report.md'}"]
