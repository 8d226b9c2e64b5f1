"""The base models of the protocol `paper`: trained for the study, one for each run."""

from dataclasses import dataclass
from pathlib import Path

from zoo.inputs.parameters import Preprocessing
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset


@dataclass(frozen=True, eq=False)
class Bases:
    """How the base models of arXiv 2502.18558 are trained.

    The network without metadata branch, the paper's features and recipe, on simulated
    ZTF light curves, in the classes of the target: the paper's base for BTS knows the
    five merged classes.

    Attributes:
        light_curves: simulated ZTF light curves.
        classes: of the target.
        name: of the data.
    """

    light_curves: LightCurves
    classes: tuple[str, ...]
    name: str

    def train(self, run: int, folder: Path) -> None:
        """Train the base of one run and write its model folder."""
        from zoo.classifier.save import save
        from zoo.taxonomy import class_indices
        from zoo.training.run import train_model

        preset = Preset(
            "base-gru",
            self.classes,
            survey="ztfsims",
            preprocessing=Preprocessing(features="paper", metadata=()),
        )
        codes = class_indices(self.light_curves.labels, self.classes)
        held = self.light_curves.take((codes >= 0).nonzero()[0])  # BTS has no AGN
        outcome = train_model(
            preset, held, name=self.name, recipe="paper", seed=run, progress=False
        )
        save(outcome.model, folder, metrics=outcome.metrics)
