"""Splits and label budgets: exact counts, every class, by seed."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from zoo.training.labels.stratified import draw_labels, stratified_split

REAL = np.repeat([0, 1, 2, 3, 4], [1691, 28, 65, 101, 48])  # ztf_real, in order
SMALL = np.random.default_rng(0).permutation(np.repeat([0, 1, 7], [12, 5, 1]))


@pytest.mark.parametrize("count", [5, 6, 10, 100, 399, 1000, 1932, 1933])
def test_a_budget_is_exact_sorted_unique_and_holds_every_class(count: int):
    got = draw_labels(REAL, count, seed=3)
    assert len(got) == count
    assert (np.diff(got) > 0).all()
    assert 0 <= got[0] and got[-1] < len(REAL)
    assert set(REAL[got]) == set(range(5))


def test_a_budget_is_in_proportion():
    sizes = np.bincount(REAL)
    drawn = np.bincount(REAL[draw_labels(REAL, 400, seed=0)])
    assert (abs(drawn - 400 * sizes / sizes.sum()) < 1).all()


def test_the_smallest_budget_is_one_of_each_class():
    assert np.bincount(REAL[draw_labels(REAL, 5, seed=0)]).tolist() == [1] * 5


@pytest.mark.parametrize("count", [0, 4, 1934])
def test_a_budget_that_cannot_be_drawn_is_refused(count: int):
    with pytest.raises(ValueError) as refusal:
        draw_labels(REAL, count, seed=0)
    assert str(refusal.value) == (
        f"{count} labels cannot be drawn from 1933 labelled objects of 5 classes. "
        "Choose between 5 and 1933."
    )


@pytest.mark.parametrize(
    ("classes", "fraction", "aside"),
    [
        (REAL, 0.1, 193),
        (REAL, 0.5, 966),
        (REAL, 0.0, 0),
        (SMALL, 0.1, 2),
        (SMALL, 0.5, 9),
        (SMALL, 0.9, 15),  # one of each of the three classes is kept
        (SMALL, 1.0, 15),
        (np.array([4]), 0.5, 0),
        (np.array([], int), 0.5, 0),
    ],
)
def test_a_split_is_exact_disjoint_and_whole(
    classes: np.ndarray, fraction: float, aside: int
):
    kept, held = stratified_split(classes, fraction, seed=1)
    assert len(held) == aside
    assert_array_equal(np.sort(np.concatenate([kept, held])), np.arange(len(classes)))
    assert (np.diff(kept) > 0).all()
    assert (np.diff(held) > 0).all()
    assert set(classes[kept]) == set(classes)


def test_a_split_is_in_proportion():
    _, held = stratified_split(REAL, 0.2, seed=5)
    drawn = np.bincount(REAL[held], minlength=5)
    assert (abs(drawn - 0.2 * np.bincount(REAL)) < 1).all()


def test_same_seed_same_objects_other_seed_other_objects():
    assert_array_equal(draw_labels(REAL, 100, 7), draw_labels(REAL, 100, 7))
    assert set(draw_labels(REAL, 100, 7)) != set(draw_labels(REAL, 100, 8))
    first, again = stratified_split(REAL, 0.1, 7), stratified_split(REAL, 0.1, 7)
    assert_array_equal(first[1], again[1])
    assert set(first[1]) != set(stratified_split(REAL, 0.1, 8)[1])


def test_objects_are_drawn_evenly_within_a_class():
    counts = np.zeros(len(SMALL))
    for seed in range(600):
        counts[draw_labels(SMALL, 6, seed)] += 1
    # Shares of 6 among 12, 5 and 1 objects, at least one each: 4, 1 and 1.
    for label, chance in ((0, 4 / 12), (1, 1 / 5), (7, 1)):
        assert counts[SMALL == label] / 600 == pytest.approx(chance, abs=0.08)
