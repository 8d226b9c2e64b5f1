"""What strangers write is shown, never obeyed: by terminals, pages and cards.

The texts of `evil_strings` go through every command that prints.
"""

import ast
import contextlib
import html.parser
import io
import json
import re
import signal
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from evil_strings import EVIL, LONG
from models import labelled, small_model
from source_files import SOURCES

import zoo
from zoo.cli.hub.models import _table, _tree
from zoo.cli.learn.described import copied_and_trained
from zoo.cli.main import _show_warning, app
from zoo.cli.shell import completion, terminal
from zoo.cli.shell.exit_codes import run
from zoo.light_curves.analytic import golden_light_curves
from zoo.light_curves.folder import write_folder
from zoo.model_folder.manifest import CARD, METRICS
from zoo.system.plain import as_code, in_markdown, plain

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def printed(*arguments: object) -> tuple[int, str, str]:
    """Run a command in this process: its exit code and what it prints."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    out, err = io.StringIO(), io.StringIO()
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("always")
            warnings.showwarning = _show_warning
            code = run(lambda: app([str(one) for one in arguments]))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code, out.getvalue(), err.getvalue()


def check_plain(text: str) -> None:
    """Nothing in a text acts on a terminal, and no line is longer than a few pages."""
    acting = {c for c in text if not c.isprintable() and c != "\n"}
    assert not acting, [f"{ord(c):x}" for c in acting]
    assert max(map(len, text.split("\n"))) < 5_000


def printed_plainly(*arguments: object, codes=(0, 1, 2)) -> str:
    code, out, err = printed(*arguments)
    check_plain(out)
    check_plain(err)
    assert code in codes, err
    assert "Traceback" not in err
    return out + err


def test_there_are_fifty_of_them():
    assert len(EVIL) == len(set(EVIL)) == 50


@pytest.mark.parametrize("text", EVIL, ids=range(50))
def test_a_text_is_shown_on_one_line(text):
    check_plain(plain(text))
    assert "\n" not in plain(text)
    assert len(plain(text)) <= max(6 * len(text), 2_005)


@pytest.mark.parametrize(
    "text", ["SNIb/c", "SNIa-91bg", "März", "ps1::i", "超新星", "🌌"]
)
def test_ordinary_names_are_shown_as_they_are(text):
    assert plain(text) == text


# ---- through commands


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """A table folder that other tests only read."""
    folder = tmp_path_factory.mktemp("terminal") / "table"
    write_folder(golden_light_curves(), folder)
    return folder


COMMANDS = {
    "classify a model": ("classify", "{evil}", "{table}", "--out", "{new}/p.csv"),
    "classify a file": ("classify", "ztfsims-gru", "{evil}", "--out", "{new}/p.csv"),
    "classify to": ("classify", "ztfsims-gru", "{table}", "--out", "{evil}"),
    "classify bands": (
        *("classify", "ztfsims-gru", "{table}", "--out", "{new}/p.csv"),
        *("--bands", "x={evil}"),
    ),
    "classify format": (
        *("classify", "ztfsims-gru", "{table}", "--out", "{new}/p.csv"),
        *("--format", "{evil}"),
    ),
    "an option": ("classify", "--{evil}"),
    "a command": ("{evil}",),
    "evaluate data": ("evaluate", "ztfsims-gru", "--data", "{evil}"),
    "evaluate taxonomy": (
        *("evaluate", "ztfsims-gru", "--data", "{table}", "--taxonomy", "{evil}"),
    ),
    "evaluate classes": (
        *("evaluate", "ztfsims-gru", "--data", "{table}", "--classes", "{evil}"),
    ),
    "evaluate where": (
        *("evaluate", "ztfsims-gru", "--data", "{table}", "--where", "{evil}=1"),
    ),
    "compare-models": ("compare-models", "{evil}", "{evil}", "--data", "{table}"),
    "drift": ("drift", "{evil}", "{evil}"),
    "explore data": ("explore", "ztfsims-gru", "--data", "{evil}"),
    "explore to": (
        *("explore", "ztfsims-gru", "--data", "{table}", "--out", "{evil}"),
    ),
    "train data": ("train", "--data", "{evil}", "--out", "{new}/m"),
    "train recipe": (
        *("train", "--data", "{table}", "--out", "{new}/m", "--recipe", "{evil}"),
    ),
    "train classes": (
        *("train", "--data", "{table}", "--out", "{new}/m", "--classes", "{evil}"),
        *("--teacher", "none"),
    ),
    "transfer a model": (
        *("transfer", "{evil}", "--target", "x", "--data", "{table}"),
        *("--out", "{new}/m"),
    ),
    "transfer to": (
        *("transfer", "none", "--target", "x", "--data", "{table}"),
        *("--out", "{evil}"),
    ),
    "reproduce": ("reproduce", "{evil}", "--out", "{new}/s"),
    "reproduce labels": ("reproduce", "bts", "--labels", "{evil}", "--out", "{new}/s"),
    "data build": ("data", "build", "{evil}"),
    "survey show": ("survey", "show", "{evil}"),
    "survey measure": ("survey", "measure", "{evil}", "--out", "{new}/s.toml"),
    "survey measure name": (
        *("survey", "measure", "{table}", "--out", "{new}/s.toml", "--name", "{evil}"),
    ),
    "data show": ("data", "show", "{table}", "{evil}"),
    "data compare": ("data", "compare", "{evil}", "{table}", "--out", "{new}/r"),
    "card": ("card", "{evil}"),
    "verify": ("verify", "{evil}"),
    "export": ("export", "ztfsims-gru", "--format", "{evil}", "--out", "{new}/x"),
    "push": ("push", "{evil}", "astro/x", "--version", "1.0.0", "--dry-run"),
    "push to": ("push", "{new}", "{evil}", "--version", "1.0.0", "--dry-run"),
    "pull": ("pull", "{evil}", "--out", "{new}/m"),
    "pull from the hub": ("pull", "hf://{evil}", "--out", "{new}/m"),
    "import-upstream": ("import-upstream", "{evil}", "--out", "{new}/m"),
    "models": ("models", "{evil}"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_prints_them_as_they_are(name, table, tmp_path, monkeypatch):
    """Whatever it makes of them: mostly, one sentence that names them."""
    monkeypatch.chdir(tmp_path)
    for number, evil in enumerate(EVIL):
        places = {"evil": evil, "table": table, "new": tmp_path / str(number)}
        arguments = [
            # Not `format`: the texts have braces.
            re.sub(r"\{(\w+)\}", lambda found, of=places: str(of[found[1]]), one)
            for one in COMMANDS[name]
        ]
        printed_plainly(*arguments)


def test_what_is_in_data_is_printed_plainly(tmp_path, monkeypatch):
    """Ids, labels, columns and values, of 49 objects at once: a lone surrogate cannot
    be written to a file."""
    monkeypatch.chdir(tmp_path)
    texts = [
        text
        for text in EVIL
        if text.encode("utf-8", "ignore") == text.encode("utf-8", "replace")
    ]
    photometry, metadata = golden_light_curves().to_tables()
    one = metadata["object_id"].iloc[0]
    rows = photometry[photometry["object_id"] == one]
    frames = [rows.assign(object_id=text) for text in texts]
    facts = pd.DataFrame({"object_id": texts, "redshift": 0.1})
    facts["label"] = ["SNIa", "SNII"] * (len(texts) // 2) + ["SNIa"] * (len(texts) % 2)
    for number, text in enumerate(texts[:5]):
        facts[f"{text}{number}"] = texts
    (tmp_path / "t").mkdir()
    pd.concat(frames).to_parquet(tmp_path / "t" / "photometry.parquet")
    facts.to_parquet(tmp_path / "t" / "metadata.parquet")
    said = printed_plainly("classify", "ztfsims-gru", "t", "--out", "p.csv", codes=[0])
    assert f"{len(texts)} objects" in said
    for text in texts:
        printed_plainly("data", "show", "t", text, codes=[0])
    explained = ("--model", "ztfsims-gru", "--explain", "--figure", "t.png")
    for text in texts[:3]:
        printed_plainly("data", "show", "t", text, *explained, codes=[0])
    printed_plainly("data", "show", "t", "none", codes=[1])
    printed_plainly("evaluate", "ztfsims-gru", "--data", "t", codes=[0])
    printed_plainly(
        *("evaluate", "ztfsims-gru", "--data", "t", "--where", f"{texts[0]}0=x"),
        codes=[1],
    )
    printed_plainly(
        "explore", "ztfsims-gru", "--data", "t", "--out", "t.html", codes=[0]
    )
    check_page(tmp_path / "t.html")
    # Without a trigger: the first few are named.
    dark = pd.concat(frames).assign(flux=0.0, detected=False)
    dark.to_parquet(tmp_path / "t" / "photometry.parquet")
    printed_plainly("classify", "ztfsims-gru", "t", "--out", "q.csv", codes=[1])
    # Labels and passbands of no known name.
    facts["label"] = texts
    facts.to_parquet(tmp_path / "t" / "metadata.parquet")
    pd.concat(frames).to_parquet(tmp_path / "t" / "photometry.parquet")
    printed_plainly("evaluate", "ztfsims-gru", "--data", "t")
    printed_plainly("evaluate", "ztfsims-gru", "--data", "t", "--classes", "data")
    bands = [rows.assign(object_id=text, band=text) for text in texts]
    pd.concat(bands).to_parquet(tmp_path / "t" / "photometry.parquet")
    printed_plainly("classify", "ztfsims-gru", "t", "--out", "q.csv", codes=[1])
    named = pd.concat(bands).assign(wavelength=0.5)
    named.to_parquet(tmp_path / "t" / "photometry.parquet")
    printed_plainly("classify", "ztfsims-gru", "t", "--out", "q.csv")
    printed_plainly("data", "show", "t", texts[0])
    printed_plainly("data", "show", "t", texts[-1], *explained)


def check_page(path: Path) -> None:
    """The page has the tags of its frame, and no others."""
    seen: set[str] = set()

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            seen.add(tag)
            assert not any(name.startswith("on") for name, _ in attributes)

    text = path.read_text(encoding="utf-8")
    Parser().feed(text)
    assert not seen & {"img", "svg", "iframe", "object", "embed"} or "plotly" in text
    shown = re.search(r'type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert shown is not None
    for one in json.loads(shown[1])["objects"]:
        check_plain(one["id"])


@pytest.fixture(scope="module")
def forged():
    """A preset and metrics, every text of which is one of a stranger."""

    def of(text: str):
        model = small_model(classes=("SNIa", "SNII"))
        model.preset = model.preset.replace(
            survey=text, license=text, parent=text, training={"data": text, text: text}
        )
        metrics = zoo.evaluate(model, labelled(1))
        return model, {**metrics, "data": text, "where": text}

    return of


@pytest.mark.parametrize("number", [2, 6, 21, 29, 36, 41, 44, 45, 46, 47, 48])
def test_a_card_of_such_names_has_no_markup_of_theirs(forged, tmp_path, number):
    """The rest of the fifty are refused with the preset, or are like one of these."""
    text = EVIL[number]
    try:
        model, metrics = forged(text)
        folder = zoo.save(model, tmp_path / "m", metrics=metrics)
    except ValueError as error:
        check_plain(plain(error))
        return
    card = (folder / CARD).read_text(encoding="utf-8").split("\n---\n", 1)[1]
    check_plain(card)
    outside = re.sub(r"```.*?```|(`+).*?\1", "", card, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<\w|(?<!\\)\$", outside)
    assert "](https" not in outside.replace("\\](", "")
    for own in ("arxiv.org/abs/2502.18558", "huggingface.co/transient-zoo"):
        outside = outside.replace(f"https://{own}", "")  # of the citation
    assert not re.search(r"(?<!\\)://|www\.example", outside)
    assert "\n| b | c |" not in card
    printed_plainly("card", folder)
    printed_plainly("verify", folder)
    monkeypatched = json.loads((folder / METRICS).read_text())
    assert monkeypatched["data"] == text


@pytest.mark.parametrize("text", EVIL, ids=range(50))
def test_tables_trees_reports_and_warnings_are_plain(text, capsys):
    row = {
        **dict.fromkeys(("revision", "survey", "data", "where", "parent"), text),
        **{"classes": 2, "macro_auroc": 0.9, "ancestors": [text, "a"]},
    }
    models = pd.DataFrame([row], index=pd.Index([text], dtype=object), dtype=object)
    terminal.show(_table(models))
    terminal.show(_tree(models))
    terminal.show(terminal.table("class", title=text))
    terminal.say(text, text, err=True)
    terminal.say_json({text: text})
    _show_warning(UserWarning(text), UserWarning, "", 0)
    out, err = capsys.readouterr()
    *tables, last = out.rstrip("\n").split("\n")
    check_plain("\n".join(tables))
    assert json.loads(last) == {text: text}
    assert all(" " <= c <= "~" for c in last)
    check_plain(err)
    assert err.count("\n") == 3


def test_a_report_of_a_transfer_is_one_line_a_fact():
    model = small_model()
    try:
        new = model.transfer("mine", classes=["SNIa", "a\nb\x1b[2J"])
    except ValueError as error:  # no such class
        check_plain(plain(error))
    else:
        lines = [plain(line) for line in copied_and_trained(new.transfer_report)]
        check_plain("\n".join(lines))


@pytest.mark.parametrize("text", EVIL, ids=range(50))
def test_markdown_of_a_text_is_the_text(text):
    escaped = in_markdown(text)
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", r"", escaped)  # without what is escaped
    assert not re.search(r"[<>|`$*\[\]~#!&@]|://|www\.", bare)
    code = as_code(text)
    fence = re.match("`+", code)[0]
    assert code.endswith(fence) and fence not in code[len(fence) : -len(fence)].split(
        " "
    )
    assert not re.search(r"(?<!\\)\|", code)


def test_figures_take_them_literally(tmp_path):
    from zoo.figures.axes import literal, one_panel, save

    for number, text in enumerate(EVIL):
        if not literal(text).isascii():
            continue  # matplotlib's font has no other characters
        figure, axes = one_panel(4, 2)
        axes.set_title(literal(text))
        axes.plot([0, 1], label=literal(text))
        axes.legend()
        save(figure, tmp_path / f"{number}.png")
    assert len(list(tmp_path.iterdir())) > 40


def test_the_shell_is_not_offered_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in ("\x1b[2J", "a\nb", "\u202ea", "ordinary"):
        (tmp_path / text).mkdir()
        (tmp_path / text / "zoo.json").write_text("")
    assert [name for name in completion.models("") if "-gru" not in name] == [
        "ordinary"
    ]


def test_the_setting_of_a_backend_is_shown_plainly(monkeypatch):
    for text in EVIL:
        if "\0" in text or "\ud800" in text or len(text) == LONG:
            continue  # no environment holds it
        monkeypatch.setenv("KERAS_BACKEND", text)
        said = printed_plainly("doctor", "--offline", codes=[0, 1])
        assert "set KERAS_BACKEND to one of" in said


def test_commands_print_by_one_door():
    """Nothing in `cli` prints but `zoo.cli.shell.terminal`."""
    names = {"echo", "secho", "print", "Console", "Table"}
    for module, path in SOURCES.items():
        if not module.startswith("zoo.cli") or module == "zoo.cli.shell.terminal":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert called not in names, f"{module} calls {called}"


def test_what_is_counted():
    """For the record: commands and texts of this file."""
    assert len(COMMANDS) * len(EVIL) == 1_850
    assert np.isfinite(LONG)
