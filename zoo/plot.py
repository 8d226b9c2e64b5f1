"""Figures of light curves and of how good a model is, for scripts and notebooks.

    import zoo

    figure = zoo.plot.light_curve("my_table", "ZTF20abc", model="multisims-gru")
    figure.savefig("ZTF20abc.png")

Each function returns a `matplotlib.figure.Figure`, which notebooks show. None touches
pyplot or the settings of matplotlib. `zoo-cli data show` and the cards of models draw
with the same code. Colours can be told apart by colour-blind readers
(`zoo.figures.palette`); names in the data are drawn as they are, never as formulas.
"""

import math
from collections.abc import Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

from zoo.evaluation.evaluate import evaluate
from zoo.figures.classes import purity_completeness_figure
from zoo.figures.confusion import confusion_figure
from zoo.figures.learning import Point, learning_curves_figure
from zoo.figures.light_curve import light_curve_figure
from zoo.figures.reliability import reliability_figure
from zoo.inference.runtime import AnyModel, Runtime
from zoo.inputs.limits import shown
from zoo.light_curves.accept import read
from zoo.model_folder.metric_names import METRIC_NAMES
from zoo.model_folder.metrics import to_metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def light_curve(
    data: Any,
    object_id: str,
    model: AnyModel | None = None,
    *,
    magnitudes: bool = False,
) -> "Figure":
    """Draw the light curve of one object, and what a model predicts as points arrive.

    Points have the colour of their passband, which the legend lists by wavelength, and
    1-sigma error bars; those that the survey did not detect are open. The axes show
    the points that the model uses, but of years without a detection only those beside
    the detections. Also outside may lie points that are not detected, with errors above
    the range of all detections; the legend counts all points outside. Others are pale,
    as a model leaves out passbands that it was not trained for; days outside its window
    are shaded. The dashed line is the trigger. Below are the probabilities after each
    point, from the confirmed trigger on; the legend lists classes by the last one. The
    title has the true label, where the data have one.

    Args:
        data: light curves, as `zoo.light_curves.accept.read` reads them: a folder, a
            file, a (photometry, metadata) pair, `zoo.LightCurves`.
        object_id: the object.
        model: a loaded model, or the name or folder of one. Default: draw the points
            alone, with the trigger of the bundled models.
        magnitudes: draw AB magnitudes in place of fluxes at zero point 27.5: a point
            from 3 sigma on, else the upper limit of 5 sigma, as ZTF's forced photometry
            recommends (arXiv 2305.16279).

    Returns:
        The figure. An object without a trigger has the reason in place of
        probabilities, and its times are MJD.

    Raises:
        KeyError: the data have no such object.
        ValueError: it has no points, or the data break a rule.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> figure = zoo.plot.light_curve(
        ...     golden_light_curves(), "golden-0", model="ztfsims-gru")
        >>> figure.axes[0].get_title(loc="left")
        'golden-0, true label SNIa'
    """
    runtime = None if model is None else Runtime.of(model)
    reads = {} if runtime is None else runtime.preset.preprocessing.reads
    one = read(data, **reads).find(object_id)
    if not len(one.mjd):
        raise ValueError(f"object {object_id!r} has no photometry, so nothing to draw.")
    return light_curve_figure(one, runtime, magnitudes=magnitudes)


def confusion(
    model: AnyModel | Mapping[str, Any], data: Any = None, **options: Any
) -> "Figure":
    """Draw the confusion matrix: what objects of each true class are predicted to be.

    Rows are true classes, with their numbers of objects; cells are percent of the row.

    Args:
        model: what `zoo.evaluate` returned; or a model, which is evaluated on the data.
        data: labelled light curves, where a model is given, as for `zoo.evaluate`.
        options: further ones of `zoo.evaluate`, such as `taxonomy="bts"`.

    Raises:
        ValueError: the result is none of `zoo.evaluate`, data are missing, or nothing
            can be scored.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> figure = zoo.plot.confusion(
        ...     "ztfsims-gru", golden_light_curves(), taxonomy="bts")
        >>> figure.axes[0].get_xlabel()
        'predicted class'
    """
    return confusion_figure(_measured(model, data, options, "diagnostics"))


