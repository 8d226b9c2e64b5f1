"""What a transferred model will be, known from its source without Keras."""

from collections.abc import Sequence
from dataclasses import replace

from zoo.inputs.parameters import Preprocessing
from zoo.model_folder.preset import Preset
from zoo.taxonomy import TAXONOMIES, resolve_classes


def target_preset(
    source: Preset,
    name: str,
    target: str,
    *,
    classes: str | Sequence[str] | None = None,
    window: tuple[float, float] | None = None,
    metadata: Sequence[str] = (),
    model_id: str | None = None,
    version: str = "0.0.0",
    license: str | None = None,
) -> Preset:
    """The preset of a model that starts from another one.

    Args:
        source: preset of that one.
        name: its `id@revision`, which becomes the parent.
        target, classes, window, metadata, model_id, version, license: as for
            `zoo.classifier.transfer.transfer`.

    Raises:
        ValueError: as that.

    Example:
        >>> source = Preset("a-gru", ("SNIa", "AGN"))
        >>> target_preset(source, "a-gru@v1.0.0", "b").model_id
        'b-gru'
    """
    if classes is None:
        classes = TAXONOMIES.get(target, source.classes)
    return source.replace(
        model_id=model_id or f"{target}-{source.model_id.partition('-')[2] or 'gru'}",
        classes=resolve_classes(classes),
        version=version,
        license=source.license if license is None else license,
        survey=target,
        training={},
        repository="",
        parent=name,
        ancestors=(source.parent, *source.ancestors) if source.parent else (),
        preprocessing=_seeing(source.preprocessing.with_columns(metadata), window),
    )


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
