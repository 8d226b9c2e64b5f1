"""SavedModel: a folder for TensorFlow and servers of its models."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from zoo.export.check import Run
from zoo.export.document import Document
from zoo.model_folder.preset import Preset

_TEXT, _FACTS = "README.md", "inputs.json"
FILES = {_TEXT, _FACTS, "assets", "fingerprint.pb", "saved_model.pb", "variables"}
"""Names of the files and folders in it."""


def write(
    preset: Preset, tensors: Mapping[str, np.ndarray], document: Document, path: Path
) -> None:
    """Write the folder; the document becomes `README.md` and `inputs.json` in it."""
    import tensorflow as tf

    from zoo.export.tf_network import tf_network

    module = tf_network(preset, tensors)
    tf.saved_model.save(module, str(path), {"serving_default": module.serve})
    (path / _TEXT).write_text(document.text, encoding="utf-8")
    (path / _FACTS).write_text(document.to_json(), encoding="utf-8")


def reader(path: Path) -> Run:
    """Run the folder's signature `serving_default`."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    serve = loaded.signatures["serving_default"]

    def run(batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        inputs = {name: tf.constant(values) for name, values in batch.items()}
        return {name: value.numpy() for name, value in serve(**inputs).items()}

    run.loaded = loaded  # type: ignore[attr-defined]  # or it is deleted
    return run
