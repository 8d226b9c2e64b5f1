"""Fixtures of the whole test suite."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real survey samples; tests that need it are skipped without it."""
    folder = os.environ.get("ZOO_TEST_DATA")
    if not folder:
        pytest.skip("ZOO_TEST_DATA does not name the folder of real survey samples")
    if not Path(folder).is_dir():
        pytest.fail(f"ZOO_TEST_DATA is {folder!r}, which is not a folder")
    return Path(folder)
