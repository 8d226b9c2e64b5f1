"""`zoo-cli train` and `zoo-cli transfer`: from labelled light curves to a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import DATA_HELP, Data, Model
from zoo.cli.shell.keras_quietly import import_keras

if TYPE_CHECKING:
    from zoo.classifier.report import TransferReport
    from zoo.training.run import Outcome

_Out = Annotated[Path, typer.Option(help="Model folder to write.")]
_Seed = Annotated[
    int, typer.Option(min=0, help="Seed of the draw, the order and the weights.")
]


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
        typer.Option(help="A taxonomy, labels A,B,..., or data for those present."),
    ] = None,
    features: Annotated[
        str, typer.Option(help="scaled, or paper: those of arXiv 2502.18558.")
    ] = "scaled",
    metadata: Annotated[
        bool, typer.Option(help="Give the network a metadata branch.")
    ] = True,
    units: Annotated[
        int | None,
        typer.Option(min=1, help="Width of the layers. Default: arXiv 2502.18558's."),
    ] = None,
    model_id: Annotated[
        str | None, typer.Option("--id", help="Id of the model; default DATA-gru.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the model.")] = "0.0.0",
    seed: _Seed = 0,
    epochs: Annotated[int, typer.Option(min=1, help="At most so many.")] = 40,
    recipe: Annotated[
        str,
        typer.Option(
            help="zoo: annealed, light curves cut short and thinned at random; or "
            "paper: that of arXiv 2502.18558."
        ),
    ] = "zoo",
    license: Annotated[
        str, typer.Option(help="SPDX identifier of the weights' licence.")
    ] = "",
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            help="Learn what this model says instead of the labels; repeat it to learn "
            "the mean of several.",
            autocompletion=completion.models,
        ),
    ] = None,
) -> None:
    """Train a model from scratch.

    A tenth of the objects decides when to stop, another tenth is measured on.

    Example: zoo-cli train --data ztfsims --out t
    """
    from zoo.classifier.load import read_model
    from zoo.cli.shell.arguments import data_given, data_name, is_simulated, read_data
    from zoo.hub.find import find
    from zoo.inputs.features import FEATURES
    from zoo.light_curves.ragged import concatenate
    from zoo.model_folder.folder import refuse_other_content
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
    refuse_other_content(out)
    light_curves = concatenate([read_data(one) for one in data])
    name = " + ".join(data_name(one) for one in data)
    survey = "multisims" if len(data) > 1 else name.partition("/")[0]

    import_keras()
    import keras

    from zoo.classifier.classifier import TransientClassifier
    from zoo.inputs.parameters import Preprocessing
    from zoo.model_folder.preset import Architecture, Preset
    from zoo.training.budget import parts
    from zoo.training.run import fit_and_score, golden_sample

    inputs = Preprocessing().metadata if metadata else ()
    preset = Preset(
        model_id or f"{survey}-gru",
        resolve_classes(classes or "data", light_curves.labels),
        version=version,
        survey=survey,
        license=license,
        architecture=Architecture() if units is None else Architecture.of(units),
        preprocessing=Preprocessing(features=features, metadata=inputs),
    )
    keras.utils.set_random_seed(seed)
    model = TransientClassifier(preset)
    chosen = parts(model, light_curves, seed)
    if all(is_simulated(one) for one in data):
        model.golden = golden_sample(light_curves, chosen, seed)
    teachers = [find(name) for name in teacher or ()]
    sources = " ".join(f"--data {data_given(one)}" for one in data)
    labels = f" --classes {','.join(preset.classes)}" if classes else ""
    width = "" if units is None else f" --units {units}"
    outcome = fit_and_score(
        model,
        light_curves,
        chosen,
        name=name,
        epochs=epochs,
        recipe=RECIPES[recipe],
        teachers=[read_model(one.folder, one.name) for one in teachers],
        seed=seed,
        record={
            "recipe": recipe,
            **({"teachers": [one.name for one in teachers]} if teachers else {}),
            "command": f"zoo-cli train {sources}{labels} --features {features} "
            f"{'--metadata' if metadata else '--no-metadata'}{width} --recipe {recipe} "
            f"{''.join(f'--teacher {one.name} ' for one in teachers)}"
            f"--seed {seed} --epochs {epochs} --id {preset.model_id} "
            f"--version {version}{f' --license {license}' if license else ''}",
        },
    )
    _finish(model, outcome, out)


def transfer(
    model: Model,
    target: Annotated[str, typer.Option(help="Name of your survey.")],
    data: Data,
    out: _Out,
    classes: Annotated[
        str | None,
        typer.Option(
            help="A taxonomy, labels A,B,..., or data for those present; default: the "
            "taxonomy of the target's name, else the model's classes."
        ),
    ] = None,
    labels: Annotated[
        str,
        typer.Option(help="Objects to learn from, drawn by seed: a number, or all."),
    ] = "all",
    train: Annotated[
        str, typer.Option(help="Layers to train: auto, head, gru+head, all, or A,B.")
    ] = "auto",
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Ignore the weights: the baseline.")
    ] = False,
    seed: _Seed = 0,
) -> None:
    """Transfer a model to your survey with a few labels.

    Example: zoo-cli transfer ztfsims-gru --target bts --data bts --labels 100 --out m
    """
    from zoo.classifier.load import read_model
    from zoo.cli.shell.arguments import data_given, data_name, read_data
    from zoo.hub.find import find
    from zoo.model_folder.folder import read_split, refuse_other_content
    from zoo.taxonomy import TAXONOMIES, resolve_classes

    if labels != "all" and not labels.isdigit():
        raise typer.BadParameter(
            f"{labels!r} is neither a number nor all.", param_hint="--labels"
        )
    if from_scratch and train != "auto":
        raise typer.BadParameter(
            "--from-scratch trains every layer; leave --train out.",
            param_hint="--train",
        )
    budget = None if labels == "all" else int(labels)
    refuse_other_content(out)
    found = find(model)
    light_curves = read_data(data)

    import_keras()
    from zoo.classifier.layers import TRAIN
    from zoo.recipe import RECIPES
    from zoo.training.budget import label_budget
    from zoo.training.run import fit_and_score, from_scratch

    base = read_model(found.folder, found.name)
    wanted = classes or TAXONOMIES.get(target, base.preset.classes)
    layers = train if train in {"auto", *TRAIN} else train.split(",")
    new = base.transfer(
        target,
        classes=resolve_classes(wanted, light_curves.labels),
        train=layers,
        seed=seed,
    )
    if from_scratch:
        new = from_scratch(new, seed)
    seen = [] if from_scratch else read_split(found.folder)
    chosen = label_budget(new, light_curves, budget, seed, seen=seen)
    outcome = fit_and_score(
        new,
        light_curves,
        chosen,
        name=data_name(data),
        recipe=RECIPES["scratch" if from_scratch else "transfer"],
        seed=seed,
        record={
            "train": "all" if from_scratch else train,
            "from_scratch": from_scratch,
            "command": f"zoo-cli transfer {base.source} --target {target} "
            f"--data {data_given(data)} --classes {','.join(new.preset.classes)} "
            f"--labels {labels} --train {train} --seed {seed}"
            f"{' --from-scratch' if from_scratch else ''}",
        },
    )
    if new.transfer_report is not None:
        typer.echo(_describe(new.transfer_report))
    if seen:
        outcome.split["parent"] = seen
    _finish(new, outcome, out)


def _describe(report: "TransferReport") -> str:
    """What was copied, kept, new and frozen, in a few lines."""
    kept = (f"{label} from {' + '.join(of)}" for label, of in report.mapped)
    return "\n".join(
        [
            f"copied: {', '.join(report.copied)}",
            f"head: {'; '.join(kept) or 'nothing kept'}",
            f"new classes: {', '.join(report.new) or 'none'}",
            f"trained: {', '.join(report.trainable)}",
            f"frozen: {', '.join(report.frozen) or 'nothing'}",
        ]
    )


def _finish(model, outcome: "Outcome", out: Path) -> None:
    import zoo

    zoo.save(model, out, metrics=outcome.metrics, split=outcome.split)
    report, metrics = outcome.report, outcome.metrics
    typer.echo(
        f"{out}: {model.preset.model_id}, {report.objects} objects, {report.epochs} "
        f"epochs, {report.seconds:.0f} s"
    )
    low, high = metrics["intervals"]["macro_auroc"]
    if metrics["macro_auroc"] is not None:
        typer.echo(
            f"macro AUROC {metrics['macro_auroc']:.3f} ({low:.3f} to {high:.3f}), "
            f"macro F1 {metrics['macro_f1']:.3f}, on {metrics['n']} objects of "
            f"{metrics['data']}"
        )
