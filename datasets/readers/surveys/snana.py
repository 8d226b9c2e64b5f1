"""Rules that SNANA's FITS and text files share: filters, flags, zero points and dust.

A magnitude is the zero point less 2.5 log10(FLUXCAL). The zero point is `ZP_FLUXCAL` of
the file, and 27.5 where a file does not state it: SNANA writes it since it changed its
own from 27.5 to 31.4 (v12_01f of April 2026, doc/README_UPDATES of
https://github.com/RickKessler/SNANA). A file does not state its magnitude system; it is
the one in which the survey publishes, and FLUXCAL is read as it stands. In the releases
of Pantheon+ (2_CALIBRATION/SNANA_kcor of
https://github.com/PantheonPlusSH0ES/DataRelease) Swift's is that of Vega, the natural
systems of CSP, CfA and KAIT are tied to BD+17 4708, and the others are AB.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.light_curves.photometry import LARGEST_ZEROPOINT, ReadOptions
from zoo.light_curves.ragged import ZEROPOINT
from zoo.passbands import Passband, of_survey

REDSHIFTS = ("REDSHIFT_HELIO", "REDSHIFT_FINAL", "REDSHIFT_CMB")
"""Header keys of the redshift; the first that is known counts. FINAL and CMB are in the
frame of the microwave background where HELIO stands beside them, and then differ from
it by less than 0.0013 (1 + z): the Sun moves with 370 km/s (Planck 2018 I, A&A 641 A1).
They are not converted, as surveys write heliocentric ones there as well (YSE DR1)."""

COORDINATES = {"RA": "ra", "DEC": "dec", "DECL": "dec"}
"""Header keys of the coordinates, deg, and what they are called here."""

ZEROPOINTS = ("ZP_FLUXCAL", "FLUXCAL_ZPT")
"""Header keys of the zero point; the second is BayeSN's other name for it."""

DETECTED = 4096
"""Bit of PHOTFLAG: the observation is a detection."""

SATURATED = 1024
"""Bit of PHOTFLAG: the observation is saturated."""

_SIMULATED = ("LSST", "ZTF", "YSE", "YSE_ZTF")
"""Surveys whose PHOTFLAG has these bits, those of SNANA's simulations: ELAsTiCC
(https://github.com/LSSTDESC/elasticc, lib_elasticc2/read_snana.py), and of YSE and ZTF,
in whose files the rows with the bit start and end at MJD_DETECT_FIRST and _LAST."""

SATURATED_ROWS = f"saturated rows (bit {SATURATED} of PHOTFLAG)"
"""What they are counted as."""


def survey_of(survey: str, subsurvey: str = "") -> str:
    """`SURVEY(SUBSURVEY)` of the two, which may stand apart.

    Example:
        >>> survey_of("YSE", "YSE_DR1"), survey_of("YSE", "(YSE_DR1)"), survey_of("DES")
        ('YSE(YSE_DR1)', 'YSE(YSE_DR1)', 'DES')
    """
    subsurvey = subsurvey.strip("()")
    if subsurvey in ("", "NULL", survey) or "(" in survey:
        return survey
    return f"{survey}({subsurvey})"


def base(survey: str) -> str:
    """The survey of `SURVEY(SUBSURVEY)`."""
    return survey.partition("(")[0].strip()


def passbands(
    filters: np.ndarray, survey: str, source: Path | str, options: ReadOptions
) -> tuple[np.ndarray, dict[str, Passband]]:
    """Name the passband of every row.

    Args:
        filters: object `(n,)`, str as in the file: `X`, `g`, `LSST-g`, `CFA41-U/f`.
        survey: SURVEY of the file header, `DES` or `SURVEY(SUBSURVEY)`.
        source: the file, for messages.
        options: what names stand for, before any other meaning of them.

    Returns:
        Object `(n,)`, the name of each row's passband, and the passbands by name.

    Raises:
        ValueError: what a filter stands for is not known.
    """
    codes, filters = pd.factorize(filters)
    names = [str(name).strip() for name in filters]
    found = [_passband(name, survey, options) for name in names]
    unknown = sorted(n for n, p in zip(names, found, strict=True) if p is None)
    if unknown:
        known = ", ".join(of_survey(survey))
        first = unknown[0] if unknown[0].isprintable() else "NAME"
        raise ValueError(
            f"{source}: what the filters {', '.join(map(repr, unknown))} of survey "
            f"{survey!r} stand for is not known"
            f"{f' (its filters: {known})' if known else ''}. Name their passbands (if "
            f"they were of DES: --bands {first}=desg,...)."
        )
    of_name = np.array([p.name for p in found if p is not None], dtype=object)
    return of_name[codes], {p.name: p for p in found if p is not None}


