"""`zoo-cli data compare`: two data sets side by side, class by class."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.arguments import Overwrite, check_where
from zoo.cli.shell.progress import steps
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import add, say, say_json, show, table

if TYPE_CHECKING:
    from zoo.datasets.compare import Sample
    from zoo.light_curves.photometry import ReadOptions
    from zoo.passbands import Passband

_DATA_HELP = (
    "A survey (ztfsims, bts, lsstsims, anysims) or data set of it, a light-curve table "
    "folder, or a CSV export of the Bright Transient Survey explorer."
)
_WHERE_HELP = (
    "Keep objects of {} whose metadata have COLUMN=VALUE; may be given several times."
)


@reads_data
def compare(
    a: Annotated[str, typer.Argument(help=_DATA_HELP, show_default=False)],
    b: Annotated[str, typer.Argument(help="The other data set, given like A.")],
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
    where_a: Annotated[
        list[str] | None, typer.Option(help=_WHERE_HELP.format("A"))
    ] = None,
    where_b: Annotated[
        list[str] | None, typer.Option(help=_WHERE_HELP.format("B"))
    ] = None,
    classes: Annotated[
        str | None, typer.Option(help="Labels A,B,...; default: those of both.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed of bootstrap and two-sample test.")
    ] = 0,
    overwrite: Overwrite = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    *,
    options: "ReadOptions",
) -> None:
    """Compare two data sets: medians per class, and whether a classifier tells them
    apart.

    Writes report.json, report.md and figures. Measures points, signal-to-noise ratios,
    peaks, redshifts, rises, declines and colours; for an export only what it contains.
    Passbands are matched by effective wavelength, at most 0.069 um apart.

    Example: zoo-cli data compare bts ztf_real --classes SNIa --out report
    """
    for option, choices in (("--where-a", where_a), ("--where-b", where_b)):
        for where in choices or ():
            check_where(where, option)
    from zoo.datasets.compare import check_folder, write_report
    from zoo.datasets.compare import compare as compare_samples

    check_folder(out, overwrite)
    (of_a, measure_a), (of_b, measure_b) = (
        _read(data, where, options) for data, where in ((a, where_a), (b, where_b))
    )
    with steps("measuring") as at:
        sample_a, sample_b = measure_a(of_b), measure_b(of_a)
        result = compare_samples(
            sample_a,
            sample_b,
            classes=classes,
            seed=seed,
            done=lambda label: at(f"compared {label}"),
        )
        write_report(
            *(result, sample_a, sample_b, out),
            overwrite=overwrite,
            done=lambda name: at(f"drew {name}"),
        )
    if as_json:
        say_json(result)
    else:
        _print(result, out)


def _read(
    data: str, where: list[str] | None, options: "ReadOptions"
) -> "tuple[Collection[Passband], Callable[[Collection[Passband]], Sample]]":
    """Read DATA: its passbands, and what measures it against those of the other."""
    from zoo.cli.shell.arguments import data_name, keep_where, read_data
    from zoo.datasets.compare import Sample, read_summary
    from zoo.datasets.compare.passbands import REFERENCE

    path = Path(data)
    if path.suffix == ".csv" and path.is_file():
        if where:
            raise ValueError(
                f"{data} is an export: {where[0]} cannot be applied to it. "
                "Leave the option out."
            )
        sample = Sample(path.name, read_summary(path))
        return REFERENCE, lambda other: sample
    light_curves = read_data(data, options)
    for column_and_value in where or ():
        light_curves = keep_where(light_curves, column_and_value)
    name = " ".join([data_name(data), *(where or ())])
    return light_curves.observed, lambda other: Sample.of(
        light_curves, name, against=other
    )


def _print(result: dict, out: Path) -> None:
    from zoo.datasets.compare.report import passband_lines, rows, two_sample_lines

    for side in ("a", "b"):
        of = result[side]
        say(f"{side.upper()}: {of['name']}, {of['n']} objects")
    say(*passband_lines(result["passbands"]))
    for label, compared in result["classes"].items():
        shown = table("quantity", "A", "B", "B - A", "n", title=label)
        for row in rows(compared):
            add(shown, *row)
        show(shown)
        say(*two_sample_lines(compared))
    say(f"report: {out / 'report.md'}")
