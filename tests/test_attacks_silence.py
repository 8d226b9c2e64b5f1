"""Attacks that used to change a result without a word: each is now said, counted or
refused, or changes nothing."""

import copy
import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model
from test_cli import run

import zoo
from zoo.card.write import write_card
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import from_tables
from zoo.study import files as study_files
from zoo.study.design import design, usable
from zoo.study.files import claim, digest

BANDS = ("ztfg", "ztfr", "ztfi")
WIDE = {"passbands": BANDS}


@pytest.fixture(scope="module")
def model():
    return small_model(**WIDE)


# Observations at one time.


def at_once(random: np.random.Generator, objects: int) -> pd.DataFrame:
    """Objects whose observations often come two or three at a time, in any order."""
    rows = []
    for number in range(objects):
        nights = np.sort(random.choice(60, random.integers(2, 9), replace=False))
        for night in nights * random.choice([1, 4]):
            for band in random.permutation(BANDS)[: random.integers(1, 4)]:
                flux = random.choice([100.0, 200.0, -800.0, 700.0, 3000.0])
                rows.append((f"object-{number}", 60000.5 + night, band, flux, 100.0))
    columns = ["object_id", "mjd", "band", "flux", "flux_err"]
    return pd.DataFrame(rows, columns=columns)


def batch(model, table: pd.DataFrame) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*cannot be classified")
        return zoo.classify(model, table)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.loc[found.index]
    assert found["reason"].tolist() == expected["reason"].tolist()
    np.testing.assert_allclose(found.iloc[:, :-1], expected.iloc[:, :-1], atol=1e-6)


def test_points_of_one_time_pushed_one_by_one_in_any_order(model):
    """After every single push the stream is what `classify` makes of all points."""
    random, compared = np.random.default_rng(0), 0
    for number in range(40):
        table = at_once(random, 1)
        pushed = table.sample(frac=1, random_state=number)
        pushed = pushed.sort_values("mjd", kind="stable")
        stream = zoo.Stream(model)
        for count in range(1, len(pushed) + 1):
            found = stream.push(pushed.iloc[[count - 1]])
            assert_same(found, batch(model, pushed.iloc[:count]))
            compared += 1
        assert (stream.late, stream.repeated) == (0, 0)
    assert compared > 300


def test_points_of_one_time_of_many_objects_in_pushes_of_any_size(model, tmp_path):
    random = np.random.default_rng(1)
    table = at_once(random, 200)
    table = table.sample(frac=1, random_state=0).sort_values("mjd", kind="stable")
    expected = batch(model, table)
    assert 50 < (expected["reason"] == "").sum() < 200
    for pushes in (1, 7, 200):
        stream, said = zoo.Stream(model), []
        for number, rows in enumerate(np.array_split(np.arange(len(table)), pushes)):
            if number == pushes // 2:  # nothing is lost on the way
                path = stream.save(tmp_path / "stream.npz")
                stream = copy.deepcopy(zoo.Stream.restore(path, model))
                assert stream.forget(before=0.0) == 0
            said.append(stream.push(table.iloc[rows]))
        found = pd.concat(said)
        found = found[~found.index.duplicated(keep="last")]
        assert len(found) == len(expected)
        assert_same(found, expected)


def test_a_point_that_joins_the_trigger_may_become_it(model):
    rows = [
        ("a", 60000.0, "ztfr", 100.0, 100.0),
        ("a", 60005.0, "ztfi", 900.0, 100.0),
        ("a", 60005.0, "ztfr", 3000.0, 100.0),
        ("a", 60005.0, "ztfg", 600.0, 100.0),
        ("a", 60007.0, "ztfg", 800.0, 100.0),
    ]
    columns = ["object_id", "mjd", "band", "flux", "flux_err"]
    table = pd.DataFrame(rows, columns=columns)
    stream = zoo.Stream(model)
    for count in range(1, len(table) + 1):
        found = stream.push(table.iloc[[count - 1]])
        assert_same(found, batch(model, table.iloc[:count]))
    assert found["reason"].tolist() == [""]


