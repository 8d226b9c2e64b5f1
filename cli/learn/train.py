"""`zoo-cli train`: labelled light curves to a new model."""

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
    Overwrite,
    Where,
    check_choice,
    check_where,
)
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.read_options import reads_data

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions
    from zoo.recipe import Recipe

_Window = Annotated[
    str,
    typer.Option(
        metavar="FIRST,LAST",
        help="Days since trigger that the model sees; -1500,1500 with --features long.",
    ),
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
    out: Out,
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
    model_id: ModelId = None,
    version: Version = "0.0.0",
    seed: Seed = 0,
    epochs: Annotated[int, typer.Option(min=1, help="Maximum number of epochs.")] = 40,
    window: _Window = "-30,70",
    recipe: Annotated[
        str,
        typer.Option(
            help="zoo: annealed, with light curves thinned at random; photometric: the "
            "same, for photometric redshifts too; paper: that of arXiv 2502.18558."
        ),
    ] = "zoo",
    license: License = None,
    where: Where = None,
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
    reading: dict[str, Any],
) -> None:
    """Train a model from scratch.

    A tenth of the objects decides when to stop; the model is measured on another tenth.

    Objects that a --teacher was trained on are not measured on: to have some left, give
    all models one split, in a metadata column zoo_split of train, validation and test.

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

    check_choice(features, FEATURES, "--features")
    check_choice(recipe, RECIPES, "--recipe")
    if RECIPES[recipe].photometric_redshifts and not metadata:
        raise typer.BadParameter(
            f"{recipe} is for models with a metadata branch; omit --no-metadata.",
            param_hint="--recipe",
        )
    check_where(where)
    check_out(out, overwrite)
    teachers = [find(one) for one in teacher or ()]
    models = [one.folder.preset for one in teachers]
    light_curves = concatenate([read_data(one, options, models=models) for one in data])
    if where is not None:
        light_curves = light_curves.where(where)
    name = " + ".join(data_name(one) for one in data)
    survey = "multisims" if len(data) > 1 else name.partition("/")[0]
    preset = Preset(
        model_id or f"{survey}-gru",
        resolve_classes(classes or "data", light_curves.labels),
        version=version,
        survey=survey,
        license=license or "",
        architecture=Architecture() if units is None else Architecture.of(units),
        preprocessing=Preprocessing(
            features=features,
            window=days(window),
            **_metadata_inputs(metadata, RECIPES[recipe]),
        ),
    )
    import_keras()
    from zoo.training.train_model import train_model

    outcome = train_model(
        preset,
        light_curves,
        name=name,
        recipe=recipe,
        epochs=epochs,
        teachers=teachers,
        simulated=all(is_simulated(one) for one in data),
        where=where,
        seed=seed,
    )
    command = command_line(
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
        where=where,
        **reading,
    )
    finish(outcome, command, out, overwrite)


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
