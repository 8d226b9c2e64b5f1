"""A light-curve table means the same in whatever kind of memory it lies."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import zoo
from zoo.datasets.readers.files.source import UnknownFormat
from zoo.inference.runtime import Runtime
from zoo.light_curves.accept import read
from zoo.light_curves.analytic import golden_light_curves
from zoo.light_curves.columns import given_columns


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime.load("ztfsims-gru")


def photometry(objects: int) -> pd.DataFrame:
    """A shuffled table; each row repeats the redshift of its object, and its label."""
    frame, metadata = golden_light_curves().take(np.arange(objects)).to_tables()
    known = metadata[["object_id", "redshift", "label"]]
    frame = frame.merge(known, on="object_id")
    return frame.sample(frac=1, random_state=0).reset_index(drop=True)


def arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


def plain_arrow(frame: pd.DataFrame) -> pa.Table:
    return arrow(frame).replace_schema_metadata(None)


def recast(frame: pd.DataFrame, name: str, to: pa.DataType) -> pa.Table:
    table = plain_arrow(frame)
    at = table.schema.get_field_index(name)
    return table.set_column(at, name, table[name].cast(to))


def in_two_chunks(frame: pd.DataFrame) -> pa.Table:
    middle = len(frame) // 2
    parts = [arrow(frame.iloc[:middle]), arrow(frame.iloc[middle:])]
    return pa.concat_tables(parts)


def with_index(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame.set_index("object_id"))


def encoded(frame: pd.DataFrame) -> pa.Table:
    table = plain_arrow(frame)
    at = table.schema.get_field_index("band")
    return table.set_column(at, "band", table["band"].dictionary_encode())


def columns(frame: pd.DataFrame, kind: Callable[[pd.Series], Any]) -> dict[str, Any]:
    return {name: kind(frame[name]) for name in frame}


def masked(column: pd.Series) -> Any:
    values = column.to_numpy()
    if values.dtype.kind != "f":
        return values
    return np.ma.MaskedArray(np.nan_to_num(values, nan=-9), np.isnan(values))


def astropy(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("astropy.table").Table.from_pandas(frame)


def polars(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("polars").from_pandas(frame)


KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "Arrow": arrow,
    "Arrow without metadata of pandas": plain_arrow,
    "Arrow in two chunks": in_two_chunks,
    "Arrow with an index": with_index,
    "Arrow with a dictionary": encoded,
    "Arrow with large texts": lambda f: recast(f, "object_id", pa.large_string()),
    "Arrow with short floats": lambda f: recast(f, "flux", pa.float32()),
    "record batch": lambda f: arrow(f).combine_chunks().to_batches()[0],
    "arrays": lambda f: columns(f, lambda one: one.to_numpy()),
    "Arrow arrays": lambda f: columns(f, pa.array),
    "lists": lambda f: columns(f, lambda one: one.tolist()),
    "tuples": lambda f: columns(f, tuple),
    "Series": lambda f: columns(f, lambda one: one),
    "pandas arrays": lambda f: columns(f, lambda one: one.array),
    "masked arrays": lambda f: columns(f, masked),
    "list of one": lambda f: [columns(f, lambda one: one.to_numpy())],
    "other names": lambda f: arrow(
        f.rename(columns={"mjd": "time", "flux_err": "zerr"})
    ).rename_columns({"zerr": "fluxerr"}),
    "LightCurves": read,
    "astropy": astropy,
    "polars": polars,
}


@pytest.mark.parametrize("objects", [1, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_result(runtime, kind, objects):
    frame = photometry(objects)
    given = KINDS[kind](frame)
    expected, found = zoo.classify(runtime, frame), zoo.classify(runtime, given)
    order = found.index if kind == "LightCurves" else expected.index
    pd.testing.assert_frame_equal(found, expected.loc[order], check_exact=True)


@pytest.mark.parametrize("kind", ["Arrow", "arrays", "lists", "polars"])
def test_every_kind_of_table_gives_the_same_light_curves(kind):
    frame = photometry(8)
    frame.loc[3, "flux"] = np.nan
    with pytest.warns(UserWarning, match="dropped 1 of"):
        expected = read(frame)
    with pytest.warns(UserWarning, match="dropped 1 of"):
        found = read(KINDS[kind](frame))
    for name in ("object_id", "offsets", "mjd", "flux", "flux_err", "band", "detected"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
        assert getattr(found, name).dtype == getattr(expected, name).dtype
    pd.testing.assert_frame_equal(found.metadata, expected.metadata)


@pytest.mark.parametrize(
    "kind", ["Arrow", "Arrow without metadata of pandas", "arrays"]
)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("band", "nonsense"),
        ("object_id", ""),
        ("flux", np.inf),
        ("flux_err", -1.0),
        ("mjd", 2460000.5),
        ("redshift", 99.0),
        ("label", "no class"),
        ("flux", "900"),
    ],
)
def test_every_kind_of_table_is_refused_in_the_same_words(kind, column, value):
    frame = photometry(2)
    if isinstance(value, str) and column == "flux":
        frame[column] = frame[column].astype(str)
    frame.loc[frame["object_id"] == "golden-1", column] = value
    with pytest.raises(ValueError, match=column.partition("_")[0]) as expected:
        read(frame)
    if column == "band":
        assert "nonsense" in str(expected.value)
    with pytest.raises(ValueError) as found:
        read(KINDS[kind](frame))
    expected_words = str(expected.value).replace("type str", "type object")
    assert str(found.value).replace("type str", "type object") == expected_words


def test_one_value_in_a_dictionary_stands_for_all_rows():
    frame = photometry(1)
    given = columns(frame, lambda one: one.tolist())
    given |= {"object_id": "golden-0", "redshift": frame["redshift"][0]}
    found, expected = read(given), read(frame)
    assert found.object_id.tolist() == ["golden-0"]
    np.testing.assert_array_equal(found.flux, expected.flux)
    pd.testing.assert_frame_equal(found.metadata, expected.metadata)


def test_dictionaries_of_columns_take_metadata_and_may_stand_in_a_list():
    frame = photometry(2).drop(columns=["redshift", "label"])
    metadata = pd.DataFrame({"object_id": ["golden-0"], "redshift": [0.07]})
    given = columns(frame, lambda one: one.to_numpy())
    for found in (read(given, metadata), read((given, metadata))):
        assert found.metadata["redshift"][0] == np.float32(0.07)
    parts = [part for _, part in frame.groupby("object_id")]
    found = read([columns(part, lambda one: one.to_numpy()) for part in parts])
    assert sorted(found.object_id) == ["golden-0", "golden-1"]
    assert len(found.mjd) == len(frame)


def test_columns_that_differ_in_length_are_refused():
    given = columns(photometry(1), lambda one: one.tolist())
    given["flux"] = given["flux"][:-1]
    with pytest.raises(ValueError, match=r"differ in length \(.*mjd 80, .*flux 79"):
        read(given)
    given["flux"] = np.zeros((80, 2))
    with pytest.raises(ValueError, match=r"flux is an array of shape \(80, 2\)"):
        read(given)


def test_a_dictionary_of_one_row_is_no_table():
    row = {"object_id": "a", "mjd": 6e4, "band": "ztfg", "flux": 9.0, "flux_err": 1.0}
    assert given_columns(row) is None
    with pytest.raises(UnknownFormat, match="holds no list of observations"):
        read(row)


def test_a_result_that_is_changed_leaves_the_next_one_alone(runtime):
    light_curves = golden_light_curves()
    first = zoo.classify(runtime, light_curves)
    first.columns.name = "class"
    first.loc["golden-0", "reason"] = "changed"
    first.iloc[:, 0] = 7.0
    second = zoo.classify(runtime, light_curves)
    assert second.columns.name is None
    assert second.loc["golden-0", "reason"] == ""
    assert (second.iloc[:, 0] <= 1).all()
