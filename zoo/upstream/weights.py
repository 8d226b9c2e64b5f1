"""The weights that the authors of arXiv 2502.18558 published, as a model of ours.

Their Keras 2 files come from somewhere else, so nothing in them is executed: the
architecture is compared, as text, with the one we build ourselves, and the weights are
read as arrays that must lie in the file itself (CVE-2026-1669 was about HDF5 files that
point elsewhere). Keras is imported only when the model is built.
"""

import hashlib
import io
import warnings
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from zoo.inputs.parameters import Preprocessing
from zoo.model_folder.preset import Preset
from zoo.passbands import PASSBANDS
from zoo.taxonomy import ZTFSIMS
from zoo.upstream.hdf5 import DAMAGED, LARGEST, check_heaps, read_array
from zoo.upstream.layout import (
    METADATA,
    OUTPUTS,
    compare,
    described_layers,
    expected_layers,
)

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

_SWAPPED = {"ztfg": 0.6223, "ztfr": 0.4827}
WAVELENGTHS = {
    passband.name: round(sum(_SWAPPED.values()) - passband.wavelength, 4)
    for passband in PASSBANDS.values()
} | _SWAPPED
"""Wavelengths, um, to feed the networks: the authors' preprocessing swapped those of g
and r, so they learned that bluer is larger. The passbands they never saw are mirrored
likewise, which keeps the order of colours: on 1,825 LSST-like light curves of MALLORN
the macro AUROC is 0.651 with that, and 0.535 with only g and r swapped."""

_CORRECTIONS = (
    "outputs moved from alphabetical order, which is what the weights give, to that of "
    "ztfsims",
    "g is fed as 0.6223 um and r as 0.4827 um, swapped as in training, and the other "
    "passbands mirrored likewise",
)


class Upstream(NamedTuple):
    """What one of the authors' files holds.

    Attributes:
        tensors: float32 arrays by the names of ours, `layer/variable`, the outputs in
            the order of `OUTPUTS`.
        sha256: of the file, in hexadecimal.
    """

    tensors: dict[str, np.ndarray]
    sha256: str


def read_upstream(path: str | PathLike[str]) -> Upstream:
    """Read one of the authors' files as text and arrays.

    Args:
        path: `NoHostClassifier.h5` or `HostClassifier.h5`.

    Returns:
        Its weights, for `build_upstream`.

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
                f"{layer.ours}/{_variable(where)}": read_array(root, where, shape)
                for layer in layers
                for where, shape in layer.weights.items()
            }
    except DAMAGED as error:
        message = f"it cannot be read as HDF5 ({error})"
    except ValueError as error:
        message = str(error)
    else:
        digest = hashlib.sha256(content).hexdigest()
        if digest not in PUBLISHED.values():
            warnings.warn(
                f"{file} is not one of the files of {SOURCE}: that its classes, "
                "passbands and licence are those of the published ones is assumed.",
                stacklevel=2,
            )
        return Upstream(tensors, digest)
    raise ValueError(
        f"{file}: {message}. Give {' or '.join(PUBLISHED)} of {SOURCE}, unchanged."
    )


def _variable(where: str) -> str:
    """`kernel` of `model_weights/dense/dense/kernel:0`."""
    return where.rpartition("/")[2].removesuffix(":0")


def build_upstream(upstream: Upstream) -> Any:
    """Build the model of one of the authors' files.

    The head's columns are put into the order of `zoo.taxonomy.ZTFSIMS`, and the preset
    gives the passbands the wavelengths that the network learned, so that ordinary
    tables get right answers. On 1,933 real ZTF light curves in the taxonomy `bts` the
    macro AUROC of `NoHostClassifier.h5` is 0.848; with the right wavelengths of g and r
    it would be 0.451, with the class names in the order of `Detect.classes` 0.221.

    Times are days of the observer, as everywhere here. The authors' notebook divides
    them by 1 + z, which needs every redshift and gives 0.860.

    The metadata branch of `HostClassifier.h5` takes redshift and E(B-V) (mag) as they
    are. It never saw an unknown one and has no flag for it: such a redshift becomes
    0.1, such an E(B-V) 0.036 mag (`Preprocessing.metadata_fill`). Its macro AUROC there
    is 0.861 with them and 0.724 with all of them hidden: use the other model where
    redshifts are not known.

    Args:
        upstream: what `read_upstream` returned.

    Returns:
        A `TransientClassifier`, `upstream-gru` or `upstream-host-gru`; not compiled.

    Example:
        >>> OUTPUTS[0], OUTPUTS[5]
        ('AGN', 'SNIa')
        >>> build_upstream(read_upstream("NoHostClassifier.h5"))  # doctest: +SKIP
    """
    from zoo.classifier.classifier import TransientClassifier
    from zoo.model_folder.tensors import named_tensors

    metadata = "metadata_dense/kernel" in upstream.tensors
    preset = Preset(
        "upstream-host-gru" if metadata else "upstream-gru",
        ZTFSIMS,
        survey="ztfsims",
        preprocessing=Preprocessing(
            features="paper",
            passbands=tuple(_SWAPPED),
            wavelengths=WAVELENGTHS,
            metadata=METADATA if metadata else (),
        ),
        training={
            "data": "the authors' ZTF simulations (SNANA, ZTFSims of arXiv 2502.18558)",
            "source": SOURCE,
            "sha256": upstream.sha256,
            "copyright": "Copyright (c) 2025 Rithwik-G",
            "corrections": list(_CORRECTIONS),
        },
        license="MIT",
    )
    model = TransientClassifier(preset)
    order = [OUTPUTS.index(label) for label in ZTFSIMS]
    for name, variable in named_tensors(model).items():
        values = upstream.tensors[name]
        variable.assign(values[..., order] if name.startswith("head/") else values)
    return model
