"""The model card: what the hub reads, what a person reads, and the code in it."""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import ModelCard
from models import labelled, small_model
from test_rooms import HEAVY, loaded
from typer.testing import CliRunner

import zoo
from zoo.card import check_card, prose_of, write_card
from zoo.card.figures import auroc_by_days, draw_figures
from zoo.card.origin import training_data
from zoo.card.prose import REQUIRED, parts
from zoo.card.rewrite import rewrite
from zoo.cli.main import app
from zoo.evaluation.metrics_file import measure
from zoo.hub.pins import BUNDLED
from zoo.light_curves.folder import write_folder
from zoo.model_folder.folder import open_folder
from zoo.model_folder.manifest import read_manifest
from zoo.model_folder.metric_names import METRIC_NAMES

CARDS = Path(__file__).parent.parent / "model_cards"
REPO = "astro/toy-gru"
PROSE = "An introduction.\n\n## Intended use\n\nSN.\n\n## Limits and risks\n\nMany."


@pytest.fixture(scope="module")
def metrics():
    model = small_model()
    more = measure(model, labelled(3), "bts", name="real | one", metadata=False)
    return {
        **measure(model, labelled(4), name="toy/simulated-n8-s1/1.0.0"),
        "learning_curve": {
            "loss": [2.0, 1.5],
            "validation_loss": [1.9, 1.6],
            "best_epoch": 2,
        },
        "more": [more],
    }


@pytest.fixture(scope="module")
def folder(metrics, tmp_path_factory):
    model = small_model()
    model.preset = model.preset.replace(
        parent="ztfsims-gru@v1.1.0",
        training={"data": "ztfsims/simulated-n8-s1/1.1.0", "labels": 32, "seed": 7},
    )
    return zoo.save(model, tmp_path_factory.mktemp("card") / "toy", metrics=metrics)


@pytest.fixture(scope="module")
def card(folder):
    return (folder / "README.md").read_text()


def test_the_hub_understands_the_header(card, metrics):
    data = ModelCard(card, ignore_metadata_errors=False).data
    header = data.to_dict()
    assert (data.license, data.library_name) == ("apache-2.0", "transient-zoo")
    assert {"transient-zoo", "time-domain-astronomy", "ztf", "toy"} <= set(data.tags)
    assert data.base_model == "transient-zoo/ztfsims-gru"
    assert header["base_model_relation"] == "finetune"
    assert header["zoo"] == {"version": "1.2.3", "survey": "toy", "classes": 12}
    for number, measured in enumerate((metrics, *metrics["more"])):
        found = data.eval_results[len(METRIC_NAMES) * number :][: len(METRIC_NAMES)]
        assert [result.metric_type for result in found] == list(METRIC_NAMES)
        for result in found:
            assert result.dataset_name == measured["data"]
            assert result.dataset_args["n"] == measured["n"]
            wanted = measured["intervals"][result.metric_type]
            assert result.metric_value == pytest.approx(
                measured[result.metric_type], abs=1e-5
            )
            assert result.metric_args["interval"] == pytest.approx(wanted, abs=1e-5)


def test_a_parent_that_was_never_published_is_no_base_model(tmp_path):
    preset = small_model().preset.replace(parent="mine@v0.0.0")
    write_card(preset, {}, tmp_path)
    assert ModelCard.load(tmp_path / "README.md").data.base_model is None


def test_every_number_of_the_results_is_in_the_metrics(card, metrics):
    results = card.partition("## Results")[2].partition("## How to load it")[0]
    known = set()
    for measured in (metrics, *metrics["more"]):
        values = [measured[key] for key in METRIC_NAMES]
        values += [end for ends in measured["intervals"].values() for end in ends]
        for row in measured["per_class"].values():
            values += [v for key, v in row.items() if key != "intervals"]
            values += row["intervals"]["average_precision"]
        known |= {f"{value:.3f}" for value in values if value is not None}
    shown = set(re.findall(r"\d\.\d{3}", results))
    assert shown and shown <= known
    for measured in (metrics, *metrics["more"]):
        low, high = measured["intervals"]["macro_auroc"]
        assert f"{measured['macro_auroc']:.3f} ({low:.3f} to {high:.3f})" in results
    assert "`real \\| one`" in results and "light curve alone" in results


def test_the_machine_tells_what_it_knows(card):
    assert "zoo-cli data build ztfsims --objects 8 --seed 1" in card
    assert "| transferred from | `ztfsims-gru@v1.1.0` |" in card
    assert "| seed | 7 |" in card
    assert f"numpy {np.__version__}" in card
    assert 'zoo.load("toy")' in card and 'Path("toy")' in card
    assert "transient-zoo/toy-gru" not in card


