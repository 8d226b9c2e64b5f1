"""`zoo.plot.light_curve`, and what holds for every figure of `zoo.plot`."""

import subprocess
import sys
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from figures_drawn import HOSTILE, texts
from matplotlib.figure import Figure
from matplotlib.text import Text
from models import labelled, small_model
from PIL import Image
from source_files import ROOT

import zoo
from zoo.figures.axes import literal, save
from zoo.figures.palette import class_styles, passband_styles
from zoo.inputs.preprocess import input_rows, to_inputs
from zoo.light_curves import LightCurves
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import from_tables

MODEL = "multisims-gru"
DATA = labelled(2)
RESULT = zoo.evaluate(MODEL, DATA, "bts")


def one(number: int = 0) -> LightCurves:
    return DATA.take([number])


def legend(figure: Figure, panel: int) -> list[str]:
    return [t.get_text() for t in figure.axes[panel].get_legend().get_texts()]


def title(figure: Figure) -> str:
    return figure.axes[0].get_title(loc="left")


def test_any_data_and_any_model_make_the_same_figure(tmp_path):
    model = zoo.load(MODEL)
    zoo.save(model, tmp_path / "model")
    write_folder(DATA, tmp_path / "table")
    figures = [
        zoo.plot.light_curve(data, "golden-1-0", model=model)
        for data, model in (
            (DATA, MODEL),
            (DATA.to_tables(), model),
            (tmp_path / "table", tmp_path / "model"),
            (str(tmp_path / "table"), str(tmp_path / "model")),
        )
    ]
    first, *others = [
        [line.get_xydata().tolist() for axes in f.axes for line in axes.lines]
        for f in figures
    ]
    assert len(first) > 10 and all(repr(lines) == repr(first) for lines in others)


def test_the_points_are_those_of_the_table_in_days_since_trigger():
    figure = zoo.plot.light_curve(DATA, "golden-0-0", model=MODEL)
    drawn = [
        line.get_xydata()
        for line in figure.axes[0].lines
        if line.get_marker() not in ("None", "none", "") and len(line.get_xdata())
    ]
    points = np.concatenate(drawn)
    of = one()
    start = of.mjd[np.flatnonzero(of.detected)[0]]
    expected = np.column_stack([of.mjd - start, of.flux])
    np.testing.assert_allclose(
        points[np.lexsort(points.T)], expected[np.lexsort(expected.T)]
    )


def test_it_names_object_label_model_and_the_points_that_the_model_sees():
    figure = zoo.plot.light_curve(DATA, "golden-1-0", model=MODEL)
    assert title(figure) == "golden-1-0, true label SNIa-91bg"
    seen = to_inputs(one(1), zoo.load(MODEL).preset.preprocessing).lengths[0]
    facts = next(text for text in texts(figure) if text.startswith(f"{MODEL}@v"))
    assert facts.endswith(f"sees days -30 to 70: {seen} of {len(one(1).mjd)} points")
    assert "trigger" in legend(figure, 0)
    assert "SNIa-91bg (true)" in legend(figure, 1)


def test_the_axes_are_scaled_to_what_the_model_sees():
    model = small_model(window=(-5.0, 20.0))
    of = one()
    late = of.mjd > of.mjd[of.detected][0] + 40
    bright = replace(of, flux=np.where(late, 1e6, of.flux).astype(np.float32))
    figure = zoo.plot.light_curve(bright, "golden-0-0", model=model)
    above, below = figure.axes
    assert above.get_ylim()[1] < 1.5 * of.flux.max()
    preprocessing = model.preset.preprocessing
    _, days = input_rows(bright, to_inputs(bright, preprocessing), preprocessing)
    low, high = above.get_xlim()
    assert 20 < high < 25 and low < 0
    assert below.get_xlim() == (low, high)
    seen = f"days -5 to 20: {len(days)} of {len(of.mjd)} points"
    assert any(seen in text for text in texts(figure))
    assert "not seen by the model" in legend(figure, 0)


def test_passbands_that_a_model_leaves_out_are_pale():
    of = labelled(1, bands=("ztfg", "ztfr", "lssty")).take([0])
    figure = zoo.plot.light_curve(of, "golden-0-0", model="ztfsims-gru")
    colour = passband_styles(of.observed)["lssty"][0]
    points = [
        line
        for line in figure.axes[0].lines
        if line.get_color() == colour and len(line.get_xdata())
    ]
    assert points and all(line.get_alpha() < 0.5 for line in points)


