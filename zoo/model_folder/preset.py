"""The preset: everything about a model except its weights.

It travels with the weights as `zoo.json`, so that training, inference and export use
the same preprocessing, and the origin of a model stays with it.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from zoo.inputs.limits import check_names, check_number, check_table, check_text, shown
from zoo.inputs.parameters import Preprocessing

SCHEMA_VERSION = 1
_WIDEST = 4096  # units of a layer, so that a forged preset cannot fill the memory
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_NUMBER = "(0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
_LONGEST_ID = 96  # of a repository of the hub: https://huggingface.co/docs/hub
_LONGEST_PARENT = 300  # org/name@revision
_MOST_ANCESTORS = 1000
_HUGE = 2**63
# Of the training: as text, and how far lists and tables lie in each other.
_LONGEST_TRAINING, _DEEPEST = 1_000_000, 20

COLUMNS_OF_RESULTS = (
    *("object_id", "reason", "novelty", "trust", "mjd", "days_since_trigger"),
)
"""Columns that stand beside those of the classes in what a model predicts."""


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
        check_text("model_id", self.model_id, _LONGEST_ID)
        if not _NAME.fullmatch(self.model_id):
            raise ValueError(
                f"model id {self.model_id!r} is not a name: it must begin with a "
                "letter or digit and hold only letters, digits, '.', '_' and '-'."
            )
        check_text("version", self.version)
        if not _VERSION.fullmatch(self.version):
            raise ValueError(
                f"version {self.version!r} is none: write three numbers, as in 1.2.0."
            )
        self._check_classes()
        if not isinstance(self.architecture, Architecture):
            raise ValueError(f"architecture is {shown(self.architecture)}.")
        if not isinstance(self.preprocessing, Preprocessing):
            raise ValueError(f"preprocessing is {shown(self.preprocessing)}.")
        for name in ("survey", "license", "repository"):
            if getattr(self, name) != "":
                check_text(name, getattr(self, name))
        if self.repository and not _REPOSITORY.fullmatch(self.repository):
            raise ValueError(f"repository {self.repository!r} is not org/name.")
        if self.parent is not None:
            check_text("parent", self.parent, _LONGEST_PARENT)
        if not isinstance(self.ancestors, list | tuple):
            raise ValueError(f"ancestors is {shown(self.ancestors)}, no list of names.")
        if len(self.ancestors) > _MOST_ANCESTORS:
            raise ValueError(
                f"a model with {len(self.ancestors)} ancestors is refused."
            )
        for name in self.ancestors:
            check_text("an ancestor", name, _LONGEST_PARENT)
        _check_training(self.training)

    def _check_classes(self) -> None:
        if not isinstance(self.classes, list | tuple) or not self.classes:
            raise ValueError("classes must be a list of labels, and not empty.")
        if len(self.classes) > _WIDEST:
            raise ValueError(f"classes must be at most {_WIDEST}.")
        check_names("classes", self.classes, "a class")
        if taken := [name for name in self.classes if name in COLUMNS_OF_RESULTS]:
            raise ValueError(
                f"a class cannot be called {taken[0]!r}: a column of the results has "
                "that name. Choose another."
            )

    def replace(self, **changes: Any) -> "Preset":
        """A copy with some attributes changed."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers, ready for JSON."""
        content = _plain(asdict(self))
        if not self.preprocessing.columns:  # which earlier versions do not know
            del content["preprocessing"]["columns"]
        return content

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


def _check_training(training: Any) -> None:
    """Refuse what JSON cannot hold, or more than a card could show."""
    check_table("training", training)
    waiting: list[tuple[Any, int]] = [(training, 0)]
    size = 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, Mapping):
            inner = [*value, *value.values()]
        elif isinstance(value, list | tuple):
            inner = list(value)
        elif value is None or isinstance(value, str | bool):
            inner, size = [], size + len(str(value))
        else:
            check_number("a number in training", value, -_HUGE, _HUGE)
            inner, size = [], size + len(str(value))
        size += len(inner)
        if depth > _DEEPEST or size > _LONGEST_TRAINING:
            raise ValueError(
                f"training holds more than {_LONGEST_TRAINING:,} characters, or lists "
                f"more than {_DEEPEST} deep."
            )
        waiting.extend((item, depth + 1) for item in inner)
    for name in ("data", "command"):
        if not isinstance(training.get(name), str | None):
            raise ValueError(f"{name} of training must be text.")
    if not isinstance(training.get("labels"), int | None):
        raise ValueError("labels of training must be a whole number.")


def _build(kind: type, values: Mapping[str, Any]) -> Any:
    check_table(kind.__name__.lower(), values)
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