def _passband(name: str, survey: str, options: ReadOptions) -> Passband | None:
    """What the user says of a name or its letter, then the survey, then the catalogue.

    A letter counts after a slash, and after a hyphen if that follows the survey.
    """
    mark = "/" if "/" in name else "-"
    instrument, _, letter = name.rpartition(mark)
    known = of_survey(survey)
    own = {base(survey).lower(), survey.partition("(")[2].rstrip(")").lower()}
    of_letter = known.get(letter) if mark == "/" or instrument.lower() in own else None
    return (
        options.passbands.get(name)
        or options.passbands.get(letter)
        or known.get(name)
        or options.passband(name)
        or of_letter
    )


def stated_zeropoint(header: Mapping[str, object], source: Path | str) -> float:
    """The zero point that a header states, under any of its names.

    Raises:
        ValueError: one is no zero point, or two contradict each other.
    """
    keys = [key for key in ZEROPOINTS if key in header]
    stated = {key: zeropoint(header[key], source) for key in keys}
    if len(set(stated.values())) > 1:
        both = " and ".join(f"{key} {value:g}" for key, value in stated.items())
        raise ValueError(
            f"{source}: its header states two zero points, {both}. Keep the one that "
            "is right."
        )
    return next(iter(stated.values()), ZEROPOINT)


def zeropoint(value: object, source: Path | str) -> float:
    """The zero point that a value states.

    Raises:
        ValueError: it is no zero point.
    """
    words = str(value).split()
    try:
        # Columns are in single precision.
        number = round(float(words[0]), 4) if words else np.nan
    except ValueError:
        number = np.nan
    if not 0 < number <= LARGEST_ZEROPOINT:
        raise ValueError(
            f"{source}: the zero point {ZEROPOINTS[0]} is {' '.join(words)!r}. Correct "
            "it: 27.5, or 31.4 for fluxes in nJy."
        )
    return number


def integer(value: object, key: str, source: Path | str) -> int:
    """An integer of a header, the first word of its value.

    Raises:
        ValueError: it is none.
    """
    words = str(int(value) if isinstance(value, bool) else value).split()
    try:
        return int(float(words[0]))
    except (ValueError, OverflowError, IndexError):
        raise ValueError(
            f"{source}: {key} is {' '.join(words)!r}, not an integer. Correct the "
            "header."
        ) from None


def flags(
    photflag: np.ndarray, survey: str, stated: int | None
) -> tuple[np.ndarray | None, np.ndarray]:
    """What PHOTFLAG says of every row.

    Args:
        photflag: int `(n,)`; negative ones are sentinels, no flags.
        survey: SURVEY of the file header.
        stated: PHOTFLAG_DETECT of the header, the bits of a detection, 0 for none; it
            counts before what the survey is known for. None: not stated.

    Returns:
        Bool `(n,)`, which rows are detections; None where no flag tells, so that the
        signal to noise decides: the bits are not known, or no row has any, though the
        header does not state them. And bool `(n,)`, which rows are saturated.
    """
    photflag = np.maximum(photflag, 0)
    simulated = base(survey) in _SIMULATED
    detection = DETECTED if simulated and photflag.any() else 0
    if stated is not None:
        detection = max(stated, 0)
    detected = (photflag & detection) != 0 if detection else None
    return detected, (photflag & (SATURATED if simulated else 0)) != 0


def with_dust(
    photometry: pd.DataFrame,
    mwebv: np.ndarray,
    passbands: dict[str, Passband],
    source: Path | str,
) -> pd.DataFrame:
    """Undo the correction for Milky Way dust (MWEBV_APPLYFLAG of the header is not 0).

    It dims by A(passband) / E(B-V) of the catalogue. SNANA corrects with a law that the
    file does not name; the usual ones differ by some percent of the extinction.

    Args:
        photometry: `object_id`, `band`, `flux` and `flux_err` of each row.
        mwebv: E(B-V) of each row, mag, NaN where not known.
        passbands: by the names in `band`.
        source: the file, for messages.

    Raises:
        ValueError: the reddening of an object or the extinction in a passband is not
            known.
    """
    codes, names = pd.factorize(photometry["band"])
    extinction = [passbands[name].milky_way for name in names]
    per_mag = np.array([np.nan if a is None else a for a in extinction], float)[codes]
    if (bad := ~np.isfinite(per_mag * mwebv)).any():
        row = photometry.iloc[int(np.flatnonzero(bad)[0])]
        raise ValueError(
            f"{source}: MWEBV_APPLYFLAG says that the fluxes are corrected for Milky "
            f"Way dust, which cannot be undone for object {row['object_id']!r} in "
            f"passband {row['band']!r}: MWEBV or the extinction there is not known. "
            "Give fluxes that are not corrected."
        )
    dimmed = 10.0 ** (-0.4 * per_mag * mwebv)
    return photometry.assign(
        flux=photometry["flux"] * dimmed, flux_err=photometry["flux_err"] * dimmed
    )
