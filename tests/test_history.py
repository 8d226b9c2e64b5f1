"""What a model says as points arrive is what it says of the shorter light curve."""

from dataclasses import replace

import numpy as np
import pytest
from models import labelled, small_model

from zoo.inference.history import history
from zoo.light_curves import LightCurves
from zoo.light_curves.table import from_tables


def shortened(one: LightCurves, mjd: float) -> LightCurves:
    photometry, metadata = one.to_tables()
    return from_tables(photometry[photometry["mjd"] <= mjd], metadata)


def test_every_row_is_what_the_model_says_of_the_light_curve_until_then():
    model = small_model()
    one = labelled(1).take([0])
    table = history(model, one)
    classes = list(model.preset.classes)
    for number in (0, len(table) // 2, len(table) - 1):
        row = table.iloc[number]
        said = model.classify(shortened(one, row["mjd"]))
        np.testing.assert_allclose(
            row[classes].to_numpy(float), said[classes].to_numpy(float)[0], atol=1e-6
        )


def test_it_begins_with_the_detection_that_confirms_the_trigger():
    model = small_model()
    one = labelled(1).take([0])
    table = history(model, one)
    first, second = np.flatnonzero(one.detected)[:2]
    assert table["mjd"].iloc[0] == one.mjd[second]
    assert table["days_since_trigger"].iloc[0] == one.mjd[second] - one.mjd[first]


def test_observations_after_the_window_add_nothing():
    model = small_model(window=(-30.0, 20.0))
    table = history(model, labelled(1).take([0]))
    assert table["days_since_trigger"].max() <= 20


def test_a_confirmation_after_the_window_gives_its_last_row():
    model = small_model(window=(-30.0, 1.0))
    one = labelled(1).take([0])
    detected = np.zeros(len(one.mjd), bool)
    detected[[10, 20]] = True
    table = history(model, replace(one, detected=detected))
    assert len(table) == 1


def test_an_object_without_a_trigger_is_refused():
    one = labelled(1).take([0])
    never = replace(one, detected=np.zeros(len(one.mjd), bool))
    with pytest.raises(ValueError, match="'golden-0-0' has no trigger: no detection"):
        history(small_model(), never)


def test_several_objects_are_refused():
    with pytest.raises(ValueError, match="give one object, not 8"):
        history(small_model(), labelled(1))
