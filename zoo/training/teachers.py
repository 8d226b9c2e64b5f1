"""Distillation: models whose predictions are learned in place of the labels.

arXiv 1503.02531. Several networks together are more accurate than each alone; a student
learns their mean. A teacher reads the light curves through inputs of its own, so that
networks with another window, other features or other passbands can teach one student.
It sees whole light curves and exact redshifts; its student, whose light curves vary,
sees less of them, and learns what it would have seen (Lopez-Paz et al. 2016,
arXiv:1511.03643).
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from zoo.classifier.load import load
from zoo.classifier.network import LightCurveNetwork
from zoo.inference.runtime import predict
from zoo.inputs.inputs import Inputs
from zoo.inputs.metadata import Unused
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.columns import shown
from zoo.light_curves.ragged import LightCurves
from zoo.training.epochs.augment import knows_redshift, without_metadata


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
            UserWarning: a teacher can classify only some of them, a passband occurs
                that it was not trained on, a column of the metadata that it uses is not
                there, or it takes photometric redshifts as exact.
        """
        told, untold = np.zeros_like(labels), np.zeros_like(labels)
        count = np.zeros((len(labels), 1), np.float32)
        for teacher in teachers:
            preprocessing = teacher.preset.preprocessing
            inputs = preprocess(light_curves, preprocessing, model=teacher.source)
            unused = Unused.of(light_curves, preprocessing)
            for name in {*unused.given} - {"redshift_err"}:  # as its student may use it
                del unused.given[name]
            for message in unused.messages(teacher.source):
                warnings.warn(message, stacklevel=3)
            if not len(inputs):
                raise ValueError(
                    f"{teacher.source} cannot teach: it can classify none of the "
                    f"{len(light_curves)} objects. Choose a model of this survey."
                )
            if len(inputs) < len(light_curves):
                warnings.warn(
                    f"{teacher.source} can classify {len(inputs)} of the "
                    f"{len(light_curves)} objects; the others are learned from other "
                    "teachers, or from their labels.",
                    stacklevel=3,
                )
            predicted = predict(teacher, inputs)
            told[inputs.index] += predicted
            if preprocessing.metadata:
                hidden = without_metadata(inputs.metadata, preprocessing)
                predicted = predict(teacher, replace(inputs, metadata=hidden))
            untold[inputs.index] += predicted
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


def ready(teachers: Any, model: LightCurveNetwork) -> list[LightCurveNetwork]:
    """Load the teachers of a model, and refuse those that it cannot learn from.

    Args:
        teachers: models, or their names.
        model: their student.

    Raises:
        ValueError: they are no list of models, the classes of one differ, or the
            wavelength of a passband of a user.
        KeyError, OSError: as `zoo.load`, of a name.
    """
    if isinstance(teachers, str | PathLike) or not isinstance(teachers, Iterable):
        raise ValueError(
            f"teachers is {shown(teachers)}; it must be a list of models or of their "
            "names."
        )
    every = [load(one) if isinstance(one, str | PathLike) else one for one in teachers]
    for teacher in every:
        _check(teacher, model)
    return every


def _check(teacher: Any, model: LightCurveNetwork) -> None:
    if not isinstance(teacher, LightCurveNetwork):
        raise ValueError(
            f"{shown(teacher)} cannot teach. Give what zoo.load returns, or the name "
            "or folder of a model."
        )
    if teacher.preset.classes != model.preset.classes:
        raise ValueError(
            f"{teacher.source} cannot teach: its classes are "
            f"{', '.join(teacher.preset.classes)}. Give the model the same, in order."
        )
    them = teacher.preset.preprocessing.own_passbands
    us = model.preset.preprocessing.own_passbands
    for name in sorted(them.keys() & us.keys()):
        if them[name] != us[name]:
            raise ValueError(
                f"{teacher.source} cannot teach: its passband {name!r} lies at "
                f"{them[name].wavelength:g} um, the model's at "
                f"{us[name].wavelength:g} um. Rename one."
            )
