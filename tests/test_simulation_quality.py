"""The simulation against the sky: the bars that it must clear, on real samples.

Medians: 0.15 mag in peak absolute magnitude, 15 % in redshift, 25 % in rise and
decline, for every class of which the Bright Transient Survey has 25 objects or more.
Two-sample test: at most 0.05 above what two real samples of SNe Ia give.
"""

import pytest

from zoo.datasets.compare import Sample, compare, read_summary
from zoo.datasets.simulator import PLAIN, simulate
from zoo.light_curves import concatenate
from zoo.light_curves.folder import read_folder

CLASSES = ("SNIa", "SNII", "SNIIn", "SNIIb", "SNIb", "SNIc", "SNIc-BL")
EXPORT = "bts_tables/ZTF_BTS_23_29__22_09_2021.csv"


def sample(survey, objects, classes, mode=None, **kwargs) -> Sample:
    parts = simulate(survey, objects=objects, seed=11, classes=classes, **kwargs)
    light_curves = concatenate(list(parts))
    if mode:
        kept = (light_curves.metadata["mode"] == mode).to_numpy().nonzero()[0]
        light_curves = light_curves.take(kept)
    return Sample.of(light_curves, f"{survey} {mode}")


@pytest.fixture(scope="module")
def medians(test_data):
    simulated = sample("bts", 2000 * len(CLASSES), CLASSES)
    real = Sample("BTS", read_summary(test_data / EXPORT))
    return compare(simulated, real, classes=CLASSES)["classes"]


@pytest.mark.parametrize("label", CLASSES)
def test_medians_of_the_bright_transient_survey(medians, label):
    assert medians[label]["n"]["b"] >= 25
    quantities = medians[label]["quantities"]
    a, b = (
        {name: quantities[name][side]["median"] for name in quantities} for side in "ab"
    )
    assert abs(a["peak_abs_mag"] - b["peak_abs_mag"]) < 0.15
    assert a["redshift"] == pytest.approx(b["redshift"], rel=0.15)
    assert a["rise"] == pytest.approx(b["rise"], rel=0.25)
    assert a["decline"] == pytest.approx(b["decline"], rel=0.25)


def test_sne_ia_are_told_from_real_ones_hardly_better_than_real_from_real(test_data):
    real = read_folder(test_data / "tables" / "ztf_real")
    chosen = real.labels == "SNIa"
    bts, yse = (
        Sample.of(
            real.take(
                (chosen & (real.metadata["source"] == source)).to_numpy().nonzero()[0]
            ),
            source,
        )
        for source in ("bts_snia", "yse_dr1")
    )
    alerts = sample("bts", 3000, ["SNIa"], "alerts", randomisation=PLAIN)
    cut = sample("ztfsims", 3000, ["SNIa"], "cut", randomisation=PLAIN)

    def auc(a: Sample, b: Sample) -> float:
        found = compare(a, b, classes=("SNIa",))["classes"]["SNIa"]
        return found["two_sample"]["with_missing"]["auc"]

    floor = auc(bts, yse)
    assert auc(alerts, bts) < floor + 0.05
    assert auc(cut, yse) < floor + 0.05
