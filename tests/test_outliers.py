"""Novelty: what was never seen scores higher than what was."""

from dataclasses import replace

import numpy as np
import pytest
from models import labelled, small_model

import zoo
from zoo.datasets.simulator import simulate
from zoo.inference.parts import classify_parts
from zoo.inference.runtime import Runtime
from zoo.inference.tally import Tally
from zoo.light_curves import concatenate
from zoo.light_curves.table import Part

NEVER_SEEN = ("KN", "CaRT", "ILOT", "PISN", "uLens")


def simulated(objects: int, seed: int, classes=None):
    return concatenate(
        list(simulate("ztfsims", objects=objects, seed=seed, classes=classes))
    )


@pytest.fixture(scope="module")
def model():
    return zoo.load("ztfsims-gru")


def test_classes_never_seen_score_higher(model):
    usual = model.novelty(simulated(300, 901))["novelty"]
    with pytest.warns(UserWarning, match="redshift is 0, .* in 60 of 300"):  # uLens
        strange = model.novelty(simulated(300, 902, NEVER_SEEN))["novelty"]
    won = (strange.to_numpy()[:, None] > usual.to_numpy()).mean()
    assert won > 0.75  # the AUROC; 0.82 with 3,000 objects a side


def test_what_travels_with_the_model_is_usual(model):
    score = model.novelty(model.reference())["novelty"]
    # Every one of them is its own nearest neighbour.
    assert score.median() < 0


def test_objects_without_a_trigger_keep_their_row(model):
    light_curves = labelled(1)
    detected = light_curves.detected.copy()
    detected[: light_curves.lengths[0]] = False
    with pytest.warns(UserWarning, match="1 of 8 objects cannot be classified"):
        table = model.novelty(replace(light_curves, detected=detected))
    assert np.isnan(table["novelty"].iloc[0]) and table["reason"].iloc[0]
    assert np.isfinite(table["novelty"].iloc[1:]).all()


def test_a_part_in_which_no_object_has_a_trigger_is_no_error():
    bright = labelled(1)
    dim = replace(
        bright, object_id=bright.object_id + "-dim", detected=bright.detected & False
    )
    runtime, tally = Runtime.load("ztfsims-gru"), Tally()
    parts = [Part(dim), Part(bright)]
    first, second = classify_parts(runtime, parts, tally, novelty=True)
    assert first["novelty"].isna().all() and first["reason"].all()
    np.testing.assert_array_equal(
        second["novelty"], zoo.novelty(runtime, bright)["novelty"]
    )


def test_a_transfer_inherits_what_is_usual(model):
    moved = model.transfer("bts")
    assert len(moved.novelty(labelled(1))) == 8


def test_a_model_that_carries_too_little_is_refused():
    with pytest.raises(ValueError, match="has 8 golden light curves; novelty needs 50"):
        small_model().novelty(labelled(1))
