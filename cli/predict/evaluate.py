"""`zoo-cli evaluate`: how well a model does on labelled light curves.

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
def evaluate(
    model: Model,
    data: Data,
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
    """Score a model on labelled light curves.

    Uses the test split of a survey's data set, without the objects that the model was
    trained on.

    Example: zoo-cli evaluate ztfsims-gru --data bts --taxonomy bts
    """
    if taxonomy is not None and classes is not None:
        raise typer.BadParameter("give either --taxonomy or --classes, not both.")
    check_where(where)
    from zoo.cli.shell.arguments import data_name, keep_where, read_data
    from zoo.evaluation.evaluate import evaluate as evaluate_model
    from zoo.hub.find import find
    from zoo.inference.runtime import Runtime

    found = find(model)
    split = None if include_training else "test"
    light_curves = read_data(data, options, split=split, model=found.folder.preset)
    light_curves = keep_where(light_curves, where)
    if no_metadata:
        light_curves = light_curves.without_metadata()

    result = evaluate_model(
        Runtime.of(found, keep_all_passbands=keep_all_passbands),
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
    from zoo.evaluation.words import cautions, left_out_in_words

    say(
        f"{result['model']}@{result['revision']} on {result['data']}: {result['n']} "
        f"objects, {result['n_excluded']} left out"
    )
    if missing := left_out_in_words(result):
        say(f"left out: {missing}")
    say(*cautions(result))
    overall = table("metric", "value", "95 % interval")
    for name, (low, high) in result["intervals"].items():
        if result[name] is not None:
            add(overall, name, f"{result[name]:.3f}", f"{low:.3f} to {high:.3f}")
    show(overall)
    by_class = table("class", "n", "auroc", "precision", "recall", "f1")
    for label, figures in result["per_class"].items():
        values = (figures[key] for key in ("auroc", "precision", "recall", "f1"))
        cells = ("-" if value is None else f"{value:.3f}" for value in values)
        mark = " (few)" if label in result["few"]["classes"] else ""
        add(by_class, label, f"{figures['n']}{mark}", *cells)
    show(by_class)
