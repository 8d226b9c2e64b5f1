"""ONNX: the graph of `zoo.inference.onnx_graph`, with inputs that are easy to make.

Its GRU operators need time as the first axis, lengths and states. Here all that follows
from the light curves: which rows are observations, how many there are, and states of
zero.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from zoo.export.check import Run
from zoo.export.document import Document
from zoo.inference.onnx_graph import onnx_graph
from zoo.inputs.features import WIDTH
from zoo.model_folder.preset import Preset

# In the language of onnx.parser; types are numbers: 6 int32, 7 int64, 9 bool. Rows of
# zeros are moved to the end, which has the effect of the mask of Keras wherever they
# are; a NaN differs from zero. Operators may turn a NaN into a number, so objects with
# one are marked, and their outputs replaced.
_OPENED = """
zoo ({inputs}) => (float[batch, {classes}] probabilities, float[batch, {latent}] latent)
<float zero = {{0}}, int64 none = {{0}}, int64 one = {{1}}, int64[1] at_0 = {{0}},
 int64[1] at_1 = {{1}}, int64[1] at_2 = {{2}}, int64[1] units_1 = {{{gru_1}}},
 int64[1] units_2 = {{{gru_2}}}>
{{
    shape = Shape (light_curve)
    batch_size = Slice (shape, at_0, at_1)
    time_size = Slice (shape, at_1, at_2)
    steps = Squeeze (time_size, at_0)

    is_zero = Equal (light_curve, zero)
    is_value = Not (is_zero)
    values = Cast <to = 7> (is_value)
    real = ReduceMax <axes = [2], keepdims = 0> (values)
    length = ReduceSum <keepdims = 0> (real, at_1)
    lengths = Cast <to = 6> (length)

    step = Range (none, steps, one)
    ahead = Mul (real, steps)
    rank = Sub (ahead, step)
    ranked, order = TopK <axis = 1> (rank, time_size)
    order_of_rows = Unsqueeze (order, at_2)
    indices = Expand (order_of_rows, shape)
    in_order = GatherElements <axis = 1> (light_curve, indices)
    observations = Transpose <perm = [1, 0, 2]> (in_order)

    size_1 = Concat <axis = 0> (batch_size, units_1)
    state_1 = ConstantOfShape (size_1)
    size_2 = Concat <axis = 0> (batch_size, units_2)
    state_2 = ConstantOfShape (size_2)
    {spoilt}
    most_spoilt = Max ({each_spoilt})
    most_spoilt_row = Unsqueeze (most_spoilt, at_1)
    spoilt = Cast <to = 9> (most_spoilt_row)
    probabilities = Where (spoilt, nan, bare_probabilities)
    latent = Where (spoilt, nan, bare_latent)
}}
"""
_LAST = 2  # operators of these that follow the bare graph
_SPOILT = """
    {name}_size = Abs ({name})
    {name}_finite = Less ({name}_size, infinity)
    {name}_not = Not ({name}_finite)
    {name}_bad = Cast <to = 6> ({name}_not)
    {name}_spoilt = ReduceMax <axes = {axes}, keepdims = 0> ({name}_bad)
"""
_RENAMED = {
    "light_curve": "observations",
    "probabilities": "bare_probabilities",
    "latent": "bare_latent",
}


def write(
    preset: Preset, tensors: Mapping[str, np.ndarray], document: Document, path: Path
) -> None:
    """Write the file.

    Args:
        preset: architecture, preprocessing and classes.
        tensors: by the names of `zoo.model_folder.tensors.tensor_shapes`.
        document: kept in the file: its text as doc string, its facts as metadata.
        path: of the file.
    """
    import onnx

    model = onnx.load_model_from_string(onnx_graph(preset, tensors))
    _open_up(model.graph, preset)
    model.doc_string = document.text
    onnx.helper.set_model_props(model, {"zoo": document.to_json()})
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def reader(path: Path) -> Run:
    """Run the file in ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(path, options, providers=providers)
    names = [one.name for one in session.get_outputs()]
    return lambda batch: dict(zip(names, session.run(names, batch), strict=True))


def _open_up(graph: Any, preset: Preset) -> None:
    """Give the bare graph, an onnx.GraphProto, the inputs of the exported file."""
    import onnx

    sizes, width = preset.architecture, WIDTH[preset.preprocessing.features]
    inputs = {"light_curve": (f"float[batch, time, {width}] light_curve", "[1, 2]")}
    if metadata := len(preset.preprocessing.metadata):
        inputs["metadata"] = (f"float[batch, {metadata}] metadata", "[1]")
    opened = onnx.parser.parse_graph(
        _OPENED.format(
            inputs=", ".join(text for text, _ in inputs.values()),
            classes=len(preset.classes),
            latent=sizes.latent,
            gru_1=sizes.gru_1,
            gru_2=sizes.gru_2,
            spoilt="".join(
                _SPOILT.format(name=name, axes=axes)
                for name, (_, axes) in inputs.items()
            ),
            each_spoilt=", ".join(f"{name}_spoilt" for name in inputs),
        )
    )
    for name in ("infinity", "nan"):
        value = np.float32(name.removesuffix("inity"))
        opened.initializer.append(onnx.numpy_helper.from_array(np.array(value), name))
    # The state after the first GRU is not needed here.
    bare = [node for node in graph.node if "new_state_1" not in node.output]
    for node in bare:
        node.input[:] = [_RENAMED.get(name, name) for name in node.input]
        node.output[:] = [_RENAMED.get(name, name) for name in node.output]
    nodes = [*opened.node[:-_LAST], *bare, *opened.node[-_LAST:]]
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes)
    graph.initializer.extend(opened.initializer)
    graph.input.extend(opened.input)
    graph.output.extend(opened.output)
