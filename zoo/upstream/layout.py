"""The architecture of the authors' files, and the check that a file describes it."""

import json
import reprlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import h5py

from zoo.inputs.features import WIDTH
from zoo.model_folder.preset import Architecture
from zoo.taxonomy import ZTFSIMS
from zoo.upstream.hdf5 import LARGEST

OUTPUTS = tuple(sorted(ZTFSIMS))
"""Classes in the order of the outputs: the authors' `OneHotEncoder` sorted the names,
while `Detect.classes` of their package lists the order of their input files. The counts
per class of their own test set fit the sorted order alone."""

METADATA = ("redshift", "mwebv")
_STEPS = 656  # observations that the authors pad to


class Layer(NamedTuple):
    """A layer as it must be in the file, with the shapes of its weights by path."""

    name: str
    ours: str
    facts: dict[str, Any]
    weights: Mapping[str, tuple[int, ...]]


def expected_layers(*, metadata: bool) -> list[Layer]:
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
        host = (len(METADATA), size.metadata_dense)
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


def _plain(name: str, kind: str, *inputs: str, **config: Any) -> Layer:
    nodes = [[[below, 0, 0, {}] for below in inputs]] if inputs else []
    return Layer(name, "", {"class_name": kind, "inbound_nodes": nodes, **config}, {})


def _dense(
    name: str, below: str, size: tuple[int, int], activation: str, ours: str
) -> Layer:
    plain = _plain(
        name, "Dense", below, units=size[1], activation=activation, use_bias=True
    )
    place = f"model_weights/{name}/{name}"
    weights = {f"{place}/kernel:0": size, f"{place}/bias:0": size[1:]}
    return plain._replace(ours=ours, weights=weights)


def _gru(
    name: str, below: str, size: tuple[int, int], ours: str, *, sequences: bool
) -> Layer:
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


def described_layers(root: h5py.File) -> tuple[dict[str, Any], Any]:
    """The layers by name, and the outputs, of the text in `model_config`."""
    if "model_config" not in root.attrs:
        raise ValueError("it has no attribute model_config")
    attribute = root.attrs.get_id("model_config")
    is_text = h5py.check_string_dtype(attribute.dtype) is not None
    if attribute.shape != () or not is_text or attribute.dtype.itemsize > LARGEST:
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


def compare(described: dict[str, Any], outputs: Any, layers: list[Layer]) -> None:
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
