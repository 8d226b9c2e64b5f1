"""`zoo-cli compare-models`: which of two models is better on the same light curves.

Keras is not imported.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import (
    Classes,
    Data,
    IncludeTraining,
    NoMetadata,
    Taxonomy,
    Where,
    check_where,
)
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import add, say, say_json, show, table

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions

_Model = Annotated[
    str,
    typer.Argument(
        help="A model: id, id@revision, org/name or folder.",
        autocompletion=completion.models,
    ),
]


@reads_data
def compare_models(
    first: _Model,
    second: _Model,
    data: Data,
    taxonomy: Taxonomy = None,
    classes: Classes = None,
    no_metadata: NoMetadata = False,
    where: Where = None,
    include_training: IncludeTraining = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    *,
    options: "ReadOptions",
) -> None:
    """Compare two models on the same labelled light curves.

    Differences are of the second model less the first, with 95 % intervals of a paired
    bootstrap: where zero lies outside, one model is better on such objects. Objects
    that one of them was trained on are left out.

    Example: zoo-cli compare-models ztfsims-gru multisims-gru --data my_table --taxonomy
    bts
    """
    if taxonomy is not None and classes is not None:
        raise typer.BadParameter("give either --taxonomy or --classes, not both.")
    check_where(where)
    from zoo.cli.shell.arguments import data_name, read_to_measure
    from zoo.evaluation.paired import compare_models as compare
    from zoo.hub.find import find
    from zoo.inference.runtime import Runtime

    found = [find(one) for one in (first, second)]
    light_curves = read_to_measure(
        data,
        options,
        [one.folder.preset for one in found],
        include_training=include_training,
        where=where,
        no_metadata=no_metadata,
    )
    result = compare(
        *(Runtime.of(one) for one in found),
        light_curves,
        taxonomy,
        classes=classes,
        include_training=include_training,
        name=data_name(data),
    )
    if as_json:
        say_json(result)
    else:
        _print(result)


def _print(result: dict) -> None:
    from zoo.evaluation.paired import COMPARED
    from zoo.evaluation.words import cautions

    first, second = result["models"]
    say(f"{first} and {second} on {result['n']} objects of {result['data']}")
    for model, key in ((first, "only_first"), (second, "only_second")):
        if result[key]:
            say(f"left out: {result[key]} that only {model} classifies")
    unknown = "unknown" in result["training_objects"]
    say(*cautions({**result, "training_objects": "unknown" if unknown else "left out"}))
    overall = table("metric", "first", "second", "difference", "95 % interval")
    for name in COMPARED:
        add(overall, name, *_cells(result[name]))
    show(overall)
    columns = ("first", "second", "difference", "95 % interval")
    by_class = table("class", "n", *(f"auroc: {columns[0]}", *columns[1:]))
    for label, of in result["per_class"].items():
        add(by_class, label, str(of["n"]), *_cells(of["auroc"]))
    show(by_class)


def _cells(of: dict) -> list[str]:
    if of["difference"] is None or of["interval"][0] is None:
        return ["-"] * 4
    low, high = of["interval"]
    return [
        f"{of['first']:.3f}",
        f"{of['second']:.3f}",
        f"{of['difference']:+.3f}",
        f"{low:+.3f} to {high:+.3f}",
    ]
