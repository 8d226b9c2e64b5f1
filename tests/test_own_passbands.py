"""A passband that nobody knows, from the table of a user to a published model."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from models import labelled, small_model
from numpy.testing import assert_array_equal

import zoo
from zoo.export import export
from zoo.export.document import document
from zoo.export.write import FORMATS
from zoo.inputs.padding import pad
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.table import from_tables
from zoo.model_folder.folder import open_folder
from zoo.model_folder.golden import golden_values
from zoo.passbands import CATALOGUE, make, register

NAME, WAVELENGTH = "test::own", 0.55
CURVE = ([0.5, 0.6], [1.0, 1.0])
REPO = "astro/own-gru"


def tables(name: str = NAME) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labelled light curves whose second passband is the user's own."""
    photometry, metadata = labelled().to_tables()
    own = photometry["band"] != photometry["band"].iloc[0]
    return photometry.assign(band=photometry["band"].where(~own, name)), metadata


def with_wavelength(photometry: pd.DataFrame) -> pd.DataFrame:
    own = photometry["band"] == NAME
    return photometry.assign(wavelength=np.where(own, WAVELENGTH, np.nan))


@pytest.fixture(scope="module")
def model():
    """A model that was trained on it."""
    photometry, metadata = tables()
    model = small_model().transfer(target="own")
    zoo.fit(model, (with_wavelength(photometry), metadata), epochs=1, progress=False)
    return model


def test_a_model_learns_the_name_and_the_wavelength(model):
    learned = model.preset.preprocessing
    assert NAME in learned.passbands
    assert learned.wavelengths[NAME] == WAVELENGTH


def test_a_wavelength_column_and_a_registered_curve_give_the_same(model):
    photometry, metadata = tables()
    expected = model.classify(with_wavelength(photometry), metadata)
    photometry["band"] = photometry["band"].replace(NAME, "test::registered")
    register("test::registered", curve=CURVE)
    with pytest.warns(UserWarning, match="not trained on test::registered"):
        got = model.classify(photometry, metadata)
    assert_array_equal(got.iloc[:, :-1], expected.iloc[:, :-1])


def test_the_model_is_saved_published_loaded_and_streams(model, hub, tmp_path):
    photometry, metadata = tables()
    photometry = with_wavelength(photometry)
    expected = model.classify(photometry, metadata)
    scores = zoo.evaluate(model, (photometry, metadata), include_training=True)
    folder = zoo.save(model, tmp_path / "own", metrics=scores)
    card = (folder / "README.md").read_text()
    assert f"{NAME} ({WAVELENGTH:g} um)" in card
    zoo.push(folder, REPO, version="1.0.0")
    loaded = zoo.load(REPO)
    assert loaded.preset.preprocessing.wavelengths[NAME] == WAVELENGTH
    assert_array_equal(
        loaded.classify(photometry, metadata).iloc[:, :-1], expected.iloc[:, :-1]
    )
    stream = zoo.Stream(loaded)
    for _, night in photometry.sort_values("mjd").groupby("mjd"):
        stream.push(night, metadata)
    path = stream.save(tmp_path / "stream.npz")
    continued = zoo.Stream.restore(path, loaded)
    last = photometry["mjd"].max() + 500
    final = photometry.groupby("object_id").head(1).assign(mjd=last, flux_err=1e6)
    now = continued.push(final, metadata).loc[expected.index]
    np.testing.assert_allclose(now.iloc[:, :-1], expected.iloc[:, :-1], atol=1e-5)


@pytest.mark.parametrize("name", FORMATS)
def test_an_exported_model_knows_it_and_predicts_the_same(model, name, tmp_path):
    photometry, metadata = tables()
    light_curves = from_tables(with_wavelength(photometry), metadata)
    expected = model.classify(light_curves).iloc[:, :-1]
    done = export(model, name, tmp_path / f"own{FORMATS[name]}")
    inputs = preprocess(light_curves, model.preset.preprocessing)
    assert inputs.index.tolist() == list(range(len(light_curves)))
    batch = pad(inputs, np.arange(len(inputs)), int(inputs.lengths.max()))
    run = import_module(f"zoo.export.{name}").reader(done.path)
    np.testing.assert_allclose(run(batch)["probabilities"], expected, atol=1e-5)
    about = document(model, name)
    assert f"{NAME} ({WAVELENGTH:g} um)" in about.text
    assert about.facts["preprocessing"]["wavelengths"][NAME] == WAVELENGTH
    assert "below 0.4205 or above 0.7037 um are left out" in about.text
    # Its example holds rows of the passband.
    rows = np.array(about.facts["example"]["light_curve"])[..., 0]
    assert np.isclose(rows, (WAVELENGTH - 0.6) / 0.15, atol=1e-6).any()


