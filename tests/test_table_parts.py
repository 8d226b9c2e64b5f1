"""Tables larger than memory: every object whole, once, in one part."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from models import labelled, small_model

import zoo
from zoo.inference.parts import Tally, classify_parts
from zoo.inference.runtime import Runtime
from zoo.light_curves.parts import TableParts
from zoo.light_curves.sources import files
from zoo.light_curves.table import from_tables

SUFFIXES = (".parquet", ".csv", ".arrow")


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(files, "ROWS", 300)


@pytest.fixture(scope="module")
def data():
    return labelled(8)


def write(frame: pd.DataFrame, path):
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False, row_group_size=128)
    else:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        with pa.ipc.new_file(str(path), table.schema) as file:
            file.write_table(table, max_chunksize=128)
    return path


def gathered(parts: TableParts) -> pd.DataFrame:
    """All rows of all parts, in order; no object is in two of them."""
    rows, seen = [], []
    for part in parts:
        seen += part.light_curves.object_id.tolist()
        rows.append(part.light_curves.to_tables()[0])
    assert len(seen) == len(set(seen))
    return pd.concat(rows).sort_values(["object_id", "mjd", "band"])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("order", ["object_id", "mjd", "shuffled"])
def test_parts_hold_every_row_once(tmp_path, small_parts, data, suffix, order):
    photometry, metadata = data.to_tables()
    expected = photometry.sort_values(["object_id", "mjd", "band"])
    given = (
        photometry.sample(frac=1, random_state=0)
        if order == "shuffled"
        else photometry.sort_values(order)
    )
    parts = TableParts(
        write(given, tmp_path / f"photometry{suffix}"),
        write(metadata, tmp_path / f"metadata{suffix}"),
        scratch=tmp_path,
    )
    found = gathered(parts)
    assert len(list(parts)) > 3
    for column in ("object_id", "band", "detected"):
        assert found[column].tolist() == expected[column].tolist()
    for column in ("mjd", "flux", "flux_err"):
        np.testing.assert_allclose(found[column], expected[column], rtol=1e-6)
    assert not list(tmp_path.glob(".zoo*"))


@pytest.mark.parametrize("order", ["object_id", "mjd"])
def test_parts_are_classified_as_the_whole_is(tmp_path, small_parts, data, order):
    photometry, metadata = data.to_tables()
    alone = pd.DataFrame({"object_id": ["dark"], "redshift": [0.1]})
    metadata = pd.concat([metadata, alone], ignore_index=True)
    parts = TableParts(
        write(photometry.sort_values(order), tmp_path / "photometry.parquet"),
        write(metadata, tmp_path / "metadata.parquet"),
        scratch=tmp_path,
    )
    runtime, tally, counted = Runtime.of(small_model()), Tally(), []
    tables = list(classify_parts(runtime, parts, tally, advance=counted.append))
    with pytest.warns(UserWarning, match="1 of 65 objects cannot be classified .dark"):
        tally.announce(runtime)
    with pytest.warns(UserWarning, match="cannot be classified"):
        whole = zoo.classify(runtime, photometry, metadata)
    assert len(tables) > 3
    assert sum(counted) == len(photometry) == tally.rows
    found = pd.concat(tables).loc[whole.index]
    pd.testing.assert_frame_equal(found, whole)


def test_rows_without_a_flux_are_counted_over_all_parts(tmp_path, small_parts, data):
    photometry = data.to_tables()[0]
    photometry.loc[::100, "flux"] = np.nan
    parts = TableParts(write(photometry, tmp_path / "photometry.parquet"))
    runtime, tally = Runtime.of(small_model()), Tally()
    list(classify_parts(runtime, parts, tally))
    dropped = int(photometry["flux"].isna().sum())
    with pytest.warns(
        UserWarning, match=f"dropped {dropped} of {len(photometry)} rows"
    ):
        tally.announce(runtime)


def test_a_passband_that_is_new_is_said_once(tmp_path, small_parts, data):
    photometry = data.to_tables()[0].replace({"band": {"ztfr": "lsstr"}})
    parts = TableParts(write(photometry, tmp_path / "photometry.parquet"))
    runtime, tally = Runtime.of(small_model()), Tally()
    list(classify_parts(runtime, parts, tally))
    with pytest.warns(UserWarning, match="not trained on lsstr") as said:
        tally.announce(runtime)
    assert len(said) == 1


def test_a_large_file_of_comments_alone_is_refused(tmp_path, small_parts):
    path = tmp_path / "photometry.csv"
    path.write_text("object_id,mjd,band,flux,flux_err\n" + 300 * f"# {'-' * 60}\n")
    parts = TableParts(path, scratch=tmp_path)
    assert parts.rows > 300
    with pytest.raises(ValueError, match="^the photometry table is empty. Give at"):
        list(parts)


def test_nothing_at_all_to_classify_is_an_error(tmp_path, small_parts, data):
    photometry = data.to_tables()[0].assign(detected=False)
    parts = TableParts(write(photometry, tmp_path / "photometry.parquet"))
    runtime, tally = Runtime.of(small_model()), Tally()
    list(classify_parts(runtime, parts, tally))
    with pytest.raises(ValueError, match="64 of 64 objects cannot be classified"):
        tally.announce(runtime, strict=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_metadata_of_nobody_are_none(tmp_path, small_parts, data, suffix):
    photometry, metadata = data.to_tables()
    parts = TableParts(
        write(photometry, tmp_path / "photometry.parquet"),
        write(metadata.iloc[:0], tmp_path / f"metadata{suffix}"),
    )
    for part in parts:
        assert part.light_curves.metadata["redshift"].isna().all()


@pytest.mark.parametrize("name", ["twice", None])
def test_metadata_of_objects_that_were_not_observed_are_checked_too(
    tmp_path, small_parts, data, name
):
    photometry, metadata = data.to_tables()
    more = pd.DataFrame({"object_id": pd.Series([name] * 2, dtype=object)})
    metadata = pd.concat([metadata, more], ignore_index=True)
    paths = (tmp_path / "photometry.parquet", tmp_path / "metadata.parquet")
    given = [write(f, p) for f, p in zip((photometry, metadata), paths, strict=True)]
    with pytest.raises(ValueError, match="occurs twice|object_id in row 64 of the met"):
        TableParts(*given)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
@pytest.mark.parametrize("value", [["a"], 1.5, b"a", None])
def test_names_of_another_type_are_refused(tmp_path, small_parts, data, suffix, value):
    photometry = data.to_tables()[0]
    names = pd.Series([value] * len(photometry), dtype=object)
    path = write(photometry.assign(object_id=names), tmp_path / f"photometry{suffix}")
    with pytest.raises(ValueError, match="^object_id of the photometry table is of ty"):
        list(TableParts(path))


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_a_file_that_is_none_is_refused(tmp_path, suffix):
    path = tmp_path / f"photometry{suffix}"
    path.write_bytes(b"not a table")
    with pytest.raises(ValueError, match=f"photometry{suffix} cannot be read"):
        TableParts(path)


def both(tmp_path, photometry, metadata=None):
    """Light curves of a table, read at once and part by part."""
    paths = [write(photometry, tmp_path / "photometry.parquet")]
    if metadata is not None:
        paths.append(write(metadata, tmp_path / "metadata.parquet"))
    tables = (photometry, metadata) if metadata is not None else (photometry,)
    return from_tables(*tables), [part.light_curves for part in TableParts(*paths)]


@pytest.mark.parametrize("order", ["object_id", "shuffled"])
def test_metadata_count_alone_also_for_parts_without_their_objects(
    tmp_path, small_parts, data, order
):
    photometry, metadata = data.to_tables()
    photometry = photometry.assign(redshift=0.5)
    if order == "shuffled":
        photometry = photometry.sample(frac=1, random_state=0)
    one = metadata[["object_id"]].head(1).assign(redshift=0.1)
    whole, parts = both(tmp_path, photometry, one)
    assert len(parts) > 1
    redshift = pd.concat(
        [p.metadata["redshift"].set_axis(p.object_id) for p in parts]
    ).reindex(whole.object_id)
    np.testing.assert_array_equal(redshift, whole.metadata["redshift"])
    assert np.isfinite(redshift).sum() == 1


@pytest.mark.filterwarnings("ignore:dropped")
def test_a_part_of_rows_without_a_flux_is_no_reason_to_refuse_the_table(
    tmp_path, small_parts, data
):
    photometry = data.to_tables()[0].sort_values("object_id")
    some = photometry["object_id"].unique()[: len(data) // 2]
    photometry.loc[photometry["object_id"].isin(some), "flux"] = np.nan
    whole, parts = both(tmp_path, photometry)
    lengths = pd.concat([pd.Series(p.lengths, p.object_id) for p in parts])
    np.testing.assert_array_equal(lengths.reindex(whole.object_id), whole.lengths)
    nothing = photometry.assign(flux=np.nan)
    with pytest.raises(ValueError, match="every row of the photometry table has a NaN"):
        both(tmp_path, nothing)
    path = write(nothing, tmp_path / "nothing.parquet")
    with pytest.raises(ValueError, match="every row of the photometry table has a NaN"):
        list(TableParts(path))
