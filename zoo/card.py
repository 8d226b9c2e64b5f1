"""The model card: prose from `model_cards/`, numbers from `metrics.json`."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from zoo.preset import Preset

_METRICS = (
    "macro_auroc",
    "macro_f1",
    "balanced_accuracy",
    "accuracy",
    "log_loss",
    "ece",
)


def write_card(preset: Preset, metrics: Mapping[str, Any], path: Path) -> None:
    """Write the README of a model folder.

    The prose is `model_cards/<id>.md` for a model of ours, else a general text.
    """
    template = Template(_text("template.md"))
    # A version of 0.0.0 is somebody's own training run, whatever it is called.
    ours = _text(f"{preset.model_id}.md") if preset.version != "0.0.0" else ""
    prose = ours or _text("general.md")
    path.write_text(
        template.substitute(
            license=preset.license.lower(),
            model_id=preset.model_id,
            version=preset.version,
            prose=prose.strip(),
            classes=", ".join(preset.classes),
            passbands=", ".join(preset.preprocessing.passbands),
            metadata="Redshift and E(B-V) are used where they are known."
            if preset.preprocessing.metadata
            else "Light curves are all it uses: no redshift, no E(B-V).",
            training=_training(preset),
            results=_results(metrics),
        ),
        encoding="utf-8",
    )


def _text(name: str) -> str:
    """A file of `model_cards/`, empty where there is none."""
    for folder in (
        files("zoo") / "model_cards",
        Path(__file__).parent.parent / "model_cards",
    ):
        if (path := folder / name).is_file():
            return path.read_text(encoding="utf-8")
    return ""


def _training(preset: Preset) -> str:
    lines = [f"- {key.replace('_', ' ')}: {v}" for key, v in preset.training.items()]
    if preset.parent:
        lines.insert(0, f"- transferred from: {preset.parent}")
    return "\n".join(lines) or "- not recorded"


def _results(metrics: Mapping[str, Any]) -> str:
    if "n" not in metrics:
        return "No measurement was recorded with this model."
    rows = [f"Measured on {metrics['data']}, {metrics['n']} objects.", ""]
    rows += ["| metric | value | 95 % interval |", "|---|---|---|"]
    for name in _METRICS:
        low, high = metrics["intervals"][name]
        if metrics[name] is not None and low is not None:
            rows.append(f"| {name} | {metrics[name]:.3f} | {low:.3f} to {high:.3f} |")
    rows += [
        "",
        "| class | n | AUROC | precision | recall | F1 |",
        "|---|---|---|---|---|---|",
    ]
    for label, figures in metrics["per_class"].items():
        values = (figures[key] for key in ("auroc", "precision", "recall", "f1"))
        cells = " | ".join("-" if value is None else f"{value:.3f}" for value in values)
        rows.append(f"| {label} | {figures['n']} | {cells} |")
    return "\n".join(rows)
