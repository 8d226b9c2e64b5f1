"""Tables with magnitudes, units and Julian Dates, in every container."""

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.table import QTable, Table
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import zoo
from zoo.datasets.readers.files.magnitudes import is_light_curve, meanings
from zoo.datasets.readers.formats import detect, read
from zoo.light_curves.accept import read as read_any
from zoo.light_curves.sources.readers import Incomplete
from zoo.passbands import OFTEN_VEGA, PASSBANDS


def magnitudes(**columns) -> pd.DataFrame:
    rows = {
        "object_id": ["a", "a", "b"],
        "mjd": [60000.5, 60001.5, 60000.5],
        "band": ["ztfg", "ztfr", "ztfg"],
        "mag": [20.0, 22.5, 17.5],  # 1000, 100 and 10000 at zero point 27.5
        "mag_err": [0.1, 0.1, 0.1],
        "magsys": "ab",
    }
    return pd.DataFrame(rows | columns)


FLUX = [1000.0, 100.0, 10000.0]

# ---- magnitudes


def test_magnitudes_become_fluxes():
    got = read(magnitudes())
    assert got.format == "table"
    assert list(got.photometry) == ["object_id", "mjd", "band", "flux", "flux_err"]
    assert_allclose(got.photometry["flux"], FLUX, rtol=1e-12)
    # flux * 0.1 * ln(10) / 2.5
    assert_allclose(got.photometry["flux_err"], np.array(FLUX) * 0.0921034037)
    assert got.left_out == {}


def test_magnitudes_without_a_system_are_taken_as_ab_with_a_word():
    table = magnitudes().drop(columns="magsys")
    with pytest.warns(UserWarning, match="took 3 magnitudes as AB: no column magsys"):
        assert_allclose(read(table).photometry["flux"], FLUX, rtol=1e-12)
    with pytest.warns(UserWarning, match="took 1 magnitudes as AB"):
        read(magnitudes(magsys=["ab", None, "AB "]))


@pytest.mark.parametrize("survey", sorted(OFTEN_VEGA))
def test_passbands_of_vega_surveys_need_a_system(survey: str):
    band = next(p for p in PASSBANDS.values() if p.survey == survey)
    table = magnitudes(band=band.name)
    assert_allclose(read(table).photometry["flux"], FLUX, rtol=1e-12)
    of_vega = read(table.assign(magsys="vega"))
    # m(AB) = m(Vega) + vega
    wanted = np.array(FLUX) * 10 ** (-0.4 * band.vega)
    assert_allclose(of_vega.photometry["flux"], wanted, rtol=1e-12)
    with pytest.raises(
        ValueError, match=r"often of the Vega system.*Add a column mags"
    ):
        read(table.drop(columns="magsys"))


def test_systems_that_cannot_be_converted_are_refused():
    with pytest.raises(ValueError, match="object 'b', row 2: zpsys is 'st', neither"):
        read(magnitudes(magsys=["ab", "vega", "st"]))
    own = {"x": zoo.passbands.make("x", wavelength=0.5)}
    with pytest.raises(ValueError, match="no magnitude of Vega in its passband"):
        read(magnitudes(band="x", magsys="vega"), passbands=own)


@pytest.mark.parametrize(
    "limit",
    [None, "", "nan", "<19.5", "> 19.5", "-", "99", "99.0", "999", "-999", "-99", "0"],
)
def test_what_is_no_magnitude_is_an_upper_limit(tmp_path: Path, limit: str | None):
    table = magnitudes(mag=["20.0", limit, "17.5"], limiting_mag=21.0)
    table.to_csv(tmp_path / "a.csv", index=False)
    for source in (table, tmp_path / "a.csv", pa.Table.from_pandas(table)):
        got = read(source)
        assert_allclose(got.photometry["flux"], [1000.0, 10000.0], rtol=1e-12)
        assert got.left_out == {"upper limits": 1}
        assert "left out 1 upper limits" in got.describe()


@pytest.mark.parametrize("column", ["upper_limit", "upperlimit", "is_limit"])
def test_marked_limits_are_no_detections(column: str):
    for marks in (
        [False, True, False],
        ["F", "T", "F"],
        [0.0, 1.0, 0.0],
        [None, "true", ""],
    ):
        got = read(magnitudes(**{column: marks}))
        assert_allclose(got.photometry["flux"], [1000.0, 10000.0], rtol=1e-12)
        assert got.left_out == {"upper limits": 1}
    with pytest.raises(ValueError, match="row 1: upper_limit is 21.5. It must be true"):
        read(magnitudes(**{column: [False, 21.5, False]}))


