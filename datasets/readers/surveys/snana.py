"""Rules that SNANA's FITS and text files share: passbands by survey, and labels.

A new survey that comes in SNANA files is one entry in `PASSBANDS`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.labels import ELASTICC_CODES, OTHER, canonical

_YSE = {"X": "ztfg", "Y": "ztfr", "g": None, "r": None, "i": None, "z": None}
_LSST = {band: f"lsst{band.lower()}" for band in "ugrizyY"}

PASSBANDS: dict[str, dict[str, str | None]] = {
    "YSE": _YSE,
    "YSE_ZTF": _YSE,
    "ZTF": {"g": "ztfg", "r": "ztfr", "i": "ztfi"},
    "LSST": _LSST,
}
"""Passband of each filter letter, by the SURVEY of the file header. None: the rows are
left out (YSE's g r i z are Pan-STARRS1; Aleo et al. 2023, ApJS 266 9)."""

SPELLINGS = ("SPEC_CLASS", "SPEC_CLASS_BROAD", "SIM_TYPE_NAME", "SIM_MODEL_NAME")
"""Header keys that spell the class, in order of priority."""

CODES = ("SIM_TYPE_INDEX", "GENTYPE", "SNTYPE")
"""Header keys that hold the class as an integer, in order of priority."""

_CODES_OF_SURVEY = {"LSST": ELASTICC_CODES}
_PHOTOMETRIC = 100  # added to the code of the class where the type is photometric
_ELASTICC = "ELASTICC_TRAIN_"  # ... SNIa-SALT2: the folders are named by the model


def passbands(filters: np.ndarray, survey: str, source: Path | str) -> np.ndarray:
    """Name the passband of every row.

    Args:
        filters: object `(n,)`, str as in the file: `X`, `g`, `LSST-g`.
        survey: SURVEY of the file header.
        source: the file, for messages.

    Returns:
        object `(n,)`: names of `zoo.passbands`, None where the row is to be dropped.

    Raises:
        ValueError: the survey or a filter has no entry in `PASSBANDS`.
    """
    if survey not in PASSBANDS:
        raise ValueError(
            f"{source}: survey {survey!r} has no passband map. Known: "
            f"{', '.join(PASSBANDS)}. Add it to "
            "zoo.datasets.readers.surveys.snana.PASSBANDS."
        )
    known = PASSBANDS[survey]
    codes, names = pd.factorize(filters)
    letters = [name.strip().rpartition("-")[2] for name in names]
    if unknown := sorted(set(letters) - set(known)):
        raise ValueError(
            f"{source}: filters {unknown} of survey {survey!r} have no passband. "
            f"Known: {', '.join(known)}. Add them to "
            "zoo.datasets.readers.surveys.snana.PASSBANDS."
        )
    return np.array([known[letter] for letter in letters], dtype=object)[codes]


def label(header: Mapping[str, object], survey: str, source: Path | str) -> str | None:
    """Find the class of one object in its header.

    Args:
        header: the keys `SPELLINGS` and `CODES`, those that the file has.
        survey: SURVEY of the file header; it decides what the integer codes mean.
        source: the file, for messages; ELAsTiCC's folder names end in the class.

    Returns:
        The canonical label, or None where the file has none.

    Raises:
        ValueError: the file names a class that is not known.
    """
    spelled = [(key, header[key]) for key in SPELLINGS if key in header]
    folder = Path(source).parent.name
    if folder.startswith(_ELASTICC):
        spelled.append(("folder", folder.removeprefix(_ELASTICC)))
    refused = []
    for key, spelling in spelled:
        try:
            name = canonical(spelling)
            # YSE's broad class is "Other" also for a supernova without a type.
            if name and (name, key) != (OTHER, "SPEC_CLASS_BROAD"):
                return name
        except ValueError:
            refused.append(f"{key} {str(spelling).strip()!r}")
    for key in CODES:
        code = str(header.get(key, "")).strip()  # negative: not known
        codes = _CODES_OF_SURVEY.get(survey, {})
        if code.isdigit() and (name := codes.get(int(code) % _PHOTOMETRIC)):
            return name
    if refused:
        raise ValueError(
            f"{source}: no known class in {', '.join(refused)}. Add the spelling to "
            "zoo.labels, or leave the key empty if the class is not known."
        )
    return None
