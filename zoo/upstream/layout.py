"""The architecture of the authors' files, and the check that a file describes it."""

import json
import reprlib
from typing import Any, NamedTuple

import h5py

from zoo.inputs.features import WIDTH
from zoo.inputs.parameters import Preprocessing
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import tensor_shapes
from zoo.taxonomy import ZTFSIMS
from zoo.upstream.hdf5 import LARGEST

OUTPUTS = tuple(sorted(ZTFSIMS))
"""Classes in the order of the outputs: the authors' `OneHotEncoder` sorted the names,
while `Detect.classes` of their package lists the order of their input files. The counts
per class of their own test set fit the sorted order alone."""

METADATA = ("redshift", "mwebv")
_STEPS = 656  # observations that the authors pad to


class Layer(NamedTuple):
    """A layer as it must be in the file: its entries in the configuration, and its
    weights as our name, path in the file and shape."""

    name: str
    facts: dict[str, Any]
    weights: list[tuple[str, str, tuple[int, ...]]]


def expected_layers(*, metadata: bool) -> list[Layer]:
    """The layers that the file must have: those of arXiv 2502.18558, and of ours."""
    names = METADATA if metadata else ()
    preprocessing = Preprocessing(features="paper", metadata=names)
    shapes = tensor_shapes(Preset("upstream", OUTPUTS, preprocessing=preprocessing))
    layers: list[Layer] = []

    def add(
        name: str,
        kind: str,
        *inputs: str,
        ours: str = "",
        cell: str = "",
        **config: Any,
    ) -> None:
        nodes = [[[below, 0, 0, {}] for below in inputs]] if inputs else []
        facts = {"class_name": kind, "inbound_nodes": nodes, **config}
        folder = f"model_weights/{name}/{name}{cell}"
        weights = [
            (tensor, f"{folder}/{tensor.partition('/')[2]}:0", shape)
            for tensor, shape in shapes.items()
            if tensor.startswith(f"{ours}/")
        ]
        layers.append(Layer(name, facts, weights))

    def gru(name: str, below: str, ours: str, *, sequences: bool) -> None:
        add(
            name,
            "GRU",
            below,
            ours=ours,
            cell=f"/{name.replace('gru', 'gru_cell')}",
            units=shapes[f"{ours}/recurrent_kernel"][0],
            activation="tanh",
            recurrent_activation="sigmoid",
            use_bias=True,
            reset_after=True,  # two rows of biases, as in Keras 3
            go_backwards=False,
            return_sequences=sequences,
        )

    def dense(name: str, below: str, activation: str, ours: str) -> None:
        add(
            name,
            "Dense",
            below,
            ours=ours,
            units=shapes[f"{ours}/kernel"][1],
            activation=activation,
            use_bias=True,
        )

    add("lc", "InputLayer", batch_input_shape=[None, _STEPS, WIDTH["paper"]])
    add("masking", "Masking", "lc", mask_value=0.0)
    gru("gru", "masking", "gru_1", sequences=True)
    gru("gru_1", "gru", "gru_2", sequences=False)
    dense("dense", "gru_1", "tanh", "light_curve_dense")
    below, merge, head = "dense", "dense_1", "dense_2"
    if metadata:
        add("host", "InputLayer", batch_input_shape=[None, len(METADATA)])
        dense("dense_1", "host", "linear", "metadata_dense")
        add("concatenate", "Concatenate", "dense", "dense_1", axis=-1)
        below, merge, head = "concatenate", "dense_2", "dense_3"
    dense(merge, below, "relu", "merge_dense")
    dense("latent", merge, "relu", "latent")
    dense(head, "latent", "softmax", "head")
    return layers


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
