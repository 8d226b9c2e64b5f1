"""Write the card of a model folder; `model_cards/template.md` is its frame."""

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from zoo.card.eval_results import eval_results
from zoo.card.figures import LEARNING_CURVE, draw_figures
from zoo.card.header import header
from zoo.card.inputs import classes_and_inputs, inputs_in_words
from zoo.card.loading import loading, named
from zoo.card.origin import how_it_was_made, training_data
from zoo.card.prose import WRITTEN, parts
from zoo.card.results import headline, results
from zoo.model_folder.manifest import CARD, installed_versions
from zoo.model_folder.preset import Preset
from zoo.system.plain import in_markdown, plain


def write_card(
    preset: Preset,
    metrics: Mapping[str, Any],
    folder: Path,
    prose: str = "",
    *,
    versions: Mapping[str, str] | None = None,
    name: str = "",
) -> None:
    """Write the card of a model folder, its figures and its results for the hub.

    Args:
        preset: of the model.
        metrics: the content of `metrics.json`.
        folder: the model folder.
        prose: the sections that a person writes, see `zoo.card.prose`; default: a
            general text that declares itself to be one.
        versions: of the packages that made the weights; default: those installed.
        name: of the folder, by which the card loads a model that was not published;
            default: that of `folder`.

    Raises:
        ValueError: the prose lacks a section.
    """
    written = parts(prose or _text("general.md"))
    figures = draw_figures(metrics, folder)
    for file, content in eval_results(preset, metrics).items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(content, encoding="utf-8")
    versions = versions or installed_versions()
    intended, limits = (written[section] for section in WRITTEN)
    text = Template(_text("template.md")).substitute(
        header=header(preset, metrics),
        model_id=in_markdown(preset.model_id),
        introduction=written[""],
        facts=_facts(preset, metrics),
        intended_use=intended,
        classes_and_inputs=classes_and_inputs(preset),
        training_data=training_data(preset),
        how_it_was_made=how_it_was_made(preset, versions)
        + (_LEARNING if LEARNING_CURVE in figures else ""),
        results=results(metrics, figures),
        limits_and_risks=limits,
        named=named(preset),
        zoo_version=plain(versions["transient-zoo"]),
        **loading(preset, name or folder.name),
    )
    (folder / CARD).write_text(text, encoding="utf-8")


_LEARNING = (
    f"\n\n![Learning curve]({LEARNING_CURVE})\n\n*Loss by epoch. The training loss is "
    "weighted by class, the validation loss is not.*"
)


def _facts(preset: Preset, metrics: Mapping[str, Any]) -> str:
    rows = {
        "survey": in_markdown(preset.survey),
        "passbands": ", ".join(map(in_markdown, preset.preprocessing.passbands)),
        "inputs": inputs_in_words(preset.preprocessing),
        "classes": str(len(preset.classes)),
        "transferred from": in_markdown(preset.parent) if preset.parent else "",
        "macro AUROC": headline(metrics),
        "licence": in_markdown(preset.license),
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items() if value]
    return "\n".join(
        [f"| at a glance | version {preset.version} |", "|---|---|", *lines]
    )


def _text(name: str) -> str:
    """A file of `model_cards/`: in the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "model_cards"
    folder = installed if installed.is_dir() else package.parent / "model_cards"
    return (folder / name).read_text(encoding="utf-8")
