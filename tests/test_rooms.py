"""A room imports only from rooms above it, never in a circle, and importing is cheap.

Every import counts, including those inside functions and under `TYPE_CHECKING`.
"""

import ast
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest
from source_files import ROOT, SOURCES

ROOMS = (
    *("zoo.spelling", "zoo.condition", "zoo.passbands", "zoo.labels", "zoo.columns"),
    *("zoo.taxonomy", "zoo.recipe"),
    *("zoo.system", "zoo.kernel", "zoo.light_curves", "zoo.inputs"),
    *("zoo.model_folder", "zoo.hub", "zoo.inference", "zoo.evaluation"),
    *("zoo.figures", "zoo.plot", "zoo.explanation"),
    *("zoo.stream", "zoo.beam", "zoo.card", "zoo.explore", "zoo.classifier"),
    *(
        "zoo.training.labels",
        "zoo.training.epochs",
        "zoo.training",
        "zoo.adapt",
        "zoo.publish",
        "zoo.export",
        "zoo.upstream",
        "zoo.study",
    ),
    *("zoo.doctor", "zoo"),
    "zoo.datasets.names",
    *("zoo.datasets.readers.files", "zoo.datasets.readers.surveys"),
    *("zoo.datasets.readers.brokers", "zoo.datasets.readers"),
    *("zoo.datasets.survey_files", "zoo.datasets.simulator.transients.dust"),
    *("zoo.datasets.simulator.surveys", "zoo.datasets.simulator.populations"),
    *("zoo.datasets.simulator.cadence", "zoo.datasets.simulator.transients"),
    *("zoo.datasets.simulator", "zoo.datasets.measure_survey"),
    *("zoo.datasets.compare", "zoo.datasets"),
    *("zoo.cli.shell", "zoo.cli.data", "zoo.cli.hub", "zoo.cli.predict"),
    *("zoo.cli.learn", "zoo.cli"),
)
"""In order: a file may import from its own room and from the rooms before it."""

MOST_FILES = 12
"""Maximum number of files in a room, not counting `__init__`."""


def imported(name: str) -> set[str]:
    """The modules of this package that a file imports."""
    modules = set()
    for node in ast.walk(ast.parse(SOURCES[name].read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names if alias.name in SOURCES}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                module = inner if inner in SOURCES else node.module
                modules |= {module} & SOURCES.keys()
    return modules - {name}


def room_of(module: str) -> str:
    """The innermost room that holds a module."""
    return max(
        (room for room in ROOMS if module == room or module.startswith(f"{room}.")),
        key=len,
    )


IMPORTS = {name: imported(name) for name in SOURCES}


@pytest.mark.parametrize("module", SOURCES)
def test_a_file_imports_only_from_rooms_above_its_own(module):
    place = ROOMS.index(room_of(module))
    below = {m for m in IMPORTS[module] if ROOMS.index(room_of(m)) > place}
    assert not below, f"{module} imports from rooms below it: {sorted(below)}"


def test_no_files_import_each_other_in_a_circle():
    left = {name: set(wanted) for name, wanted in IMPORTS.items()}
    while ready := [name for name, wanted in left.items() if not wanted & left.keys()]:
        for name in ready:
            del left[name]
    assert not left, f"these import each other in a circle: {sorted(left)}"


def test_every_room_is_small_enough_to_know():
    files: dict[Path, int] = {}
    for path in SOURCES.values():
        if path.name != "__init__.py":
            files[path.parent] = files.get(path.parent, 0) + 1
    large = {
        str(folder): count for folder, count in files.items() if count > MOST_FILES
    }
    assert not large


def test_no_private_name_is_imported_from_another_file():
    for module, path in SOURCES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "")[:3] == "zoo":
                private = [a.name for a in node.names if a.name.startswith("_")]
                assert not private, f"{module} imports {private} from {node.module}"


def test_no_namespace_is_shadowed_by_an_init_file():
    assert not (ROOT / "datasets" / "__init__.py").exists()
    assert not (ROOT / "cli" / "__init__.py").exists()


HEAVY = {"keras", "tensorflow", "tensorflow_datasets", "apache_beam", "jax", "torch"}


def loaded(code: str) -> set[str]:
    """Top-level modules that a new process has loaded after running the code."""
    program = (
        f"import sys\n{code}\nprint(*{{m.partition('.')[0] for m in sys.modules}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


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
def test_importing_loads_neither_keras_nor_tensorflow(code):
    assert not loaded(code) & HEAVY


@pytest.mark.parametrize("code", ["import zoo; dir(zoo)", "import zoo; zoo.plot"])
def test_importing_loads_no_matplotlib(code):
    assert "matplotlib" not in loaded(code)


def test_importing_the_commands_is_light():
    assert not loaded("import zoo.cli.main") & {"pandas", "numpy", "matplotlib"}


def test_importing_the_registry_loads_neither_keras_nor_tensorflow():
    assert not loaded("import zoo.datasets.registry") & {"keras", "tensorflow"}


def test_public_names_resolve():
    code = "import zoo; [getattr(zoo, name) for name in zoo.__all__]"
    assert "keras" in loaded(code)


def test_static_checkers_see_the_names_that_resolve():
    import zoo

    module = ast.parse((ROOT / "zoo" / "__init__.py").read_text())
    block = next(node for node in module.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    # A module is in `zoo` itself.
    names = {name: getattr(zoo, name) for name in zoo.__all__}
    assert seen == {
        n: getattr(value, "__module__", "zoo") for n, value in names.items()
    }
    assert dir(zoo) == sorted([*zoo.__all__, "__version__"])


def test_the_version_is_that_of_the_package():
    import zoo

    assert zoo.__version__ == importlib.metadata.version("transient-zoo")


def test_unknown_public_name_is_an_attribute_error():
    import zoo

    with pytest.raises(AttributeError, match="module 'zoo' has no attribute 'lode'"):
        zoo.lode  # noqa: B018


def test_keras_is_imported_in_one_place():
    direct = {
        name
        for name, path in SOURCES.items()
        if re.search(r"^ *(import|from) keras\b", path.read_text(), re.MULTILINE)
    }
    assert direct == {"zoo.classifier.installed"}