def test_golden_values_hold_it_with_its_wavelength(model, tmp_path):
    folder = zoo.save(model, tmp_path / "own")
    with np.load(folder / "golden.npz") as golden:
        own = golden["band"] == NAME
        assert own.any() and set(golden["wavelength"][own]) == {WAVELENGTH}
    light_curves, probabilities = golden_values(open_folder(folder))
    assert NAME in light_curves.bands
    got = zoo.load(folder).classify(light_curves).iloc[:, :-1]
    np.testing.assert_allclose(got, probabilities, atol=1e-6)


def test_codes_follow_when_tables_with_other_passbands_are_joined():
    photometry, metadata = tables()
    first = from_tables(with_wavelength(photometry), metadata)
    other = photometry.assign(
        object_id="x" + photometry["object_id"],
        band=photometry["band"].replace(NAME, "test::blue"),
    )
    other["wavelength"] = np.where(other["band"] == "test::blue", 0.3, np.nan)
    second = from_tables(other)
    both = zoo.light_curves.concatenate([first, second])
    assert [one.name for one in both.own] == ["test::blue", NAME]
    again = pd.concat([first.to_tables()[0], second.to_tables()[0]])
    assert both.to_tables()[0]["band"].tolist() == again["band"].tolist()
    assert both.take([0]).to_tables()[0].equals(first.take([0]).to_tables()[0])


def test_one_name_with_two_wavelengths_is_refused():
    photometry, metadata = tables()
    first = from_tables(with_wavelength(photometry), metadata)
    other = photometry.assign(object_id="x" + photometry["object_id"])
    other["wavelength"] = np.where(other["band"] == NAME, 0.7, np.nan)
    with pytest.raises(ValueError, match=f"passband '{NAME}' has the wavelength 0.55"):
        zoo.light_curves.concatenate([first, from_tables(other)])


def test_another_wavelength_than_the_one_that_was_learned_is_refused(model):
    photometry, metadata = tables()
    photometry["wavelength"] = np.where(photometry["band"] == NAME, 0.7, np.nan)
    with pytest.raises(
        ValueError, match="has wavelength 0.55 um, but 0.7 in the photo"
    ):
        model.classify(photometry, metadata)


def test_a_model_that_has_learned_it_teaches_one_that_will(model):
    photometry, metadata = tables()
    student = small_model()
    light_curves = (with_wavelength(photometry), metadata)
    zoo.fit(student, light_curves, teachers=[model], epochs=1, progress=False)
    assert student.preset.preprocessing.wavelengths[NAME] == WAVELENGTH


def test_a_stream_that_refuses_another_wavelength_is_unchanged(model):
    photometry, metadata = tables()
    before = with_wavelength(photometry)[lambda rows: rows["band"] == NAME]
    meant = make(NAME, wavelength=0.56)
    other = from_tables(photometry, metadata, passbands={NAME: meant})
    stream = zoo.Stream(model)
    with pytest.raises(ValueError, match="trained with a wavelength of 0.55 um"):
        stream.push(other)
    assert len(stream) == 0
    stream.push(before, metadata)
    with pytest.raises(ValueError, match="0.55 um in one table and 0.56 in another"):
        stream.push(other)
    stream.push(before)
    assert stream.late + stream.repeated == len(before)


def test_a_stream_keeps_its_codes_when_another_passband_comes_in():
    photometry, metadata = tables()
    photometry = with_wavelength(photometry)
    model = small_model()
    expected = zoo.Stream(model)
    stream = zoo.Stream(model)
    blue = photometry.head(1).assign(object_id="new", band="test::blue", wavelength=0.5)
    half = photometry["mjd"] < photometry["mjd"].median()
    for one in (expected, stream):
        one.push(photometry[half], metadata)
    stream.push(blue)
    assert len(stream.passbands) == len(CATALOGUE) + 2
    for one in (expected, stream):
        one.push(photometry[half], metadata)
    want = expected.push(photometry[~half], metadata)
    got = stream.push(photometry[~half], metadata)
    assert_array_equal(got.iloc[:, :-1], want.iloc[:, :-1])
    assert (stream.late, stream.repeated) == (expected.late, expected.repeated)
