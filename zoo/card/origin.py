"""The origin of a model, for its card: data, parent, command, versions."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from zoo.model_folder.preset import Preset
from zoo.system.plain import as_code, in_markdown, plain

_SIMULATED = re.compile(r"(\w+)/simulated-n(\d+)-s(\d+)(-y\d+-\d+)?(-plain)?/[\d.]+")
_TITLES = {
    "labels": "labelled light curves, for training and early stopping",
    "train": "layers trained",
    "from_scratch": "from fresh weights",
}
_COLUMNS = 76
_COMMAND = 20_000  # letters shown of a command, which may name many files
_ELSEWHERE = ("data", "command")  # in the card


def training_data(preset: Preset) -> str:
    """The Markdown of the section on training data."""
    data = preset.training.get("data")
    if not data:
        return "The training data of this model were not recorded."
    if preset.training.get("survey") == data:
        return _adapted(preset)
    labels = preset.training.get("labels")
    count = f"{labels:,} labelled light curves of " if labels else ""
    simulated = _SIMULATED.findall(data)
    lines = [f"{count}{as_code(data)}."]
    if simulated and len(simulated) == len(data.split(" + ")):
        one = "this command makes" if len(simulated) == 1 else "these commands make"
        lines = [
            f"{count}{as_code(data)}: simulated, none of them observed. No real label "
            f"was used; {one} the same data again:",
            "",
            *_code(_build(*which) for which in simulated),
        ]
    if preset.parent:
        lines += [
            "",
            f"Training started from the weights of {as_code(preset.parent)}, whose "
            "card names its own training data.",
        ]
    return "\n".join(lines)


def _adapted(preset: Preset) -> str:
    """Of a base that was adapted to a simulated survey, without labels."""
    survey, objects = (preset.training.get(k) for k in ("survey", "survey_objects"))
    return (
        f"{in_markdown(_as_text(objects))} light curves of {as_code(survey)}, "
        "simulated from a survey file (its name, a digest of its content, objects and "
        "seed); no real label was used. Training started from the weights of "
        f"{as_code(preset.parent)}, whose card names its own training data."
    )


def how_it_was_made(preset: Preset, versions: Mapping[str, str]) -> str:
    """The Markdown of the section on how the model was made.

    Args:
        preset: of the model.
        versions: of the packages that made the weights.
    """
    training = preset.training
    lines = []
    if command := training.get("command"):
        lines += [*_code([_wrapped(plain(command, _COMMAND))]), ""]
    chain = [preset.parent, *preset.ancestors] if preset.parent else []
    facts = {"transferred from": ", itself from ".join(map(as_code, chain))}
    facts |= {
        in_markdown(k): in_markdown(_as_text(v))
        for k, v in training.items()
        if k not in _ELSEWHERE
    }
    facts["made with"] = ", ".join(f"{name} {v}" for name, v in versions.items())
    rows = [(_TITLES.get(k, k.replace("_", " ")), v) for k, v in facts.items() if v]
    lines += [
        "| what | value |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in rows),
    ]
    return "\n".join(lines)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    return str(value)


def _build(survey: str, objects: str, seed: str, years: str, plain: str) -> str:
    end = f" --years {years[2:].replace('-', ',')}" if years else ""
    end += " --plain" if plain else ""
    return f"zoo-cli data build {survey} --objects {objects} --seed {seed}{end}"


def _wrapped(command: str) -> str:
    """A command over several lines, broken before its options."""
    lines = [""]
    for part in re.split(r" (?=--)", command):
        if lines[-1] and len(lines[-1]) + len(part) > _COLUMNS:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {part}" if lines[-1] else part
    return "\n".join(lines)


def _code(commands: Iterable[str]) -> list[str]:
    return ["```bash", *commands, "```"]
