"""Simulations of several years: seasons, baselines, precursors and late phases."""

import hashlib

import numpy as np
import pytest

from zoo.datasets import registry
from zoo.datasets.configs import config_from_name, simulated_name
from zoo.datasets.simulator import PLAIN, Randomisation, simulate
from zoo.datasets.simulator.cadence import AFTER, BEFORE, YEAR, draw_visits
from zoo.datasets.simulator.populations import populations
from zoo.datasets.simulator.surveys import LSST, SURVEYS, ZTF
from zoo.datasets.simulator.transients import agn, explosion, years
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves import LightCurves, concatenate

YEARS = (3, 4)
WHOLE = Randomisation(short_history=0)


def run(survey: str, objects: int, **options) -> LightCurves:
    options = {"years": YEARS, "seed": 5, **options}
    return concatenate(list(simulate(survey, objects=objects, **options)))


def digest(light_curves: LightCurves) -> str:
    arrays = ("offsets", "mjd", "flux", "flux_err", "band", "detected")
    parts = [getattr(light_curves, name).tobytes() for name in arrays]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def owners(light_curves: LightCurves) -> np.ndarray:
    return np.repeat(np.arange(len(light_curves)), light_curves.lengths)


def since_trigger(light_curves: LightCurves) -> np.ndarray:
    trigger = trigger_rows(light_curves, 30)
    assert (trigger >= 0).all()
    return light_curves.mjd - light_curves.mjd[trigger][owners(light_curves)]


def forced(light_curves: LightCurves) -> LightCurves:
    chosen = light_curves.metadata["mode"] == "forced"
    return light_curves.take(chosen.to_numpy().nonzero()[0])


def relative(label: str, days: list[float], objects: int = 4000) -> np.ndarray:
    """What the years add in r, in units of the peak, `(objects, days)`, at z = 0."""
    rng = np.random.default_rng(1)
    drawn = years.draw(rng, populations()[label].years, objects, 1.0, YEARS)
    of, day = np.divmod(np.arange(objects * len(days)), len(days))
    flux = years.flux(
        drawn,
        np.ones((objects, 1), np.float32),
        np.zeros(objects),
        np.array([0.62]),
        of,
        np.zeros(len(of), int),
        np.array(days, np.float32)[day],
    )
    return flux.reshape(objects, -1)


@pytest.fixture(scope="module", params=list(SURVEYS))
def sample(request: pytest.FixtureRequest) -> LightCurves:
    return run(request.param, 600)


def test_every_object_has_a_trigger_and_finite_rows_in_order(sample):
    assert len(sample) == len(set(sample.object_id)) == 600
    since_trigger(sample)
    np.testing.assert_array_equal(sample.detected, sample.flux / sample.flux_err >= 5)
    assert np.isfinite(sample.flux).all() and (sample.flux_err > 0).all()
    same = np.diff(owners(sample)) == 0
    assert (np.diff(sample.mjd)[same] >= 0).all()


def test_the_rows_lie_within_the_years(sample):
    span = np.maximum.reduceat(sample.mjd, sample.offsets[:-1])
    span -= np.minimum.reduceat(sample.mjd, sample.offsets[:-1])
    longest = BEFORE + AFTER + YEAR * sum(YEARS) + 2
    assert span.max() < longest
    assert span.max() > 0.6 * longest


@pytest.mark.parametrize("survey", list(SURVEYS))
def test_the_same_arguments_give_the_same_bytes_and_other_years_others(survey):
    options = {"objects": 90, "classes": ["SNIIn", "TDE", "AGN"]}
    alone = digest(run(survey, **options))
    assert alone == digest(run(survey, **options))
    assert alone != digest(run(survey, **options, years=(4, 3)))
    assert alone != digest(run(survey, **options, years=None))


def test_workers_do_not_change_the_bytes():
    options = {"objects": 90, "classes": ["SNIa", "AGN", "TDE"]}
    assert digest(run("bts", **options)) == digest(run("bts", **options, workers=2))


