"""The site: every snippet of docs/ runs, every notebook runs, Sphinx does not warn.

A fence may say more than its language:

    ```bash install       not run: it makes an environment
    ```bash parsed        too long to run: the command lines must be right
    ```bash new           run where the command line is known: it is on its way
    ```text output        what the block above prints; `...` stands for anything
    ```text output 0.1    likewise; numbers may be so much off
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from zoo.cli.main import app

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
TUTORIAL = "tutorial.md"
NOTEBOOKS = {  # and what is smaller in the tests
    "quickstart": {"OBJECTS": 200},
    "transfer": {"OBJECTS": 150, "LABELS": 50, "EPOCHS": 1},
    "night": {"OBJECTS": 200},
}
TOLERANCE = 0.03
"""Of numbers with a decimal point: processors differ in the last digits of a sum, and
training makes more of it."""

FENCE = re.compile(r"^```(\S*) ?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Block(NamedTuple):
    """A fenced block: its language, what else the fence says, and where it is."""

    language: str
    option: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    text = (DOCS / page).read_text()
    return [
        Block(*match.groups(), text.count("\n", 0, match.start()) + 2)
        for match in FENCE.finditer(text)
        if not match[1].startswith("{")
    ]


def commands(text: str) -> list[list[str]]:
    """The command lines of a block, patterns of files filled in as a shell does."""
    lines = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        found = [
            sorted(map(str, Path().glob(word))) or [word] if "*" in word else [word]
            for word in words
        ]
        if words:
            lines.append([word for group in found for word in group])
    return lines


def parse(words: list[str]) -> None:
    """Check a command line without running it."""
    assert words[0] == "zoo-cli", words
    command, rest = get_command(app), words[1:]
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    command.make_context(words[0], rest)


def known(text: str) -> bool:
    """Whether every command line can be parsed."""
    try:
        for words in commands(text):
            parse(words)
    except KeyError:
        return False
    except Exception as error:  # typer's, which has a name of its own in each release
        if getattr(error, "exit_code", None) == 2:
            return False
        raise
    return True


def run_shell(text: str) -> str:
    printed = ""
    for words in commands(text):
        assert words[0] == "zoo-cli", words
        result = CliRunner().invoke(app, words[1:], catch_exceptions=False)
        assert result.exit_code == 0, f"{' '.join(words)}\n{result.output}"
        printed += result.stdout
    return printed


def run_page(page: str) -> None:
    """Run the blocks of a page in the current folder, Python in one namespace."""
    namespace: dict = {}
    printed = ""
    for block in blocks(page):
        where = f"docs/{page}, line {block.line}"
        if block.language == "bash":
            options = set(block.option.split())
            assert options <= {"install", "parsed", "new"}, where
            if "install" in options or ("new" in options and not known(block.text)):
                continue
            if "parsed" in options:
                for words in commands(block.text):
                    parse(words)
            else:
                printed = run_shell(block.text)
        elif block.language == "python":
            assert not block.option, where
            code = compile("\n" * (block.line - 1) + block.text, where, "exec")
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(code, namespace)
            printed = out.getvalue()
        else:
            kind, _, tolerance = block.option.partition(" ")
            assert (block.language, kind) == ("text", "output"), where
            compare(block.text, printed, float(tolerance or TOLERANCE), where)


def compare(expected: str, printed: str, tolerance: float, where: str) -> None:
    """The words must be the same, and numbers with a decimal point nearly so."""
    pieces = []
    for part in re.split(r"(\.\.\.|\s+|\d+(?:\.\d+)?)", expected.strip()):
        if part == "...":
            pieces.append(r"[\s\S]*?")
        elif part.isspace():
            pieces.append(r"\s+")
        elif NUMBER.fullmatch(part) and "." in part:
            pieces.append(r"(\d+\.\d+)")
        else:
            pieces.append(re.escape(part))
    found = re.fullmatch("".join(pieces), printed.strip())
    assert found, f"{where} says\n{expected}\nbut it prints\n{printed}"
    numbers = [number for number in NUMBER.findall(expected) if "." in number]
    for said, is_now in zip(numbers, found.groups(), strict=True):
        assert abs(float(said) - float(is_now)) <= tolerance, (
            f"{where} says {said}, but it prints {is_now}:\n{printed}"
        )


@contextlib.contextmanager
def at(folder: Path) -> Iterator[None]:
    """In a folder, as a user who is told of warnings and is not stopped by them."""
    with (
        contextlib.chdir(folder),
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        patch.setenv("TFDS_DATA_DIR", str(folder / "tfds"))
        patch.setenv("COLUMNS", "80")
        patch.setenv("MPLBACKEND", "Agg")
        warnings.simplefilter("ignore", UserWarning)
        yield


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory) -> Path:
    """The folder of somebody who has followed the tutorial."""
    folder = tmp_path_factory.mktemp("tutorial")
    with at(folder):
        run_page(TUTORIAL)
    return folder


def test_tutorial(tutorial):
    assert {"lsst", "mine", "before.parquet", "before.png"} <= {
        path.name for path in tutorial.iterdir()
    }


@pytest.mark.parametrize("page", [page for page in PAGES if page != TUTORIAL])
def test_page(page, hub, tmp_path, request):
    text = (DOCS / page).read_text()
    if "](../tutorial.md)" in text:  # such a page goes on where the tutorial ends
        (tmp_path / "mine").symlink_to(request.getfixturevalue("tutorial") / "mine")
    if "packets/" in text:
        write_packets(tmp_path / "packets")
    with at(tmp_path):
        run_page(page)


def write_packets(folder: Path) -> None:
    """A few ZTF packets of simulated fluxes."""
    import alert_files

    folder.mkdir()
    for number in range(3):
        rows = [
            alert_files.ztf_row(2461000.5 + day, 1 + day % 2, 19 - day / 20, "t")
            for day in range(0, 12, 3)
        ]
        packet = alert_files.ztf_packet(f"ZTF30aaaaaa{number}", rows[-1], rows[:-1])
        alert_files.write(folder / f"{number}.avro", alert_files.ZTF, [packet])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name, tmp_path, capsys):
    text = (DOCS / "notebooks" / f"{name}.py").read_text()
    for constant, value in NOTEBOOKS[name].items():
        text, count = re.subn(
            rf"^{constant} = \d+$", f"{constant} = {value}", text, flags=re.MULTILINE
        )
        assert count == 1, f"{name}.py does not set {constant}"
    with at(tmp_path):
        exec(compile(text, f"docs/notebooks/{name}.py", "exec"), {"__name__": name})
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
    done = subprocess.run(
        [sys.executable, "-W", "ignore", DOCS / "figures/draw.py", tmp_path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    drawn = {path.name for path in tmp_path.iterdir()}
    others = {"bts.png", "lsst.png", "before.png", "after.png"}
    assert drawn == {path.name for path in DOCS.glob("figures/*.png")} - others


def test_examples_of_the_help_are_right():
    """Whatever the help of a command gives as example, the command takes."""

    def examples(command) -> Iterator[str]:
        text = command.help or ""
        yield from re.findall(r"Example: (.+?)(?:\n\n|\Z)", text, flags=re.DOTALL)
        for one in getattr(command, "commands", {}).values():
            yield from examples(one)

    found = list(examples(get_command(app)))
    assert len(found) > 10
    for line in found:
        words = shlex.split(line)
        if len(words) > 1 and "*" not in line:
            parse(words)


def test_site_is_built_without_warnings(tmp_path):
    for name in ("sphinx", "myst_parser", "furo", "jupytext"):
        pytest.importorskip(name, reason="the site is not built: pip install '.[docs]'")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", DOCS, tmp_path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert {page.replace(".md", ".html") for page in PAGES} <= pages
    for name in NOTEBOOKS:
        assert (tmp_path / "notebooks" / f"{name}.ipynb").is_file()
    results = (tmp_path / "results.html").read_text()
    assert "_images/bts.png" in results and "docs/figures" not in results
    cli = (tmp_path / "reference/cli.html").read_text()
    assert 'id="zoo-cli-data-build"' in cli
