"""`TransientClassifier`: the network, with our functions as its methods.

Each method calls one function, which documents what it does.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from zoo.classifier.installed import keras
from zoo.classifier.network import LightCurveNetwork
from zoo.classifier.transfer import transfer
from zoo.inference.classify import classify, embed
from zoo.inference.novelty import novelty


@keras.saving.register_keras_serializable(package="zoo")
class TransientClassifier(LightCurveNetwork):
    """A `zoo.classifier.network.LightCurveNetwork` that classifies, embeds and
    transfers.

    Args:
        preset: architecture, preprocessing and classes.

    Example:
        >>> from zoo.model_folder.preset import Preset
        >>> TransientClassifier(Preset("toy-gru", ("SNIa", "other")))
        <TransientClassifier toy-gru v0.0.0: 2 classes, 124,242 parameters>
    """

    def __repr__(self) -> str:
        name, *facts = self._facts().values()
        return f"<{type(self).__name__} {name}: {', '.join(facts)}>"

    def _repr_html_(self) -> str:
        """The same as a table, for notebooks."""
        rows = "".join(
            f"<tr><th>{name}</th><td>{escape(value)}</td></tr>"
            for name, value in self._facts().items()
        )
        return f"<table>{rows}</table>"

    def _facts(self) -> dict[str, str]:
        preset = self.preset
        facts = {
            "model": f"{preset.model_id} v{preset.version}",
            "classes": f"{len(preset.classes)} classes",
            "passbands": " ".join(preset.preprocessing.passbands),
            "size": f"{self.count_params():,} parameters",
        }
        return {name: fact for name, fact in facts.items() if fact}

    def classify(
        self, photometry: Any, metadata: Any = None, **options: Any
    ) -> pd.DataFrame:
        """Class probabilities of each object; see `zoo.inference.classify`."""
        return classify(self, photometry, metadata, **options)

    def embed(
        self, photometry: Any, metadata: Any = None, **options: Any
    ) -> pd.DataFrame:
        """The latent layer of each object; see `zoo.inference.classify.embed`."""
        return embed(self, photometry, metadata, **options)

    def novelty(
        self, photometry: Any, metadata: Any = None, **options: Any
    ) -> pd.DataFrame:
        """How unlike the known classes each object is; see `zoo.novelty`."""
        return novelty(self, photometry, metadata, **options)

    def transfer(
        self,
        target: str,
        *,
        classes: str | Sequence[str] | None = None,
        train: str | Sequence[str] = "auto",
        window: tuple[float, float] | None = None,
        metadata: Sequence[str] = (),
        seed: int = 0,
        model_id: str | None = None,
        version: str = "0.0.0",
        license: str | None = None,
    ) -> "TransientClassifier":
        """A new model for another survey; see `zoo.classifier.transfer.transfer`."""
        return transfer(
            self,
            target,
            classes=classes,
            train=train,
            window=window,
            metadata=metadata,
            seed=seed,
            model_id=model_id,
            version=version,
            license=license,
        )
