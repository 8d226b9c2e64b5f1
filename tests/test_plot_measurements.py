"""`zoo.plot` of measurements: confusion, purity, reliability, learning curves."""

import json

import numpy as np
import pytest
from figures_drawn import HOSTILE, luminance, texts
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from models import labelled
from scipy.stats import binomtest
from source_files import ROOT

import zoo
from zoo.figures.axes import literal, save
from zoo.figures.classes import (
    precision_recall_figure,
    purity_completeness_figure,
    roc_figure,
)
from zoo.figures.confusion import confusion_figure
from zoo.figures.learning import learning_curves_figure
from zoo.figures.reliability import wilson
from zoo.hub.pins import BUNDLED

MODEL = "multisims-gru"
DATA = labelled(2)
RESULT = zoo.evaluate(MODEL, DATA, "bts")
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


def test_numbers_are_legible_on_every_shade_of_the_matrix():
    """WCAG 2 asks for a contrast of 4.5."""
    size = 26
    counts = np.zeros((size, size), int)
    counts[:, 0], counts[:, 1] = np.arange(size) * 4, 100 - np.arange(size) * 4
    classes = [f"class {i}" for i in range(size)]
    measured = {
        "classes": classes,
        "diagnostics": {"confusion": counts.tolist()},
    }
    axes = confusion_figure(measured).axes[0]
    (image,) = axes.images
    assert len(axes.texts) > 40
    for text in axes.texts:
        column, row = map(round, text.get_position())
        ground = luminance(image.to_rgba(image.get_array())[row, column, :3])
        ink = luminance(np.array(to_rgb(text.get_color())))
        high, low = max(ground, ink), min(ground, ink)
        assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("model", ["ztfsims-gru", "lsstsims-gru"])
@pytest.mark.parametrize("draw", [precision_recall_figure, roc_figure])
def test_the_numbers_of_curves_lie_on_no_curve(draw, model):
    metrics = json.loads((BUNDLED / model / "metrics.json").read_text())
    figure = draw(metrics)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        *_, curve = axes.lines
        (text,) = axes.texts
        box = text.get_window_extent(canvas.get_renderer())
        path = curve.get_path().transformed(curve.get_transform())
        assert not path.intersects_bbox(box, filled=False), axes.get_title()
        assert axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1


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


def test_numbers_of_labels_may_be_those_of_numpy():
    figure = zoo.plot.learning_curves({"a": {np.int64(0): RESULT, np.int64(9): RESULT}})
    assert figure.axes[0].lines