def test_the_legend_names_any_passband_by_wavelength_and_no_formula():
    photometry, metadata = labelled(1).to_tables()
    photometry = photometry[photometry["object_id"] == "golden-0-0"]
    photometry = photometry.reset_index(drop=True)
    bands = ["2massks", "_mine::$k$", "atlasc", "uvot::uvw2", "<b>&", "ztfr"]
    photometry["band"] = [bands[i % 6] for i in range(len(photometry))]
    own = {"_mine::$k$": 0.6, "<b>&": 9.0}
    photometry["wavelength"] = photometry["band"].map(own)
    of = from_tables(photometry, metadata[:1])
    model = small_model(
        passbands=of.bands,
        wavelengths={band.name: band.wavelength for band in of.observed},
    )
    figure = zoo.plot.light_curve(of, "golden-0-0", model=model)
    named = ["uvot::uvw2", "atlasc", r" _mine::\$k\$", "ztfr", "2massks", "<b>&"]
    assert legend(figure, 0)[:6] == named


@pytest.mark.parametrize("bands", ["ztf", "lsst"])
def test_no_class_has_the_colour_of_a_passband(bands):
    names = [f"{bands}{letter}" for letter in "gri"]
    of = labelled(1, bands=names).take([0])
    figure = zoo.plot.light_curve(of, "golden-0-0", model=MODEL)
    of_bands = {colour for colour, _ in passband_styles(of.observed).values()}
    of_classes = {line.get_color() for line in figure.axes[1].lines}
    assert len(of_classes) > 1 and not of_classes & of_bands


def test_lines_of_many_classes_differ_by_colour_or_dash():
    styles = class_styles(12, one().observed)
    assert len(set(styles)) == 12 and ("#D55E00", "-") not in styles  # of ztfr


def magnitudes() -> Figure:
    """Fluxes of 100, 3.5, 2 and -1 at an error of 1, of which two are limits."""
    photometry, metadata = one().to_tables()
    photometry = photometry[:4].assign(
        mjd=[1.0, 2.0, 3.0, 4.0],
        band="ztfg",
        flux=[100.0, 3.5, 2.0, -1.0],
        flux_err=1.0,
        detected=[True, True, False, False],
    )
    of = from_tables(photometry, metadata)
    return zoo.plot.light_curve(of, "golden-0-0", magnitudes=True)


def test_a_png_keeps_the_colour_of_each_passband(tmp_path):
    of = labelled(1, bands=tuple(f"lsst{band}" for band in "ugrizy")).take([0])
    save(zoo.plot.light_curve(of, "golden-0-0", model=MODEL), tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as picture:
        drawn = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)
    for colour, _ in passband_styles(of.observed).values():
        away = np.abs(drawn.astype(int) - [*bytes.fromhex(colour[1:])]).max(axis=1)
        assert away.min() <= 1, colour


def rare(**columns) -> LightCurves:
    """Detections on days 0, 20 and 40, and points of two years around them."""
    photometry, metadata = one().to_tables()
    days = np.array([-400.0, -10.0, 0.0, 20.0, 40.0, 60.0, 400.0])
    points = {
        "mjd": 59000 + days,
        "band": "ztfg",
        "flux": np.where((days >= 0) & (days <= 40), 1000.0, 5.0),
        "flux_err": 20.0,
        "detected": (days >= 0) & (days <= 40),
    }
    photometry = photometry[: len(days)].assign(**{**points, **columns})
    return from_tables(photometry, metadata)


@pytest.mark.parametrize("magnitudes", [False, True])
def test_of_years_without_a_detection_the_days_beside_detections_are_shown(magnitudes):
    figure = zoo.plot.light_curve(rare(), "golden-0-0", magnitudes=magnitudes)
    low, high = figure.axes[0].get_xlim()
    assert -30 < low < -10 and 60 < high < 80
    assert "2 outside the panel" in legend(figure, 0)


def test_points_long_after_are_shown_where_they_are_detected():
    of = rare(detected=[False, False, True, True, True, False, True])
    figure = zoo.plot.light_curve(of, "golden-0-0")
    low, high = figure.axes[0].get_xlim()
    assert low < -400 and high > 400
    assert not any("outside" in text for text in legend(figure, 0))


def test_all_days_of_less_than_a_year_are_shown():
    of = rare(mjd=59000 + np.array([-20.0, -10, 0, 20, 40, 60, 300]))
    assert zoo.plot.light_curve(of, "golden-0-0").axes[0].get_xlim()[1] > 300


def test_the_edge_of_a_window_far_from_the_days_shown_is_not_drawn():
    of = rare(mjd=59000 + np.array([-400.0, -10, 0, 20, 40, 60, 800]))
    model = small_model(window=(-500.0, 500.0))
    figure = zoo.plot.light_curve(of, "golden-0-0", model=model)
    assert figure.axes[1].get_xlim()[1] < 80
    assert "not seen by the model" not in legend(figure, 0)


def test_no_point_that_counts_as_outside_is_seen_beside_a_shaded_edge():
    of = rare(mjd=59000 + np.array([-150.0, -90, 0, 20, 40, 300, 600]))
    model = small_model(window=(-100.0, 700.0))
    figure = zoo.plot.light_curve(of, "golden-0-0", model=model)
    assert figure.axes[0].get_xlim()[0] > -90
    assert "3 outside the panel" in legend(figure, 0)


