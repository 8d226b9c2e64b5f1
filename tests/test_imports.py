"""Dependencies point one way, and importing costs little."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {"zoo": ("zoo.datasets", "zoo.cli"), "datasets": ("zoo.cli",), "cli": ()}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_dependencies_point_from_cli_to_datasets_to_zoo(folder):
    files = sources(folder)
    assert len(files) > 3
    for path in files:
        wrong = {n for n in imported(path) if n.startswith(FORBIDDEN[folder])}
        assert FORBIDDEN[folder] == () or not wrong, f"{path} imports {wrong}"


def test_no_namespace_is_shadowed_by_an_init_file():
    assert not (ROOT / "datasets" / "__init__.py").exists()
    assert not (ROOT / "cli" / "__init__.py").exists()


def loaded(code: str) -> set[str]:
    program = (
        f"import sys\n{code}\nprint(*{{m.partition('.')[0] for m in sys.modules}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


HEAVY = {"keras", "tensorflow", "tensorflow_datasets", "apache_beam", "jax", "torch"}


@pytest.mark.parametrize(
    "code",
    [
        "import zoo",
        "import zoo; dir(zoo)",
        "import zoo.cli.main",
        "import zoo; zoo.models()",
        "import zoo.light_curves.table, zoo.inputs.preprocess",
        "import zoo.evaluation.evaluate, zoo.model_folder.golden",
        "import zoo.explore.page",
    ],
)
def test_imports_neither_keras_nor_tensorflow(code):
    assert not loaded(code) & HEAVY


def test_importing_the_commands_is_light():
    assert not loaded("import zoo.cli.main") & {"pandas", "numpy", "matplotlib"}


def test_registry_imports_neither_keras_nor_tensorflow():
    assert not loaded("import zoo.datasets.registry") & {"keras", "tensorflow"}


def test_public_names_resolve():
    code = "import zoo; [getattr(zoo, name) for name in zoo.__all__]"
    assert "keras" in loaded(code)


def test_unknown_public_name_is_an_attribute_error():
    import zoo

    with pytest.raises(AttributeError, match="module 'zoo' has no attribute 'lode'"):
        zoo.lode  # noqa: B018