def test_magnitudes_without_an_error_are_counted_by_that_name():
    got = read(magnitudes(mag_err=[0.1, np.nan, 99.0]))
    assert got.left_out == {"magnitudes without an error above 0": 2}
    assert got.rows == 1


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"mag": ["20.0", "bright", "17"]}, "row 1: mag is 'bright'.*must be a number"),
        ({"mag_err": [0.1, "?", 0.1]}, r"row 1: mag_err is '\?'"),
        ({"mag": [20.0, -21.7, 17.5]}, "mag is -21.7, which is below 0, as services w"),
        ({"zeropoint": 25.0}, "magnitudes and no fluxes: a zero point cannot be given"),
        ({"magnitude": 20.0}, "columns mag(nitude)? and mag(nitude)? both stand"),
    ],
)
def test_wrong_magnitudes_are_refused(columns: dict, match: str):
    for source in (read, read_any):
        with pytest.raises(ValueError, match=match):
            source(magnitudes(**columns))


def test_fluxes_count_where_both_stand():
    table = magnitudes(flux=[1.0, 2.0, 3.0], flux_err=0.1, e_mag=7.0)
    assert read(table.drop(columns="magsys")).photometry["flux"].tolist() == [1, 2, 3]
    assert read_any(table.drop(columns="magsys")).flux.tolist() == [1, 2, 3]


def test_the_survey_says_what_is_detected():
    got = read(magnitudes(detected=[False, True, True])).light_curves()
    assert got.detected.tolist() == [False, True, True]
    # Without it, the signal-to-noise rule: an error of 0.3 mag is below 5 sigma.
    got = read(magnitudes(mag_err=[0.3, 0.1, 0.1])).light_curves()
    assert got.detected.tolist() == [False, True, True]


def test_what_lacks_a_column_is_answered_with_the_formula():
    for lacking, match in (
        (
            "mag_err",
            r"the table lacks mag_err; .*: flux = 10 \*\* \(-0.4 \* \(mag - 27",
        ),
        ("mjd", "Nearest: a table of magnitudes; it lacks mjd or MJD. Add or rename"),
        ("object_id", "Nearest: a table of magnitudes; it lacks object_id or objectId"),
    ):
        for source in (read, read_any):
            with pytest.raises(Incomplete, match=match):
                source(magnitudes().drop(columns=lacking))


# ---- times


def test_julian_dates_of_every_kind(tmp_path: Path):
    for name in ("jd", "JD", "bjd", "HJD", "bjd_tdb"):
        table = magnitudes().rename(columns={"mjd": name})
        got = read(table.assign(**{name: magnitudes()["mjd"] + 2400000.5}))
        assert_allclose(got.photometry["mjd"], magnitudes()["mjd"], rtol=0, atol=1e-9)
    with pytest.raises(ValueError, match="jd is 60000.5, which is no Julian Date"):
        read(magnitudes().rename(columns={"mjd": "jd"}))
    both = magnitudes(jd=1.0)
    assert_allclose(read(both).photometry["mjd"], magnitudes()["mjd"])


@pytest.mark.parametrize("scale", ["utc", "tai", "tdb"])
def test_times_are_taken_in_their_own_scale(tmp_path: Path, scale: str):
    table = fluxes().to_pandas().drop(columns="mjd")
    table = Table.from_pandas(table)
    table["time"] = Time([60000.5, 60001.5], format="mjd", scale=scale)
    table.write(tmp_path / "a.ecsv")
    table.write(tmp_path / "a.parquet")
    for source in (table, tmp_path / "a.ecsv", tmp_path / "a.parquet"):
        assert_allclose(read(source).photometry["mjd"], [60000.5, 60001.5], atol=1e-9)


# ---- units


def fluxes() -> QTable:
    return QTable(
        {
            "object_id": ["a", "a"],
            "mjd": [60000.5, 60001.5],
            "band": ["ztfg", "ztfr"],
            "flux": [1000.0, -20.0] * u.nJy,
            "flux_err": [10.0, 10.0] * u.nJy,
        }
    )


