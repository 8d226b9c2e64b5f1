"""The network as an ONNX graph, written from its tensors.

Keras' own export turns a GRU into a loop, which is 3 to 34 times slower in ONNX Runtime
than the GRU operator (measured). This graph uses the operator, and its states are
inputs and outputs, so that one graph serves whole light curves and single new
observations.

It is made from the checked weights whenever a process needs it, in some milliseconds,
and is neither kept in a file nor read from one.
"""

from collections.abc import Mapping

import numpy as np

from zoo.inference.protobuf import message
from zoo.inputs.features import WIDTH
from zoo.model_folder.preset import Preset

OPSET = 17  # the GRU operator is unchanged since 14; ONNX Runtime reads 17 since 1.12
IR_VERSION = 8  # released with opset 17

# Below, numbers of fields and of types are those of the messages of
# https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto
_FLOAT, _INT32 = 1, 6  # TensorProto.DataType
_TYPES = {"float32": (_FLOAT, "<f4"), "int64": (7, "<i8")}


def onnx_graph(preset: Preset, tensors: Mapping[str, np.ndarray]) -> bytes:
    """Write the network of a preset as a serialised ONNX model.

    Inputs: `light_curve` float32 `(time, batch, features)`, `lengths` int32 `(batch,)`,
    `state_1` and `state_2` float32 `(batch, units)`, zero for a new light curve, and
    `metadata` float32 `(batch, width)` where the model has that branch.
    Outputs: `probabilities` float32 `(batch, classes)`, `latent` float32 `(batch,
    width)`, and the states after the last of `lengths` observations, `new_state_1` and
    `new_state_2`, float32 `(batch, units)`.

    Args:
        preset: architecture, preprocessing and classes.
        tensors: float32, by the names of `zoo.model_folder.tensors.tensor_shapes`.
    """
    sizes = preset.architecture
    weights: list[bytes] = []
    nodes: list[bytes] = []

    def weight(name: str, values: np.ndarray) -> str:
        kind, stored = _TYPES[values.dtype.name]
        content = values.astype(stored).tobytes()
        weights.append(message({1: values.shape, 2: kind, 8: name, 9: content}))
        return name

    def node(
        kind: str, inputs: list[str], outputs: list[str], **attributes: int
    ) -> str:
        settings = [message({1: k, 3: v, 20: 2}) for k, v in attributes.items()]
        nodes.append(message({1: inputs, 2: outputs, 4: kind, 5: settings}))
        return outputs[0]

    def gru(number: int, inputs: str, units: int, sequence: str) -> str:
        # Keras holds (inputs, 3 units) and ONNX (directions, 3 units, inputs), both
        # with the gates in the order z, r, h; reset_after is linear_before_reset.
        name = f"gru_{number}"
        kernel = weight(f"{name}/W", tensors[f"{name}/kernel"].T[None])
        recurrent = weight(f"{name}/R", tensors[f"{name}/recurrent_kernel"].T[None])
        bias = weight(f"{name}/B", tensors[f"{name}/bias"].reshape(1, -1))
        before = node("Unsqueeze", [f"state_{number}", first], [f"{name}/before"])
        node(
            "GRU",
            [inputs, kernel, recurrent, bias, "lengths", before],
            [sequence, f"{name}/after"],
            hidden_size=units,
            linear_before_reset=1,
        )
        return node("Squeeze", [f"{name}/after", first], [f"new_state_{number}"])

    def dense(name: str, inputs: str, activation: str | None, output: str = "") -> str:
        kernel = weight(f"{name}/kernel", tensors[f"{name}/kernel"])
        bias = weight(f"{name}/bias", tensors[f"{name}/bias"])
        linear = node("Gemm", [inputs, kernel, bias], [f"{name}/linear"])
        if activation is None:
            return linear
        return node(activation, [linear], [output or f"{name}/output"])

    direction, first = weight("axis_1", np.array([1])), weight("axis_0", np.array([0]))
    gru(1, "light_curve", sizes.gru_1, "gru_1/all")
    sequence = node("Squeeze", ["gru_1/all", direction], ["gru_1/output"])
    x = gru(2, sequence, sizes.gru_2, "")
    x = dense("light_curve_dense", x, "Tanh")
    if preset.preprocessing.metadata:
        branch = dense("metadata_dense", "metadata", None)
        x = node("Concat", [x, branch], ["merge"], axis=1)
    x = dense("merge_dense", x, "Relu")
    x = dense("latent", x, "Relu", "latent")
    dense("head", x, "Softmax", "probabilities")

    def value(name: str, *shape: int | str, kind: int = _FLOAT) -> bytes:
        sides = [message({2 if isinstance(n, str) else 1: n}) for n in shape]
        tensor = message({1: kind, 2: message({1: sides})})
        return message({1: name, 2: message({1: tensor})})

    inputs = [
        value("light_curve", "time", "batch", WIDTH[preset.preprocessing.features]),
        value("lengths", "batch", kind=_INT32),
        value("state_1", "batch", sizes.gru_1),
        value("state_2", "batch", sizes.gru_2),
    ]
    if width := len(preset.preprocessing.metadata):
        inputs.append(value("metadata", "batch", width))
    outputs = [
        value("probabilities", "batch", len(preset.classes)),
        value("latent", "batch", sizes.latent),
        value("new_state_1", "batch", sizes.gru_1),
        value("new_state_2", "batch", sizes.gru_2),
    ]
    graph = message({1: nodes, 2: preset.model_id, 5: weights, 11: inputs, 12: outputs})
    opset = message({1: "", 2: OPSET})
    return message({1: IR_VERSION, 2: "transient-zoo", 7: graph, 8: opset})
