"""zoo-cli data compare: what is measured, what is told apart, what is written."""

import json

import numpy as np
import pandas as pd
import pytest
from test_cli import fails, run

from zoo.datasets.compare import Sample, check_folder, compare, read_summary
from zoo.datasets.compare.classes import chosen_classes, members, shared_classes
from zoo.datasets.compare.curves import smooth
from zoo.datasets.compare.measure import measure
from zoo.datasets.compare.nights import brightest, nights
from zoo.datasets.compare.passbands import green_and_red, matched
from zoo.datasets.compare.quantities import EXPORTED, QUANTITIES, SHAPE
from zoo.datasets.compare.report import write_report
from zoo.datasets.compare.summary import compare_values, quantiles
from zoo.datasets.compare.two_sample import BIN, match, two_sample
from zoo.datasets.simulator import simulate
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import from_tables
from zoo.passbands import PASSBANDS, Passband

PEAK = 60000.0
WIDTH = 20.0  # days, of a Gaussian light curve
EXPORT = (
    "ZTFID,peakmag,peakabs,rise,fade,type,redshift,A_V\n"
    "ZTF18a,17.27,-19.22,3.922,>12.08,SN Ia,0.044,0.1\n"
    "ZTF18b,18.31,-18.58,8.684,16.882,SN Ic-BL,0.054,0.04\n"
    "ZTF18c,18.31,-,>5.5,16.882,-,-,0.04\n"
)


def gaussian(
    days=None, *, bands=("ztfg", "ztfr"), snr=200.0, peaks=(800.0, 1000.0), **metadata
) -> LightCurves:
    """One light curve, a Gaussian in both passbands, without noise."""
    days = np.arange(-59.0, 100.0, 2.0) if days is None else np.asarray(days)
    rows = [
        pd.DataFrame(
            {
                "object_id": "a",
                "mjd": PEAK + days + 0.01 * number,
                "band": band,
                "flux": peak * np.exp(-(days**2) / (2 * WIDTH**2)),
                "flux_err": peak / snr,
            }
        )
        for number, (band, peak) in enumerate(zip(bands, peaks, strict=True))
    ]
    known = pd.DataFrame({"object_id": ["a"], "label": ["SNIa"], **metadata})
    return from_tables(pd.concat(rows, ignore_index=True), known)


@pytest.fixture(scope="module")
def simulated() -> LightCurves:
    return concatenate(list(simulate("bts", objects=700, seed=1, classes=["SNIa"])))


@pytest.mark.parametrize("bands", [("ztfg", "ztfr"), ("lsstg", "lsstr")])
def test_a_known_light_curve_is_measured_right(bands):
    from astropy.cosmology import FlatLambdaCDM

    light_curves = gaussian(bands=bands, redshift=0.05, mwebv=0.1)
    row = measure(light_curves)[0].iloc[0]
    half = WIDTH * np.sqrt(2 * np.log(2))
    assert row["rise"] == pytest.approx(half, abs=0.5)
    assert row["decline"] == pytest.approx(half, abs=0.5)
    assert not row["rise_limit"] and not row["decline_limit"]
    for days in (10, 20, 40):
        fade = 2.5 / np.log(10) * days**2 / (2 * WIDTH**2)
        assert row[f"fade_{days}"] == pytest.approx(fade, abs=0.05)
    reddening = 0.1 * (3.24 - 2.28)
    for days in (0, 20, 40):
        colour = 2.5 * np.log10(1000 / 800) - reddening
        assert row[f"colour_{days}"] == pytest.approx(colour, abs=0.02)
    peak = 27.5 - 2.5 * np.log10(1000)
    assert row["peak_mag"] == pytest.approx(peak, abs=0.01)
    modulus = FlatLambdaCDM(H0=70, Om0=0.315).distmod(0.05).value
    absolute = peak - modulus - 0.1 * 2.28 + 2.5 * np.log10(1.05)
    assert row["peak_abs_mag"] == pytest.approx(absolute, abs=0.02)
    trigger = light_curves.mjd[np.flatnonzero(light_curves.detected)[0]]
    assert row["days_to_peak"] == pytest.approx(PEAK - trigger, abs=1)
    assert (row["points"], row["points_g"], row["points_r"]) == (160, 80, 80)
    assert row["snr_peak"] == pytest.approx(200, rel=0.01)
    assert row["label"] == "SNIa" and row["redshift"] == pytest.approx(0.05)


