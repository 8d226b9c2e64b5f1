"""Which labelled objects to learn from, and which to measure on.

They are drawn by seed, every class in proportion.
"""

import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zoo.inputs.metadata import Unused
from zoo.inputs.parameters import reads_of
from zoo.inputs.plausibility import Plausibility
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.accept import read
from zoo.light_curves.examples import SPLIT_COLUMN
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.sources.named import data_set
from zoo.model_folder.preset import Preset
from zoo.training.labels.labelled import (
    NO_LABELLED,
    Labelled,
    class_codes,
    labelled_inputs,
    standardised,
    with_passbands,
)

if TYPE_CHECKING:  # which imports Keras
    from zoo.classifier.network import LightCurveNetwork

TEST_FRACTION = 0.1
VALIDATION_FRACTION = 0.1
"""Of the objects to learn from; arXiv 2502.18558 and its code."""


@dataclass(frozen=True)
class Parts:
    """Positions of the objects of each part among the light curves, int64.

    Attributes:
        train: to learn from.
        validation: to decide when to stop.
        test: to measure on; empty where every object is used for training.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def parts(
    preset: Preset,
    light_curves: LightCurves,
    seed: int,
    *,
    seen: Collection[str] = (),
) -> Parts:
    """Split into train, validation and test: the builder's own split where there is
    one, else 80/10/10 of every class.

    Args:
        preset: of the model to train; its classes must include every label.
        light_curves: those to split.
        seed: same seed, same split.
        seen: ids of objects that a teacher was trained on, which are not measured on.

    Raises:
        ValueError: only some of the objects have such a split, or none has a label and
            a trigger.
    """
    usable, codes = _usable(preset, light_curves)
    if SPLIT_COLUMN in light_curves.metadata:
        if unused := light_curves.metadata[SPLIT_COLUMN].isna().sum():
            raise ValueError(
                f"{unused} of the {len(light_curves)} objects have no {SPLIT_COLUMN}, "
                "the others do. Train on surveys or on folders, not on both, or fill "
                "that metadata column with train, validation or test."
            )
        names = light_curves.metadata[SPLIT_COLUMN].to_numpy(object)[usable]
        train, validation, test = (
            usable[names == name] for name in ("train", "validation", "test")
        )
        return Parts(train, validation, _new(light_curves, test, seen))
    kept, test = stratified_split(codes, TEST_FRACTION, seed)
    inner = VALIDATION_FRACTION / (1 - TEST_FRACTION)
    train, validation = stratified_split(codes[kept], inner, seed)
    tested = _new(light_curves, usable[test], seen)
    return Parts(usable[kept][train], usable[kept][validation], tested)


def label_budget(
    preset: Preset,
    light_curves: LightCurves,
    labels: int | None,
    seed: int,
    *,
    seen: Collection[str] = (),
) -> Parts:
    """Draw a budget of labelled objects, a tenth of them for validation.

    Args:
        preset: of the model to train; its classes must include every label.
        light_curves: those of the target survey. Where a builder has split them, its
            test split is never drawn from, and is all that is measured on.
        labels: number of objects to draw, stratified, at least one per class; None:
            all.
        seed: same seed, same objects.
        seen: ids of objects that the source of a transfer was trained on; they may be
            drawn, but are never measured on.

    Raises:
        ValueError: fewer objects are labelled, or `labels` is below the number of
            classes.
    """
    usable, codes = _usable(preset, light_curves)
    test = np.zeros(len(usable), bool)
    if SPLIT_COLUMN in light_curves.metadata:
        test = light_curves.metadata[SPLIT_COLUMN].to_numpy(object)[usable] == "test"
    pool = np.flatnonzero(~test)
    count = len(pool) if labels is None else labels
    drawn = pool[draw_labels(codes[pool], count, seed)]
    train, validation = stratified_split(codes[drawn], VALIDATION_FRACTION, seed)
    rest = np.flatnonzero(test) if test.any() else np.setdiff1d(pool, drawn)
    tested = _new(light_curves, usable[rest], seen)
    return Parts(usable[drawn][train], usable[drawn][validation], tested)


def _new(
    light_curves: LightCurves, objects: np.ndarray, seen: Collection[str]
) -> np.ndarray:
    """Those of some objects, by position, whose ids were not seen."""
    return objects[~pd.Index(light_curves.object_id[objects]).isin(list(seen))]


def _usable(preset: Preset, light_curves: LightCurves) -> tuple[np.ndarray, np.ndarray]:
    """Objects with a label and a trigger, and their classes.

    Raises:
        ValueError: there is none.
    """
    codes = class_codes(light_curves, preset.classes)
    trigger = trigger_rows(light_curves, preset.preprocessing.pair_days)
    usable = np.flatnonzero((codes >= 0) & (trigger >= 0))
    if not len(usable):
        raise ValueError(NO_LABELLED.format(objects=len(light_curves)))
    return usable, codes[usable]


def learned_and_checked(
    model: "LightCurveNetwork",
    data: Any,
    validation: Any,
    seed: int,
    where: str | None = None,
    teachers: "Sequence[LightCurveNetwork]" = (),
) -> tuple[Labelled, Labelled, LightCurves]:
    """The objects to train on, those that decide when to stop, and the light curves
    among which the former are.

    The model's preset takes up the passbands that it will be trained on, and how the
    further columns of the metadata are standardised.
    """
    reads = reads_of(one.preset.preprocessing for one in (model, *teachers))
    light_curves = read(data, split="train", where=where, **reads)
    preset = standardised(with_passbands(model.preset, light_curves), light_curves)
    unused = Unused.of(light_curves, preset.preprocessing)
    for message in (
        *Plausibility.of(light_curves).messages(),
        *unused.messages(preset.model_id),
    ):
        warnings.warn(message, stacklevel=4)
    train = labelled_inputs(light_curves, preset)
    model.preset = preset
    if validation is None and data_set(data) is not None:
        validation = data
    if validation is not None:
        held_out = read(validation, split="validation", where=where, **reads)
        return train, labelled_inputs(held_out, preset), light_curves
    kept, held = stratified_split(train.classes, VALIDATION_FRACTION, seed)
    # A class of one object cannot be split: with no object held out at all, the
    # training objects decide when to stop.
    checks = train.take(held if len(held) else kept)
    return train.take(kept), checks, light_curves


def learned_by(models: "Iterable[LightCurveNetwork]") -> list[str]:
    """Ids of the objects that models have learned from, each once."""
    every = (ids for model in models for ids in model.split.values())
    return list(dict.fromkeys(chain.from_iterable(every)))


def seen_by(
    model: "LightCurveNetwork",
    train: Labelled,
    checks: Labelled,
    teachers: "Sequence[LightCurveNetwork]",
) -> dict[str, list[str]]:
    """The objects that a model has learned from by now, by part, each once."""
    parts = {part: list(ids) for part, ids in model.split.items()}
    known = set().union(*parts.values())
    for part, ids in (
        ("train", train.object_id.tolist()),
        ("validation", checks.object_id.tolist()),
        ("teachers", learned_by(teachers)),
    ):
        if fresh := [one for one in dict.fromkeys(ids) if one not in known]:
            parts.setdefault(part, []).extend(fresh)
            known.update(fresh)
    return parts


def stratified_split(
    classes: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hold out a fraction of the objects, every class in proportion.

    Args:
        classes: int64 `(n,)`, the class of each object.
        fraction: share to hold out; one object of each class is always kept.
        seed: same seed, same split.

    Returns:
        Positions kept and positions held out, each sorted, int64.
    """
    labels, sizes = np.unique(classes, return_counts=True)
    count = min(round(fraction * len(classes)), len(classes) - len(labels))
    held_out = _draw(classes, labels, _share(sizes, count, 0 * sizes, sizes - 1), seed)
    return np.setdiff1d(np.arange(len(classes)), held_out), held_out


