"""What carried a prediction, where the answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from evil_strings import EVIL
from models import labelled, small_model

import zoo
from zoo.explanation.hidden import times
from zoo.explanation.occlusion import MOST, NOTABLE
from zoo.inference.history import history
from zoo.inference.runtime import Runtime, predict
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves import LightCurves
from zoo.light_curves.table import from_tables
from zoo.recipe import Recipe

DAYS = np.arange(-9.0, 61.0, 5.0)
CLASSES = ("SNIa", "SNII")


def flux(decides: str, band: str, second: bool) -> np.ndarray:
    """Of two classes that differ in one thing, or in none."""
    shape = np.exp(-np.maximum(DAYS, 0) / 40) * (DAYS >= 0)
    if decides == "colour" and band == "ztfr":
        return shape * (2.5 if second else 0.4)
    if decides == "plateau":
        return np.where(DAYS >= 30, np.exp(-0.75) if second else 0.3 * shape, shape)
    return shape


def two_classes(decides: str, copies: int, *, noise: bool) -> LightCurves:
    """Objects of both classes in turn; without noise, equal but for what decides."""
    generator = np.random.default_rng(0)
    rows, metadata = [], []
    for number in range(2 * copies):
        name, second = f"{decides}-{number}", bool(number % 2)
        amplitude = generator.uniform(300, 600) if noise else 400
        for band in ("ztfg", "ztfr"):
            scatter = 8 * noise * generator.normal(size=len(DAYS))
            one = {
                "object_id": name,
                "mjd": 60000 + DAYS + (0.1 if band == "ztfr" else 0),
                "band": band,
                "flux": amplitude * flux(decides, band, second) + scatter,
                "flux_err": 8.0,
                "detected": DAYS >= 0,
            }
            rows.append(pd.DataFrame(one))
        redshift = (0.5 if second else 0.05) if decides == "redshift" else np.nan
        label = CLASSES[second]
        metadata.append({"object_id": name, "label": label, "redshift": redshift})
    return from_tables(pd.concat(rows, ignore_index=True), pd.DataFrame(metadata))


@pytest.fixture(scope="module", params=["colour", "plateau", "redshift"])
def decided(request):
    """What decides, and the explanations of an object of each class."""
    model = small_model(CLASSES)
    recipe = Recipe(
        epochs=20 if request.param == "colour" else 10,
        patience=None,
        batch_size=8,
        learning_rate=4e-3,
        anneal=True,
        metadata_dropout=0.2,
        thinning=0.3,
    )
    data = two_classes(request.param, 80, noise=True)
    zoo.fit(model, data, recipe=recipe, progress=False)
    pair = two_classes(request.param, 1, noise=False)
    found = [zoo.explain(model, pair, name) for name in pair.object_id]
    assert [one.predicted for one in found] == list(CLASSES)
    assert min(one.probability for one in found) > 0.9
    return request.param, found


PART = {"colour": "ztfr", "plateau": "days 30 to 70", "redshift": "redshift"}


def test_without_what_decides_both_classes_look_the_same(decided):
    decides, found = decided
    drops = [one.parts.set_index("part")["change"][PART[decides]] for one in found]
    # The same input has the same probabilities, which sum to 1.
    assert sum(drops) == pytest.approx(1 - sum(p.probability for p in found), abs=1e-5)


def test_what_decides_carries_the_prediction(decided):
    decides, found = decided
    # Without it, both look like one of the classes, whose probability may stay.
    lost = min(found, key=lambda one: one.parts["change"].min())
    part, change = lost.carriers[0]
    assert part == PART[decides] and change < -0.3
    assert lost.carried_by().startswith(f"carried by {part} (-")
    assert f"{change:+.3f}" in lost.summary()


def test_no_single_point_carries_what_many_tell(decided):
    for one in decided[1]:
        assert one.points["change"].abs().max() < NOTABLE


def test_what_comes_before_the_difference_carries_nothing(decided):
    decides, found = decided
    for one in found:
        change = one.times.set_index("span")["change"]
        if decides == "plateau":
            assert change[:-1].abs().max() < NOTABLE
        if decides == "redshift":
            assert change.abs().max() < NOTABLE
            assert one.passbands["change"].abs().max() < NOTABLE


# ---- one preprocessing path


@pytest.fixture(scope="module")
def model():
    return small_model(seed=3)


@pytest.fixture(scope="module")
def objects() -> LightCurves:
    return labelled(1)


def test_a_hidden_point_is_one_that_was_never_observed(model, objects):
    """Where the trigger does not depend on it, `classify` says the same."""
    found = zoo.explain(model, objects, "golden-0-0")
    photometry, metadata = objects.to_tables()
    before = found.points[found.points["days_since_trigger"] < 0]
    for at, point in before.iloc[[0, 5, -1]].iterrows():
        is_it = (photometry["mjd"] == point["mjd"]) & (
            photometry["band"] == point["band"]
        )
        less = zoo.classify(model, photometry[~is_it], metadata)
        expected = less.loc["golden-0-0", found.predicted] - found.probability
        assert found.points["change"][at] == pytest.approx(expected, abs=1e-6)


def test_every_part_goes_through_the_one_preprocessing(model, objects):
    one = objects.take([3])
    preprocessing = model.preset.preprocessing
    found = zoo.explain(model, one, "golden-3-0", label="TDE")
    points = found.points.set_index("mjd")
    (trigger,) = points.index[points["change"].isna()]
    code = model.preset.classes.index(found.predicted)
    bands = np.array([p.name for p in one.passbands])[one.band]
    days = one.mjd - trigger

    def change(hidden: np.ndarray, light_curve: LightCurves = one) -> float:
        kept = ~hidden | (one.mjd == trigger)
        light_curve = light_curve.keep(kept)
        at = np.flatnonzero(light_curve.mjd == trigger)
        inputs = to_inputs(light_curve, preprocessing, trigger=at)
        return predict(model, inputs)[0, code] - found.probability

    for mjd in points.index.drop(trigger):
        expected = change(one.mjd == mjd)
        assert points["change"][mjd] == pytest.approx(expected, abs=1e-6)
    for row in found.passbands.itertuples():
        expected = change(bands == row.passband)
        assert row.change == pytest.approx(expected, abs=1e-6)
    last = found.times.iloc[-1]
    assert last["span"] == "days 30 to 70"
    assert last["change"] == pytest.approx(change(days >= 30), abs=1e-6)
    nothing = np.zeros(len(one.mjd), bool)
    without = one.without_metadata()
    everything = found.metadata.set_index("metadata")["change"]["all metadata"]
    assert everything == pytest.approx(change(nothing, without), abs=1e-6)
    metadata = one.metadata.assign(redshift=np.float32("nan"))
    redshift = found.metadata.set_index("metadata")["change"]["redshift"]
    unknown = change(nothing, replace(one, metadata=metadata))
    assert redshift == pytest.approx(unknown, abs=1e-6)


def test_the_path_and_the_probability_are_those_of_the_public_functions(model, objects):
    found = zoo.explain(model, objects, "golden-1-0", label="SN II")
    row = zoo.classify(model, objects).loc["golden-1-0"].drop("reason")
    assert found.predicted == row.astype(float).idxmax()
    assert found.probability == pytest.approx(row.max(), abs=1e-6)
    assert found.label == "SNII"
    assert found.label_probability == pytest.approx(row["SNII"], abs=1e-6)
    pd.testing.assert_frame_equal(found.path, history(model, objects.take([1])))


def test_the_change_of_the_label_is_that_of_its_class(model, objects):
    first = zoo.explain(model, objects, "golden-0-0")
    again = zoo.explain(model, objects, "golden-0-0", label=first.predicted)
    np.testing.assert_array_equal(again.parts["label_change"], first.parts["change"])
    assert "label_change" not in first.parts and "label_change" not in first.points
    assert f"change of {first.predicted}" in again.summary()


def test_the_trigger_is_never_hidden(model, objects):
    found = zoo.explain(model, objects, "golden-0-0")
    points = found.points.set_index("days_since_trigger")
    assert points["change"].isna().sum() == 1 and np.isnan(points["change"][0.0])
    assert points["points"][0.0] == 0 and set(points["points"].drop(0.0)) == {1}
    others = len(points) - 1
    assert found.passbands["points"].sum() == found.times["points"].sum() == others


def test_only_points_that_the_model_sees_are_listed(model, objects):
    short = small_model(window=(-5.0, 20.0))
    found = zoo.explain(short, objects, "golden-0-0")
    assert found.points["days_since_trigger"].between(-5, 20).all()
    assert found.times["span"].tolist()[-1] == "days 10 to 20"
    seen, every = len(found.points), objects.lengths[0]
    assert f"The model sees {seen} of {every} points" in found.summary()


def test_spans_of_days_end_where_the_next_begins():
    days = np.array([-700.0, -0.1, 0, 0, 2.9, 3, 9.9, 10, 30, 99, 100, 300, 1000, 1500])
    spans = {p.name: days[p.rows].tolist() for p in times(days, 2, (-730.0, 1500.0))}
    assert spans == {
        "days before the trigger": [-700.0, -0.1],
        "days 0 to 3": [0.0, 2.9],
        "days 3 to 10": [3.0, 9.9],
        "days 10 to 30": [10.0],
        "days 30 to 100": [30.0, 99.0],
        "days 100 to 300": [100.0],
        "days 300 to 1000": [300.0],
        "days 1000 to 1500": [1000.0, 1500.0],
    }


def test_points_of_a_long_light_curve_are_hidden_in_groups(model, objects):
    one = objects.take([0])
    n = 3 * MOST
    long = replace(
        one,
        offsets=np.array([0, n]),
        mjd=60000 + np.linspace(0, 69, n),
        flux=np.full(n, 500, np.float32),
        flux_err=np.full(n, 20, np.float32),
        band=np.resize(one.band[:2], n),
        detected=np.ones(n, bool),
    )
    points = zoo.explain(model, long, "golden-0-0").points
    assert points["points"][0] == 0 and set(points["points"][1:]) == {2, 3}
    groups = (points["change"].diff() != 0).cumsum()[1:]
    assert groups.nunique() <= MOST


# ---- metadata


def test_further_columns_and_errors_of_redshifts_are_metadata_too(objects):
    columns = {"host_mag": {"median": 20.0, "scale": 2.0}}
    model = small_model(
        metadata=("redshift", "redshift_known", "mwebv", "redshift_err")
        + ("host_mag", "host_mag_known"),
        metadata_fill={"redshift": 0.1, "mwebv": 0.036, "redshift_err": 0.1},
        columns=columns,
    )
    known = objects.take([0])
    metadata = known.metadata.assign(host_mag=21, redshift_err=np.float32(0.02))
    known = replace(known, metadata=metadata)
    found = zoo.explain(model, known, "golden-0-0").metadata
    assert found["metadata"].tolist() == ["redshift", "mwebv", "host_mag"] + [
        "all metadata"
    ]
    assert found["value"][2] == 21
    probable = zoo.classify(model, known).drop(columns="reason").iloc[0].astype(float)
    for row, hidden in enumerate((["redshift", "redshift_err"], ["mwebv"])):
        less = metadata.assign(**dict.fromkeys(hidden, np.float32("nan")))
        table = zoo.classify(model, replace(known, metadata=less))
        change = table[probable.idxmax()].iloc[0] - probable.max()
        assert found["change"][row] == pytest.approx(change, abs=1e-6)


def test_what_is_not_known_cannot_be_hidden(model, objects):
    unknown = objects.without_metadata()
    assert len(zoo.explain(model, unknown, "golden-0-0").metadata) == 0
    blind = small_model(metadata=())
    assert len(zoo.explain(blind, objects, "golden-0-0").metadata) == 0


# ---- few points, and none


def few(bands: list[str], detected: list[bool]) -> LightCurves:
    n = len(bands)
    rows = {
        "object_id": 7,
        "mjd": 60000 + 2.0 * np.arange(n),
        "band": bands,
        "flux": np.linspace(200, 300, n),
        "flux_err": 10.0,
        "detected": detected,
    }
    return from_tables(pd.DataFrame(rows))


def test_an_object_with_two_points(model):
    found = zoo.explain(model, few(["ztfg", "ztfr"], [True, True]), 7)
    assert found.passbands["passband"].tolist() == ["ztfr"]
    assert found.times["span"].tolist() == ["days 0 to 3"]
    # The same point three times.
    changes = [*found.points["change"][1:], *found.parts["change"]]
    assert len(changes) == 3 and np.ptp(changes) < 1e-6
    assert len(found.path) == 1 and "ztfr on day 2.0" in found.summary()


def test_all_points_in_one_passband(model):
    found = zoo.explain(model, few(["ztfr"] * 6, [True] * 6), "7")
    assert found.passbands["points"].tolist() == [5]
    assert found.points["band"].unique().tolist() == ["ztfr"]


def test_a_trigger_that_is_all_that_the_model_sees(objects, tmp_path):
    model = small_model(window=(-30.0, 1.0), metadata=())
    found = zoo.explain(model, few(["ztfg", "ztfr"], [True, True]), 7)
    assert len(found.points) == 1 and len(found.parts) == 0
    assert found.carriers == () and "no single part" in repr(found)
    assert found.summary().splitlines()[2].startswith("The model sees 1 of 2 points")
    found.figure().savefig(tmp_path / "one.png")


def test_an_object_without_a_trigger_is_refused(model):
    data = few(["ztfg", "ztfr"], [True, False])
    with pytest.raises(
        ValueError, match=r"\(7\): no trigger: no detection with"
    ) as one:
        zoo.explain(model, data, 7)
    assert "\n" not in str(one.value)


def test_an_unknown_object_is_refused_with_the_nearest_name(model, objects):
    with pytest.raises(KeyError, match="Did you mean 'golden-7-0'"):
        zoo.explain(model, objects, "golden-7-O")
    with pytest.raises(KeyError, match="has no object '2'; its first is 'golden-0-0'."):
        zoo.explain(model, objects, 2)
    with pytest.raises(KeyError, match="the data has no objects"):
        objects.take([]).find("a")


def test_an_unknown_label_is_refused(model, objects):
    with pytest.raises(ValueError, match="'KN' is none of the classes SNIa, "):
        zoo.explain(model, objects, "golden-0-0", label="KN")
    with pytest.raises(ValueError, match="'what' is not a known class"):
        zoo.explain(model, objects, "golden-0-0", label="what")


def test_the_warnings_are_those_of_classify(model, objects):
    photometry, metadata = objects.to_tables()
    photometry["band"] = photometry["band"].replace("ztfr", "lsstr")
    data = (photometry, metadata)
    with pytest.warns(UserWarning, match="lsstr") as one:
        zoo.explain(model, data, "golden-0-0")
    with pytest.warns(UserWarning, match="lsstr") as classified:
        zoo.classify(model, *data)
    assert len(one) == len(classified) == 1


# ---- what strangers wrote


def test_texts_of_strangers_are_shown_plainly(model, tmp_path):
    one, runtime = few(["ztfg", "ztfr", "ztfg"], [True] * 3), Runtime.of(model)
    for text in EVIL:
        named = replace(one, object_id=np.array([text], dtype=object))
        found = zoo.explain(runtime, named, text)
        assert repr(found).isprintable()
        assert all(line.isprintable() for line in found.summary().split("\n"))
        with pytest.raises(KeyError) as refusal:
            zoo.explain(runtime, one, text)
        assert refusal.value.args[0].isprintable()
    found.figure().savefig(tmp_path / "evil.png")


def test_names_of_passbands_are_texts_in_the_figure(tmp_path):
    photometry, metadata = labelled(1).to_tables()
    name = "_mine::$k$<b>"
    photometry = photometry.assign(band=name, wavelength=0.6)
    model = small_model(passbands=(name,), wavelengths={name: 0.6})
    found = zoo.explain(model, (photometry, metadata), "golden-0-0")
    assert found.passbands["passband"].tolist() == [name]
    figure = found.figure()
    figure.savefig(tmp_path / "mine.png")
    bars = [tick.get_text().strip() for tick in figure.axes[2].get_yticklabels()]
    assert bars[0] == r"_mine::\$k\$<b>" and "redshift" in bars
    assert (tmp_path / "mine.png").read_bytes().startswith(b"\x89PNG")


# ---- names, files and real light curves


def test_a_name_and_a_folder_are_enough_and_need_no_keras(tmp_path):
    from zoo.light_curves.folder import write_folder

    write_folder(labelled(1), tmp_path / "table")
    found = zoo.explain("ztfsims-gru-lite", str(tmp_path / "table"), "golden-0-0")
    assert found.model.startswith("ztfsims-gru-lite@")
    assert repr(found).startswith("<Explanation: golden-0-0: ")


def test_real_light_curves(test_data):
    from zoo.light_curves.folder import read_folder

    objects = read_folder(test_data / "tables" / "ztf_real")
    long = int(np.argmax(objects.lengths))
    found = zoo.explain("ztfsims-gru", objects, objects.object_id[long])
    last = found.path[found.predicted].iloc[-1]
    assert found.probability == pytest.approx(last, abs=1e-6)
    assert found.points["change"].isna().sum() == 1
    assert found.parts["change"].between(-1, 1).all()
