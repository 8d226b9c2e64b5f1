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

_PER_CLASS = ("auroc", "average_precision", "precision", "recall", "f1")
_EARLY = ("macro_auroc", "macro_f1")
_SNIA = "SNIa"
_UNKNOWN = {"auroc": None, "interval": (None, None)}


@reads_data
def evaluate(
    model: Model,
    data: Data,
    taxonomy: Taxonomy = None,
    classes: Classes = None,
    no_metadata: NoMetadata = False,
    where: Where = None,
    days: Annotated[
        str | None,
        typer.Option(
            help="Score also light curves cut so many days after their triggers: "
            "2,5,10,20."
        ),
    ] = None,
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

    Example: zoo-cli evaluate ztfsims-gru --data my_table --days 2,5,10,20
    """
    if taxonomy is not None and classes is not None:
        raise typer.BadParameter("give either --taxonomy or --classes, not both.")
    check_where(where)
    from zoo.cli.shell.arguments import data_name, read_to_measure
    from zoo.evaluation.early import as_days
    from zoo.evaluation.evaluate import evaluate as evaluate_model
    from zoo.hub.find import find
    from zoo.inference.runtime import Runtime

    try:
        cuts = as_days(days or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--days") from None
    found = find(model)
    light_curves = read_to_measure(
        data,
        options,
        [found.folder.preset],
        include_training=include_training,
        where=where,
        no_metadata=no_metadata,
    )

    result = evaluate_model(
        Runtime.of(found, keep_all_passbands=keep_all_passbands),
        light_curves,
        taxonomy,
        classes=classes,
        days=cuts,
        include_training=include_training,
        name=data_name(data),
    )
    if as_json:
        say_json(result)
    else:
        _print(result)


def _print(result: dict) -> None:
    """Print what was measured, overall, by class and by days since trigger."""
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
    by_class = table("class", "n", *(key.replace("_", " ") for key in _PER_CLASS))
    for label, figures in result["per_class"].items():
        cells = (_number(figures[key]) for key in _PER_CLASS)
        mark = " (few)" if label in result["few"]["classes"] else ""
        add(by_class, label, f"{figures['n']}{mark}", *cells)
    show(by_class)
    if "days" in result:
        _print_days(result)


def _print_days(result: dict) -> None:
    """Print the scores of light curves cut some days after their triggers."""
    every = {**result["days"], "all": result}
    early = table("day", "confirmed", *(key.replace("_", " ") for key in _EARLY))
    for day, of in every.items():
        confirmed = result["n"] - of.get("trigger_not_confirmed", 0)
        cells = (_with_interval(of[key], of["intervals"][key]) for key in _EARLY)
        add(early, day, f"{confirmed} of {result['n']}", *cells)
    show(early)
    if _SNIA in result["classes"]:
        alone = table("day", f"{_SNIA} against the rest: auroc", "brightness alone")
        for day, figures in every.items():
            of = figures["per_class"][_SNIA]
            cell = _with_interval(of["auroc"], of["intervals"]["auroc"])
            bright = figures["brightness_alone"][_SNIA] if day != "all" else _UNKNOWN
            add(alone, day, cell, _with_interval(bright["auroc"], bright["interval"]))
        show(alone)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _with_interval(value: float | None, ends: list[float | None]) -> str:
    low, high = ends
    if value is None or low is None:
        return _number(value)
    return f"{value:.3f} ({low:.3f} to {high:.3f})"