def as_ecsv(table: QTable, folder: Path) -> Path:
    table.write(folder / "table.ecsv")
    return folder / "table.ecsv"


def as_fits(table: QTable, folder: Path) -> Path:
    table.write(folder / "table.fits")
    return folder / "table.fits"


def as_votable(table: QTable, folder: Path) -> Path:
    table.write(folder / "table.vot", format="votable")
    return folder / "table.vot"


def as_astropy_parquet(table: QTable, folder: Path) -> Path:
    table.write(folder / "table.parquet")
    return folder / "table.parquet"


def plain(table: QTable) -> tuple[pd.DataFrame, dict[str, str]]:
    units = {
        c.info.name: str(c.unit) for c in table.itercols() if getattr(c, "unit", 0)
    }
    values = {c.info.name: getattr(c, "value", c) for c in table.itercols()}
    return pd.DataFrame({name: np.asarray(values[name]) for name in values}), units


def in_fields(table: QTable) -> pa.Table:
    frame, units = plain(table)
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_metadata({"unit": units[field.name]})
        if field.name in units
        else field
        for field in arrow.schema
    ]
    return arrow.cast(pa.schema(fields))


def as_arrow(table: QTable, folder: Path) -> pa.Table:
    return in_fields(table)


def as_parquet(table: QTable, folder: Path) -> Path:
    pq.write_table(in_fields(table), folder / "units.parquet")
    return folder / "units.parquet"


def as_feather(table: QTable, folder: Path) -> Path:
    pyarrow.feather.write_feather(in_fields(table), str(folder / "units.feather"))
    return folder / "units.feather"


def as_folder(table: QTable, folder: Path) -> Path:
    (folder / "table").mkdir()
    pq.write_table(in_fields(table), folder / "table" / "photometry.parquet")
    return folder / "table"


def as_frame(table: QTable, folder: Path) -> pd.DataFrame:
    frame, units = plain(table)
    frame.attrs["units"] = units
    return frame


def as_pandas_parquet(table: QTable, folder: Path) -> Path:
    as_frame(table, folder).to_parquet(folder / "pandas.parquet")
    return folder / "pandas.parquet"


def as_nested(table: QTable, folder: Path) -> Path:
    frame, units = plain(table)
    lists = frame.groupby("object_id").agg(list).reset_index()
    arrow = pa.Table.from_pandas(lists, preserve_index=False)
    fields = [
        field.with_metadata({"unit": units[field.name]})
        if field.name in units
        else field
        for field in arrow.schema
    ]
    pq.write_table(arrow.cast(pa.schema(fields)), folder / "nested.parquet")
    return folder / "nested.parquet"


CONTAINERS = (
    *(as_ecsv, as_fits, as_votable, as_astropy_parquet, as_arrow, as_parquet),
    *(as_feather, as_folder, as_frame, as_pandas_parquet, as_nested),
    lambda table, folder: table,
)


@pytest.mark.parametrize("container", CONTAINERS)
def test_units_are_read_in_every_container(tmp_path: Path, container):
    source = container(fluxes(), tmp_path)
    # 1 nJy is 10 ** (-0.4 * (31.4 - 27.5)) = 10 ** -1.56.
    wanted = np.array([1000.0, -20.0]) * 10**-1.56
    assert_allclose(read_any(source).flux, wanted, rtol=1e-6)
    got = read(source).photometry
    assert_allclose(got["flux"], wanted, rtol=1e-12)
    assert_allclose(got["flux_err"], 10 * 10**-1.56, rtol=1e-12)
    micro = fluxes()
    for name in ("flux", "flux_err"):
        micro[name] = micro[name].to(u.uJy)
    (tmp_path / "micro").mkdir()
    source = container(micro, tmp_path / "micro")
    assert_allclose(read_any(source).flux, wanted, rtol=1e-6)


@pytest.mark.parametrize("container", CONTAINERS)
def test_units_of_time_are_read_in_every_container(tmp_path: Path, container):
    table = fluxes()
    table["mjd"] = (np.array([60000.5, 60001.5]) * u.day).to(u.hour)
    assert_allclose(read_any(container(table, tmp_path)).mjd, [60000.5, 60001.5])