def test_the_command_that_makes_the_data_again_tells_the_years(folder):
    preset = open_folder(folder).preset
    data = "lsstsims/simulated-n9-s2-y3-4-plain/1.2.0"
    preset = preset.replace(training={**preset.training, "data": data})
    command = "zoo-cli data build lsstsims --objects 9 --seed 2 --years 3,4 --plain"
    assert command in training_data(preset)


def test_figures_are_small_named_in_the_card_and_the_same_each_time(
    folder, card, metrics, tmp_path
):
    names = {path.name for path in folder.glob("*.png")}
    assert names == {
        *("confusion_matrix.png", "confusion_matrix_other_data.png", "roc.png"),
        *("reliability.png", "auroc_by_days.png", "learning_curve.png"),
        *("purity_completeness.png", "precision_recall.png"),
    }
    assert set(re.findall(r"!\[.+\]\((.+)\)", card)) == names
    assert sum((folder / name).stat().st_size for name in names) < 250_000
    draw_figures(metrics, tmp_path)
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_each_line_of_early_scores_is_drawn_at_its_own_days(metrics):
    """A measurement of another version may have other days than the first."""
    more = copy.deepcopy(metrics["more"][0])
    del more["diagnostics"]["by_days"][0]
    more["diagnostics"]["by_days"][-1]["days"] = 35
    (axes,) = auroc_by_days([metrics, more]).axes
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == ["2", "5", "10", "20", "35", "50", "all"]
    for line, one in zip(axes.containers, (metrics, more), strict=True):
        places, scores = line[0].get_data()
        at = [names[round(place)] for place in places]
        points = one["diagnostics"]["by_days"]
        assert at == [*(str(point["days"]) for point in points), "all"]
        assert scores[0] == points[0]["macro_auroc"]


def test_the_legend_of_early_scores_has_the_whole_name_of_the_data(metrics):
    data = "ztfsims/simulated-n160000-s21-y4-4/1.2.0"
    figure = auroc_by_days([{**metrics, "data": data}])
    (text,) = figure.legends[0].get_texts()
    assert text.get_text().startswith(f"{data} (12 classes")


def test_a_card_without_a_parent_names_none(tmp_path):
    write_card(small_model().preset, {}, tmp_path)
    text = (tmp_path / "README.md").read_text()
    assert "| transferred from |" not in text and "| None |" not in text


def test_a_measurement_of_an_earlier_version_has_a_card_as_before(tmp_path):
    former = json.loads((BUNDLED / "multisims-gru" / "metrics.json").read_text())
    assert "purity_completeness" not in former
    write_card(small_model().preset, former, tmp_path)
    text = (tmp_path / "README.md").read_text()
    assert "| class | objects | AUROC | precision | recall | F1 |" in text
    assert "average precision" not in text and "purity" not in text.lower()


def test_average_precision_has_its_interval_in_the_card(card, metrics):
    of = metrics["per_class"]["TDE"]
    low, high = of["intervals"]["average_precision"]
    assert f"{of['average_precision']:.3f} ({low:.3f} to {high:.3f}) |" in card


def test_without_measurement_the_card_says_so(tmp_path):
    write_card(small_model().preset, {}, tmp_path)
    assert "No measurement was recorded" in (tmp_path / "README.md").read_text()
    assert not list(tmp_path.glob("*.png"))


def test_a_fresh_transfer_has_a_filled_card(tmp_path):
    model = small_model().transfer(target="bts")
    metrics = zoo.evaluate(model, labelled(), name="mine")
    zoo.save(model, tmp_path / "m", metrics=metrics)
    check_card((tmp_path / "m" / "README.md").read_text())


@pytest.mark.parametrize(
    "text", [PROSE, *(path.read_text() for path in CARDS.glob("*-*.md"))]
)
def test_prose_comes_back(folder, tmp_path, text):
    out = rewrite(open_folder(folder), tmp_path / "m", metrics={}, prose=text)
    written = (out / "README.md").read_text()
    assert prose_of(written) == text.strip()
    check_card(written)
    again = rewrite(open_folder(out), tmp_path / "again" / "m")
    assert (again / "README.md").read_text() == written


@pytest.mark.parametrize(
    ("prose", "message"),
    [
        ("Mine.", "needs one section '## Intended use' and has 0"),
        (PROSE.replace("## Limits", "### Limits"), "'## Limits and risks' and has 0"),
        (
            PROSE + "\n\n## Results\n\nGood.",
            "'## Results', which the card writes itself",
        ),
        (PROSE + "\n<!-- end of prose -->", "which frame it in a card"),
        ("```\n" + PROSE + "\n```", "needs one section '## Intended use'"),
    ],
)
def test_prose_of_another_form_is_refused(prose, message):
    with pytest.raises(ValueError, match=message):
        parts(prose)


