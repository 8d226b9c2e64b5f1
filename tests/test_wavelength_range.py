"""Observations beyond the wavelengths that a model was trained on."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model
from numpy.testing import assert_array_equal

import zoo
from zoo.hub.better_base import better_base
from zoo.inference.history import history
from zoo.inference.runtime import Runtime
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.wavelengths import left_out, usable_rows
from zoo.light_curves.accept import read
from zoo.passbands import PASSBANDS, find

OUTSIDE = "left out {} rows in uvot::uvw2, 2massj: the model was trained on 0.4805 to"


def tables(bands: tuple[str, ...] = ("uvot::uvw2", "2massj")):
    """Light curves in ztfg and ztfr, and further rows that come before all others."""
    photometry, metadata = labelled().to_tables()
    extra = [
        photometry.assign(band=band, mjd=photometry["mjd"] - 5 - number, detected=True)
        for number, band in enumerate(bands)
    ]
    return pd.concat([photometry, *extra]), metadata


@pytest.fixture(scope="module")
def model():
    return small_model()


def test_they_are_left_out_and_counted(model):
    photometry, metadata = tables()
    alone = model.classify(*tables(()))
    rows = 2 * len(photometry) // 3
    with pytest.warns(UserWarning, match=OUTSIDE.format(f"{rows:,}")) as caught:
        table = model.classify(photometry, metadata)
    assert len(caught) == 1
    assert_array_equal(table, alone)


def test_on_demand_they_are_used(model):
    photometry, metadata = tables()
    with pytest.warns(UserWarning, match="was not trained on uvot::uvw2, 2massj"):
        kept = model.classify(photometry, metadata, keep_all_passbands=True)
    alone = model.classify(*tables(()))
    assert (kept["SNIa"] != alone["SNIa"]).all()
    with pytest.warns(UserWarning, match="was not trained on uvot::uvw2, 2massj"):
        assert_array_equal(
            zoo.classify(
                Runtime.of(model).keeping_all_passbands(), photometry, metadata
            ),
            kept,
        )


def test_every_way_to_predict_leaves_them_out(model):
    photometry, metadata = tables()
    light_curves, alone = read(photometry, metadata), read(*tables(()))
    with warnings.catch_warnings(action="ignore"):
        for function in (zoo.embed, zoo.classify):
            assert_array_equal(function(model, light_curves), function(model, alone))
        one = light_curves.take([0])
        assert history(model, one).equals(history(model, alone.take([0])))
        scores = zoo.evaluate(model, light_curves)
    assert scores == zoo.evaluate(model, alone)


def test_a_stream_leaves_them_out_warns_once_and_remembers_the_count(model, tmp_path):
    photometry, metadata = tables()
    expected = model.classify(*tables(()))
    stream = zoo.Stream(model)
    nights = [night for _, night in photometry.groupby("mjd")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for night in nights:
            stream.push(night, metadata)
    assert len(caught) == 1
    assert stream.out_of_range == 2 * len(photometry) // 3
    assert stream.late == 0
    again = zoo.Stream.restore(stream.save(tmp_path / "s.npz"), model)
    assert again.out_of_range == stream.out_of_range
    last = photometry.groupby("object_id").tail(1)
    last = last.assign(mjd=photometry["mjd"].max() + 500, band="ztfg")
    table = again.push(last).loc[expected.index]
    np.testing.assert_allclose(table.iloc[:, :-1], expected.iloc[:, :-1], atol=1e-5)


def test_a_stream_that_keeps_all_passbands_does_so_when_it_goes_on(model, tmp_path):
    photometry, metadata = tables()
    stream = zoo.Stream(model, keep_all_passbands=True)
    stream.push(photometry, metadata)
    again = zoo.Stream.restore(stream.save(tmp_path / "s.npz"), model)
    later = photometry.assign(mjd=photometry["mjd"] + 30)
    assert_array_equal(again.push(later), stream.push(later))
    assert stream.out_of_range == again.out_of_range == 0


def test_streams_of_models_of_other_passbands_tell_weights_apart(model, tmp_path):
    session, source = Runtime.of(model).session, "infrared"
    preprocessing = replace(model.preset.preprocessing, passbands=("2massj",))
    preset = model.preset.replace(preprocessing=preprocessing)
    infrared = Runtime(preset, session, source, model.reference)
    path = zoo.Stream(infrared).save(tmp_path / "s.npz")
    assert len(zoo.Stream.restore(path, infrared)) == 0
    other = Runtime.of(small_model(seed=5)).session
    with pytest.raises(ValueError, match="whose states do not fit"):
        zoo.Stream.restore(path, Runtime(preset, other, source, model.reference))


def test_an_object_without_other_observations_is_kept_with_a_reason(model):
    photometry, metadata = tables(())
    first = photometry["object_id"].iloc[0]
    photometry["band"] = photometry["band"].mask(
        photometry["object_id"] == first, "2massj"
    )
    with pytest.warns(UserWarning):
        table = model.classify(photometry, metadata)
    assert table.loc[first, "reason"] == (
        "no photometry within the wavelengths that the model was trained on"
    )
    assert table["SNIa"].isna().sum() == 1
    with pytest.warns(UserWarning, match="left out"):
        pushed = zoo.Stream(model).push(photometry, metadata)
    assert pushed["reason"].loc[table.index].tolist() == table["reason"].tolist()


def test_what_a_model_is_trained_on_is_never_left_out():
    photometry, metadata = tables()
    model = small_model().transfer(target="wide")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zoo.fit(model, (photometry, metadata), epochs=1, progress=False)
        model.classify(photometry, metadata)
    trained = [PASSBANDS[name].wavelength for name in ("uvot::uvw2", "2massj")]
    assert model.preset.preprocessing.trained_range == tuple(trained)


def test_a_model_whose_passbands_are_not_known_leaves_nothing_out():
    light_curves = read(*tables())
    assert Preprocessing().trained_range is None
    assert not left_out(light_curves, Preprocessing())
    assert usable_rows(light_curves, Preprocessing()) is None


@pytest.mark.parametrize(
    ("model", "bands", "better"),
    [
        ("ztfsims-gru", ("ps1::i", "ps1::z"), "anysims-gru"),
        ("ztfsims-gru", ("uvot::uvw2", "2massj"), "anysims-gru"),
        ("lsstsims-gru", ("ztfg", "ztfr"), "anysims-gru"),
        ("multisims-gru", ("atlasc", "atlaso"), "anysims-gru"),
        ("anysims-gru", ("atlasc", "atlaso"), None),
        ("anysims-gru", ("lsstu", "ztfg"), None),
        ("ztfsims-gru", ("2massks",), None),
    ],
)
def test_the_base_that_knows_more_is_named(model, bands, better):
    preset = Runtime.load(model).preset
    assert better_base(preset, [PASSBANDS[band] for band in bands]) == better


def test_a_base_of_other_classes_is_not_named():
    preset = small_model(("SNIa", "other")).preset
    assert better_base(preset, [find("atlasc")]) is None
    photometry, metadata = tables(())
    photometry["band"] = photometry["band"].replace("ztfg", "atlasc")
    with pytest.warns(UserWarning, match="not trained on atlasc") as caught:
        zoo.classify(small_model(("SNIa", "other")), photometry, metadata)
    assert "knows more" not in str(caught[0].message)
    with pytest.warns(UserWarning, match="anysims-gru knows more of these passbands"):
        zoo.classify("ztfsims-gru", photometry, metadata)
