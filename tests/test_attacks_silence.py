"""Attacks that used to change a result without a word: each is now said, counted or
refused, or changes nothing."""

import copy
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models import small_model

import zoo
from zoo.light_curves.table import from_tables

BANDS = ("ztfg", "ztfr", "ztfi")
WIDE = {"passbands": BANDS}


@pytest.fixture(scope="module")
def model():
    return small_model(**WIDE)


# Observations at one time.


def at_once(random: np.random.Generator, objects: int) -> pd.DataFrame:
    """Objects whose observations often come two or three at a time, in any order."""
    rows = []
    for number in range(objects):
        nights = np.sort(random.choice(60, random.integers(2, 9), replace=False))
        for night in nights * random.choice([1, 4]):
            for band in random.permutation(BANDS)[: random.integers(1, 4)]:
                flux = random.choice([10.0, 20.0, -80.0, 70.0, 300.0])
                rows.append((f"object-{number}", 60000.5 + night, band, flux, 10.0))
    columns = ["object_id", "mjd", "band", "flux", "flux_err"]
    return pd.DataFrame(rows, columns=columns)


def batch(model, table: pd.DataFrame) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*cannot be classified")
        return zoo.classify(model, table)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.loc[found.index]
    assert found["reason"].tolist() == expected["reason"].tolist()
    np.testing.assert_allclose(found.iloc[:, :-1], expected.iloc[:, :-1], atol=1e-6)


def test_points_of_one_time_pushed_one_by_one_in_any_order(model):
    """After every single push the stream is what `classify` makes of all points."""
    random, compared = np.random.default_rng(0), 0
    for number in range(40):
        table = at_once(random, 1)
        pushed = table.sample(frac=1, random_state=number)
        pushed = pushed.sort_values("mjd", kind="stable")
        stream = zoo.Stream(model)
        for count in range(1, len(pushed) + 1):
            found = stream.push(pushed.iloc[[count - 1]])
            assert_same(found, batch(model, pushed.iloc[:count]))
            compared += 1
        assert (stream.late, stream.repeated) == (0, 0)
    assert compared > 300


def test_points_of_one_time_of_many_objects_in_pushes_of_any_size(model, tmp_path):
    random = np.random.default_rng(1)
    table = at_once(random, 200)
    table = table.sample(frac=1, random_state=0).sort_values("mjd", kind="stable")
    expected = batch(model, table)
    assert 50 < (expected["reason"] == "").sum() < 200
    for pushes in (1, 7, 200):
        stream, said = zoo.Stream(model), []
        for number, rows in enumerate(np.array_split(np.arange(len(table)), pushes)):
            if number == pushes // 2:  # nothing is lost on the way
                path = stream.save(tmp_path / "stream.npz")
                stream = copy.deepcopy(zoo.Stream.restore(path, model))
                assert stream.forget(before=0.0) == 0
            said.append(stream.push(table.iloc[rows]))
        found = pd.concat(said)
        found = found[~found.index.duplicated(keep="last")]
        assert len(found) == len(expected)
        assert_same(found, expected)


def test_a_point_that_joins_the_trigger_may_become_it(model):
    rows = [
        ("a", 60000.0, "ztfr", 10.0, 10.0),
        ("a", 60005.0, "ztfi", 90.0, 10.0),
        ("a", 60005.0, "ztfr", 300.0, 10.0),
        ("a", 60005.0, "ztfg", 60.0, 10.0),
        ("a", 60007.0, "ztfg", 80.0, 10.0),
    ]
    columns = ["object_id", "mjd", "band", "flux", "flux_err"]
    table = pd.DataFrame(rows, columns=columns)
    stream = zoo.Stream(model)
    for count in range(1, len(table) + 1):
        found = stream.push(table.iloc[[count - 1]])
        assert_same(found, batch(model, table.iloc[:count]))
    assert found["reason"].tolist() == [""]


def test_a_point_older_than_the_newest_is_still_late(model):
    table = at_once(np.random.default_rng(3), 1).sort_values("mjd")
    stream = zoo.Stream(model)
    stream.push(table.iloc[[0, -1]])
    stream.push(table.iloc[[1, -1]].assign(mjd=[table["mjd"].iloc[-1] - 1e-6] * 2))
    assert (stream.late, stream.repeated) == (2, 0)


def test_light_curves_in_memory_are_sorted_like_tables(model):
    """The order of rows in memory is that of a table, whoever made the arrays."""
    table = at_once(np.random.default_rng(4), 50)
    light_curves = from_tables(table)
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    mixed = np.lexsort((-light_curves.band, light_curves.mjd, owner))
    assert (mixed != np.arange(len(mixed))).any()

    names = ("mjd", "flux", "flux_err", "band", "detected")
    columns = {name: getattr(light_curves, name)[mixed] for name in names}
    shuffled = replace(light_curves, **columns)
    pd.testing.assert_frame_equal(batch(model, shuffled), batch(model, table))
