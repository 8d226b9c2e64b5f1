"""Light curves in memory: picking, joining, and the examples of a tfds data set."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from zoo.labels import LABELS
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.examples import from_examples
from zoo.light_curves.ragged import ragged_rows

ROWS = ("mjd", "flux", "flux_err", "band", "detected")


def light_curves(names: str = "abcd", lengths: tuple[int, ...] = (3, 0, 1, 4)):
    """Objects with the given lengths; every row has a flux of its own."""
    m = sum(lengths)
    return LightCurves(
        object_id=np.array(list(names), dtype=object),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        mjd=60000.0 + np.arange(m),
        flux=np.arange(100, 100 + m, dtype=np.float32),
        flux_err=np.full(m, 10, np.float32),
        band=(np.arange(m) % 2).astype(np.int8),
        detected=np.arange(m) % 3 > 0,
        metadata=pd.DataFrame(
            {
                "redshift": np.linspace(0.1, 0.4, len(lengths)).astype(np.float32),
                "mwebv": np.full(len(lengths), np.nan, np.float32),
                "label": np.array(["SNIa", None, "TDE", "AGN"][: len(lengths)], object),
                "name": list(names),
            }
        ),
    )


def test_length_lengths_labels_and_bands():
    got = light_curves()
    assert len(got) == 4
    assert got.lengths.tolist() == [3, 0, 1, 4]
    assert got.labels.tolist() == ["SNIa", None, "TDE", "AGN"]
    assert got.bands == ("ztfg", "ztfr")


def test_it_prints_what_it_is():
    got = light_curves()
    assert repr(got) == (
        "<LightCurves: objects: 4, observations: 8, passbands: ztfg ztfr, labelled "
        "objects: 3>"
    )
    html = got._repr_html_()
    assert html.startswith("<table><caption>LightCurves</caption><tr><th>objects</th>")
    assert "<td>ztfg ztfr</td>" in html
    assert repr(got.take([])).endswith("passbands: none, labelled objects: 0>")


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
@pytest.mark.parametrize("dtype", [None, object, "string"])
def test_a_missing_label_is_none_however_pandas_stores_it(missing: object, dtype):
    labels = pd.Series(["SNIa", missing, "TDE", missing], dtype=dtype)
    got = light_curves()
    got.metadata["label"] = labels
    assert got.labels.dtype == object
    assert got.labels.tolist()[0::2] == ["SNIa", "TDE"]
    assert all(label is None for label in got.labels[1::2])


def test_bands_are_those_that_occur_in_the_order_of_the_table():
    got = light_curves()
    got.band[:] = [8, 8, 3, 3, 1, 1, 1, 8]
    assert got.bands == ("ztfr", "lsstu", "lssty")


def test_ragged_rows_follow_the_order_of_the_objects():
    rows, offsets = ragged_rows(np.array([0, 3, 3, 4, 8]), np.array([3, 1, 0]))
    assert rows.tolist() == [4, 5, 6, 7, 0, 1, 2]
    assert offsets.tolist() == [0, 4, 4, 7]


def test_take_keeps_each_object_with_its_rows_and_metadata():
    got = light_curves().take([3, 1, 0])
    assert got.object_id.tolist() == ["d", "b", "a"]
    assert got.lengths.tolist() == [4, 0, 3]
    assert got.flux.tolist() == [104, 105, 106, 107, 100, 101, 102]
    assert got.mjd.tolist() == [60004, 60005, 60006, 60007, 60000, 60001, 60002]
    assert got.metadata["name"].tolist() == ["d", "b", "a"]
    assert got.metadata.index.tolist() == [0, 1, 2]
    assert got.labels.tolist() == ["AGN", None, "SNIa"]


def test_take_nothing_is_empty():
    got = light_curves().take([])
    assert len(got) == 0
    assert got.offsets.tolist() == [0]
    assert got.bands == ()


def test_without_metadata_hides_scalars_and_nothing_else():
    before = light_curves()
    got = before.without_metadata()
    assert got.metadata[["redshift", "mwebv"]].isna().all(axis=None)
    assert (got.metadata[["redshift", "mwebv"]].dtypes == np.float32).all()
    assert got.labels.tolist() == before.labels.tolist()
    assert before.metadata["redshift"].notna().all()
    assert_array_equal(got.flux, before.flux)


def test_tables_hold_every_row_and_every_column():
    photometry, metadata = light_curves().to_tables()
    assert photometry["object_id"].tolist() == list("aaacdddd")
    assert photometry["band"].tolist() == ["ztfg", "ztfr"] * 4
    columns = "object_id mjd band flux flux_err detected".split()
    assert photometry.columns.tolist() == columns
    assert photometry["flux"].dtype == np.float32
    assert metadata.columns.tolist() == "object_id redshift mwebv label name".split()
    assert metadata["object_id"].tolist() == list("abcd")


def test_concatenate_joins_what_take_parted():
    whole = light_curves()
    got = concatenate([whole.take([0, 1]), whole.take([2]), whole.take([3])])
    assert_array_equal(got.object_id, whole.object_id)
    assert_array_equal(got.offsets, whole.offsets)
    for name in ROWS:
        assert_array_equal(getattr(got, name), getattr(whole, name))
        assert getattr(got, name).dtype == getattr(whole, name).dtype
    assert got.labels.tolist() == whole.labels.tolist()


def test_concatenate_refuses_an_object_in_two_parts():
    whole = light_curves()
    with pytest.raises(ValueError) as refusal:
        concatenate([whole.take([0, 1]), whole.take([2, 1])])
    assert str(refusal.value) == (
        "object 'b' occurs in two parts. Give each object once."
    )


def example(**changes: object) -> dict[str, object]:
    return {
        "object_id": b"a",
        "mjd": np.array([60000.0, 60001.0]),
        "flux": np.array([50.0, 60.0], np.float32),
        "flux_err": np.array([5.0, 5.0], np.float32),
        "band": np.array([0, 1], np.int8),
        "detected": np.array([True, False]),
        "redshift": np.float32(0.1),
        "mwebv": np.float32("nan"),
        "label": np.int64(LABELS.index("TDE")),
    } | changes


def test_examples_become_light_curves():
    none = np.array([])
    got = from_examples(
        [
            example(),
            example(
                object_id="b",
                label=-1,
                **{name: none for name in ROWS},
            ),
            example(object_id=b"c", label=0, redshift=0.2),
        ]
    )
    assert got.object_id.tolist() == ["a", "b", "c"]
    assert got.lengths.tolist() == [2, 0, 2]
    assert got.labels.tolist() == ["TDE", None, "SNIa"]
    assert got.metadata["label"].tolist() == ["TDE", None, "SNIa"]
    assert got.flux.tolist() == [50, 60, 50, 60]
    assert got.metadata["redshift"].tolist() == pytest.approx([0.1, 0.1, 0.2])
    dtypes = [getattr(got, name).dtype for name in ROWS]
    assert dtypes == [np.float64, np.float32, np.float32, np.int16, np.bool_]


def test_examples_without_a_feature_are_refused():
    broken = example()
    del broken["detected"], broken["mwebv"]
    with pytest.raises(ValueError) as refusal:
        from_examples([broken])
    assert str(refusal.value) == (
        "the examples lack ['detected', 'mwebv']. Give a data set built by "
        "zoo.datasets, with the features ['object_id', 'mjd', 'flux', 'flux_err', "
        "'band', 'detected', 'redshift', 'mwebv', 'label']."
    )


def test_no_examples_are_refused():
    message = "^the data set is empty. Choose a split that holds examples.$"
    with pytest.raises(ValueError, match=message):
        from_examples(iter([]))
