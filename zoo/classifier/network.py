"""The network: two GRUs over the light curve, a dense branch over the metadata.

The architecture is that of arXiv 2502.18558. Layer names are API: weights are saved,
loaded and transferred by them.
"""

import re
from typing import Any

import keras

from zoo.classifier.report import TransferReport
from zoo.inputs.features import WIDTH
from zoo.light_curves.analytic import golden_light_curves
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset

BACKBONE_LAYERS = (
    "gru_1",
    "gru_2",
    "light_curve_dense",
    "metadata_dense",
    "merge_dense",
    "latent",
)
"""Layers with weights below the head, bottom up; a light-curve-only model lacks
`metadata_dense`."""


class LightCurveNetwork(keras.Model):
    """A functional Keras model of transient light curves.

    Inputs: `light_curve` float32 `(batch, time, features)`, padded with zero rows on
    the right, and `metadata` float32 `(batch, width)`, as `zoo.inputs.preprocess` makes
    them.
    Output: float32 `(batch, classes)`, probabilities that sum to 1.

    Layers: light_curve -> mask -> gru_1 -> gru_2 -> light_curve_dense; metadata ->
    metadata_dense; both -> merge -> merge_dense -> latent -> head.

    Args:
        preset: architecture, preprocessing and classes.

    Attributes:
        preset: the same.
        source: `id@revision`, or `org/name@revision` where it came from the hub.
        golden: light curves that travel with the model, for the check of its golden
            values and as reference of a transfer; None: analytic ones.

    Example:
        >>> from zoo.model_folder.preset import Preset
        >>> from zoo.inputs.parameters import Preprocessing
        >>> paper = Preprocessing(features="paper", metadata=())
        >>> preset = Preset("toy-gru", tuple("abcdefghijkl"), preprocessing=paper)
        >>> LightCurveNetwork(preset).count_params()
        123912
    """

    def __init__(self, preset: Preset):
        sizes, preprocessing = preset.architecture, preset.preprocessing
        layers = keras.layers
        # === Layers ===
        light_curve = layers.Input(
            (None, WIDTH[preprocessing.features]), name="light_curve"
        )
        inputs = {"light_curve": light_curve}
        # === Functional Model ===
        x = layers.Masking(name="mask")(light_curve)
        x = layers.GRU(sizes.gru_1, return_sequences=True, name="gru_1")(x)
        x = layers.GRU(sizes.gru_2, name="gru_2")(x)
        x = layers.Dense(
            sizes.light_curve_dense, activation="tanh", name="light_curve_dense"
        )(x)
        if preprocessing.metadata:
            metadata = layers.Input((len(preprocessing.metadata),), name="metadata")
            inputs["metadata"] = metadata
            m = layers.Dense(sizes.metadata_dense, name="metadata_dense")(metadata)
            x = layers.Concatenate(name="merge")([x, m])
        x = layers.Dense(sizes.merge_dense, activation="relu", name="merge_dense")(x)
        x = layers.Dense(sizes.latent, activation="relu", name="latent")(x)
        head = layers.Dense(len(preset.classes), activation="softmax", name="head")(x)
        super().__init__(inputs, head, name=re.sub(r"\W", "_", preset.model_id))
        # === Config ===
        self.preset = preset
        self.source = f"{preset.model_id}@v{preset.version}"
        self.golden: LightCurves | None = None
        self.transfer_report: TransferReport | None = None

    def get_config(self) -> dict[str, Any]:
        """The preset as plain dictionaries."""
        return {"preset": self.preset.to_dict()}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None):
        """Undo `get_config`; the weights are fresh."""
        return cls(Preset.from_dict(config["preset"]))

    def reference(self) -> LightCurves:
        """The light curves that travel with the model, or analytic ones."""
        if self.golden is not None:
            return self.golden
        return golden_light_curves(self.preset.preprocessing.passbands)

    def plain(self) -> keras.Model:
        """The same network, sharing its weights, as a plain functional Keras model.

        Its config names no class of ours, so that it can be rebuilt without zoo.
        """
        return keras.Model(self.input, self.output, name=self.name)
