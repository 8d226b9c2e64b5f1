"""The numbers of a study: the content of `results.json`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.evaluation.early import DAYS
from zoo.evaluation.scores import HEADLINES
from zoo.study.curves import Curves
from zoo.study.design import Design
from zoo.study.headline import convergence, labels_saved, share_of_full
from zoo.study.protocols import SHARE

INPUTS = ("with_metadata", "light_curve_alone")


def select(
    results: Sequence[dict[str, Any]], method: str, labels: int
) -> list[dict[str, Any]]:
    """The results of a method with a number of labels, one for every run."""
    return [r for r in results if (r["method"], r["labels"]) == (method, labels)]


def all_curves(
    results: Sequence[dict[str, Any]], design: Design
) -> dict[tuple[str, str], Curves]:
    """The curves of every metric, by inputs and metric.

    The networks of the protocol `paper` see no metadata: their curves are of light
    curves alone.
    """
    shown = INPUTS if design.protocol == "zoo" else INPUTS[1:]
    return {
        (inputs, metric): Curves.of(results, metric, inputs)
        for inputs in shown
        for metric in HEADLINES
    }


def summarise(
    results: Sequence[dict[str, Any]],
    design: Design,
    curves: Mapping[tuple[str, str], Curves],
    *,
    data: str,
    seconds: float,
) -> dict[str, Any]:
    """Compute the content of `results.json`.

    Args:
        results: of all trials, as `zoo.study.run.run` returns them.
        design: of the study.
        curves: of these results.
        data: name of the light curves.
        seconds: wall time of this call.
    """
    fits = [r["fit"]["seconds"] for r in results if "fit" in r]
    points: dict[str, dict[str, Any]] = {inputs: {} for inputs, _ in curves}
    for (inputs, metric), of_metric in curves.items():
        points[inputs][metric] = _points(of_metric)
    return {
        "target": design.target,
        "protocol": design.protocol,
        "data": data,
        "classes": list(design.classes),
        "labels": list(design.labels),
        "runs": design.runs,
        "pool": design.pool,
        "n": results[0]["n"],
        "left_out": list(design.left_out),
        "seconds": {"this_run": round(seconds, 1), "training": round(sum(fits), 1)},
        "headline": headline(results, design, next(iter(curves.values()))),
        "curves": points,
        "per_class": _per_class(results, design, next(iter(points))),
        "cost": _cost(results, design),
        "trust": _trust(results, design),
    }


def headline(
    results: Sequence[dict[str, Any]], design: Design, curves: Curves
) -> dict[str, Any]:
    """The headline numbers, each as value, low and high.

    Returns:
        By name of a transfer method: `labels_saved`, `share_of_scratch` and
        `share_of_itself` (at 30 % of the labels), `convergence` (at the largest number
        of labels); None where that number was not tried.
    """
    scratch, most = design.methods[1].name, design.labels[-1]
    some = min(design.labels, key=lambda labels: abs(labels - SHARE * most))
    numbers = {}
    for method in design.methods:
        beside = design.protocol == "zoo" and 0 not in curves.labels(method.name)
        if method.base is None or beside:  # another choice of layers, for few labels
            continue
        name, whole = method.name, most in design.tried(method)
        numbers[name] = {
            "labels_saved": labels_saved(curves, name, scratch),
            "share_of_scratch": share_of_full(curves, name, scratch, some),
            "share_of_itself": share_of_full(curves, name, name, some)
            if whole
            else None,
            "convergence": convergence(results, name, scratch, most) if whole else None,
        }
    return numbers


def _points(curves: Curves) -> dict[str, dict[str, dict[str, Any]]]:
    """By method and labels: median, 95 % interval, median absolute deviation."""
    points: dict[str, dict[str, dict[str, Any]]] = {m: {} for m, _ in curves.values}
    for method in points:
        for labels in curves.labels(method):
            value, *interval = curves.point(method, labels)
            points[method][str(labels)] = {
                "median": value,
                "interval": interval,
                "deviation": curves.deviation(method, labels),
            }
    return points


def _per_class(
    results: Sequence[dict[str, Any]], design: Design, inputs: str
) -> list[dict[str, Any]]:
    """AUROC and F1 of every class at the largest number of labels: medians of runs."""
    rows = []
    for method in design.methods:
        chosen = [
            r[inputs]["per_class"]
            for r in select(results, method.name, design.labels[-1])
        ]
        for label in design.classes if chosen else ():
            rows.append(
                {
                    "method": method.name,
                    "class": label,
                    "n": chosen[0][label]["n"],
                    "auroc": _median([run[label]["auroc"] for run in chosen]),
                    "f1": _median([run[label]["f1"] for run in chosen]),
                }
            )
    return rows


def _cost(results: Sequence[dict[str, Any]], design: Design) -> list[dict[str, Any]]:
    """Median epochs and seconds of every method and number of labels."""
    rows = []
    for method in design.methods:
        for labels in design.tried(method):
            fits = [r["fit"] for r in select(results, method.name, labels)]
            rows.append(
                {
                    "method": method.name,
                    "labels": labels,
                    "epochs": float(np.median([f["epochs"] for f in fits])),
                    "seconds": float(np.median([f["seconds"] for f in fits])),
                }
            )
    return rows


def _trust(results: Sequence[dict[str, Any]], design: Design) -> list[dict[str, Any]]:
    """Calibration and early scores: no label, and all labels, of every method."""
    rows = []
    for method in design.methods:
        for labels in (0, design.labels[0], design.labels[-1]):
            chosen = select(results, method.name, labels)
            if not chosen:
                continue
            whole, alone = ([r[inputs]["ece"] for r in chosen] for inputs in INPUTS)
            rows.append(
                {
                    "method": method.name,
                    "labels": labels,
                    "ece": _median(whole),
                    "ece_light_curve_alone": _median(alone),
                    "by_days": {
                        str(day): _median([r["by_days"][str(day)] for r in chosen])
                        for day in DAYS
                    },
                }
            )
    return rows


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.median(known)), 4) if known else None
