"""The source files of the package, each by the name of its module."""

from pathlib import Path

ROOT = Path(__file__).parent.parent


def module_name(path: Path) -> str:
    """`zoo.hub.fetch` of `zoo/hub/fetch.py`, `zoo.datasets.splits` of its file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts if parts[0] == "zoo" else ("zoo", *parts))


def _sources() -> dict[str, Path]:
    links = (ROOT / "zoo" / "datasets", ROOT / "zoo" / "cli")
    return {
        module_name(path): path
        for folder in ("zoo", "datasets", "cli")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not any(path.is_relative_to(link) for link in links)
    }


SOURCES = _sources()
