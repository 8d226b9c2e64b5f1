"""`zoo-cli transfer`: a model and a few labels to a model of your survey."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.learn.outcome import (
    License,
    ModelId,
    Out,
    Seed,
    Version,
    command_line,
    days,
    finish,
)
from zoo.cli.shell import completion
from zoo.cli.shell.arguments import (
    DATA_HELP,
    Model,
    Overwrite,
    Where,
    check_where,
)
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import say

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions

_OBJECTS = 5000


@reads_data
def transfer(
    model: Model,
    target: Annotated[str, typer.Option(help="Name of your survey.")],
    out: Out,
    data: Annotated[
        str | None,
        typer.Option(
            help=f"{DATA_HELP} Optional with --survey.", autocompletion=completion.data
        ),
    ] = None,
    survey: Annotated[
        str | None,
        typer.Option(
            help="Adapt the model to this survey first, which is simulated: FILE.toml, "
            "or a name that `zoo-cli survey list` lists.",
            autocompletion=completion.survey_files,
        ),
    ] = None,
    survey_objects: Annotated[
        int | None,
        typer.Option(
            min=100, help=f"Objects to simulate; default: {_OBJECTS}. (--survey)"
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="A taxonomy, labels A,B,..., or data for those present; default: the "
            "taxonomy of the target's name, else the model's classes."
        ),
    ] = None,
    labels: Annotated[
        str,
        typer.Option(help="Number of objects to learn from, drawn by seed, or all."),
    ] = "all",
    train: Annotated[
        str, typer.Option(help="Layers to train: auto, head, gru+head, all, or A,B.")
    ] = "auto",
    window: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST,LAST",
            help="Days since trigger that the new model sees; default: as the model.",
        ),
    ] = None,
    metadata: Annotated[
        str | None,
        typer.Option(help="Further columns A,B,... of the metadata to take up."),
    ] = None,
    from_scratch: Annotated[
        bool,
        typer.Option("--from-scratch", help="Fresh weights, for comparison."),
    ] = False,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of epochs.")
    ] = None,
    model_id: ModelId = None,
    version: Version = "0.0.0",
    license: License = None,
    where: Where = None,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    *,
    options: "ReadOptions",
    reading: dict[str, Any],
) -> None:
    """Transfer a model to your survey with a few labels.

    With --survey the model first learns the survey from simulated light curves; labels
    then decide whether that is kept, and without --data no label is needed.

    Example: zoo-cli transfer ztfsims-gru --target bts --data bts --labels 100 --out m
    """
    from zoo.classifier.target import target_preset
    from zoo.cli.learn.adapt import adapt, adapt_and_transfer, refuse_without_labels
    from zoo.cli.shell.arguments import data_given, data_name, read_data
    from zoo.hub.find import find
    from zoo.light_curves.photometry import DEFAULT
    from zoo.model_folder.folder import check_out
    from zoo.taxonomy import resolve_classes
    from zoo.training.labels.stratified import label_budget

    if labels != "all" and not labels.isdigit():
        raise typer.BadParameter(
            f"{labels!r} must be a number or all.", param_hint="--labels"
        )
    if from_scratch and (train != "auto" or survey is not None):
        other = "--survey" if survey is not None else "--train"
        raise typer.BadParameter(
            f"--from-scratch trains every layer; omit {other}.", param_hint=other
        )
    if survey is None and survey_objects is not None:
        raise typer.BadParameter("needs --survey.", param_hint="--survey-objects")
    simulate = _OBJECTS if survey_objects is None else survey_objects
    if data is None:
        for_labels = {
            "--labels": labels != "all",
            "--train": train != "auto",
            "--metadata": metadata is not None,
            "--where": where is not None,
            "--zeropoint, --passbands, --bands and --format": options != DEFAULT,
        }
        refuse_without_labels(survey, for_labels)
    check_where(where)
    check_out(out, overwrite)
    found = find(model)
    columns = [] if metadata is None else metadata.split(",")
    number = None if labels == "all" else int(labels)
    sees = None if window is None else days(window)
    own = {"model_id": model_id, "version": version, "license": license}
    preset = found.folder.preset
    preset = preset.replace(preprocessing=preset.preprocessing.with_columns(columns))
    light_curves, named = None, classes
    if data is not None:
        light_curves = read_data(data, options, models=[preset])
        if where is not None:
            light_curves = light_curves.where(where)
        named = classes and resolve_classes(classes, light_curves.labels)
        preset = target_preset(
            *(found.folder.preset, found.name, target),
            classes=named,
            window=sees,
            metadata=columns,
            **own,
        )
        label_budget(preset, light_curves, number, seed)  # before Keras is imported

    import_keras()
    from zoo.classifier.layers import AUTO, TRAIN
    from zoo.training.transfer_model import transfer_model

    common: dict[str, Any] = {
        **{"classes": named, "window": sees, "epochs": epochs, "seed": seed},
        **own,
    }
    if light_curves is not None:
        common |= {
            "name": data_name(data),
            "labels": number,
            "train": train if train in {AUTO, *TRAIN} else train.split(","),
            "metadata": columns,
            "where": where,
        }
    start, lines = found.name, []
    if survey is None:
        outcome = transfer_model(
            *(found, target, light_curves), from_scratch=from_scratch, **common
        )
    elif light_curves is None:
        outcome, lines = adapt(found, target, survey, simulate, **common)
    else:
        outcome, lines, start = adapt_and_transfer(
            *(found, target, light_curves, survey, simulate), **common
        )
    from zoo.cli.learn.described import columns_told, compared, copied_and_trained

    new = outcome.model
    command = command_line(
        f"transfer {found.name}",
        target=target,
        data=None if data is None else data_given(data),
        survey=None if survey is None else data_given(survey),
        survey_objects=None if survey is None else simulate,
        classes=",".join(new.preset.classes),
        labels=None if data is None else labels,
        train=None if data is None else train,
        window=window,
        metadata=metadata,
        seed=seed,
        from_scratch=from_scratch or None,
        epochs=epochs,
        id=model_id,
        version=None if version == "0.0.0" else version,
        license=license,
        where=where,
        **reading,
    )
    if new.transfer_report is not None:
        say(*copied_and_trained(new.transfer_report))
    say(*lines)
    if light_curves is not None:
        say(*columns_told(light_curves, new.preset.preprocessing))
    say(*compared(outcome.report, start))
    finish(outcome, command, out, overwrite)
