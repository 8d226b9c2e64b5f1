"""Transfer: a new model for another survey that starts from a trained one.

Weights are copied layer by layer, by name and with a check of every shape, never by
order. The source model is left untouched.
"""

from collections.abc import Sequence
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
from zoo.classifier.target import target_preset

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
    model_id: str | None = None,
    version: str = "0.0.0",
    license: str | None = None,
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
        model_id: id of the new model. Default: the target, then what follows the survey
            in the source's.
        version: of the new model.
        license: SPDX identifier of the licence of the new weights. Default: that of the
            source.

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
    preset = target_preset(
        model.preset,
        model.source,
        target,
        classes=classes,
        window=window,
        metadata=metadata,
        model_id=model_id,
        version=version,
        license=license,
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
