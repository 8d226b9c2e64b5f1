"""Surveys measured from photometry: against those that the photometry is simulated
from, and against real light curves."""

import numpy as np
import pandas as pd
import pytest
from test_cli import fails, run

from zoo.datasets.measure_survey import measure
from zoo.datasets.measure_survey.cadence import measure_cadence
from zoo.datasets.measure_survey.noise import measure_noise
from zoo.datasets.simulator import PLAIN, simulate
from zoo.datasets.survey_files import read_survey, to_toml
from zoo.light_curves import concatenate
from zoo.light_curves.accept import read
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import from_tables


def drawn(survey, objects, **options):
    parts = simulate(survey, objects=objects, randomisation=PLAIN, **options)
    return concatenate(list(parts))


@pytest.fixture(scope="module")
def des():
    light_curves = drawn("des", 90, seed=4)
    unlabelled = light_curves.metadata.assign(label=None)[["redshift", "label"]]
    photometry, metadata = light_curves.to_tables()
    metadata = metadata[["object_id"]].join(unlabelled)
    return from_tables(photometry, metadata)


@pytest.fixture(scope="module")
def measured(des):
    return measure(des, "again")


def test_depths_are_those_of_the_survey(measured):
    tables, _ = measured
    for one in read_survey("des").passbands:
        depth = tables["passband"][one.passband.name]["depth"]
        assert depth[4] == pytest.approx(one.depth[4], abs=0.15)
        assert depth[6] - depth[2] == pytest.approx(
            one.depth[6] - one.depth[2], abs=0.3
        )


def odd(flux, flux_err, objects=40, first=60_000.0):
    number = 12
    return read(
        pd.DataFrame(
            {
                "object_id": np.repeat([f"o{i}" for i in range(objects)], number),
                "mjd": np.tile(first + 3.0 * np.arange(number), objects),
                "band": "ztfr",
                "flux": flux,
                "flux_err": flux_err,
            }
        )
    )


@pytest.mark.parametrize(
    ("flux", "flux_err", "first", "message"),
    [
        (-5.0, 5.0, 60_000.0, "^0 objects have a detection, too few to measure limits"),
        (2.0, 5.0, 60_000.0, "^0 objects have a detection"),
        (1e9, 1e7, 60_000.0, "makes no survey: .* zero point"),
        (1e-6, 1e-7, 60_000.0, "makes no survey: .* limits is .* zero point"),
        (100.0, 5.0, 0.0, "makes no survey: .* dates is .* times are MJD"),
    ],
)
def test_light_curves_that_make_no_survey_are_refused(flux, flux_err, first, message):
    with pytest.raises(ValueError, match=message):
        measure(odd(flux, flux_err, first=first), "x")


def test_nights_gaps_and_hours_are_those_of_the_survey(measured):
    cadence = measured[0]["cadence"]
    visited, dark, bright = cadence["nights"][0]
    assert visited == ["desg", "desr", "desi", "desz"]
    assert min(dark, bright) > 0.95
    nights = sum(nights * share for nights, share in cadence["revisit"])
    assert 4.5 < nights < 7.5
    assert cadence["night_time"] == pytest.approx([0.0, 0.4], abs=0.03)
    assert cadence["pair_delay"] == pytest.approx([0.001, 0.005], abs=0.001)
    assert 100 < cadence["seasons"][4] < 180


def test_limits_make_the_simulation_as_bright_as_the_survey(measured):
    low, high = measured[0]["selection"]["limits"]
    assert low + high == pytest.approx(21.5 + 23.8, abs=0.8)


def test_forced_photometry_is_told_from_detections_only(measured, des):
    assert measured[0]["photometry"]["detections_only"] < 0.2
    significant = des.keep(des.flux > 5 * des.flux_err)
    tables, notes = measure(significant, "cut")
    assert tables["photometry"]["detections_only"] == 1
    assert any("window: not measured" in note for note in notes)


