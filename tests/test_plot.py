"""`zoo.plot`: what the figures show of light curves and of measurements."""

import json
import subprocess
import sys
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from evil_strings import EVIL
from matplotlib.figure import Figure
from matplotlib.text import Text
from models import labelled, small_model
from scipy.stats import binomtest
from source_files import ROOT

import zoo
from zoo.figures.axes import literal, save
from zoo.figures.classes import purity_completeness_figure
from zoo.figures.confusion import confusion_figure
from zoo.figures.learning import learning_curves_figure
from zoo.figures.palette import class_styles, passband_styles
from zoo.figures.reliability import wilson
from zoo.inputs.preprocess import input_rows, to_inputs
from zoo.light_curves import LightCurves
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import from_tables

MODEL = "multisims-gru"
DATA = labelled(2)
RESULT = zoo.evaluate(MODEL, DATA, "bts")


def one(number: int = 0) -> LightCurves:
    return DATA.take([number])


def texts(figure: Figure) -> list[str]:
    """Every text that is drawn."""
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


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
    assert figure.axes[1].get_xlabel() == "mjd"
    assert "trigger" not in legend(figure, 0)


def test_without_a_model_the_points_and_the_trigger_are_drawn():
    figure = zoo.plot.light_curve(DATA, "golden-0-0")
    assert len(figure.axes) == 1 and "trigger" in legend(figure, 0)


def test_an_object_that_is_not_there_is_named():
    with pytest.raises(
        KeyError, match="no object 'nobody' among the 16 .*'golden-0-0'"
    ):
        zoo.plot.light_curve(DATA, "nobody", model=MODEL)


def test_an_object_without_photometry_is_refused():
    none = DATA.keep(DATA.mjd < 0)
    with pytest.raises(ValueError, match="'golden-0-0' has no photometry"):
        zoo.plot.light_curve(none, "golden-0-0")


HOSTILE = (
    *(text for text in EVIL if literal(text).isascii()),  # matplotlib's font has those
    *("$" * 99, r"\$x$", r"\input{/etc/passwd}", "%", "_x", "W" * 5000),
)


@pytest.mark.parametrize("name", HOSTILE[::6] + HOSTILE[-6:])
def test_hostile_ids_are_drawn_as_they_are(name, tmp_path):
    figure = zoo.plot.light_curve(replace(one(), object_id=np.array([name])), name)
    save(figure, tmp_path / "a.svg")
    assert title(figure).startswith(literal(name).strip())


@pytest.mark.parametrize(
    ("draw", "letters", "names"),
    [
        (confusion_figure, 24, HOSTILE[::2]),
        (purity_completeness_figure, 20, HOSTILE[-8:]),
    ],
)
def test_hostile_classes_are_drawn_as_they_are(draw, letters, names, tmp_path):
    measured = {
        "classes": names,
        "diagnostics": {"confusion": np.eye(len(names), dtype=int).tolist()},
        "purity_completeness": dict.fromkeys(names),
        "per_class": {name: {"n": 1} for name in names},
    }
    figure = draw(measured)
    save(figure, tmp_path / "a.svg")
    assert {literal(name, letters) for name in names} <= {*texts(figure)}


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


FIGURES = [zoo.plot.confusion, zoo.plot.purity_completeness, zoo.plot.reliability]


@pytest.mark.parametrize("draw", FIGURES)
def test_a_model_with_data_and_the_result_of_evaluate_draw_the_same(draw):
    first = texts(draw(MODEL, DATA, taxonomy="bts"))
    assert first == texts(draw(json.loads(json.dumps(RESULT)))) and len(first) >= 5


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((MODEL,), {}, "data is missing"),
        (({},), {}, "has no (diagnostics|purity_completeness)"),
        (({"n": 1},), {}, "cannot be drawn: the content lacks"),
        ((RESULT, DATA), {"seed": 3}, "Leave out data, seed"),
        (({**RESULT, "n": -1},), {}, "cannot be drawn"),
    ],
)
def test_what_is_no_measurement_is_refused(draw, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        draw(*arguments, **options)


def test_the_metrics_of_a_model_folder_are_drawn():
    text = (ROOT / "zoo" / "bundled" / MODEL / "metrics.json").read_text()
    metrics = json.loads(text)
    for draw in FIGURES:
        if draw.__name__ in metrics or draw is not zoo.plot.purity_completeness:
            assert texts(draw(metrics))


def test_the_matrix_has_percent_of_each_true_class():
    result = json.loads(json.dumps(RESULT))
    result["diagnostics"]["confusion"][1] = [0, 3, 0, 0, 1]  # of 4 SNIb/c
    axes = zoo.plot.confusion(result).axes[0]
    cells = {tuple(map(int, t.get_position())): t.get_text() for t in axes.texts}
    row = {column: text for (column, number), text in cells.items() if number == 1}
    assert row == {1: "75", 4: "25"}
    assert axes.get_yticklabels()[1].get_text() == "SNIb/c  (4)"
    assert axes.get_ylabel().startswith("true class")


def test_a_matrix_of_many_classes_is_readable():
    classes = [f"class {i}" for i in range(200)]
    measured = {
        "classes": classes,
        "diagnostics": {"confusion": np.eye(200, dtype=int).tolist()},
    }
    figure = confusion_figure(measured)
    assert len(figure.axes[0].get_xticklabels()) < 64 and not figure.axes[0].texts


def test_the_curves_are_those_of_the_result():
    figure = zoo.plot.purity_completeness(RESULT)
    for axes, (label, curve) in zip(
        figure.axes, RESULT["purity_completeness"].items(), strict=True
    ):
        assert axes.get_title() == label
        for line, key in zip(axes.lines, ("purity", "completeness"), strict=False):
            expected = [] if curve is None else curve[key]
            assert line.get_ydata().tolist() == expected
            assert line.get_label() == key
    dashes = {line.get_linestyle() for line in figure.axes[0].lines}
    assert len(dashes) == 2  # told apart without colour


def test_of_too_many_classes_the_largest_have_panels():
    names = [f"c{i}" for i in range(60)]
    measured = {
        "purity_completeness": dict.fromkeys(names),
        "per_class": {name: {"n": i} for i, name in enumerate(names)},
    }
    figure = purity_completeness_figure(measured)
    assert [axes.get_title() for axes in figure.axes] == names[28:]
    assert "32 of 60 classes" in figure.get_supxlabel()


def test_every_column_of_panels_has_its_numbers():
    figure = zoo.plot.purity_completeness(RESULT)  # four panels and one below
    figure.canvas.draw()
    for axes in figure.axes[1:]:
        assert any(label.get_visible() for label in axes.get_xticklabels())


def test_reliability_has_intervals_of_each_bin():
    axes = zoo.plot.reliability(RESULT).axes[0]
    (bars,) = axes.collections
    filled = [x for x in RESULT["diagnostics"]["reliability"] if x["n"]]
    ends = [segment[:, 1] for segment in bars.get_segments()]
    for (low, high), one_bin in zip(ends, filled, strict=True):
        right = round(one_bin["accuracy"] * one_bin["n"])
        exact = binomtest(right, one_bin["n"]).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-3)


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (5, 9), (40, 40)])
def test_intervals_are_those_of_scipy(right, n):
    low, high = wilson(np.array([right / n]), np.array([n]))
    exact = binomtest(right, n).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((exact.low, exact.high), abs=1e-6)


