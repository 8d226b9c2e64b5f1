"""The report of a study: report.md, results.json, figures."""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from zoo.model_folder.metric_names import METRIC_NAMES
from zoo.study.curves import Value
from zoo.study.design import Design
from zoo.study.figures import draw_figures
from zoo.study.summary import all_curves, summarise
from zoo.system.atomic import new_files
from zoo.system.plain import in_markdown

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
    with new_files(out / "results.json", out / "report.md") as (results_file, report):
        results_file.write_text(text, encoding="utf-8")
        report.write_text(_markdown(summary, captions), encoding="utf-8")
    return summary


def _markdown(summary: Mapping[str, Any], captions: Mapping[str, str]) -> str:
    """The report: `report.md` of this room, filled in."""
    main, *further = (
        f"![{caption}]({name})\n\n*{caption}*\n" for name, caption in captions.items()
    )
    left_out = "; ".join(summary["left_out"])
    days = list(summary["trust"][0]["by_days"])
    keys = ("labels_saved", "share_of_scratch", "share_of_itself", "convergence")
    text = files("zoo.study").joinpath("report.md").read_text(encoding="utf-8")
    return Template(text).substitute(
        target=summary["target"],
        protocol=summary["protocol"],
        data=in_markdown(summary["data"]),
        classes=", ".join(map(in_markdown, summary["classes"])),
        pool=f"{summary['pool']:,}",
        n=f"{summary['n']:,}",
        runs=summary["runs"],
        seconds=f"{summary['seconds']['training']:,.0f}",
        left_out=left_out and f"\nLeft out of this quick study: {left_out}.\n",
        headline=_rows(
            (method, *(_percent(numbers[key]) for key in keys))
            for method, numbers in summary["headline"].items()
        ),
        main_figure=main,
        curves="\n".join(
            f"## {_title(metric)}, {_INPUTS[inputs]}\n\n"
            + _curve_table(methods, summary["labels"])
            for inputs, metrics in summary["curves"].items()
            for metric, methods in metrics.items()
        ),
        most=f"{summary['labels'][-1]:,}",
        per_class=_rows(
            (
                r["method"],
                in_markdown(r["class"]),
                r["n"],
                _number(r["auroc"]),
                _number(r["f1"]),
            )
            for r in summary["per_class"]
        ),
        cost=_rows(
            (r["method"], r["labels"], f"{r['epochs']:g}", f"{r['seconds']:.1f}")
            for r in summary["cost"]
        ),
        days=" | ".join(f"{day} d" for day in days),
        day_columns="---:|" * len(days),
        trust=_rows(
            (
                r["method"],
                r["labels"],
                *map(_number, (r["ece"], r["ece_light_curve_alone"])),
                *map(_number, r["by_days"].values()),
            )
            for r in summary["trust"]
        ),
        further_figures="\n".join(further).rstrip(),
    )


def _rows(rows: Iterable[Sequence[str | int]]) -> str:
    """Rows of a Markdown table; integers get a comma at each thousand."""
    cells = (
        [f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows
    )
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _title(metric: str) -> str:
    name = METRIC_NAMES[metric]
    return name[0].upper() + name[1:]


def _percent(value: Value | None) -> str:
    if value is None:
        return "-"
    middle, low, high = (
        "never" if not np.isfinite(x) else f"{100 * x:.0f} %" for x in value
    )
    return f"{middle} ({low} to {high})"


def _curve_table(methods: Mapping[str, Any], labels: Sequence[int]) -> str:
    head = _rows([("method", "no label", *labels)])
    rows = (
        (method, *(_point(points.get(str(x))) for x in (0, *labels)))
        for method, points in methods.items()
    )
    return f"{head}\n|{'---|' * (len(labels) + 2)}\n{_rows(rows)}\n"


def _point(point: Mapping[str, Any] | None) -> str:
    if point is None:
        return "-"
    low, high = point["interval"]
    deviation = f"MAD {point['deviation']:.3f}"
    return f"{point['median']:.3f} ({low:.3f} to {high:.3f}; {deviation})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
