"""A comparison as a folder: report.json, report.md and figures."""

import json
from collections.abc import Callable
from pathlib import Path

from zoo.datasets.compare.comparison import Sample
from zoo.datasets.compare.curves import LETTERS
from zoo.datasets.compare.figures import draw_figures
from zoo.datasets.compare.quantities import QUANTITIES
from zoo.system.atomic import check_replaceable, new_folder, refuse_existing
from zoo.system.plain import in_markdown


def check_folder(out: Path, overwrite: bool) -> None:
    """Refuse to write a report over anything but an earlier one, and that unasked.

    Raises:
        ValueError: `out` is a file, or holds something other than a report.
        FileExistsError: it holds a report, and `overwrite` is False.
    """
    check_replaceable(out)
    if not out.exists():
        return
    if not out.is_dir():
        raise ValueError(f"{out} is a file. Name a folder for the report.")
    names = {p.name for p in out.iterdir() if not p.name.startswith(".")}
    others = {name for name in names if not name.endswith(".png")}
    if names and not {"report.json"} <= others <= {"report.json", "report.md"}:
        raise ValueError(
            f"{out} holds something other than a report. Name another folder."
        )
    refuse_existing(out, overwrite)


def write_report(
    result: dict,
    a: Sample,
    b: Sample,
    out: Path,
    *,
    overwrite: bool = False,
    done: Callable[[str], None] = lambda name: None,
) -> None:
    """Write a report; an interrupted run leaves the folder unchanged.

    Args:
        result: of `compare`.
        a: the sample it is about.
        b: the other one.
        out: folder; new, empty, or with an earlier report.
        overwrite: replace an earlier report.
        done: receives the name of every file written.

    Raises:
        ValueError, FileExistsError: see `check_folder`.
    """
    check_folder(out, overwrite)
    with new_folder(out) as part:
        figures = draw_figures(result, a, b, part, done=done)
        text = json.dumps(result, indent=2)
        (part / "report.json").write_text(text + "\n", encoding="utf-8")
        (part / "report.md").write_text(_markdown(result, figures), encoding="utf-8")


def _markdown(result: dict, figures: list[str]) -> str:
    a, b = (
        {"n": result[side]["n"], "name": in_markdown(result[side]["name"])}
        for side in "ab"
    )
    lines = [
        f"# {a['name']} against {b['name']}",
        "",
        f"A: {a['name']}, {a['n']} objects. B: {b['name']}, {b['n']} objects. Medians "
        "with the 16 and 84 % quantiles in brackets; the difference is B less A, with "
        "its 95 % bootstrap interval; n as A, B. `>`: number of lower limits.",
    ]
    lines += [f"\n{in_markdown(line)}" for line in passband_lines(result["passbands"])]
    for label, of in result["classes"].items():
        lines += [
            "",
            f"## {in_markdown(label)}",
            "",
            "| quantity | A | B | difference | n |",
        ]
        lines += ["|---|---|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in rows(of)]
        lines += [f"\n{line}" for line in two_sample_lines(of)]
    lines += ["", "## Figures", ""]
    lines += [f"![{Path(name).stem}]({name})\n" for name in figures]
    lines += ["## Quantities", ""]
    lines += [f"- {q.title}: {q.meaning}" for q in QUANTITIES]
    return "\n".join([*lines, ""])


def passband_lines(passbands: dict) -> list[str]:
    """Which passbands were compared, and which have no counterpart, as text."""
    lines = []
    for letter in LETTERS:
        a, b = (_named(passbands[letter][side]) for side in "ab")
        lines.append(f"{letter} stands for {a} of A and {b} of B.")
    if passbands["others"]:
        pairs = (
            f"{_named(pair['a'])} with {_named(pair['b'])}"
            for pair in passbands["others"]
        )
        lines.append(f"Counted as points only: {', '.join(pairs)}.")
    for side, other in (("a", "B"), ("b", "A")):
        if alone := passbands["unmatched"][side]:
            counted = (f"{name} ({n:,} observations)" for name, n in alone.items())
            lines.append(
                f"Without a counterpart in {other}, counted as points only, are of "
                f"{side.upper()}: {', '.join(counted)}."
            )
    return lines


def _named(group: dict[str, float]) -> str:
    named = (f"{name} ({wavelength:.3f} um)" for name, wavelength in group.items())
    return " and ".join(named) or "nothing"


def rows(of: dict) -> list[list[str]]:
    """The lines of the table of one class, as text."""
    titles = {q.name: q.title for q in QUANTITIES}
    return [
        [
            titles[name],
            _spread(values["a"]),
            _spread(values["b"]),
            _difference(values),
            f"{_number_of(values['a'])}, {_number_of(values['b'])}",
        ]
        for name, values in of["quantities"].items()
    ]


def two_sample_lines(of: dict) -> list[str]:
    """The result of the two-sample test of one class, as text."""
    if of["two_sample"] is None:
        return ["Two-sample test: an export has no light curves."]
    lines = []
    for name, test in of["two_sample"].items():
        start, objects = f"Two-sample test, {name.replace('_', ' ')}: ", test["n"]
        if test["auc"] is None:
            lines.append(f"{start}too few objects ({objects} in each sample).")
        else:
            low, high = test["interval"]
            lines.append(
                f"{start}AUC {test['auc']:.3f} ({low:.3f} to {high:.3f}), {objects} "
                "objects in each sample."
            )
    return lines


def _spread(values: dict) -> str:
    if values["median"] is None:
        return "-"
    low, high = (_text(values[name]) for name in ("low", "high"))
    return f"{_text(values['median'])} ({low}, {high})"


def _difference(values: dict) -> str:
    if values["difference"] is None:
        return "-"
    low, high = values["interval"]
    return f"{values['difference']:+.3g} ({low:+.3g} to {high:+.3g})"


def _number_of(values: dict) -> str:
    return f"{values['n']}" + (f" (>{values['limits']})" if values["limits"] else "")


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.{3 if abs(value) < 10 else 4}g}"