@pytest.mark.parametrize("on", [ZTF, LSST])
def test_a_field_is_seen_in_seasons_that_recur_every_year(on):
    visits = draw_visits(np.random.default_rng(2), on, np.ones(400), YEARS)
    assert (np.diff(visits.mjd)[np.diff(visits.of) == 0] >= 0).all()
    assert visits.days.min() > -BEFORE - YEAR * YEARS[0] - 1.5
    assert visits.days.max() < AFTER + YEAR * YEARS[1] + 1.5
    # Most days of the year are either always or never in season.
    seasons = np.floor(visits.days / YEAR).astype(int)
    assert set(range(-YEARS[0], YEARS[1])) <= set(seasons)
    gaps = np.diff(visits.mjd)[np.diff(visits.of) == 0]
    per_object = (gaps > 60).sum() / 400
    assert 2 < per_object < 8


def test_the_baseline_of_explosions_is_noise_and_that_of_agn_is_not():
    light_curves = forced(
        run("lsstsims", 600, classes=["SNIa", "AGN"], randomisation=WHOLE)
    )
    early = since_trigger(light_curves) < -40
    snr = light_curves.flux / light_curves.flux_err
    of_agn = (light_curves.labels == "AGN")[owners(light_curves)]
    scatter = [np.std(snr[early & rows].clip(-9, 9)) for rows in (~of_agn, of_agn)]
    assert 0.95 < scatter[0] < 1.2
    assert scatter[1] > 1.5
    assert abs(np.mean(snr[early & ~of_agn])) < 0.1


def test_agn_vary_for_all_the_years():
    rng = np.random.default_rng(3)
    walk = agn.draw(rng, populations()["AGN"], 1000, 1.0, YEARS)["walk"]
    assert 2 * (walk.shape[1] - 1) >= BEFORE + AFTER + YEAR * sum(YEARS)
    change = np.abs(walk[:, -1] - walk[:, 0])
    # Rumbaugh et al. 2018: more than 1 mag within 15 years for 30 to 50 % of them.
    assert 0.02 < (change > 1).mean() < 0.4


def test_many_agn_vary_more_smoothly_than_a_damped_random_walk():
    rng = np.random.default_rng(3)
    walk = agn.draw(rng, populations()["AGN"], 1000, 1.0, YEARS)["walk"]
    steps = [np.var(walk[:, days:] - walk[:, :-days], axis=1) for days in (1, 2)]
    # A random walk moves as the square root of the time, a smooth one as the time.
    smooth = steps[0] / steps[1] < 0.4
    assert 0.4 < smooth.mean() < 0.65
    once = agn.draw(rng, populations()["AGN"], 1000, 1.0)["walk"]
    steps = [np.var(once[:, days:] - once[:, :-days], axis=1) for days in (1, 2)]
    assert (steps[0] / steps[1] > 0.4).mean() > 0.95


def test_agn_are_reddened_by_dust_and_as_bright_as_without_it():
    rng = np.random.default_rng(3)
    drawn = agn.draw(rng, populations()["AGN"], 2000, 1.0, YEARS)
    clean = {**drawn, "reddening": np.zeros(2000)}
    g, r = (LSST.bands.index(band) for band in ("lsstg", "lsstr"))

    def magnitudes(parameters: dict) -> np.ndarray:
        placed = agn.place(parameters, drawn["redshift"], LSST)
        return -2.5 * np.log10(placed["mean"])

    dusty, bare = magnitudes(drawn), magnitudes(clean)
    redder = (dusty[:, g] - dusty[:, r]) - (bare[:, g] - bare[:, r])
    assert 0.1 < np.median(redder) < 0.4
    assert (redder > -1e-3).all()
    assert np.abs(dusty[:, r] - bare[:, r]).max() < 0.2
    assert np.std(dusty[:, g] - dusty[:, r]) > 0.2


