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


def test_nothing_to_classify_is_an_error():
    photometry, metadata = labelled(1).to_tables()
    with pytest.raises(ValueError, match="8 of 8 objects cannot be classified"):
        small_model().classify(photometry.assign(detected=False), metadata)


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
