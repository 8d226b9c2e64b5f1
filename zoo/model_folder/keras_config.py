"""`config.json`: the network as a plain Keras config, for users without zoo.

zoo itself builds networks from its own code. Since others give this file to Keras, it
may name nothing but the layers of our networks.
"""

import json
from dataclasses import asdict
from typing import Any

from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.manifest import CONFIG

_LAYERS = {"Functional", "InputLayer", "Masking", "GRU", "Dense", "Concatenate"}
_PARTS = {"GlorotUniform", "Orthogonal", "Zeros", "DTypePolicy"}
# What Keras 3.15 records of a mask: the tensor it comes from and two operations.
_MASK = {"__keras_tensor__", "NotEqual", "Any"}
_ALLOWED = _LAYERS | _PARTS | _MASK


def check_config(folder: ModelFolder) -> None:
    """Refuse a config that asks for anything but the network of the preset.

    Raises:
        ValueError: it names another class, a module that is not Keras', a layer of
            another width, or is no JSON.
    """
    path, preset = folder.path / CONFIG, folder.preset
    try:
        config = json.loads(folder.files[CONFIG])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not valid JSON: {error}.") from None
    if not isinstance(config, dict) or config.get("class_name") != "Functional":
        raise ValueError(f"{path} is not a functional Keras config.")
    widths = {**asdict(preset.architecture), "head": len(preset.classes)}
    waiting: list[Any] = [config]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            name, module = item.get("class_name"), item.get("module") or "keras"
            ours = str(name) in _ALLOWED and str(module).partition(".")[0] == "keras"
            if item.keys() & {"class_name", "module"} and not ours:
                raise ValueError(
                    f"{path} asks for {module}.{name}, which is not a layer of our "
                    "networks. Do not load it: fetch the model from where it was "
                    "published."
                )
            width = widths.get(str(item.get("name")))
            units = item.get("units", width)
            if units != width:
                raise ValueError(
                    f"{path}: layer {item.get('name')} has {units} units; in zoo.json "
                    "it has another width. Fetch the model again."
                )
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