@pytest.mark.parametrize("section", REQUIRED)
@pytest.mark.parametrize(
    "content",
    ["", "TODO", "Soon. TBD.", "[More Information Needed]", "$name", "### a\n\n*todo*"],
)
def test_an_unfilled_section_is_refused(card, section, content):
    check_card(card)
    pattern = rf"(?<=## {section}\n)(?:.*?)(?=\n## |\Z)"
    changed = re.sub(pattern, lambda _: f"\n{content}\n", card, count=1, flags=re.S)
    with pytest.raises(ValueError, match=f"'## {section}' of the card is not filled"):
        check_card(changed)


def test_a_missing_section_or_licence_is_refused(card):
    with pytest.raises(ValueError, match="has no section '## Citation'"):
        check_card(card.replace("## Citation", "Citation"))
    with pytest.raises(ValueError, match="names no license"):
        check_card(card.replace("license: apache-2.0\n", ""))


def blocks(card: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", card, re.DOTALL)


@pytest.fixture(params=["metadata", "light curves", "ztfsims-gru"])
def published(request, hub, tmp_path) -> str:
    """The card of a model as it is on the hub."""
    if request.param == "ztfsims-gru":
        model = zoo.load("ztfsims-gru")
        scores = json.loads((BUNDLED / "ztfsims-gru" / "metrics.json").read_text())
    else:
        inputs = {} if request.param == "metadata" else {"metadata": ()}
        model = small_model(**inputs)
        scores = zoo.evaluate(model, labelled(1), name="toy")
    zoo.save(model, tmp_path / "m", metrics=scores)
    assert sum(path.stat().st_size for path in (tmp_path / "m").iterdir()) < 1_000_000
    zoo.push(tmp_path / "m", REPO, version="4.5.6")
    return hub.read(REPO, "v4.5.6")["README.md"].decode()


def test_the_three_ways_to_load_it_run_as_they_are_written(published, capsys):
    for block in blocks(published):
        exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})
    assert "SNIa" in capsys.readouterr().out
    code = blocks(published)[2] + "\nimport sys\nassert 'keras' not in sys.modules"
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


def run(*arguments) -> str:
    result = CliRunner().invoke(
        app, ["card", *map(str, arguments)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def test_card_imports_no_keras_without_data(folder, tmp_path):
    copy = rewrite(open_folder(folder), tmp_path / "m")
    code = f"import sys; sys.argv = ['zoo-cli', 'card', {str(copy)!r}]\n"
    code += "from zoo.cli.main import main\ntry: main()\nexcept SystemExit as e: "
    code += "assert not e.code"
    assert not loaded(code) & HEAVY


def test_card_rewrites_the_prose_and_the_figures(folder, tmp_path):
    copy = rewrite(open_folder(folder), tmp_path / "m")
    (tmp_path / "about.md").write_text(PROSE)
    report = json.loads(run(copy, "--prose", tmp_path / "about.md", "--json"))
    assert "roc.png" in report["files"] and report["unfilled"] is None
    assert "An introduction." in (copy / "README.md").read_text()
    open_folder(copy)
    (tmp_path / "about.md").write_text(PROSE.replace("Many.", "TODO"))
    said = run(copy, "--prose", tmp_path / "about.md")
    assert "not ready for a push: the section '## Limits and risks'" in said


def test_card_measures_on_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = labelled(5)
    write_folder(data, tmp_path / "table")
    seen = {"train": list(data.object_id[:4])}
    zoo.save(small_model(), tmp_path / "m", split=seen)
    first = ("m", "--data", "table", "--taxonomy", "bts")
    report = json.loads(run(*first, "--json"))
    assert report["measured"]["n"] == 36 and report["measured"]["metadata"]
    where = ("--where", "redshift=0.25", "--classes", "SLSN-I,other")
    run("m", "--data", "table", "--no-metadata", *where)
    run(*first)
    metrics = json.loads((tmp_path / "m" / "metrics.json").read_text())
    assert (metrics["data"], metrics["n"]) == ("table", 36)
    assert [(m["where"], m["metadata"]) for m in metrics["more"]] == [
        ("redshift=0.25", False)
    ]
    assert "where `redshift=0.25`" in (tmp_path / "m" / "README.md").read_text()
    assert read_manifest(tmp_path / "m").preset.version == "1.2.3"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--taxonomy", "bts"),
        ("--no-metadata",),
        ("--data", "t", "--taxonomy", "bts", "--classes", "a"),
        ("--data", "t", "--where", "x"),
    ],
)
def test_a_wrong_command_line_is_refused(arguments):
    assert CliRunner().invoke(app, ["card", "m", *arguments]).exit_code == 2
