"""The explore page shows what the model predicts, is harmless, works in a browser."""

import json
import os
import re
import time
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import chromium
from figures_drawn import luminance
from models import labelled, small_model
from test_cli import fails, home, run  # noqa: F401
from test_history import shortened

import zoo
from zoo.evaluation.metrics_file import measure
from zoo.explore import write_page
from zoo.explore.content import OBSERVATIONS, STEPS, content
from zoo.explore.latent_map import latent_map
from zoo.explore.page import page
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.folder import read_folder
from zoo.light_curves.table import from_tables
from zoo.passbands import BANDS
from zoo.system.plain import plain
from zoo.taxonomy import BTS, ZTFSIMS, collapse

EVIL = "</script><script>harm = 1</script><img src=x onerror=harm=1><!-- %{x} \u2028"
EVIL_BAND = EVIL[:-2]  # names of passbands are printable
LIMIT = 15_000_000  # bytes, of 500 objects

# The objects have a column of numbers that no model uses, to be shown.
pytestmark = pytest.mark.filterwarnings("ignore:.*does not use these columns")


def quiet() -> LightCurves:
    """One object without a trigger."""
    one = labelled(1).take([0])
    return replace(
        one,
        object_id=np.array(["quiet"], dtype=object),
        detected=np.zeros(len(one.mjd), bool),
    )


def without_labels(light_curves: LightCurves) -> LightCurves:
    nothing = pd.Series([None] * len(light_curves), dtype=object)
    return replace(light_curves, metadata=light_curves.metadata.assign(label=nothing))


@pytest.fixture(scope="module")
def model():
    return small_model(seed=3)


@pytest.fixture(scope="module")
def everyone() -> LightCurves:
    """64 labelled objects, one of an evil name, and one without a trigger."""
    objects = labelled(8)
    ids = objects.object_id.copy()
    ids[5] = EVIL
    metadata = objects.metadata.assign(note="<b onclick=harm()>&amp;</b>", code=7)
    return concatenate([replace(objects, object_id=ids, metadata=metadata), quiet()])


@pytest.fixture(scope="module")
def shown(model, everyone):
    with pytest.warns(UserWarning, match=r"1 of 65 objects cannot be classified"):
        return content(model, everyone, model.preset.classes)


