"""Every example of a docstring and every command of the README runs."""

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = (
    *("zoo", "datasets", "datasets/simulator", "datasets/readers"),
    *(
        "datasets/compare",
        "zoo/study",
        "zoo/card",
        "zoo/explore",
        "zoo/hub",
        "zoo/publish",
        "zoo/upstream",
    ),
)


def _name(path: Path) -> str:
    """`zoo.hub.fetch` of `zoo/hub/__init__.py`, `zoo.datasets.configs` of its file."""
    parts = path.with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts if parts[0] == "zoo" else ("zoo", *parts))


MODULES = sorted(
    _name(path.relative_to(ROOT))
    for folder in FOLDERS
    for path in (ROOT / folder).glob("*.py")
    if ">>> " in path.read_text()
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    module = importlib.import_module(name)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testmod(
        module, extraglobs=_common(), optionflags=options, verbose=False
    )
    assert result.attempted and not result.failed


def _common() -> dict:
    import numpy as np
    import pandas as pd

    return {"np": np, "pd": pd}


def blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_python_of_the_readme_runs(tmp_path):
    from models import labelled

    from zoo.light_curves.folder import write_folder

    write_folder(labelled(), tmp_path / "my_table")
    # The script that does without zoo has a test of its own, test_without_zoo.py.
    program = "\n".join(b for b in blocks("python") if "import zoo" in b)
    assert "zoo.load" in program
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_commands_of_the_readme_exist():
    from typer.testing import CliRunner

    from zoo.cli.main import app

    lines = [line for block in blocks("bash") for line in block.splitlines()]
    commands = {line.split()[1] for line in lines if line.startswith("zoo-cli ")}
    assert {"quickstart", "evaluate", "transfer", "classify"} <= commands
    for name in commands:
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0
