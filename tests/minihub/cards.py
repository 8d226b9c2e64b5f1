"""What the hub reads from the YAML header of a model card, and of `.eval_results`."""

import re

import yaml

from minihub.repos import Commit


def split_header(card: str) -> str | None:
    """The text between the two `---` lines at the top; None without such a header.

    Raises:
        ValueError: The header has a beginning and no end.
    """
    lines = card.splitlines()
    if not lines or lines[0].rstrip() != "---":
        return None
    ends = [n for n, line in enumerate(lines) if n and line.rstrip() == "---"]
    if not ends:
        raise ValueError("the YAML header has no end")
    return "\n".join(lines[1 : ends[0]])


def parse_card(card: str) -> dict:
    """The card's metadata.

    Raises:
        ValueError: The header is not a YAML mapping.
    """
    try:
        data = yaml.safe_load(split_header(card) or "") or {}
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(data, dict):
        raise ValueError("the YAML header is not a mapping")
    return data


def card_data(commit: Commit) -> dict | None:
    """The metadata of README.md; None without a card or with a broken one."""
    if "README.md" not in commit.files:
        return None
    try:
        return parse_card(commit.files["README.md"].data.decode())
    except ValueError:
        return None


def card_tags(card: dict | None) -> list[str]:
    """The tags under which the hub lists a model with this metadata."""
    card = card or {}
    tags = [card.get("library_name"), card.get("pipeline_tag"), *_list(card, "tags")]
    for key, prefix in (("license", "license"), ("base_model", "base_model")):
        tags += [f"{prefix}:{value}" for value in _list(card, key)]
    tags += [f"dataset:{value}" for value in _list(card, "datasets")]
    return list(dict.fromkeys(str(tag) for tag in tags if tag))


def _list(card: dict, key: str) -> list:
    """A metadata value that may be missing, one value or a list."""
    value = card.get(key) or []
    return value if isinstance(value, list) else [value]


RESULTS = re.compile(r"\.eval_results/[^/]+\.yaml")
ENTRY = {"dataset", "value", "verifyToken", "date", "source", "notes"}


def eval_results(commit: Commit) -> list[dict]:
    """The entries of `.eval_results/*.yaml`; an error in place of a file that the hub
    refuses: https://github.com/huggingface/huggingface_hub/pull/4924"""
    results = []
    for name, blob in sorted(commit.files.items()):
        if RESULTS.fullmatch(name):
            try:
                entries = yaml.safe_load(blob.data)
                check_results(entries)
                results += [{"filename": name, "data": entry} for entry in entries]
            except (yaml.YAMLError, ValueError) as error:
                results.append({"filename": name, "error": str(error)})
    return results


def check_results(entries: object) -> None:
    """Refuse what https://huggingface.co/docs/hub/eval-results does not allow."""
    if not isinstance(entries, list):
        raise ValueError("expected a list")
    for entry in entries:
        if not isinstance(entry, dict) or not {"dataset", "value"} <= set(entry):
            raise ValueError("an entry needs dataset and value")
        if unknown := set(entry) - ENTRY:
            raise ValueError(f"unknown: {unknown}")
        data, source = entry["dataset"], entry.get("source", {"url": ""})
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", str(data.get("id"))):
            raise ValueError("dataset.id is no id of the hub")
        if not isinstance(data.get("task_id"), str):
            raise ValueError("dataset.task_id is missing")
        if not isinstance(source.get("url"), str):
            raise ValueError("source.url is missing")
        if not isinstance(entry.get("notes", ""), str):
            raise ValueError("notes must be a string")
