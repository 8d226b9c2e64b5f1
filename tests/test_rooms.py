"""The plan of the house: a room imports only rooms above it, and no file in a circle.

Every import counts: those inside functions and below `TYPE_CHECKING` as well.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = (
    *("zoo.passbands", "zoo.labels", "zoo.taxonomy", "zoo.recipe"),
    *("zoo.system", "zoo.light_curves", "zoo.figures", "zoo.inputs"),
    *("zoo.model_folder", "zoo.hub", "zoo.inference", "zoo.evaluation"),
    *("zoo.stream", "zoo.beam", "zoo.card", "zoo.explore", "zoo.classifier"),
    *("zoo.training", "zoo.publish", "zoo.export", "zoo.upstream", "zoo.study"),
    *("zoo.doctor", "zoo"),
    *("zoo.datasets.readers.files", "zoo.datasets.readers.surveys"),
    *("zoo.datasets.readers.brokers", "zoo.datasets.readers"),
    *("zoo.datasets.simulator.surveys", "zoo.datasets.simulator.populations"),
    *("zoo.datasets.simulator.cadence", "zoo.datasets.simulator.transients"),
    *("zoo.datasets.simulator", "zoo.datasets.compare.quantities"),
    "zoo.datasets.compare.light_curves",
    *("zoo.datasets.compare", "zoo.datasets"),
    *("zoo.cli.shell", "zoo.cli.data", "zoo.cli.hub", "zoo.cli.predict"),
    *("zoo.cli.learn", "zoo.cli"),
)
"""In order: a file may import from its own room and from those before it."""

MOST_FILES = 12
"""Files of a room besides `__init__`; above that it is two rooms."""


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts if parts[0] == "zoo" else ("zoo", *parts))


def sources() -> dict[str, Path]:
    """Every file of the package, by its module's name."""
    links = (ROOT / "zoo" / "datasets", ROOT / "zoo" / "cli")
    found = [
        path
        for folder in ("zoo", "datasets", "cli")
        for path in (ROOT / folder).rglob("*.py")
        if not any(path.is_relative_to(link) for link in links)
    ]
    return {name_of(path): path for path in found}


SOURCES = sources()


def imported(name: str) -> set[str]:
    """Modules of ours that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(SOURCES[name].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in SOURCES}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                module = inner if inner in SOURCES else node.module
                found |= {module} & SOURCES.keys()
    return found - {name}


def room_of(module: str) -> str:
    """The innermost room that a module stands in."""
    return max(
        (room for room in ROOMS if module == room or module.startswith(f"{room}.")),
        key=len,
    )


IMPORTS = {name: imported(name) for name in SOURCES}


@pytest.mark.parametrize("module", SOURCES)
def test_a_file_imports_only_from_rooms_above_its_own(module):
    place = ROOMS.index(room_of(module))
    below = {m for m in IMPORTS[module] if ROOMS.index(room_of(m)) > place}
    assert not below, f"{module} imports {sorted(below)}, which stand below it"


def test_no_file_stands_in_a_circle_of_imports():
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
