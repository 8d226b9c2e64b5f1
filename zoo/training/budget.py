"""Which labelled objects to learn from, and which to measure on."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from zoo.classifier.network import LightCurveNetwork
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.examples import SPLIT_COLUMN
from zoo.light_curves.ragged import LightCurves
from zoo.training.labelled import class_codes
from zoo.training.stratified import (
    VALIDATION_FRACTION,
    Parts,
    draw_labels,
    stratified_split,
)

TEST_FRACTION = 0.1


def parts(model: LightCurveNetwork, light_curves: LightCurves, seed: int) -> Parts:
    """Split into train, validation and test: the builder's own split where there is
    one, else 80/10/10 of every class.

    Raises:
        ValueError: only some of the objects have such a split.
    """
    usable, codes = _usable(model, light_curves)
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
        return Parts(train, validation, test)
    kept, test = stratified_split(codes, TEST_FRACTION, seed)
    inner = VALIDATION_FRACTION / (1 - TEST_FRACTION)
    train, validation = stratified_split(codes[kept], inner, seed)
    return Parts(usable[kept][train], usable[kept][validation], usable[test])


def label_budget(
    model: LightCurveNetwork,
    light_curves: LightCurves,
    labels: int | None,
    seed: int,
    *,
    seen: Collection[str] = (),
) -> Parts:
    """Draw a budget of labelled objects, a tenth of them for validation.

    Args:
        model: the model to train; its classes must include every label.
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
    usable, codes = _usable(model, light_curves)
    test = np.zeros(len(usable), bool)
    if SPLIT_COLUMN in light_curves.metadata:
        test = light_curves.metadata[SPLIT_COLUMN].to_numpy(object)[usable] == "test"
    pool = np.flatnonzero(~test)
    count = len(pool) if labels is None else labels
    drawn = pool[draw_labels(codes[pool], count, seed)]
    train, validation = stratified_split(codes[drawn], VALIDATION_FRACTION, seed)
    rest = np.flatnonzero(test) if test.any() else np.setdiff1d(pool, drawn)
    rest = rest[~pd.Index(light_curves.object_id[usable[rest]]).isin(list(seen))]
    return Parts(usable[drawn][train], usable[drawn][validation], usable[rest])


def _usable(
    model: LightCurveNetwork, light_curves: LightCurves
) -> tuple[np.ndarray, np.ndarray]:
    """Objects with a label and a trigger, and their classes."""
    codes = class_codes(light_curves, model.preset.classes)
    trigger = trigger_rows(light_curves, model.preset.preprocessing.pair_days)
    usable = np.flatnonzero((codes >= 0) & (trigger >= 0))
    return usable, codes[usable]
