"""Distillation: models whose predictions are learned in place of the labels.

arXiv 1503.02531. Several networks together are more accurate than each alone; a student
learns their mean. A teacher reads the light curves through inputs of its own, so that
networks with another window, other features or other passbands can teach one student.
It sees whole light curves and exact redshifts; its student, whose light curves vary,
sees less of them, and learns what it would have seen (Lopez-Paz et al. 2016,
arXiv:1511.03643).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from zoo.classifier.network import LightCurveNetwork
from zoo.inference.runtime import predict
from zoo.inputs.inputs import Inputs
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.ragged import LightCurves
from zoo.training.augment import knows_redshift, without_metadata


@dataclass(frozen=True)
class Lesson:
    """What the teachers say of the objects that a student learns from.

    Attributes:
        told: float32 `(k, classes)`, their mean probabilities with the metadata.
        untold: the same without, for a student whose redshift is hidden.
    """

    told: np.ndarray
    untold: np.ndarray

    @classmethod
    def of(
        cls,
        teachers: Sequence[LightCurveNetwork],
        light_curves: LightCurves,
        labels: np.ndarray,
    ) -> "Lesson":
        """Ask the teachers.

        Args:
            teachers: at least one; their classes are those of the student.
            light_curves: of `k` objects.
            labels: float32 `(k, classes)`, one-hot, which are learned of the objects
                that no teacher can classify.

        Raises:
            ValueError: a teacher can classify none of them.

        Warns:
            UserWarning: a passband occurs that a teacher was not trained on.
        """
        told, untold = np.zeros_like(labels), np.zeros_like(labels)
        count = np.zeros((len(labels), 1), np.float32)
        for teacher in teachers:
            preprocessing = teacher.preset.preprocessing
            inputs = preprocess(light_curves, preprocessing)
            if not len(inputs):
                raise ValueError(
                    f"{teacher.source} cannot teach: it can classify none of the "
                    f"{len(light_curves)} objects. Choose a model of this survey."
                )
            told[inputs.index] += predict(teacher, inputs)
            hidden = without_metadata(inputs.metadata, preprocessing)
            inputs = replace(inputs, metadata=hidden)
            untold[inputs.index] += predict(teacher, inputs)
            count[inputs.index] += 1
        asked, number = count > 0, np.maximum(count, 1)
        return cls(
            np.where(asked, told / number, labels),
            np.where(asked, untold / number, labels),
        )

    def take(self, objects: np.ndarray) -> "Lesson":
        """Of some of the objects, by position among the `k`."""
        return Lesson(self.told[objects], self.untold[objects])

    def targets(self, inputs: Inputs, preprocessing: Preprocessing) -> np.ndarray:
        """What a student learns whose inputs of the `k` objects were varied so."""
        known = knows_redshift(inputs.metadata, preprocessing)
        return np.where(known[:, None], self.told, self.untold)


def check_teacher(teacher: LightCurveNetwork, model: LightCurveNetwork) -> None:
    """Refuse a teacher that a model cannot learn from.

    Raises:
        ValueError: its classes differ, or the wavelength of a passband.
    """
    if teacher.preset.classes != model.preset.classes:
        raise ValueError(
            f"{teacher.source} cannot teach: its classes are "
            f"{', '.join(teacher.preset.classes)}. Give the model the same, in order."
        )
    them = teacher.preset.preprocessing.wavelengths
    us = model.preset.preprocessing.wavelengths
    for name in them.keys() & us.keys():
        if them[name] != us[name]:
            raise ValueError(
                f"{teacher.source} cannot teach: its passband {name!r} lies at "
                f"{them[name]:g} um, the model's at {us[name]:g} um. Rename one."
            )