@pytest.mark.parametrize("container", CONTAINERS)
def test_units_that_are_none_of_flux_are_refused(tmp_path: Path, container):
    for number, unit in enumerate((u.mag, u.adu)):
        table = fluxes()
        for name in ("flux", "flux_err"):
            table[name] = table[name].value * unit
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(ValueError, match="which is not a flux density"):
            read_any(container(table, folder))


def test_a_unit_beside_a_zero_point_is_refused(tmp_path: Path):
    arrow = as_arrow(fluxes(), tmp_path)
    with pytest.raises(ValueError, match="a unit stands at flux and flux_err, beside"):
        read_any(arrow.append_column("zp", pa.array([25.0, 25.0])))
    one = as_frame(fluxes(), tmp_path)
    one.attrs["units"].pop("flux_err")
    with pytest.raises(ValueError, match="a unit stands at flux, beside"):
        read_any(one)


@pytest.mark.parametrize("container", CONTAINERS)
def test_units_of_magnitudes_are_read_in_every_container(tmp_path: Path, container):
    table = QTable(
        magnitudes()[["object_id", "mjd", "band", "mag", "mag_err"]]
        .iloc[:2]
        .to_dict("list")
    )
    table["mag"].unit = u.mmag
    table["mag"] *= 1000
    table["mag_err"].unit = u.mag
    with pytest.warns(UserWarning, match="took 2 magnitudes as AB"):
        assert_allclose(read_any(container(table, tmp_path)).flux, FLUX[:2], rtol=1e-6)


@pytest.mark.parametrize("unit", ["mag(AB)", "ABmag", "AB mag", "Vega mag"])
def test_a_unit_states_the_system_of_magnitudes(unit: str):
    table = magnitudes().drop(columns="magsys").iloc[[0]]
    table.attrs["units"] = {"mag": unit, "mag_err": "mag"}
    vega = PASSBANDS["ztfg"].vega if "Vega" in unit else 0.0
    assert_allclose(read_any(table).flux, [1000 * 10 ** (-0.4 * vega)], rtol=1e-6)


@pytest.mark.parametrize("unit", ["mag(ST)", "STmag", "nJy", "Gunn mag"])
def test_magnitudes_of_another_unit_are_refused(unit: str):
    table = magnitudes().drop(columns="magsys")
    table.attrs["units"] = {"mag": unit}
    with pytest.raises(
        ValueError, match=f"the magnitudes have the unit {re.escape(unit)}"
    ):
        read_any(table)


def test_units_of_other_columns_change_nothing(tmp_path: Path):
    frame, _ = plain(fluxes())
    frame.attrs["units"] = {"ra": "deg", "flux": ""}
    assert read_any(frame).flux.tolist() == [1000.0, -20.0]


@pytest.mark.parametrize(
    ("flux", "flux_err", "unit"),
    [
        ("flux_ujy", "flux_err_ujy", u.uJy),
        ("flux_uJy", "fluxerr_uJy", u.uJy),
        ("flux_nJy", "flux_error_nJy", u.nJy),
        ("flux_mJy", "flux_err_mJy", u.mJy),
        ("flux_Jy", "flux_err_Jy", u.Jy),
    ],
)
def test_names_of_fluxes_state_their_unit(tmp_path: Path, flux, flux_err, unit):
    frame, _ = plain(fluxes())
    scale = (1 * u.nJy).to_value(unit)
    frame[["flux", "flux_err"]] *= scale
    frame = frame.rename(columns={"flux": flux, "flux_err": flux_err}).assign(mag=20.0)
    frame.to_csv(tmp_path / "a.csv", index=False)
    lists = frame.groupby("object_id").agg(list).reset_index()
    for source in (frame, tmp_path / "a.csv", Table.from_pandas(frame), lists):
        got = read_any(source)
        assert_allclose(got.flux, np.array([1000.0, -20.0]) * 10**-1.56, rtol=1e-6)
        assert_allclose(got.flux_err, 10 * 10**-1.56, rtol=1e-6)


