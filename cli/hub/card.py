"""`zoo-cli card`: write the card of a model folder again.

Keras is not imported.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import (
    DATA_HELP,
    Classes,
    NoMetadata,
    Taxonomy,
    Where,
    check_where,
)
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import say, say_json

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions


@reads_data
def card(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    prose: Annotated[
        Path | None,
        typer.Option(help="Markdown: ## Intended use, ## Limits and risks."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help=f"Measure on it first. {DATA_HELP}", autocompletion=completion.data
        ),
    ] = None,
    taxonomy: Taxonomy = None,
    classes: Classes = None,
    no_metadata: NoMetadata = False,
    where: Where = None,
    license: Annotated[
        str | None, typer.Option(help="SPDX identifier of the weights' licence.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    *,
    options: "ReadOptions",
) -> None:
    """Write the card of a model again: README.md and its figures.

    With --data the model is first measured on objects that it was not trained on, and
    the measurement is kept in metrics.json beside those on other data.

    Example: zoo-cli card m --prose about.md --data my_table --taxonomy bts
    """
    if data is None and (taxonomy or classes or no_metadata or where):
        raise typer.BadParameter(
            "--taxonomy, --classes, --no-metadata and --where are for a measurement; "
            "give --data as well."
        )
    if taxonomy is not None and classes is not None:
        raise typer.BadParameter("give either --taxonomy or --classes, not both.")
    if where is not None:
        check_where(where, "--where")
    from zoo.card import check_card
    from zoo.card.rewrite import rewrite
    from zoo.model_folder.contents import is_drawn, names_in
    from zoo.model_folder.folder import open_folder
    from zoo.model_folder.manifest import CARD, METRICS
    from zoo.model_folder.metrics import read_metrics

    former = open_folder(folder, card=False)
    preset = former.preset
    if license is not None:
        preset = preset.replace(license=license)
    text = None if prose is None else prose.read_text(encoding="utf-8")
    metrics = read_metrics(former.files[METRICS], former.path / METRICS)
    measured = None
    if data is not None:
        from zoo.cli.shell.arguments import data_name, read_data
        from zoo.evaluation.metrics_file import measure, recorded
        from zoo.hub.fetch import Found
        from zoo.inference.runtime import Runtime
        from zoo.model_folder.keras_config import check_config

        light_curves = read_data(data, options, split="test", models=[former.preset])
        if where is not None:
            light_curves = light_curves.where(where)
        check_config(former)
        model = Runtime.of(Found(former, f"{preset.model_id}@v{preset.version}"))
        seen = model.seen()
        measured = measure(
            model,
            light_curves,
            classes or taxonomy,
            exclude=seen,
            training="left out" if seen else "unknown",
            name=data_name(data),
            metadata=not no_metadata,
            where=where,
        )
        metrics = recorded(metrics, measured)
    rewrite(former, folder, preset=preset, metrics=metrics, prose=text)
    unfilled = None
    try:
        check_card((folder / CARD).read_text(encoding="utf-8"))
    except ValueError as error:
        unfilled = str(error)
    files = [CARD, *filter(is_drawn, names_in(folder))]
    if as_json:
        report = {
            "model": preset.model_id,
            "revision": f"v{preset.version}",
            "files": files,
            "measured": measured,
            "unfilled": unfilled,
            "card_edited": former.card_is_edited,
        }
        say_json(report)
        return
    say(f"{folder}: {preset.model_id}@v{preset.version}")
    if former.card_is_edited:
        say(f"{CARD} had been edited by hand: {_kept(text)}, the rest is written again")
    if measured is not None:
        from zoo.evaluation.words import cautions, left_out_in_words

        say(f"measured on {measured['n']:,} objects of {measured['data']}")
        if missing := left_out_in_words(measured):
            say(f"left out: {missing}")
        say(*cautions(measured))
    say(f"written: {', '.join(files)}")
    if unfilled is not None:
        say(f"not ready for a push: {unfilled}")


def _kept(prose: str | None) -> str:
    return (
        "the marked prose is kept" if prose is None else "the prose is that of --prose"
    )
