"""The report of a study: report.md, results.json, figures."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.evaluation.names import METRICS as IN_WORDS
from zoo.study import figures
from zoo.study.cells import METRICS
from zoo.study.curves import Curves, Value
from zoo.study.design import Design
from zoo.study.published import PUBLISHED
from zoo.study.summary import all_curves, summarise

_SAID = {
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
        results: of all cells, as `zoo.study.run.run` returns them.
        design: of the study.
        out: its folder.
        data: name of the light curves.
        seconds: wall time of this run of it.

    Returns:
        The content of `results.json`.
    """
    curves = all_curves(results, design)
    summary = summarise(results, design, curves, data=data, seconds=seconds)
    drawn = _draw(results, design, curves, out)
    text = json.dumps(summary, indent=1)
    (out / "results.json").write_text(text, encoding="utf-8")
    (out / "report.md").write_text(_markdown(summary, drawn), encoding="utf-8")
    return summary


def _draw(
    results: Sequence[dict[str, Any]],
    design: Design,
    curves: Mapping[tuple[str, str], Curves],
    out: Path,
) -> dict[str, str]:
    """Draw everything; file name and caption of each figure."""
    names = [method.name for method in design.methods]
    inputs = next(inputs for inputs, _ in curves)
    found = {}

    def add(name: str, caption: str, draw, *args, **kwargs) -> None:
        for suffix in (".png", ".pdf"):
            draw(*args, out / f"{name}{suffix}", **kwargs)
        found[f"{name}.png"] = caption

    published = {
        f"arXiv 2502.18558, {name}": curve
        for name, curve in PUBLISHED[design.target].items()
        if name in ("transfer", "from scratch")
    }
    bands = "Medians over the runs and 95 % intervals"
    add(
        "learning_curves",
        f"Macro AUROC against the number of labels. {bands}; grey: the curves that "
        "arXiv 2502.18558 gives for its own data.",
        figures.learning_curves,
        curves[inputs, "macro_auroc"],
        design,
        methods=names[:2],
        published=published,
    )
    for metric in METRICS[1:]:
        add(
            metric,
            f"{_title(metric)} against the number of labels. {bands}.",
            figures.learning_curves,
            curves[inputs, metric],
            design,
            methods=names[:2],
        )
    if len(names) > 2:
        add(
            "methods",
            f"Macro AUROC of all methods. {bands}.",
            figures.learning_curves,
            curves[inputs, "macro_auroc"],
            design,
            methods=names,
        )
    add(
        "convergence",
        "Validation loss against epochs, of every run at the most labels; epoch 0 is "
        "before training.",
        figures.validation_losses,
        results,
        design,
    )
    add(
        "by_days",
        "Macro AUROC of light curves cut so many days after the trigger. Medians over "
        "the runs; the bands hold all runs.",
        figures.by_days,
        results,
        design,
    )
    add(
        "per_class",
        "AUROC of every class against the rest. Medians over the runs.",
        figures.per_class,
        results,
        design,
    )
    return found


def _markdown(summary: Mapping[str, Any], drawn: Mapping[str, str]) -> str:
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
        lines += [f"Left out, because quick: {'; '.join(summary['left_out'])}.", ""]
    lines += ["## Headline numbers", "", *_headline_table(summary["headline"]), ""]
    name, caption = next(iter(drawn.items()))
    lines += [f"![{caption}]({name})", "", f"*{caption}*", ""]
    for seen, metrics in summary["curves"].items():
        for metric, methods in metrics.items():
            lines += [f"## {_title(metric)}, {_SAID[seen]}", ""]
            lines += [*_curve_table(methods, summary["labels"]), ""]
    lines += [
        f"## Classes, {summary['labels'][-1]:,} labels",
        "",
        "| method | class | objects | AUROC | F1 |",
        "|---|---|---:|---:|---:|",
        *(
            f"| {row['method']} | {row['class']} | {row['n']:,} | "
            f"{_cell(row['auroc'])} | {_cell(row['f1'])} |"
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
        "## Calibration, and how soon it knows",
        "",
        "ECE: expected calibration error, with metadata and on the light curve alone; "
        "then the macro AUROC so many days after the trigger.",
        "",
        f"| method | labels | ECE | ECE alone | {' | '.join(f'{d} d' for d in days)} |",
        "|---|---:|---:|---:|" + "---:|" * len(days),
    ]
    lines += [
        f"| {row['method']} | {row['labels']:,} | {_cell(row['ece'])} | "
        f"{_cell(row['ece_light_curve_alone'])} | "
        f"{' | '.join(_cell(value) for value in row['by_days'].values())} |"
        for row in summary["trust"]
    ]
    lines += ["", "## Figures", ""]
    for name, caption in list(drawn.items())[1:]:
        lines += [f"![{caption}]({name})", "", f"*{caption}*", ""]
    return "\n".join(lines)


def _title(metric: str) -> str:
    words = IN_WORDS[metric]
    return words[0].upper() + words[1:]


def _headline_table(found: Mapping[str, Any]) -> list[str]:
    lines = [
        "| method | labels saved | at 30 % of the labels, of scratch with all | of "
        "itself with all | epochs to scratch's best loss |",
        "|---|---|---|---|---|",
    ]
    keys = ("labels_saved", "share_of_scratch", "share_of_itself", "convergence")
    for method, numbers in found.items():
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
        cells = (_point(points.get(str(x))) for x in (0, *labels))
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return lines


def _point(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "-"
    low, high = found["interval"]
    deviation = f"MAD {found['deviation']:.3f}"
    return f"{found['median']:.3f} ({low:.3f} to {high:.3f}; {deviation})"


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