def test_real_fluxes_whose_names_state_their_unit(test_data: Path):
    rows = pd.read_parquet(test_data / "manytde" / "other_bands_photometry.parquet")
    names = {"UVW2.uvot": "uvot::uvw2", "i.ztf": "ztfi"}
    rows = rows.assign(filter=rows["filter"].map(names)).dropna()
    rows = rows.drop_duplicates(["object_id", "mjd", "filter"])
    got = read(rows)
    assert got.rows == len(rows) > 5000
    wanted = rows["flux_ujy"].astype(float) * 10 ** (0.4 * (27.5 - 23.9))
    assert_allclose(got.photometry["flux"], wanted, rtol=1e-6)


# ---- nested


def test_observations_that_are_missing_in_a_list_are_counted(tmp_path: Path):
    row = {"mjd": 60000.5, "band": "ztfg", "flux": 20.0, "flux_err": 1.0}
    structs = pa.struct([(k, pa.string() if k == "band" else "f8") for k in row])
    lists = pa.array([[None, row], [None], [row]], pa.list_(structs))
    table = pa.table({"object_id": ["a", "b", "c"], "lc": lists})
    pq.write_table(table, tmp_path / "nested.parquet")
    for source in (table, tmp_path / "nested.parquet"):
        got = read(source)
        assert got.left_out == {"empty observations": 2}
        assert got.light_curves().lengths.tolist() == [1, 0, 1]


def test_objects_without_observations_keep_their_place(tmp_path: Path):
    row = {"mjd": 60000.5, "band": "ztfg", "mag": 20.0, "magerr": 0.1, "magsys": "ab"}
    structs = pa.struct({k: pa.float64() if k[0] == "m" else pa.string() for k in row})
    structs = pa.struct([*list(structs)[:4], ("magsys", pa.string())])
    for empty in (None, []):
        light_curve = pa.array(
            [[row], empty, [row, row | {"mjd": 1.0}]], pa.list_(structs)
        )
        table = pa.table(
            {"object_id": ["a", "b", "c"], "lc": light_curve, "z": [0.1] * 3}
        )
        chunked = pa.concat_tables([table[:1], table[1:]])
        pq.write_table(chunked, tmp_path / "nested.parquet", row_group_size=1)
        for source in (chunked, tmp_path / "nested.parquet"):
            got = read_any(source)
            assert got.object_id.tolist() == ["a", "b", "c"]
            assert got.lengths.tolist() == [1, 0, 2]
            assert_allclose(got.flux, 1000.0)
            assert_allclose(got.metadata["redshift"], 0.1)
    lists = {key: pa.array([[row[key]], None, []]) for key in row}
    table = pa.table({"object_id": ["a", "b", "c"]} | lists)
    assert read_any(table).lengths.tolist() == [1, 0, 0]
    inside = pa.StructArray.from_arrays(list(lists.values()), list(lists))
    assert (
        read_any(pa.table({"object_id": ["a", "b", "c"], "lc": inside})).lengths[0] == 1
    )


def test_a_hats_catalogue_is_read_without_its_thumbnails_and_margins(tmp_path: Path):
    lists = magnitudes().groupby("object_id").agg(list).reset_index()
    for name, kind in (("main", "object"), ("margin", "margin")):
        pixel = tmp_path / name / "dataset" / "Norder=0" / "Dir=0"
        pixel.mkdir(parents=True)
        lists.to_parquet(pixel / "Npix=4.parquet")
        lists.to_parquet(tmp_path / name / "dataset" / "data_thumbnail.parquet")
        text = f"obs_collection = x\ndataproduct_type = {kind}\n"
        (tmp_path / name / "hats.properties").write_text(text)
        (tmp_path / name / "partition_info.csv").write_text("Norder,Npix\n0,4\n")
    got = read(tmp_path)
    assert (got.format, got.objects, got.rows, got.left_out) == ("nested", 2, 3, {})
    assert_allclose(np.sort(got.photometry["flux"]), np.sort(FLUX))


# ---- anything else


@pytest.mark.parametrize("name", ["photometry.csv", "photometry.parquet"])
def test_a_folder_of_magnitudes_is_a_table(tmp_path: Path, name: str):
    table = magnitudes(mag=[20.0, np.nan, 17.5])
    write = table.to_csv if name.endswith("csv") else table.to_parquet
    write(tmp_path / name, index=False)
    pd.DataFrame({"object_id": ["b", "a"], "z": [0.2, 0.1]}).to_csv(
        tmp_path / "metadata.csv", index=False
    )
    assert detect(tmp_path) == "table"
    with pytest.warns(UserWarning, match="left out 1 upper limits"):
        got = read_any(tmp_path)
    assert got.object_id.tolist() == ["b", "a"]
    assert_allclose(got.metadata["redshift"], [0.2, 0.1])