def test_a_point_older_than_the_newest_is_still_late(model):
    table = at_once(np.random.default_rng(3), 1).sort_values("mjd")
    stream = zoo.Stream(model)
    stream.push(table.iloc[[0, -1]])
    stream.push(table.iloc[[1, -1]].assign(mjd=[table["mjd"].iloc[-1] - 1e-6] * 2))
    assert (stream.late, stream.repeated) == (2, 0)


def test_light_curves_in_memory_are_sorted_like_tables(model):
    """The order of rows in memory is that of a table, whoever made the arrays."""
    table = at_once(np.random.default_rng(4), 50)
    light_curves = from_tables(table)
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    mixed = np.lexsort((-light_curves.band, light_curves.mjd, owner))
    assert (mixed != np.arange(len(mixed))).any()

    names = ("mjd", "flux", "flux_err", "band", "detected")
    columns = {name: getattr(light_curves, name)[mixed] for name in names}
    shuffled = replace(light_curves, **columns)
    pd.testing.assert_frame_equal(batch(model, shuffled), batch(model, table))


# What is not scored, and what is scored on too little.


def relabelled(copies: int, **labels: str):
    """Golden light curves with other labels, by the number of the object."""
    light_curves = labelled(copies)
    metadata = light_curves.metadata.copy()
    metadata["label"] = metadata["label"].astype(object)
    for number, label in labels.items():
        metadata.loc[int(number[1:]), "label"] = label
    return replace(light_curves, metadata=metadata)


def counted(copies: int = 10):
    """80 objects: 3 SNIb/c, which are none of the classes of `ztfsims`, one without a
    label, one without a trigger."""
    light_curves = relabelled(copies, _0="SNIb/c", _9="SNIb/c", _17="SNIb/c", _1=None)
    detected = light_curves.detected.copy()
    start, end = light_curves.offsets[2:4]
    detected[start:end] = False
    return replace(light_curves, detected=detected)


def test_everything_that_is_not_scored_is_counted_under_its_name(model, tmp_path):
    light_curves = counted()
    scores = zoo.evaluate(model, light_curves, exclude={light_curves.object_id[3]})
    assert scores["left_out"] == {
        "excluded": 1,
        "no_label": 1,
        "other_labels": {"SNIb/c": 3},
        "no_trigger": 1,
        "no_finite_output": 0,
    }
    assert (scores["n"], scores["n_excluded"]) == (74, 6)
    folder = zoo.save(model, tmp_path / "toy")
    write_folder(light_curves, tmp_path / "table")
    table = str(tmp_path / "table")
    words = "3 labelled SNIb/c, 1 without a label, 1 without a trigger"
    assert words in " ".join(run("evaluate", folder, "--data", table).split())
    printed = json.loads(run("evaluate", folder, "--data", table, "--json"))
    assert printed["left_out"]["other_labels"] == {"SNIb/c": 3}
    run("card", folder, "--data", table)
    card = (folder / "README.md").read_text()
    assert f"(5 more left out: {words})" in card


def test_scores_on_few_objects_are_marked_wherever_they_are_shown(model, tmp_path):
    light_curves = labelled(2)
    few = zoo.evaluate(model, light_curves)
    assert few["n"] == 16 and few["few"]["objects"] and few["few"]["classes"]
    folder = zoo.save(model, tmp_path / "toy")
    write_folder(light_curves, tmp_path / "table")
    table = str(tmp_path / "table")
    said = " ".join(run("evaluate", folder, "--data", table).split())
    assert "Scores on fewer than 20 objects say little." in said
    assert "There are fewer than 5 objects of SNIa, " in said
    assert "2 (few)" in said
    assert json.loads(run("evaluate", folder, "--data", table, "--json"))["few"] == {
        "objects": True,
        "classes": few["few"]["classes"],
    }
    run("card", folder, "--data", table)
    card = (folder / "README.md").read_text()
    assert "**Scores on fewer than 20 objects say little." in card
    assert "| macro AUROC | not measured on enough objects (16 of " in card
    assert "| SNIa | 2 (few) |" in card
    assert "model-index" not in card  # nor in the list of the hub
    listed = zoo.models(folder=tmp_path)
    assert listed[listed["where"] == "folder"]["macro_auroc"].isna().all()


