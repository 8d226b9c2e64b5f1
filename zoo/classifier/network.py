"""The network: two GRUs over the light curve, a dense branch over the metadata.

The architecture is that of arXiv 2502.18558. Layer names are API: weights are saved,
loaded and transferred by them.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from zoo.classifier.installed import keras, start_backend
from zoo.classifier.report import TransferReport
from zoo.inputs.features import WIDTH
from zoo.light_curves.analytic import golden_light_curves
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.golden import light_curve_arrays, read_light_curves
from zoo.model_folder.manifest import GOLDEN
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

_DTYPE = "float32"
_STATE = "zoo_state.json"


class LightCurveNetwork(keras.Model):
    """A functional Keras model of transient light curves, always in float32.

    Inputs: `light_curve` float32 `(batch, time, features)`, padded with zero rows on
    the right, and `metadata` float32 `(batch, width)`, as `zoo.inputs.preprocess` makes
    them.
    Output: float32 `(batch, classes)`, probabilities that sum to 1.

    Layers: light_curve -> mask -> gru_1 -> gru_2 -> light_curve_dense; metadata ->
    metadata_dense; both -> merge -> merge_dense -> latent -> head.

    Keras' global dtype policy and `floatx` do not change it: probabilities are
    published to 1e-4, which half precision does not give.

    `model.save("m.keras")`, `copy.deepcopy` and `pickle` keep everything but the labels
    of `golden`; `zoo.save` writes the folder that others can check and load.
    `keras.models.clone_model` gives a plain functional model with fresh weights.

    Args:
        preset: architecture, preprocessing and classes.

    Attributes:
        preset: the same.
        source: `id@revision`, or `org/name@revision` where it came from the hub.
        golden: light curves that travel with the model, for the check of its golden
            values and as reference of a transfer; None: analytic ones.
        transfer_report: what `transfer` did; None for a model that was not transferred.
        split: ids of the objects that it was trained on by `zoo.fit`, or its source
            was, by part: `train`, `validation`, `parent`, `teachers`; empty where they
            are not known.

    Example:
        >>> from zoo.model_folder.preset import Preset
        >>> from zoo.inputs.parameters import Preprocessing
        >>> paper = Preprocessing(features="paper", metadata=())
        >>> preset = Preset("toy-gru", tuple("abcdefghijkl"), preprocessing=paper)
        >>> LightCurveNetwork(preset).count_params()
        123912
    """

    def __init__(self, preset: Preset):
        start_backend()
        sizes, preprocessing = preset.architecture, preset.preprocessing

        layers = keras.layers
        entry = partial(layers.Input, dtype=_DTYPE)
        gru = partial(layers.GRU, dtype=_DTYPE)
        dense = partial(layers.Dense, dtype=_DTYPE)
        # === Layers ===
        light_curve = entry((None, WIDTH[preprocessing.features]), name="light_curve")
        inputs = {"light_curve": light_curve}
        # === Functional Model ===
        x = layers.Masking(name="mask", dtype=_DTYPE)(light_curve)
        x = gru(sizes.gru_1, return_sequences=True, name="gru_1")(x)
        x = gru(sizes.gru_2, name="gru_2")(x)
        x = dense(sizes.light_curve_dense, activation="tanh", name="light_curve_dense")(
            x
        )
        if preprocessing.metadata:
            metadata = entry((len(preprocessing.metadata),), name="metadata")
            inputs["metadata"] = metadata
            m = dense(sizes.metadata_dense, name="metadata_dense")(metadata)
            x = layers.Concatenate(name="merge", dtype=_DTYPE)([x, m])
        x = dense(sizes.merge_dense, activation="relu", name="merge_dense")(x)
        x = dense(sizes.latent, activation="relu", name="latent")(x)
        head = dense(len(preset.classes), activation="softmax", name="head")(x)
        super().__init__(inputs, head, name=re.sub(r"\W", "_", preset.model_id))
        self.dtype_policy = keras.DTypePolicy(_DTYPE)
        # === Config ===
        self.preset = preset
        self.source = f"{preset.model_id}@v{preset.version}"
        self.golden: LightCurves | None = None
        self.transfer_report: TransferReport | None = None
        self.split = {}

    @property
    def split(self) -> Mapping[str, tuple[str, ...]]:
        """See the class."""
        return self._split

    @split.setter
    def split(self, split: Mapping[str, Iterable[str]]) -> None:
        # Not as a dictionary, in which Keras would look for layers.
        self._split = MappingProxyType({part: (*ids,) for part, ids in split.items()})

    def get_config(self) -> dict[str, Any]:
        """The preset as plain dictionaries, and the names of the frozen layers."""
        frozen = [x.name for x in self.layers if x.weights and not x.trainable]
        return {"preset": self.preset.to_dict(), "frozen": frozen}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects=None):
        """Undo `get_config`; the weights are new."""
        model = cls(Preset.from_dict(config["preset"]))
        for name in config.get("frozen", ()):
            model.get_layer(name).trainable = False
        return model

    def save_assets(self, store: str) -> None:
        """Write what a `.keras` file or a pickle holds besides Keras' own parts.

        Keras, which calls this, keeps the config, the weights, and the optimizer of a
        compiled model. The light curves lose their labels, as in a model folder.
        """
        report = self.transfer_report
        state = {
            "source": self.source,
            "report": report and vars(report),
            "split": dict(self.split),
        }
        (Path(store) / _STATE).write_text(json.dumps(state), encoding="utf-8")
        if self.golden is not None:
            arrays = light_curve_arrays(self.golden)
            np.savez_compressed(Path(store) / GOLDEN, **arrays)

    def load_assets(self, store: str) -> None:
        """Undo `save_assets`; Keras calls this on loading."""
        state = json.loads((Path(store) / _STATE).read_text(encoding="utf-8"))
        self.source, report = state["source"], state["report"]
        self.transfer_report = report and TransferReport.from_dict(report)
        self.split = state.get("split", {})
        self.golden = None
        if (Path(store) / GOLDEN).is_file():
            with np.load(Path(store) / GOLDEN, allow_pickle=False) as arrays:
                self.golden = read_light_curves(arrays)

    def reference(self) -> LightCurves:
        """The light curves that travel with the model, or analytic ones."""
        if self.golden is not None:
            return self.golden
        known = self.preset.preprocessing
        return golden_light_curves(known.passbands, known.wavelengths)

    def plain(self) -> keras.Model:
        """The same network, sharing its weights, as a plain functional Keras model.

        Its config names no class of ours, so that it can be rebuilt without zoo.
        """
        plain = keras.Model(self.input, self.output, name=self.name)
        plain.dtype_policy = self.dtype_policy
        return plain
