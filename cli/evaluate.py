"""`zoo-cli evaluate` and `zoo-cli classify`: a model at work on light curves."""

import json
import warnings
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.quiet import import_keras
from zoo.cli.sources import (
    DATA_HELP,
    MODEL_HELP,
    Classes,
    NoMetadata,
    Taxonomy,
    Where,
    check_where,
)


def evaluate(
    model: Annotated[str, typer.Argument(help=MODEL_HELP)],
    data: Annotated[str, typer.Option(help=DATA_HELP)],
    taxonomy: Taxonomy = None,
    classes: Classes = None,
    no_metadata: NoMetadata = False,
    where: Where = None,
    include_training: Annotated[
        bool,
        typer.Option("--include-training", help="Score objects trained on as well."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score a model on labelled light curves.

    Of a survey's data set the test split is used. Objects that the model was trained
    on are left out.

    Example: zoo-cli evaluate ztfsims-gru --data bts --taxonomy bts
    """
    if taxonomy is not None and classes is not None:
        raise typer.BadParameter("give either --taxonomy or --classes, not both.")
    if where is not None:
        check_where(where, "--where")
    from zoo.catalogue import find
    from zoo.cli.sources import data_name, keep_where, read_data
    from zoo.model_folder import read_split

    found = find(model)
    split = None if include_training else "test"
    light_curves = keep_where(read_data(data, split=split), where)
    if no_metadata:
        light_curves = light_curves.without_metadata()

    import_keras()
    import zoo

    result = zoo.evaluate(
        found.load(),
        light_curves,
        taxonomy,
        classes=classes,
        exclude=() if include_training else read_split(found.folder),
        name=data_name(data),
    )
    if as_json:
        typer.echo(json.dumps(result))
    else:
        _print(result)


def classify(
    model: Annotated[str, typer.Argument(help=MODEL_HELP)],
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Light-curve table folders.")
    ],
    out: Annotated[Path, typer.Option(help="Table to write: .parquet or .csv.")],
    zeropoint: Annotated[
        float | None, typer.Option(help="AB zero point of the fluxes: 31.4 for nJy.")
    ] = None,
    novelty: Annotated[
        bool,
        typer.Option(
            "--novelty", help="Add a column: how unlike the known classes; 0 is usual."
        ),
    ] = False,
) -> None:
    """Write the class probabilities of light curves, one row per object.

    Example: zoo-cli classify ztfsims-gru my_table --out probabilities.parquet
    """
    if out.suffix not in (".parquet", ".csv"):
        raise typer.BadParameter("must end in .parquet or .csv.", param_hint="--out")
    if out.is_dir() or not out.parent.is_dir():
        raise ValueError(
            f"{out} cannot be written: it must name a file in a folder that exists."
        )
    from zoo.catalogue import find
    from zoo.cli.sources import read_data
    from zoo.light_curves import concatenate

    found = find(model)
    parts = [read_data(name, zeropoint=zeropoint) for name in inputs]

    import_keras()
    import zoo

    light_curves, loaded = concatenate(parts), found.load()
    table = zoo.classify(loaded, light_curves)
    if novelty:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # classify has said it
            strange = zoo.novelty(loaded, light_curves)["novelty"]
        table.insert(table.columns.get_loc("reason"), "novelty", strange)
    table = table.reset_index()
    aside = out.with_name(f".{out.name}.part")
    try:
        if out.suffix == ".csv":
            table.to_csv(aside, index=False)
        else:
            table.to_parquet(aside, index=False)
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    typer.echo(f"{out}: {len(table)} objects")


def _print(result: dict) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(
        f"{result['model']}@{result['revision']} on {result['data']}: {result['n']} "
        f"objects, {result['n_excluded']} left out"
    )
    overall = Table("metric", "value", "95 % interval")
    for name, (low, high) in result["intervals"].items():
        if result[name] is not None:
            overall.add_row(name, f"{result[name]:.3f}", f"{low:.3f} to {high:.3f}")
    console.print(overall)
    by_class = Table("class", "n", "auroc", "precision", "recall", "f1")
    for label, figures in result["per_class"].items():
        values = (figures[key] for key in ("auroc", "precision", "recall", "f1"))
        cells = ("-" if value is None else f"{value:.3f}" for value in values)
        by_class.add_row(label, str(figures["n"]), *cells)
    console.print(by_class)
