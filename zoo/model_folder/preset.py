"""The preset: everything about a model except its weights.

It travels with the weights as `zoo.json`, so that training, inference and export use
the same preprocessing, and the origin of a model stays with it.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from zoo.inputs.parameters import Preprocessing

SCHEMA_VERSION = 1
_WIDEST = 4096  # units of a layer, so that a forged preset cannot fill the memory
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Architecture:
    """Widths of the layers; the defaults are the network of arXiv 2502.18558."""

    gru_1: int = 100
    gru_2: int = 100
    light_curve_dense: int = 100
    metadata_dense: int = 10
    merge_dense: int = 100
    latent: int = 100

    @classmethod
    def of(cls, units: int) -> "Architecture":
        """Every layer `units` wide, except that of the metadata."""
        names = {f.name for f in fields(cls)} - {"metadata_dense"}
        return cls(**dict.fromkeys(names, units))

    def __post_init__(self) -> None:
        for name, width in asdict(self).items():
            if type(width) is not int or not 0 < width <= _WIDEST:
                raise ValueError(
                    f"layer {name} has width {width!r}; it must be a number from 1 to "
                    f"{_WIDEST}."
                )


@dataclass(frozen=True)
class Preset:
    """A published architecture, its preprocessing, its classes and its origin.

    Attributes:
        model_id: name of the model, `<survey>-<backbone>`.
        classes: canonical labels in the order of the head.
        version: semantic version, without the `v` of the tag.
        survey: the survey the model is for.
        architecture: widths of the layers.
        preprocessing: how light curves become inputs.
        training: data set and version, seed, number of labels, command.
        parent: `id@revision` of the model this one was transferred from.
        ancestors: the parent's own parent, and so on back to the base.
        license: SPDX identifier of the weights' licence; empty: no one may use them.
        repository: `org/name` where it was published; empty before.
    """

    model_id: str
    classes: tuple[str, ...]
    version: str = "0.0.0"
    survey: str = ""
    architecture: Architecture = Architecture()
    preprocessing: Preprocessing = Preprocessing()
    training: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None
    ancestors: tuple[str, ...] = ()
    license: str = ""
    repository: str = ""

    def __post_init__(self) -> None:
        for name in ("model_id", "version", "survey", "license", "repository"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be text, not {getattr(self, name)!r}.")
        if not self.classes or not all(isinstance(x, str) for x in self.classes):
            raise ValueError("classes must be a list of labels, and not empty.")
        if not _NAME.fullmatch(self.model_id):
            raise ValueError(
                f"model id {self.model_id!r} is not a name: it must begin with a "
                "letter or digit and hold only letters, digits, '.', '_' and '-'."
            )

    def replace(self, **changes: Any) -> "Preset":
        """A copy with some attributes changed."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers, ready for JSON."""
        return _plain(asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Preset":
        """Undo `to_dict`.

        Raises:
            ValueError: an attribute is missing or not known.
        """
        values = dict(data)
        nested = (("architecture", Architecture), ("preprocessing", Preprocessing))
        for name, kind in nested:
            values[name] = _build(kind, values.get(name, {}))
        return _build(cls, values)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return (
        [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value
    )


def _build(kind: type, values: Mapping[str, Any]) -> Any:
    known = {f.name for f in fields(kind)}
    if extra := sorted(set(values) - known):
        raise ValueError(
            f"{kind.__name__.lower()} has unknown entries {extra}; known are "
            f"{sorted(known)}. It may come from a newer zoo: upgrade transient-zoo."
        )
    try:
        return kind(
            **{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{kind.__name__.lower()} is incomplete: {error}.") from None
