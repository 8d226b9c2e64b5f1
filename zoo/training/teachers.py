"""Distillation: models whose predictions are learned in place of the labels.

arXiv 1503.02531. Several seeds of one network together are more accurate than each
alone; a student learns their mean.
"""

from collections.abc import Sequence

import numpy as np

from zoo.classifier.network import LightCurveNetwork
from zoo.inference.runtime import predict
from zoo.inputs.inputs import Inputs


def mean_prediction(
    teachers: Sequence[LightCurveNetwork], inputs: Inputs
) -> np.ndarray:
    """Mean probabilities of the teachers, float32 `(k, classes)`."""
    return np.mean([predict(teacher, inputs) for teacher in teachers], axis=0)


def check_teacher(teacher: LightCurveNetwork, model: LightCurveNetwork) -> None:
    """Refuse a teacher that a model cannot learn from.

    Raises:
        ValueError: its inputs or its classes differ.
    """
    them, us = teacher.preset.preprocessing, model.preset.preprocessing
    # The model takes up further passbands from the data that it learns with.
    shared = them.wavelengths.keys() & us.wavelengths.keys()
    differ = {
        name: getattr(them, name) != getattr(us, name)
        for name in ("features", "window", "flux_scale", "metadata")
    }
    differ["wavelengths"] = any(
        them.wavelengths[n] != us.wavelengths[n] for n in shared
    )
    for name, different in differ.items():
        if different:
            raise ValueError(
                f"{teacher.source} cannot teach: its {name} differ. Both models must "
                "see the same inputs."
            )
    if teacher.preset.classes != model.preset.classes:
        raise ValueError(
            f"{teacher.source} cannot teach: its classes are "
            f"{', '.join(teacher.preset.classes)}. Give the model the same, in order."
        )
