"""A card that a person has edited: what is theirs stays, what is computed is replaced.

The header of a card holds scores, the origin and the licence, which `zoo.json` and
`metrics.json` tell; so it is always written from those, whatever it said before. The
text below it belongs to whoever edited it.
"""

import re

from zoo.card.prose import prose_of
from zoo.model_folder.folder import ModelFolder, refuse_linked_card
from zoo.model_folder.manifest import CARD

_LOADING = "\n## How to load it\n"
_LINES = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^The model is `+.+`+ on the Hugging Face Hub\..*$"
        r"|^The model lies in the folder `+.+`+, and on no hub: .*$",
        r"^model = zoo\.load\(.*\)$",
        r"^(?:from huggingface_hub import snapshot_download\n)?"
        r"from safetensors\.numpy import load_file$",
        r"^folder = Path\(.*\)$",
    )
)
"""What a card says of where the model is: see `model_cards/template.md`."""

_KEY = re.compile(r"^[\w-]+:(?:\s|$)", re.MULTILINE)


def card_text(folder: ModelFolder) -> str:
    """The text of a card; empty where there is none.

    Raises:
        ValueError: a person replaced it by a link, whose target may be a private file,
            or by something other than UTF-8 text.
    """
    refuse_linked_card(folder)
    path = folder.path / CARD
    try:
        text = folder.files.get(CARD, b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text. Save it as that.") from None
    return text.replace("\r\n", "\n")


def kept_prose(folder: ModelFolder) -> str:
    """The prose of a card that is about to be written again.

    Raises:
        ValueError: the card is not text, or a person has replaced it as a whole, so
            that nothing in it is marked as prose.
    """
    text = card_text(folder)
    prose = prose_of(text)
    if folder.card_is_edited and text.strip() and not prose:
        raise ValueError(
            f"{folder.path / CARD} was replaced by hand, and nothing in it is marked "
            "as prose, so all of it would be lost. Give the prose in a file: zoo-cli "
            "card DIR --prose FILE. The model also loads with the card as it is."
        )
    return prose


def with_computed(edited: str, fresh: str) -> str:
    """An edited card with the header of a fresh one, and its lines that load the model.

    Args:
        edited: the card as a person left it.
        fresh: the card as `zoo.card.write_card` writes it now.

    Example:
        >>> fresh = "---\\nlicense: mit\\n---\\n# toy"
        >>> print(with_computed("---\\nlicense: other\\n---\\nMy words.", fresh))
        ---
        license: mit
        ---
        My words.
    """
    header, _ = _split(fresh)
    _, body = _split(edited)
    before, heading, rest = body.partition(_LOADING)
    section, end, after = rest.partition("\n## ")
    wanted = fresh.partition(_LOADING)[2].partition("\n## ")[0]
    for pattern in _LINES:
        if new := pattern.search(wanted):
            section = pattern.sub(new[0].replace("\\", r"\\"), section)
    return f"{header}{before}{heading}{section}{end}{after}"


def _split(card: str) -> tuple[str, str]:
    """The header of a card, with its lines of dashes, and the text below it."""
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    found = REGEX_YAML_BLOCK.search(card)
    # Two lines of dashes are rules of Markdown too: text between them has no key.
    if found is None or not _KEY.search(found[2]):
        return "", card
    return card[: found.end()], card[found.end() :]
