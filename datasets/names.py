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
