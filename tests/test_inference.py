"""classify and embed: order, reasons, warnings, and one path for every input."""

import pickle

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model

import zoo
from zoo.inference.tally import Tally
from zoo.light_curves.folder import write_folder


def test_rows_sum_to_one_in_the_order_of_the_objects():
    model, data = small_model(), labelled(1)
    table = model.classify(*data.to_tables())
    assert table.index.name == "object_id"
    assert list(table.index) == list(data.object_id)
    assert list(table.columns) == [*model.preset.classes, "reason"]
    np.testing.assert_allclose(table.drop(columns="reason").sum(axis=1), 1, atol=1e-6)
    assert (table["reason"] == "").all()


def test_row_order_does_not_matter():
    model = small_model()
    photometry, metadata = labelled(1).to_tables()
    shuffled = photometry.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(
        model.classify(photometry, metadata), model.classify(shuffled, metadata)
    )


def test_the_company_does_not_matter():
    # Batches are padded to their longest; that must not reach a probability.
    model, data = small_model(), labelled(2)
    together = model.classify(data).drop(columns="reason")
    alone = [model.classify(data.take([i])).drop(columns="reason") for i in range(16)]
    np.testing.assert_allclose(together, pd.concat(alone), atol=1e-6)


def test_every_kind_of_data_gives_the_same(tmp_path):
    model, data = small_model(), labelled(1)
    expected = model.classify(data)
    write_folder(data, tmp_path / "table")
    for given in (tmp_path / "table", str(tmp_path / "table"), data.to_tables()):
        pd.testing.assert_frame_equal(zoo.classify(model, given), expected)
    with pytest.raises(ValueError, match="data of type int cannot be read"):
        zoo.classify(model, 3)


def test_metadata_beside_data_that_hold_their_own_are_refused():
    data = labelled(1)
    with pytest.raises(ValueError, match="metadata were given although the data"):
        small_model().classify(data, data.to_tables()[1])


def test_classify_sees_weights_that_changed():
    model, data = small_model(), labelled(1)
    before = model.classify(data)
    model.get_layer("head").bias.assign(np.arange(12.0) - 6)
    after = model.classify(data)
    assert (after["AGN"] > before["AGN"]).all()


def test_metadata_are_optional_and_used():
    model = small_model()
    photometry, metadata = labelled(1).to_tables()
    with_them, without = (
        model.classify(photometry, metadata),
        model.classify(photometry),
    )
    known = metadata["redshift"].notna().to_numpy()
    difference = with_them.drop(columns="reason") - without.drop(columns="reason")
    assert (difference.abs().max(axis=1)[known] > 0).all()
    assert without.notna().all(axis=None)


def test_object_without_trigger_keeps_its_row_with_a_reason():
    model = small_model()
    photometry, metadata = labelled(1).to_tables()
    faint = photometry["object_id"] == "golden-0-0"
    photometry.loc[faint, "detected"] = False
    with pytest.warns(
        UserWarning, match=r"1 of 8 objects cannot be classified \(golden-"
    ):
        table = model.classify(photometry, metadata)
    row = table.loc["golden-0-0"]
    assert row["reason"].startswith(
        "no trigger: no detection with another one within 30"
    )
    assert row.drop("reason").isna().all()
    assert table.drop(index="golden-0-0").notna().all(axis=None)


@pytest.mark.parametrize("function", [zoo.classify, zoo.embed])
def test_nothing_to_classify_is_a_table_of_reasons(function):
    model = small_model()
    photometry, metadata = labelled(1).to_tables()
    with pytest.warns(UserWarning, match="8 of 8 objects cannot be classified") as said:
        table = function(model, photometry.assign(detected=False), metadata)
    assert len(said) == 1
    like = function(model, photometry, metadata)
    pd.testing.assert_index_equal(table.index, like.index)
    pd.testing.assert_series_equal(table.dtypes, like.dtypes)
    assert table["reason"].str.startswith("no trigger: no detection with anoth").all()
    assert table.drop(columns="reason").isna().all(axis=None)


def nested(photometry, metadata):
    """The same objects in one frame, with a column of light curves."""
    from nested_pandas import NestedFrame

    frame = NestedFrame(metadata.drop(columns="label").set_index("object_id"))
    return frame.join_nested(photometry.set_index("object_id"), "lightcurve")