def test_a_window_is_found_and_hides_the_seasons():
    light_curves = drawn("ps1", 60, seed=1)
    of = np.repeat(np.arange(60), light_curves.lengths)
    first = np.array(
        [
            light_curves.mjd[of == i][light_curves.detected[of == i]][0]
            for i in range(60)
        ]
    )
    days = light_curves.mjd - first[of]
    tables, notes = measure(light_curves.keep((days > -15) & (days < 40)), "cut")
    begin, end = tables["photometry"]["window"]
    assert -17 <= begin <= -10
    assert 35 <= end <= 42
    assert any(note.startswith("seasons: hidden") for note in notes)


def test_a_measured_survey_can_be_simulated_and_is_stable(measured, tmp_path):
    path = tmp_path / "again.toml"
    path.write_text(to_toml(*measured))
    assert read_survey(path).name == "again"
    light_curves = drawn(path, 30)
    assert light_curves.bands == ("desg", "desr", "desi", "desz")


def test_own_passbands_keep_their_wavelengths_and_rare_ones_are_left_out():
    rows = 3000
    random = np.random.default_rng(0)
    photometry = pd.DataFrame(
        {
            "object_id": np.repeat([f"o{i}" for i in range(60)], 50),
            "mjd": 60000 + np.tile(np.arange(50.0), 60) + random.uniform(0, 0.2, rows),
            "band": np.where(np.arange(rows) % 500 == 0, "rare", "mine::x"),
            "wavelength": 0.55,
            "flux": random.normal(0, 20, rows),
            "flux_err": 20.0,
        }
    )
    tables, floor, notes = measure_noise(from_tables(photometry))
    assert tables["mine::x"]["wavelength"] == 0.55
    expected = 27.5 - 2.5 * np.log10(100) + 0.14
    assert tables["mine::x"]["depth"][4] == pytest.approx(expected, abs=0.01)
    assert floor is None
    assert "passband rare is left out: it has 6 rows, fewer than 30" in notes


def test_few_nights_are_noted():
    light_curves = drawn("des", 12)
    table, notes = measure_cadence(
        light_curves, light_curves.mjd[light_curves.offsets[:-1]], True, False
    )
    assert any(note.startswith("revisit and delay: fewer") for note in notes)
    assert table["revisit"] == [[1, 1.0]]


def test_too_few_objects_are_refused(des):
    with pytest.raises(ValueError, match="12 objects are too few to measure a survey"):
        measure(des.take(np.arange(12)), "few")


def test_the_command_writes_a_file_whole_or_not_at_all(des, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_folder(des, tmp_path / "table")
    said = run("survey", "measure", "table", "--out", "mine.toml")
    assert "desg: 23." in said
    assert read_survey("mine.toml").source.startswith("Measured from 90 objects")
    before = (tmp_path / "mine.toml").read_bytes()
    again = ("survey", "measure", "table", "--out", "mine.toml")
    assert "exists already" in fails(*again)
    run(*again, "--overwrite", "--name", "other")
    assert (tmp_path / "mine.toml").read_bytes() != before
    assert "lower-case" in fails(*again[:-1], "x.toml", "--name", "A b")
    assert "FILE.toml" in fails(*again[:-1], "mine.txt", code=2)
    write_folder(des.take(np.arange(5)), tmp_path / "few")
    assert "too few" in fails("survey", "measure", "few", "--out", "few.toml")
    assert not list(tmp_path.glob("*few.toml"))


def test_atlas_is_measured(test_data):
    tables, notes = measure(read(test_data / "tables" / "atlas"), "atlas")
    # Published: 19.5 mag in cyan and 19 in orange in one of four exposures of a night
    # (Smith et al. 2020, PASP 132 085002), which the table holds as one.
    assert 19.4 < tables["passband"]["atlasc"]["depth"][4] < 20.3
    assert 18.9 < tables["passband"]["atlaso"]["depth"][4] < 19.8
    assert tables["photometry"]["window"] == pytest.approx([-26, 62], abs=6)
    kinds = {tuple(sorted(set(row[0]))) for row in tables["cadence"]["nights"][:2]}
    assert kinds == {("atlasc",), ("atlaso",)}