def test_tde_and_interacting_supernovae_stay_for_years_and_others_do_not():
    late = {label: relative(label, [500.0]) for label in populations()}
    assert np.median(late["TDE"]) > 0.003
    assert np.median(late["SNIIn"]) > 0.01
    assert np.median(late["SNIa"]) < 0.001
    assert np.quantile(late["SNIb"], 0.7) < 0.001
    tail = relative("SNIa", [250.0, 350.0])
    decline = -2.5 * np.log10(np.median(tail[:, 1]) / np.median(tail[:, 0]))
    assert decline == pytest.approx(0.98, abs=0.25)  # 56Co: mag in 100 days


def test_precursors_and_bumps_are_those_of_the_class():
    days = -np.geomspace(20, 1000, 60)
    seen = {
        label: (relative(label, days.tolist()) > 0.01).any(1).mean()
        for label in ("SNIIn", "TDE", "SNIa", "SNIc")
    }
    # Strotjohann et al. 2021: a quarter of SNe IIn, and more that are fainter.
    assert 0.25 < seen["SNIIn"] < 0.6
    assert 0.1 < seen["TDE"] < 0.5
    assert seen["SNIa"] < 0.1 > seen["SNIc"]


def test_a_trigger_may_come_long_before_the_peak():
    light_curves = forced(
        run("ztfsims", 900, classes=["TDE", "SNIa"], randomisation=PLAIN)
    )
    flux = np.where(light_curves.detected, light_curves.flux, -np.inf)
    days = since_trigger(light_curves)
    offsets = light_curves.offsets
    wait = np.array(
        [
            days[a:b][flux[a:b].argmax()]
            for a, b in zip(offsets[:-1], offsets[1:], strict=True)
        ]
    )
    of_tde = light_curves.labels == "TDE"
    assert 0.03 < (wait[of_tde] > 100).mean() < 0.4
    assert (wait[~of_tde] > 100).mean() < 0.05


def test_alerts_bring_no_baseline():
    light_curves = run("ztfsims", 600, classes=["SNIa", "SNII", "TDE"])
    alerts = (light_curves.metadata["mode"] == "alerts").to_numpy().nonzero()[0]
    days = since_trigger(light_curves.take(alerts))
    assert (days < -100).mean() < 0.02
    of_all = since_trigger(forced(light_curves))
    assert (of_all < -100).mean() > 0.15


def test_a_short_history_ends_a_year_before_the_trigger():
    short = Randomisation(short_history=1)
    options = {"classes": ["SNIa", "TDE"], "randomisation": short}
    assert since_trigger(run("lsstsims", 400, **options)).min() > -366
    options["randomisation"] = WHOLE
    assert (since_trigger(run("lsstsims", 400, **options)) < -366).mean() > 0.1


def test_a_bright_survey_still_sees_both_sides_of_the_peak():
    light_curves = run("bts", 300, classes=["SNIIn", "TDE"])
    offsets = light_curves.offsets
    for start, stop in zip(offsets[:-1], offsets[1:], strict=True):
        mjd = light_curves.mjd[start:stop][light_curves.detected[start:stop]]
        gaps = np.diff(mjd)
        assert (gaps < BEFORE + AFTER + 2).any()
    brightest = np.maximum.reduceat(light_curves.flux, offsets[:-1])
    assert (27.5 - 2.5 * np.log10(brightest)).max() < 19.0


def test_chunks_are_bounded():
    options = {"objects": 700, "classes": ["AGN"], "years": YEARS}
    sizes = [len(part) for part in simulate("lsstsims", **options)]
    assert sum(sizes) == 700
    assert max(sizes) <= 512


def shapes(index: float, days: list[float]) -> np.ndarray:
    """The shape of an explosion that rises within 5 days and hardly fades."""
    numbers = {"rise": 5, "fall": 1e6, "plateau": 1, "drop": 0, "tail": 0}
    numbers |= {"power_law": 0, "index": index}
    parameters = {name: np.float32(value) for name, value in numbers.items()}
    return explosion._shape(parameters, np.array(days, np.float32))


