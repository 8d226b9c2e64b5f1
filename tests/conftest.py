"""Fixtures of the test suite, and the local hub that it uses.

The hub's client reads its environment on import, so the local server must be running,
and named there, before any test module is imported.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from minihub import Hub, serve

TOKEN = "hf_astro"
_HUB = Hub({TOKEN: ("astro", "transient-zoo"), "hf_other": ("other",)}, xet=False)
_SERVER, URL = serve(_HUB)
_HOME = Path(tempfile.mkdtemp(prefix="zoo-test-hub-"))
os.environ |= {
    "HF_ENDPOINT": URL,
    "HF_HOME": str(_HOME),
    "HF_TOKEN": TOKEN,
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "NO_PROXY": "127.0.0.1",
}
for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_XET_CACHE", "ZOO_HUB_NAMESPACE"):
    os.environ.pop(name, None)


def pytest_unconfigure() -> None:
    """Stop the hub and remove the client's cache."""
    _SERVER.shutdown()
    _SERVER.server_close()
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture
def hub(monkeypatch) -> Hub:
    """The local hub, empty. The client has no cache and retries without waiting."""
    clock = SimpleNamespace(sleep=lambda seconds: None, time=time.time)
    monkeypatch.setattr("huggingface_hub.utils._http.time", clock)
    _HUB.clear()
    for cache in ("hub", "zoo"):
        shutil.rmtree(_HOME / cache, ignore_errors=True)
    return _HUB


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real survey samples; tests that use it are skipped without it."""
    folder = os.environ.get("ZOO_TEST_DATA")
    if not folder:
        pytest.skip("ZOO_TEST_DATA does not name the folder of real survey samples")
    if not Path(folder).is_dir():
        pytest.fail(f"ZOO_TEST_DATA is {folder!r}, which is not a folder")
    return Path(folder)


@pytest.fixture(scope="session")
def saved(tmp_path_factory) -> Path:
    """A model folder that can be published. Tests must not change it."""
    from models import labelled, small_model

    import zoo

    model = small_model()
    metrics = zoo.evaluate(model, labelled(), name="toy light curves")
    return zoo.save(model, tmp_path_factory.mktemp("saved") / "toy", metrics=metrics)
