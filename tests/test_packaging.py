"""The wheel has one top-level package, is complete and shadows nothing."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout, unpacked next to a dummy package `datasets`."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    site = folder / "site"
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(site)
    (site / "datasets").mkdir()
    (site / "datasets" / "__init__.py").write_text("def load_dataset(): ...\n")
    return site


def run(wheel: Path, code: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={"PYTHONPATH": str(wheel), "PATH": "", "HOME": str(cwd)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_only_zoo_is_installed_at_top_level(wheel):
    names = {path.name for path in wheel.iterdir()} - {"datasets"}
    assert {n for n in names if not n.endswith(".dist-info")} == {"zoo"}


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "requirements-inference.txt",
        "bundled/ztfsims-gru/model.safetensors",
        "cli/main.py",
        "datasets/registry.py",
        "datasets/ztfsims/README.md",
        "datasets/bts/CITATIONS.bib",
        "datasets/simulator/populations.toml",
        "datasets/simulator/surveys.toml",
        "datasets/simulator/transients/snia_template.npz",
        "model_cards/template.md",
        "labels.toml",
        "passbands/catalogue.json",
        "study/report.md",
        "explore/page.html",
        "explore/page.css",
        "explore/page.js",
        "explore/panels.js",
        "explore/figures.js",
    ],
)
def test_wheel_holds(wheel, name):
    assert (wheel / "zoo" / name).is_file()


def test_wheel_declares_a_dependency_that_tfds_does_not_declare(wheel):
    metadata = next(wheel.glob("*.dist-info")) / "METADATA"
    assert "Requires-Dist: importlib-resources" in metadata.read_text()


def test_wheel_holds_no_file_of_a_megabyte(wheel):
    sizes = {p: p.stat().st_size for p in wheel.rglob("*") if p.is_file()}
    assert max(sizes.values()) < 1_000_000


def test_installed_package_works_and_leaves_datasets_alone(wheel, tmp_path):
    code = (
        "import datasets, zoo, zoo.datasets.registry as r; "
        "print(datasets.load_dataset.__name__, *r.surveys(), *zoo.models().index, "
        "zoo.__file__)"
    )
    words = run(wheel, code, tmp_path).split()
    assert words[:4] == ["load_dataset", "bts", "lsstsims", "ztfsims"]
    assert "ztfsims-gru" in words
    assert words[-1].startswith(str(wheel))


def test_another_datasets_stays_importable_in_the_checkout(wheel):
    code = (
        "import zoo.datasets.registry, datasets; print(datasets.load_dataset.__name__)"
    )
    assert run(wheel, code, ROOT) == "load_dataset"


def test_another_datasets_stays_importable_under_pytest(wheel, tmp_path):
    test = tmp_path / "test_shadow.py"
    test.write_text(
        "import zoo.datasets.registry, zoo.cli.main\n"
        "def test_it():\n"
        "    import datasets\n"
        "    assert datasets.load_dataset.__module__ == 'datasets'\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", test],
        cwd=ROOT,
        env={"PYTHONPATH": str(wheel), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
