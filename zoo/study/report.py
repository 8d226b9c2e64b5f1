"""The report of a study: report.md, results.json, figures."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.evaluation.scores import METRIC_NAMES
from zoo.study.curves import Value
from zoo.study.design import Design
from zoo.study.figures import draw_figures
from zoo.study.summary import all_curves, summarise

_INPUTS = {
    "with_metadata": "redshift and E(B-V) where known",
    "light_curve_alone": "light curve alone",
}


def write_report(
    results: Sequence[dict[str, Any]],
    design: Design,
    out: Path,
    *,
    data: str,
    seconds: float,
) -> dict[str, Any]:
    """Write the report of a study.

    Args:
        results: of all trials, as `zoo.study.run.run` returns them.
        design: of the study.
        out: its folder.
        data: name of the light curves.
        seconds: wall time of this call.

    Returns:
        The content of `results.json`.
    """
    curves = all_curves(results, design)
    summary = summarise(results, design, curves, data=data, seconds=seconds)
    captions = draw_figures(results, design, curves, out)
    text = json.dumps(summary, indent=1)
    (out / "results.json").write_text(text, encoding="utf-8")
    (out / "report.md").write_text(_markdown(summary, captions), encoding="utf-8")
    return summary


def _markdown(summary: Mapping[str, Any], captions: Mapping[str, str]) -> str:
    lines = [
        f"# {summary['target']}, protocol {summary['protocol']}: {summary['data']}",
        "",
        f"Classes: {', '.join(summary['classes'])}. {summary['pool']:,} labelled "
        f"objects to learn from, {summary['n']:,} others to measure on, "
        f"{summary['runs']} runs. Figures are medians over the runs, with 95 % "
        "intervals over runs and objects, and median absolute deviations of the runs. "
        f"Training took {summary['seconds']['training']:,.0f} s of processor time.",
        "",
    ]
    if summary["left_out"]:
        lines += [
            f"Left out of this quick study: {'; '.join(summary['left_out'])}.",
            "",
        ]
    lines += ["## Headline numbers", "", *_headline_table(summary["headline"]), ""]
    name, caption = next(iter(captions.items()))
    lines += [f"![{caption}]({name})", "", f"*{caption}*", ""]
    for inputs, metrics in summary["curves"].items():
        for metric, methods in metrics.items():
            lines += [f"## {_title(metric)}, {_INPUTS[inputs]}", ""]
            lines += [*_curve_table(methods, summary["labels"]), ""]
    lines += [
        f"## Classes, {summary['labels'][-1]:,} labels",
        "",
        "| method | class | objects | AUROC | F1 |",
        "|---|---|---:|---:|---:|",
        *(
            f"| {row['method']} | {row['class']} | {row['n']:,} | "
            f"{_number(row['auroc'])} | {_number(row['f1'])} |"
            for row in summary["per_class"]
        ),
        "",
    ]
    lines += [
        "## Cost",
        "",
        "| method | labels | epochs | seconds |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {row['method']} | {row['labels']:,} | {row['epochs']:g} | "
        f"{row['seconds']:.1f} |"
        for row in summary["cost"]
    ]
    days = list(summary["trust"][0]["by_days"])
    lines += [
        "",
        "## Calibration, and early classification",
        "",
        "ECE: expected calibration error, with metadata and on the light curve alone; "
        "then the macro AUROC some days (d) after the trigger.",
        "",
        f"| method | labels | ECE | ECE alone | {' | '.join(f'{d} d' for d in days)} |",
        "|---|---:|---:|---:|" + "---:|" * len(days),
    ]
    lines += [
        f"| {row['method']} | {row['labels']:,} | {_number(row['ece'])} | "
        f"{_number(row['ece_light_curve_alone'])} | "
        f"{' | '.join(_number(value) for value in row['by_days'].values())} |"
        for row in summary["trust"]
    ]
    lines += ["", "## Figures", ""]
    for name, caption in list(captions.items())[1:]:
        lines += [f"![{caption}]({name})", "", f"*{caption}*", ""]
    return "\n".join(lines)


def _title(metric: str) -> str:
    name = METRIC_NAMES[metric]
    return name[0].upper() + name[1:]


def _headline_table(headline: Mapping[str, Any]) -> list[str]:
    lines = [
        "| method | labels saved | with 30 % of the labels, share of scratch with all "
        "| share of itself with all | epochs to scratch's best loss |",
        "|---|---|---|---|---|",
    ]
    keys = ("labels_saved", "share_of_scratch", "share_of_itself", "convergence")
    for method, numbers in headline.items():
        lines.append(
            f"| {method} | {' | '.join(_percent(numbers[key]) for key in keys)} |"
        )
    return lines


def _percent(value: Value | None) -> str:
    if value is None:
        return "-"
    middle, low, high = (
        "never" if not np.isfinite(x) else f"{100 * x:.0f} %" for x in value
    )
    return f"{middle} ({low} to {high})"


def _curve_table(methods: Mapping[str, Any], labels: Sequence[int]) -> list[str]:
    head = " | ".join(["no label", *(f"{x:,}" for x in labels)])
    lines = [f"| method | {head} |", "|---|" + "---|" * (len(labels) + 1)]
    for method, points in methods.items():
        values = (_point(points.get(str(x))) for x in (0, *labels))
        lines.append(f"| {method} | {' | '.join(values)} |")
    return lines


def _point(point: Mapping[str, Any] | None) -> str:
    if point is None:
        return "-"
    low, high = point["interval"]
    deviation = f"MAD {point['deviation']:.3f}"
    return f"{point['median']:.3f} ({low:.3f} to {high:.3f}; {deviation})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
