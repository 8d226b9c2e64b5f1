"""Import Keras for a command, in whose process the logs of TensorFlow are ours."""

import logging
import os


def import_keras() -> None:
    """Import Keras and its backend, and let TensorFlow report errors alone from now on.

    A notice would distract from the one line of an error.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Without oneDNN nothing is measurably slower, and sums do not depend on it.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # Each new batch shape is traced again, on purpose.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    from zoo.classifier.installed import start_backend

    start_backend()
