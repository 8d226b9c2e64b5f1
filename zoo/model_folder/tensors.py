"""The weights of a model as named arrays: what `model.safetensors` holds.

Keys are `layer/variable`. They are checked here for both who ask: the Keras network and
the runtime that needs no Keras. Beside them the file names its model, for who meets it
alone; nothing reads that here.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from zoo.inputs.features import WIDTH
from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.manifest import WEIGHTS
from zoo.model_folder.preset import Preset


def tensor_shapes(preset: Preset) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a preset's network, in the order of its layers.

    Example:
        >>> from zoo.model_folder.preset import Preset
        >>> tensor_shapes(Preset("toy-gru", ("SNIa", "other")))["head/kernel"]
        (100, 2)
    """
    sizes, preprocessing = preset.architecture, preset.preprocessing
    shapes: dict[str, tuple[int, ...]] = {}

    def gru(name: str, inputs: int, units: int) -> None:
        shapes[f"{name}/kernel"] = (inputs, 3 * units)
        shapes[f"{name}/recurrent_kernel"] = (units, 3 * units)
        shapes[f"{name}/bias"] = (2, 3 * units)

    def dense(name: str, inputs: int, units: int) -> None:
        shapes[f"{name}/kernel"] = (inputs, units)
        shapes[f"{name}/bias"] = (units,)

    gru("gru_1", WIDTH[preprocessing.features], sizes.gru_1)
    gru("gru_2", sizes.gru_1, sizes.gru_2)
    dense("light_curve_dense", sizes.gru_2, sizes.light_curve_dense)
    merged = sizes.light_curve_dense
    if preprocessing.metadata:
        dense("metadata_dense", len(preprocessing.metadata), sizes.metadata_dense)
        merged += sizes.metadata_dense
    dense("merge_dense", merged, sizes.merge_dense)
    dense("latent", sizes.merge_dense, sizes.latent)
    dense("head", sizes.latent, len(preset.classes))
    return shapes


_LENGTH = 8  # bytes; the format: https://huggingface.co/docs/safetensors


def to_safetensors(tensors: Mapping[str, np.ndarray], preset: Preset) -> bytes:
    """The content of `model.safetensors`, the same for the same tensors and preset.

    Its `__metadata__` holds `format` (keras: tensors are laid out as Keras has them),
    `library`, `model_id` (`org/name`, where it was published) and `version`.

    Args:
        tensors: by name, float32.
        preset: of the model.

    Example:
        >>> from zoo.model_folder.preset import Preset
        >>> toy = Preset("toy-gru", ("SNIa", "other"))
        >>> to_safetensors({"head/bias": np.zeros(2, np.float32)}, toy)[9:46]
        b'"__metadata__":{"format":"keras","lib'
    """
    content = safetensors.numpy.save(dict(tensors))
    start = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    about = {
        "format": "keras",
        "library": "transient-zoo",
        "model_id": preset.repository or preset.model_id,
        "version": preset.version,
    }
    # The library itself writes its entries in another order in each process.
    entries = {"__metadata__": about, **json.loads(content[_LENGTH:start])}
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-len(header) % _LENGTH)
    return len(header).to_bytes(_LENGTH, "little") + header + content[start:]


def read_tensors(folder: ModelFolder) -> dict[str, np.ndarray]:
    """Read the tensors of a model folder, float32, each of the shape it must have.

    Raises:
        ValueError: one is missing, extra, misshapen or not finite.
    """
    path = folder.path / WEIGHTS
    try:
        tensors = safetensors.numpy.load(folder.files[WEIGHTS])
    except (
        safetensors.SafetensorError,
        KeyError,
        ValueError,
    ) as error:  # KeyError: a dtype
        raise ValueError(f"{path} cannot be read: {error}.") from None
    wanted = tensor_shapes(folder.preset)
    if tensors.keys() != wanted.keys():
        raise ValueError(
            f"{path} does not fit the architecture: tensors "
            f"{sorted(tensors.keys() ^ wanted.keys())} are missing or extra."
        )
    for name, shape in wanted.items():
        tensor = tensors[name]
        if tensor.dtype != np.float32:
            raise ValueError(f"{path}: tensor {name} is {tensor.dtype}, not float32.")
        if tensor.shape != shape:
            raise ValueError(
                f"{path}: tensor {name} has shape {tensor.shape}, not {shape}."
            )
        if not np.isfinite(tensor).all():
            raise ValueError(f"{path}: tensor {name} is not finite.")
    return tensors


def named_tensors(model: Any) -> dict[str, Any]:
    """The variables of a model by `layer/variable`, the keys of `model.safetensors`.

    A GRU's variables lie below its cell, whose name depends on how the layer was made
    and is left out.
    """
    return {
        f"{layer.name}/{variable.name}": variable
        for layer in model.layers
        for variable in layer.weights
    }
