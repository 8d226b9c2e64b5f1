"""The weights that the authors of arXiv 2502.18558 published, as named arrays.

Their Keras 2 files come from somewhere else, so nothing in them is executed: the
architecture is compared, as text, with the one we build ourselves, and the weights are
read as arrays that must lie in the file itself (CVE-2026-1669 was about HDF5 files that
point elsewhere).
"""

import hashlib
import io
import warnings
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from zoo.upstream.hdf5 import DAMAGED, LARGEST, check_heaps, read_array
from zoo.upstream.layout import compare, described_layers, expected_layers

SOURCE = "Rithwik-G/astromcad2.0 @cb8ef40935d7"
PUBLISHED = {
    "NoHostClassifier.h5": (
        "b88ee390393d98804487bebc7b3fea16948dec0676b1ae1ad770f0121e43f841"
    ),
    "HostClassifier.h5": (
        "a26948c180187f34bdc1380d39a9d310532f30937a80dbe3169bb339f4da5087"
    ),
}
"""The files of `SOURCE` that can be imported, with their sha256."""


class Upstream(NamedTuple):
    """What one of the authors' files holds.

    Attributes:
        tensors: float32 arrays by our names, `layer/variable`, the outputs in the order
            of `zoo.upstream.layout.OUTPUTS`.
        sha256: of the file, in hexadecimal.
    """

    tensors: dict[str, np.ndarray]
    sha256: str


def read_upstream(path: str | PathLike[str]) -> Upstream:
    """Read one of the authors' files as text and arrays.

    Args:
        path: `NoHostClassifier.h5` or `HostClassifier.h5`.

    Returns:
        Its weights, for `zoo.upstream.model.build_upstream`.

    Raises:
        ValueError: it is not HDF5 or is damaged; the architecture it describes is not
            that of arXiv 2502.18558; or a weight is missing, misshapen, not finite, or
            not stored in the file itself.

    Warns:
        UserWarning: it could be one of the published files, but is neither of them.

    Example:
        >>> read_upstream("HostClassifier.h5").sha256[:8]  # doctest: +SKIP
        'a26948c1'
    """
    file = Path(path)
    try:
        if not file.is_file():
            raise ValueError("it is not a file")
        if file.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST // 2**20} MiB")
        # One reading, so that what is imported is what was hashed.
        content = file.read_bytes()
        check_heaps(content)
        with h5py.File(io.BytesIO(content), "r") as root:
            described, outputs = described_layers(root)
            layers = expected_layers(metadata="host" in described)
            compare(described, outputs, layers)
            tensors = {
                name: read_array(root, place, shape)
                for layer in layers
                for name, place, shape in layer.weights
            }
    except DAMAGED as error:
        message = f"it cannot be read as HDF5 ({error})"
    except ValueError as error:
        message = str(error)
    else:
        digest = hashlib.sha256(content).hexdigest()
        if digest not in PUBLISHED.values():
            warnings.warn(
                f"{file} is not one of the files of {SOURCE}. Check that its classes, "
                "passbands and licence are theirs: this is assumed.",
                stacklevel=2,
            )
        return Upstream(tensors, digest)
    raise ValueError(
        f"{file}: {message}. Give {' or '.join(PUBLISHED)} of {SOURCE}, unchanged."
    )
