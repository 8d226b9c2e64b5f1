"""Preprocessing: trigger, window, features and metadata inputs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from zoo.inputs.features import FEATURES, WIDTH
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves import LightCurves
from zoo.light_curves.folder import read_folder
from zoo.light_curves.table import from_tables
from zoo.passbands import BANDS, PASSBANDS
from zoo.training.epochs.augment import hide_metadata

PAPER = Preprocessing(features="paper")
every_features = pytest.mark.parametrize("features", FEATURES)


def curve(
    days: list[float],
    detected: list[bool] | None = None,
    object_id: str = "a",
    **columns: object,
) -> pd.DataFrame:
    """One object observed at `days` after MJD 60000, all detected unless told."""
    m = len(days)
    return pd.DataFrame(
        {
            "object_id": object_id,
            "mjd": 60000.0 + np.array(days, float),
            "band": [("ztfg", "ztfr")[i % 2] for i in range(m)],
            "flux": 100.0 + np.arange(m),
            "flux_err": 10.0,
            "detected": [True] * m if detected is None else detected,
        }
        | columns
    )


def several(*curves: pd.DataFrame, about: pd.DataFrame | None = None) -> LightCurves:
    return from_tables(pd.concat(curves, ignore_index=True), about)


def random_curves(count: int, seed: int, **columns: object) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    curves = []
    for i in range(count):
        m = int(generator.integers(2, 40))
        days = np.sort(generator.choice(600, m, replace=False)) / 4
        flux = generator.normal(50, 200, m)
        table = curve(days, None, f"object {i}", flux=flux, **columns)
        curves.append(table.assign(detected=flux > 50))
    return pd.concat(curves, ignore_index=True)


# ---- the trigger

YES, NO = True, False


@pytest.mark.parametrize(
    ("days", "detected", "trigger"),
    [
        ([0, 1, 2], [YES, YES, YES], 0),
        ([0, 1, 2], [NO, YES, YES], 1),
        ([0, 1, 2], [NO, NO, NO], None),
        ([0, 1, 2], [NO, YES, NO], None),  # a lone detection does not count
        ([0, 50, 55], [YES, YES, YES], 1),  # nor one whose pair comes too late
        ([0, 10, 20], [YES, NO, YES], 0),  # a non-detection between does not matter
        ([0, 30, 31], [YES, YES, NO], 0),  # exactly 30 days still count
        ([0, 30.125, 31], [YES, YES, NO], None),
        ([0, 30.125, 60.125], [YES, YES, YES], 1),
        ([0, 40, 80], [YES, YES, YES], None),  # each one is lone
        ([5, 5], [YES, YES], 0),  # two passbands of one visit
        ([7], [YES], None),
        ([-3, 0, 4], [YES, NO, YES], 0),
    ],
)
def test_trigger_is_the_first_detection_with_another_within_30_days(
    days: list[float], detected: list[bool], trigger: int | None
):
    light_curves = several(curve(days, detected))
    wanted = -1 if trigger is None else trigger
    assert trigger_rows(light_curves, 30.0).tolist() == [wanted]


def test_the_pair_of_a_trigger_may_be_in_the_same_or_another_passband():
    for bands in (["ztfg", "ztfg"], ["ztfg", "ztfr"], ["lssty", "ztfi"]):
        light_curves = several(curve([0, 20], band=bands))
        assert trigger_rows(light_curves, 30.0).tolist() == [0]


def test_a_pair_never_spans_two_objects():
    first = curve([0, 5], [NO, YES], "a")
    second = curve([6, 7], [YES, NO], "b")
    assert trigger_rows(several(first, second), 30.0).tolist() == [-1, -1]


def test_triggers_of_many_objects_point_into_their_own_rows():
    light_curves = several(
        curve([0, 1, 2], [NO, YES, YES], "a"),
        curve([0], [YES], "b"),
        curve([0, 50, 51], None, "c"),
        about=pd.DataFrame({"object_id": ["none", "c", "b", "a"]}),
    )
    assert trigger_rows(light_curves, 30.0).tolist() == [-1, 1, -1, 5]


@pytest.mark.parametrize(("pair_days", "trigger"), [(4.0, -1), (5.0, 0), (0.0, -1)])
def test_the_number_of_days_is_a_parameter(pair_days: float, trigger: int):
    light_curves = several(curve([0, 5]))
    assert trigger_rows(light_curves, pair_days).tolist() == [trigger]


def test_trigger_does_not_need_a_positive_flux():
    light_curves = several(curve([0, 1], flux=[-100.0, 50.0]))
    assert preprocess(light_curves, PAPER).light_curve[0, 1] == np.float32(0.3)


# ---- the features of the paper


def test_features_of_the_paper_by_hand():
    light_curves = several(
        curve(
            [-12.5, 0, 2.5, 70],
            [NO, YES, YES, NO],
            band=["ztfr", "ztfg", "lsstz", "ztfi"],
            flux=[-25.0, 500.0, 1000.0, 5.0],
            flux_err=[50.0, 25.0, 5.0, 2.5],
        )
    )
    got = preprocess(light_curves, PAPER).light_curve
    assert got.dtype == np.float32
    assert_allclose(
        got,
        [
            [PASSBANDS["ztfr"].wavelength, 0.175, -0.05, 0.1],
            [PASSBANDS["ztfg"].wavelength, 0.3, 1.0, 0.05],
            [PASSBANDS["lsstz"].wavelength, 0.325, 2.0, 0.01],
            [PASSBANDS["ztfi"].wavelength, 1.0, 0.01, 0.005],
        ],
        rtol=1e-6,
    )


def test_the_flux_scale_and_wavelengths_are_those_of_the_model():
    settings = Preprocessing(
        features="paper", flux_scale=100.0, wavelengths={"ztfg": 0.4, "ztfr": 0.7}
    )
    got = preprocess(several(curve([0, 1])), settings).light_curve
    assert_allclose(got, [[0.4, 0.3, 1.0, 0.1], [0.7, 0.31, 1.01, 0.1]], rtol=1e-6)


# ---- rules for every configuration of features


@every_features
def test_width_is_the_one_stated(features: str):
    assert set(WIDTH) == set(FEATURES)
    got = preprocess(several(curve([0, 1])), Preprocessing(features=features))
    assert got.light_curve.shape == (2, WIDTH[features])
    assert got.light_curve.dtype == np.float32


@every_features
def test_the_window_holds_its_edges_and_nothing_beyond(features: str):
    days = [-30.25, -30, -1, 0, 10, 70, 70.25, 200]
    detected = [NO, NO, NO, YES, YES, NO, YES, YES]
    light_curves = several(curve(days, detected))
    whole = preprocess(light_curves, Preprocessing(features=features))
    assert whole.lengths.tolist() == [5]
    inside = several(curve(days[1:6], detected[1:6], flux=100.0 + np.arange(1, 6)))
    # The passbands of `curve` alternate, so that the first row changes them.
    inside.band[:] = light_curves.band[1:6]
    alone = preprocess(inside, Preprocessing(features=features))
    assert_array_equal(whole.light_curve, alone.light_curve)


@every_features
def test_the_window_is_a_parameter(features: str):
    light_curves = several(curve([-20, 0, 10, 40], [NO, YES, YES, NO]))
    settings = Preprocessing(features=features, window=(-10.0, 20.0))
    assert preprocess(light_curves, settings).lengths.tolist() == [2]


@every_features
def test_the_order_of_rows_does_not_matter(features: str):
    table = random_curves(20, seed=1)
    about = pd.DataFrame({"object_id": table["object_id"].unique()})
    settings = Preprocessing(features=features)
    wanted = preprocess(from_tables(table, about), settings)
    shuffled = table.sample(frac=1, random_state=0)
    got = preprocess(from_tables(shuffled, about), settings)
    assert_array_equal(got.light_curve, wanted.light_curve)
    assert_array_equal(got.offsets, wanted.offsets)


@every_features
def test_an_object_does_not_depend_on_the_others(features: str):
    light_curves = from_tables(random_curves(20, seed=2))
    settings = Preprocessing(features=features)
    together = preprocess(light_curves, settings)
    for position, index in enumerate(together.index):
        alone = preprocess(light_curves.take([index]), settings)
        rows = slice(*together.offsets[position : position + 2])
        assert_array_equal(alone.light_curve, together.light_curve[rows])


@every_features
@pytest.mark.parametrize("zeropoint", [31.4, 23.9, 8.9])
def test_features_do_not_depend_on_the_zero_point_of_the_table(
    features: str, zeropoint: float
):
    table = random_curves(5, seed=3)
    scale = 10 ** (0.4 * (zeropoint - 27.5))
    other = table.assign(
        flux=table["flux"] * scale,
        flux_err=table["flux_err"] * scale,
        zeropoint=zeropoint,
    )
    settings = Preprocessing(features=features)
    wanted = preprocess(from_tables(table), settings).light_curve
    got = preprocess(from_tables(other), settings).light_curve
    assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


@every_features
def test_no_real_row_is_all_zero(features: str):
    # Masking leaves such rows out, wherever they stand.
    n = len(BANDS)
    light_curves = several(
        curve(
            [0, 0.25, *([-30] * n), *([-29] * n)],
            [YES, YES, *([NO] * 2 * n)],
            band=["ztfg", "ztfg", *BANDS, *BANDS],
            flux=[50.0, 50.0, *([0.0] * 2 * n)],
            flux_err=[1.0, 1.0, *([1e-9] * 2 * n)],
        )
    )
    got = preprocess(light_curves, Preprocessing(features=features)).light_curve
    assert len(got) == 2 + 2 * n
    assert got.any(axis=1).all()


@every_features
def test_features_of_odd_rows_are_finite(features: str):
    light_curves = several(
        curve(
            [0, 0, 1, 2, 3, 4],
            flux=[-300.0, 1e-3, 0.0, 1e8, -1e8, 5.0],
            flux_err=[1e-3, 1e6, 1.0, 1e-4, 1.0, 1e-6],
        ),
        curve([0, 0.25], object_id="b", flux=[0.0, 0.0], flux_err=[1e-5, 1e5]),
    )
    got = preprocess(light_curves, Preprocessing(features=features)).light_curve
    assert len(got) == 8
    assert np.isfinite(got).all()


@every_features
def test_a_passband_newer_than_the_model_has_the_wavelength_of_the_table(features: str):
    settings = Preprocessing(features=features, wavelengths={"ztfg": 0.5})
    light_curves = several(curve([0, 1], band=["ztfg", "lssty"]))
    got = preprocess(light_curves, settings).light_curve
    wavelength = np.array([0.5, PASSBANDS["lssty"].wavelength])
    wanted = wavelength if features == "paper" else (wavelength - 0.6) / 0.15
    assert_allclose(got[:, 0], wanted, rtol=1e-5)


point = st.tuples(
    st.integers(0, 480),  # quarters of a day
    st.sampled_from(BANDS),
    st.floats(-1e4, 1e5, width=32),
    st.floats(2**-6, 1e3, width=32),
    st.booleans(),
)


@every_features
@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(
    points=st.lists(point, min_size=3, max_size=25, unique_by=lambda p: p[:2]),
    cut=st.integers(0, 480),
)
def test_causal_later_points_never_change_the_features_of_earlier_ones(
    features: str, points: list[tuple], cut: int
):
    names = ["quarter", "band", "flux", "flux_err", "detected"]
    table = pd.DataFrame(points, columns=names).assign(object_id="a")
    table["mjd"] = 60000 + table["quarter"] / 4
    early = table[table["quarter"] <= cut]
    assume(0 < len(early) < len(table))
    settings = Preprocessing(features=features)
    before = preprocess(from_tables(early), settings)
    assume(len(before) == 1)  # the trigger stands
    after = preprocess(from_tables(table), settings)
    assert after.lengths[0] >= before.lengths[0]
    assert_array_equal(after.light_curve[: before.lengths[0]], before.light_curve)


@every_features
def test_causal_on_real_light_curves(test_data: Path, features: str):
    whole = read_folder(test_data / "tables" / "ztf_real").take(range(0, 1933, 40))
    settings = Preprocessing(features=features)
    reference = preprocess(whole, settings)
    photometry, metadata = whole.to_tables()
    start = photometry.groupby("object_id")["mjd"].transform("min")
    early = photometry[photometry["mjd"] < start + 40]
    got = preprocess(from_tables(early, metadata), settings)
    assert len(got) > 30
    for position, index in enumerate(got.index):
        there = int(np.flatnonzero(reference.index == index)[0])
        begin, length = reference.offsets[there], got.lengths[position]
        rows = slice(*got.offsets[position : position + 2])
        wanted = reference.light_curve[begin : begin + length]
        assert_array_equal(got.light_curve[rows], wanted)


# ---- objects that have no inputs


def test_reasons_of_objects_without_inputs():
    light_curves = several(
        curve([0, 1], None, "good"),
        curve([0, 100], None, "lone"),
        curve([0, 1], [NO, NO], "faint"),
        about=pd.DataFrame({"object_id": ["empty", "lone", "good", "faint"]}),
    )
    got = preprocess(light_curves, PAPER)
    assert len(got) == 1
    assert got.index.tolist() == [2]
    assert got.offsets.tolist() == [0, 2]
    assert got.metadata.shape == (1, 3)
    no_trigger = "no trigger: no detection with another one within 30 days"
    assert got.reason.tolist() == ["no photometry", no_trigger, "", no_trigger]


@every_features
@pytest.mark.parametrize("objects", [[], [1], [1, 0], [0]])
def test_nothing_to_classify_is_empty_inputs(features: str, objects: list[int]):
    about = pd.DataFrame({"object_id": ["lone", "empty"]})
    light_curves = several(curve([0], None, "lone"), about=about).take(objects)
    got = preprocess(light_curves, Preprocessing(features=features))
    assert len(got) == 0
    assert got.light_curve.shape == (0, WIDTH[features])
    assert got.metadata.shape == (0, 3)
    assert got.offsets.tolist() == [0]
    assert len(got.reason) == len(objects)
    assert all(got.reason)


def test_take_picks_inputs_by_position():
    inputs = preprocess(from_tables(random_curves(12, seed=5)), PAPER)
    got = inputs.take(np.array([3, 0]))
    assert len(got) == 2
    first = slice(*inputs.offsets[3:5])
    assert_array_equal(got.light_curve[: got.lengths[0]], inputs.light_curve[first])
    assert_array_equal(
        got.light_curve[got.lengths[0] :], inputs.light_curve[: inputs.lengths[0]]
    )
    assert got.index.tolist() == inputs.index[[3, 0]].tolist()
    assert_array_equal(got.reason, inputs.reason)


# ---- passbands that are new to a model


def test_a_new_passband_is_warned_of():
    settings = Preprocessing(passbands=("ztfg", "ztfr"))
    light_curves = several(curve([0, 1, 2], band=["lsstg", "ztfr", "lsstr"]))
    with pytest.warns(UserWarning) as caught:
        preprocess(light_curves, settings)
    assert [str(w.message) for w in caught] == [
        "the model was not trained on lsstg, lsstr (but on ztfg, ztfr); expect less of "
        "it there, or transfer it with labels of your survey."
    ]


def test_of_many_passbands_the_warning_gives_their_range():
    settings = Preprocessing(passbands=(*BANDS[:8], *BANDS[9:22]))
    light_curves = several(curve([0, 1], band=["lssty", "lssty"]))
    known = [PASSBANDS[name].wavelength for name in settings.passbands]
    with pytest.warns(UserWarning) as caught:
        preprocess(light_curves, settings)
    assert [str(w.message) for w in caught] == [
        f"the model was not trained on lssty (but on 21 others, {min(known):g} to "
        f"{max(known):g} um); expect less of it there, or transfer it with labels of "
        "your survey."
    ]


@pytest.mark.parametrize("passbands", [("ztfr", "ztfg"), ("ztfg", "ztfr", "ztfi"), ()])
def test_known_passbands_raise_no_warning(passbands: tuple[str, ...]):
    got = preprocess(several(curve([0, 1])), Preprocessing(passbands=passbands))
    assert len(got) == 1  # a warning would be an error here


# ---- metadata inputs


def known_and_unknown() -> LightCurves:
    about = pd.DataFrame(
        {
            "object_id": list("abcd"),
            "redshift": [0.25, np.nan, 0.0, np.nan],
            "mwebv": [0.125, 0.5, np.nan, np.nan],
        }
    )
    return several(*(curve([0, 1], None, name) for name in "abcd"), about=about)


def test_metadata_inputs_say_what_is_known():
    got = preprocess(known_and_unknown(), PAPER).metadata
    assert got.dtype == np.float32
    z, e = np.float32(0.1), np.float32(0.036)
    assert_array_equal(got, [[0.25, 1, 0.125], [z, 0, 0.5], [0, 1, e], [z, 0, e]])


def test_scaled_metadata_are_logarithms_that_are_zero_where_unknown():
    got = preprocess(known_and_unknown(), Preprocessing()).metadata
    z, e = (2 * np.log10(ratio) for ratio in (2.5, 0.125 / 0.036))
    assert_allclose(got[0], [z, 1, e], rtol=1e-5)
    assert_allclose(got[3], [0, 0, 0], atol=1e-6)
    assert got[2, 0] == pytest.approx(-4)  # redshift 0 counts as 0.001


def test_without_metadata_is_as_unknown():
    got = preprocess(known_and_unknown().without_metadata(), PAPER).metadata
    assert_array_equal(got, np.float32([[0.1, 0, 0.036]] * 4))


def test_metadata_inputs_are_those_of_the_model():
    light_curves = known_and_unknown()
    settings = Preprocessing(
        features="paper",
        metadata=("mwebv_known", "mwebv"),
        metadata_fill={"mwebv": -1.0},
    )
    got = preprocess(light_curves, settings).metadata
    assert_array_equal(got, [[1, 0.125], [1, 0.5], [0, -1], [0, -1]])
    assert preprocess(light_curves, Preprocessing(metadata=())).metadata.shape == (4, 0)


def test_metadata_stays_with_its_object():
    about = pd.DataFrame({"object_id": list("cba"), "redshift": [0.5, 0.75, 0.25]})
    light_curves = several(
        curve([0, 1], None, "a"), curve([0], None, "b"), curve([0, 1], None, "c"),
        about=about,
    )  # fmt: skip
    settings = Preprocessing(features="paper", metadata=("redshift",))
    got = preprocess(light_curves, settings)
    assert light_curves.object_id[got.index].tolist() == ["c", "a"]
    assert got.metadata.tolist() == [[0.5], [0.25]]


@pytest.mark.parametrize(
    "settings",
    [
        Preprocessing(),
        Preprocessing(
            metadata=("mwebv_known", "mwebv", "redshift", "redshift_known"),
            metadata_fill={"redshift": 0.3, "mwebv": 0.5},
        ),
    ],
)
def test_hidden_metadata_looks_as_unknown_metadata_does(settings: Preprocessing):
    light_curves = known_and_unknown()
    shown = preprocess(light_curves, settings).metadata
    hidden = hide_metadata(shown, settings, 1.0, np.random.default_rng(0))
    unknown = preprocess(light_curves.without_metadata(), settings).metadata
    assert_array_equal(hidden, unknown)


def test_hiding_nothing_changes_nothing():
    shown = preprocess(known_and_unknown(), Preprocessing()).metadata
    got = hide_metadata(shown, Preprocessing(), 0.0, np.random.default_rng(0))
    assert_array_equal(got, shown)


def test_hiding_leaves_the_array_given_as_it_was():
    shown = preprocess(known_and_unknown(), Preprocessing()).metadata
    before = shown.copy()
    hide_metadata(shown, Preprocessing(), 0.7, np.random.default_rng(0))
    assert_array_equal(shown, before)


def test_scalars_are_hidden_each_for_itself_with_the_probability_given():
    n = 4000
    shown = np.tile(np.float32([0.25, 1, 0.125]), (n, 1))
    got = hide_metadata(shown, Preprocessing(), 0.3, np.random.default_rng(0))
    redshift = got[:, 1] == 0
    mwebv = got[:, 2] != np.float32(0.125)
    assert_array_equal(got[redshift, 0], 0)
    assert_array_equal(got[~redshift, 0], np.float32(0.25))
    for hidden in (redshift, mwebv):
        assert hidden.mean() == pytest.approx(0.3, abs=0.03)
    assert (redshift & mwebv).mean() == pytest.approx(0.09, abs=0.02)
