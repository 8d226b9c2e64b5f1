"""The light-curve simulator: counts, determinism, triggers, likeness to the sky."""

import hashlib

import numpy as np
import pytest

from zoo.datasets.simulator import Randomisation, simulate
from zoo.datasets.simulator.populations import populations
from zoo.datasets.simulator.surveys import LSST, SURVEYS, ZTF
from zoo.datasets.simulator.transients import snia
from zoo.datasets.simulator.transients.cosmology import distance_modulus
from zoo.datasets.simulator.transients.dust import extinction
from zoo.labels import LABELS
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.ragged import ZEROPOINT
from zoo.taxonomy import BTS, PARENT, ZTFSIMS

ANOMALIES = ("KN", "CaRT", "ILOT", "PISN", "uLens")

# Perley et al. 2020, ApJ 904 35, and the explorer's exports of 2021: 3,374 classified
# objects with peaks brighter than 19 mag. Median peak absolute magnitude and redshift.
BTS_MEDIANS = {
    "SNIa": (-19.22, 0.066),
    "SNII": (-17.67, 0.032),
    "SNIIn": (-18.88, 0.054),
    "SNIIb": (-17.46, 0.031),
    "SNIb": (-17.35, 0.030),
    "SNIc": (-17.64, 0.031),
    "SNIc-BL": (-18.40, 0.040),
    "SNIa-91bg": (-17.94, 0.046),
    "SLSN-I": (-21.07, 0.159),
    "TDE": (-19.34, 0.060),
}


def run(survey: str, objects: int, **options) -> LightCurves:
    return concatenate(list(simulate(survey, objects=objects, **options)))


def digest(light_curves: LightCurves) -> str:
    arrays = ("offsets", "mjd", "flux", "flux_err", "band", "detected")
    parts = [getattr(light_curves, name).tobytes() for name in arrays]
    parts += [" ".join(light_curves.object_id).encode()]
    parts += [light_curves.metadata.to_csv().encode()]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def peaks(light_curves: LightCurves) -> np.ndarray:
    """Brightest measured magnitude of each object."""
    brightest = np.maximum.reduceat(light_curves.flux, light_curves.offsets[:-1])
    return ZEROPOINT - 2.5 * np.log10(brightest)


@pytest.fixture(scope="module", params=list(SURVEYS))
def sample(request: pytest.FixtureRequest) -> tuple[str, LightCurves]:
    return request.param, run(request.param, 1201, seed=5)


def test_rows(sample):
    survey, light_curves = sample
    assert len(light_curves) == 1201
    assert light_curves.bands == SURVEYS[survey].instrument.bands
    assert len(set(light_curves.object_id)) == 1201
    assert len(np.unique(light_curves.lengths)) > 30
    assert light_curves.lengths.min() >= 2
    assert light_curves.offsets[-1] == len(light_curves.mjd)
    for name, dtype in (("mjd", "f8"), ("flux", "f4"), ("flux_err", "f4")):
        values = getattr(light_curves, name)
        assert values.dtype == dtype
        assert np.isfinite(values).all()
    assert light_curves.band.dtype == np.int16
    assert (light_curves.flux_err > 0).all()
    assert (np.abs(light_curves.mjd - 61000) < 4000).all()
    of = np.repeat(np.arange(1201), light_curves.lengths)
    assert (np.diff(light_curves.mjd)[np.diff(of) == 0] >= 0).all()


def test_metadata(sample):
    metadata = sample[1].metadata
    assert metadata["redshift"].dtype == metadata["mwebv"].dtype == np.float32
    assert metadata["redshift"].between(0.0, 3.0).all()
    assert metadata["mwebv"].between(0.004, 0.61).all()
    assert 0.03 < metadata["mwebv"].median() < 0.045
    assert set(metadata["mode"]) <= {"forced", "cut", "alerts"}


def test_every_object_triggers(sample):
    light_curves = sample[1]
    snr = light_curves.flux / light_curves.flux_err
    np.testing.assert_array_equal(light_curves.detected, snr >= 5)
    for start, stop in zip(
        light_curves.offsets[:-1], light_curves.offsets[1:], strict=True
    ):
        detected = light_curves.mjd[start:stop][light_curves.detected[start:stop]]
        assert len(detected) >= 2
        assert np.diff(detected).min() <= 30


