"""The class of an object of SNANA's files: spelled, or an integer of the survey."""

import re
from collections.abc import Mapping
from pathlib import Path

from zoo.datasets.readers.surveys.snana import base
from zoo.labels import DES_CODES, ELASTICC_CODES, OTHER, PANTHEON_CODES, canonical

SPELLINGS = ("SPEC_CLASS", "SPEC_CLASS_BROAD", "SIM_TYPE_NAME", "SIM_MODEL_NAME")
"""Header keys that spell the class, in order of priority."""

CODES = ("SIM_TYPE_INDEX", "GENTYPE", "SNTYPE", "TYPE")
"""Header keys that hold the class as an integer, in order of priority."""

_CODES_OF_SURVEY = {"DES": DES_CODES} | dict.fromkeys(
    "FOUNDATION PS1MD SNLS CSP KAIT KAITM SWIFT PS1_LOWZ_COMBINED ASASSN".split(),
    PANTHEON_CODES,
)
"""What the integers mean. Those of SDSS are others: 120 is not the IIP of DES."""

UNKNOWN = "labels ({} has no known meaning)"
"""What objects are counted as whose class is an integer without a known meaning."""

_PHOTOMETRIC = 100  # added to the code of the class where the type is photometric

_ELASTICC = re.compile(r"ELASTICC2?_(?:TRAIN|FINAL)_(?:\d+_)?")
"""... SNIa-SALT2: the folders are named by the model."""


def label(
    header: Mapping[str, object], survey: str, source: Path | str
) -> tuple[str | None, str]:
    """Find the class of one object in its header.

    Args:
        header: the keys `SPELLINGS` and `CODES`, and VERSION, those that the file has.
        survey: SURVEY of the file header; it decides what the integer codes mean.
        source: the file, for messages; ELAsTiCC's folder names end in the class.

    Returns:
        The canonical label, or None where the file has none; and the integer without a
        known meaning, such as `SNTYPE 120 of survey SDSS`, empty where there is none.

    Raises:
        ValueError: the file names a class that is not known.
    """
    spelled = [(key, header[key]) for key in SPELLINGS if key in header]
    folder = Path(source).parent.name
    if found := _ELASTICC.match(folder):
        spelled.append(("folder", folder[found.end() :]))
    refused = []
    for key, spelling in spelled:
        try:
            name = canonical(spelling)
            # YSE's broad class is "Other" also for a supernova without a type.
            if name and (name, key) != (OTHER, "SPEC_CLASS_BROAD"):
                return name, ""
        except ValueError:
            refused.append(f"{key} {str(spelling).strip()!r}")
    codes = _codes(header, survey, source)
    unknown = ""
    for key in CODES:
        code = _integer(header.get(key, ""))
        if code > 0:  # others: not known
            kind = code % _PHOTOMETRIC if code < 2 * _PHOTOMETRIC else -1
            if name := codes.get(kind):
                return name, ""
            unknown = unknown or f"{key} {code} of survey {survey}"
    if refused:
        raise ValueError(
            f"{source}: no known class in {', '.join(refused)}. Add the spelling to "
            "zoo.labels, or leave the key empty if the class is not known."
        )
    return None, unknown


def _integer(value: object) -> int:
    """The integer of a header, the first word of its value; 0 where it is none."""
    try:
        return int(float(str(value).split()[0]))
    except (IndexError, ValueError, OverflowError):
        return 0


def _codes(
    header: Mapping[str, object], survey: str, source: Path | str
) -> Mapping[int, str]:
    """What the integers of a file mean; SURVEY: LSST is also that of other simulations
    than ELAsTiCC, with other codes, so that the names in the file have to say it."""
    names = (header.get("VERSION", ""), Path(source).name, Path(source).parent.name)
    if base(survey) == "LSST" and any("ELASTICC" in str(n).upper() for n in names):
        return ELASTICC_CODES
    return _CODES_OF_SURVEY.get(base(survey), {})
