"""The stream: what it says of observations in order is what `zoo.classify` says."""

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model

import zoo
from zoo.hub.pins import bundled_ids
from zoo.inputs.features import FEATURES
from zoo.kernel.library import kernel


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def tables():
    return labelled(2).to_tables()


def nights(photometry: pd.DataFrame, days: float):
    """The photometry in pushes of some days, in the order of time."""
    for _, night in photometry.groupby(np.floor(photometry["mjd"] / days)):
        yield night.sample(frac=1, random_state=0)


def last_words(stream, photometry, metadata, days=1.0) -> pd.DataFrame:
    said = [stream.push(night, metadata) for night in nights(photometry, days)]
    table = pd.concat(said)
    return table[~table.index.duplicated(keep="last")].sort_index()


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, atol: float = 1e-5):
    expected = expected.sort_index()
    assert found.index.tolist() == expected.index.tolist()
    assert found["reason"].tolist() == expected["reason"].tolist()
    np.testing.assert_allclose(found.iloc[:, :-1], expected.iloc[:, :-1], atol=atol)


@pytest.mark.parametrize("days", [0.5, 7.0, 1000.0])
def test_it_says_what_classify_says(model, tables, days):
    stream = zoo.Stream(model)
    found = last_words(stream, *tables, days)
    assert_same(found, zoo.classify(model, *tables))
    assert (stream.late, stream.repeated, len(stream)) == (0, 0, 16)


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("metadata", [(), ("redshift", "redshift_known", "mwebv")])
def test_it_does_for_every_kind_of_model(tables, features, metadata):
    model = small_model(features=features, metadata=metadata)
    found = last_words(zoo.Stream(model), *tables, 5.0)
    assert_same(found, zoo.classify(model, *tables))


@pytest.mark.parametrize("model_id", bundled_ids())
def test_a_bundled_model_says_it_to_the_bit(model_id):
    """On light curves of its own survey, of years where it has such."""
    model = zoo.load(model_id)
    objects = model.golden.take(np.arange(0, len(model.golden), 8))
    found = last_words(zoo.Stream(model), *objects.to_tables(), days=30.0)
    expected = zoo.classify(model, objects).loc[found.index]
    pd.testing.assert_frame_equal(found, expected, check_exact=kernel() is not None)


def test_it_says_so_after_every_observation(model, tables):
    photometry, metadata = tables
    one = photometry[photometry["object_id"] == photometry["object_id"].iloc[0]]
    one = one.sort_values(["mjd", "band"]).reset_index(drop=True)
    metadata = metadata[metadata["object_id"] == one["object_id"][0]]
    stream = zoo.Stream(model)
    for count in range(1, len(one) + 1):
        (found,) = stream.push(one.iloc[[count - 1]], metadata).to_dict("records")
        if found["reason"]:
            with pytest.warns(UserWarning, match="no trigger"):
                table = zoo.classify(model, one.iloc[:count], metadata)
            assert table["reason"].tolist() == [found["reason"]]
            continue
        (expected,) = zoo.classify(model, one.iloc[:count], metadata).to_dict("records")
        assert found == pytest.approx(expected, abs=1e-5)


def detections(mjd, snr, object_id="a"):
    flux_err = np.full(len(mjd), 10.0)
    return pd.DataFrame(
        {
            "object_id": object_id,
            "mjd": 60000.0 + np.array(mjd),
            "band": "ztfg",
            "flux": 10.0 * np.array(snr),
            "flux_err": flux_err,
        }
    )


@pytest.mark.parametrize(
    ("mjd", "snr"),
    [
        ([0, 10, 20, 45, 50, 52], [9, 1, 2, 3, 9, 9]),  # a lone detection comes first
        ([0, 29, 31, 61, 90, 91], [9, 1, 9, 2, 9, 9]),  # lone twice, 31 and 59 days off
        ([0, 30, 40, 41, 100, 101], [9, 9, 1, 1, 1, 1]),  # 30 days are a pair
        ([0, 5, 40, 60, 69, 71], [9, 9, 1, 1, 1, 9]),  # the last lies past the window
        ([0, 1, 2, 28, 30, 30.5], [1, 2, 1, 1, 9, 9]),  # the first before it
    ],
)
def test_triggers_are_those_of_classify(model, mjd, snr):
    table = detections(mjd, snr)
    stream = zoo.Stream(model)
    for row in range(len(table)):
        found = stream.push(table.iloc[[row]])
    assert_same(found, zoo.classify(model, table))


def test_random_light_curves(model):
    random = np.random.default_rng(1)
    rows = []
    for number in range(150):
        count = random.integers(1, 30)
        mjd = np.sort(random.uniform(0, 150, count))
        snr = random.choice(
            [1.0, 2.0, -8.0, 7.0, 30.0], count, p=[0.4, 0.3, 0.1, 0.1, 0.1]
        )
        rows.append(detections(mjd, snr, f"object-{number}"))
    table = pd.concat(rows, ignore_index=True)
    with pytest.warns(UserWarning, match="cannot be classified"):
        expected = zoo.classify(model, table)
    assert 20 < (expected["reason"] == "").sum() < 140
    for days in (1.0, 20.0):
        assert_same(last_words(zoo.Stream(model), table, None, days), expected)


