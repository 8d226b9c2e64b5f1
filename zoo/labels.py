"""Canonical labels, and the spellings of them that surveys use.

`canonical` is the one place where `SN Ia`, `SNIIn`, `SN Ib/c` or a simulation's model
name becomes a canonical label; `labels.toml` lists the spellings and integer codes.
"""

import tomllib
from collections.abc import Iterable
from importlib.resources import files

import numpy as np

from zoo.spelling import did_you_mean

# The position of a label is its code in every tfds data set: append, never insert.
LABELS: tuple[str, ...] = tuple(
    "SNIa SNIa-91bg SNIax SNIb SNIc SNIc-BL SNIb/c SNIbn SNIcn SNII SNIIn SNIIb TDE "
    "SLSN-I AGN KN CaRT ILOT PISN uLens SLSN-II LBV LRN ILRT FBOT GRB SNIen gap nova "
    "CV star EB RRL Mira Cepheid d-Sct M-dwarf pointIa galaxy other".split()
)
"""Every canonical label."""

OTHER = "other"
"""The label of a known class without a name here, and the class that takes every
label without a place among the others (see `zoo.taxonomy.place`)."""

_TABLES = tomllib.loads(files("zoo").joinpath("labels.toml").read_text("utf-8"))
PLASTICC_CODES = {int(code): label for code, label in _TABLES["plasticc"].items()}
ELASTICC_CODES = {int(code): label for code, label in _TABLES["elasticc"].items()}
DES_CODES = {int(code): label for code, label in _TABLES["des"].items()}
PANTHEON_CODES = {int(code): label for code, label in _TABLES["pantheon"].items()}


def _key(spelling: str) -> str:
    """A key that is the same for similar spellings of one class."""
    letters = "".join(c for c in spelling.lower() if c.isalnum() or c == "/")
    letters = letters.replace("/", "") if letters.endswith("b/c") else letters
    return letters.removeprefix("sn") if not letters.startswith("sne") else letters


_LONGEST = 60  # characters of a label in a message
_CANONICAL = {_key(label): label for label in LABELS} | {
    _key(spelling): label
    for label, spellings in _TABLES["spellings"].items()
    for spelling in spellings.split()
}
_UNKNOWN = {
    *("", "nan", "none", "na", "null", "-", "unknown", "unclassified", "unlabelled"),
    *("sn", "sn i"),
}


def canonical(spelling: object) -> str | None:
    """Turn a survey's spelling of a class into the canonical label.

    Args:
        spelling: a label as a survey writes it; missing values, words such as
            `unclassified` and a question mark at the end mean that it is not known.

    Returns:
        One of `LABELS`, or None where the class is not known.

    Raises:
        ValueError: the spelling is not known.

    Example:
        >>> canonical("SN Ic-BL"), canonical("SN Ia-91T"), canonical("nan")
        ('SNIc-BL', 'SNIa', None)
    """
    text = _text(spelling)
    if text.lower() in _UNKNOWN or text.endswith("?"):
        return None
    try:
        return _CANONICAL[_key(text)]
    except KeyError:
        label = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
        raise ValueError(
            f"label {label!r} is not a known class. Known: {', '.join(LABELS)}, and "
            "the usual survey spellings of these. Rename it, or leave it empty if "
            f"unknown.{did_you_mean(label, LABELS)}"
        ) from None


def _text(spelling: object) -> str:
    """A spelling as text, empty where it is missing."""
    if isinstance(spelling, str):
        return spelling.strip()
    try:
        missing = spelling is None or bool(spelling != spelling)
    except TypeError:  # pandas.NA, which is neither equal to itself nor not
        missing = True
    except ValueError:  # an array
        missing = False
    return "" if missing else str(spelling).strip()


def canonical_labels(spellings: Iterable[object]) -> np.ndarray:
    """Apply `canonical` to many spellings: object array `(n,)` of labels and None."""
    known: dict[str, str | None] = {}
    labels = []
    for spelling in spellings:
        text = _text(spelling)
        if text not in known:
            known[text] = canonical(text)
        labels.append(known[text])
    return np.array(labels, dtype=object)
