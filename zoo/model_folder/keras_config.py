"""`config.json`: the network as a plain Keras config, for users without zoo.

zoo itself builds networks from its own code. Others give this file to Keras, so it must
be the network that zoo builds, entry by entry: these layers, activations and
connections, and no others.
"""

import re
from collections.abc import Iterator
from typing import Any

from zoo.inputs.features import WIDTH
from zoo.inputs.limits import shown
from zoo.model_folder.folder import ModelFolder
from zoo.model_folder.manifest import CONFIG, parse_json
from zoo.model_folder.preset import Preset

_FREE = "trainable"
"""Whether a layer learns: without effect on what the network predicts."""


def check_config(folder: ModelFolder) -> None:
    """Refuse a config that is not the network of the preset.

    What Keras writes for what is not used (null, false, an empty table) may be there
    or not: each release has more of it.

    Raises:
        ValueError: it is no JSON, or it has, lacks or changes an entry.
    """
    path = folder.path / CONFIG
    config = parse_json(folder.files[CONFIG], path)
    if not isinstance(config, dict) or config.get("class_name") != "Functional":
        raise ValueError(f"{path} is not a functional Keras config.")
    for place, found, right in differences(config, folder.preset):
        if isinstance(found, dict) and "class_name" in found:
            what = shown(found["class_name"])
            reason = f"asks for {what}, which is not a layer of our networks"
        else:
            reason = (
                f"says {shown(found)} for {place}, where zoo.json asks for "
                f"{shown(right)}"
            )
        raise ValueError(
            f"{path} {reason}. Do not load it: fetch the model from where it was "
            "published."
        )


def differences(
    config: dict[str, Any], preset: Preset
) -> Iterator[tuple[str, Any, Any]]:
    """Where the config of a Keras model differs from that of the network of a preset:
    the place, what is there, and what should be."""
    inner = config.get("config")
    if isinstance(inner, dict) and isinstance(inner.get("name"), str):
        config = {**config, "config": {k: v for k, v in inner.items() if k != "name"}}
    wanted = plain_config(preset, *_numbered(config))
    return _differences(_used(config), _used(wanted), "")


def plain_config(
    preset: Preset, not_equal: str = "not_equal", any_of: str = "any"
) -> dict[str, Any]:
    """The config that Keras writes for the network of a preset, but for its name and
    for what is not used.

    Args:
        preset: of the model.
        not_equal: name of the operation that compares rows with padding; Keras numbers
            those of a process.
        any_of: name of the one that puts its columns together.

    Example:
        >>> from zoo.model_folder.preset import Preset
        >>> config = plain_config(Preset("toy-gru", ("SNIa", "other")))
        >>> [layer["name"] for layer in config["config"]["layers"]][-2:]
        ['latent', 'head']
    """
    sizes, features = preset.architecture, WIDTH[preset.preprocessing.features]
    width = sizes.light_curve_dense
    series, flags = _tensor("light_curve", None, features), _tensor(any_of, None)
    unmasked = _tensor(not_equal, None, features)
    flags["config"]["dtype"] = unmasked["config"]["dtype"] = "bool"
    layers = [
        _input("light_curve", None, features),
        # How `mask` finds padding, which Keras records since 3.15.
        _operation("NotEqual", not_equal, [series, 0.0]),
        _operation("Any", any_of, [unmasked], axis=-1),
        _layer("Masking", "mask", [series], mask_value=0.0),
        _gru("gru_1", sizes.gru_1, ("mask", features), flags, return_sequences=True),
        _gru("gru_2", sizes.gru_2, ("gru_1", sizes.gru_1), flags),
        _dense("light_curve_dense", width, ("gru_2", sizes.gru_2), "tanh"),
    ]
    inputs, merged = {"light_curve": ["light_curve", 0, 0]}, "light_curve_dense"
    if count := len(preset.preprocessing.metadata):
        inputs["metadata"] = ["metadata", 0, 0]
        both = {merged: width, "metadata_dense": sizes.metadata_dense}
        branches = [_tensor(name, size) for name, size in both.items()]
        dense = _dense(
            "metadata_dense", sizes.metadata_dense, ("metadata", count), "linear"
        )
        merge = _layer("Concatenate", "merge", [branches], axis=-1)
        merge["build_config"] = {
            "input_shape": [[None, size] for size in both.values()]
        }
        layers += [_input("metadata", count), dense, merge]
        merged, width = "merge", sum(both.values())
    layers += [
        _dense("merge_dense", sizes.merge_dense, (merged, width), "relu"),
        _dense("latent", sizes.latent, ("merge_dense", sizes.merge_dense), "relu"),
        _dense("head", len(preset.classes), ("latent", sizes.latent), "softmax"),
    ]
    outputs = {"input_layers": inputs, "output_layers": ["head", 0, 0]}
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {"layers": layers, **outputs},
        "registered_name": "Functional",
    }


