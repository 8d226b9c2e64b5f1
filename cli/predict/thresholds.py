"""`zoo-cli thresholds`: the probability above which a class is pure or complete enough.

Keras is not imported.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.arguments import (
    Classes,
    Data,
    IncludeTraining,
    KeepAllPassbands,
    Model,
    NoMetadata,
    Taxonomy,
    Where,
    check_where,
)
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import add, say, say_json, show, table

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions


@reads_data
def thresholds(
    model: Model,
    data: Data,
    label: Annotated[str, typer.Option("--class", help="The class to select.")],
    purity: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Share of the selected objects that must be of the class.",
        ),
    ] = None,
    completeness: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Or: share of it that must be selected."),
    ] = None,
    taxonomy: Taxonomy = None,
    classes: Classes = None,
    no_metadata: NoMetadata = False,
    where: Where = None,
    include_training: IncludeTraining = False,
    keep_all_passbands: KeepAllPassbands = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    *,
    options: "ReadOptions",
) -> None:
    """Choose a threshold on the probability of a class, with labelled light curves.

    Objects with at least this probability are selected. Uses the objects that
    `evaluate` uses.

    Example: zoo-cli thresholds m --data my_table --class TDE --purity 0.9
    """
    if taxonomy is not None and classes is not None:
        raise typer.BadParameter("give either --taxonomy or --classes, not both.")
    if (purity is None) == (completeness is None):
        raise typer.BadParameter("give either --purity or --completeness.")
    check_where(where)
    from zoo.cli.shell.arguments import data_name, read_to_measure
    from zoo.evaluation.thresholds import thresholds as find_thresholds
    from zoo.hub.find import find
    from zoo.inference.runtime import Runtime

    found = find(model)
    light_curves = read_to_measure(
        data,
        options,
        [found.folder.preset],
        include_training=include_training,
        where=where,
        no_metadata=no_metadata,
    )

    result = find_thresholds(
        Runtime.of(found, keep_all_passbands=keep_all_passbands),
        light_curves,
        label,
        purity=purity,
        completeness=completeness,
        taxonomy=taxonomy,
        classes=classes,
        include_training=include_training,
        name=data_name(data),
    )
    if as_json:
        say_json(result)
    else:
        _print(result)


def _print(result: dict) -> None:
    from zoo.evaluation.words import cautions, left_out_in_words

    say(
        f"{result['model']}@{result['revision']} on {result['data']}: {result['n']} "
        f"objects, {result['n_class']} of them {result['class']}"
    )
    if missing := left_out_in_words(result):
        say(f"left out: {missing}")
    of_class = {result["class"]: {"n": result["n_class"]}}
    say(*cautions({**result, "per_class": of_class}))
    ((goal, least),) = result["wanted"].items()
    chosen = (result, result["highest_f1"])
    shown = table("", f"{goal} of {least:g}", "highest f1")
    add(shown, "threshold", *(f"{one['threshold']:.7g}" for one in chosen))
    add(shown, "selected", *(one["selected"] for one in chosen))
    for key in ("purity", "completeness", "f1"):
        cells = ((one[key], *one["intervals"][key]) for one in chosen)
        add(
            shown,
            key,
            *(f"{v:.3f} ({low:.3f} to {high:.3f})" for v, low, high in cells),
        )
    show(shown)
