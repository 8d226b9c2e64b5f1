"""What `metrics.json` may hold: checked where it is read, and before it is written.

Like `zoo.json` it may come from a stranger. A file that is accepted can be shown, drawn
and listed, and its numbers agree with each other; whether they are true is known to its
author alone.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.inputs.limits import check_names, check_number, check_table, check_text, shown
from zoo.model_folder.entries import (
    check_any_text,
    check_count,
    check_entries,
    check_interval,
    check_list,
    check_one_of,
    check_share,
    check_sum,
)
from zoo.model_folder.manifest import parse_json, to_json
from zoo.model_folder.metric_names import METRIC_NAMES, few

_DEFINED = tuple(name for name in METRIC_NAMES if not name.endswith("_auroc"))
"""Metrics that have a value on any objects."""

_PER_CLASS = ("auroc", "precision", "recall", "f1")
_PER_CLASS_SINCE = ("average_precision", "intervals")  # of later versions
_LEFT_OUT = ("excluded", "no_label", "other_labels", "no_trigger", "no_finite_output")
_TRAINING_OBJECTS = ("left out", "included", "unknown")
_FIGURES = ("n", "per_class", "intervals", *METRIC_NAMES)
_ALWAYS = ("model", "revision", "data", "n_excluded", "classes", *_FIGURES)
_SOMETIMES = (  # not in those of earlier versions, or of `zoo.evaluate`
    *("left_out", "training_objects", "few", "metadata", "where", "diagnostics"),
    *("mostly_outside_window", "purity_completeness", "days"),
)
_EARLY = ("trigger_not_confirmed", "purity_completeness", "brightness_alone", *_FIGURES)

_PURITY_COMPLETENESS = ("threshold", "purity", "completeness")

_MOST_CLASSES = 4096  # as of a model
_MOST_MEASUREMENTS = 1000
_MOST_POINTS = 10_000  # of a curve; 40 are kept
_MOST_EPOCHS = 1_000_000
_LATEST_DAY = 1e300  # any number of days that JSON holds
_LARGEST_LOSS = 3.4028235e38  # float32
_LARGEST_LOG_LOSS = 745.0  # -log(5e-324), of the smallest float64, is 744.4


def read_metrics(content: bytes, path: Path) -> dict[str, Any]:
    """Read a `metrics.json`.

    Args:
        content: its bytes.
        path: where it was read, for messages.

    Returns:
        The main measurement, as `zoo.evaluate` or `zoo.evaluation.metrics_file.measure`
        returns it, with `learning_curve` and `more`; nothing where the model was not
        measured.

    Raises:
        ValueError: it is not JSON, an entry is missing, unknown or has a forbidden
            value, or its numbers contradict each other.

    Example:
        >>> read_metrics(b"{}", Path("metrics.json"))
        {}
        >>> read_metrics(b"[]", Path("metrics.json"))
        Traceback (most recent call last):
        ValueError: metrics.json: the content is a list of 0; it must be a table of at most 32768 entries. Fetch the model again; if a newer transient-zoo wrote it, upgrade.
    """  # noqa: E501
    try:
        metrics = parse_json(content, "it")
        _check(metrics)
    except ValueError as error:
        raise ValueError(
            f"{path}: {error} Fetch the model again; if a newer transient-zoo wrote "
            "it, upgrade."
        ) from None
    return metrics


_NUMBERS = re.compile(r"\[\s+([-+.\de,\snul]+?)\s+\]")


def metrics_text(metrics: Mapping[str, Any]) -> str:
    """The text of `metrics.json`: a list of numbers has a line, not a line for each,
    which would be half of the file.

    Example:
        >>> metrics_text({"threshold": [0.1, 0.2]}).splitlines()[1]
        '  "threshold": [0.1, 0.2]'
    """
    text = to_json(metrics)
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text)


def to_metrics(metrics: Any, to_be: str = "saved") -> dict[str, Any]:
    """Metrics as `read_metrics` gives them back once they are written.

    Args:
        metrics: what `zoo.evaluate` returns.
        to_be: what they are for, for the message.

    Raises:
        ValueError: it would refuse them.

    Example:
        >>> to_metrics({"n": 1})
        Traceback (most recent call last):
        ValueError: metrics cannot be saved: the content lacks model, revision, data, ... Give what zoo.evaluate returns.
    """  # noqa: E501
    try:
        text = json.dumps(dict(metrics) if isinstance(metrics, Mapping) else metrics)
        written = json.loads(text)
        _check(written)
    except RecursionError:
        reason = "they lie too deep."
    except (TypeError, ValueError) as error:
        reason = f"{str(error).rstrip('.')}."
    else:
        return written
    raise ValueError(
        f"metrics cannot be {to_be}: {reason} Give what zoo.evaluate returns."
    )


def _check(metrics: Any) -> None:
    check_table("the content", metrics)
    measured = {k: v for k, v in metrics.items() if k not in ("learning_curve", "more")}
    if "learning_curve" in metrics:
        _check_learning_curve(metrics["learning_curve"])
    if measured or "more" in metrics:
        _check_measurement("", measured)
    more = check_list("more", metrics.get("more", []), _MOST_MEASUREMENTS)
    for number, other in enumerate(more):
        _check_measurement(f"more[{number}]", other)


def _check_measurement(where: str, measured: Any) -> None:
    """Check one measurement; `where` in the file it is."""
    check_entries(where or "the content", measured, _ALWAYS, _SOMETIMES)
    inner = f"{where}." if where else ""
    for name in ("model", "revision"):
        check_text(f"{inner}{name}", measured[name])
    check_any_text(f"{inner}data", measured["data"])
    if measured.get("where") is not None:
        check_any_text(f"{inner}where", measured["where"])
    check_one_of(f"{inner}metadata", measured.get("metadata", True), (True, False))
    training = measured.get("training_objects", "unknown")
    check_one_of(f"{inner}training_objects", training, _TRAINING_OBJECTS)
    check_count(f"{inner}n_excluded", measured["n_excluded"])
    classes = measured["classes"]
    check_list(f"{inner}classes", classes, _MOST_CLASSES, fewest=1)
    check_names(f"{inner}classes", classes, f"a class of {inner}classes")
    _check_figures(inner, measured, classes)
    n, per_class = measured["n"], measured["per_class"]
    unseen = measured.get("mostly_outside_window", 0)
    check_count(f"{inner}mostly_outside_window", unseen, n)
    if "few" in measured:
        check_one_of(f"{inner}few", measured["few"], (few(n, per_class),))
    if "left_out" in measured:
        _check_left_out(f"{inner}left_out", measured)
    if "diagnostics" in measured:
        _check_diagnostics(f"{inner}diagnostics", measured)
    if "days" in measured:
        check_table(f"{inner}days", measured["days"])
        for day, early in measured["days"].items():
            _check_early(f"{inner}days.{day}", day, early, measured)


def _check_figures(
    inner: str, measured: Mapping[str, Any], classes: Sequence[str]
) -> None:
    """Check the figures of whole light curves, or of those cut on some day."""
    n, per_class = measured["n"], measured["per_class"]
    check_count(f"{inner}n", n, fewest=1)
    check_entries(f"{inner}per_class", per_class, classes)
    for label, values in per_class.items():
        of = f"{inner}per_class.{label}"
        check_entries(of, values, ("n", *_PER_CLASS), _PER_CLASS_SINCE)
        check_count(f"{of}.n", values["n"])
        for key in (*_PER_CLASS, "average_precision"):
            check_share(f"{of}.{key}", values.get(key), none=True)
        if "intervals" in values:
            intervals = values["intervals"]
            check_entries(f"{of}.intervals", intervals, _PER_CLASS, _PER_CLASS_SINCE)
            for key, ends in intervals.items():
                check_interval(f"{of}.intervals.{key}", ends, 1.0)
    check_sum(f"{inner}per_class", (values["n"] for values in per_class.values()), n)
    check_entries(f"{inner}intervals", measured["intervals"], METRIC_NAMES)
    for key in METRIC_NAMES:
        most = _LARGEST_LOG_LOSS if key == "log_loss" else 1.0
        none = key not in _DEFINED
        check_share(f"{inner}{key}", measured[key], most, none=none)
        check_interval(f"{inner}intervals.{key}", measured["intervals"][key], most)
    if "purity_completeness" in measured:
        name, curves = f"{inner}purity_completeness", measured["purity_completeness"]
        check_entries(name, curves, classes)
        for label, curve in curves.items():
            if curve is not None:
                _check_curve(f"{name}.{label}", curve, _PURITY_COMPLETENESS)


def _check_curve(name: str, curve: Any, keys: Sequence[str]) -> None:
    """Check lists of shares, of one length."""
    check_entries(name, curve, keys)
    most, fewest = _MOST_POINTS, 1
    for key in keys:
        values = check_list(f"{name}.{key}", curve[key], most, fewest=fewest)
        most = fewest = len(values)
        for value in values:
            check_share(f"{name}.{key}", value)


def _check_early(name: str, day: str, early: Any, measured: Mapping[str, Any]) -> None:
    """Check the figures of light curves cut on some day."""
    try:
        since = float(day)
    except ValueError:
        since = None
    check_number(f"{name}, the day,", since, 0, _LATEST_DAY)
    check_entries(name, early, _EARLY)
    classes = measured["classes"]
    _check_figures(f"{name}.", early, classes)
    check_one_of(f"{name}.n", early["n"], (measured["n"],))
    check_count(
        f"{name}.trigger_not_confirmed", early["trigger_not_confirmed"], early["n"]
    )
    name = f"{name}.brightness_alone"
    check_entries(name, early["brightness_alone"], classes)
    for label, alone in early["brightness_alone"].items():
        check_entries(f"{name}.{label}", alone, ("ranked_by", "auroc", "interval"))
        if alone["ranked_by"] is not None:
            check_text(f"{name}.{label}.ranked_by", alone["ranked_by"])
        check_share(f"{name}.{label}.auroc", alone["auroc"], none=True)
        check_interval(f"{name}.{label}.interval", alone["interval"], 1.0)


def _check_left_out(name: str, measured: Mapping[str, Any]) -> None:
    left_out = measured["left_out"]
    check_entries(name, left_out, _LEFT_OUT)
    labels = left_out["other_labels"]
    if not isinstance(labels, Mapping):
        raise ValueError(
            f"{name}.other_labels is {shown(labels)}; it must be a table of counts."
        )
    for label in labels:  # as users write them
        check_any_text(f"a label of {name}.other_labels", label)
    counts = {k: v for k, v in left_out.items() if k != "other_labels"}
    for key, value in (*counts.items(), *labels.items()):
        check_count(f"{name}, {shown(key)},", value)
    every = (*counts.values(), *labels.values())
    check_sum(name, every, measured["n_excluded"])


def _check_diagnostics(name: str, measured: Mapping[str, Any]) -> None:
    diagnostics, classes = measured["diagnostics"], measured["classes"]
    check_entries(name, diagnostics, ("confusion", "reliability"), ("roc", "by_days"))
    wide = len(classes)
    rows = check_list(f"{name}.confusion", diagnostics["confusion"], wide, fewest=wide)
    for label, row in zip(classes, rows, strict=True):
        of = f"{name}.confusion, row {label},"
        for value in check_list(of, row, wide, fewest=wide):
            check_count(of, value)
        check_sum(of, row, measured["per_class"][label]["n"])
    curves = diagnostics.get("roc", dict.fromkeys(classes))
    check_entries(f"{name}.roc", curves, classes)
    for label, curve in curves.items():
        if curve is not None:
            _check_curve(f"{name}.roc.{label}", curve, ("fpr", "tpr"))
    bins = diagnostics["reliability"]
    for one in check_list(f"{name}.reliability", bins, _MOST_POINTS, fewest=1):
        check_entries(f"{name}.reliability", one, ("n", "confidence", "accuracy"))
        check_count(f"{name}.reliability, n,", one["n"])
        for key in ("confidence", "accuracy"):
            check_share(f"{name}.reliability, {key},", one[key], none=not one["n"])
    check_sum(f"{name}.reliability", (one["n"] for one in bins), measured["n"])
    by_days = diagnostics.get("by_days", [])
    for one in check_list(f"{name}.by_days", by_days, _MOST_POINTS):
        check_entries(f"{name}.by_days", one, ("days", "n", "macro_auroc", "interval"))
        check_count(f"{name}.by_days, days,", one["days"])
        check_count(f"{name}.by_days, n,", one["n"])
        check_share(f"{name}.by_days, macro_auroc,", one["macro_auroc"], none=True)
        check_interval(f"{name}.by_days, interval,", one["interval"], 1.0)


def _check_learning_curve(curve: Any) -> None:
    check_entries("learning_curve", curve, ("loss", "validation_loss", "best_epoch"))
    loss = check_list("learning_curve.loss", curve["loss"], _MOST_EPOCHS, fewest=1)
    same = len(loss)
    name, further = "learning_curve.validation_loss", curve["validation_loss"]
    for value in (*loss, *check_list(name, further, same, fewest=same)):
        check_number("a loss of learning_curve", value, -_LARGEST_LOSS, _LARGEST_LOSS)
    check_count("learning_curve.best_epoch", curve["best_epoch"], same, fewest=1)