def test_modes():
    light_curves = run("ztfsims", 600, seed=1, classes=["SNIa", "SNII"])
    mode = light_curves.metadata["mode"]
    assert mode.value_counts(normalize=True).between(0.25, 0.45).all()
    of = np.repeat(mode.to_numpy() != "forced", light_curves.lengths)
    snr = light_curves.flux / light_curves.flux_err
    assert snr[of].min() >= 3
    assert (light_curves.flux[~of] < 0).mean() > 0.1


def test_balance():
    labels = run("ztfsims", 602).metadata["label"]
    families = labels.map(lambda label: PARENT.get(label, label)).value_counts()
    assert sorted(families) == [100] * 4 + [101] * 2
    number = labels.value_counts()
    assert set(number.index) == set(ZTFSIMS)
    ratio = number["SNII"] / number["SNIIn"]
    assert ratio == pytest.approx((458 / 84) ** 0.5, rel=0.1)
    labels = run("bts", 1000).metadata["label"].value_counts(normalize=True)
    assert set(labels.index) <= set(BTS)
    assert labels["SNIa"] == pytest.approx(2498 / 3309, abs=0.01)
    assert labels["SNII"] == pytest.approx(593 / 3309, abs=0.01)


def test_coarser_class_holds_its_finer_ones():
    light_curves = run("ztfsims", 90, classes=["SNIb/c", "TDE"])
    metadata = light_curves.metadata
    members = set(metadata.loc[metadata["label"] == "SNIb/c", "subclass"])
    assert members == {"SNIb", "SNIc", "SNIc-BL"}


@pytest.mark.parametrize("survey", list(SURVEYS))
def test_anomalies(survey):
    light_curves = run(survey, 50, classes=ANOMALIES)
    assert light_curves.metadata["label"].value_counts().eq(10).all()


@pytest.mark.parametrize("survey", list(SURVEYS))
def test_same_bytes(survey):
    alone = digest(run(survey, 700, seed=3))
    assert alone == digest(run(survey, 700, seed=3))
    assert alone != digest(run(survey, 700, seed=4))


def test_same_bytes_with_workers():
    alone = digest(run("bts", 900, seed=3))
    assert alone == digest(run("bts", 900, seed=3, workers=2))


def test_chunks_are_bounded():
    sizes = [len(part) for part in simulate("ztfsims", objects=1500, classes=["TDE"])]
    assert sum(sizes) == 1500
    assert max(sizes) <= 512


def test_randomisation():
    calm = Randomisation(spread=1, dropout=0, error_inflation=(1, 1))
    options = {"objects": 400, "classes": ["SNII"], "seed": 2}
    rows = [
        run("ztfsims", **options, randomisation=given).lengths.mean()
        for given in (None, calm)
    ]
    assert rows[0] < 0.9 * rows[1]


def test_bright_transient_survey():
    classes = list(BTS_MEDIANS)
    light_curves = run("bts", 3000, seed=7, classes=classes)
    metadata = light_curves.metadata
    magnitude = peaks(light_curves)
    assert magnitude.max() < 19
    # Milky Way dust at 0.55 um stands for g and r; it is 0.1 mag in the median.
    absolute = magnitude - distance_modulus(metadata["redshift"].to_numpy())
    absolute -= 3.1 * 0.9 * metadata["mwebv"].to_numpy()
    for label, (expected, redshift) in BTS_MEDIANS.items():
        rows = (metadata["label"] == label).to_numpy()
        assert rows.sum() == 300
        assert np.median(absolute[rows]) == pytest.approx(expected, abs=0.3), label
        median = metadata["redshift"][rows].median()
        assert median == pytest.approx(redshift, rel=0.3), label


def test_alert_noise_is_that_of_the_sky():
    # SNe Ia of the Bright Transient Survey: median S/N at peak 14.5 to 17 at 18.3 mag.
    light_curves = run("bts", 500, classes=["SNIa"])
    light_curves = light_curves.take(
        np.flatnonzero(light_curves.metadata["mode"] == "alerts")
    )
    snr = light_curves.flux / light_curves.flux_err
    highest = np.maximum.reduceat(snr, light_curves.offsets[:-1])
    assert 13 < np.median(highest) < 21
    assert np.median(peaks(light_curves)) == pytest.approx(18.3, abs=0.2)


