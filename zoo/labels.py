"""Canonical labels, and the spellings of them that surveys use.

`canonical` is the one place where `SN Ia`, `SNIIn`, `SN Ib/c` or a simulation's model
name becomes a canonical label; integer codes have their tables here too.
"""

from collections.abc import Iterable

import numpy as np

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

# Spellings used in the Bright Transient Survey explorer, the Transient Name Server, YSE
# DR1, ALeRCE, SNANA (ELAsTiCC, PLAsTiCC) and the catalogues in use, besides those that
# `_key` makes equal to a canonical label by itself.
_SPELLINGS = {
    "SNIa": "Ia-norm SNIa-normal SNIa-SALT2 SNIa-SALT3 SALT2 SALT3 Ia-91T "
    "SNIa-91T-like Ia-99aa Ia-CSM Ia-SC SNIa-03fg Ia-pec SNIa-pec SNIa-faint",
    "SNIa-91bg": "SNIa-91bg-like Ia-91bg-like SNIa-86G-like",
    "SNIax": "Iax SNIa-02cx SNIax-02cx-like SNIa-x",
    "SNIb": "Ib-pec SNIb+HostXT_V19 SNIb-Templates",
    "SNIc": "Ic-pec SNIc+HostXT_V19 SNIc-Templates",
    "SNIc-BL": "Ic-BL SNIcBL IcBL SNIcBL+HostXT_V19",
    "SNIb/c": "SNIbc Ibc Ib/Ic SNIb-Ic",
    "SNIbn": "Ibn SNIbn/Icn",
    "SNIcn": "Icn",
    "SNII": "IIP SNIIP IIL SNIIL SNII-pec SNII-norm SNII-NMF SNII+HostXT_V19 "
    "SNII-Templates SNII-P SNII-L",
    "SNIIn": "IIn-pec SNIIn-MOSFIT SNIIn+HostXT_V19",
    "SNIIb": "SNIIb+HostXT_V19",
    "TDE": "TDE-H TDE-He TDE-H-He TDE-featureless TDE-MOSFIT",
    "SLSN-I": "SLSN SLSNI SLSN-I+host SLSN-I_no_host SLSN-Ic SLSN-I.5",
    "SLSN-II": "SLSN-IIn SLSNII",
    "AGN": "CLAGN QSO Blazar Seyfert",
    "KN": "Kilonova KN_K17 KN_B19 KNe",
    "CaRT": "Ca-rich SNIa-Ca-rich SNIb-Ca-rich SNIc-Ca-rich SNIb/c-Ca-rich SNCa-rich",
    "PISN": "PISN-MOSFIT PISN-STELLA_HECORE PISN-STELLA_HYDROGENIC",
    "uLens": "uLens-BSR uLens-Single-GenLens uLens-Single_PyLIMA uLens-Binary "
    "microlensing",
    "d-Sct": "dSct delta-Scuti",
    "M-dwarf": "Mdwarf M-dwarf-flare Mdwarf-flare",
    "CV": "dwarf-nova DwarfNova",
    "RRL": "RR-Lyrae RRLyrae RRLyr",
    "EB": "eclipsing-binary",
    "LBV": "Impostor-SN",
    "GRB": "afterglow",
    "star": "varstar",
}

# https://zenodo.org/records/2539456 (PLAsTiCC): `true_target`, 90 ... 95 and so on.
PLASTICC_CODES = {
    90: "SNIa",
    67: "SNIa-91bg",
    52: "SNIax",
    42: "SNII",
    62: "SNIb/c",
    95: "SLSN-I",
    15: "TDE",
    64: "KN",
    88: "AGN",
    92: "RRL",
    65: "M-dwarf",
    16: "EB",
    53: "Mira",
    6: "uLens",
    991: "uLens",
    992: "ILOT",
    993: "CaRT",
    994: "PISN",
    995: "uLens",
}

# ELAsTiCC `GENTYPE`: https://portal.nersc.gov/cfs/lsst/DESC_TD_PUBLIC/ELASTICC/
ELASTICC_CODES = {
    10: "SNIa",
    11: "SNIa-91bg",
    12: "SNIax",
    20: "SNIb",
    21: "SNIc",
    25: "SNIb",
    26: "SNIc",
    27: "SNIc-BL",
    30: "SNII",
    31: "SNII",
    32: "SNIIn",
    35: "SNII",
    36: "SNIIn",
    37: "SNIIb",
    40: "SLSN-I",
    42: "TDE",
    45: "ILOT",
    46: "CaRT",
    59: "PISN",
    50: "KN",
    51: "KN",
    60: "AGN",
    80: "RRL",
    82: "M-dwarf",
    83: "EB",
    84: "CV",
    87: "uLens",
    88: "uLens",
    90: "Cepheid",
    91: "d-Sct",
}


def _key(spelling: str) -> str:
    """A key that is the same for similar spellings of one class."""
    letters = "".join(c for c in spelling.lower() if c.isalnum() or c == "/")
    letters = letters.replace("/", "") if letters.endswith("b/c") else letters
    return letters.removeprefix("sn") if not letters.startswith("sne") else letters


_LONGEST = 60  # characters of a label in a message
_CANONICAL = {_key(label): label for label in LABELS} | {
    _key(spelling): label
    for label, spellings in _SPELLINGS.items()
    for spelling in spellings.split()
}
_UNKNOWN = {
    "",
    "nan",
    "none",
    "na",
    "null",
    "-",
    "unknown",
    "unclassified",
    "unlabelled",
    "sn",
    "sn i",
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
            "unknown."
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
