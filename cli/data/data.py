"""`zoo-cli data`: list the surveys, build a data set, look at one light curve."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.data.compare import compare
from zoo.cli.shell import completion
from zoo.cli.shell.arguments import (
    DATA_HELP,
    MODEL_HELP,
    Overwrite,
    is_survey_file,
)
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import add, say, say_json
from zoo.cli.shell.terminal import show as print_table
from zoo.cli.shell.terminal import table as new_table
from zoo.system.atomic import refuse_existing
from zoo.system.progress import steps

if TYPE_CHECKING:
    from zoo.inference.runtime import Runtime
    from zoo.light_curves.photometry import ReadOptions
    from zoo.light_curves.ragged import LightCurves

_NAME = 100  # letters of an id in the name of a file

app = typer.Typer(
    help="Data sets: list, build, show, compare.\n\nExample: zoo-cli data list",
    no_args_is_help=True,
)
app.command()(compare)


@app.command("list")
def list_surveys(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the surveys.

    Example: zoo-cli data list
    """
    from zoo.datasets import registry

    surveys = registry.surveys()
    if as_json:
        say_json(surveys)
        return
    for name, description in surveys.items():
        say(f"{name:10} {description}")


@app.command()
def build(
    survey: Annotated[
        str,
        typer.Argument(
            help="ztfsims, bts, lsstsims or anysims; or a survey file: FILE.toml, or "
            "a name that `zoo-cli survey list` lists.",
            autocompletion=completion.to_simulate,
        ),
    ],
    source: Annotated[
        Path | None, typer.Option(help="Folder with the survey's files.")
    ] = None,
    objects: Annotated[int | None, typer.Option(help="Objects to simulate.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of simulation and splits.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes of the simulation.")] = 1,
    templates: Annotated[
        Path | None, typer.Option(help="Folder of spectral templates to simulate from.")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Leave out the extra variety that helps training, to compare with "
            "real data.",
        ),
    ] = False,
    years: Annotated[
        str | None,
        typer.Option(
            metavar="BEFORE,AFTER",
            help="Years to add before and after the season of the peak.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a light-curve table; with a survey file, default: its "
            "name and the numbers of the simulation."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Build a data set: simulated, or from the files in a folder.

    Of a survey file it is a light-curve table, split into train, validation and test.

    Example: zoo-cli data build lsstsims --objects 5000 --seed 3 --table lsst
    """
    around = None if years is None else _years(years)
    if is_survey_file(survey):
        for option, given in (("--source", source), ("--templates", templates)):
            if given is not None:
                raise typer.BadParameter(
                    "is for surveys of the package; leave it out with a survey file.",
                    param_hint=option,
                )
        numbers = {"seed": seed, "years": around, "plain": plain}
        numbers |= {} if objects is None else {"objects": objects}
        _write_simulated(survey, table, overwrite, workers, **numbers)
        return
    from zoo.datasets import registry
    from zoo.light_curves.folder import write_folder

    if table is not None:
        refuse_existing(table, overwrite)
    data_set = registry.builder(
        survey,
        source_dir=source,
        objects=objects,
        seed=seed,
        plain=plain,
        years=around,
        workers=workers,
        templates=templates,
    )
    registry.prepare(data_set)
    counts = {name: split.num_examples for name, split in data_set.info.splits.items()}
    shown = ", ".join(f"{name} {count}" for name, count in counts.items())
    say(f"{data_set.info.full_name}: {shown}")
    config = data_set.builder_config.name
    say(f"use it: zoo-cli train --data {survey}/{config} --out FOLDER")
    if table is not None:
        light_curves = registry.load_light_curves(data_set)
        write_folder(light_curves, table, overwrite=overwrite)
        say(f"light-curve table: {table}")


def _write_simulated(
    survey: str, table: Path | None, overwrite: bool, workers: int, **numbers: Any
) -> None:
    """Simulate a survey file and write the light curves as a table."""
    from zoo.datasets.simulated import simulate, simulated_name
    from zoo.datasets.survey_files import read_survey
    from zoo.light_curves.examples import SPLIT_COLUMN
    from zoo.light_curves.folder import write_folder

    file = read_survey(survey)
    name = simulated_name(file, **numbers)
    folder = Path(name) if table is None else table
    refuse_existing(folder, overwrite)
    with steps(f"simulating {name}"):
        light_curves = simulate(file, workers=workers, **numbers)
    write_folder(light_curves, folder, overwrite=overwrite)
    counts = light_curves.metadata[SPLIT_COLUMN].value_counts(sort=False)
    shown = ", ".join(f"{split} {count}" for split, count in counts.items())
    say(f"{name}: {shown}")
    say(f"use it: zoo-cli train --data {folder} --out FOLDER")


def _years(text: str) -> tuple[int, int]:
    if not (match := re.fullmatch(r"(\d+),(\d+)", text)):
        raise typer.BadParameter(
            f"{text!r} is not two whole numbers, such as 4,5.", param_hint="--years"
        )
    return int(match[1]), int(match[2])


@app.command()
@reads_data
def show(
    data: Annotated[
        str, typer.Argument(help=DATA_HELP, autocompletion=completion.data)
    ],
    object_id: Annotated[str, typer.Argument(help="The object's id.")],
    model: Annotated[
        str | None,
        typer.Option(
            help=f"Draw what it predicts as points arrive. {MODEL_HELP}",
            autocompletion=completion.models,
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Show what carried the prediction: points, passbands, days and "
            "metadata hidden in turn. (--model)",
        ),
    ] = False,
    figure: Annotated[
        Path | None,
        typer.Option(help="File of the figure; default OBJECT_ID.png. (--model)"),
    ] = None,
    magnitudes: Annotated[
        bool,
        typer.Option(
            "--magnitudes",
            help="Draw AB magnitudes and upper limits in place of fluxes. (--model)",
        ),
    ] = False,
    *,
    options: "ReadOptions",
) -> None:
    """Print the light curve and the metadata of one object.

    With --model, plot it with the class probabilities over time, from the second
    detection on; with --explain, also with what carried the prediction. The axes show
    the points that the model uses.

    Example: zoo-cli data show ztfsims ztfsims-SNIa-0-000000 --model ztfsims-gru
    """
    for option, given in (
        ("--figure", figure),
        ("--magnitudes", magnitudes),
        ("--explain", explain),
    ):
        if given and model is None:
            raise typer.BadParameter("needs --model.", param_hint=option)
    if explain and magnitudes:
        raise typer.BadParameter(
            "draws fluxes; omit --magnitudes.", param_hint="--explain"
        )
    from zoo.cli.shell.arguments import read_data

    runtime = None
    if model is not None:
        from zoo.inference.runtime import Runtime

        runtime = Runtime.load(model)
    light_curves = read_data(data, options, models=[runtime.preset] if runtime else [])
    one = light_curves.find(object_id, data)
    photometry, metadata = one.to_tables()
    for column, value in metadata.iloc[0].items():
        say(f"{column}: {value}")
    shown = new_table("mjd", "band", "flux", "flux_err", "detected")
    for row in photometry.itertuples():
        add(
            shown,
            f"{row.mjd:.4f}",
            row.band,
            f"{row.flux:.2f}",
            f"{row.flux_err:.2f}",
            "yes" if row.detected else "",
        )
    print_table(shown)
    if runtime is not None:
        name = re.sub(r"[^\w.-]", "_", one.object_id[0])[:_NAME]
        path = figure or Path(f"{name}.png")
        if explain:
            _explain(runtime, one, path)
        else:
            _draw(runtime, one, path, magnitudes)
        say(f"figure: {path}")


def _explain(runtime: "Runtime", light_curve: "LightCurves", path: Path) -> None:
    """Print and draw what carried the prediction of one object."""
    from zoo.explanation.explain import explain
    from zoo.figures.axes import save

    explanation = explain(runtime, light_curve, light_curve.object_id[0])
    say(*explanation.summary().splitlines())
    save(explanation.figure(), path)


def _draw(
    runtime: "Runtime", light_curve: "LightCurves", path: Path, magnitudes: bool
) -> None:
    """Draw the probabilities of one object over time, and print the last ones."""
    from zoo.figures.axes import save
    from zoo.figures.light_curve import TIMES, light_curve_figure
    from zoo.inference.history import history

    table = history(runtime, light_curve, most=TIMES)
    figure = light_curve_figure(light_curve, runtime, magnitudes=magnitudes, path=table)
    save(figure, path)
    last = table.iloc[-1].drop(["mjd", "days_since_trigger"])
    probable = ", ".join(f"{label} {p:.2f}" for label, p in last.nlargest(3).items())
    say(f"after the last point that the model uses: {probable}")
