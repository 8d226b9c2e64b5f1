"""The weights that the authors of arXiv 2502.18558 published, as a model of ours.

Their Keras 2 files come from somewhere else, so nothing in them is executed: the
architecture is compared, as text, with the one we build ourselves, and the weights are
read as arrays that must lie in the file itself (CVE-2026-1669 was about HDF5 files that
point elsewhere). Keras is imported only when the model is built.
"""

import hashlib
import io
import json
import re
import reprlib
import warnings
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from h5py.h5d import CONTIGUOUS
from h5py.h5l import TYPE_HARD

from zoo.features import WIDTH
from zoo.passbands import PASSBANDS
from zoo.preset import Architecture, Preprocessing, Preset
from zoo.taxonomy import ZTFSIMS

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

OUTPUTS = tuple(sorted(ZTFSIMS))
"""Classes in the order of the outputs: the authors' `OneHotEncoder` sorted the names,
while `Detect.classes` of their package lists the order of their input files. The counts
per class of their own test set fit the sorted order alone."""

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
# What h5py raises on damaged files: found by changing bytes of a file at random.
_DAMAGED = (OSError, RuntimeError, KeyError, TypeError, OverflowError, MemoryError)
_METADATA = ("redshift", "mwebv")
_LARGEST = 16 * 2**20  # bytes; ten times the published files
_MOST_HEAPS = 100  # the published files have one each
_STEPS = 656  # observations that the authors pad to


class Upstream(NamedTuple):
    """What one of the authors' files holds.

    Attributes:
        tensors: float32 arrays by the names of ours, `layer/variable`, the outputs in
            the order of `OUTPUTS`.
        sha256: of the file, in hexadecimal.
    """

    tensors: dict[str, np.ndarray]
    sha256: str


