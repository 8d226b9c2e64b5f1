"""The results section of a card: every number comes from `metrics.json`."""

from collections.abc import Collection, Mapping
from typing import Any

from zoo.card.figures import (
    AUROC_BY_DAYS,
    CONFUSION,
    CONFUSION_FURTHER,
    PRECISION_RECALL,
    PURITY_COMPLETENESS,
    RELIABILITY,
    ROC,
)
from zoo.evaluation.metrics_file import measurements
from zoo.evaluation.scores import HEADLINES
from zoo.evaluation.words import cautions, left_out_in_words
from zoo.model_folder.metric_names import METRIC_NAMES, few
from zoo.system.plain import as_code, in_markdown

_LOWER_IS_BETTER = ("log_loss", "ece")
_PER_CLASS = {
    "auroc": "AUROC",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
}
_AVERAGE_PRECISION = "average precision (95 % interval)"


def results(metrics: Mapping[str, Any], figures: Collection[str]) -> str:
    """The Markdown of the section.

    Args:
        metrics: the content of `metrics.json`.
        figures: names of the figures that were drawn.
    """
    measured = measurements(metrics)
    if not measured:
        return (
            "No measurement was recorded with this model. `zoo-cli card DIR --data "
            "DATA` makes one."
        )
    main, *further = measured
    missing = left_out_in_words(main)
    left_out = f" ({main['n_excluded']:,} more left out: {missing})" if missing else ""
    warned = [f"**{' '.join(sentences)}**", ""] if (sentences := cautions(main)) else []
    small = few(main["n"], main["per_class"])["classes"]
    lines = [
        f"Measured on {main['n']:,} objects of {subject(main)}{left_out}. Intervals "
        "are 95 %, from a bootstrap over objects; macro figures are means over the "
        "classes.",
        "",
        *warned,
        "| metric | value | 95 % interval |",
        "|---|---:|---:|",
        *(_metric(main, key) for key in METRIC_NAMES if main[key] is not None),
        "",
        *_class_heading(main),
        *(
            _class(label, values, marked=label in small)
            for label, values in main["per_class"].items()
        ),
        "",
    ]
    captions = _captions(main, further)

    def shown(*names: str) -> list[str]:
        return [
            f"![{captions[name][0]}]({name})\n\n*{captions[name][1]}*\n"
            for name in names
            if name in figures
        ]

    lines += shown(CONFUSION, ROC, RELIABILITY)
    if PURITY_COMPLETENESS in figures:
        lines += ["### Purity and completeness", ""]
        lines += shown(PURITY_COMPLETENESS, PRECISION_RECALL)
    if further:
        lines += [
            "### On other data",
            "",
            "| data | classes | inputs | objects | macro AUROC | macro F1 | balanced "
            "accuracy |",
            "|---|---:|---|---:|---|---|---|",
            *map(_row, measured),
            "",
            *shown(CONFUSION_FURTHER),
        ]
    if AUROC_BY_DAYS in figures:
        lines += ["### Early classification", "", *shown(AUROC_BY_DAYS)]
    return "\n".join(lines).strip()


def headline(metrics: Mapping[str, Any]) -> str:
    """The macro AUROC, its interval and what it was measured on, in one line."""
    if metrics.get("macro_auroc") is None:
        return "not measured"
    lacking = few(metrics["n"], metrics["per_class"])
    if lacking["objects"]:
        return f"not measured on enough objects ({metrics['n']} of {subject(metrics)})"
    value = _with_interval(metrics, "macro_auroc")
    known = "".join(f", few of them {label}" for label in lacking["classes"])
    return f"{value} on {metrics['n']:,} objects of {subject(metrics)}{known}"


def subject(measured: Mapping[str, Any]) -> str:
    """The data of a measurement, and which of them were chosen."""
    name = as_code(measured["data"]) if measured["data"] else "light curves"
    where = measured.get("where")
    return f"{name} where {as_code(where)}" if where else name


