"""The layers of a model: copy, freeze, compile."""

import weakref
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zoo.classifier.installed import keras
from zoo.classifier.network import BACKBONE_LAYERS, LightCurveNetwork
from zoo.model_folder.tensors import named_tensors
from zoo.recipe import RECIPES
from zoo.spelling import did_you_mean

# arXiv 2502.18558, final runs: latent and output for BTS; both GRUs, latent and output
# for LSST, where training only the output fails.
TRAIN = {
    "head": ("latent", "head"),
    "gru+head": ("gru_1", "gru_2", "latent", "head"),
    "all": (*BACKBONE_LAYERS, "head"),
}

compiled_here: "weakref.WeakSet[keras.Optimizer]" = weakref.WeakSet()
"""Optimizers whose learning rate nobody chose."""

AUTO = "auto"
_PAPER_CHOICE = {"bts": "head"}  # else gru+head
_BEST_CHOICE = "all"
"""With the recipe `transfer` no other choice of layers was better on two real tables,
with 100 labels or more (`benchmarks/README.md`)."""


def refine(model: LightCurveNetwork) -> None:
    """Choose the layers of a model transferred with `train="auto"`, now that there are
    labels, compile it again and update its report.

    Any other model stays as it is.
    """
    report = model.transfer_report
    if report is None or not report.auto:
        return
    set_trainable(model, _BEST_CHOICE)
    model.transfer_report = replace(
        report, trainable=trained_layers(model), frozen=frozen_layers(model), auto=False
    )


def trained_layers(model: keras.Model) -> tuple[str, ...]:
    """Names of the layers that a fit changes."""
    return tuple(x.name for x in model.layers if x.weights and x.trainable)


def frozen_layers(model: keras.Model) -> tuple[str, ...]:
    """Names of the layers with weights that a fit leaves as they are."""
    return tuple(x.name for x in model.layers if x.weights and not x.trainable)


def copy_backbone(source: keras.Model, target: keras.Model) -> tuple[str, ...]:
    """Copy the weights of every layer except the head, by name.

    A kernel of `metadata_dense` with more rows, those of further columns of the
    metadata, has zeros in them.

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
                f"the source model has no tensor {name!r}: it lacks a branch of the "
                "new model. Choose a source with the same metadata inputs."
            )
        values = theirs[name].numpy()
        if name == "metadata_dense/kernel":
            more = max(mine.shape[0] - len(values), 0)
            values = np.pad(values, ((0, more), (0, 0)))
        if mine.shape != values.shape:
            raise ValueError(
                f"tensor {name} has shape {tuple(mine.shape)} here and "
                f"{tuple(values.shape)} in the source. Keep the architecture and "
                "the features of the source."
            )
        # Through numpy: on JAX the two models would share one array, which the first
        # training step frees.
        mine.assign(values)
        copied.append(name)
    return tuple(copied)


def set_trainable(
    model: keras.Model,
    train: str | Sequence[str],
    target: str = "",
    also: Sequence[str] = (),
) -> None:
    """Freeze every layer except some, and compile the model for a transfer.

    Without that, Keras silently keeps training what was trainable when it was compiled.

    Args:
        model: the model.
        train: the layers to train, as for `transfer`.
        target: name of the survey, which decides where `train` is `auto`.
        also: layers to train besides.

    Raises:
        ValueError: a name is not that of a layer with weights, or there is none.
    """
    if train == AUTO:
        train = _PAPER_CHOICE.get(target, "gru+head")
    names = [layer.name for layer in model.layers if layer.weights]
    if isinstance(train, str):
        if train not in TRAIN:
            raise ValueError(
                f"train={train!r} is not known.{did_you_mean(train, [AUTO, *TRAIN])} "
                f"Use auto, {', '.join(TRAIN)}, or a list of layer names: "
                f"{', '.join(names)}."
            )
        chosen = [name for name in TRAIN[train] if name in names]
    else:
        chosen = list(train)
    if unknown := [name for name in chosen if name not in names]:
        raise ValueError(
            f"the model has no layer {', '.join(unknown)} to train. It has "
            f"{', '.join(names)}.{did_you_mean(unknown[0], [AUTO, *TRAIN, *names])}"
        )
    if not chosen:
        raise ValueError(
            "train names no layer, so nothing would be trained. Name at least one."
        )
    for layer in model.layers:
        if layer.weights:
            layer.trainable = layer.name in chosen or layer.name in also
    compile_for_training(model, RECIPES["transfer"].learning_rate)


def compile_for_training(model: keras.Model, learning_rate: float) -> None:
    """Compile as arXiv 2502.18558 does: Adam, categorical cross-entropy."""
    optimizer = keras.optimizers.Adam(learning_rate)
    compiled_here.add(optimizer)
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(),
        jit_compile=keras.backend.backend() == "jax",
    )