def test_luminosities():
    light_curves = run("ztfsims", 1200, seed=9, classes=["SNIa", "SNII", "SLSN-I"])
    median = light_curves.metadata.groupby("label")["peak_abs_mag"].median()
    assert median["SLSN-I"] < median["SNIa"] - 1 < median["SNII"] - 1.5
    redshift = light_curves.metadata.groupby("label")["redshift"].quantile(0.84)
    assert redshift["SLSN-I"] > 0.3 > redshift["SNII"]


def test_colours():
    # At its peak a TDE is bluer than an SN Ib, by about 0.6 mag in g - r.
    light_curves = run("ztfsims", 600, classes=["TDE", "SNIb"])
    of = np.repeat(np.arange(600), light_curves.lengths)
    brightest = np.zeros((600, 2))
    np.maximum.at(brightest, (of, light_curves.band), light_curves.flux)
    both = (brightest > 0).all(1)
    tde, snib = (
        -2.5 * np.log10(np.median(np.divide(*brightest[both & rows].T)))
        for rows in (light_curves.labels == "TDE", light_curves.labels == "SNIb")
    )
    assert tde < 0.1
    assert 0.4 < snib - tde < 0.9


@pytest.mark.parametrize(
    ("survey", "options", "message"),
    [
        ("bts", {"objects": 0}, "objects is 0. Give 1 or more"),
        ("bts", {"objects": 1, "workers": 0}, "workers is 0"),
        ("bts", {"objects": 1, "seed": -1}, "seed is -1"),
        ("bts", {"objects": 1, "classes": ["RRL"]}, "no population of RRL"),
        ("bts", {"objects": 1, "classes": ["SNIa", "SN Ia"]}, "List each once"),
        ("bts", {"objects": 1, "classes": []}, "cannot be simulated"),
        ("bts", {"objects": 1, "classes": ["SNIz"]}, "'SNIz' is not a known class"),
    ],
)
def test_refusals(survey, options, message):
    with pytest.raises(ValueError, match=message):
        simulate(survey, **options)


def test_populations():
    table = populations()
    assert set(table) >= {*ZTFSIMS, *ANOMALIES}
    assert set(table) <= set(LABELS)
    assert all(population.reference for population in table.values())
    total = sum(population.bts_count for population in table.values())
    assert total == 3309


def test_instruments():
    for instrument in (ZTF, LSST):
        number = len(instrument.bands)
        for name in ("samples", "milky_way", "electrons", "depth", "wavelengths"):
            assert len(getattr(instrument, name)) == number
        for column in (1, 2):
            shares = [night[column] for night in instrument.nights]
            assert sum(shares) == pytest.approx(1)


def test_known_values():
    # Planck-like cosmology: 5 log10(d / 10 pc) of 458.7 Mpc; A(B) / A(V) of CCM 1989.
    assert distance_modulus(np.array([0.1])) == pytest.approx(38.31, abs=0.02)
    assert extinction(np.array([0.44])) == pytest.approx(1.32, abs=0.01)


@pytest.mark.parametrize(
    ("band", "redshift", "phase", "expected"),
    [
        ("ztfg", 0.0, 1, 0.8887),
        ("ztfg", 0.2, 21, 0.1347),
        ("ztfr", 0.1, -9, 0.3652),
        ("ztfr", 0.1, 41, 0.1548),
        ("lsstu", 0.5, 1, 0.0284),
        ("lssti", 0.0, 25, 0.2746),
        ("lssty", 0.4, 11, 0.3460),
        ("lsstz", 1.0, -5, 0.8260),
    ],
)
def test_snia_template(band, redshift, phase, expected):
    # Integrals of the Hsiao SED of sncosmo 2.13.1 over the transmission curves, in
    # units of Bessell B at maximum, without the factor 1 + z of a bandwidth.
    instrument = ZTF if band.startswith("ztf") else LSST
    # Stretch 1, no colour.
    normal = {"magnitude": -19.0, "x1": 0.22, "colour": -0.09, "tilt": 0.0, "rise": 1}
    placed = snia.place(
        {name: np.array([value], np.float32) for name, value in normal.items()},
        np.array([redshift]),
        instrument,
    )
    row = np.array([0])
    code = np.array([instrument.bands.index(band)])
    days = np.array([phase * (1 + redshift)], np.float32)
    flux = snia.flux(placed, row, code, days)[0]
    modulus = distance_modulus(np.array([max(redshift, 1e-5)]))[0]
    scale = 10 ** (-0.4 * (-19.0 + modulus - ZEROPOINT)) * (1 + redshift)
    assert flux / scale == pytest.approx(expected, rel=0.02)
