"""Import Keras without the notices that TensorFlow writes to standard error."""

import logging
import os
import sys


def import_keras() -> None:
    """Import Keras and its backend, with standard error closed while they load.

    TensorFlow's compiled code reports there, at any log level, that no GPU was found,
    which would distract from the one line of an error.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # oneDNN writes its notice later, at the first operation. Without oneDNN nothing is
    # measurably slower.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # Each new batch shape is traced again, on purpose.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr.flush()
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        from zoo.classifier.installed import keras

        # TensorFlow looks for GPUs, and complains about them, at the first operation.
        keras.ops.add(1.0, 1.0)
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
