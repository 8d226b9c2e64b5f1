"""The half of a card that a person writes, and whether a card is filled.

It is Markdown with an optional introduction and the sections `## Intended use` and
`## Limits and risks`. In a card each part is between two comments, so that it can be
taken out again when the card is rewritten.
"""

import re

WRITTEN = ("Intended use", "Limits and risks")
"""The sections of a prose file."""

REQUIRED = (
    "Intended use",
    "Classes and inputs",
    "Training data",
    "How it was made",
    "Results",
    "How to load it",
    "Limits and risks",
    "Citation",
)
"""The sections of a card."""

_BEGIN, _END = "<!-- prose -->", "<!-- end of prose -->"
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_UNFILLED = re.compile(
    r"\b(?:TODO|TBD|FIXME)\b|(?i:\[?more information needed\]?|lorem ipsum)"
)
_NOTHING = re.compile(
    r"^#.*$|\$\{?\w+\}?|\b(?:todo|tbd|fixme|n/?a|none)\b|[\W_]",
    re.MULTILINE | re.IGNORECASE,
)


def parts(prose: str) -> dict[str, str]:
    """The introduction (key ``) and the sections of a prose file, ready for a card.

    Raises:
        ValueError: a section is missing, is one that the card writes itself, or the
            text contains the comments that frame it in a card.
    """
    if _BEGIN in prose or _END in prose:
        raise ValueError(
            f"the prose contains {_BEGIN} or {_END}, which frame it in a card. Leave "
            "them out."
        )
    sections = _sections(prose)
    headings = [heading for heading, _ in sections if heading]
    for heading in headings:
        if heading not in WRITTEN:
            raise ValueError(
                f"the prose has a section '## {heading}', which the card writes "
                f"itself. Write '## {WRITTEN[0]}' and '## {WRITTEN[1]}', with ### "
                "below them."
            )
    for heading in WRITTEN:
        if headings.count(heading) != 1:
            raise ValueError(
                f"the prose needs one section '## {heading}' and has "
                f"{headings.count(heading)}. Write what a user must know there."
            )
    framed = {}
    for heading, text in {"": "", **dict(sections)}.items():
        written = f"## {heading}\n\n{text}" if heading else text
        framed[heading] = f"{_BEGIN}\n{written.strip()}\n{_END}"
    return framed


def prose_of(card: str) -> str:
    """The prose that a card was made with."""
    framed = [
        text.partition(f"\n{_END}")[0].strip()
        for text in card.split(f"{_BEGIN}\n")[1:]
        if f"\n{_END}" in text
    ]
    return "\n\n".join(filter(None, framed))


def check_card(card: str) -> None:
    """Refuse a card that cannot be published.

    Raises:
        ValueError: a section is missing, empty or a placeholder, or no licence is named
            in the header.

    Example:
        >>> check_card("# My model")
        Traceback (most recent call last):
        ...
        ValueError: the YAML header of the card names no license. ...
    """
    from huggingface_hub import ModelCard

    header = ModelCard(card, ignore_metadata_errors=True).data.to_dict()
    if not header.get("license"):
        raise ValueError(
            "the YAML header of the card names no license. Save the model with "
            "Preset.license, an SPDX identifier such as Apache-2.0."
        )
    sections = [(heading, text) for heading, text in _sections(card) if heading]
    for heading in REQUIRED:
        if heading not in dict(sections):
            raise ValueError(
                f"the card has no section '## {heading}'. Write it again: zoo-cli card "
                "DIR --prose FILE."
            )
    for heading, text in sections:
        text = _COMMENT.sub("", text)
        if not _NOTHING.sub("", text) or _UNFILLED.search(_FENCED.sub("", text)):
            raise ValueError(
                f"the section '## {heading}' of the card is not filled. Write it in a "
                "file with the sections of the prose: zoo-cli card DIR --prose FILE."
            )


def _sections(text: str) -> list[tuple[str, str]]:
    """Headings `##` and the text below each; an empty one for text before them."""
    parsed: list[tuple[str, list[str]]] = [("", [])]
    is_code = False
    for line in text.splitlines():
        is_code ^= line.lstrip().startswith("```")
        if line.startswith("## ") and not is_code:
            parsed.append((line.removeprefix("## ").strip(), []))
        else:
            parsed[-1][1].append(line)
    sections = [(heading, "\n".join(lines).strip()) for heading, lines in parsed]
    return sections if sections[0][1] else sections[1:]
