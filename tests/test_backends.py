"""The core on JAX and Torch, each in a child process; run with `-m backends`."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PROGRAM = """
import sys
sys.path.insert(0, "tests")
import keras, numpy as np, zoo
from models import labelled, small_model, weights
from zoo.classifier.load import check_golden
from zoo.hub.pins import BUNDLED
from zoo.model_folder.folder import open_folder

assert keras.backend.backend() == sys.argv[1]
model = zoo.load("ztfsims-gru")
print(check_golden(model, open_folder(BUNDLED / "ztfsims-gru")))
base = small_model()
new = base.transfer("bts")
before = weights(new)
report = zoo.fit(new, labelled(), epochs=2, progress=False)
moved = {n.partition("/")[0] for n, w in weights(new).items() if (w != before[n]).any()}
assert moved == {layer.name for layer in new.layers if layer.weights}, moved
assert np.isfinite(report.loss).all()
assert new.classify(labelled(1)).notna().all(axis=None)
folder = zoo.save(new, sys.argv[2])
assert check_golden(zoo.load(folder), open_folder(folder)) < 1e-5
"""


@pytest.mark.backends
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_core_works_on(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, backend, tmp_path / "model"],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