class _Layer(NamedTuple):
    """A layer as it must be in the file, with the shapes of its weights by path."""

    name: str
    ours: str
    facts: dict[str, Any]
    weights: Mapping[str, tuple[int, ...]]


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
        if file.stat().st_size > _LARGEST:
            raise ValueError(f"it is larger than {_LARGEST // 2**20} MiB")
        # One reading, so that what is imported is what was hashed.
        content = file.read_bytes()
        _check_heaps(content)
        with h5py.File(io.BytesIO(content), "r") as root:
            described, outputs = _described(root)
            layers = _layers(metadata="host" in described)
            _compare(described, outputs, layers)
            tensors = {
                f"{layer.ours}/{where.rpartition('/')[2].removesuffix(':0')}": _read(
                    root, where, shape
                )
                for layer in layers
                for where, shape in layer.weights.items()
            }
    except _DAMAGED as error:
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
    from zoo.classifier import TransientClassifier
    from zoo.network import named_tensors

    metadata = "metadata_dense/kernel" in upstream.tensors
    preset = Preset(
        "upstream-host-gru" if metadata else "upstream-gru",
        ZTFSIMS,
        survey="ztfsims",
        preprocessing=Preprocessing(
            features="paper",
            passbands=tuple(_SWAPPED),
            wavelengths=WAVELENGTHS,
            metadata=_METADATA if metadata else (),
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


def _layers(*, metadata: bool) -> list[_Layer]:
    """The layers that the file must have: those of arXiv 2502.18558, and of ours."""
    size = Architecture()
    gru_1, gru_2, dense = size.gru_1, size.gru_2, size.light_curve_dense
    layers = [
        _plain("lc", "InputLayer", batch_input_shape=[None, _STEPS, WIDTH["paper"]]),
        _plain("masking", "Masking", "lc", mask_value=0.0),
        _gru("gru", "masking", (WIDTH["paper"], gru_1), "gru_1", sequences=True),
        _gru("gru_1", "gru", (gru_1, gru_2), "gru_2", sequences=False),
        _dense("dense", "gru_1", (gru_2, dense), "tanh", "light_curve_dense"),
    ]
    below, merge, head = "dense", "dense_1", "dense_2"
    if metadata:
        host = (len(_METADATA), size.metadata_dense)
        layers += [
            _plain("host", "InputLayer", batch_input_shape=[None, host[0]]),
            _dense("dense_1", "host", host, "linear", "metadata_dense"),
            _plain("concatenate", "Concatenate", "dense", "dense_1", axis=-1),
        ]
        below, merge, head = "concatenate", "dense_2", "dense_3"
        dense += host[1]
    outputs = (size.latent, len(OUTPUTS))
    return [
        *layers,
        _dense(merge, below, (dense, size.merge_dense), "relu", "merge_dense"),
        _dense("latent", merge, (size.merge_dense, size.latent), "relu", "latent"),
        _dense(head, "latent", outputs, "softmax", "head"),
    ]


def _plain(name: str, kind: str, *inputs: str, **config: Any) -> _Layer:
    nodes = [[[below, 0, 0, {}] for below in inputs]] if inputs else []
    return _Layer(name, "", {"class_name": kind, "inbound_nodes": nodes, **config}, {})


def _dense(
    name: str, below: str, size: tuple[int, int], activation: str, ours: str
) -> _Layer:
    plain = _plain(
        name, "Dense", below, units=size[1], activation=activation, use_bias=True
    )
    place = f"model_weights/{name}/{name}"
    weights = {f"{place}/kernel:0": size, f"{place}/bias:0": size[1:]}
    return plain._replace(ours=ours, weights=weights)


def _gru(
    name: str, below: str, size: tuple[int, int], ours: str, *, sequences: bool
) -> _Layer:
    width, units = size
    plain = _plain(
        name,
        "GRU",
        below,
        units=units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        reset_after=True,  # two rows of biases, as in Keras 3
        go_backwards=False,
        return_sequences=sequences,
    )
    place = f"model_weights/{name}/{name}/{name.replace('gru', 'gru_cell')}"
    weights = {
        f"{place}/kernel:0": (width, 3 * units),
        f"{place}/recurrent_kernel:0": (units, 3 * units),
        f"{place}/bias:0": (2, 3 * units),
    }
    return plain._replace(ours=ours, weights=weights)


def _check_heaps(content: bytes) -> None:
    """Raise ValueError for a heap of texts on which HDF5 1.14 would not come to an end.

    Its objects (index, 2 bytes; 6 others; size, 8 bytes; the object, padded to 8 bytes)
    follow one another. Index 0 is the rest, and its size counts from its start.
    """
    heaps = [match.start() for match in re.finditer(b"GCOL", content)]
    if len(heaps) > _MOST_HEAPS:
        raise ValueError("it has more heaps of texts than a Keras file")
    for at in heaps:
        end = at + int.from_bytes(content[at + 8 : at + 16], "little")
        at += 16
        while at + 16 <= min(end, len(content)):
            size = int.from_bytes(content[at + 8 : at + 16], "little")
            rest = content[at : at + 2] == b"\0\0"
            step = size if rest else 16 + -(-size // 8) * 8
            if not 0 < step <= end - at:
                raise ValueError("it is damaged: a heap of texts does not end")
            at += step


def _described(root: h5py.File) -> tuple[dict[str, Any], Any]:
    """The layers by name, and the outputs, of the text in `model_config`."""
    if "model_config" not in root.attrs:
        raise ValueError("it has no attribute model_config")
    attribute = root.attrs.get_id("model_config")
    is_text = h5py.check_string_dtype(attribute.dtype) is not None
    if attribute.shape != () or not is_text or attribute.dtype.itemsize > _LARGEST:
        raise ValueError("its attribute model_config is not one text")
    try:
        config = json.loads(root.attrs["model_config"])["config"]
        layers = {
            layer["name"]: {**layer["config"], **layer} for layer in config["layers"]
        }
        return layers, config["output_layers"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError(
            "its attribute model_config does not describe a functional Keras model"
        ) from None


def _compare(described: dict[str, Any], outputs: Any, layers: list[_Layer]) -> None:
    """Raise ValueError where the architecture described is not ours."""
    if differ := described.keys() ^ {layer.name for layer in layers}:
        raise ValueError(
            "its layers are not those of arXiv 2502.18558: "
            f"{reprlib.repr(sorted(map(str, differ)))} are missing or extra"
        )
    for layer in layers:
        for key, wanted in layer.facts.items():
            found = described[layer.name].get(key)
            if found != wanted:
                raise ValueError(
                    f"its layer {layer.name} has {key} {reprlib.repr(found)}, not "
                    f"{wanted!r}"
                )
    if outputs != [[layers[-1].name, 0, 0]]:
        raise ValueError(f"its output is not that of layer {layers[-1].name}")


def _read(root: h5py.File, place: str, shape: tuple[int, ...]) -> np.ndarray:
    """One array, after every check that can be made without reading it."""
    item = root
    for part in place.split("/"):
        # Subscripts and `in` follow links, also into other files: ask for the link.
        links = item.id.links if isinstance(item, h5py.Group) else None
        if links is None or not links.exists(part.encode()):
            raise ValueError(f"{place} is missing")
        if links.get_info(part.encode()).type != TYPE_HARD:
            raise ValueError(f"{place} is a soft or external link, which is not read")
        item = item[part]
    if not isinstance(item, h5py.Dataset):
        raise ValueError(f"{place} is not a data set")
    # Contiguous, as Keras 2 writes: virtual ones lie elsewhere, and chunks may be
    # declared, and would be allocated, far larger than the array.
    contiguous = item.id.get_create_plist().get_layout() == CONTIGUOUS
    if not contiguous or item.external is not None:
        raise ValueError(f"{place} is not stored contiguously in the file itself")
    if item.shape != shape or item.dtype != np.float32:
        raise ValueError(
            f"{place} has shape {item.shape} and type {item.dtype}, not {shape} and "
            "float32"
        )
    if item.id.get_storage_size() != 4 * item.size:
        raise ValueError(f"{place} was never written")
    values = item[()]
    if not np.isfinite(values).all():
        raise ValueError(f"{place} holds values that are not finite")
    return values
