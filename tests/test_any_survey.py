"""Surveys drawn at random: how they are spread, and what is simulated of them."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from zoo.datasets import registry
from zoo.datasets.simulator import PLAIN, Randomisation, simulate
from zoo.datasets.simulator.any_survey import draw_survey, vary
from zoo.datasets.simulator.cadence import AFTER, BEFORE
from zoo.datasets.simulator.chunk import draw_chunk
from zoo.datasets.simulator.surveys import SURVEYS, Instrument, Survey, find_survey
from zoo.datasets.simulator.telescopes import together, visit
from zoo.datasets.simulator.transients import snia
from zoo.datasets.tfds_features import to_examples
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.examples import from_examples
from zoo.passbands import CATALOGUE, INVENTED, PASSBANDS, find, invented, make
from zoo.taxonomy import ZTFSIMS

YEARS = (4, 4)
ANY = find_survey("anysims")


def run(objects: int, **options) -> LightCurves:
    options = {"seed": 10, **options}
    return concatenate(list(simulate("anysims", objects=objects, **options)))


def digest(light_curves: LightCurves) -> str:
    arrays = ("offsets", "mjd", "flux", "flux_err", "band", "detected")
    parts = [getattr(light_curves, name).tobytes() for name in arrays]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def times_and_passbands(light_curves: LightCurves) -> str:
    """A digest of what no rounding of a function of the processor changes."""
    names = np.array([passband.name for passband in light_curves.passbands])
    parts = [light_curves.offsets.tobytes(), light_curves.mjd.tobytes()]
    parts += [" ".join(names[light_curves.band]).encode()]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


@pytest.fixture(scope="module")
def drawn() -> list[Survey]:
    return [draw_survey(ANY, "TDE", 1, number) for number in range(1000)]


@pytest.fixture(scope="module")
def invented_surveys(drawn) -> list[Survey]:
    real = [SURVEYS[name].instrument for name in ("ztfsims", "lsstsims")]
    return [survey for survey in drawn if survey.instrument not in real]


@pytest.fixture(scope="module")
def telescopes(invented_surveys) -> list[Instrument]:
    return [survey.instrument for survey in invented_surveys]


@pytest.fixture(scope="module")
def sample() -> LightCurves:
    return run(1000, years=YEARS)


def test_some_surveys_are_those_of_ztf_and_lsst(drawn):
    for name in ("ztfsims", "lsstsims"):
        same = [
            replace(SURVEYS[name], name="anysims", group=32) == survey
            for survey in drawn
        ]
        assert 0.12 < np.mean(same) < 0.18


def test_telescopes_have_one_to_eight_passbands_from_uv_to_near_infrared(telescopes):
    numbers = [len(telescope.bands) for telescope in telescopes]
    assert set(numbers) == set(range(1, 9))
    assert 0.06 < np.mean(np.array(numbers) == 1) < 0.18
    wavelengths = [telescope.wavelengths for telescope in telescopes]
    every = np.concatenate(wavelengths)
    assert every.min() == 0.2 and every.max() == 1.8
    assert all((np.diff(one) > 0.01).all() for one in wavelengths)
    largest = np.diff(np.log(np.unique(every))).max()
    assert largest < 0.1  # no gap between them as wide as a passband
    names = {band for telescope in telescopes for band in telescope.bands}
    assert set(INVENTED) < names
    assert {"ztfg", "atlasc", "atlaso", "ps1::i", "uvot::uvm2", "euclidh"} < names
    assert not {"uvot::uvw2", "gaia::grvs"} & names


def test_few_surveys_rely_on_light_that_the_spectra_do_not_give(telescopes):
    wavelengths = [telescope.wavelengths for telescope in telescopes]
    assert 0.04 < np.mean([one.min() < 0.32 for one in wavelengths]) < 0.12
    assert 0.09 < np.mean([one.max() > 1.1 for one in wavelengths]) < 0.2
    optical = [((one > 0.32) & (one < 1.1)).any() for one in wavelengths]
    assert np.mean(optical) > 0.96


def test_depths_and_cadences_are_spread(telescopes):
    depth = np.concatenate([telescope.median_depth for telescope in telescopes])
    assert depth.min() == 17 and depth.max() == 26
    assert (np.histogram(depth, 9, (17, 26))[0] > len(depth) / 18).all()
    nights = np.array([t.revisit[len(t.revisit) // 2][0] for t in telescopes])
    assert nights.min() == 1 and nights.max() == 8
    assert max(telescope.dense[1] for telescope in telescopes) == 6
    assert max(len(names) for t in telescopes for names, _, _ in t.nights) == 8
    for telescope in telescopes:
        for column in (1, 2):
            assert sum(night[column] for night in telescope.nights) == pytest.approx(1)
        assert sum(share for _, share in telescope.revisit) == pytest.approx(1)
        assert all(np.all(np.diff(one) > 0) for one in telescope.depth)
        assert len(telescope.samples) == len(telescope.bands)
        most = max(len(names) for names, _, _ in telescope.nights)
        begins, ends = telescope.night_time
        # Visits of a night end before those of the next begin.
        assert ends - begins + (most - 1) * telescope.pair_delay[1] < 1


def test_photometry_is_of_every_kind(invented_surveys):
    alerts = np.array([survey.alerts for survey in invented_surveys])
    cut = np.array([survey.cut for survey in invented_surveys])
    for share in (alerts, cut, 1 - alerts - cut):
        assert 0.28 < share.mean() < 0.38
        assert (share > 0.9).mean() > 0.02
    limits = np.array([survey.limits for survey in invented_surveys])
    assert limits.min() == 16 and 25 < limits.max() < 26
    assert (limits[:, 1] - limits[:, 0] >= 0.799).all()


def test_zero_points_and_errors_scatter_by_the_survey():
    usual = Randomisation()
    spread = [vary("anysims", 1, number, usual) for number in range(200)]
    calibration = [one.calibration for one in spread]
    assert min(calibration) < 0.012 and 0.07 < max(calibration) <= 0.08
    assert max(one.error_inflation[1] for one in spread) > 2.2
    assert vary("ztfsims", 1, 0, usual) == usual
    plain = [vary("anysims", 1, number, PLAIN) for number in range(50)]
    assert all(one.band_dropout == 0 and one.residual == 0.04 for one in plain)


def test_every_class_sees_the_same_surveys():
    for number in range(20):
        surveys = [draw_survey(ANY, label, 7, number) for label in ZTFSIMS]
        assert len({replace(survey, group=1) for survey in surveys}) == 1
    groups = {label: draw_survey(ANY, label, 7, 0).group for label in ZTFSIMS}
    assert groups["TDE"] == groups["AGN"] == 32
    assert groups["SNIax"] == 4 and groups["SNIa"] == 28
    assert draw_survey(ANY, "TDE", 7, 0) != draw_survey(ANY, "TDE", 8, 0)


def test_two_telescopes_observe_one_object(invented_surveys):
    survey = next(s for s in invented_surveys if s.second is not None)
    on = together(survey)
    first, second = survey.instrument, survey.second
    assert sorted(on.bands) == sorted((*first.bands, *second.bands))
    assert (np.diff(on.wavelengths) >= 0).all()
    for band, depth, sampled in zip(on.bands, on.depth, on.samples, strict=True):
        known = [
            (one.depth[one.bands.index(band)], one.samples[one.bands.index(band)])
            for one in (first, second)
            if band in one.bands
        ]
        assert (depth, sampled) in known
    everywhere = np.ones(300)
    visits = visit(np.random.default_rng(1), survey, everywhere, YEARS)
    of, mjd = visits.of, visits.mjd
    assert (np.diff(mjd)[np.diff(of) == 0] >= 0).all()
    peaks = mjd - visits.days  # of an object, whoever observes it
    assert (np.abs(np.diff(peaks)[np.diff(of) == 0]) < 1e-3).all()
    alone = replace(survey, second=None)
    rows = len(visit(np.random.default_rng(1), alone, everywhere, YEARS).of)
    assert len(of) > rows
    theirs = np.isin(np.array(on.bands)[visits.band], second.bands)
    shared = len(np.unique(of[theirs]))
    assert 0.5 * 300 < shared <= 300


def test_gaps_are_weeks_without_a_visit(invented_surveys):
    survey = max(invented_surveys, key=lambda one: one.instrument.seasons[4])
    survey = replace(survey, second=None)
    kept = np.ones(400)
    whole = visit(np.random.default_rng(1), replace(survey, gaps=0.0), kept, None)
    holes = visit(np.random.default_rng(1), replace(survey, gaps=1.0), kept, None)
    assert 0.7 * len(whole.of) < len(holes.of) < 0.97 * len(whole.of)
    assert (holes.days > -BEFORE - 2).all() and (holes.days < AFTER + 2).all()


def test_every_object_has_a_trigger_and_finite_rows_in_order(sample):
    assert len(sample) == len(set(sample.object_id)) == 1000
    assert set(sample.labels) == set(ZTFSIMS)
    assert (trigger_rows(sample, 30) >= 0).all()
    assert np.isfinite(sample.flux).all() and (sample.flux_err > 0).all()
    same = np.diff(np.repeat(np.arange(len(sample)), sample.lengths)) == 0
    assert (np.diff(sample.mjd)[same] >= 0).all()
    assert set(sample.metadata["mode"]) == {"forced", "cut", "alerts"}
    assert {passband.name for passband in sample.own} <= set(INVENTED)
    assert {"ztf", "lsst", "user"} < {passband.survey for passband in sample.observed}


def test_same_bytes_with_workers_and_other_bytes_with_other_seeds():
    alone = digest(run(300, years=YEARS))
    assert alone == digest(run(300, years=YEARS, workers=2))
    assert alone != digest(run(300, years=YEARS, seed=11))


@pytest.mark.parametrize(
    ("survey", "years", "golden"),
    [
        ("ztfsims", None, "82941aa4d58fdbd0"),
        ("ztfsims", (2, 3), "8a1d51b823ba6baf"),
        ("bts", None, "8125ae194fbab5ce"),
        ("bts", (2, 3), "8572899adc5a81f6"),
        ("lsstsims", None, "94118d3a29780958"),
        ("lsstsims", (2, 3), "d81e7d86332af27c"),
        ("anysims", None, "b0ae157eabfdf6e3"),
        ("anysims", (4, 4), "6c26d76698e1cc2c"),
    ],
)
def test_data_sets_stay_what_they_are(survey, years, golden):
    parts = simulate(survey, objects=300, seed=3, years=years)
    assert times_and_passbands(concatenate(list(parts))) == golden


def test_the_template_of_sne_ia_reaches_from_uv_to_h():
    """Hsiao et al. 2007 at its peak, AB: faint in the UV, and a minimum in the J."""
    bands = ("uvot::uvm2", "bessellb", "bessellv", "2massj", "2massh")
    samples = tuple(PASSBANDS[band].samples for band in bands)
    on = replace(SURVEYS["ztfsims"].instrument, bands=bands, samples=samples)
    zeros = np.zeros(1, np.float32)
    drawn = {"magnitude": zeros - 19, "rise": zeros + 1}
    drawn |= dict.fromkeys(("x1", "colour", "tilt"), zeros)
    placed = snia.place(drawn, np.array([0.01]), on)
    of, band = np.zeros(5, int), np.arange(5)
    flux = snia.flux(placed, of, band, np.zeros(5, np.float32))
    uvm2, b, v, j, h = -2.5 * np.log10(flux)
    # SN 2011fe: uvm2 - v of 4.7 in Vega (Brown et al. 2012, ApJ 753 22) and AB + 1.7;
    # V - J of -0.3 to 0 and J - H of -0.2 in Vega at maximum (Krisciunas et al. 2004,
    # AJ 128 3034), of which 0.9 and 0.5 go to AB.
    assert 4 < uvm2 - v < 7.5
    assert -0.3 < b - v < 0.2
    assert -1.7 < v - j < -0.6
    assert -1.0 < j - h < 0.2


def test_an_invented_passband_is_that_of_its_name():
    for name, passband in INVENTED.items():
        assert name == passband.name == f"any{passband.wavelength:.3f}"
        # As a table with a column `wavelength`, or a model, brings it back.
        assert passband == make(name, wavelength=passband.wavelength)
        assert find(name) is None
    assert invented(350).name == "any0.350"


def test_examples_hold_invented_passbands_and_no_others():
    light_curves = run(96, classes=["TDE"])
    examples = [example for _, example in to_examples(light_curves)]
    codes = np.concatenate([example["band"] for example in examples])
    assert codes.dtype == np.int16 and codes.min() <= -200
    back = from_examples(examples)
    assert back.observed == light_curves.observed
    assert len(back.passbands) < len(CATALOGUE) + len(INVENTED)
    own = (*CATALOGUE, make("mine::x", wavelength=0.55))
    one = replace(light_curves.take([0]), passbands=own)
    message = "'mine::x' is not in the catalogue, and a data set keeps only such"
    with pytest.raises(ValueError, match=message):
        next(to_examples(one))


@pytest.mark.parametrize("label", ["SNIa", "SNII"])
@pytest.mark.parametrize("years", [None, YEARS])
@pytest.mark.parametrize("limit", [-9.0, 6.0])
def test_of_a_class_too_faint_for_a_survey_there_is_nothing(label, years, limit):
    survey = SURVEYS["ztfsims"]
    shallow = tuple((limit,) * 9 for _ in survey.instrument.bands)
    on = replace(survey.instrument, depth=shallow, shallowest=-10.0)
    dark = replace(survey, instrument=on, limits=(limit, limit + 0.1))
    drawn = draw_chunk(dark, 1, {label: label}, PLAIN, label, 0, years=years)
    assert len(drawn) < 5


def test_templates_are_refused():
    with pytest.raises(ValueError, match="and anysims has hundreds. Leave templates"):
        simulate("anysims", objects=5, templates="somewhere")
    assert "anysims" in registry.surveys()
