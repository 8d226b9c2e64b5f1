"""The light-curve table: what is read, and every refusal with its message."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from zoo.light_curves import LightCurves
from zoo.light_curves.folder import read_folder, write_folder
from zoo.light_curves.table import from_tables
from zoo.passbands import BANDS

ROWS = ("mjd", "flux", "flux_err", "band", "detected")


def photometry(**columns: object) -> pd.DataFrame:
    """Two objects of two rows; `columns` replaces or adds columns."""
    table = {
        "object_id": ["a", "a", "b", "b"],
        "mjd": [60000.0, 60003.0, 60001.0, 60002.0],
        "band": ["ztfg", "ztfr", "ztfr", "ztfg"],
        "flux": [900.0, 1100.0, 20.0, -3.0],
        "flux_err": [30.0, 30.0, 5.0, 5.0],
    }
    return pd.DataFrame(table | columns)


def metadata(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"object_id": ["a", "b"]} | columns)


def assert_same(got: LightCurves, wanted: LightCurves) -> None:
    assert_array_equal(got.object_id, wanted.object_id)
    assert_array_equal(got.offsets, wanted.offsets)
    for name in ROWS:
        assert_array_equal(getattr(got, name), getattr(wanted, name))
        assert getattr(got, name).dtype == getattr(wanted, name).dtype
    pd.testing.assert_frame_equal(got.metadata, wanted.metadata)


def refused(table: pd.DataFrame, about: pd.DataFrame | None = None, **options) -> str:
    with pytest.raises(ValueError) as refusal:
        from_tables(table, about, **options)
    return str(refusal.value)


# ---- what is read


def test_a_table_becomes_light_curves():
    got = from_tables(
        photometry(),
        metadata(label=["SN Ia", None], redshift=[0.1, np.nan], host=["x", "y"]),
    )
    assert got.object_id.tolist() == ["a", "b"]
    assert got.offsets.tolist() == [0, 2, 4]
    assert got.mjd.tolist() == [60000, 60003, 60001, 60002]
    assert [BANDS[code] for code in got.band] == ["ztfg", "ztfr", "ztfr", "ztfg"]
    assert got.flux.tolist() == [900, 1100, 20, -3]
    assert got.flux_err.tolist() == [30, 30, 5, 5]
    assert got.labels.tolist() == ["SNIa", None]
    assert_allclose(got.metadata["redshift"], [0.1, np.nan])
    assert got.metadata["mwebv"].isna().all()
    assert got.metadata["host"].tolist() == ["x", "y"]
    dtypes = [getattr(got, name).dtype for name in ROWS]
    assert dtypes == [np.float64, np.float32, np.float32, np.int16, np.bool_]
    assert got.metadata[["redshift", "mwebv"]].dtypes.tolist() == [np.float32] * 2


def test_rows_in_any_order_give_identical_light_curves():
    generator = np.random.default_rng(0)
    m = 400
    table = pd.DataFrame(
        {
            "object_id": generator.choice(list("abcdefg"), m),
            "mjd": 60000 + np.arange(m) // 2 / 4,  # two bands at each time
            "band": np.tile(["lsstz", "ztfg"], m // 2),
            "flux": generator.normal(0, 100, m),
            "flux_err": generator.uniform(1, 9, m),
            "detected": generator.random(m) < 0.5,
            "zeropoint": generator.choice([27.5, 31.4], m),
        }
    )
    about = pd.DataFrame({"object_id": list("gfedcba"), "redshift": np.arange(7) / 10})
    wanted = from_tables(table, about)
    for seed in range(3):
        assert_same(from_tables(table.sample(frac=1, random_state=seed), about), wanted)


def test_rows_are_sorted_by_time_within_each_object():
    got = from_tables(photometry(mjd=[60003.0, 60000.0, 60002.0, 60001.0]))
    assert got.mjd.tolist() == [60000, 60003, 60001, 60002]
    assert got.flux.tolist() == [1100, 900, -3, 20]
    assert [BANDS[code] for code in got.band] == ["ztfr", "ztfg", "ztfg", "ztfr"]


def test_no_metadata_at_all_is_all_unknown():
    got = from_tables(photometry())
    assert got.labels.tolist() == [None, None]
    assert got.metadata[["redshift", "mwebv"]].isna().all(axis=None)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "Int64"])
def test_integer_ids_match_their_text(dtype: str):
    table = photometry(object_id=pd.array([7, 7, 12, 12], dtype=dtype))
    about = pd.DataFrame({"object_id": ["12", "7"], "label": ["TDE", "AGN"]})
    got = from_tables(table, about)
    assert got.object_id.tolist() == ["12", "7"]
    assert got.lengths.tolist() == [2, 2]
    assert from_tables(table, about.astype({"object_id": int})).labels[1] == "AGN"


@pytest.mark.parametrize("kind", [object, "string", "category"])
def test_ids_and_bands_of_any_text_type(kind: object):
    table = photometry()
    wanted = from_tables(table)
    got = from_tables(table.astype({"object_id": kind, "band": kind}))
    assert_same(got, wanted)


def test_numpy_strings_are_ids():
    names = pd.Series([np.str_(x) for x in "aabb"], dtype=object)
    assert from_tables(photometry(object_id=names)).object_id.tolist() == ["a", "b"]


@pytest.mark.parametrize("column", ["mjd", "flux", "flux_err"])
@pytest.mark.parametrize("dtype", ["float32", "Float64", "object", "int64"])
def test_numbers_of_any_type(column: str, dtype: str):
    table = photometry()
    assert_same(from_tables(table.astype({column: dtype})), from_tables(table))


def test_nullable_tables_are_read():
    about = metadata(label=["SN Ia", None], redshift=[None, None], mwebv=[0.1, None])
    got = from_tables(photometry().convert_dtypes(), about.convert_dtypes())
    assert got.labels.tolist() == ["SNIa", None]
    assert got.metadata["redshift"].isna().all()
    assert_allclose(got.metadata["mwebv"], [0.1, np.nan])


def test_a_column_of_none_is_unknown():
    got = from_tables(photometry(), metadata(redshift=[None, None], label=[None, None]))
    assert got.metadata["redshift"].isna().all()
    assert got.labels.tolist() == [None, None]


# ---- units and detections


@pytest.mark.parametrize(
    ("zeropoint", "flux", "wanted"),
    [
        (27.5, 1.0, 1.0),
        (31.4, 1.0, 0.0275423),  # 1 nJy
        (23.9, 1.0, 27.5423),  # 1 uJy
        (8.9, 1.0, 2.75423e7),  # 1 Jy
        (25.0, 50.0, 500.0),
    ],
)
def test_flux_unit_through_the_zeropoint(zeropoint: float, flux: float, wanted: float):
    table = photometry(flux=[flux] * 4, flux_err=[flux / 4] * 4)
    by_argument = from_tables(table, zeropoint=zeropoint)
    by_column = from_tables(table.assign(zeropoint=zeropoint), zeropoint=11.0)
    for got in (by_argument, by_column):
        assert_allclose(got.flux, [wanted] * 4, rtol=2e-6)
        assert_allclose(got.flux_err, [wanted / 4] * 4, rtol=2e-6)


def test_each_row_has_the_zeropoint_of_its_own():
    got = from_tables(photometry(zeropoint=[27.5, 30.0, 30.0, 25.0]))
    assert_allclose(got.flux, [900, 110, 2, -30], rtol=1e-6)
    assert_allclose(got.flux_err, [30, 3, 0.5, 50], rtol=1e-6)


def test_without_a_flag_a_detection_is_five_sigma():
    table = photometry(flux=[25.0, 24.99, -100.0, 1e4], flux_err=[5.0] * 4)
    assert from_tables(table).detected.tolist() == [True, False, False, True]


@pytest.mark.parametrize("flags", [[True, False, True, False], [1, 0, 1, 0]])
def test_the_survey_flag_outranks_the_signal(flags: list):
    table = photometry(detected=flags, mjd=[3.0, 1.0, 1.0, 3.0])
    assert from_tables(table).detected.tolist() == [False, True, True, False]


# ---- refusals of the photometry


@pytest.mark.parametrize("column", ["object_id", "mjd", "band", "flux", "flux_err"])
def test_missing_column(column: str):
    left = [name for name in photometry().columns if name != column]
    assert refused(photometry().drop(columns=column)) == (
        f"the photometry table lacks the column(s) {column}; it has "
        f"{', '.join(left)}. Rename or add them."
    )


def test_missing_columns_are_named_together():
    assert refused(pd.DataFrame()) == (
        "the photometry table lacks the column(s) object_id, mjd, band, flux, "
        "flux_err; it has none. Rename or add them."
    )


def test_empty_table():
    assert refused(photometry().iloc[:0]) == (
        "the photometry table is empty. Give at least one observation."
    )


@pytest.mark.parametrize(
    ("band", "similar", "example"),
    [
        ("ps1", " Similar ones: ps1::z, ps1::y, ps1::w.", "NAME=PASSBAND"),
        ("o", "", "o=atlaso for atlas"),
        ("mine::q", "", "NAME=PASSBAND"),
        ("", "", "NAME=PASSBAND"),
        (None, "", "NAME=PASSBAND"),
        (1, "", "NAME=PASSBAND"),
    ],
)
def test_unknown_passband(band: object, similar: str, example: str):
    message = refused(photometry(band=["ztfg", "ztfr", "ztfr", band]))
    shown = "nan|None" if band is None else re.escape(repr(band))
    rest = (
        f" (object 'b', row 3) is not known.{similar} State what it stands for "
        f"(--bands {example}; in Python rename it), or its wavelength, um "
        "(--passbands FILE, zoo.passbands.register or a column `wavelength`), or drop "
        "these rows."
    )
    assert re.fullmatch(f"passband ({shown}){re.escape(rest)}", message)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        *[("ztf_g", "ztfg"), ("ZTFG", "ztfg"), ("DES-g", "desg"), ("lsstY", "lssty")],
        *[
            ("cyan", "atlasc"),
            ("PS1-i", "ps1::i"),
            ("g'", "sdssg"),
            ("uvw2", "uvot::uvw2"),
        ],
    ],
)
def test_passbands_are_known_under_their_usual_spellings(spelling: str, name: str):
    got = from_tables(photometry(band=["ztfg", "ztfr", "ztfr", spelling]))
    assert name in got.bands


def test_a_wavelength_makes_a_passband_of_the_users_own():
    table = photometry(band=["ztfg", "mine::x", "mine::x", "ztfg"])
    table["wavelength"] = [np.nan, 0.55, 0.55, 0.4805]
    got = from_tables(table)
    assert got.bands == ("ztfg", "mine::x")
    assert [one.wavelength for one in got.observed] == [0.4805, 0.55]
    assert from_tables(*got.to_tables()).bands == got.bands


@pytest.mark.parametrize(
    ("wavelengths", "message"),
    [
        ((0.55, 0.56), "passband 'mine::x' has wavelength 0.55 um, but 0.56 in the"),
        ((5500.0, 5500.0), "passband 'mine::x' has wavelength 5500. Give it in um"),
        ((np.nan, np.nan), "passband 'mine::x' (object 'a', row 1) is not known."),
    ],
)
def test_a_wavelength_that_cannot_be_is_refused(wavelengths, message: str):
    table = photometry(band=["ztfg", "mine::x", "mine::x", "ztfg"])
    table["wavelength"] = [np.nan, *wavelengths, np.nan]
    assert refused(table).startswith(message)


def test_a_wavelength_that_contradicts_a_known_name_is_refused():
    table = photometry().assign(wavelength=0.6)
    assert refused(table).startswith(
        "passband 'ztfg' has wavelength 0.4805 um, but 0.6"
    )


@pytest.mark.parametrize(
    ("column", "value", "shown", "rule", "remedy"),
    [
        ("flux", np.inf, "inf", "is not finite", "Drop these rows."),
        ("flux", -np.inf, "-inf", "is not finite", "Drop these rows."),
        ("flux", 1e39, "inf", "is not finite", "Drop these rows."),  # beyond float32
        ("mjd", np.nan, "nan", "is not finite", "Drop these rows."),
        ("mjd", np.inf, "inf", "is not finite", "Drop these rows."),
        *(
            (
                "flux_err",
                value,
                shown,
                "is not finite and greater than 0",
                "Correct or drop these rows.",
            )
            for value, shown in [
                (0.0, "0"),
                (-2.5, "-2.5"),
                (np.nan, "nan"),
                (np.inf, "inf"),
                (1e-50, "0"),  # below float32
            ]
        ),
        (
            "mjd",
            2460000.5,
            "2460000.5",
            "looks like a Julian Date, not a Modified Julian Date",
            "Subtract 2400000.5.",
        ),
        (
            "mjd",
            1.6e9,
            "1600000000",
            "looks like seconds since 1970, not a Modified Julian Date",
            "Divide by 86400, add 40587.",
        ),
    ],
)
def test_number_that_breaks_a_rule(
    column: str, value: float, shown: str, rule: str, remedy: str
):
    table = photometry()
    table.loc[2, column] = value
    assert refused(table) == (
        f"object 'b', row 2: {column} is {shown}, which {rule} (1 such rows). {remedy}"
    )


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("flux", 1e19, "beyond 1e+18"),
        ("flux", -3e38, "beyond 1e+18"),
        ("flux_err", 1e19, "not between 1e-18 and 1e+18"),
        ("flux_err", 1e-29, "not between 1e-18 and 1e+18"),  # erg/s/cm2/Hz
    ],
)
def test_fluxes_in_a_unit_that_was_not_said(column: str, value: float, rule: str):
    table = photometry()
    table.loc[2, column] = value
    message = refused(table)
    assert message.startswith(f"object 'b', row 2: {column} is ")
    assert message.endswith(
        f", which at zero point 27.5 is {rule} (1 such rows). Give the zero point of "
        "these fluxes, or drop these rows."
    )


def test_numbers_that_no_float_can_hold_are_infinite():
    table = photometry(flux=pd.Series([1, 2, 10**400, 4], dtype=object))
    assert refused(table).startswith("object 'b', row 2: flux is inf, which is not ")
    table = photometry(flux=pd.Series([1, -(10**400), 3, 4], dtype=object))
    assert refused(table).startswith("object 'a', row 1: flux is -inf, which is not ")


@pytest.mark.parametrize("column", ["mjd", "flux", "flux_err", "zeropoint"])
def test_complex_numbers_are_no_numbers(column: str):
    message = refused(photometry(**{column: np.array([1, 2, 3, 4], complex)}))
    assert message.startswith(f"object 'a', row 0: {column} is ")
    assert message.endswith(
        " in a column of type complex128. It must be a number in every row."
    )


@pytest.mark.parametrize("value", [[1.0], {"a": 1}, np.ones(3), ([1],), object])
@pytest.mark.parametrize("column", ["object_id", "mjd", "band", "flux", "detected"])
def test_things_that_cannot_be_hashed_or_compared(column: str, value: object):
    given = pd.Series([photometry(detected=True)[column].iloc[0]] * 4, dtype=object)
    given[2] = value
    if column in ("mjd", "object_id"):  # no two rows the same
        given[:2] = photometry()[column][:2]
    message = refused(photometry(**{column: given}))
    assert "row 2" in message and column.removesuffix("_id") in message


@pytest.mark.parametrize("value", [np.ones(3), [1], np.array("ztfg")])
@pytest.mark.parametrize("column", ["redshift", "mwebv", "label"])
def test_things_that_are_no_metadata(column: str, value: object):
    given = pd.Series([None, value], dtype=object)
    message = refused(photometry(), metadata(**{column: given}))
    assert "It must be a number" in message or "is not a known class" in message


def test_long_values_are_cut_short_in_messages():
    assert len(refused(photometry(band="x" * 10_000))) < 400
    assert len(refused(photometry(), metadata(label="x" * 10_000))) < 600


@pytest.mark.parametrize("value", [True, "\ud800"])
def test_truth_values_and_broken_texts_are_no_names(value: object):
    given = pd.Series([value] * 4, dtype=object)
    assert refused(photometry(object_id=given)).startswith(
        f"object_id in row 0 of the photometry table is {value!r}: it must be a string"
    )


def test_rows_that_break_a_rule_are_counted():
    message = refused(photometry(mjd=[2460000.5, 2460001.5, 2460000.5, 2460001.5]))
    assert message.startswith(
        "object 'a', row 0: mjd is 2460000.5, which looks like a "
    )
    assert "(4 such rows)" in message


def test_the_row_named_is_a_position_whatever_the_index():
    table = photometry(flux_err=[1.0, 1.0, -1.0, 1.0]).set_index(pd.Index([9, 8, 7, 6]))
    assert refused(table).startswith("object 'b', row 2: flux_err is -1, ")


def test_rows_with_nan_flux_are_dropped_with_one_counted_warning():
    table = photometry(flux=[np.nan, 1100.0, 20.0, np.nan], flux_err=[np.nan, 30, 5, 0])
    with pytest.warns(UserWarning) as caught:
        got = from_tables(table)
    assert [str(w.message) for w in caught] == ["dropped 2 of 4 rows with a NaN flux."]
    assert got.lengths.tolist() == [1, 1]
    assert got.flux.tolist() == [1100, 20]


def test_an_object_with_nan_fluxes_only_keeps_its_place():
    with pytest.warns(UserWarning, match="^dropped 2 of 4 rows with a NaN flux.$"):
        got = from_tables(photometry(flux=[np.nan, np.nan, 20.0, -3.0]))
    assert got.object_id.tolist() == ["a", "b"]
    assert got.lengths.tolist() == [0, 2]


def test_all_nan():
    message = refused(photometry(flux=np.nan))
    assert message == "every row of the photometry table has a NaN flux."


def test_second_observation_at_the_same_time_and_band():
    table = photometry(
        object_id=["a", "b", "a", "b"],
        mjd=60000.0,
        band=["ztfg", "ztfg", "ztfg", "ztfr"],
    )
    assert refused(table) == (
        "object 'a', row 2: a second, different observation at the same mjd and band "
        "(1 such rows). Keep one of each, or average them."
    )


def test_same_time_in_two_bands_and_of_two_objects_is_no_duplicate():
    table = photometry(mjd=60000.0)
    assert from_tables(table).lengths.tolist() == [2, 2]


def test_a_dropped_row_is_no_duplicate():
    table = photometry(
        mjd=[60000.0, 60000.0, 1.0, 2.0], band="ztfg", flux=[np.nan, 1.0, 2.0, 3.0]
    )
    with pytest.warns(UserWarning, match="^dropped 1 of 4 rows"):
        assert from_tables(table).flux.tolist() == [1, 2, 3]


@pytest.mark.parametrize("column", ["mjd", "flux", "flux_err", "zeropoint"])
@pytest.mark.parametrize("value", ["bad", "1.5", True, pd.Timestamp("2026-11-01")])
def test_mixed_types_in_a_column_of_numbers(column: str, value: object):
    values = pd.Series([1.0, 2.0, value, 4.0], dtype=object)
    message = refused(photometry(**{column: values}))
    assert message == (
        f"object 'b', row 2: {column} is {value!r}, in a column of type object. It "
        "must be a number in every row."
    )


def test_the_unreadable_one_of_many_texts_is_named():
    message = refused(photometry(flux=["1.0", "2.0", "3.0", "4,0"]))
    assert message.startswith("object 'b', row 3: flux is '4,0', in a column of type ")


@pytest.mark.parametrize("column", ["mjd", "flux", "flux_err"])
def test_a_column_of_texts_or_truth_values(column: str):
    message = refused(photometry(**{column: ["1", "2", "3", "4"]}))
    assert message.startswith(
        f"object 'a', row 0: {column} is '1', in a column of type"
    )
    message = refused(photometry(**{column: [True, False, True, True]}))
    assert message.endswith(
        "in a column of type bool. It must be a number in every row."
    )


@pytest.mark.parametrize("value", [1, 1.0, None, b"a", ("a",)])
def test_mixed_types_in_object_id(value: object):
    table = photometry(object_id=pd.Series(["a", value, "b", "b"], dtype=object))
    assert refused(table) == (
        f"object_id in row 1 of the photometry table is {value!r}: it must be a "
        "string, or an integer in every row. Convert the column."
    )


def test_decimal_object_ids():
    assert refused(photometry(object_id=[1.0, 1.0, 2.0, 2.0])).startswith(
        "object_id in row 0 of the photometry table is 1.0: it must be a string, or "
    )


@pytest.mark.parametrize("value", [None, "True", "false", 2, 0.5, np.nan, pd.NA])
def test_detected_that_is_not_boolean(value: object):
    table = photometry(detected=pd.Series([True, False, value, True], dtype=object))
    assert refused(table) == (
        f"object 'b', row 2: detected is {value!r}. It must be true or false in every "
        "row; leave the column out if it is not known."
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, None, -999, 1e308])
def test_zeropoint_column_out_of_range(value: float | None):
    shown = "nan" if value is None else f"{value:g}"
    assert refused(photometry(zeropoint=[27.5, value, 27.5, 27.5])) == (
        f"object 'a', row 1: zeropoint is {shown}, which is not between -100 and 100 "
        "(1 such rows). Fill the column, or drop it and give one zero point for all."
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 101, -1e5, 1e308])
def test_zeropoint_argument_out_of_range(value: float):
    assert refused(photometry(), zeropoint=value) == (
        f"zeropoint is {value}. It must lie between -100 and 100: 31.4 for nJy, 23.9 "
        "for uJy."
    )


# ---- refusals of the metadata


def test_metadata_without_object_id():
    assert refused(photometry(), pd.DataFrame({"name": ["a"], "redshift": [0.1]})) == (
        "the metadata table lacks the column(s) object_id; it has name, redshift. "
        "Rename or add them."
    )


def test_duplicate_object_in_metadata():
    about = pd.DataFrame({"object_id": ["a", "b", "c", "b"]})
    assert refused(photometry(), about) == (
        "object 'b' occurs twice in the metadata table (row 3). Keep one row "
        "per object."
    )


def test_metadata_of_other_objects():
    about = pd.DataFrame({"object_id": ["ZTF20a", "ZTF20b"]})
    assert refused(photometry(), about) == (
        "no object of the metadata table (first: 'ZTF20a') occurs in the photometry "
        "(first: 'a'). Use the same object_id in both."
    )


def test_mixed_types_in_the_object_id_of_metadata():
    about = pd.DataFrame({"object_id": pd.Series(["a", 5], dtype=object)})
    assert refused(photometry(), about) == (
        "object_id in row 1 of the metadata table is 5: it must be a string, or an "
        "integer in every row. Convert the column."
    )


@pytest.mark.parametrize(
    ("column", "value", "limits"),
    [
        *(("redshift", v, "-0.1 and 30") for v in (-9, -1, -99, 99, 999, 1e39, np.inf)),
        *(("mwebv", v, "0 and 500") for v in (-0.01, -9, 999, np.inf)),
    ],
)
def test_sentinel_in_metadata(column: str, value: float, limits: str):
    assert refused(photometry(), metadata(**{column: [0.2, value]})) == (
        f"object 'b', row 1: {column} is {value:g}, which is not between {limits} "
        "(1 such rows). Use an empty value where it is not known."
    )


def test_photometric_redshift_may_scatter_below_zero():
    got = from_tables(photometry(), metadata(redshift=[-0.002, 0.0], mwebv=[0.0, 0.3]))
    assert_allclose(got.metadata["redshift"], [-0.002, 0])


@pytest.mark.parametrize("column", ["redshift", "mwebv"])
def test_text_in_a_number_of_the_metadata(column: str):
    about = metadata(**{column: pd.Series([0.1, "-"], dtype=object)})
    assert refused(photometry(), about) == (
        f"object 'b', row 1: {column} is '-', in a column of type object. It must be a "
        "number in every row."
    )


def test_unknown_label():
    message = refused(photometry(), metadata(label=["SN Ia", "SN Iz"]))
    assert message.startswith(
        "metadata column label: label 'SN Iz' is not a known class. Known: SNIa, "
    )
    end = "Rename it, or leave it empty if unknown. Did you mean 'SNII'?"
    assert message.endswith(end)


# ---- folders


def full() -> LightCurves:
    """Every kind of object and metadata that a table can hold."""
    table = photometry(
        object_id=["12", "0012", "0012", "z"],
        flux=[1 / 3, 1e-3, -2.5, 7e6],
        detected=[True, False, False, True],
    )
    about = pd.DataFrame(
        {
            "object_id": ["0012", "none", "12", "z"],
            "label": ["SN Ib/c", None, "TDE", None],
            "redshift": [0.1, np.nan, 1.5, np.nan],
            "mwebv": [np.nan, np.nan, 0.02, 0.03],
            "ra": [10.123456789012, np.nan, 0.0, 359.9],
            "host": ["NGC 1", None, "x,y", '"quoted"'],
        }
    )
    return from_tables(table, about)


def test_write_and_read_give_the_same_light_curves(tmp_path: Path):
    wanted = full()
    write_folder(wanted, tmp_path / "new" / "table")
    assert_same(read_folder(tmp_path / "new" / "table"), wanted)
    names = sorted(path.name for path in (tmp_path / "new" / "table").iterdir())
    assert names == ["metadata.parquet", "photometry.parquet"]


def test_writing_again_replaces_where_asked_to(tmp_path: Path):
    write_folder(full(), tmp_path)
    with pytest.raises(FileExistsError, match="exists already.*overwrite=True"):
        write_folder(from_tables(photometry()), tmp_path)
    assert_same(read_folder(tmp_path), full())
    write_folder(from_tables(photometry()), str(tmp_path), overwrite=True)
    assert_same(read_folder(str(tmp_path)), from_tables(photometry()))


def test_csv_and_parquet_give_the_same_light_curves(tmp_path: Path):
    wanted = full()
    for name, frame in zip(("photometry", "metadata"), wanted.to_tables(), strict=True):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    got = read_folder(tmp_path)
    assert got.labels.tolist() == wanted.labels.tolist()
    for name in ROWS:
        assert_array_equal(getattr(got, name), getattr(wanted, name))
    for name in ("redshift", "mwebv", "ra"):
        assert_allclose(got.metadata[name], wanted.metadata[name], rtol=1e-7)


def test_zeropoint_of_a_folder(tmp_path: Path):
    photometry().to_parquet(tmp_path / "photometry.parquet")
    got = read_folder(tmp_path, zeropoint=25.0)
    assert_allclose(got.flux, [9000, 11000, 200, -30], rtol=1e-6)


def test_no_such_folder(tmp_path: Path):
    with pytest.raises(FileNotFoundError) as refusal:
        read_folder(tmp_path / "nowhere")
    assert str(refusal.value) == (
        f"{tmp_path / 'nowhere'} is not a folder. Give a light-curve table."
    )


def test_folder_without_photometry(tmp_path: Path):
    write_folder(full(), tmp_path)
    (tmp_path / "photometry.parquet").unlink()
    with pytest.raises(FileNotFoundError) as refusal:
        read_folder(tmp_path)
    assert str(refusal.value) == (
        f"{tmp_path} holds neither photometry.parquet nor photometry.csv. Give a "
        "folder with a light-curve table."
    )


@pytest.mark.parametrize("name", ["photometry", "metadata"])
@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".parquet", b"not parquet"),
        (".parquet", b""),
        (".parquet", b"PAR1" + bytes(64) + b"PAR1"),
        (".csv", b""),
        (".csv", b"object_id,mjd\na,1\nb,2,3,4\n"),
        (".csv", b"object_id,mjd\n\xff\xfe\xfa,1\n"),
    ],
)
def test_broken_file(tmp_path: Path, name: str, suffix: str, content: bytes):
    write_folder(full(), tmp_path)
    (tmp_path / f"{name}.parquet").unlink()
    path = tmp_path / f"{name}{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError) as refusal:
        read_folder(tmp_path)
    assert re.fullmatch(
        f"{re.escape(str(path))} cannot be read: \\S.*", str(refusal.value)
    )


def test_truncated_parquet(tmp_path: Path):
    write_folder(full(), tmp_path)
    path = tmp_path / "photometry.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="photometry.parquet cannot be read: "):
        read_folder(tmp_path)


# ---- the real tables


@pytest.mark.parametrize(
    ("name", "objects", "rows", "bands"),
    [
        ("ztf_real", 1933, 110_780, BANDS[:2]),
        ("mallorn", 1825, 286_721, BANDS[3:9]),
    ],
)
def test_real_table_is_read(test_data: Path, name, objects, rows, bands):
    folder = test_data / "tables" / name
    got = read_folder(folder)
    assert len(got) == objects
    assert len(got.mjd) == rows == got.offsets[-1]
    assert (got.lengths > 0).all()
    assert got.bands == bands
    assert None not in got.labels.tolist()
    within = np.diff(got.mjd)[np.diff(np.repeat(np.arange(objects), got.lengths)) == 0]
    assert (within >= 0).all()
    table = pd.read_parquet(folder / "photometry.parquet")
    assert got.flux.astype(float).sum() == pytest.approx(
        table["flux"].astype(float).sum()
    )
    longest = got.object_id[got.lengths.argmax()]
    assert got.lengths.max() == (table["object_id"] == longest).sum()


def test_real_table_survives_writing(test_data: Path, tmp_path: Path):
    wanted = read_folder(test_data / "tables" / "ztf_real")
    write_folder(wanted, tmp_path)
    assert_same(read_folder(tmp_path), wanted)


def test_rows_without_a_flux_may_lack_anything_else():
    # As an outer join leaves them.
    table = photometry()
    gap = table.iloc[:1].assign(flux=np.nan, flux_err=np.nan, mjd=np.nan, band=None)
    both = pd.concat([table.assign(detected=True), gap.assign(detected=None)])
    with pytest.warns(UserWarning, match="dropped 1 of 5 rows with a NaN flux"):
        got = from_tables(both.reset_index(drop=True))
    assert_same(got, from_tables(table.assign(detected=True)))


@pytest.mark.parametrize("missing", [pd.NA, ""])
def test_a_missing_object_id_is_refused(missing):
    kind = "Int64" if missing is pd.NA else object
    ids = pd.Series(
        [1, missing, 2, 2] if missing is pd.NA else ["a", "", "b", "b"], dtype=kind
    )
    assert "object_id in row 1 of the photometry table is" in refused(
        photometry(object_id=ids)
    )


def test_an_empty_redshift_is_unknown():
    metadata = pd.DataFrame({"object_id": ["a", "b"], "redshift": ["", 0.1]})
    redshift = from_tables(photometry(), metadata).metadata["redshift"]
    assert np.isnan(redshift[0]) and redshift[1] == np.float32(0.1)


def test_a_column_given_twice_is_refused():
    table = photometry()
    twice = pd.concat([table, table[["flux"]]], axis=1)
    assert refused(twice) == "the photometry table has two columns 'flux'. Keep one."


def test_letters_of_several_passbands_are_explained_together():
    message = refused(photometry(band=["g", "r", "g", "ztfg"]))
    assert (
        "(--bands g=ztfg,r=ztfr for ztf, g=lsstg,r=lsstr for lsst, g=ps1::g,r=ps1::r "
        "for ps1, g=desg,r=desr for des, g=sdssg,r=sdssr for sdss, ...; in Python"
    ) in message
    message = refused(photometry(band=["B", "u", "z", "y"]))
    assert "(--bands NAME=PASSBAND; in Python rename it)" in message