def passbands(names: str) -> list[Passband]:
    """Those of the catalogue, and a user's, which stand as their wavelengths."""
    return [
        PASSBANDS[name] if name in PASSBANDS else Passband(f"own {name}", float(name))
        for name in names.split()
    ]


def joined(pairs) -> str:
    """Pairs of groups of passbands as text."""
    return ", ".join(
        " = ".join("+".join(p.name.removeprefix("own ") for p in g) for g in pair)
        for pair in pairs
    )


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("atlasc atlaso", "ztfg ztfr ztfi", "atlasc = ztfg, atlaso = ztfr"),
        ("atlaso atlasc", "lsstu lsstg lsstr lssti", "atlasc = lsstg, atlaso = lsstr"),
        ("atlasc atlaso", "ps1::i ps1::r ps1::g", "atlasc = ps1::g, atlaso = ps1::r"),
        (
            "lsstz lsstu lssty",
            "desu desz desy",
            "lsstu = desu, lsstz = desz, lssty = desy",
        ),
        # Instruments of one data set are joined, and each is used once.
        (
            "ztfg ps1::g ps1::r ztfr",
            "lsstr lsstg",
            "ztfg+ps1::g = lsstg, ps1::r+ztfr = lsstr",
        ),
        ("ztfi lssti", "ps1::i", "lssti+ztfi = ps1::i"),
        ("ztfr", "ztfr atlaso", "ztfr = ztfr"),
        (
            "uvot::u uvot::b uvot::v",
            "lsstu lsstg lsstr",
            "uvot::u = lsstu, uvot::b = lsstg",
        ),
        ("2massj 2massh 2massks", "cspjs csphs", "2massj = cspjs, 2massh = csphs"),
        ("0.2 2.2", "0.22 2.16 0.9", "0.2 = 0.22, 2.2 = 2.16"),
        ("0.15 lsstz", "0.2 lssty", ""),
        ("", "ztfg", ""),
    ],
)
def test_passbands_are_matched_by_wavelength_the_nearest_first_and_once(a, b, expected):
    assert joined(matched(passbands(a), passbands(b))) == expected
    turned = [(of_a, of_b) for of_b, of_a in matched(passbands(b), passbands(a))]
    assert joined(turned) == expected


@pytest.mark.parametrize(
    ("own", "other", "green", "red"),
    [
        ("lsstu lsstg lsstr lssti lsstz lssty", "ztfg ztfr", "lsstg", "lsstr"),
        ("lsstu lsstg lsstr lssti lsstz lssty", "atlasc atlaso", "lsstg", "lsstr"),
        ("ztfi ztfr", "ztfg ztfr ztfi", "", "ztfr"),
        ("ztfg", "ztfg ztfr", "ztfg", ""),
        ("bessellb bessellv", "uvot::b uvot::v", "bessellb", "bessellv"),
        ("lsstz lssty", "ztfg ztfr", "", ""),
        ("lsstz lssty", "desz desy", "lsstz", "lssty"),
        ("lsstz", "desz desy", "", "lsstz"),
        ("0.2 2.2", "0.21 2.16", "0.2", "2.2"),
    ],
)
def test_the_matched_passbands_nearest_to_g_and_r_are_measured(own, other, green, red):
    found = green_and_red(passbands(own), passbands(other))
    assert [joined([(group,)]) for group in found] == [green, red]