class Scripts(HTMLParser):
    """The scripts of a page as a browser reads them, and all attributes."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.attributes += attributes
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.scripts[-1] += data


# ---- its content


def test_probabilities_are_those_of_classify(model, everyone, shown):
    with pytest.warns(UserWarning, match="cannot be classified"):
        table = zoo.classify(model, everyone)
    assert [one["id"] for one in shown["objects"]] == list(table.index)
    for one, (_, row) in zip(shown["objects"], table.iterrows(), strict=True):
        assert one["reason"] == row["reason"]
        if not one["reason"]:
            said = row.drop("reason").to_numpy(float)
            np.testing.assert_allclose(one["p"], said, atol=6e-5)
    assert [one["id"] for one in shown["objects"] if "p" not in one] == ["quiet"]
    assert shown["objects"][-1]["reason"].startswith("no trigger")


def test_every_step_is_what_classify_gives_for_the_light_curve_until_then(
    model, everyone, shown
):
    one, objects = shown["objects"][10], everyone.take([10])
    story = one["history"]
    assert len(story["t"]) > 10 and story["t"] == sorted(story["t"])
    for step in (0, len(story["t"]) // 2, -1):
        until = one["start"] + story["t"][step] + 1e-3
        said = zoo.classify(model, shortened(objects, until)).iloc[0]
        expected = 1000 * said.drop("reason").to_numpy(float)
        np.testing.assert_allclose(story["p"][step], expected, atol=0.51)
    np.testing.assert_allclose(story["p"][-1], 1000 * np.array(one["p"]), atol=0.6)


def test_scores_and_confusion_are_those_of_evaluate(model, everyone, shown):
    result = zoo.evaluate(model, everyone)
    assert shown["metrics"]["n"] == result["n"] == 64
    scores = {name: values for name, *values in shown["metrics"]["scores"]}
    for name, key in (("accuracy", "accuracy"), ("macro AUROC", "macro_auroc")):
        assert scores[name] == [result[key], *result["intervals"][key]]
    expected = measure(model, everyone, name="toy")["diagnostics"]["confusion"]
    assert shown["confusion"]["counts"] == expected


def test_the_page_holds_the_light_curves(everyone, shown):
    for number in (0, 5, 64):
        one, rows = shown["objects"][number], everyone.take([number])
        mjd = one["start"] + np.array(one["t"])
        np.testing.assert_allclose(mjd, rows.mjd, atol=6e-4)
        np.testing.assert_allclose(one["f"], rows.flux, rtol=6e-4)
        np.testing.assert_allclose(one["e"], rows.flux_err, rtol=6e-3)
        assert one["b"] == [BANDS[code] for code in rows.band]
        assert one["d"] == rows.detected.astype(int).tolist() and one["hidden"] == 0
    detected = shown["objects"][0]["d"]
    assert shown["objects"][0]["t"][detected.index(1)] == 0


def with_passbands(*bands: tuple[str, float]) -> LightCurves:
    """Some objects in passbands of a user, given by name and wavelength."""
    photometry, metadata = labelled(1).to_tables()
    chosen = [bands[i % len(bands)] for i in range(len(photometry))]
    photometry["band"], photometry["wavelength"] = zip(*chosen, strict=True)
    return from_tables(photometry, metadata)


def that_knows(objects: LightCurves):
    """A model of their passbands."""
    wavelengths = {one.name: one.wavelength for one in objects.observed}
    return small_model(passbands=objects.bands, wavelengths=wavelengths)


def test_passbands_of_a_user_are_shown_by_wavelength():
    objects = with_passbands(("10", 2.2), ("9", 0.2), (EVIL_BAND, 0.5))
    bands = content(that_knows(objects), objects, ZTFSIMS)["bands"]
    assert [one["name"] for one in bands] == ["9", EVIL_BAND, "10"]
    assert len({one["colour"] for one in bands}) == 3
    assert [one["symbol"] for one in bands] == ["triangle-down", "circle", "cross"]


def test_every_marker_of_a_passband_has_a_symbol():
    objects = with_passbands(*((f"mine::{i}", 0.4 + 0.002 * i) for i in range(14)))
    bands = content(that_knows(objects), objects, ZTFSIMS)["bands"]
    assert len({one["symbol"] for one in bands}) == 12


def test_what_carried_a_prediction_is_that_of_explain(model, everyone, shown):
    for number in (0, 5):
        one, found = (
            shown["objects"][number],
            zoo.explain(model, everyone, everyone.object_id[number]),
        )
        mjd = one["start"] + np.array(one["t"])
        hidden = np.array([change is not None for change in one["w"]])
        points = found.points.dropna(subset="change")
        np.testing.assert_allclose(mjd[hidden], points["mjd"], atol=6e-4)
        changes = [change for change in one["w"] if change is not None]
        np.testing.assert_allclose(changes, 1000 * points["change"], atol=0.6)
        assert one["w"][one["t"].index(0)] is None  # the trigger
        assert one["carried"] == found.carried_by()
    quiet_one = shown["objects"][-1]
    assert "carried" not in quiet_one and set(quiet_one["w"]) == {None}


def test_what_carried_a_coarser_class_is_in_its_probability(model, everyone):
    (one,) = content(model, everyone.take([3]), BTS)["objects"]
    photometry, metadata = everyone.take([3]).to_tables()
    (first, *_) = np.flatnonzero([change is not None for change in one["w"]])
    less = zoo.classify(model, photometry.drop(index=first), metadata)
    whole, part = (
        collapse(table.drop(columns="reason").to_numpy(), ZTFSIMS, BTS)[0]
        for table in (zoo.classify(model, photometry, metadata), less)
    )
    expected = 1000 * (part - whole)[whole.argmax()]
    assert one["w"][first] == pytest.approx(expected, abs=0.6)


def test_metadata_that_are_known_are_shown_as_text(everyone, shown):
    facts = shown["objects"][0]["facts"]
    known = everyone.metadata.iloc[0]
    assert facts["redshift"] == f"{known['redshift']:.4g}" and facts["code"] == "7"
    assert "redshift" not in shown["objects"][2]["facts"]  # NaN
    assert "label" not in facts and shown["objects"][0]["label"] == "SNIa"


def test_a_coarser_taxonomy_sums_the_classes(model, everyone):
    objects = everyone.take(range(16))
    shown = content(model, objects, BTS)
    table = zoo.classify(model, objects)
    both = table[["SNIb", "SNIc", "SNIc-BL"]].sum(axis=1) / (1 - table["AGN"])
    at = BTS.index("SNIb/c")
    for one, value in zip(shown["objects"], both, strict=True):
        assert one["p"][at] == pytest.approx(value, abs=1e-4)
        assert abs(sum(one["history"]["p"][-1]) - 1000) <= 3


def test_without_labels_there_is_nothing_to_compare(model, everyone):
    shown = content(model, without_labels(everyone.take(range(9))), ZTFSIMS)
    assert shown["metrics"] is None and shown["confusion"] is None
    assert {one["truth"] for one in shown["objects"]} == {-1}
    assert all(one["label"] is None for one in shown["objects"])


def test_very_long_light_curves_are_cut_to_what_lies_near(model):
    one = labelled(1).take([0])
    many = 700
    mjd = np.sort(np.concatenate([one.mjd[0] + np.linspace(-300, 300, many), one.mjd]))
    n = len(mjd)
    flux = np.full(n, 500, np.float32)
    long = replace(
        one,
        offsets=np.array([0, n]),
        mjd=mjd,
        flux=flux,
        flux_err=flux / 10,
        band=np.zeros(n, np.int8),
        detected=mjd > one.mjd[0],
    )
    (shown,) = content(model, long, ZTFSIMS)["objects"]
    assert len(shown["t"]) == OBSERVATIONS and shown["hidden"] == n - OBSERVATIONS
    assert len(shown["w"]) == OBSERVATIONS and shown["carried"].startswith("carried by")
    assert min(shown["t"]) < -50 and max(shown["t"]) > 50 and 0 in shown["t"]
    story = shown["history"]
    assert len(story["t"]) == STEPS and len(set(story["t"])) == STEPS
    np.testing.assert_allclose(story["p"][-1], 1000 * np.array(shown["p"]), atol=0.6)


def test_an_object_without_photometry_keeps_its_place(model):
    three = labelled(1).take([0, 1, 2])
    second = three.take([0, 2])
    empty = replace(second, object_id=three.object_id, metadata=three.metadata)
    a, b = second.offsets[1:]
    empty = replace(empty, offsets=np.array([0, a, a, b]))
    with pytest.warns(UserWarning, match="no photometry"):
        shown = content(model, empty, ZTFSIMS)["objects"]
    assert [one["reason"] for one in shown] == ["", "no photometry", ""]
    assert shown[1]["t"] == [] and "xy" not in shown[1]


@pytest.mark.parametrize("count", [1, 2, 3, 49])
def test_few_objects_have_a_map_too(count):
    latent = np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32)
    places, method = latent_map(latent)
    assert places.shape == (count, 2) and np.isfinite(places).all()
    assert np.abs(places).max() <= 1 and method.startswith("PCA")


def test_the_map_keeps_neighbours_and_is_the_same_each_time():
    generator = np.random.default_rng(0)
    centre = np.repeat(10 * generator.normal(size=(3, 8)), 40, axis=0)
    latent = (centre + generator.normal(size=centre.shape)).astype(np.float32)
    (places, method), (again, _) = latent_map(latent), latent_map(latent)
    assert method == "t-SNE, perplexity 30"
    np.testing.assert_array_equal(places, again)
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    assert (apart.argmin(1) // 40 == np.arange(120) // 40).all()


def test_classes_met_most_differ_in_colour(shown):
    styles = {(c["colour"], c["symbol"]) for c in shown["classes"]}
    assert len(styles) == len(shown["classes"]) == 12
    met = Counter(one["truth"] for one in shown["objects"][:-1])
    met += Counter(int(np.argmax(one["p"])) for one in shown["objects"][:-1])
    most = [shown["classes"][code] for code, _ in met.most_common(4)]
    assert len({c["colour"] for c in most}) == 4


def test_no_class_has_the_colour_of_a_passband(shown):
    bands = {band["colour"] for band in shown["bands"]}
    assert bands and not bands & {one["colour"] for one in shown["classes"]}


def test_numbers_of_the_confusion_matrix_are_legible_in_both_themes():
    """WCAG 2 asks for a contrast of 4.5, on every share of the colour of a cell."""
    style = files("zoo.explore").joinpath("page.css").read_text()
    least, more = re.search(
        r"calc\((0\.\d+) \+ (0\.\d+) \* var\(--part\)", style
    ).groups()
    light, dark = style.split("prefers-color-scheme: dark")
    for theme in (light, dark):
        ink, ground = (
            np.array([*bytes.fromhex(re.search(rf"--{name}: #(\w{{6}})", theme)[1])])
            for name in ("ink", "ground")
        )
        numbers = re.search(r"--share: (\d+) (\d+) (\d+);", theme).groups()
        for part in np.linspace(0, 1, 21):
            opacity = float(least) + float(more) * part
            cell = opacity * np.array(numbers, float) + (1 - opacity) * ground
            low, high = sorted(map(luminance, (cell / 255, ink / 255)))
            assert (high + 0.05) / (low + 0.05) >= 4.5


# ---- the file


def test_texts_of_the_data_do_no_harm(shown):
    text = page({**shown, "data": f"<i>{EVIL}", "total": 65})
    read = Scripts(text)
    assert len(read.scripts) == 3
    assert json.loads(read.scripts[0])["objects"][5]["id"] == plain(EVIL)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert "onclick=harm()>" not in text and "<img src=x" not in text


def test_nothing_is_loaded_from_elsewhere(shown):
    text = page({**shown, "data": "toy", "total": 65})
    read = Scripts(text)
    rest = text.replace(read.scripts[1], "")
    assert read.scripts[1].startswith("/**\n* plotly.js")
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", rest)
    assert not {"src", "href"} & {name for name, _ in read.attributes}
    policy = next(value for _, value in read.attributes if value and "src" in value)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.count("'sha256-") == 2 and "unsafe-eval" not in policy


def test_500_objects_of_long_light_curves_stay_below_the_limit(model, shown):
    generator = np.random.default_rng(0)
    n, rows = 20, OBSERVATIONS + 10
    flux = generator.normal(500, 400, n * rows).astype(np.float32)
    long = LightCurves(
        object_id=np.array([f"ZTF21{i:09}" for i in range(n)], dtype=object),
        offsets=np.arange(n + 1) * rows,
        mjd=np.sort(generator.uniform(58000, 58070, (n, rows)), axis=1).ravel(),
        flux=flux,
        flux_err=np.abs(flux) / 7 + 1,
        band=generator.integers(0, 2, n * rows).astype(np.int8),
        detected=generator.random(n * rows) < 0.5,
        metadata=pd.DataFrame(
            {"label": ["SNIa"] * n, "redshift": [0.12345] * n, "mwebv": [0.123] * n}
        ),
    )
    objects = content(model, long, ZTFSIMS)["objects"]
    assert {len(one["t"]) for one in objects} == {OBSERVATIONS}
    assert {len(one["history"]["t"]) for one in objects} == {STEPS}
    text = page({**shown, "objects": 25 * objects, "data": "long", "total": 500})
    assert len(text.encode()) < LIMIT


def test_real_light_curves_make_a_small_file(test_data, tmp_path):
    objects = read_folder(test_data / "tables" / "ztf_real")
    path = write_page(zoo.load("ztfsims-gru"), objects, tmp_path / "real.html")
    assert path.stat().st_size < LIMIT
    held = json.loads(Scripts(path.read_text()).scripts[0])
    assert len(held["objects"]) == 500 and held["total"] == 1933


def test_the_draw_is_the_same_each_time(model, everyone, tmp_path):
    draws = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        path = tmp_path / f"{name}.html"
        write_page(model, everyone.take(range(64)), path, objects=6, seed=seed)
        draws.append(path.read_bytes())
    assert draws[0] == draws[1] != draws[2]
    held = json.loads(Scripts(draws[0].decode()).scripts[0])
    assert len(held["objects"]) == 6 and held["total"] == 64


def test_a_failure_leaves_the_former_file(model, tmp_path, monkeypatch):
    path = tmp_path / "explore.html"
    path.write_text("former")
    with pytest.raises(ValueError, match="1 of 1 objects cannot be classified"):
        write_page(model, quiet(), path)
    with pytest.raises(ValueError, match="either a taxonomy or classes"):
        write_page(model, quiet(), path, taxonomy="bts", classes="bts")

    def full(self, text, **options):
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space"):
        write_page(model, labelled(1), path)
    assert path.read_bytes() == b"former" and os.listdir(tmp_path) == ["explore.html"]


def test_the_command_writes_the_file_and_says_so(home):  # noqa: F811
    said = run(
        "explore", "toy", "--data", "table", "--objects", "20", "--taxonomy", "bts"
    )
    assert re.fullmatch(r"explore\.html: 20 of 80 objects, \d\.\d MB\n", said)
    held = json.loads(Scripts((home / "explore.html").read_text()).scripts[0])
    assert held["data"] == "table" and [c["name"] for c in held["classes"]] == list(BTS)
    assert held["model"] == "toy-gru@v1.2.3" and held["total"] == 80


def test_objects_trained_on_are_left_out(home):  # noqa: F811
    ids = labelled(10).object_id
    pd.DataFrame({"object_id": ids[:70], "part": "train"}).to_csv("toy/split.csv")
    assert ": 10 of 10 objects" in run("explore", "toy", "--data", "table")
    everything = ("--include-training", "--overwrite")
    assert ": 80 of 80" in run("explore", "toy", "--data", "table", *everything)
    pd.DataFrame({"object_id": ids, "part": "train"}).to_csv("toy/split.csv")
    line = fails("explore", "toy", "--data", "table", "--overwrite")
    assert "trained on every object of table. Give --include-training" in line


# ---- in a browser


@pytest.fixture(scope="module")
def file(model, everyone, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("explore") / "explore.html"
    with pytest.warns(UserWarning, match="cannot be classified"):
        return write_page(model, everyone, path, name="toy")


class Page:
    """The page in Chromium."""

    def __init__(self, driver, path: Path):
        self.driver = driver
        driver.get(path.as_uri())
        self.wait("return typeof Plotly === 'object' && !!$('light-curve').data")

    def js(self, code: str, *arguments):
        return self.driver.execute_script(code, *arguments)

    def wait(self, code: str, *arguments) -> None:
        end = time.monotonic() + 30
        while not self.js(code, *arguments):
            assert time.monotonic() < end, f"never: {code}"
            time.sleep(0.05)

    def find(self, css: str):
        return self.driver.find_elements("css selector", css)

    def text(self, css: str) -> str:
        return self.find(css)[0].text

    def press(self, keys: str, css: str = "body") -> None:
        self.find(css)[0].send_keys(keys)

    def clean(self) -> None:
        """Nothing was loaded or complained of, and no text of the data ran."""
        assert self.driver.get_log("browser") == []
        assert self.js("return performance.getEntriesByType('resource').length") == 0
        assert self.js("return window.harm === undefined")


def test_clicks_in_a_browser(file, shown, tmp_path):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    with chromium(1440, 900) as driver:
        page = Page(driver, file)
        assert page.text("#object-id") == "golden-0-0"
        assert len(page.find("#list button")) == 65
        assert "1 not classified" in page.text("#about")

        # A point of the map: its object, or one that lies just there.
        number = 20
        group = page.js(
            "return $('map').data.findIndex("
            "(trace) => trace.customdata?.includes(arguments[0]))",
            number,
        )
        point = page.js(
            "const [k, i] = arguments;"
            "const at = $('map').data[k].customdata.indexOf(i);"
            "return document.querySelectorAll('#map .trace')[k]"
            ".querySelectorAll('path.point')[at]",
            group,
            number,
        )
        ActionChains(driver).move_to_element(point).pause(0.3).click().perform()
        page.wait("return $('object-id').textContent !== 'golden-0-0'")
        chosen = page.js("return state.current")
        distance = np.subtract(*(shown["objects"][i]["xy"] for i in (chosen, number)))
        assert np.abs(distance).max() < 0.05
        assert page.text("#list [aria-current=true] .id") == page.text("#object-id")
        assert shown["objects"][chosen]["label"] in page.text("#verdict")

        # A cell of the confusion matrix: the list of its objects, then one of them.
        counts = np.array(shown["confusion"]["counts"])
        row, column = np.argwhere(counts > 1)[-1]
        (cell,) = page.find(f'#confusion [data-cell="{row},{column}"]')
        assert cell.text == str(counts[row, column])
        cell.click()
        rows = page.find("#list button")
        assert len(rows) == counts[row, column]
        assert cell.get_attribute("aria-pressed") == "true"
        names = [c["name"] for c in shown["classes"]]
        assert f"{names[row]} predicted as {names[column]}" in page.text("#filter")
        rows[1].click()
        assert page.text("#position") == f"2 of {counts[row, column]}"
        assert shown["objects"][page.js("return state.current")]["truth"] == row
        driver.save_screenshot(str(tmp_path / "cell.png"))

        # Arrow keys walk along the list; Escape shows all again.
        page.press(Keys.ARROW_LEFT)
        assert page.text("#position").startswith("1 of")
        page.press(Keys.ARROW_RIGHT)
        assert page.text("#position").startswith("2 of")
        page.press(Keys.ESCAPE)
        assert len(page.find("#list button")) == 65

        # Search: an id that would be HTML is a text like any other.
        page.press("harm = 1", "#search")
        page.wait("return $('object-id').textContent.includes('</script>')")
        assert page.text("#facts").count("<b onclick=harm()>&amp;</b>") == 1
        page.press("no such", "#search")
        assert page.text("#list") == "no matching objects"
        page.find("#clear")[0].click()

        # An object without a trigger says why and still has its light curve.
        page.press("quiet", "#search")
        page.wait("return $('object-id').textContent === 'quiet'")
        assert "not classified: no trigger" in page.text("#verdict")
        assert page.text("#carried") == ""
        assert page.js("return $('light-curve').data.length") >= 1
        assert page.find("#light-curve .modebar-btn")
        titles = [b.get_attribute("data-title") for b in page.find(".modebar-btn")]
        assert not [title for title in titles if "loud" in (title or "")]
        driver.save_screenshot(str(tmp_path / "quiet.png"))
        page.clean()


def test_what_is_drawn_is_the_selected_object(file, shown):
    with chromium(1440, 900) as driver:
        page = Page(driver, file)
        page.js("select(7)")
        one = shown["objects"][7]
        drawn = page.js("return $('light-curve').data")
        points = [t for t in drawn if t.get("error_y")]
        assert sum(len(t["x"]) for t in points) == len(one["t"])
        assert {t["name"] for t in points} == set(one["b"])
        sizes = np.concatenate([t["marker"]["size"] for t in points])
        assert len(sizes) == len(one["t"]) and 5 <= min(sizes) < max(sizes) <= 15
        assert one["carried"] in page.text("#carried").replace("−", "-")
        steps = [t for t in drawn if t.get("yaxis") == "y2"]
        assert [t["name"] for t in steps] == [c["name"] for c in shown["classes"]]
        np.testing.assert_allclose(
            np.array([t["y"] for t in steps]).T * 1000, one["history"]["p"], atol=1e-6
        )
        page.clean()


def test_names_of_passbands_are_texts_in_order_of_wavelength(tmp_path):
    objects = with_passbands(("10", 2.2), ("9", 0.2), (EVIL_BAND, 0.5))
    path = tmp_path / "explore.html"
    write_page(that_knows(objects), objects, path, name="own")
    with chromium(1440, 900) as driver:
        page = Page(driver, path)
        legend = [one.text for one in page.find("#light-curve .legendtext")]
        assert legend == ["9", EVIL_BAND, "10"]
        driver.save_screenshot(str(tmp_path / "own.png"))
        page.clean()


def test_on_a_phone_nothing_is_wider_than_the_screen(file, tmp_path):
    with chromium(390, 844, phone=True) as driver:
        page = Page(driver, file)
        assert page.js("return document.documentElement.scrollWidth <= innerWidth")
        page.find("#next")[0].click()
        assert page.text("#position") == "2 of 65"
        driver.save_screenshot(str(tmp_path / "phone.png"))
        page.clean()


def test_a_page_without_labels_has_no_matrix(model, everyone, tmp_path):
    objects = without_labels(everyone.take(range(12)))
    path = write_page(model, objects, tmp_path / "explore.html", name="toy")
    with chromium(1000, 800) as driver:
        page = Page(driver, path)
        assert not page.find("#matrix")[0].is_displayed()
        assert not page.find("#colour-label")[0].is_displayed()
        page.find("#legend button")[0].click()
        count = int(page.text("#legend [aria-pressed=true]").split()[-1])
        assert len(page.find("#list button")) == count
        page.clean()