def _gru(
    name: str, units: int, source: tuple[str, int], mask: dict[str, Any], **more: Any
) -> dict[str, Any]:
    layer = _layer(
        "GRU",
        name,
        [_tensor(source[0], None, source[1])],
        units=units,
        activation="tanh",
        recurrent_activation="sigmoid",
        recurrent_initializer=_object("keras.initializers", "Orthogonal", gain=1.0),
        **_WEIGHTS,
        dropout=0.0,
        recurrent_dropout=0.0,
        reset_after=True,
        **more,
    )
    layer["inbound_nodes"][0]["kwargs"] = {"mask": mask}
    layer["build_config"] = {"input_shape": [None, None, source[1]]}
    return layer


def _dense(
    name: str, units: int, source: tuple[str, int], activation: str
) -> dict[str, Any]:
    inbound = [_tensor(*source)]
    layer = _layer(
        "Dense", name, inbound, units=units, activation=activation, **_WEIGHTS
    )
    layer["build_config"] = {"input_shape": [None, source[1]]}
    return layer


def _input(name: str, *shape: int | None) -> dict[str, Any]:
    config = {"batch_shape": [None, *shape], "dtype": "float32", "name": name}
    return {**_object("keras.layers", "InputLayer", **config), "name": name}


def _layer(kind: str, name: str, args: list[Any], **config: Any) -> dict[str, Any]:
    policy = _object("keras", "DTypePolicy", name="float32")
    layer = _object("keras.layers", kind, name=name, dtype=policy, **config)
    return {**layer, "name": name, "inbound_nodes": [{"args": args}]}


def _operation(kind: str, name: str, args: list[Any], **config: Any) -> dict[str, Any]:
    operation = _object("keras.src.ops.numpy", kind, name=name, **config)
    about = {"registered_name": kind, "name": name, "inbound_nodes": [{"args": args}]}
    return {**operation, **about}


def _tensor(name: str, *shape: int | None) -> dict[str, Any]:
    """The output of a layer; `shape` is that of one light curve."""
    config = {
        "shape": [None, *shape],
        "dtype": "float32",
        "keras_history": [name, 0, 0],
    }
    return {"class_name": "__keras_tensor__", "config": config}


def _object(module: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": config}


_WEIGHTS: dict[str, Any] = {
    "use_bias": True,
    "kernel_initializer": _object("keras.initializers", "GlorotUniform"),
    "bias_initializer": _object("keras.initializers", "Zeros"),
}


def _used(value: Any) -> Any:
    """A part of a config without what is not used."""
    if isinstance(value, list):
        return [_used(item) for item in value]
    if not isinstance(value, dict):
        return value
    used = {k: _used(v) for k, v in value.items() if not (k == _FREE and v is True)}
    return {k: v for k, v in used.items() if not (v in (None, {}, []) or v is False)}


def _differences(has: Any, wants: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Where two parts of configs differ: the place, and what is there in each."""
    if isinstance(has, dict) and isinstance(wants, dict):
        for key in [*wants, *sorted(has.keys() - wants.keys())]:
            inner = f"{place}.{key}".lstrip(".")
            yield from _differences(has.get(key), wants.get(key), inner)
    elif isinstance(has, list) and isinstance(wants, list):
        named, right = _by_name(has), _by_name(wants)
        yield from _differences(named, right, place)
    elif type(has) is not type(wants) or has != wants:
        yield place, has, wants


def _numbered(config: dict[str, Any]) -> list[str]:
    """The names of the operations that find padding: `not_equal_3`, `any_3`."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    names = [
        str(layer.get("name"))
        for layer in (layers if isinstance(layers, list) else [])
        if isinstance(layer, dict)
    ]
    return [
        next((name for name in names if re.fullmatch(rf"{stem}(_\d+)?", name)), stem)
        for stem in ("not_equal", "any")
    ]


def _by_name(items: list[Any]) -> dict[str, Any]:
    """Layers by their names, since they may stand in any order; else by number."""
    names = [x.get("name") if isinstance(x, dict) else None for x in items]
    once = [isinstance(x, str) and names.count(x) == 1 for x in names]
    keys = (
        str(x if one else i) for i, (x, one) in enumerate(zip(names, once, strict=True))
    )
    return dict(zip(keys, items, strict=True))
