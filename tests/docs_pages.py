"""Pages of Markdown: their fenced blocks, run or checked one after the other.

A fence of a page in docs/ may have options after its language:

    ```bash install       not run, because it makes an environment
    ```bash parsed        too long to run; the command lines must be valid
    ```bash new           run only where the command exists already
    ```python kafka       run by `test_kafka.py`, against a broker
    ```python engine X    not run here, because it needs the package X; by
                          test_engines.py
    ```text output        what the block above prints; `...` stands for any text
    ```text output 0.1    the same, with this tolerance for its numbers
"""

import contextlib
import io
import re
import shlex
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from source_files import ROOT
from typer.main import get_command
from typer.testing import CliRunner

from zoo.cli.main import app

TOLERANCE = 0.03
"""Of numbers with a decimal point: the last digits of a sum depend on the processor,
and training amplifies them."""

FENCE = re.compile(r"^```(\S*) ?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Block(NamedTuple):
    """A fenced block: its language, its options, its text and where it starts."""

    language: str
    options: str
    text: str
    where: str


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    lines = {
        match: text.count("\n", 0, match.start()) + 2 for match in FENCE.finditer(text)
    }
    return [
        Block(*match.groups(), f"{page.relative_to(ROOT)}, line {line}")
        for match, line in lines.items()
        if not match[1].startswith("{")
    ]


def commands(text: str) -> list[list[str]]:
    """The command lines of a block, with file patterns expanded as a shell does."""
    lines = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        expanded = [
            sorted(map(str, Path().glob(word))) or [word] if "*" in word else [word]
            for word in words
        ]
        if words:
            lines.append([word for group in expanded for word in group])
    return lines


def parse(words: list[str]) -> None:
    """Check a command line without running it."""
    assert words[0] == "zoo-cli", words
    command, rest = get_command(app), words[1:]
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    command.make_context(words[0], rest)


def is_valid(text: str) -> bool:
    """Whether every command line can be parsed."""
    try:
        for words in commands(text):
            parse(words)
    except KeyError:
        return False
    except Exception as error:  # typer's, which has another name in each release
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


def run_python(block: Block, namespace: dict) -> str:
    # With as many empty lines before it, a traceback names the line of the page.
    line = int(block.where.rpartition(" ")[2])
    code = compile("\n" * (line - 1) + block.text, block.where, "exec")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, namespace)
    return out.getvalue()


def run_blocks(page: Iterable[Block]) -> None:
    """Run blocks in the current folder, those of Python in one namespace."""
    namespace: dict = {}
    printed = ""
    for block in page:
        if block.language == "bash":
            options = set(block.options.split())
            assert options <= {"install", "parsed", "new"}, block.where
            if "install" in options or ("new" in options and not is_valid(block.text)):
                continue
            if "parsed" in options:
                for words in commands(block.text):
                    parse(words)
            else:
                printed = run_shell(block.text)
        elif block.language == "python" and (
            block.options == "kafka" or block.options.startswith("engine ")
        ):
            continue
        elif block.language == "python":
            assert not block.options, block.where
            printed = run_python(block, namespace)
        else:
            kind, _, tolerance = block.options.partition(" ")
            assert (block.language, kind) == ("text", "output"), block.where
            compare(block.text, printed, float(tolerance or TOLERANCE), block.where)


def compare(expected: str, printed: str, tolerance: float, where: str) -> None:
    """Words must be equal, and numbers with a decimal point within the tolerance."""
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
    match = re.fullmatch("".join(pieces), printed.strip())
    assert match, f"{where} shows\n{expected}\nbut the block prints\n{printed}"
    numbers = [number for number in NUMBER.findall(expected) if "." in number]
    for shown, now in zip(numbers, match.groups(), strict=True):
        assert abs(float(shown) - float(now)) <= tolerance, (
            f"{where} shows {shown}, but the block prints {now}:\n{printed}"
        )


@contextlib.contextmanager
def at(folder: Path, data_sets: Path | None = None) -> Iterator[None]:
    """Work in a folder as a user does, to whom a warning is no error.

    Args:
        folder: the current folder.
        data_sets: where tfds keeps its data sets; by default below the folder.
    """
    with (
        contextlib.chdir(folder),
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        patch.setenv("TFDS_DATA_DIR", str(data_sets or folder / "tfds"))
        patch.setenv("COLUMNS", "80")
        patch.setenv("MPLBACKEND", "Agg")
        warnings.simplefilter("ignore", UserWarning)
        yield
