"""The wheel has one top-level package, is complete and shadows nothing."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from zoo.hub.pins import bundled_ids
from zoo.model_folder.folder import open_folder, refuse_unnamed

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
        "datasets/survey_files/known/atlas.toml",
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
        "kernel/kernel.c",
        "kernel/processor.c",
    ],
)
def test_wheel_holds(wheel, name):
    assert (wheel / "zoo" / name).is_file()


@pytest.mark.parametrize("model_id", bundled_ids())
def test_wheel_holds_every_file_of_the_models(wheel, model_id):
    """Also those in a hidden folder."""
    folder = open_folder(wheel / "zoo" / "bundled" / model_id)
    assert not folder.card_is_edited
    refuse_unnamed(folder.manifest)


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
    assert words[:5] == ["load_dataset", "anysims", "bts", "lsstsims", "ztfsims"]
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


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """What `python -m build` sends to PyPI, unpacked: the sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Python 3.11.0 to 3.11.3 know no filter.
    safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    shutil.unpack_archive(next(folder.glob("*.tar.gz")), folder, **safely)
    return next(path for path in folder.iterdir() if path.is_dir())


def built(source: Path, folder: Path, **environment: str) -> tuple[Path, str]:
    """The wheel of an sdist and what its building says."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(
        command,
        cwd=source,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel, done.stdout + done.stderr


def of_kernel(wheel: Path) -> set[str]:
    """The files of a wheel that the compiler made or needs."""
    names = {Path(name) for name in zipfile.ZipFile(wheel).namelist()}
    return {x.name for x in names if x.parts[:2] == ("zoo", "kernel")} - {"__init__.py"}


SOURCES = {
    "kernel.c",
    "processor.c",
    "layers.py",
    "library.py",
    "network.py",
    "steps.py",
}


def test_the_sdist_holds_sources_and_nothing_compiled(source):
    names = {path.name for path in (source / "zoo" / "kernel").iterdir()}
    assert names - {"__init__.py"} == SOURCES
    assert (source / "hatch_build.py").is_file()


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_a_wheel_with_compiled_code_is_of_one_platform_and_every_python(
    source, tmp_path
):
    wheel, said = built(source, tmp_path, ZOO_KERNEL="1")
    assert "-py3-none-" in wheel.name and not wheel.name.endswith("-any.whl")
    assert of_kernel(wheel) == SOURCES | {"kernel.so", "kernel.sha256"}
    assert "was not compiled" not in said
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    metadata = next(site.glob("*.dist-info")) / "WHEEL"
    assert "Root-Is-Purelib: false" in metadata.read_text()
    code = "from zoo.kernel.library import kernel, why_not; print(why_not() or 'runs')"
    assert run(site, code, tmp_path) == "runs"


@pytest.mark.parametrize(
    "environment", [{"CC": "nocc"}, {"CC": "false"}, {"ZOO_KERNEL": "0"}], ids=str
)
def test_a_wheel_without_compiled_code_is_pure_and_says_why(
    source, tmp_path, environment
):
    (source / "zoo" / "kernel" / "kernel.so").write_bytes(b"of an earlier build")
    wheel, said = built(source, tmp_path, **environment)
    assert wheel.name.endswith("-py3-none-any.whl")
    assert of_kernel(wheel) == SOURCES
    assert not (source / "zoo" / "kernel" / "kernel.so").exists()
    said = " ".join(said.split())
    assert "kernel.c was not compiled" in said
    assert next(iter(environment.values())) in said
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    code = "from zoo.kernel.library import kernel, why_not; print(kernel(), why_not())"
    assert run(site, code, tmp_path).startswith("None kernel.c was not compiled")


def test_the_tag_of_a_python_for_two_machines_names_this_one(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    import hatch_build

    monkeypatch.setattr(hatch_build.platform, "machine", lambda: "arm64")
    tag = hatch_build.platform_tag
    assert tag("macosx-11.0-universal2") == "macosx_11_0_arm64"
    assert tag("macosx-14.2-arm64") == "macosx_14_2_arm64"
    assert tag("linux-x86_64") == "linux_x86_64"
