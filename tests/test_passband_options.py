"""What a user says of passbands, at every door: a file beside the table, flags, rows.

Whatever the way, a model sees the same wavelengths and predicts the same.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model
from numpy.testing import assert_array_equal

import zoo
from zoo.datasets.readers import formats
from zoo.light_curves.accept import read
from zoo.light_curves.folder import read_folder
from zoo.light_curves.parts import TableParts
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.sources import files
from zoo.passbands import FILE, Passband, find, read_passbands

BOX = "0.5 1\n0.6 1\n"
ENTRY = '[passband."box::x"]\n'


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Light curves in ztfg and in a passband that only the user knows, at 0.55 um."""
    photometry, metadata = labelled().to_tables()
    other = photometry["band"] != "ztfg"
    return photometry.assign(band=photometry["band"].mask(other, "box::x")), metadata


def folder(path: Path, text: str = ENTRY + "wavelength = 0.55\n") -> Path:
    """A table with what the user knows of the passband beside it."""
    path.mkdir(exist_ok=True)
    for name, frame in zip(("photometry", "metadata"), tables(), strict=True):
        frame.to_parquet(path / f"{name}.parquet")
    (path / FILE).write_text(text)
    return path


def expected() -> tuple[tuple[str, float], ...]:
    photometry, metadata = tables()
    own = photometry["band"] == "box::x"
    light_curves = read(
        photometry.assign(wavelength=np.where(own, 0.55, np.nan)), metadata
    )
    return content(light_curves)


def content(light_curves: zoo.LightCurves) -> tuple[tuple[str, float], ...]:
    """Name and wavelength of the passband of every row."""
    observed = (light_curves.passbands[code] for code in light_curves.band)
    return tuple((one.name, one.wavelength) for one in observed)


@pytest.mark.parametrize(
    ("curve", "unit"),
    [
        (None, ""),
        (BOX, ""),
        ("# nm\n500,1\n600,1", 'unit = "nm"\n'),
        ("5000 7\n6000 7\n", 'unit = "Angstrom"\n'),
    ],
)
def test_a_file_beside_the_table_names_its_passbands(tmp_path, curve, unit):
    text = ENTRY + ("wavelength = 0.55\n" if curve is None else 'curve = "x.dat"\n')
    path = folder(tmp_path / "table", text + unit)
    if curve is not None:
        (path / "x.dat").write_text(curve)
    for light_curves in (
        read(path),
        read_folder(path),
        formats.read(path).light_curves(),
        read([str(path)]),
    ):
        assert content(light_curves) == expected()


def test_the_file_counts_for_its_own_table_alone(tmp_path):
    path = folder(tmp_path / "table")
    for alone in (path / "photometry.parquet", tables()):
        with pytest.raises(ValueError, match="passband 'box::x' .* is not known"):
            read(alone)


@pytest.mark.parametrize("order", ["object_id", "mjd"])
def test_a_large_table_is_read_by_the_same_file(tmp_path, monkeypatch, order):
    path = folder(tmp_path / "table")
    photometry, _ = tables()
    photometry.sort_values(order).to_parquet(path / "photometry.parquet")
    whole = read(path)
    monkeypatch.setattr(files, "ROWS", 300)
    options = ReadOptions().beside(path)
    photometry_file, metadata_file = (
        path / "photometry.parquet",
        path / "metadata.parquet",
    )
    parts = list(TableParts(photometry_file, metadata_file, options, scratch=tmp_path))
    assert len(parts) > 1
    joined = zoo.light_curves.concatenate([part.light_curves for part in parts])
    assert sorted(content(joined)) == sorted(content(whole))


def test_one_name_has_one_wavelength_in_all_parts_of_a_table(tmp_path, monkeypatch):
    path = folder(tmp_path / "table")
    photometry, _ = tables()
    last = photometry["object_id"] == photometry["object_id"].max()
    own = photometry["band"] == "box::x"
    photometry["wavelength"] = np.where(own, np.where(last, 0.6, 0.55), np.nan)
    photometry = photometry.sort_values("object_id", kind="stable")
    photometry.to_parquet(path / "photometry.parquet")
    monkeypatch.setattr(files, "ROWS", 300)
    with pytest.raises(ValueError, match="'box::x' has .*0.55 um"):
        list(TableParts(path / "photometry.parquet", scratch=tmp_path))


