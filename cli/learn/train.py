"""`zoo-cli train` and `zoo-cli transfer`: labelled light curves to a model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import DATA_HELP, Model, Overwrite
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import say

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions
    from zoo.recipe import Recipe
    from zoo.training.run import Outcome

_Out = Annotated[Path, typer.Option(help="Model folder to write.")]
_Window = Annotated[
    str,
    typer.Option(
        metavar="FIRST,LAST",
        help="Days since trigger that the model sees; -1500,1500 with --features long.",
    ),
]
_Seed = Annotated[
    int,
    typer.Option(min=0, help="Seed of the draw, the order and the initial weights."),
]


@reads_data
def train(
    data: Annotated[
        list[str],
        typer.Option(
            help=DATA_HELP + " Repeat it to train on several.",
            autocompletion=completion.data,
        ),
    ],
    out: _Out,
    classes: Annotated[
        str | None,
        typer.Option(
            help="A taxonomy, labels A,B,..., or data for the labels in the table."
        ),
    ] = None,
    features: Annotated[
        str, typer.Option(help="scaled, or paper for those of arXiv 2502.18558.")
    ] = "scaled",
    metadata: Annotated[
        bool, typer.Option(help="Add a metadata branch to the network.")
    ] = True,
    units: Annotated[
        int | None,
        typer.Option(
            min=1, help="Width of the layers; default as in arXiv 2502.18558."
        ),
    ] = None,
    model_id: Annotated[
        str | None, typer.Option("--id", help="Id of the model; default DATA-gru.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the model.")] = "0.0.0",
    seed: _Seed = 0,
    epochs: Annotated[int, typer.Option(min=1, help="Maximum number of epochs.")] = 40,
    window: _Window = "-30,70",
    recipe: Annotated[
        str,
        typer.Option(
            help="zoo: annealed, with light curves thinned at random; photometric: the "
            "same, for photometric redshifts too; paper: that of arXiv 2502.18558."
        ),
    ] = "zoo",
    license: Annotated[
        str, typer.Option(help="SPDX identifier of the weights' licence.")
    ] = "",
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            help="Learn the predictions of this model instead of the labels; repeat it "
            "to learn the mean of several.",
            autocompletion=completion.models,
        ),
    ] = None,
    overwrite: Overwrite = False,
    *,
    options: "ReadOptions",
) -> None:
    """Train a model from scratch.

    A tenth of the objects decides when to stop; the model is measured on another tenth.

    Example: zoo-cli train --data ztfsims --out t
    """
    from zoo.cli.shell.arguments import data_given, data_name, is_simulated, read_data
    from zoo.hub.find import find
    from zoo.inputs.features import FEATURES
    from zoo.inputs.parameters import Preprocessing
    from zoo.light_curves.ragged import concatenate
    from zoo.model_folder.folder import check_out
    from zoo.model_folder.preset import Architecture, Preset
    from zoo.recipe import RECIPES
    from zoo.taxonomy import resolve_classes

    for option, value, known in (
        ("--features", features, FEATURES),
        ("--recipe", recipe, RECIPES),
    ):
        if value not in known:
            raise typer.BadParameter(
                f"choose one of {', '.join(known)}.", param_hint=option
            )
    if RECIPES[recipe].photometric_redshifts and not metadata:
        raise typer.BadParameter(
            f"{recipe} is for models with a metadata branch; omit --no-metadata.",
            param_hint="--recipe",
        )
    check_out(out, overwrite)
    teachers = [find(one) for one in teacher or ()]
    light_curves = concatenate([read_data(one, options) for one in data])
    name = " + ".join(data_name(one) for one in data)
    survey = "multisims" if len(data) > 1 else name.partition("/")[0]
    preset = Preset(
        model_id or f"{survey}-gru",
        resolve_classes(classes or "data", light_curves.labels),
        version=version,
        survey=survey,
        license=license,
        architecture=Architecture() if units is None else Architecture.of(units),
        preprocessing=Preprocessing(
            features=features,
            window=_days(window),
            **_metadata_inputs(metadata, RECIPES[recipe]),
        ),
    )
    import_keras()
    from zoo.training.run import train_model

    outcome = train_model(
        preset,
        light_curves,
        name=name,
        recipe=recipe,
        epochs=epochs,
        teachers=teachers,
        simulated=all(is_simulated(one) for one in data),
        seed=seed,
    )
    command = _command(
        "train",
        data=[data_given(one) for one in data],
        classes=",".join(preset.classes) if classes else None,
        features=features,
        window=window
        if preset.preprocessing.window != Preprocessing().window
        else None,
        metadata=metadata,
        units=units,
        recipe=recipe,
        teacher=[one.name for one in teachers],
        seed=seed,
        epochs=epochs,
        id=preset.model_id,
        version=version,
        license=license or None,
    )
    _finish(outcome, command, out, overwrite)


@reads_data
def transfer(
    model: Model,
    target: Annotated[str, typer.Option(help="Name of your survey.")],
    out: _Out,
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
        int, typer.Option(min=100, help="Objects to simulate. (--survey)")
    ] = 5000,
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
    seed: _Seed = 0,
    overwrite: Overwrite = False,
    *,
    options: "ReadOptions",
) -> None:
    """Transfer a model to your survey with a few labels.

    With --survey the model first learns the survey from simulated light curves; labels
    then decide whether that is kept, and without --data no label is needed.

    Example: zoo-cli transfer ztfsims-gru --target bts --data bts --labels 100 --out m
    """
    from zoo.cli.learn.adapt import adapt, adapt_and_transfer, refuse_without_labels
    from zoo.cli.shell.arguments import data_given, data_name, read_data
    from zoo.hub.find import find
    from zoo.model_folder.folder import check_out

    if labels != "all" and not labels.isdigit():
        raise typer.BadParameter(
            f"{labels!r} must be a number or all.", param_hint="--labels"
        )
    if from_scratch and (train != "auto" or survey is not None):
        other = "--survey" if survey is not None else "--train"
        raise typer.BadParameter(
            f"--from-scratch trains every layer; omit {other}.", param_hint=other
        )
    if data is None:
        for_labels = {
            "--labels": labels != "all",
            "--train": train != "auto",
            "--metadata": metadata is not None,
        }
        refuse_without_labels(survey, for_labels)
    check_out(out, overwrite)
    found = find(model)
    columns = [] if metadata is None else metadata.split(",")
    preset = found.folder.preset
    preset = preset.replace(preprocessing=preset.preprocessing.with_columns(columns))
    light_curves = None
    if data is not None:
        light_curves = read_data(data, options, models=[preset])

    import_keras()
    from zoo.classifier.layers import AUTO, TRAIN
    from zoo.training.run import transfer_model

    common: dict[str, Any] = {
        "classes": classes,
        "window": None if window is None else _days(window),
        "seed": seed,
    }
    if light_curves is not None:
        common |= {
            "name": data_name(data),
            "labels": None if labels == "all" else int(labels),
            "train": train if train in {AUTO, *TRAIN} else train.split(","),
            "metadata": columns,
        }
    start, lines = found.name, []
    if survey is None:
        outcome = transfer_model(
            *(found, target, light_curves), from_scratch=from_scratch, **common
        )
    elif light_curves is None:
        outcome, lines = adapt(found, target, survey, survey_objects, **common)
    else:
        outcome, lines, start = adapt_and_transfer(
            *(found, target, light_curves, survey, survey_objects), **common
        )
    from zoo.cli.learn.described import columns_told, compared, copied_and_trained

    new = outcome.model
    command = _command(
        f"transfer {found.name}",
        target=target,
        data=None if data is None else data_given(data),
        survey=None if survey is None else data_given(survey),
        survey_objects=None if survey is None else survey_objects,
        classes=",".join(new.preset.classes),
        labels=None if data is None else labels,
        train=None if data is None else train,
        window=window,
        metadata=metadata,
        seed=seed,
        from_scratch=from_scratch or None,
    )
    if new.transfer_report is not None:
        say(*copied_and_trained(new.transfer_report))
    say(*lines)
    if light_curves is not None:
        say(*columns_told(light_curves, new.preset.preprocessing))
    say(*compared(outcome.report, start))
    _finish(outcome, command, out, overwrite)


def _metadata_inputs(metadata: bool, recipe: "Recipe") -> dict:
    """What the metadata branch sees: errors of redshifts where they are learned."""
    from zoo.inputs.parameters import Preprocessing

    if not metadata:
        return {"metadata": ()}
    usual = Preprocessing()
    if not recipe.photometric_redshifts:
        return {"metadata": usual.metadata}
    return {
        "metadata": ("redshift", "redshift_known", "redshift_err", "mwebv"),
        "metadata_fill": {**usual.metadata_fill, "redshift_err": 0.0},
    }


def _days(window: str) -> tuple[float, float]:
    """The first and last day of a window."""
    try:
        first, last = map(float, window.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{window!r} must be the first and the last day since trigger, such as "
            "-30,70.",
            param_hint="--window",
        ) from None
    return first, last


def _command(command: str, **options: object) -> str:
    """The command line that repeats this, for the card; an option of None is left out.

    Example:
        >>> _command("train", data=["a", "b"], metadata=False, seed=0, units=None)
        'zoo-cli train --data a --data b --no-metadata --seed 0'
    """
    words = [f"zoo-cli {command}"]
    for option, value in options.items():
        name = option.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        elif value is not None:
            values = value if isinstance(value, list) else [value]
            words += [f"--{name} {one}" for one in values]
    return " ".join(words)


def _finish(outcome: "Outcome", command: str, out: Path, overwrite: bool) -> None:
    """Write the model's folder, with the command that made it, and print the scores."""
    import zoo
    from zoo.evaluation.words import cautions

    model, report, metrics = outcome.model, outcome.report, outcome.metrics
    training = {**model.preset.training, "command": command}
    model.preset = model.preset.replace(training=training)
    zoo.save(model, out, metrics=metrics, split=outcome.split, overwrite=overwrite)
    say(
        f"{out}: {model.preset.model_id}, {report.objects} objects, {report.epochs} "
        f"epochs, {report.seconds:.0f} s"
    )
    low, high = metrics["intervals"]["macro_auroc"]
    if metrics["macro_auroc"] is not None:
        say(
            f"macro AUROC {metrics['macro_auroc']:.3f} ({low:.3f} to {high:.3f}), "
            f"macro F1 {metrics['macro_f1']:.3f}, on {metrics['n']} objects of "
            f"{metrics['data']}"
        )
    for sentence in cautions(metrics):
        say(sentence)