def test_late_observations_are_left_out_and_counted(model):
    table = detections([0, 1, 2, 3, 4], [9, 9, 9, 9, 9])
    stream = zoo.Stream(model)
    stream.push(table.iloc[[0, 1, 3, 4]])
    found = stream.push(table.iloc[[2]])
    assert_same(found, zoo.classify(model, table.iloc[[0, 1, 3, 4]]))
    assert (stream.late, stream.repeated) == (1, 0)


def test_repeated_observations_are_left_out_and_counted(model):
    table = detections([0, 1, 2], [9, 9, 9])
    other = table.iloc[[2]].assign(band="ztfr")  # the same time, another passband
    stream = zoo.Stream(model)
    stream.push(pd.concat([table, table.iloc[[2]]]))
    stream.push(table.iloc[[2]].assign(flux=1e6))
    found = stream.push(other)
    assert_same(found, zoo.classify(model, pd.concat([table, other])))
    assert (stream.late, stream.repeated) == (0, 2)


def test_two_different_observations_at_once_are_refused(model):
    table = detections([0, 1, 2], [9, 9, 9])
    stream = zoo.Stream(model)
    with pytest.raises(ValueError, match="row 3: a second, different observation"):
        stream.push(pd.concat([table, table.iloc[[2]].assign(flux=1e6)]))
    assert len(stream) == 0


def test_metadata_may_come_later_and_stay(model):
    table = detections([0, 1, 2, 3], [9, 9, 9, 9])
    metadata = pd.DataFrame({"object_id": ["a", "b"], "redshift": [0.2, 0.1]})
    stream = zoo.Stream(model)
    stream.push(table.iloc[:2])
    known = stream.push(table.iloc[[2]], metadata)
    assert_same(known, zoo.classify(model, table.iloc[:3], metadata.iloc[:1]))
    found = stream.push(table.iloc[[3]], metadata.assign(redshift=np.nan))
    assert_same(found, zoo.classify(model, table, metadata.iloc[:1]))


def test_a_table_that_is_refused_leaves_the_stream_as_it_was(model):
    table = detections([0, 1, 2], [9, 9, 9])
    stream = zoo.Stream(model)
    with pytest.raises(ValueError, match="flux_err is 0"):
        stream.push(table.assign(flux_err=0.0))
    assert len(stream) == 0
    assert_same(stream.push(table), zoo.classify(model, table))


@pytest.mark.parametrize("days", [40.0, 75.0, 110.0])
def test_a_saved_stream_goes_on_where_it_was(model, tables, tmp_path, days):
    photometry, metadata = tables
    start = photometry.groupby("object_id")["mjd"].transform("min")
    early = photometry["mjd"] < start + days
    stream = zoo.Stream(model)
    last_words(stream, photometry[early], metadata)
    path = stream.save(tmp_path / "stream.npz")
    again = zoo.Stream.restore(path, model)
    assert [p.name for p in tmp_path.iterdir()] == ["stream.npz"]
    for one in (stream, again):
        found = last_words(one, photometry[~early], metadata)
        assert_same(found, zoo.classify(model, *tables))


def test_a_saved_stream_is_of_one_model(model, tables, tmp_path):
    path = zoo.Stream(model).save(tmp_path / "stream.npz")
    with pytest.raises(ValueError, match="is a stream of toy-gru@v1.2.3"):
        zoo.Stream.restore(path, small_model(seed=7))
    with pytest.raises(FileNotFoundError, match="is not a file"):
        zoo.Stream.restore(tmp_path / "no.npz", model)
    path.write_bytes(b"not a stream")
    with pytest.raises(ValueError, match="is not a saved stream"):
        zoo.Stream.restore(path, model)


@pytest.mark.parametrize("depth", [50, 150, 100_000])
def test_notes_that_cannot_be_restored_are_not_saved(model, tmp_path, depth):
    stream = zoo.Stream(model)
    path = stream.save(tmp_path / "stream.npz")
    before = path.read_bytes()
    for _ in range(depth):
        stream.notes = {"a": stream.notes}
    if depth < 100:
        stream.save(path)
        assert zoo.Stream.restore(path, model).notes == stream.notes
        return
    with pytest.raises(ValueError, match="of which JSON cannot hold all"):
        stream.save(path)
    assert path.read_bytes() == before


def test_halves_of_characters_in_notes_are_not_saved(model, tmp_path):
    stream = zoo.Stream(model)
    stream.notes = {"file": "\udc80"}
    with pytest.raises(ValueError, match="JSON cannot hold all"):
        stream.save(tmp_path / "stream.npz")


def test_forgetting_keeps_the_others_as_they_were(model, tables):
    photometry, metadata = tables
    stream = zoo.Stream(model)
    old = detections([-900, -899], [9, 9], "old")
    lone = detections([-950], [9], "lone")
    stream.push(pd.concat([old, lone]))
    half = photometry["mjd"] < photometry["mjd"].median()
    last_words(stream, photometry[half], metadata)
    assert stream.forget(before=60000.0 - 800) == 2
    assert len(stream) == photometry[half]["object_id"].nunique()
    found = last_words(stream, photometry[~half], metadata)
    expected = zoo.classify(model, *tables).loc[found.index]
    assert_same(found, expected)
    again = stream.push(detections([-899], [9], "old"))
    assert again["reason"].iloc[0].startswith("no trigger")


def test_it_runs_by_name_as_well(tables):
    photometry = tables[0].iloc[:60]
    found = zoo.Stream("ztfsims-gru").push(photometry)
    assert_same(found.sort_index(), zoo.classify("ztfsims-gru", photometry))