def test_light_curves_of_other_passbands_are_measured_as_g_and_r():
    known = {"redshift": 0.05, "mwebv": 0.1}
    ztf, atlas = (
        measure(gaussian(bands=bands, **known))[0].iloc[0]
        for bands in (("ztfg", "ztfr"), ("atlasc", "atlaso"))
    )
    same = ["rise", "decline", "fade_20", "peak_mag", "points_g", "points_r"]
    assert atlas[same].tolist() == ztf[same].tolist()
    # A(c) and A(o) of the catalogue, for E(B-V) of Schlegel et al. 1998.
    dust = 0.86 * np.array([3.303, 2.432]) - [3.24, 2.28]
    assert atlas["colour_0"] - ztf["colour_0"] == pytest.approx(
        0.1 * (dust[1] - dust[0]), abs=1e-6
    )
    assert atlas["peak_abs_mag"] - ztf["peak_abs_mag"] == pytest.approx(
        -0.1 * dust[1], abs=1e-6
    )


def test_what_was_compared_and_what_has_no_counterpart_is_said(tmp_path):
    rows, known = gaussian(bands=("atlasc", "atlaso")).to_tables()
    more = rows[:7].assign(band="box::_<x>$", mjd=rows["mjd"][:7] + 0.1, wavelength=2.5)
    atlas = from_tables(pd.concat([rows, more]), known)
    rows, known = gaussian().to_tables()
    ztf = from_tables(pd.concat([rows, rows[:3].assign(band="lssti")]), known)
    a = Sample.of(atlas, "atlas", against=ztf.observed)
    b = Sample.of(ztf, "ztf", against=atlas.observed)
    result = compare(a, b)
    assert result["passbands"] == {
        "g": {"a": {"atlasc": 0.5409}, "b": {"ztfg": 0.4805}},
        "r": {"a": {"atlaso": 0.6866}, "b": {"ztfr": 0.6437}},
        "others": [],
        "unmatched": {"a": {"box::_<x>$": 7}, "b": {"lssti": 3}},
    }
    assert result["classes"]["SNIa"]["n"] == {"a": 1, "b": 1}
    write_report(result, a, b, tmp_path / "report")
    text = (tmp_path / "report" / "report.md").read_text()
    assert "g stands for atlasc (0.541 um) of A and ztfg (0.480 um) of B." in text
    assert "counted as points only, are of B: lssti (3 observations)." in text
    assert r"of A: box::\_\<x\>\$ (7 observations)" in text


def test_unknown_metadata_hide_only_what_needs_them():
    row = measure(gaussian())[0].iloc[0]
    assert np.isnan(row["peak_abs_mag"]) and np.isnan(row["redshift"])
    assert row["colour_0"] == pytest.approx(2.5 * np.log10(1000 / 800), abs=0.02)


def test_noise_moves_the_measurements_by_little():
    rng = np.random.default_rng(0)
    clean = gaussian(snr=20.0).to_tables()[0]
    parts = [
        clean.assign(
            object_id=str(i),
            flux=clean["flux"] + rng.normal(size=len(clean)) * clean["flux_err"],
        )
        for i in range(200)
    ]
    table, _ = measure(from_tables(pd.concat(parts, ignore_index=True)))
    half = WIDTH * np.sqrt(2 * np.log(2))
    assert table["decline"].median() == pytest.approx(half, rel=0.05)
    assert table["fade_20"].median() == pytest.approx(0.543, abs=0.05)
    assert table["fade_20"].std() < 0.2


def test_a_width_whose_end_is_not_seen_is_a_lower_limit():
    row = measure(gaussian(np.arange(-12.0, 60.0, 2.0)))[0].iloc[0]
    assert row["rise_limit"] and 12 <= row["rise"] <= 20
    assert not row["decline_limit"] and row["decline"] == pytest.approx(23.5, abs=0.5)


def test_a_peak_seen_from_one_side_has_no_shape():
    row = measure(gaussian(np.arange(2.0, 60.0, 2.0)))[0].iloc[0]
    assert row[[*SHAPE, "rise", "decline", "days_to_peak"]].isna().all()
    assert np.isfinite(row["peak_mag"])


