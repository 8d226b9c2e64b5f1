"""Names of the surveys, known without importing their builders."""

from pathlib import Path

BUILDER_SUFFIX = "_dataset_builder"

SURVEYS = tuple(
    sorted(
        path.parent.name
        for path in Path(__file__).parent.glob(f"*/*{BUILDER_SUFFIX}.py")
    )
)
"""A survey is a folder beside this file that holds a builder."""

SURVEY_FILES = tuple(
    sorted(
        path.stem
        for path in (Path(__file__).parent / "survey_files" / "known").glob("*.toml")
    )
)
"""The survey files that come with the package, see `zoo.datasets.survey_files`."""
