"""The card's script loads a published model where zoo is not installed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import blocks

import zoo
from zoo.hub.pins import BUNDLED
from zoo.model_folder.manifest import read_manifest

MODEL = "ztfsims-gru"
SCRIPTS = [
    block.text
    for block in blocks(BUNDLED / MODEL / "README.md")
    if block.language == "python" and "import keras" in block.text
]


@pytest.fixture(scope="module")
def without_zoo(tmp_path_factory) -> dict[str, str]:
    """An environment with all that is installed here but zoo."""
    site = tmp_path_factory.mktemp("site")
    keras = importlib.util.find_spec("keras")
    for path in Path(keras.origin).parents[1].iterdir():
        if not path.name.startswith(("zoo", "transient_zoo")) and path.suffix != ".pth":
            (site / path.name).symlink_to(path)
    return {**os.environ, "PYTHONPATH": str(site)}


def run(code: str, environment: dict[str, str], cwd: Path):
    # -S leaves out the folder of installed packages, where zoo may be.
    return subprocess.run(
        [sys.executable, "-S", "-c", code],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
    )


def test_the_script_of_the_card(hub, without_zoo, tmp_path):
    (text,) = SCRIPTS
    version = read_manifest(BUNDLED / MODEL).preset.version
    zoo.push(BUNDLED / MODEL, f"transient-zoo/{MODEL}", version=version)
    assert "No module named" in run("import zoo", without_zoo, tmp_path).stderr
    done = run(text, without_zoo, tmp_path)
    assert done.returncode == 0, done.stderr