def test_no_perfect_score_of_six_objects_is_a_headline(model, tmp_path):
    scores = zoo.evaluate(model, labelled(2))
    perfect = {**scores, "n": 6, "macro_auroc": 1.0}
    write_card(model.preset, perfect, tmp_path)
    head = (tmp_path / "README.md").read_text().partition("## ")[0]
    assert "macro AUROC" in head and "1.000" not in head and "value: 1" not in head


def test_a_rare_class_is_marked_and_enough_objects_are_not(model, tmp_path):
    light_curves = labelled(10)
    scores = zoo.evaluate(model, light_curves)
    assert scores["few"] == {"objects": False, "classes": []}
    absent = next(label for label, of in scores["per_class"].items() if not of["n"])
    scores = zoo.evaluate(model, relabelled(10, _0=absent))
    assert scores["few"] == {"objects": False, "classes": [absent]}
    write_card(model.preset, scores, tmp_path)
    card = (tmp_path / "README.md").read_text()
    assert f", few of them {absent} |" in card
    assert f"There are fewer than 5 objects of {absent}" in card


# A study, and the data that its trials were made of.


@pytest.mark.parametrize(
    "change", ["flux", "flux_err", "mjd", "band", "detected", "label", "redshift", "id"]
)
def test_a_study_of_other_data_of_the_same_name_is_refused(tmp_path, change):
    light_curves, classes, codes = usable(labelled(20), "bts")
    plan = design("bts", "zoo", classes, codes, labels=[40], runs=1)
    out = tmp_path / "study"
    claim(out, plan, "toy", light_curves)
    claim(out, plan, "toy", usable(labelled(20), "bts")[0])  # read again
    other = light_curves
    if change == "id":
        ids = light_curves.object_id.copy()
        ids[0] += "x"
        other = replace(light_curves, object_id=ids)
    elif change in ("label", "redshift"):
        metadata = light_curves.metadata.copy()
        metadata[change] = np.roll(metadata[change].to_numpy(), 1)
        other = replace(light_curves, metadata=metadata)
    else:
        values = getattr(light_curves, change).copy()
        values[0] = 1 - values[0] if change in ("detected", "band") else values[0] + 1
        other = replace(light_curves, **{change: values})
    assert digest(other) != digest(light_curves)
    with pytest.raises(ValueError, match="holds a study with other content of the"):
        claim(out, plan, "toy", other)


def test_a_study_of_other_base_data_or_another_version_is_refused(
    tmp_path, monkeypatch
):
    light_curves, classes, codes = usable(labelled(20), "bts")
    plan = design("bts", "zoo", classes, codes, labels=[40], runs=1)
    claim(tmp_path / "study", plan, "toy", light_curves, labelled(2))
    with pytest.raises(ValueError, match="other content of the data"):
        claim(tmp_path / "study", plan, "toy", light_curves, labelled(3))
    monkeypatch.setattr(study_files, "version", lambda name: "9.9.9")
    with pytest.raises(ValueError, match="other version of transient-zoo"):
        claim(tmp_path / "study", plan, "toy", light_curves, labelled(2))


def test_a_study_of_a_version_that_kept_no_digest_is_refused(tmp_path):
    light_curves, classes, codes = usable(labelled(20), "bts")
    plan = design("bts", "zoo", classes, codes, labels=[40], runs=1)
    out = tmp_path / "study"
    claim(out, plan, "toy", light_curves)
    path = out / study_files.DESIGN
    kept = json.loads(path.read_text())
    del kept["content of the data"], kept["version of transient-zoo"]
    path.write_text(json.dumps(kept))
    with pytest.raises(ValueError, match="other content of the data, version of"):
        claim(out, plan, "toy", light_curves)
