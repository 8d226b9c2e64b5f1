"""Novelty in a stream, and whether predictions have changed."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import zoo
from zoo.cli.main import app
from zoo.datasets.simulator import simulate
from zoo.light_curves import LightCurves, concatenate

MODEL = "ztfsims-gru"


@pytest.fixture(scope="module")
def light_curves() -> LightCurves:
    return concatenate(list(simulate("ztfsims", objects=400, seed=41)))


@pytest.fixture(scope="module")
def table(light_curves) -> pd.DataFrame:
    table = zoo.classify(MODEL, light_curves, trust=True)
    novelty = zoo.novelty(MODEL, light_curves)["novelty"]
    return table.assign(novelty=novelty)


def pushed(stream: zoo.Stream, photometry: pd.DataFrame, metadata) -> pd.DataFrame:
    """The last rows of a stream, after pushes of ten days each."""
    nights = photometry.groupby(np.floor(photometry["mjd"] / 10))
    rows = pd.concat([stream.push(night, metadata) for _, night in nights])
    return rows[~rows.index.duplicated(keep="last")]


def test_a_stream_scores_novelty_as_zoo_novelty_does(light_curves, table):
    some = light_curves.take(np.arange(20))
    found = pushed(zoo.Stream(MODEL, novelty=True), *some.to_tables())
    assert found.columns.tolist()[-2:] == ["novelty", "reason"]
    expected = table.loc[found.index]
    np.testing.assert_allclose(found["novelty"], expected["novelty"], atol=1e-4)
    np.testing.assert_allclose(
        found.iloc[:, :-2], expected.iloc[:, : len(found.columns) - 2], atol=1e-5
    )


def test_an_object_without_a_trigger_has_no_novelty(light_curves):
    photometry, metadata = light_curves.take([0]).to_tables()
    stream = zoo.Stream(MODEL, novelty=True)
    row = stream.push(photometry.assign(detected=False), metadata).iloc[0]
    assert np.isnan(row["novelty"]) and row["reason"].startswith("no trigger")


@pytest.mark.parametrize("novelty", [False, True])
def test_a_saved_stream_scores_novelty_as_before(light_curves, tmp_path, novelty):
    photometry, metadata = light_curves.take(np.arange(10)).to_tables()
    start = photometry.groupby("object_id")["mjd"].transform("min")
    early = photometry["mjd"] < start + 40
    stream = zoo.Stream(MODEL, novelty=novelty)
    pushed(stream, photometry[early], metadata)
    again = zoo.Stream.restore(stream.save(tmp_path / "stream.npz"), MODEL)
    rest = photometry[~early]
    found, expected = (pushed(one, rest, metadata) for one in (again, stream))
    pd.testing.assert_frame_equal(found, expected)
    assert ("novelty" in found) == novelty


def test_a_file_with_other_novelties_is_refused(light_curves, tmp_path):
    stream = zoo.Stream(MODEL, novelty=True)
    stream.push(*light_curves.take([0, 1]).to_tables())
    path = stream.save(tmp_path / "stream.npz")
    arrays = dict(np.load(path))
    for wrong in (arrays["novelty"][:1], np.array([np.inf, 0], np.float32)):
        np.savez(path, **{**arrays, "novelty": wrong})
        with pytest.raises(ValueError, match="is a damaged stream: novelty"):
            zoo.Stream.restore(path, MODEL)


def test_halves_of_one_sample_have_not_drifted(table):
    halves = [table.sample(frac=0.5, random_state=seed) for seed in range(20)]
    alarms = [zoo.drift(one, table.drop(one.index))["drifted"].any() for one in halves]
    assert sum(alarms) <= 2  # of 20; 0.2 expected


def test_another_zero_point_is_a_drift(light_curves, table):
    factor = np.float32(10 ** (0.4 * (23.9 - 27.5)))  # microjansky, taken for 27.5
    wrong = replace(
        light_curves,
        flux=light_curves.flux * factor,
        flux_err=light_curves.flux_err * factor,
    )
    with pytest.warns(UserWarning, match="zero point"):
        now = zoo.classify(MODEL, wrong)
    result = zoo.drift(table, now)
    assert result.index.tolist()[0] == "top probability"
    assert "novelty" not in result.index and "not trusted" not in result.index
    assert result["drifted"].sum() > 3


def test_the_figures_are_means_with_intervals(table):
    first, second = table.iloc[:150], table.iloc[150:]
    result = zoo.drift(first, second, alarms=0.05)
    assert result.index.tolist()[:3] == ["top probability", "novelty", "not trusted"]
    assert len(result) == 15
    row, values = result.loc["TDE"], (first["TDE"], second["TDE"])
    assert row["before"] == pytest.approx(values[0].mean(), abs=1e-6)
    assert row["now"] == pytest.approx(values[1].mean(), abs=1e-6)
    width = 2.935  # 1 - 0.05 / 15 / 2 of the normal distribution
    error = np.sqrt(sum(one.var() / len(one) for one in values))
    change = values[1].mean() - values[0].mean()
    assert row["low"] == pytest.approx(change - width * error, abs=1e-4)
    assert row["high"] == pytest.approx(change + width * error, abs=1e-4)
    assert row["drifted"] == (row["low"] > 0 or row["high"] < 0)
    shares = [(one["trust"] != "ok").mean() for one in (first, second)]
    assert result.loc["not trusted", ["before", "now"]].tolist() == shares


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_tables_from_files_and_rows_of_several_nights(table, tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    failed = table.iloc[:1].rename(index=lambda name: f"{name}-without").copy()
    failed.iloc[:, :-2] = np.nan
    failed = failed.assign(trust="", novelty=np.nan, reason="no trigger")
    earlier = table.iloc[:100].assign(TDE=1.0)
    whole = pd.concat([earlier, failed, table]).reset_index()
    if suffix == ".csv":
        whole.to_csv(path, index=False)
    else:
        whole.to_parquet(path)
    read = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)
    result = zoo.drift(read, table)
    np.testing.assert_allclose(result["before"], result["now"], atol=1e-6)
    assert not result["drifted"].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: (t, t.iloc[:19]),
            "the table now has 19 objects with prob.* least 20",
        ),
        (
            lambda t: (t.drop(columns="AGN"), t),
            "classes before are SNIa, .*Compare tab",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(table, change, message):
    with pytest.raises(ValueError, match=message):
        zoo.drift(*change(table))


@pytest.mark.parametrize("column", ["novelty", "trust"])
def test_a_column_that_not_every_night_has_is_refused(table, column):
    without = table.iloc[:50].drop(columns=column)
    mixed = pd.concat([without, table.iloc[50:]])
    with pytest.raises(
        ValueError, match=f"'{column}' is .* for 50 objects of the table now"
    ):
        zoo.drift(table, mixed)


@pytest.mark.parametrize("novelty", [np.inf, "high", None])
def test_a_novelty_that_is_no_finite_number_is_refused(table, novelty):
    mixed = table.astype({"novelty": object})
    mixed.iloc[7, mixed.columns.get_loc("novelty")] = novelty
    with pytest.raises(ValueError, match="'novelty' is no finite number for 1 obj"):
        zoo.drift(mixed, table)


@pytest.mark.parametrize("value", [18.0, -0.1])
def test_a_column_of_other_numbers_is_no_class(table, value):
    other = table.assign(peak=value)
    with pytest.raises(ValueError, match="'peak' of the table before holds no probab"):
        zoo.drift(other, other)


def test_a_column_of_numbers_from_0_to_1_is_no_class_either(table):
    for name in ("sgscore", 7):
        first, second = table.assign(x=0.0), table.assign(x=0.4)
        with pytest.raises(ValueError, match=f"SNIa, .* {name} .* add up to 1.4, not"):
            zoo.drift(*(t.rename(columns={"x": name}) for t in (first, second)))


def test_a_column_of_flags_is_no_class(table):
    with pytest.raises(ValueError, match="'seen' holds no probabilities"):
        zoo.drift(table.assign(seen=False), table.assign(seen=False))


def test_a_table_without_one_of_the_classes_is_refused(table):
    some = table.drop(columns="SNIa")
    with pytest.raises(ValueError, match="add up to 0.*Give all classes"):
        zoo.drift(some, some)


@pytest.mark.parametrize("decimals", [2, 3])
def test_rounded_probabilities_are_probabilities(table, decimals):
    assert not zoo.drift(table, table.round(decimals))["drifted"].any()


def test_alarms_may_be_as_rare_as_one_likes(table):
    assert zoo.drift(table, table, alarms=1e-300)["low"].gt(-np.inf).all()


@pytest.mark.parametrize("alarms", [0, 1, -0.1, np.nan])
def test_a_rate_of_alarms_out_of_range_is_refused(table, alarms):
    with pytest.raises(ValueError, match="alarms is .* between 0 and 1"):
        zoo.drift(table, table, alarms=alarms)


def test_tables_without_probabilities_are_refused_in_a_sentence(table):
    novelties = table[["novelty", "reason"]]
    with pytest.raises(ValueError, match="no columns of classes. Give those of zoo"):
        zoo.drift(novelties, novelties)
    labelled = table.assign(label="SNIa")
    with pytest.raises(ValueError, match="column 'label' holds no probabilities"):
        zoo.drift(labelled, labelled)


def run(*arguments):
    return CliRunner().invoke(app, ["drift", *map(str, arguments)])


def written(table: pd.DataFrame, path) -> None:
    """Write a table as `zoo-cli classify` does, or, with its index, as pandas does."""
    if path.suffix == ".csv":
        table.reset_index().to_csv(path, index=False)
    else:
        table.to_parquet(path)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_command_prints_what_the_function_returns(table, tmp_path, suffix):
    others = dict.fromkeys(zoo.load(MODEL).preset.classes, 0.0)
    shifted = table.iloc[200:].assign(**{**others, "TDE": 0.9, "AGN": 0.1})
    paths = [tmp_path / f"{name}{suffix}" for name in ("before", "now")]
    for one, path in zip((table.iloc[:200], shifted), paths, strict=True):
        written(one, path)
    done = run(*paths, "--alarms", 0.05, "--json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    expected = zoo.drift(table.iloc[:200], shifted, alarms=0.05)
    found = pd.DataFrame.from_dict(shown["figures"], orient="index")
    pd.testing.assert_frame_equal(found, expected, check_names=False, atol=1e-6)
    assert shown["drifted"] is True
    lines = run(*paths).stdout
    assert "top probability" in lines and "drifted: " in lines and "TDE" in lines
    same = run(paths[0], paths[0])
    assert "nothing has drifted" in same.stdout
    assert not json.loads(run(paths[0], paths[0], "--json").stdout)["drifted"]


def test_the_command_refuses_what_is_no_table_of_results(
    light_curves, table, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    written(table, tmp_path / "p.csv")
    light_curves.take(np.arange(30)).to_tables()[0].to_csv("observed.csv")
    table.to_csv("nameless.csv", index=False)
    for name, message in {
        "nowhere.csv": "'nowhere.csv' is not a file. Give a table that `zoo-cli clas",
        ".": "'.' is not a file",
        "observed.csv": "Compare tables of one model",
        "nameless.csv": r"the nameless.csv table lacks the column\(s\) object_id",
    }.items():
        for order in ((name, "p.csv"), ("p.csv", name)):
            done = run(*order)
            assert done.exit_code == 1
            with pytest.raises((OSError, ValueError), match=message):
                raise done.exception
    assert run("p.csv", "p.csv", "--alarms", "2").exit_code == 2