def test_learning_curves_have_values_and_bands():
    worse = {**RESULT, "macro_f1": 0.2}
    worse["intervals"] = {**RESULT["intervals"], "macro_f1": [0.1, 0.3]}
    curves = {"transfer": {100: RESULT, 0: worse}}
    axes = zoo.plot.learning_curves(curves, metric="macro_f1").axes[0]
    assert axes.get_ylabel() == "macro F1"
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [0.2, RESULT["macro_f1"]])
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "100"]
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == min(0.1, RESULT["intervals"]["macro_f1"][0])


def test_learning_curves_of_models_are_measured_on_the_data():
    from_models = zoo.plot.learning_curves({"a": {0: MODEL}}, DATA, taxonomy="bts")
    from_results = zoo.plot.learning_curves({"a": {0: RESULT}})
    for first, second in zip(
        from_models.axes[0].lines, from_results.axes[0].lines, strict=True
    ):
        np.testing.assert_array_equal(first.get_xydata(), second.get_xydata())


def test_a_metric_that_is_not_defined_leaves_a_gap():
    undefined = {**RESULT, "macro_auroc": None}
    undefined["intervals"] = {**RESULT["intervals"], "macro_auroc": [None, None]}
    figure = zoo.plot.learning_curves({"a": {0: RESULT, 50: undefined, 100: RESULT}})
    assert np.isnan(figure.axes[0].lines[0].get_ydata()).tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("curves", "options", "error", "message"),
    [
        ({}, {}, ValueError, "nothing to draw"),
        ({"a": {}}, {}, ValueError, "nothing to draw"),
        ({"a": {-1: RESULT}}, {}, ValueError, "'a' has -1 labels"),
        ({"a": {"10": RESULT}}, {}, ValueError, "'a' has '10' labels"),
        ({"a": {1: RESULT}}, {"metric": "auroc"}, KeyError, "one of macro_auroc, "),
        ({"a": {1: MODEL}}, {}, ValueError, "data is missing"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(curves, options, error, message):
    with pytest.raises(error, match=message):
        zoo.plot.learning_curves(curves, **options)


def test_values_of_others_have_a_panel_and_an_axis_of_their_own():
    ours = {"transfer": [(0, 0.9, 0.8, 1.0), (100, 0.95, 0.9, 1.0)]}
    figure = learning_curves_figure(
        ours, published={"transfer": {100: 0.5, 4000: 0.7}}, source="other objects"
    )
    above, below = figure.axes
    assert len(above.lines) == 1 and above.get_ylim()[0] > 0.7
    assert below.lines[0].get_ydata().tolist() == [0.5, 0.7]
    assert below.get_title(loc="left") == "other objects"


@pytest.mark.parametrize(
    ("fewest", "most"), [(1, 10**5), (30, 40), (7, 7), (100, 4000)]
)
def test_numbers_of_labels_do_not_overlap(fewest, most, tmp_path):
    points = [(fewest, 0.5, 0.4, 0.6), (most, 0.7, 0.6, 0.8)][: 1 + (most > fewest)]
    figure = learning_curves_figure({"a": [(0, 0.4, 0.3, 0.5), *points]})
    save(figure, tmp_path / "a.png")
    boxes = [t.get_window_extent() for t in figure.axes[0].get_xticklabels()]
    assert all(a.x1 < b.x0 for a, b in zip(boxes, boxes[1:], strict=False))