def _metric(measured: Mapping[str, Any], key: str) -> str:
    low, high = measured["intervals"][key]
    note = " (lower is better)" if key in _LOWER_IS_BETTER else ""
    interval = "-" if low is None else f"{low:.3f} to {high:.3f}"
    return f"| {METRIC_NAMES[key]}{note} | {measured[key]:.3f} | {interval} |"


def _class_heading(measured: Mapping[str, Any]) -> list[str]:
    """The head of the table of classes; files of earlier versions lack a column."""
    columns = [*_PER_CLASS.values()]
    if any("average_precision" in of for of in measured["per_class"].values()):
        columns.append(_AVERAGE_PRECISION)
    names = " | ".join(columns)
    return [f"| class | objects | {names} |", f"|---|---:|{'---:|' * len(columns)}"]


def _class(label: str, values: Mapping[str, Any], *, marked: bool) -> str:
    cells = [_cell(values[key]) for key in _PER_CLASS]
    if "average_precision" in values:
        value = values["average_precision"]
        low, high = values.get("intervals", {}).get("average_precision", (None, None))
        known = value is not None and low is not None
        cells.append(
            f"{value:.3f} ({low:.3f} to {high:.3f})" if known else _cell(value)
        )
    mark = " (few)" if marked else ""
    return f"| {in_markdown(label)} | {values['n']:,}{mark} | {' | '.join(cells)} |"


def _row(measured: Mapping[str, Any]) -> str:
    scores = " | ".join(_with_interval(measured, key) for key in HEADLINES)
    lacking = few(measured["n"], measured["per_class"])
    mark = " (few)" if lacking["objects"] else ""
    if lacking["classes"]:
        mark = f" (few {', '.join(lacking['classes'])})"
    return (
        f"| {subject(measured)} | {len(measured['classes'])} | {inputs(measured)} | "
        f"{measured['n']:,}{mark} | {scores} |"
    )


def inputs(measured: Mapping[str, Any]) -> str:
    """The inputs that the model was given."""
    if "metadata" not in measured:
        return "as given"
    return "with metadata" if measured["metadata"] else "light curve alone"


def _with_interval(measured: Mapping[str, Any], key: str) -> str:
    low, high = measured["intervals"][key]
    if measured[key] is None or low is None:
        return _cell(measured[key])
    return f"{measured[key]:.3f} ({low:.3f} to {high:.3f})"


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _captions(
    main: Mapping[str, Any], further: list[Mapping[str, Any]]
) -> dict[str, tuple[str, str]]:
    """By figure, its alternative text and its caption."""
    of = f"{subject(main)}, {inputs(main)}"
    captions = {
        CONFUSION: (
            "Confusion matrix",
            f"Confusion matrix on {of}. Each row shows the predicted classes of the "
            "objects of one true class, in percent; their number is beside its name.",
        ),
        ROC: (
            "ROC curve of each class",
            f"ROC curve of each class against the rest, and the area below it, on "
            f"{of}.",
        ),
        PURITY_COMPLETENESS: (
            "Purity and completeness against threshold",
            f"Purity and completeness of each class on {of}, where objects are "
            "selected whose probability of the class is at least the threshold.",
        ),
        PRECISION_RECALL: (
            "Precision against recall of each class",
            f"Precision (purity) against recall (completeness) of each class, and the "
            f"average precision, on {of}. Grey: the share of the class, which a random "
            "order has. Purity depends on that share.",
        ),
        AUROC_BY_DAYS: (
            "AUROC against days since trigger",
            "Macro AUROC of light curves cut some days after the trigger, with 95 % "
            "intervals; all: the whole light curve. Objects whose trigger is confirmed "
            "only after the cut are included.",
        ),
        RELIABILITY: (
            "Reliability diagram",
            f"Reliability on {of}: how often the predicted class is the true one, "
            "against its probability. A calibrated model follows the dashed line. The "
            "bars count the objects.",
        ),
    }
    if further:
        captions[CONFUSION_FURTHER] = (
            "Confusion matrix on other data",
            f"Confusion matrix on {subject(further[0])}, {inputs(further[0])}.",
        )
    return captions