def test_what_was_not_observed_is_nan():
    alone = gaussian(bands=("ztfi", "ztfr"), peaks=(800.0, 1000.0))
    row = measure(alone)[0].iloc[0]
    assert row[["colour_0", "colour_20", "colour_40"]].isna().all()
    assert row["fade_20"] == pytest.approx(0.543, abs=0.05)
    late = measure(gaussian(np.arange(-30.0, 31.0, 2.0)))[0].iloc[0]
    assert np.isnan(late["fade_40"]) and np.isfinite(late["fade_20"])
    row = measure(gaussian(bands=("lsstz", "lssty")))[0].iloc[0]
    assert row["points"] == 160
    assert row[[*SHAPE, "peak_mag", "rise", "decline"]].isna().all()


def test_faint_points_make_no_peak():
    row = measure(gaussian(snr=0.5))[0].iloc[0]
    assert row[[*SHAPE, "rise", "decline"]].isna().all()


def test_every_quantity_is_measured(simulated):
    table, _ = measure(simulated)
    assert set(table) >= {quantity.name for quantity in QUANTITIES}
    for quantity in QUANTITIES:
        assert table[quantity.name].notna().any(), quantity.name
    assert len(table) == len(simulated)


def test_nights_are_weighted_means():
    rows = pd.DataFrame(
        {
            "object_id": "a",
            # Two in one night of Chile, which ends a UT day; one in the next.
            "mjd": [60000.97, 60001.02, 60001.99],
            "band": "lsstr",
            "flux": [100.0, 130.0, 50.0],
            "flux_err": [1.0, 2.0, 1.0],
        }
    )
    light_curves = from_tables(rows)
    green, red = ((PASSBANDS[name],) for name in ("lsstg", "lsstr"))
    start = brightest(light_curves, (*green, *red))
    assert start.tolist() == [60001.02]
    found = nights(light_curves, red, start)
    np.testing.assert_allclose(found.flux, [[106.0, 50.0]])
    np.testing.assert_allclose(found.error, [[np.sqrt(0.8), 1.0]])
    np.testing.assert_allclose(found.days, [[-0.04, 0.97]], atol=1e-6)
    assert np.isnan(nights(light_curves, green, start).days).all()


def test_smooth_curves_follow_points_and_know_nothing_far_away():
    days = np.array([[0.0, 2.0, 4.0, np.nan]])
    flux = np.array([[1.0, 0.9, 0.8, np.nan]])
    error = np.array([[0.01, 0.01, 0.01, np.nan]])
    mean, sigma = smooth(days, flux, error, np.array([0.0, 2.0, 3.0, 500.0]))
    np.testing.assert_allclose(mean, [[1.0, 0.9, 0.85, 0.0]], atol=0.02)
    assert (sigma[0, :3] < 0.03).all() and sigma[0, 3] == pytest.approx(1)


@pytest.mark.parametrize("n", [9, 10])
def test_quantiles_without_limits_are_the_ordinary_ones(n):
    values = np.random.default_rng(n).normal(size=n)
    found = quantiles(values, np.zeros(n, bool), np.ones((1, n)))
    assert found[0, 1] == pytest.approx(np.median(values))


def test_quantiles_with_limits_are_those_of_kaplan_and_meier():
    values, limit = np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, True, False, True])
    # Survival: 3/4 after 1, half of that after 3; the rest is hidden.
    found = quantiles(values, limit, np.ones((1, 4)))[0]
    assert found[:2].tolist() == [1, 3] and np.isnan(found[2])
    twice = quantiles(values, limit, np.full((1, 4), 2.0))[0]
    np.testing.assert_array_equal(twice, found)


def test_a_difference_lies_in_its_interval():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 400), rng.normal(0.5, 1, 300)
    found = compare_values(np.append(a, np.nan), b)
    assert found["a"]["n"] == 400 and found["b"]["n"] == 300
    low, high = found["interval"]
    assert low < found["difference"] < high and low < 0.5 < high
    assert high - low < 0.5
    few = compare_values(a, b[:3])
    assert few["difference"] is few["interval"] is few["b"]["median"] is None


def test_matched_samples_have_equal_magnitudes():
    rng = np.random.default_rng(0)
    a, b = rng.normal(18, 1, 500), rng.normal(18.5, 0.6, 300)
    of_a, of_b = match(a, b, rng)
    assert len(set(of_a)) == len(of_a) == len(of_b) == len(set(of_b)) > 150
    edges = np.arange(12, 25, BIN)
    np.testing.assert_array_equal(
        np.histogram(a[of_a], edges)[0], np.histogram(b[of_b], edges)[0]
    )
    assert not len(match(a, b + 100, rng)[0])


