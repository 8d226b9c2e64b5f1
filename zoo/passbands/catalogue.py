"""The catalogue of passbands: numbers computed from published transmission curves.

The effective wavelength is the transmission-weighted mean, the integral of T(l) l dl
over the integral of T(l) dl (trapezoidal rule). `catalogue.json` is written by
`benchmarks/passbands/make.py`, which names the packages that hold the curves and
recomputes every number.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple


class Passband(NamedTuple):
    """One passband of one survey or instrument.

    Attributes:
        name: sncosmo's spelling, as in the `band` column of a light-curve table.
        wavelength: effective wavelength, um.
        survey: the survey or instrument that observes with it; `user` where a user
            gave it.
        source: where the transmission curve comes from.
        samples: wavelengths, um, that halve the eighths of the curve's integral over
            ln(wavelength); empty where only the wavelength is known.
        milky_way: A(passband) / E(B-V) for R(V) = 3.1 (Cardelli, Clayton & Mathis
            1989, ApJ 345 245); None where it is not known.
        vega: AB magnitude of Vega, so that m(AB) = m(Vega) + `vega` (CALSPEC's
            alpha_lyr_stis_011, see `benchmarks/passbands/make.py`); None where it is
            not known.
    """

    name: str
    wavelength: float
    survey: str = "user"
    source: str = ""
    samples: tuple[float, ...] = ()
    milky_way: float | None = None
    vega: float | None = None


@lru_cache(1024)
def key(name: str) -> str:
    """A name as names are compared: lower-case letters, of any alphabet, digits and
    primes alone.

    Example:
        >>> key("PS1-g") == key("ps1::g") == key("ps1 G")
        True
    """
    return re.sub(r"[^\w']|_", "", name.lower())


_CATALOGUE = json.loads(
    Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8")
)

PASSBANDS: dict[str, Passband] = {
    row["name"]: Passband(
        row["name"],
        row["wavelength"],
        row["survey"],
        row["source"],
        tuple(row["samples"]),
        row["milky_way"],
        row["vega"],
    )
    for row in _CATALOGUE["passbands"]
}
"""Every passband of the catalogue, by name."""

CATALOGUE: tuple[Passband, ...] = tuple(PASSBANDS.values())
"""The same in order. The first nine, those of ZTF and LSST, keep their places: they
are the codes in data sets that were written before there were others."""

ZTF_AND_LSST = CATALOGUE[:9]
"""The first nine, whose wavelengths every preset writes down."""

BANDS: tuple[str, ...] = tuple(PASSBANDS)
"""Their names."""

OFTEN_VEGA = frozenset(
    ("swift", "bessell", "landolt", "2mass", "gaia", "csp", "cfa3", "cfa4", "kait")
)
"""Surveys whose magnitudes are published in the Vega system or in a natural system near
it: Breeveld et al. 2011, AIPC 1358 373; Bessell 1990, PASP 102 1181; Landolt 1992, AJ
104 340; Cohen et al. 2003, AJ 126 1090; Riello et al. 2021, A&A 649 A3; Krisciunas et
al. 2017, AJ 154 211; Hicken et al. 2009, ApJ 700 331, and 2012, ApJS 200 12;
Ganeshalingam et al. 2010, ApJS 190 418."""

NAMES: dict[str, str] = {
    key(name): row["name"]
    for row in _CATALOGUE["passbands"]
    for name in (row["name"], *row["aliases"])
}
"""The name of a passband by the `key` of each of its names and aliases."""

SURVEYS: Mapping[str, Mapping[str, Passband]] = MappingProxyType(
    {
        survey: MappingProxyType(
            {letter: PASSBANDS[name] for letter, name in letters.items()}
        )
        for survey, letters in _CATALOGUE["letters"].items()
    }
)
"""What the filter letters of SNANA's files stand for, by their SURVEY."""


def of_survey(survey: str) -> Mapping[str, Passband]:
    """What the filter letters of a survey stand for; case matters.

    Args:
        survey: SURVEY of an SNANA file, `DES` or `SURVEY(SUBSURVEY)`; a subsurvey
            without letters of its own has those of the survey.

    Returns:
        The passband of each letter; nothing where the letters of the survey are not
        known.

    Example:
        >>> of_survey("DES")["g"].name, of_survey("YSE(YSE_DR1)")["X"].name
        ('desg', 'ztfg')
        >>> dict(of_survey("MINE"))
        {}
    """
    known = SURVEYS.get(survey) or SURVEYS.get(survey.partition("(")[0].strip())
    return known or {}
