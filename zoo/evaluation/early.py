"""Light curves cut some days after their trigger."""

from zoo.inputs.inputs import Inputs
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import input_rows
from zoo.light_curves.ragged import LightCurves

DAYS = (2, 5, 10, 20, 50)
"""Days since trigger, as in the evaluations of RAPID (arXiv 1904.00014) and ORACLE
(arXiv 2501.01496)."""


def cut(
    inputs: Inputs, light_curves: LightCurves, preprocessing: Preprocessing, days: float
) -> Inputs:
    """Leave out the rows of network inputs later than some days after the trigger.

    Args:
        inputs: what `preprocess` made of the light curves.
        light_curves: the same objects.
        preprocessing: what it made them with.
        days: observer-frame days since trigger.
    """
    _, since = input_rows(light_curves, inputs, preprocessing)
    return inputs.with_rows(since <= days)
