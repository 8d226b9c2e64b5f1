"""Training on several devices, two virtual ones here; run with `-m backends`."""

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

def trained(data):
    model = small_model(seed=0)
    return zoo.fit(model, data, epochs=2, seed=1, progress=False), model

even, odd = labelled(8), labelled(8).take(np.arange(61))
one_report, one = trained(even)
distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
keras.distribution.set_distribution(distribution)
assert len(distribution.device_mesh.devices.flat) == 2
report, two = trained(even)
kernel = two.get_layer("gru_1").cell.kernel.value
assert len(kernel.sharding.device_set) == 2
np.testing.assert_allclose(report.loss, one_report.loss, rtol=1e-5)
for name, value in weights(one).items():
    np.testing.assert_allclose(weights(two)[name], value, atol=1e-5)
# Numbers that two devices cannot share: 55 to train, 6 held out; and 7 and 1.
assert np.isfinite(trained(odd)[0].loss).all()
report = zoo.fit(small_model(), odd, odd.take(np.arange(7)), epochs=1, progress=False)
assert np.isfinite(report.validation_loss).all()
assert two.classify(labelled(1)).notna().all(axis=None)
"""


@pytest.mark.backends
def test_fit_on_two_devices_is_fit_on_one():
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed")
    flags = "--xla_force_host_platform_device_count=2"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": flags},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
