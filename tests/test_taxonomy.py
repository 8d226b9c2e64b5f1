"""Taxonomies: where a label or a probability finds its place."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from zoo.labels import LABELS
from zoo.taxonomy import (
    BTS,
    PARENT,
    TAXONOMIES,
    ZTFSIMS,
    class_indices,
    collapse,
    place,
    resolve_classes,
)


def test_taxonomies_are_those_of_the_contract():
    twelve = (
        "SNIa SNIa-91bg SNIax SNIb SNIc SNIc-BL SNII SNIIn SNIIb TDE SLSN-I AGN"
    ).split()
    assert list(TAXONOMIES["ztfsims"]) == list(TAXONOMIES["lsst"]) == twelve
    assert list(TAXONOMIES["bts"]) == ["SNIa", "SNIb/c", "SNII", "SLSN-I", "TDE"]


def test_every_name_in_a_taxonomy_is_canonical():
    assert {*PARENT, *PARENT.values(), *ZTFSIMS, *BTS} <= set(LABELS)


@pytest.mark.parametrize(
    ("label", "classes", "expected"),
    [
        ("SNIa", BTS, "SNIa"),
        ("SNIb", BTS, "SNIb/c"),
        ("SNIc", BTS, "SNIb/c"),
        ("SNIc-BL", BTS, "SNIb/c"),
        ("SNIbn", BTS, "SNIb/c"),
        ("SNIcn", BTS, "SNIb/c"),
        ("SNIIn", BTS, "SNII"),
        ("SNIIb", BTS, "SNII"),
        ("SNIa-91bg", BTS, "SNIa"),
        ("SNIax", BTS, "SNIa"),
        ("AGN", BTS, None),
        ("SLSN-II", BTS, None),
        ("SNIc-BL", ZTFSIMS, "SNIc-BL"),
        ("SNIb/c", ZTFSIMS, None),  # a coarser label never maps down
        ("SNIIn", ("SNII", "SNIIn"), "SNIIn"),  # the finer class wins where listed
        ("AGN", ("SNIa", "other"), "other"),
        ("SNIIn", ("SNII", "other"), "SNII"),
        ("other", ("SNIa", "other"), "other"),
        ("other", BTS, None),
        (None, BTS, None),
        (None, ("SNIa", "other"), None),  # unknown is not `other`
    ],
)
def test_place(label: str | None, classes: tuple[str, ...], expected: str | None):
    assert place(label, classes) == expected


def test_class_indices_tell_unknown_from_without_a_place():
    got = class_indices(["TDE", None, "AGN", "SNIIn", "TDE"], BTS)
    assert got.dtype == np.int64
    assert got.tolist() == [4, -1, -2, 2, 4]
    assert class_indices([None, "AGN"], ("SNIa", "other")).tolist() == [-1, 1]
    assert class_indices([], BTS).tolist() == []


@pytest.mark.parametrize("name", TAXONOMIES)
def test_a_taxonomy_is_given_by_name(name: str):
    assert resolve_classes(name) == TAXONOMIES[name]


@pytest.mark.parametrize(
    "names", [["SN Ia", "SN Ib/c"], ("SNIa", "SNIbc"), "SNIa,SNIb/c", "SN Ia, Ibc"]
)
def test_classes_are_given_in_any_spelling(names: str | list[str]):
    assert resolve_classes(names) == ("SNIa", "SNIb/c")


def test_the_order_of_given_classes_is_kept():
    assert resolve_classes("TDE,other,SNIa") == ("TDE", "other", "SNIa")


def test_data_means_labels_present_in_the_order_of_ztfsims_then_alphabetical():
    labels = ["SNIb/c", "AGN", "KN", None, "SNII", "CV", "SNIa", "SNII", "TDE"]
    wanted = ("SNIa", "SNII", "TDE", "AGN", "CV", "KN", "SNIb/c")
    assert resolve_classes("data", labels) == wanted
    assert resolve_classes("data", labels[::-1]) == wanted


@pytest.mark.parametrize(
    ("names", "labels", "message"),
    [
        (
            "SNIa,SN Ia",
            (),
            "classes ['SNIa', 'SNIa'] name a class twice. List each once.",
        ),
        (["SNII", "IIP"], (), "classes ['SNII', 'SNII'] name a class twice. List each"),
        (
            "SNIa",
            (),
            "a classifier needs at least two classes, not ['SNIa']. Taxonomies: ",
        ),
        ([], (), "a classifier needs at least two classes, not []."),
        (
            "data",
            (),
            "classes 'data' means the labels present, but no object has",
        ),
        ("data", ["TDE", None, "TDE"], "at least two classes, not ['TDE']."),
        (
            "SNIa,,TDE",
            (),
            "classes ['SNIa', '', 'TDE'] contain an empty name. Give canonic",
        ),
        (["SNIa", "nan"], (), "classes ['SNIa', 'nan'] contain an empty name."),
        ("SNIa,SNIz", (), "label 'SNIz' is not a known class. Known: SNIa, "),
        ("BTS", (), "Did you mean 'bts'? Give a taxonomy, or two labels or more."),
        ("Data", ("SNIa",), "'Data' is neither a taxonomy (ztfsims, lsst, bts) nor a"),
    ],
)
def test_classes_that_cannot_be_are_refused(names, labels, message: str):
    with pytest.raises(ValueError) as refusal:
        resolve_classes(names, labels)
    assert message in str(refusal.value)


def test_collapse_sums_and_renormalises():
    # SNIa, 91bg, Iax | Ib, Ic, BL | II, IIn, IIb | TDE | SLSN-I | AGN
    row = [0.1, 0.05, 0.05, 0.1, 0.05, 0.05, 0.1, 0.05, 0.05, 0.1, 0.1, 0.2]
    got = collapse(np.array([row]), ZTFSIMS, BTS)
    assert_allclose(got, [[0.2 / 0.8, 0.2 / 0.8, 0.2 / 0.8, 0.1 / 0.8, 0.1 / 0.8]])


def test_collapse_of_many_rows_sums_to_one():
    rows = np.random.default_rng(0).dirichlet(np.ones(12), 500).astype(np.float32)
    got = collapse(rows, ZTFSIMS, BTS)
    assert got.dtype == np.float64
    assert_allclose(got.sum(1), 1, rtol=1e-12)
    # No class gains from a class that was left out: ratios stay.
    tde, slsn = rows[:, 9].astype(float), rows[:, 10].astype(float)
    assert_allclose(got[:, 4] * slsn, got[:, 3] * tde, rtol=1e-6)


def test_collapse_onto_the_same_classes_changes_nothing():
    rows = np.random.default_rng(1).dirichlet(np.ones(12), 5)
    assert_allclose(collapse(rows, ZTFSIMS, ZTFSIMS), rows, rtol=1e-12)
    order = ZTFSIMS[::-1]
    assert_allclose(collapse(rows, ZTFSIMS, order), rows[:, ::-1], rtol=1e-12)


def test_collapse_gathers_what_has_no_place_in_other():
    row = np.full((1, 12), 1 / 12)
    assert_allclose(collapse(row, ZTFSIMS, ("other", "SNIa")), [[9 / 12, 3 / 12]])


def test_collapse_leaves_out_a_class_that_nothing_maps_to():
    got = collapse(np.array([[0.5, 0.5]]), ("SNIa", "TDE"), BTS)
    assert_array_equal(got, [[0.5, 0, 0, 0, 0.5]])


def test_collapse_of_a_row_wholly_left_out_is_uniform_over_the_reachable():
    rows = np.array([[0.0, 0.0, 1.0], [0.3, 0.1, 0.6]])
    got = collapse(rows, ("SNIa", "TDE", "AGN"), BTS)
    assert_allclose(got, [[0.5, 0, 0, 0, 0.5], [0.75, 0, 0, 0, 0.25]])


def test_collapse_without_a_shared_class_is_refused():
    with pytest.raises(ValueError) as refusal:
        collapse(np.array([[0.5, 0.5]]), ("AGN", "KN"), BTS)
    assert str(refusal.value) == (
        "none of the classes ['AGN', 'KN'] has a place among ['SNIa', 'SNIb/c', "
        "'SNII', 'SLSN-I', 'TDE']. Choose a taxonomy that shares a class with the "
        "model."
    )
