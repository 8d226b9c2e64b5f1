"""The round trip once more through Xet, the hub's newer way of storing files.

pytest -m xet
"""

import os
import subprocess
import sys

import pytest
from minihub import Hub, serve
from models import labelled, small_model

import zoo

ROUND_TRIP = """
import sys
import zoo
from zoo.hub.find import find
from zoo.classifier.load import check_golden, read_model
folder, copy = sys.argv[1:]
zoo.push(folder, "astro/toy-gru", version="1.0.0")
assert "astro/toy-gru" in zoo.models(author="astro").index
found = find("astro/toy-gru@v1.0.0")
print(check_golden(read_model(found.folder, found.name), found.folder))
zoo.pull("astro/toy-gru", copy)
zoo.push(folder, "astro/toy-gru", version="1.1.0", pr=True)
"""


@pytest.mark.xet
def test_round_trip_through_xet(tmp_path):
    pytest.importorskip("hf_xet")
    hub = Hub({"hf_astro": ("astro",)}, xet=True)
    server, url = serve(hub)
    model = small_model()
    folder = zoo.save(model, tmp_path / "m", metrics=zoo.evaluate(model, labelled()))
    environment = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(tmp_path / "home")}
    del environment["HF_HUB_DISABLE_XET"]
    try:
        done = subprocess.run(
            [sys.executable, "-c", ROUND_TRIP, str(folder), str(tmp_path / "copy")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.stdout == "0.0\n", done.stderr
        assert any(path.startswith("/cas/v1/xorbs/") for _, path in hub.log)
        assert not any(path.startswith("/lfs/") for _, path in hub.log)
        sent = zoo.pull(folder, tmp_path / "sent")
        weights = "model.safetensors"
        arrived = (tmp_path / "copy" / weights).read_bytes()
        assert arrived == (sent / weights).read_bytes()
        assert hub.unhandled == []
    finally:
        server.shutdown()
        server.server_close()
