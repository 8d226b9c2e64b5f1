"""Import Keras without the notices that TensorFlow writes past Python."""

import logging
import os
import sys


def import_keras() -> None:
    """Import Keras and its backend, with standard error closed while they load.

    TensorFlow's compiled code says there, whatever its log level, that no GPU was
    found; that would stand between a user and the one line of an error.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # oneDNN speaks up later, at the first sum; without it nothing measurable is slower.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # Batches of a new length are traced anew, on purpose.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import keras

        # GPUs are looked for at the first sum; what is amiss with them is said there.
        keras.ops.add(1.0, 1.0)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
