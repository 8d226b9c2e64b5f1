"""`TransientClassifier`: the network with what one does with it as methods.

Each method is one call of a function; what it does is written there.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from zoo.classifier.network import LightCurveNetwork
from zoo.classifier.transfer import transfer
from zoo.inference.classify import classify, embed
from zoo.inference.novelty import novelty


class TransientClassifier(LightCurveNetwork):
    """A `zoo.classifier.network.LightCurveNetwork` that classifies, embeds and
    transfers.

    Args:
        preset: architecture, preprocessing and classes.

    Example:
        >>> from zoo.model_folder.preset import Preset
        >>> TransientClassifier(Preset("toy-gru", ("SNIa", "other"))).output.shape
        (None, 2)
    """

    def classify(
        self, photometry: Any, metadata: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Class probabilities of each object; see `zoo.inference.classify`."""
        return classify(self, photometry, metadata)

    def embed(
        self, photometry: Any, metadata: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """The latent layer of each object; see `zoo.inference.classify.embed`."""
        return embed(self, photometry, metadata)

    def novelty(
        self, photometry: Any, metadata: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """How unlike the known classes each object is; see `zoo.novelty`."""
        return novelty(self, photometry, metadata)

    def transfer(
        self,
        target: str,
        *,
        classes: str | Sequence[str] | None = None,
        train: str | Sequence[str] = "auto",
        seed: int = 0,
    ) -> "TransientClassifier":
        """A new model for another survey; see `zoo.classifier.transfer.transfer`."""
        return transfer(self, target, classes=classes, train=train, seed=seed)