def test_the_same_objects_and_others_of_their_kind_are_not_told_apart(simulated):
    table, _ = measure(simulated)
    same, halves = two_sample(table, table), two_sample(table[::2], table[1::2])
    for result in (same["with_missing"], halves["with_missing"]):
        assert 0.42 < result["auc"] < 0.58, result
        assert result["interval"][0] < result["auc"] < result["interval"][1]
    assert two_sample(table, table) == same


def test_a_feature_that_hardly_any_object_has_is_no_obstacle(simulated):
    table, _ = measure(simulated)
    rare = table.copy()
    rare.loc[rare.index[1:], "colour_40"] = np.nan
    assert two_sample(rare[::2], rare[1::2])["with_missing"]["auc"] is not None
    nothing = table.assign(**dict.fromkeys(SHAPE, np.nan))
    assert two_sample(nothing[::2], nothing[1::2])["with_missing"]["auc"] == 0.5


def test_shifted_shapes_are_told_apart(simulated):
    table, _ = measure(simulated)
    shifted = table.assign(fade_10=table["fade_10"] + 0.5)
    found = two_sample(table[::2], shifted[1::2])
    assert found["with_missing"]["auc"] > 0.8
    complete = found["complete"]
    assert (complete["auc"] is None) == (complete["n"] < 40)
    few = two_sample(table[:30], table[:30])["with_missing"]
    assert few["n"] <= 30 and few["auc"] is few["interval"] is None


def test_classes_that_are_shared():
    assert shared_classes(["SNII", "SNIIn"], ["SNIIn", "SNII"]) == ("SNII", "SNIIn")
    assert shared_classes(["SNII", "SNIIn"], ["SNII", None]) == ("SNII",)
    assert shared_classes(["SNIb", "other"], ["SNIc", "KN"]) == ("SNIb/c",)
    with pytest.raises(ValueError, match="share no class: AGN against SNIa"):
        shared_classes(["AGN"], ["SNIa"])
    with pytest.raises(ValueError, match="no label against SNIa"):
        shared_classes([None], ["SNIa"])
    assert chosen_classes("SN Ia,II") == ("SNIa", "SNII")
    for wrong in ("", "SNIa,Ia"):
        with pytest.raises(ValueError, match="must be labels, each listed once"):
            chosen_classes(wrong)


def test_a_simulation_is_thinned_to_the_shares_of_the_sky():
    labels = ["SNIa", "SNIa-91bg", "SNIax", "TDE"] * 250
    whole = members(labels, ("SNIa", "TDE"))
    assert [len(x) for x in whole] == [750, 250]
    thinned = members(labels, ("SNIa", "TDE"), simulated=True)
    kept = pd.Series(np.array(labels)[thinned[0]]).value_counts()
    # The Bright Transient Survey has 2478, 12 and 8 of them.
    assert kept.to_dict() == {"SNIa": 250, "SNIa-91bg": 1, "SNIax": 1}
    assert len(thinned[1]) == 250
    assert [len(x) for x in members(["AGN"], ("SNIa",), simulated=True)] == [0]


