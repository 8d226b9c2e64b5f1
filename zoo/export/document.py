"""The description in an exported file: inputs, classes, an example.

With the file alone, its user can make the inputs and check whether a runtime computes
the model correctly.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.card.inputs import classes_and_inputs, metadata_rows, observation_rows

if TYPE_CHECKING:
    from zoo.classifier.network import LightCurveNetwork

_HOW = {
    "onnx": 'onnxruntime.InferenceSession("{name}.onnx").run(["probabilities"], '
    "inputs)",
    "saved_model": 'tf.saved_model.load("{name}").signatures["serving_default"]'
    "(**inputs)",
    "litert": 'ai_edge_litert.interpreter.Interpreter("{name}.tflite")'
    ".get_signature_runner()(**inputs)",
}
_FACTS = {
    "onnx": "the metadata property `zoo` of the file",
    "saved_model": "`inputs.json`",
    "litert": "`inputs.json` (unzip the file)",
}
_BEWARE = {
    "onnx": "OpenVINO ignores `sequence_lens` of the GRU (measured with 2026.4) and "
    "gives wrong probabilities. Check any other runtime than ONNX Runtime with the "
    "example.",
    "litert": "The loop over the observations runs in the interpreter; delegates that "
    "need fixed shapes do not run it.",
}
_ROWS = 12  # minimum length of the shorter light curve of the example


@dataclass(frozen=True)
class Document:
    """The description of an exported model.

    Attributes:
        text: Markdown, for people.
        facts: for programs: plain dictionaries, lists, numbers and text.
    """

    text: str
    facts: dict[str, Any]

    def to_json(self) -> str:
        """The facts as JSON."""
        return json.dumps(self.facts, ensure_ascii=False, allow_nan=False)


def document(model: "LightCurveNetwork", format: str) -> Document:
    """Describe a model for its exported file.

    Args:
        model: with golden light curves, of which two become the example.
        format: one of `zoo.export.write.FORMATS`.
    """
    preset, observation = model.preset, observation_rows(model.preset.preprocessing)
    facts: dict[str, Any] = {
        "model": preset.model_id,
        "source": model.source,
        "version": preset.version,
        "license": preset.license,
        "survey": preset.survey,
        "classes": list(preset.classes),
        "inputs": {
            "light_curve": {
                "dtype": "float32",
                "shape": ["batch", "time", len(observation)],
                "padding": "rows of zeros at the end",
                "features": dict(observation),
            }
        },
        "outputs": {
            "probabilities": {"shape": ["batch", len(preset.classes)]},
            "latent": {"shape": ["batch", preset.architecture.latent]},
        },
        "flux": "AB, zero point 27.5, not corrected for Milky Way dust",
        "preprocessing": preset.to_dict()["preprocessing"],
        "example": _example(model),
    }
    if preset.preprocessing.metadata:
        facts["inputs"]["metadata"] = {
            "dtype": "float32",
            "shape": ["batch", len(preset.preprocessing.metadata)],
            "features": dict(metadata_rows(preset.preprocessing)),
        }
    return Document(_text(model, format, facts), facts)


def _text(model: "LightCurveNetwork", format: str, facts: dict[str, Any]) -> str:
    inputs, outputs = (
        ", ".join(f"`{k}` ({', '.join(map(str, v['shape']))})" for k, v in side.items())
        for side in (facts["inputs"], facts["outputs"])
    )
    beware = _BEWARE.get(format)
    paragraphs = [
        f"# {model.source}: classes of transient light curves",
        "Made by transient-zoo (`zoo-cli export`). License of the weights: "
        f"{model.preset.license or 'none: all rights reserved'}.",
        f"    {_HOW[format].format(name=model.preset.model_id)}",
        classes_and_inputs(model.preset, _FACTS[format]),
        f"**Shapes**, all float32: {inputs}; {outputs}. Batch and time may have any "
        "size. Rows of zeros are skipped, wherever they are; a NaN among the inputs "
        "gives NaN.",
        f"**Parameters** are in {_FACTS[format]}, as JSON, with an example: two light "
        "curves, and the probabilities that the model must give.",
        *([f"**Beware**: {beware}"] if beware else []),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _example(model: "LightCurveNetwork") -> dict[str, Any]:
    """Two golden light curves of different lengths, and their class probabilities."""
    from zoo.inference.runtime import predict
    from zoo.inputs.padding import pad
    from zoo.inputs.preprocess import to_inputs

    inputs = to_inputs(model.reference(), model.preset.preprocessing)
    order = np.argsort(inputs.lengths, kind="stable")
    lengths = inputs.lengths[order]
    at = min(int(np.searchsorted(lengths, _ROWS)), len(order) - 1)
    other = order[lengths != lengths[at]]
    chosen = inputs.take(np.array([order[at], *other[-1:]], np.int64))
    batch = pad(chosen, np.arange(len(chosen)), int(chosen.lengths.max()))
    batch["probabilities"] = predict(model, chosen)
    return {name: _numbers(values) for name, values in batch.items()}


def _numbers(values: np.ndarray) -> Any:
    """Nested lists of the shortest numbers that give the same float32."""
    if values.ndim:
        return [_numbers(one) for one in values]
    return float(str(values))
