"""LiteRT (TensorFlow Lite): one file, of built-in operators only.

Its documentation is a zip archive behind the model, like TensorFlow Lite's own
metadata: `unzip model.tflite` extracts it, and the interpreter ignores it.
"""

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from zoo.export.check import Run
from zoo.export.document import Document
from zoo.model_folder.preset import Preset


def write(
    preset: Preset, tensors: Mapping[str, np.ndarray], document: Document, path: Path
) -> None:
    """Write the file; the document becomes `README.md` and `inputs.json` in it."""
    import tensorflow as tf

    from zoo.export.tf_network import tf_network

    module = tf_network(preset, tensors)
    concrete = module.serve.get_concrete_function()
    # By default only built-in operators are allowed: any other one fails here.
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    path.write_bytes(converter.convert())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", document.text)
        archive.writestr("inputs.json", document.to_json())


def reader(path: Path) -> Run:
    """Run the file in the interpreter of LiteRT or, without it, of TensorFlow."""
    run = _interpreter(path).get_signature_runner()
    return lambda batch: run(**batch)


def _interpreter(path: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        import tensorflow as tf

        with warnings.catch_warnings():  # TensorFlow points to ai_edge_litert
            warnings.simplefilter("ignore")
            return tf.lite.Interpreter(model_path=str(path))
    return Interpreter(model_path=str(path))
