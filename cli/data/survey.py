"""`zoo-cli survey`: surveys as files, those of the package and one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import Overwrite
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import say, say_json
from zoo.datasets.names import SURVEY_FILES
from zoo.system.atomic import new_file, refuse_existing
from zoo.system.progress import steps

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions

app = typer.Typer(
    help="Surveys as files: list, show, measure.\n\nExample: zoo-cli survey list",
    no_args_is_help=True,
)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_files(as_json: _JSON = False) -> None:
    """List the survey files that come with the package.

    Example: zoo-cli survey list
    """
    from zoo.datasets.survey_files import read_survey

    files = [read_survey(name) for name in SURVEY_FILES]
    if as_json:
        say_json(
            {
                file.name: {
                    "description": file.description,
                    "passbands": [one.passband.name for one in file.passbands],
                }
                for file in files
            }
        )
        return
    for file in files:
        say(f"{file.name:10} {file.description}")


@app.command()
def show(
    survey: Annotated[
        str,
        typer.Argument(
            help="A survey file, or a name that `zoo-cli survey list` lists.",
            autocompletion=completion.survey_files,
        ),
    ],
    as_json: _JSON = False,
) -> None:
    """Print all that a survey file says, with every default: a file to start from.

    Example: zoo-cli survey show atlas
    """
    from zoo.datasets.survey_files import read_survey, to_toml

    tables = read_survey(survey).to_tables()
    if as_json:
        say_json(tables)
    else:
        say(*to_toml(tables).splitlines())


@app.command()
@reads_data
def measure(
    data: Annotated[
        str,
        typer.Argument(
            help="Photometry of the survey, without labels: a light-curve table, or "
            "another file that `zoo-cli classify` reads.",
            autocompletion=completion.data,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Survey file to write: FILE.toml.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the survey; default: that of the file.")
    ] = None,
    overwrite: Overwrite = False,
    *,
    options: "ReadOptions",
) -> None:
    """Measure a survey from its photometry: depths, noise, nights, seasons, limits.

    Example: zoo-cli survey measure my_table --out mine.toml
    """
    from zoo.cli.shell.arguments import data_given, read_data
    from zoo.datasets.measure_survey import measure as measured
    from zoo.datasets.survey_files import check_name, to_toml

    if out.suffix != ".toml":
        raise typer.BadParameter(f"{out} must be FILE.toml.", param_hint="--out")
    refuse_existing(out, overwrite)
    called = check_name(out.stem if name is None else name)
    light_curves = read_data(data, options)
    with steps("measuring") as at:
        tables, notes = measured(light_curves, called)
        at("measured")
    tables["source"] = (
        f"Measured from {len(light_curves):,} objects and {len(light_curves.mjd):,} "
        f"rows of {data_given(data)[:100]}."
    )
    with new_file(out) as part:
        part.write_text(to_toml(tables, notes), encoding="utf-8")
    for passband, row in tables["passband"].items():
        say(f"{passband}: {row['depth'][4]:.2f} mag at 5 sigma in half of its visits")
    for note in notes:
        say(f"note: {note}")
    say(f"{out}: {tables['name']}; simulate it: zoo-cli data build {out}")