def lists(photometry, metadata):
    """The same objects in one frame, with columns of lists."""
    frame = photometry.groupby("object_id", sort=False).agg(list).reset_index()
    return frame.merge(metadata.drop(columns="label"), on="object_id")


@pytest.mark.parametrize("function", [zoo.classify, zoo.embed])
@pytest.mark.parametrize("form", [None, lists, nested])
def test_data_without_a_row_are_a_table_without_rows(function, form):
    model, tables = small_model(), labelled(1).to_tables()
    data = (form(*tables),) if form else tables
    empty = function(model, *(table[:0] for table in data))
    like = function(model, *data)
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, like.dtypes)
    assert (empty.index.name, empty.index.dtype) == (like.index.name, like.index.dtype)


def test_objects_without_any_flux_have_their_reason():
    photometry, metadata = labelled(1).to_tables()
    for data, warning in (
        ((photometry.assign(flux=np.nan), metadata), "every row of the photometry tab"),
        ((photometry[:0], metadata), "the photometry table is empty"),
    ):
        with (
            pytest.warns(UserWarning, match="8 of 8 objects cannot be classified"),
            pytest.warns(UserWarning, match=warning),
        ):
            table = zoo.classify(small_model(), *data)
        assert table.index.tolist() == metadata["object_id"].tolist()
        assert (table["reason"] == "no photometry").all()


@pytest.mark.parametrize("form", [lists, nested])
@pytest.mark.parametrize("which", ["first", "all"])
def test_missing_light_curves_of_a_nested_frame_have_their_reason(form, which):
    photometry, metadata = labelled(1).to_tables()
    one = metadata["object_id"][0]
    rows = photometry["object_id"] != one
    frame = nested(photometry[rows], metadata)  # whose first light curve is missing
    if form is lists:
        frame = lists(photometry, metadata)
        for column in photometry.columns.drop("object_id"):
            frame[column] = frame[column].where(frame["object_id"] != one, None)
    if which == "first":
        with pytest.warns(UserWarning, match="1 of 8 objects cannot be classified"):
            table = zoo.classify(small_model(), frame)
        expected = zoo.classify(small_model(), photometry[rows], metadata[1:])
        pd.testing.assert_frame_equal(table[1:], expected)
    else:
        with (
            pytest.warns(UserWarning, match="1 of 1 objects cannot be classified"),
            pytest.warns(UserWarning, match="holds no observation|has a NaN flux"),
        ):
            table = zoo.classify(small_model(), frame[:1])
    assert table["reason"].iloc[0] == "no photometry"
    assert table.index[0] == one


def test_metadata_that_break_a_rule_are_refused_without_photometry_too():
    photometry, metadata = labelled(1).to_tables()
    with pytest.raises(ValueError, match="redshift is -9, which is not between"):
        zoo.classify(small_model(), photometry[:0], metadata.assign(redshift=-9.0))


def test_a_table_without_a_required_column_is_refused_without_rows_too():
    photometry, _ = labelled(1).to_tables()
    with pytest.raises(ValueError, match="lacks the column"):
        zoo.classify(small_model(), photometry[:0].drop(columns="flux_err"))


def test_new_passband_gives_one_warning():
    data = labelled(1, bands=("lsstg", "lsstr"))
    with pytest.warns(UserWarning, match="not trained on lsstg, lsstr") as caught:
        table = small_model().classify(data)
    assert len(caught) == 1
    assert table.notna().all(axis=None)


def test_embed_gives_the_latent_layer():
    model, data = small_model(), labelled(1)
    table = model.embed(data)
    assert list(table.columns) == [*(f"latent_{i}" for i in range(8)), "reason"]
    kernel, bias = model.get_layer("head").get_weights()
    logits = table.drop(columns="reason").to_numpy() @ kernel + bias
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        odds / odds.sum(axis=1, keepdims=True),
        model.classify(data).drop(columns="reason"),
        atol=1e-5,
    )


def test_counts_of_parts_add_up_after_a_pickle():
    first, second = Tally(rows=3, objects=2), Tally(rows=1, left_out=1, named=["a"])
    first.merge(pickle.loads(pickle.dumps(second)))
    assert first == Tally(rows=4, objects=2, left_out=1, named=["a"])
