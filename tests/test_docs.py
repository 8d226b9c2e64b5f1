"""Examples of docstrings run, and every name in prose exists."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest
from source_files import ROOT, SOURCES

EXTRAS = {"zoo.beam": "apache_beam"}
"""Rooms whose examples need more than the package installs, and the module needed."""

# An example that needs the hub or the authors' files is marked with +SKIP.
EXAMPLE = re.compile(r"^ *>>> (?!.*# doctest: \+SKIP)", re.MULTILINE)
EXAMPLES = {
    name: count
    for name, path in SOURCES.items()
    if (count := len(EXAMPLE.findall(path.read_text())))
}
PROSE = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "docs/**/*.py", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"  # which names what there was
)
SCRIPTS = sorted(
    path for folder in ("benchmarks", "docs") for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of(name, tmp_path, monkeypatch):
    for room, needed in EXTRAS.items():
        if name.startswith(room):
            pytest.importorskip(needed, reason=f"{needed} is not installed")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    module = importlib.import_module(name)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testmod(
        module, extraglobs=_common(), optionflags=options, verbose=False
    )
    assert not result.failed
    assert result.attempted == EXAMPLES[name], "doctest does not see every example"


def _common() -> dict:
    import numpy as np
    import pandas as pd

    return {"np": np, "pd": pd}


def _resolve(name: str) -> object:
    """The object of a dotted name: the longest module in it, then attributes."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            value = getattr(value, part)
        return value
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.name)
def test_every_dotted_name_in_prose_resolves(path):
    names = set(re.findall(r"\bzoo(?:\.[A-Za-z_]\w*)+", path.read_text()))
    for name in sorted(names - {"zoo.json"}):
        room = next((room for room in EXTRAS if name.startswith(room)), None)
        if room is None:
            _resolve(name)
        else:
            assert room in SOURCES


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_import_of_a_script_resolves(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "")[:3] == "zoo":
            for alias in node.names:
                _resolve(f"{node.module}.{alias.name}")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "STYLE.md"])
def test_every_path_in_prose_exists(name):
    words = re.findall(r"[`(]([\w./-]+/[\w./-]*)[`)]", (ROOT / name).read_text())
    tops = {path.name for path in ROOT.iterdir()}
    paths = [word for word in words if Path(word).parts[0] in tops]
    assert not [path for path in paths if not (ROOT / path).exists()]