def draw_labels(classes: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Draw a stratified budget of labelled objects, at least one of each class.

    Args:
        classes: int64 `(n,)`, the class of each object.
        count: number of objects to draw.
        seed: same seed, same objects.

    Returns:
        int64 `(count,)`, sorted positions.

    Raises:
        ValueError: `count` is above the number of objects or below that of classes.
    """
    labels, sizes = np.unique(classes, return_counts=True)
    if not len(labels) <= count <= len(classes):
        raise ValueError(
            f"{count} labels cannot be drawn from {len(classes)} labelled objects of "
            f"{len(labels)} classes. Choose between {len(labels)} and {len(classes)}."
        )
    share = _share(sizes, count, np.ones_like(sizes), sizes)
    return _draw(classes, labels, share, seed)


def _share(
    sizes: np.ndarray, count: int, least: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """Divide `count` in proportion to `sizes`, between bounds (largest remainder)."""
    exact = sizes * count / max(sizes.sum(), 1)
    share = np.clip(np.floor(exact).astype(np.int64), least, most)
    while share.sum() != count:
        step = 1 if share.sum() < count else -1
        room = share < most if step > 0 else share > least
        share[np.argmax(np.where(room, step * (exact - share), -np.inf))] += step
    return share


def _draw(
    classes: np.ndarray, labels: np.ndarray, share: np.ndarray, seed: int
) -> np.ndarray:
    generator = np.random.default_rng(seed)
    drawn = [
        generator.permutation(np.flatnonzero(classes == label))[:number]
        for label, number in zip(labels, share, strict=True)
    ]
    return np.sort(np.concatenate([np.array([], np.int64), *drawn]))