def test_an_explosion_with_an_onset_is_dark_before_it_and_then_a_power_of_time():
    assert not shapes(2.0, [-200, -16, -15]).any()
    assert shapes(2.0, [-2])[0] == pytest.approx(1 - np.exp(-1))
    onset = np.array([0.1, 0.2, 0.4])
    for index in (1.2, 2.0, 3.0):
        slopes = np.diff(np.log(shapes(index, list(onset - 15)))) / np.log(2)
        np.testing.assert_allclose(slopes, index, atol=0.02)
    late = shapes(2.0, list(np.arange(-15, 40)))
    assert (np.diff(late)[:40] > 0).all() and late[-1] == pytest.approx(1, abs=1e-3)


def test_without_an_onset_it_rises_as_a_sigmoid():
    days = [-40, -20, -5, 0, 5, 20]
    sigmoid = 1 / (1 + np.exp(-np.array(days) / 5))
    np.testing.assert_allclose(shapes(0.0, days), sigmoid, rtol=1e-4)


def test_half_of_the_explosions_have_an_onset_where_years_are_simulated():
    index = explosion.draw_index(np.random.default_rng(1), 20_000)
    assert 0.48 < (index > 0).mean() < 0.52
    assert index[index > 0].min() >= 1.2 and index.max() <= 3
    drawn = explosion.draw(np.random.default_rng(1), populations()["TDE"], 50, 1.0)
    assert not drawn["index"].any()


def median_before_the_trigger() -> float:
    """Signal to noise of slow explosions in the weeks before their first detections."""
    options = {"classes": ["TDE", "SLSN-I"], "randomisation": WHOLE, "seed": 7}
    light_curves = forced(run("lsstsims", 1500, **options))
    days = since_trigger(light_curves)
    rows = (days > -40) & (days < -15)
    return np.median((light_curves.flux / light_curves.flux_err)[rows])


def test_explosions_with_an_onset_are_fainter_before_the_trigger(monkeypatch):
    half = median_before_the_trigger()
    monkeypatch.setattr(explosion, "_ONSETS", 0.0)
    assert half < 0.9 * median_before_the_trigger()


@pytest.mark.parametrize("given", [(1,), (-1, 2), (16, 0), (1.5, 2), (1, 2, 3)])
def test_years_out_of_range_are_refused(given):
    with pytest.raises(ValueError, match="Give two whole numbers from 0 to 15"):
        simulate("bts", objects=5, years=given)
    with pytest.raises(ValueError, match="Give two whole numbers from 0 to 15"):
        registry.builder("bts", objects=5, years=given)


def test_a_folder_takes_no_years(tmp_path):
    with pytest.raises(ValueError, match=r"years=\(2, 3\) applies to simulations only"):
        registry.builder("bts", source_dir=tmp_path, years=(2, 3))


def test_the_name_of_the_data_set_tells_the_years():
    for plain in (False, True):
        config = config_from_name(simulated_name(50, 2, plain, years=(0, 12)))
        assert (config.objects, config.seed, config.plain) == (50, 2, plain)
        assert config.years == (0, 12)
    assert config_from_name(simulated_name(50, 2)).years is None


def test_a_data_set_of_years_is_built_and_found_by_name(tmp_path):
    built = registry.builder(
        "ztfsims", objects=120, seed=2, years=YEARS, data_dir=tmp_path
    )
    assert built.info.full_name.startswith("ztfsims/simulated-n120-s2-y3-4/")
    stored = registry.load_light_curves(built)
    drawn = run("ztfsims", 120, seed=2)
    stored = stored.take(np.argsort(stored.object_id))
    assert digest(stored) == digest(drawn.take(np.argsort(drawn.object_id)))
    assert registry.find("ztfsims/simulated-n120-s2-y3-4").builder_config.years == YEARS