def test_a_point_of_a_huge_error_does_not_flatten_the_detections():
    of = rare(
        mjd=59000 + np.array([-20.0, -10, 0, 20, 40, 60, 70]),
        flux=[-8000.0, 5, 1000, 1000, 1000, 5, 5],
        flux_err=[7000.0, 20, 20, 20, 20, 20, 20],
    )
    figure = zoo.plot.light_curve(of, "golden-0-0")
    low, high = figure.axes[0].get_ylim()
    assert -200 < low < 0 and 1000 < high < 1200
    assert "1 outside the panel" in legend(figure, 0)


def test_magnitudes_and_limits_are_those_of_the_fluxes():
    figure = magnitudes()
    axes = figure.axes[0]
    drawn = {
        round(float(x)): float(y)
        for line in axes.lines
        if line.get_marker() not in ("None", "none", "", "_")
        for x, y in line.get_xydata()
    }
    limit = 27.5 - 2.5 * np.log10(5)
    assert drawn == pytest.approx(
        {0: 22.5, 1: 27.5 - 2.5 * np.log10(3.5), 2: limit, 3: limit}
    )
    low, high = axes.get_ylim()
    assert low > 26 > 22.5 > high  # bright is above
    assert "upper limit, 5 sigma" in legend(figure, 0)


def test_error_bars_of_magnitudes_are_not_symmetric():
    (bars, *_) = [
        c for c in magnitudes().axes[0].collections if len(c.get_segments()) == 2
    ]
    ends = bars.get_segments()[1][:, 1]  # of flux 3.5 with an error of 1
    assert sorted(ends) == pytest.approx(
        sorted(27.5 - 2.5 * np.log10([2.5, 4.5])), abs=1e-5
    )


def test_an_object_without_a_trigger_is_drawn_with_the_reason():
    never = replace(one(), detected=np.zeros(len(one().mjd), bool))
    figure = zoo.plot.light_curve(never, "golden-0-0", model=MODEL)
    assert any(
        "no trigger: no detection" in t.replace("\n", " ") for t in texts(figure)
    )
    assert figure.axes[1].get_xlabel() == "MJD"
    assert "trigger" not in legend(figure, 0)


def test_without_a_model_the_points_and_the_trigger_are_drawn():
    figure = zoo.plot.light_curve(DATA, "golden-0-0")
    assert len(figure.axes) == 1 and "trigger" in legend(figure, 0)


def test_an_object_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="no object 'nobody'; its first is 'golden-0-0'"):
        zoo.plot.light_curve(DATA, "nobody", model=MODEL)


def test_an_object_without_photometry_is_refused():
    none = DATA.keep(DATA.mjd < 0)
    with pytest.raises(ValueError, match="'golden-0-0' has no photometry"):
        zoo.plot.light_curve(none, "golden-0-0")


@pytest.mark.parametrize("name", HOSTILE[::6] + HOSTILE[-6:])
def test_hostile_ids_are_drawn_as_they_are(name, tmp_path):
    figure = zoo.plot.light_curve(replace(one(), object_id=np.array([name])), name)
    save(figure, tmp_path / "a.svg")
    assert title(figure).startswith(literal(name).strip())


def test_nothing_is_left_to_tex_where_a_user_sets_it(tmp_path):
    with matplotlib.rc_context({"text.usetex": True}):
        for figure in (
            zoo.plot.light_curve(DATA, "golden-0-0", model=MODEL),
            zoo.plot.confusion(RESULT),
            zoo.plot.purity_completeness(RESULT),
            zoo.plot.reliability(RESULT),
            zoo.plot.learning_curves({"_$x$": {0: RESULT}}),
        ):
            assert not any(text.get_usetex() for text in figure.findobj(Text))


def test_it_leaves_matplotlib_as_it_was():
    program = """
import matplotlib, sys, zoo
from zoo.light_curves.analytic import golden_light_curves
before, backend = matplotlib.rcParams.copy(), matplotlib.get_backend(auto_select=False)
data = golden_light_curves()
zoo.plot.light_curve(data, "golden-0", model="ztfsims-gru").canvas.draw()
result = zoo.evaluate("ztfsims-gru", data)
for draw in (zoo.plot.confusion, zoo.plot.purity_completeness, zoo.plot.reliability):
    draw(result).canvas.draw()
zoo.plot.learning_curves({"a": {0: result}}).canvas.draw()
assert matplotlib.rcParams.copy() == before
assert matplotlib.get_backend(auto_select=False) == backend
assert "matplotlib.pyplot" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            "PATH": "",
            "HOME": "/nonexistent",
            "MPLCONFIGDIR": matplotlib.get_configdir(),
        },
    )
    assert done.returncode == 0, done.stderr
