"""What the hub reads from the YAML header of a model card."""

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
