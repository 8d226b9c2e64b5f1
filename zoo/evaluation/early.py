"""How soon a model is right: scores of light curves cut some days after the trigger."""

from zoo.evaluation.auroc import macro_auroc
from zoo.evaluation.predictions import Predictions
from zoo.inference.runtime import predict
from zoo.inputs.preprocess import input_rows
from zoo.taxonomy import collapse

DAYS = (2, 5, 10, 20, 50)
"""Days since trigger, as in the evaluations of RAPID (arXiv 1904.00014) and ORACLE
(arXiv 2501.01496)."""


def auroc_by_days(
    predictions: Predictions,
) -> dict[int, tuple[float, float, float] | None]:
    """The macro AUROC and its 95 % interval after some days, by days since trigger.

    Observations after that day are left out; the trigger is kept even where the
    detection that confirms it comes later. Features are causal, so this is what the
    model would have predicted then.

    Args:
        predictions: of whole light curves.

    Returns:
        By days since trigger, observer frame: value, low and high; None where no class
        has objects on both sides.

    Example:
        >>> from zoo.evaluation.predictions import predict_labelled
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> predictions = predict_labelled("ztfsims-gru", golden_light_curves())
        >>> list(auroc_by_days(predictions))
        [2, 5, 10, 20, 50]
    """
    runtime, inputs = predictions.runtime, predictions.inputs
    preset = runtime.preset
    _, since = input_rows(predictions.light_curves, inputs, preset.preprocessing)
    scores = {}
    for days in DAYS:
        probabilities = predict(runtime, inputs.with_rows(since <= days))
        probabilities = collapse(probabilities, preset.classes, predictions.classes)
        scores[days] = macro_auroc(probabilities, predictions.truth)
    return scores
