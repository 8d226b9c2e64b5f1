"""Transfer: a new model for another survey that starts from a trained one.

Weights are copied layer by layer, by name and with a check of every shape, never by
order. The source model is left untouched.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from zoo.classifier.head import start_head
from zoo.classifier.layers import (
    AUTO,
    copy_backbone,
    frozen_layers,
    set_trainable,
    trained_layers,
)
from zoo.classifier.network import LightCurveNetwork
from zoo.classifier.report import TransferReport
from zoo.inputs.parameters import Preprocessing
from zoo.taxonomy import TAXONOMIES, resolve_classes

Model = TypeVar("Model", bound=LightCurveNetwork)


def transfer(
    model: Model,
    target: str,
    *,
    classes: str | Sequence[str] | None = None,
    train: str | Sequence[str] = "auto",
    window: tuple[float, float] | None = None,
    metadata: Sequence[str] = (),
    seed: int = 0,
) -> Model:
    """Make a new, compiled model for another survey.

    Args:
        model: the source; it is not changed.
        target: name of the survey, which becomes part of the new model's id.
        classes: classes of the new model (see `zoo.taxonomy.resolve_classes`).
            Default: the taxonomy of the target's name, else the source's classes.
        train: which layers a fit changes: `head` (latent and head), `gru+head`,
            `all`, a list of layer names, or `auto`: the choice that was measured to be
            best, which `zoo.fit` makes; until then that of arXiv 2502.18558, `head` for
            bts, else `gru+head`.
        window: first and last day since trigger that the new model sees. Default: as
            the source. One that is wider than the source's shows it what it has never
            learned from: train with many labels, all layers.
        metadata: further columns of the metadata, such as `["host_mag", "sgscore"]`,
            which become inputs of the metadata branch: the value, in scales from the
            median of the objects that `zoo.fit` trains on, and whether it is known. Any
            value may be missing. Their rows of `metadata_dense` start at zero, so that
            the model predicts what its source does until it is trained, and that layer
            is trained besides those of `train`.
        seed: seed of the head rows of new classes.

    Returns:
        A model whose preset names the source as parent. Its `transfer_report` lists
        what was copied, mapped, new, trainable and frozen.

    Raises:
        ValueError: a layer name is unknown, or no layer would be trained; the window is
            none, or wider than the features of the source can tell; a column of
            `metadata` has a meaning of its own or is an input of the source already, or
            the source has no metadata branch.

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
        preprocessing=_seeing(source.preprocessing.with_columns(metadata), window),
    )
    new = type(model)(preset)
    new.golden = model.golden
    if seen := sorted(set().union(*model.split.values())):
        new.split = {"parent": seen}
    copied = copy_backbone(model, new)
    mapped, fresh = start_head(model, new, seed)
    set_trainable(new, train, target, also=("metadata_dense",) if metadata else ())
    new.transfer_report = TransferReport(
        copied=copied,
        mapped=mapped,
        new=fresh,
        trainable=trained_layers(new),
        frozen=frozen_layers(new),
        auto=train == AUTO,
        columns=tuple(metadata),
    )
    return new


def _seeing(
    preprocessing: Preprocessing, window: tuple[float, float] | None
) -> Preprocessing:
    """Preprocessing with another window, and features that can tell its days apart."""
    if window is None:
        return preprocessing
    first, last = window
    before = preprocessing.window
    features = preprocessing.features
    if first < before[0] or last > before[1]:
        if features not in ("scaled", "long"):
            raise ValueError(
                f"the features {features!r} are made for the window {before[0]:g} to "
                f"{before[1]:g} days. Choose a base with other features, or a window "
                "inside that one."
            )
        features = "long"  # equal to `scaled` up to 70 days
    return replace(preprocessing, window=(first, last), features=features)
