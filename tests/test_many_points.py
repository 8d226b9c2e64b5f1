"""An object of very many points takes no time or memory in the square of them."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import zoo
from zoo.cli.main import app
from zoo.explanation.occlusion import MOST
from zoo.inference.history import histories
from zoo.inference.runtime import Runtime
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.analytic import golden_light_curves

MODEL = "ztfsims-gru-lite"


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    days = np.linspace(-5, 60, 450)
    return pd.DataFrame(
        {
            "object_id": "many",
            "mjd": 60_000 + days,
            "band": "ztfr",
            "flux": 500 * np.exp(-((days / 20) ** 2)),
            "flux_err": 10.0,
        }
    )


def test_an_explanation_and_a_figure_have_some_of_the_times(many):
    path = zoo.explain(MODEL, many, "many").path
    assert len(path) == MOST
    last = zoo.classify(MODEL, many).iloc[0]
    assert path["SNIa"].iloc[-1] == pytest.approx(last["SNIa"], abs=1e-5)
    figure = zoo.plot.light_curve(many, "many", model=MODEL)
    assert max(len(line.get_xdata()) for line in figure.axes[1].lines) == MOST


def test_a_shown_light_curve_has_its_probabilities_computed_once(
    many, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    many.to_csv("many.csv", index=False)
    run, rows = Runtime.run, []

    def counted(self, inputs, *names):
        rows.append(np.diff(inputs.offsets))
        return run(self, inputs, *names)

    monkeypatch.setattr(Runtime, "run", counted)
    arguments = ["data", "show", "many.csv", "many", "--model", MODEL]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    lengths = np.concatenate(rows)  # of the shortened light curves
    assert len(lengths) == len(set(lengths)) == MOST
    last = zoo.classify(MODEL, many).iloc[0].drop("reason").astype(float).nlargest(3)
    said = ", ".join(f"{label} {value:.2f}" for label, value in last.items())
    assert f"after the last point that the model uses: {said}" in done.stdout


def test_the_title_of_an_explanation_names_the_model_in_full(many):
    found = zoo.explain(
        MODEL, many.iloc[::10].assign(object_id="ZTF20abcdefg"), "ZTF20abcdefg"
    )
    title = found.figure().axes[0].get_title(loc="left")
    assert title.startswith(f"ZTF20abcdefg, {found.model}: {found.predicted}")


def test_the_history_of_one_object_is_computed_in_parts(monkeypatch):
    model, objects = Runtime.load(MODEL), golden_light_curves()
    inputs = preprocess(objects, model.preset.preprocessing)
    whole, done, ran = histories(model, objects, inputs), [], []
    run = Runtime.run

    def counted(self, inputs, *names):
        ran.append(inputs.offsets[-1])
        return run(self, inputs, *names)

    monkeypatch.setattr(Runtime, "run", counted)
    monkeypatch.setattr("zoo.inference.history._ROWS", 1_000)
    parts = histories(model, objects, inputs, advance=done.append)
    assert sum(done) == len(inputs)
    assert max(ran) <= 1_100
    np.testing.assert_array_equal(parts.row, whole.row)
    np.testing.assert_allclose(parts.probabilities, whole.probabilities, atol=1e-5)
