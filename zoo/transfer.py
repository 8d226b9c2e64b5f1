"""Transfer: a new model for another survey that starts from a trained one.

Weights are copied layer by layer, by name and with a check of every shape, never by
order. The source model is left untouched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import keras

from zoo.head import start_head
from zoo.model_folder.tensors import named_tensors
from zoo.network import BACKBONE_LAYERS, LightCurveNetwork
from zoo.recipe import RECIPES
from zoo.taxonomy import TAXONOMIES, resolve_classes

# arXiv 2502.18558, final runs: latent and output for BTS; both GRUs, latent and output
# for LSST, where training the output alone fails.
TRAIN = {
    "head": ("latent", "head"),
    "gru+head": ("gru_1", "gru_2", "latent", "head"),
    "all": (*BACKBONE_LAYERS, "head"),
}
AUTO = "auto"
_PAPER_CHOICE = {"bts": "head"}
_BEST_CHOICE = "all"
"""With the recipe `transfer` no other choice of layers was better on two real tables,
with 100 labels or more (`benchmarks/README.md`), so the number does not matter."""


@dataclass(frozen=True)
class TransferReport:
    """What `transfer` did; tensors are named `layer/variable`.

    Attributes:
        copied: tensors that equal the source's.
        mapped: classes whose head rows were kept or started from finer classes', as
            (class, source classes).
        new: classes whose head rows were initialised afresh.
        trainable: layers that a fit will change.
        frozen: layers that it will not.
        auto: whether `zoo.fit` is still to choose them, once it knows the labels.
    """

    copied: tuple[str, ...]
    mapped: tuple[tuple[str, tuple[str, ...]], ...]
    new: tuple[str, ...]
    trainable: tuple[str, ...]
    frozen: tuple[str, ...]
    auto: bool = False


Model = TypeVar("Model", bound=LightCurveNetwork)


def transfer(
    model: Model,
    target: str,
    *,
    classes: str | Sequence[str] | None = None,
    train: str | Sequence[str] = "auto",
    seed: int = 0,
) -> Model:
    """Make a new, compiled model for another survey.

    Args:
        model: the source; it is not changed.
        target: name of the survey, which becomes part of the new model's id.
        classes: classes of the new model (see `zoo.taxonomy.resolve_classes`).
            Default: the taxonomy of the target's name, else the source's classes.
        train: which layers a fit changes: `head` (latent and head), `gru+head`,
            `all`, a list of layer names, or `auto`: what was measured to be best, which
            `zoo.fit` decides once it knows the labels; until then the choice of arXiv
            2502.18558, `head` for bts, else `gru+head`.
        seed: seed of the head rows of new classes.

    Returns:
        A model whose preset names the source as parent. Its `transfer_report` says what
        was copied, mapped, new, trainable and frozen.

    Raises:
        ValueError: a layer name is unknown, or no layer would be trained.

    Example:
        >>> import zoo
        >>> lsst = zoo.load("ztfsims-gru").transfer(target="lsst")
        >>> lsst.get_layer("merge_dense").trainable
        False
    """
    source = model.preset
    if classes is None:
        classes = TAXONOMIES.get(target, source.classes)
    wanted = resolve_classes(classes)
    preset = source.replace(
        model_id=f"{target}-{source.model_id.partition('-')[2] or 'gru'}",
        classes=wanted,
        version="0.0.0",
        survey=target,
        training={},
        repository="",
        parent=model.source,
        ancestors=(source.parent, *source.ancestors) if source.parent else (),
    )
    new = type(model)(preset)
    new.golden = model.golden
    copied = copy_backbone(model, new)
    mapped, fresh = start_head(model, new, seed)
    trainable = set_trainable(new, train, target)
    compile_for_training(new, RECIPES["transfer"].learning_rate)
    new.transfer_report = TransferReport(
        copied=copied,
        mapped=mapped,
        new=fresh,
        trainable=trainable,
        frozen=_others(new, trainable),
        auto=train == AUTO,
    )
    return new


def refine(model: LightCurveNetwork) -> None:
    """Choose the layers of a model transferred with `train="auto"`, now that there are
    labels, compile it anew and bring its report up to date.

    Another model stays as it is.
    """
    report = model.transfer_report
    if report is None or not report.auto:
        return
    trainable = set_trainable(model, _BEST_CHOICE)
    compile_for_training(model, RECIPES["transfer"].learning_rate)
    model.transfer_report = replace(
        report, trainable=trainable, frozen=_others(model, trainable), auto=False
    )


def _others(model: keras.Model, trainable: Sequence[str]) -> tuple[str, ...]:
    layers = [layer.name for layer in model.layers if layer.weights]
    return tuple(name for name in layers if name not in trainable)


def copy_backbone(source: keras.Model, target: keras.Model) -> tuple[str, ...]:
    """Copy the weights of every layer but the head, by name.

    Returns:
        Names of the tensors copied.

    Raises:
        ValueError: a tensor is missing in the source, or a shape differs.
    """
    theirs = named_tensors(source)
    copied = []
    for name, mine in named_tensors(target).items():
        if name.startswith("head/"):
            continue
        if name not in theirs:
            raise ValueError(
                f"the source model has no tensor {name!r}; both need the same "
                "branches. Choose a source with the same metadata inputs."
            )
        if mine.shape != theirs[name].shape:
            raise ValueError(
                f"tensor {name} has shape {tuple(mine.shape)}, but "
                f"{tuple(theirs[name].shape)} in the source. Keep the architecture and "
                "the features of the source."
            )
        # Through numpy: on JAX the two models would share one array, which the first
        # step of training gives away.
        mine.assign(theirs[name].numpy())
        copied.append(name)
    return tuple(copied)


def set_trainable(
    model: keras.Model, train: str | Sequence[str], target: str = ""
) -> tuple[str, ...]:
    """Freeze every layer but some, and return the names of these.

    The model must be compiled afterwards: Keras keeps training what was trainable when
    it was compiled, without a word.

    Raises:
        ValueError: a name is not that of a layer with weights, or there is none.
    """
    if train == AUTO:
        train = _PAPER_CHOICE.get(target, "gru+head")
    names = [layer.name for layer in model.layers if layer.weights]
    if isinstance(train, str):
        if train not in TRAIN:
            raise ValueError(
                f"train={train!r} is not known. Use auto, {', '.join(TRAIN)}, or a "
                f"list of layer names: {', '.join(names)}."
            )
        chosen = [name for name in TRAIN[train] if name in names]
    else:
        chosen = list(train)
    if unknown := [name for name in chosen if name not in names]:
        raise ValueError(
            f"the model has no layer(s) {', '.join(unknown)} to train. It has "
            f"{', '.join(names)}."
        )
    if not chosen:
        raise ValueError("train names no layer, so nothing would be trained.")
    for layer in model.layers:
        if layer.weights:
            layer.trainable = layer.name in chosen
    return tuple(name for name in names if name in chosen)


def compile_for_training(model: keras.Model, learning_rate: float) -> None:
    """Compile as arXiv 2502.18558 does: Adam, categorical cross-entropy."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.CategoricalCrossentropy(),
        jit_compile=keras.backend.backend() == "jax",
    )