def test_an_export_is_read_with_its_lower_limits(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    table = read_summary(path)
    assert table["label"].tolist() == ["SNIa", "SNIc-BL", None]
    assert table["rise"].tolist() == [3.922, 8.684, 5.5]
    assert table["rise_limit"].tolist() == [False, False, True]
    assert table["decline"].tolist() == [12.08, 16.882, 16.882]
    assert table["decline_limit"].tolist() == [True, False, False]
    assert table["peak_abs_mag"].tolist()[:2] == [-19.22, -18.58]
    assert table.loc[2, ["peak_abs_mag", "redshift"]].isna().all()
    path.write_text("ZTFID,type\nZTF18a,SN Ia\n")
    with pytest.raises(ValueError, match="lacks the column.*A_V, fade, peakabs"):
        read_summary(path)


def test_a_report_replaces_only_a_report(tmp_path):
    sample = Sample.of(gaussian(redshift=0.05, mwebv=0.1), "one")
    result = compare(sample, sample)
    out = tmp_path / "new" / "report"
    write_report(result, sample, sample, out)
    names = {path.name for path in out.iterdir()}
    assert {"report.json", "report.md", "rise.png", "light_curves.png"} <= names
    assert json.loads((out / "report.json").read_text()) == result
    (out / "old.png").write_bytes(b"")
    with pytest.raises(FileExistsError, match="exists already"):
        write_report(result, sample, sample, out)
    write_report(result, sample, sample, out, overwrite=True)
    assert {path.name for path in out.iterdir()} == names
    assert [path.name for path in out.parent.iterdir()] == ["report"]

    def stop(name: str) -> None:
        raise KeyboardInterrupt

    before = (out / "report.md").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_report(result, sample, sample, out, overwrite=True, done=stop)
    assert (out / "report.md").read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["report"]
    (out / "mine.txt").write_text("")
    with pytest.raises(ValueError, match="holds something other than a report"):
        check_folder(out, overwrite=True)
    with pytest.raises(ValueError, match="is a file"):
        check_folder(out / "mine.txt", overwrite=True)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.png").write_bytes(b"")
    with pytest.raises(ValueError, match="something other"):
        check_folder(tmp_path / "photos", overwrite=True)


@pytest.fixture
def home(tmp_path, monkeypatch, simulated):
    """A folder with a table and an export, the current one, and tfds' own place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    write_folder(simulated, tmp_path / "table")
    (tmp_path / "export.csv").write_text(EXPORT)
    return tmp_path


def test_command_compares_a_built_data_set_with_a_table(home):
    name = "ztfsims/simulated-n600-s5"
    common = ("data", "compare", name, "table", "--where-a", "mode=alerts")
    common += ("--classes", "SNIa")
    result = json.loads(run(*common, "--out", "report", "--json"))
    assert result == json.loads((home / "report" / "report.json").read_text())
    assert list(result["classes"]) == ["SNIa"]
    of = result["classes"]["SNIa"]
    assert 600 < of["n"]["b"] <= 700 and 5 < of["n"]["a"] < 60
    assert set(of["quantities"]) == {quantity.name for quantity in QUANTITIES}
    assert of["two_sample"]["complete"]["auc"] is None
    again = ("--out", "report", "--overwrite", "--where-b", "mode=alerts")
    shown = run(*common, *again)
    assert "too few objects" in shown and "fade_10" in shown
    assert "700 objects" not in shown
    markdown = (home / "report" / "report.md").read_text()
    assert "| rise [d] |" in markdown and "![light_curves]" in markdown


def test_command_compares_passbands_of_a_user(home):
    rows, known = gaussian(
        bands=("ztfg", "ztfr", "ztfi"), peaks=(9.0, 8.0, 7.0)
    ).to_tables()
    for name, wavelengths in (("a", (0.2, 2.2, 0.9)), ("b", (0.21, 2.17, 0.75))):
        names = [f"{name}::{letter}" for letter in "xyz"]
        bands = rows["band"].map(
            dict(zip(("ztfg", "ztfr", "ztfi"), names, strict=True))
        )
        own = bands.map(dict(zip(names, wavelengths, strict=True)))
        (home / name).mkdir()
        rows.assign(band=bands, wavelength=own).to_csv(home / name / "photometry.csv")
        known.to_csv(home / name / "metadata.csv", index=False)
    shown = run("data", "compare", "a", "b", "--out", "report", "--overwrite")
    assert "g stands for a::x (0.200 um) of A and b::x (0.210 um) of B." in shown
    assert "r stands for a::y (2.200 um) of A and b::y (2.170 um) of B." in shown
    assert "are of A: a::z (80 observations)" in " ".join(shown.split())
    result = json.loads((home / "report" / "report.json").read_text())
    assert result["passbands"]["unmatched"] == {"a": {"a::z": 80}, "b": {"b::z": 80}}
    assert (home / "report" / "light_curves.png").exists()


def test_command_compares_with_an_export(home):
    common = ("data", "compare", "table", "export.csv", "--classes", "SNIa")
    result = json.loads(run(*common, "--out", "report", "--json"))
    of = result["classes"]["SNIa"]
    assert tuple(of["quantities"]) == EXPORTED and of["two_sample"] is None
    assert of["quantities"]["decline"]["b"] == {
        **{"n": 1, "limits": 1, "low": None, "median": None, "high": None}
    }
    drawn = {path.stem for path in (home / "report").glob("*.png")}
    assert drawn == set(EXPORTED)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("nope table --out r", "'nope' is neither a folder nor a survey"),
        ("table table --out table", "table holds something other than a report"),
        ("table table --out r --classes SNIa,TDE", "table holds no object of TDE"),
        ("table table --out r --classes Moon", "label 'Moon' is not a known class"),
        ("table table --out r --where-b mode=x", "has mode = 'x'. It is "),
        ("table table --out r --where-a sky=x", "has no column 'sky'; it has"),
        (
            "table export.csv --out r --where-b type=x",
            "is an export: type=x cannot be applied",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(home, arguments, message):
    assert message in fails("data", "compare", *arguments.split())
    assert sorted(p.name for p in home.iterdir()) == ["export.csv", "table"]


def test_where_needs_an_equals_sign(home):
    line = "data compare table table --out r --where-a sky"
    assert "'sky' is not COLUMN=VALUE" in fails(*line.split(), code=2)


def test_two_real_samples_are_told_apart_a_little(test_data, tmp_path):
    """The floor: no simulation can be asked to be closer to one than the other is."""
    table = str(test_data / "tables" / "ztf_real")
    result = json.loads(
        run(
            *("data", "compare", table, table, "--classes", "SNIa", "--json"),
            *("--where-a", "source=bts_snia", "--where-b", "source=yse_dr1"),
            *("--out", tmp_path / "report"),
        )
    )
    of = result["classes"]["SNIa"]
    assert 0.6 < of["two_sample"]["with_missing"]["auc"] < 0.78
    assert of["two_sample"]["complete"]["auc"] < 0.65
    assert abs(of["quantities"]["fade_20"]["difference"]) < 0.1


def test_real_light_curves_of_atlas_are_like_those_of_ztf(test_data, tmp_path):
    tables = test_data / "tables"
    out = ("--classes", "SNIa", "--json", "--out", tmp_path / "report")
    names = (str(tables / name) for name in ("atlas", "ztf_real"))
    result = json.loads(run("data", "compare", *names, *out))
    assert result["passbands"]["r"] == {"a": {"atlaso": 0.6866}, "b": {"ztfr": 0.6437}}
    assert result["passbands"]["unmatched"] == {"a": {}, "b": {}}
    quantities = result["classes"]["SNIa"]["quantities"]
    assert quantities["fade_20"]["a"]["n"] > 50
    assert abs(quantities["peak_abs_mag"]["difference"]) < 0.3
    assert abs(quantities["rise"]["difference"]) < 1


def test_light_curves_give_what_the_export_says_of_them(test_data):
    from zoo.light_curves.folder import read_folder

    path = next((test_data / "bts_tables").glob("ZTF_BTS_23_29*.csv"))
    light_curves = read_folder(test_data / "tables" / "ztf_real")
    exported = read_summary(path).set_index(pd.read_csv(path)["ZTFID"])
    at = np.flatnonzero(np.isin(light_curves.object_id, exported.index))
    light_curves = light_curves.take(at)
    measured, _ = measure(light_curves)
    exported = exported.loc[light_curves.object_id].reset_index(drop=True)
    assert len(measured) > 1000
    difference = measured["peak_abs_mag"] - exported["peak_abs_mag"]
    assert abs(difference.median()) < 0.06
    for name in ("rise", "decline"):
        both = ~measured[f"{name}_limit"] & ~exported[f"{name}_limit"]
        ratio = (measured[name] / exported[name])[both]
        assert 0.95 < ratio.median() < 1.1, name