def classified(path: Path, *arguments: object) -> pd.DataFrame:
    out = path.parent / "out.csv"
    script = "from zoo.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "classify", "multisims-gru"]
        + [str(path), "--out", str(out), "--overwrite", *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return pd.read_csv(out).set_index("object_id")


def test_the_command_gives_the_same_by_file_by_flag_and_by_column(tmp_path):
    beside = classified(folder(tmp_path / "beside"))
    plain = folder(tmp_path / "plain")
    given = (plain / FILE).rename(tmp_path / "mine.toml")
    flag = classified(plain, "--passbands", given)
    photometry, _ = tables()
    letters = photometry["band"].replace({"ztfg": "g", "box::x": "x"})
    photometry.assign(band=letters).to_parquet(plain / "photometry.parquet")
    named = classified(plain, "--passbands", given, "--bands", "g=ztfg, x=box::x")
    own = photometry["band"] == "box::x"
    photometry["wavelength"] = np.where(own, 0.55, np.nan)
    photometry.to_parquet(plain / "photometry.parquet")
    column = classified(plain)
    for other in (flag, named, column):
        pd.testing.assert_frame_equal(other, beside)


@pytest.mark.parametrize("bands", ["g=ztfg,g=ztfr", "g = ztfg, g = ztfg"])
def test_a_name_stands_for_one_passband(tmp_path, bands):
    plain = folder(tmp_path / "plain")
    with pytest.raises(AssertionError, match="'g' is given twice"):
        classified(plain, "--bands", bands)


def test_what_is_no_passband_is_refused():
    with pytest.raises(ValueError, match=r"\['g'\] is 'desg', which is no passband"):
        read(tables(), passbands={"g": "desg"})


def test_a_byte_order_mark_is_passed_over(tmp_path):
    (tmp_path / "x.dat").write_text("0.5 1\n0.6 1\n", encoding="utf-8-sig")
    (tmp_path / FILE).write_text(
        '[passband.x]\ncurve = "x.dat"\n', encoding="utf-8-sig"
    )
    assert read_passbands(tmp_path / FILE)["x"].wavelength == 0.55


def test_more_passbands_than_codes_are_refused():
    names = [f"own{number}" for number in range(33_000)]
    rows = pd.DataFrame({"object_id": "a", "mjd": 60000.0, "band": names})
    rows = rows.assign(flux=900.0, flux_err=30.0, wavelength=0.5)
    with pytest.raises(ValueError, match="there are 33,000 passbands beside those of"):
        read(rows)


def test_bands_win_over_what_a_reader_would_take_a_name_for():
    rows = pd.DataFrame(
        {
            "objectId": "a",
            "mjd": [60000.0, 60003.0],
            "filter": ["g", "r"],
            "mag": 19.0,
            "magerr": 0.1,
            "magsys": "ab",
        }
    )
    meant = {"g": find("desg"), "r": Passband("mine", 0.63)}
    light_curves = formats.read(rows, passbands=meant).light_curves()
    assert [one.name for one in light_curves.observed] == ["desg", "mine"]


def test_a_model_explains_the_names_that_it_has_learned(tmp_path):
    model = small_model().transfer(target="own")
    path = folder(tmp_path / "table")
    zoo.fit(model, path, epochs=1, progress=False)
    photometry, metadata = tables()
    with_file = model.classify(path)
    assert_array_equal(model.classify(photometry, metadata), with_file)
    scores = zoo.evaluate(model, (photometry, metadata), include_training=True)
    assert scores["n"] == len(metadata)
    stream = zoo.Stream(model)
    now = stream.push(photometry, metadata).loc[with_file.index]
    np.testing.assert_allclose(now.iloc[:, :-1], with_file.iloc[:, :-1], atol=1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"must hold tables \[passband.NAME\]"),
        ("[passband]\n", r"must hold tables \[passband.NAME\]"),
        ("passband = 3\n", r"must hold tables \[passband.NAME\]"),
        ("[band.x]\nwavelength = 0.5\n", r"must hold tables \[passband.NAME\]"),
        ("[passband.x\n", "cannot be read as TOML"),
        ("[passband.x]\n", "needs either wavelength = 0.54"),
        ("[passband.x]\nwavelenght = 0.5\n", "needs either wavelength = 0.54"),
        ('[passband.x]\nwavelength = 0.5\ncurve = "x.dat"\n', "needs either"),
        ('[passband.x]\nwavelength = "0.5"\n', "is '0.5', no number"),
        ("[passband.x]\nwavelength = true\n", "is True, no number"),
        ("[passband.x]\nwavelength = nan\n", "has wavelength nan. Give it in um"),
        (f"[passband.x]\nwavelength = {'1' * 400}\n", "has wavelength inf. Give it"),
        (f"[passband.x]\nwavelength = {'1' * 5000}\n", "cannot be read as TOML"),
        (f"[passband.x]\nwavelength = {'[' * 100_000}\n", "cannot be read as TOML"),
        ("[passband.x]\nwavelength = 5400\n", "has wavelength 5400. Give it in um"),
        ("[passband.ztfg]\nwavelength = 0.5\n", "0.4805 um, not 0.5. Choose another"),
        ("[passband.x]\ncurve = 3\n", "curve 3 is not the name of a file"),
        ('[passband.x]\ncurve = "x.dat"\nunit = "m"\n', "unit 'm' is not one of um"),
        ('[passband.x]\ncurve = "x.dat"\nunit = []\n', r"unit \[\] is not one of um"),
        ('[passband.x]\ncurve = "bad.dat"\n', "is not of two columns of numbers"),
        ('[passband.x]\ncurve = "one.dat"\n', "is not of two columns of numbers"),
        ('[passband.x]\ncurve = "x.dat"\n', "has wavelength 5500. Give it in um"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, text, message):
    (tmp_path / "x.dat").write_text("5000 1\n6000 1\n")
    (tmp_path / "bad.dat").write_text("wavelength transmission\n5000 1\n")
    (tmp_path / "one.dat").write_text("5000\n6000\n")
    path = tmp_path / FILE
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as refusal:
        read_passbands(path)
    assert str(path) in str(refusal.value)


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mine\.toml does not exist"):
        read_passbands(tmp_path / "mine.toml")
    (tmp_path / FILE).write_text('[passband.x]\ncurve = "gone.dat"\n')
    with pytest.raises(FileNotFoundError, match=r"gone\.dat does not exist"):
        read_passbands(tmp_path / FILE)
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="cannot be read as TOML"):
        read_passbands(tmp_path / FILE)
