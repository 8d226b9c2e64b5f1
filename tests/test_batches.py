"""Batches: every object where it belongs, with little padding, mixed by seed."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from zoo.inputs.inputs import Inputs
from zoo.inputs.padding import pad, side_by_side
from zoo.training.epochs.batches import FINE_LENGTHS, Batches


def inputs(lengths: list[int] | np.ndarray, *, metadata: int = 3) -> Inputs:
    """Row j of object i is `[i + 1, j, 7]`; its metadata inputs are all `i`."""
    lengths = np.asarray(lengths)
    k = len(lengths)
    owner = np.repeat(np.arange(k), lengths)
    step = np.concatenate([np.arange(n) for n in lengths])
    rows = np.stack([owner + 1, step, np.full(len(owner), 7)], axis=1)
    return Inputs(
        light_curve=rows.astype(np.float32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        trigger=np.zeros(k, np.int64),
        metadata=np.tile(np.arange(k, dtype=np.float32)[:, None], (1, metadata)),
        index=np.arange(k) * 2,
        reason=np.full(2 * k, "", dtype=object),
    )


def of(data: Inputs, size: int, **options) -> Batches:
    """Batches whose targets and weights are the number of the object."""
    number = np.arange(len(data), dtype=np.float32)
    return Batches(data, number[:, None], number, size=size, **options)


def epoch(batches: Batches) -> list[np.ndarray]:
    """The objects of every batch, told from the light curves themselves."""
    return [
        batches[i][0]["light_curve"][:, 0, 0].astype(int) - 1
        for i in range(len(batches))
    ]


RAGGED = np.random.default_rng(0).integers(1, 150, 203)


# ---- padding


def test_pad_sets_the_rows_left_and_zeros_right():
    batch = pad(inputs([2, 1, 3]), np.array([2, 1]), 4)
    assert set(batch) == {"light_curve", "metadata"}
    assert batch["light_curve"].dtype == batch["metadata"].dtype == np.float32
    assert batch["light_curve"].tolist() == [
        [[3, 0, 7], [3, 1, 7], [3, 2, 7], [0, 0, 0]],
        [[2, 0, 7], [0, 0, 0], [0, 0, 0], [0, 0, 0]],
    ]
    assert batch["metadata"].tolist() == [[2, 2, 2], [1, 1, 1]]


def test_pad_to_the_longest_needs_no_zeros():
    batch = pad(inputs([2, 1, 3]), np.array([2]), 3)
    assert (batch["light_curve"][..., 2] == 7).all()


def test_pad_without_a_metadata_branch_has_no_metadata():
    assert set(pad(inputs([2, 1], metadata=0), np.array([0]), 2)) == {"light_curve"}


def test_side_by_side_puts_the_rows_of_objects_side_by_side():
    data = inputs([2, 1, 3])
    rows = side_by_side(data.light_curve, data.offsets, np.array([2, 0]), 3)
    assert rows.shape == (3, 2, 3)
    assert_array_equal(rows[:, 0, 0], [3, 3, 3])
    assert_array_equal(rows[:, 1, 1], [0, 1, 1])


# ---- training


@pytest.mark.parametrize(
    ("size", "batches", "used"),
    [(64, 4, 50), (50, 5, 40), (203, 1, 203), (1000, 1, 203), (1, 203, 1)],
)
def test_batches_are_all_of_one_size(size: int, batches: int, used: int):
    got = of(inputs(RAGGED), size, seed=0)
    assert len(got) == batches
    for _ in range(3):
        assert [len(objects) for objects in epoch(got)] == [used] * batches
        got.on_epoch_end()


def test_every_object_is_seen_at_most_once_an_epoch_and_few_are_left_out():
    got = of(inputs(RAGGED), 64, seed=0)
    seen: set[int] = set()
    for _ in range(10):
        objects = np.concatenate(epoch(got))
        assert len(set(objects)) == len(objects) == 200  # 3 of 203, fewer than 4
        seen |= set(objects)
        got.on_epoch_end()
    assert len(seen) == 203  # others are left out in every epoch


def test_epochs_differ_and_the_seed_decides():
    def three(seed: int) -> list[list[int]]:
        got, orders = of(inputs(RAGGED), 32, seed=seed), []
        for _ in range(3):
            orders.append(np.concatenate(epoch(got)).tolist())
            got.on_epoch_end()
        return orders

    first = three(5)
    assert three(5) == first
    assert three(6) != first
    assert first[0] != first[1] != first[2] != first[0]


@pytest.mark.parametrize("seed", range(5))
def test_the_first_two_batches_differ_in_padded_length(seed: int):
    # Keras takes the shape of all batches from the first two.
    got = of(inputs(RAGGED), 16, seed=seed)
    padded = [got[i][0]["light_curve"].shape[1] for i in range(len(got))]
    assert padded[0] == max(padded)
    assert padded[1] == min(padded)
    assert padded[0] != padded[1]


def test_batches_hold_light_curves_of_like_length():
    got = of(inputs(RAGGED), 16, seed=1)
    spread = [np.ptp(RAGGED[objects]) for objects in epoch(got)]
    assert np.median(spread) < 30  # of 149


def test_padded_lengths_are_few_and_enough():
    lengths = [*range(1, 600, 7)]
    got = of(inputs(lengths), 1, seed=0)
    for i in range(len(got)):
        batch = got[i][0]["light_curve"]
        length, padded = int((batch[..., 2] == 7).sum()), batch.shape[1]
        assert padded >= length
        assert padded in FINE_LENGTHS or padded % 256 == 0
        shorter = [x for x in (*FINE_LENGTHS, 512) if x < padded]
        assert not shorter or length > shorter[-1]


@pytest.mark.parametrize("seed", [None, 0])
def test_targets_weights_and_metadata_stay_with_their_object(seed: int | None):
    got = of(inputs(RAGGED), 32, seed=seed)
    for _ in range(2):
        for i in range(len(got)):
            batch, targets, weights = got[i]
            number = batch["light_curve"][:, 0, 0] - 1
            assert_array_equal(targets[:, 0], number)
            assert_array_equal(weights, number)
            assert_array_equal(batch["metadata"][:, 0], number)
        got.on_epoch_end()


def test_without_weights_there_are_two_parts():
    data = inputs([3, 4, 5])
    got = Batches(data, np.eye(3, dtype=np.float32), size=3, seed=0)
    batch, targets = got[0]
    assert_array_equal(targets.argmax(1), batch["light_curve"][:, 0, 0] - 1)


def test_without_a_seed_every_object_is_seen_once_in_every_epoch():
    got = of(inputs(RAGGED), 64)
    assert len(got) == 4
    for _ in range(2):
        objects = np.concatenate(epoch(got))
        assert_array_equal(np.sort(objects), np.arange(203))
        got.on_epoch_end()


def test_augment_varies_the_inputs_in_every_epoch():
    data = inputs(RAGGED)
    before = data.metadata.copy()

    def shift(varied: Inputs, generator: np.random.Generator) -> Inputs:
        return replace(varied, metadata=varied.metadata + generator.integers(1, 10**6))

    changed = of(data, 64, seed=3, augment=shift)
    offset = changed.inputs.metadata - before
    assert offset.min() == offset.max() > 0
    changed.on_epoch_end()
    assert (changed.inputs.metadata - before).min() != offset.min()
    assert_array_equal(data.metadata, before)
    again = of(data, 64, seed=3, augment=shift)
    assert_array_equal(again.inputs.metadata - before, offset)
