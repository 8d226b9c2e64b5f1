"""`zoo-cli reproduce`, `data show --model` and `classify --novelty`."""

import json

import pandas as pd
import pytest
from models import labelled
from test_cli import fails, run
from typer.testing import CliRunner

import zoo
from zoo.cli.main import app
from zoo.light_curves.folder import write_folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a table, the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    write_folder(labelled(10), tmp_path / "table")
    return tmp_path


def test_reproduce_makes_a_report_and_goes_on_with_it(home):
    command = ("reproduce", "bts", "--data", "table", "--labels", "30", "--seeds", "1")
    first = json.loads(run(*command, "--quick", "--out", "study", "--json"))
    assert first["n"] == 32 and first["runs"] == 1 and first["labels"] == [30]
    assert "4 of 5 runs" in first["left_out"]
    assert (home / "study" / "report.md").is_file()
    text = run(*command, "--quick", "--out", "study")
    assert "left out: the method transfer from anysims-gru" in text
    assert "report: study/report.md" in text
    second = json.loads((home / "study" / "results.json").read_text())
    for summary in (first, second):
        summary["seconds"].pop("this_run")
    assert first == second


def test_another_study_in_the_same_folder_is_refused(home):
    (home / "study").mkdir()
    (home / "study" / "notes.txt").write_text("mine")
    line = fails(
        "reproduce", "bts", "--data", "table", "--labels", "30", "--out", "study"
    )
    assert "study is not empty and is not a study" in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["des"], "Choose one of bts, lsst"),
        (["bts", "--protocol", "mine"], "Choose one of zoo, paper"),
        (["bts", "--labels", "100,many"], "is not a list of numbers"),
    ],
)
def test_a_wrong_command_line_exits_with_2(home, arguments, message):
    result = CliRunner().invoke(app, ["reproduce", *arguments, "--out", "study"])
    assert result.exit_code == 2 and message in result.output
    assert not (home / "study").exists()


def test_show_draws_what_a_model_says_over_time(home):
    text = run("data", "show", "table", "golden-0-0", "--model", "ztfsims-gru")
    assert "figure: golden-0-0.png" in text and "after the last point that" in text
    assert (home / "golden-0-0.png").read_bytes().startswith(b"\x89PNG")
    run(
        *("data", "show", "table", "golden-0-0", "--model", "ztfsims-gru"),
        *("--figure", "mine.pdf"),
    )
    assert (home / "mine.pdf").read_bytes().startswith(b"%PDF")


def test_show_explains_what_carried_a_prediction(home):
    arguments = ("data", "show", "table", "golden-0-0", "--model", "ztfsims-gru")
    text = run(*arguments, "--explain", "--figure", "why.png")
    found = zoo.explain("ztfsims-gru", "table", "golden-0-0")
    assert text.endswith(f"{found.summary()}\nfigure: why.png\n")
    assert (home / "why.png").read_bytes().startswith(b"\x89PNG")


def test_show_draws_magnitudes(home):
    arguments = ("data", "show", "table", "golden-0-0", "--model", "ztfsims-gru")
    run(*arguments, "--figure", "flux.png")
    run(*arguments, "--figure", "mag.png", "--magnitudes")
    assert (home / "flux.png").read_bytes() != (home / "mag.png").read_bytes()


@pytest.mark.parametrize(
    "option", [["--figure", "mine.pdf"], ["--magnitudes"], ["--explain"]]
)
def test_a_figure_without_a_model_is_refused(home, option):
    result = CliRunner().invoke(app, ["data", "show", "table", "golden-0-0", *option])
    assert result.exit_code == 2 and "needs --model" in result.output


def test_classify_adds_the_novelty_where_asked(home):
    run("classify", "ztfsims-gru", "table", "--out", "plain.csv")
    run("classify", "ztfsims-gru", "table", "--novelty", "--out", "more.csv")
    plain, more = pd.read_csv("plain.csv"), pd.read_csv("more.csv")
    assert "novelty" not in plain and more["novelty"].notna().all()
    assert list(more.columns[-2:]) == ["novelty", "reason"]
    pd.testing.assert_frame_equal(more.drop(columns="novelty"), plain)