def test_real_magnitudes_of_two_systems(test_data: Path):
    """Magnitudes of supernovae, in Johnson passbands of Vega and in others of AB."""
    rows = pd.read_parquet(test_data / "slsne" / "photometry.parquet")
    names = {
        ("Vega", "B"): "bessellb",
        ("Vega", "V"): "bessellv",
        ("AB", "g"): "sdssg",
        ("AB", "r"): "sdssr",
    }
    keys = list(zip(rows["system"], rows["band"], strict=True))
    rows = rows.assign(filter=[names.get(key) for key in keys])
    rows = rows[rows["filter"].notna() & ~rows["ignore"] & rows["mag_observed"].notna()]
    rows = rows.drop_duplicates(["object_id", "mjd", "filter"])
    table = pd.DataFrame(
        {
            "object_id": rows["object_id"],
            "mjd": rows["mjd"],
            "filter": rows["filter"],
            "mag": rows["mag_observed"],
            "magerr": rows["mag_err"],
            "magsys": rows["system"],
            "upper_limit": rows["upper_limit"],
        }
    )
    got = read(table)
    offset = {"bessellb": -0.081, "bessellv": -0.001}  # of Vega, in the catalogue
    good = rows[~rows["upper_limit"] & (rows["mag_err"] > 0) & (rows["mag_err"] < 50)]
    ab = good["mag_observed"] + good["filter"].map(offset).fillna(0.0)
    assert got.rows == len(good) > 1000
    assert_allclose(got.photometry["flux"], 10 ** (-0.4 * (ab - 27.5)), rtol=1e-9)
    assert got.left_out["upper limits"] == int(rows["upper_limit"].sum())
    assert got.left_out.get("magnitudes without an error above 0", 0) == (
        len(rows) - len(good) - int(rows["upper_limit"].sum())
    )


NAMES = ("object_id", "mjd", "jd", "band", "filter", "mag", "magerr", "flux", "fluxerr")
NAMES += ("magsys", "zp", "upper_limit", "detected", "z", "wavelength", "obj_id")
NAMES += ("instrument_name", "origin", "limiting_mag")
VALUES = st.one_of(
    st.floats(-1e6, 1e7),
    st.sampled_from(["ztfg", "bessellv", "g", "ab", "vega", "<19.5", "", "a", "x"]),
    st.sampled_from([None, True, 19.5, 60000.5, 2460000.5, 99.0, -99.0, "20.1", "inf"]),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(NAMES), min_size=3, max_size=10, unique=True).flatmap(
        lambda names: st.lists(
            st.lists(VALUES, min_size=len(names), max_size=len(names)),
            min_size=1,
            max_size=4,
        ).map(lambda rows: pd.DataFrame(rows, columns=names))
    ),
)
def test_tables_by_chance_end_in_light_curves_or_in_one_sentence(table: pd.DataFrame):
    """Every row of what is read is there or counted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            got = read(table)
            light_curves = got.light_curves()
        except ValueError as error:
            assert len(str(error).splitlines()) == 1
            assert str(error).endswith(".")
            return
        assert got.rows + sum(got.left_out.values()) == len(table)
        assert np.isfinite(light_curves.mjd).all()


def test_meanings_are_those_of_the_columns_that_are_needed():
    assert meanings(["mjd", "jd", "flux", "fluxerr", "mag", "magerr"]) == {
        "mjd": "mjd",
        "flux": "flux",
        "fluxerr": "flux_err",
    }
    assert not is_light_curve(["mjd", "band", "mag", "magerr", "isdiffpos"])
    assert is_light_curve(["mjd", "band", "mag", "magerr"])
    assert not is_light_curve(["mjd", "band", "mag", "magerr"], ["object_id"])


def test_rows_in_json_are_a_table(tmp_path: Path):
    (tmp_path / "a.json").write_text(json.dumps(magnitudes().to_dict("records")))
    got = read(tmp_path / "a.json")
    assert got.format == "table"
    assert_allclose(got.photometry["flux"], FLUX, rtol=1e-12)
