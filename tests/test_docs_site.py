"""The site: every page and notebook of docs/ runs, and Sphinx builds it all.

What the fences of a page may ask for: `docs_pages.py`.
"""

import re
import shlex
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_pages import at, blocks, parse, run_blocks
from source_files import ROOT
from typer.main import get_command

from zoo.cli.main import app

DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
TUTORIAL = "tutorial.md"
NOTEBOOKS = {  # with the constants that are smaller in the tests
    "quickstart": {"OBJECTS": 200},
    "transfer": {"OBJECTS": 150, "LABELS": 50, "EPOCHS": 1},
    "night": {"OBJECTS": 200},
}


@pytest.fixture(scope="module")
def data_sets(tmp_path_factory) -> Path:
    """The data sets of tfds that the pages build; two of them build the same one."""
    return tmp_path_factory.mktemp("tfds")


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory, data_sets) -> Path:
    """The folder of a user who has followed the tutorial."""
    folder = tmp_path_factory.mktemp("tutorial")
    with at(folder, data_sets):
        run_blocks(blocks(DOCS / TUTORIAL))
    return folder


def test_tutorial(tutorial):
    assert {"lsst", "mine", "before.parquet", "before.png"} <= {
        path.name for path in tutorial.iterdir()
    }


@pytest.mark.parametrize("page", [page for page in PAGES if page != TUTORIAL])
def test_page(page, hub, tmp_path, data_sets, request):
    text = (DOCS / page).read_text()
    if "](../tutorial.md)" in text:  # such a page continues the tutorial
        (tmp_path / "mine").symlink_to(request.getfixturevalue("tutorial") / "mine")
    if "packets/" in text:
        write_packets(tmp_path / "packets")
    with at(tmp_path, data_sets):
        run_blocks(blocks(DOCS / page))


def write_packets(folder: Path) -> None:
    """A few ZTF packets of simulated fluxes; the last has no trigger."""
    import alert_files

    folder.mkdir()
    for number in range(3):
        rows = [
            alert_files.ztf_row(2461000.5 + day, 1 + day % 2, 19 - day / 20, "t")
            for day in range(0, 12, 3)
        ]
        earlier = rows[:-1] if number < 2 else []
        packet = alert_files.ztf_packet(f"ZTF30aaaaaa{number}", rows[-1], earlier)
        alert_files.write(folder / f"{number}.avro", alert_files.ZTF, [packet])


def smaller(script: Path, constants: dict[str, int]) -> str:
    """The text of a script, with other values of its constants."""
    text = script.read_text()
    for constant, value in constants.items():
        text, count = re.subn(
            rf"^{constant} = \d+$", f"{constant} = {value}", text, flags=re.MULTILINE
        )
        assert count == 1, f"{script.name} does not set {constant}"
    return text


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name, tmp_path, capsys):
    script = DOCS / "notebooks" / f"{name}.py"
    text = smaller(script, NOTEBOOKS[name])
    with at(tmp_path):
        exec(compile(text, str(script), "exec"), {"__name__": name})
    assert capsys.readouterr().out


def test_every_notebook_and_page_is_in_the_site():
    assert {path.stem for path in DOCS.glob("notebooks/*.py")} == set(NOTEBOOKS)
    index = (DOCS / "index.md").read_text()
    names = [page.removesuffix(".md") for page in PAGES if page != "index.md"]
    names += [f"notebooks/{name}" for name in NOTEBOOKS]
    assert all(f"\n{name}\n" in index for name in names)


def test_every_public_name_is_in_the_reference():
    import zoo

    text = (DOCS / "reference/python.md").read_text()
    missing = [name for name in zoo.__all__ if f":: zoo.{name}\n" not in text]
    assert not missing


def test_figures_are_drawn(tmp_path):
    script = DOCS / "figures" / "draw.py"
    names: dict = {"__name__": "draw", "__file__": str(script)}
    with at(tmp_path):
        exec(compile(smaller(script, {"OBJECTS": 600}), str(script), "exec"), names)
        names["main"](tmp_path)
    drawn = {path.name for path in tmp_path.iterdir()}
    others = {"bts.png", "lsst.png", "before.png", "after.png"}
    assert drawn == {path.name for path in DOCS.glob("figures/*.png")} - others


def test_examples_of_the_help_are_valid():
    """A command accepts every example that its help shows."""

    def examples(command) -> Iterator[str]:
        text = command.help or ""
        yield from re.findall(r"Example: (.+?)(?:\n\n|\Z)", text, flags=re.DOTALL)
        for one in getattr(command, "commands", {}).values():
            yield from examples(one)

    lines = list(examples(get_command(app)))
    assert len(lines) > 10
    for line in lines:
        words = shlex.split(line)
        if len(words) > 1 and "*" not in line:
            parse(words)


def test_site_is_built_without_warnings(tmp_path, capfd):
    for name in ("sphinx", "myst_parser", "furo", "jupytext"):
        pytest.importorskip(name, reason="the site is not built: pip install '.[docs]'")
    from sphinx.cmd.build import build_main

    # In this process, which has imported most of what autodoc asks for.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python; -W is about those of Sphinx
        status = build_main(["-W", "--keep-going", "-q", str(DOCS), str(tmp_path)])
    assert status == 0, capfd.readouterr().err
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert {page.replace(".md", ".html") for page in PAGES} <= pages
    for name in NOTEBOOKS:
        assert (tmp_path / "notebooks" / f"{name}.ipynb").is_file()
    results = (tmp_path / "results.html").read_text()
    assert "_images/bts.png" in results and "docs/figures" not in results
    cli = (tmp_path / "reference/cli.html").read_text()
    assert 'id="zoo-cli-data-build"' in cli
    index = (tmp_path / "searchindex.js").read_text()
    for word in ("threshold", "puriti", "filter", "trust", "cron"):  # as it stems them
        assert f',"{word}":' in index
