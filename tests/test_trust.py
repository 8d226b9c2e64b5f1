"""When not to trust a probability: each rule on objects whose answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model

import zoo
from zoo.cli.main import main
from zoo.datasets.simulator import simulate
from zoo.inference.novelty import FALSE_ALARMS, Usual
from zoo.inference.parts import classify_parts
from zoo.inference.runtime import Runtime
from zoo.inference.tally import Tally
from zoo.inference.trust import OK, WORDS
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.folder import write_folder
from zoo.light_curves.parts import TableParts
from zoo.light_curves.sources import files
from zoo.light_curves.table import from_tables

# What is odd here is warned of too; the tests of those warnings are elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def simulated(objects: int, seed: int, classes=None) -> LightCurves:
    parts = simulate("ztfsims", objects=objects, seed=seed, classes=classes)
    return concatenate(list(parts))


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime.load("ztfsims-gru")


@pytest.fixture(scope="module")
def ordinary(runtime) -> LightCurves:
    """Simulated objects that nothing speaks against."""
    light_curves = simulated(200, 903)
    table = zoo.classify(runtime, light_curves, trust=True)
    good = np.flatnonzero(table["trust"] == OK)
    assert len(good) > 150
    return light_curves.take(good)


def words(model, light_curves: LightCurves, **options) -> list[str]:
    return zoo.classify(model, light_curves, trust=True, **options)["trust"].tolist()


def with_redshift(light_curves: LightCurves, redshift) -> LightCurves:
    metadata = light_curves.metadata.assign(redshift=np.float32(redshift))
    return replace(light_curves, metadata=metadata)


def scaled(light_curves: LightCurves, factor: float) -> LightCurves:
    flux, error = light_curves.flux, light_curves.flux_err
    factor = np.float32(factor)
    return replace(light_curves, flux=flux * factor, flux_err=error * factor)


def share(found: list[str], word: str) -> float:
    return np.mean([one == word for one in found])


@pytest.mark.parametrize("redshift", [0.0, 0.0001, 5.0])
def test_a_redshift_beyond_those_of_the_model(runtime, ordinary, redshift):
    assert {*words(runtime, with_redshift(ordinary, redshift))} == {"redshift"}


def test_an_unknown_redshift_is_no_reason(runtime, ordinary):
    unknown = words(runtime, with_redshift(ordinary, np.nan))
    assert {*unknown} <= {OK, "novel"} and share(unknown, OK) > 0.8


def test_a_model_that_sees_no_redshift_does_not_judge_it(ordinary):
    without = Runtime.load("ztfsims-gru-paper")
    assert without.preset.preprocessing.metadata == ()
    assert "redshift" not in words(without, with_redshift(ordinary, 5.0))


@pytest.mark.parametrize("factor", [1 / 27.5, 36.3])  # microjansky, and nanojansky
def test_fluxes_at_another_zero_point(runtime, ordinary, factor):
    assert share(words(runtime, scaled(ordinary, factor)), "flux") > 0.8


def test_errors_below_a_thousandth(runtime, ordinary):
    precise = replace(ordinary, flux=ordinary.flux * np.float32(1000))
    assert share(words(runtime, precise), "flux") > 0.9


@pytest.mark.parametrize("keep", [False, True])
def test_most_points_beyond_the_wavelengths_of_the_model(runtime, ordinary, keep):
    photometry, metadata = ordinary.to_tables()
    copies = [
        photometry.assign(band="ztfr", mjd=photometry["mjd"] + 0.01),
        photometry.assign(band="lssty", mjd=photometry["mjd"] + 0.02),
        photometry.assign(band="lssty", mjd=photometry["mjd"] + 0.03),
        photometry.assign(band="lssty", mjd=photometry["mjd"] + 0.04),
    ]
    most = from_tables(pd.concat(copies), metadata)
    half = from_tables(pd.concat([copies[0], copies[1]]), metadata)
    assert {*words(runtime, most, keep_all_passbands=keep)} == {"passbands"}
    assert "passbands" not in words(runtime, half, keep_all_passbands=keep)


def test_most_detections_outside_the_window(runtime, ordinary):
    photometry, metadata = ordinary.to_tables()
    first = photometry.groupby("object_id")["mjd"].transform("min")
    later = pd.concat(
        [photometry.assign(mjd=photometry["mjd"] + days) for days in (2000, 2300)]
    )
    photometry = photometry[photometry["mjd"] < first + 40]
    undetected = later.assign(detected=False)
    longer = from_tables(pd.concat([photometry, later]), metadata)
    watched = from_tables(pd.concat([photometry, undetected]), metadata)
    assert share(words(runtime, longer), "window") > 0.8
    assert "window" not in words(runtime, watched)


def test_classes_never_seen_are_novel_more_often_than_the_rate_of_false_alarms(runtime):
    usual = words(runtime, simulated(400, 904))
    strange = simulated(100, 905, classes=("uLens",))
    strange = words(runtime, with_redshift(strange, np.nan))
    hidden = words(runtime, with_redshift(simulated(400, 904), np.nan))
    assert FALSE_ALARMS / 3 < share(hidden, "novel") < 3 * FALSE_ALARMS
    assert FALSE_ALARMS / 3 < share(usual, "novel") < 3 * FALSE_ALARMS
    assert share(strange, "novel") > 2 * FALSE_ALARMS


def test_the_cut_is_what_5_percent_of_the_light_curves_of_the_model_exceed(runtime):
    reference = runtime.reference()
    above = 0
    for i in range(0, len(reference), 16):  # each against all the others
        rest = reference.take(np.delete(np.arange(len(reference)), i))
        without = Runtime(runtime.preset, runtime.session, runtime.source, rest)
        score = zoo.novelty(without, reference.take([i]))["novelty"].iloc[0]
        above += score > Usual.of(runtime).cut[0]
    assert above <= 3  # of 15; 0.75 expected


def test_the_gravest_reason_is_named(runtime, ordinary):
    both = scaled(with_redshift(ordinary, 5.0), 1 / 1000)
    assert {*words(runtime, both)} == {"flux"}
    assert WORDS.index("flux") < WORDS.index("redshift")


def test_objects_without_probabilities_have_no_word(runtime, ordinary):
    detected = ordinary.detected.copy()
    detected[: ordinary.lengths[0]] = False
    table = zoo.classify(runtime, replace(ordinary, detected=detected), trust=True)
    assert table["trust"].iloc[0] == "" and table["reason"].iloc[0]
    assert set(table["trust"].iloc[1:]) == {OK}
    assert set(table["reason"].iloc[1:]) == {""}


def test_the_column_stands_before_the_reason_and_changes_no_other(runtime, ordinary):
    plain = zoo.classify(runtime, ordinary)
    table = zoo.classify(runtime, ordinary, trust=True)
    assert table.columns.tolist() == [*plain.columns[:-1], "trust", "reason"]
    pd.testing.assert_frame_equal(table.drop(columns="trust"), plain)
    nothing = zoo.classify(runtime, ordinary.take([]), trust=True)
    assert nothing.columns.tolist() == table.columns.tolist()
    assert nothing.dtypes.tolist() == table.dtypes.tolist()


def odd_and_ordinary(ordinary: LightCurves) -> LightCurves:
    """Objects of every word, each with a name of its own."""
    odd = {
        "z": with_redshift(ordinary.take(np.arange(9)), 5.0),
        "f": scaled(ordinary.take(np.arange(9)), 1 / 1000),
        "u": with_redshift(simulated(12, 906, classes=("uLens",)), np.nan),
        "o": ordinary.take(np.arange(40)),
    }
    named = [
        replace(one, object_id=np.array([f"{i}{k}" for i in one.object_id], object))
        for k, one in odd.items()
    ]
    return concatenate(named)


def test_it_depends_on_the_object_alone(runtime, ordinary, tmp_path, monkeypatch):
    every = odd_and_ordinary(ordinary)
    whole = zoo.classify(runtime, every, trust=True)
    assert {OK, "flux", "redshift", "novel"} <= set(whole["trust"])
    alone = [
        zoo.classify(runtime, every.take([i]), trust=True) for i in range(0, 70, 3)
    ]
    pd.testing.assert_series_equal(
        pd.concat(alone)["trust"], whole["trust"].iloc[0:70:3]
    )
    order = np.random.default_rng(0).permutation(len(every))
    shuffled = zoo.classify(runtime, every.take(order), trust=True)
    assert shuffled["trust"].tolist() == whole["trust"].iloc[order].tolist()
    monkeypatch.setattr(files, "ROWS", 300)
    photometry, metadata = every.to_tables()
    photometry.to_parquet(tmp_path / "photometry.parquet", row_group_size=128)
    metadata.to_parquet(tmp_path / "metadata.parquet")
    parts = TableParts(
        tmp_path / "photometry.parquet",
        tmp_path / "metadata.parquet",
        scratch=tmp_path,
    )
    tables = list(classify_parts(runtime, parts, Tally(), novelty=True, trust=True))
    assert len(tables) > 3
    found = pd.concat(tables).loc[whole.index]
    pd.testing.assert_series_equal(found["trust"], whole["trust"])
    np.testing.assert_array_equal(
        found["novelty"], zoo.novelty(runtime, every)["novelty"]
    )


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_command_writes_the_column(runtime, ordinary, tmp_path, suffix):
    every = odd_and_ordinary(ordinary)
    write_folder(every, tmp_path / "table")
    out = tmp_path / f"p{suffix}"
    with pytest.raises(SystemExit) as done:
        main(
            ["classify", "ztfsims-gru", str(tmp_path / "table"), "--out", str(out)]
            + ["--trust", "--novelty"]
        )
    assert not done.value.code
    found = pd.read_parquet(out) if suffix == ".parquet" else pd.read_csv(out)
    assert found.columns.tolist()[-3:] == ["novelty", "trust", "reason"]
    assert found["trust"].tolist() == words(runtime, every)


def test_a_model_that_carries_too_little_is_refused():
    with pytest.raises(ValueError, match="has 8 golden light curves; novelty needs 50"):
        small_model().classify(labelled(1), trust=True)


def test_a_method_of_a_keras_model_has_it_too(ordinary):
    model = zoo.load("ztfsims-gru")
    table = model.classify(ordinary.take([0, 1]), trust=True)
    assert table["trust"].tolist() == [OK, OK]