def purity_completeness(
    model: AnyModel | Mapping[str, Any], data: Any = None, **options: Any
) -> "Figure":
    """Draw purity and completeness against the threshold, a panel for each class.

    They are precision and recall of the objects whose probability of the class is at
    least the threshold; `zoo.thresholds` chooses one.

    Args, errors: as for `confusion`.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> result = zoo.evaluate("ztfsims-gru", golden_light_curves(), "bts")
        >>> figure = zoo.plot.purity_completeness(result)
        >>> [axes.get_title() for axes in figure.axes]
        ['SNIa', 'SNIb/c', 'SNII', 'SLSN-I', 'TDE']
    """
    measured = _measured(model, data, options, "purity_completeness")
    return purity_completeness_figure(measured)


def reliability(
    model: AnyModel | Mapping[str, Any], data: Any = None, **options: Any
) -> "Figure":
    """Draw how often the predicted class is right against its probability.

    Error bars are 95 % intervals (Wilson 1927, JASA 22, 209); the points of a
    calibrated model lie on the dashed line. Beside it are the numbers of objects.

    Args, errors: as for `confusion`.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> figure = zoo.plot.reliability("ztfsims-gru", golden_light_curves())
        >>> figure.axes[0].get_ylabel()
        'share predicted correctly'
    """
    return reliability_figure(_measured(model, data, options, "diagnostics"))


def learning_curves(
    curves: Mapping[str, Mapping[int, AnyModel | Mapping[str, Any]]],
    data: Any = None,
    *,
    metric: str = "macro_auroc",
    **options: Any,
) -> "Figure":
    """Draw a metric against the number of labels, with 95 % bands.

    The bands hold other draws of test objects; those of other labels and seeds are in
    the figures of `zoo-cli reproduce`, which repeats each training.

    Args:
        curves: by name and number of labels, 0 included, what `zoo.evaluate` returned;
            or models, which are evaluated on the data.
        data: as for `confusion`.
        metric: `macro_auroc`, `macro_f1`, `balanced_accuracy`, `accuracy`,
            `micro_auroc`, `log_loss` or `ece`.
        options: as for `confusion`.

    Raises:
        KeyError: the metric is not known.
        ValueError: as `confusion`; or a number of labels is none.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> before = zoo.evaluate("ztfsims-gru", golden_light_curves(), "bts")
        >>> after = zoo.evaluate("multisims-gru", golden_light_curves(), "bts")
        >>> figure = zoo.plot.learning_curves({"transfer": {0: before, 100: after}})
        >>> figure.axes[0].get_ylabel()
        'macro AUROC'
    """
    if metric not in METRIC_NAMES:
        known = ", ".join(METRIC_NAMES)
        raise KeyError(f"metric {metric!r} is not known. Choose one of {known}.")
    if not curves or not all(curves.values()):
        raise ValueError("there is nothing to draw. Give results by name and labels.")
    points: dict[str, list[Point]] = {}
    for name, by_labels in curves.items():
        for labels in by_labels:
            if (
                not isinstance(labels, Integral)
                or isinstance(labels, bool)
                or labels < 0
            ):
                raise ValueError(
                    f"{name!r} has {shown(labels)} labels; it must be a number from 0."
                )
        points[name] = [
            (labels, *_with_interval(_measured(of, data, options), metric))
            for labels, of in sorted(by_labels.items())
        ]
    return learning_curves_figure(points, metric=METRIC_NAMES[metric])


def _measured(
    model: AnyModel | Mapping[str, Any],
    data: Any,
    options: Mapping[str, Any],
    needed: str = "n",
) -> Mapping[str, Any]:
    """A result of `zoo.evaluate`: the one given, or that of a model."""
    if not isinstance(model, Mapping):
        if data is None:
            raise ValueError(
                "data is missing. Give labelled light curves beside the model, or the "
                "result of zoo.evaluate alone."
            )
        return evaluate(model, data, **options)
    if data is not None or options:
        given = ", ".join(["data"] * (data is not None) + [*options])
        raise ValueError(
            f"the result of zoo.evaluate was given with {given}. Leave out {given}, or "
            "give a model."
        )
    measured = to_metrics(model, "drawn")
    if needed not in measured:
        raise ValueError(
            f"the result has no {needed}. Give what zoo.evaluate of this version "
            "returns."
        )
    return measured


def _with_interval(
    measured: Mapping[str, Any], metric: str
) -> tuple[float, float, float]:
    """A metric and the ends of its interval, NaN where they are not defined."""
    low, high = measured["intervals"][metric]
    value, low, high = (
        math.nan if number is None else float(number)
        for number in (measured[metric], low, high)
    )
    return value, low, high
