"""README and docs: every page and notebook runs, and Sphinx builds the site.

The pages run in order, README first, in one folder that is empty at first. What the
fences of a page may ask for: `docs_pages.py`.
"""

import json
import re
import runpy
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
INDEX = (DOCS / "index.md").read_text()
CONTENTS = re.findall(
    r"^(?:[^<|\n]+ <)?([a-z_]+(?:/\w+)*)>?$", INDEX, flags=re.MULTILINE
)
"""Pages and notebooks in the order of the site's tables of contents."""
PAGES = ["README.md", "docs/index.md"] + [
    f"docs/{name}.md" for name in CONTENTS if not name.startswith("notebooks/")
]
TUTORIAL = "docs/tutorial.md"
NOTEBOOKS = {  # with the constants that are smaller in the tests
    "quickstart": {"OBJECTS": 200},
    "transfer": {"OBJECTS": 150, "LABELS": 50, "EPOCHS": 1},
    "night": {"OBJECTS": 200},
}
ANSWERS = {  # stems of words, and the page with such a title that the search must find
    "threshold": "howto/thresholds",
    "puriti": "howto/thresholds",
    "complet": "howto/thresholds",
    "filter": "howto/passbands",
    "label": "howto/few_labels",
    "alert": "howto/night",
    "trust": "howto/trust",
    "cron": "howto/nightly_cron",
    "month": "howto/next_month",
    "year": "planning",
}


class Reader:
    """Follows pages in one folder, and has nothing else."""

    def __init__(self, folder: Path, data_sets: Path):
        self.folder, self.data_sets = folder, data_sets
        self.made_by: dict[str, str] = {}
        self.has_read: set[str] = set()

    def read(self, page: str) -> None:
        """Run a page; no page writes what another one has made.

        One that links to the tutorial as a whole continues with its model `mine`.
        """
        text = (ROOT / page).read_text()
        may_write = set()
        if "](../tutorial.md)" in text:
            may_write.add("mine")
            if TUTORIAL not in self.has_read:
                self.read(TUTORIAL)
        if "packets/" in text and not (self.folder / "packets").exists():
            write_packets(self.folder / "packets")
        before = self.contents()
        with at(self.folder, self.data_sets):
            run_blocks(blocks(ROOT / page))
        after = self.contents()
        for name in before.keys() - may_write:
            assert after.get(name) == before[name], (
                f"{page} writes {name}, which {self.made_by.get(name)} has made: "
                "give it another name"
            )
        self.made_by |= dict.fromkeys(after.keys() - before.keys(), page)
        self.has_read.add(page)

    def contents(self) -> dict[str, list]:
        """Files of each entry of the folder, with the times when they were written."""
        return {
            entry.name: sorted(
                (str(path), path.stat().st_mtime_ns)
                for path in (entry, *entry.rglob("*"))
                if path.is_file()
            )
            for entry in self.folder.iterdir()
        }


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Reader:
    folders = (tmp_path_factory.mktemp(name) for name in ("reader", "tfds"))
    return Reader(*folders)


@pytest.mark.parametrize("page", PAGES)
def test_page(page, hub, reader):
    if page not in reader.has_read:
        reader.read(page)


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
    """As Jupyter and Colab open it, cell by cell."""
    nbformat = pytest.importorskip("nbformat", reason="pip install '.[docs]'")
    ipynb = runpy.run_path(str(DOCS / "ipynb.py"))
    script = smaller(DOCS / "notebooks" / f"{name}.py", NOTEBOOKS[name])
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(ipynb["notebook"](script), path)
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert cells and "%pip install" in notebook.cells[1].source
    names = {"__name__": name}
    with at(tmp_path):
        for number, cell in enumerate(cells):
            exec(compile(cell, f"{path.name}, cell {number}", "exec"), names)
    assert capsys.readouterr().out


def test_every_notebook_and_page_is_in_the_site():
    pages = {str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md")}
    assert pages == set(PAGES) - {"README.md"}
    notebooks = {name for name in CONTENTS if name.startswith("notebooks/")}
    assert notebooks == {f"notebooks/{name}" for name in NOTEBOOKS}
    assert {path.stem for path in DOCS.glob("notebooks/*.py")} == set(NOTEBOOKS)


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
    others = {"bts.png", "lsst.png", "before.png", "after.png", "sn.png"}
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
    built = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert {f"{name}.html" for name in CONTENTS} <= built
    for name in NOTEBOOKS:
        assert (tmp_path / "notebooks" / f"{name}.ipynb").is_file()
    landing = (tmp_path / "index.html").read_text()
    assert "_images/sn.png" in landing and "SN2026abc" in landing
    check_search(tmp_path / "searchindex.js")
    results = (tmp_path / "results.html").read_text()
    assert "_images/bts.png" in results and "docs/figures" not in results
    cli = (tmp_path / "reference/cli.html").read_text()
    assert 'id="zoo-cli-data-build"' in cli


def check_search(index: Path) -> None:
    """The search leads from a user's word to the page that answers."""
    found = json.loads(index.read_text().removeprefix("Search.setIndex(")[:-1])
    for word, page in ANSWERS.items():
        numbers = found["titleterms"].get(word, [])
        numbers = [numbers] if isinstance(numbers, int) else numbers
        assert page in [found["docnames"][number] for number in numbers], word
