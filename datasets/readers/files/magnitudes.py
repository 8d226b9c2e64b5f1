"""Tables with magnitudes in place of fluxes, or with Julian Dates in place of MJDs.

A magnitude is that of a difference image, brighter than the reference. It is an upper
limit where there is none, where it is a sentinel or starts with < or >, and where a
column such as `upper_limit` says so. Without a column `magsys` (or `zpsys`) magnitudes
are taken as AB, with a warning; not where the passband is one of a survey that
publishes Vega magnitudes.
"""

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from zoo.columns import PHOTOMETRY
from zoo.datasets.readers.files import units
from zoo.light_curves.columns import canonical, shown
from zoo.light_curves.photometry import ReadOptions, ab_offsets
from zoo.light_curves.values import ObjectIds, is_real, numbers, refuse
from zoo.passbands import OFTEN_VEGA

MAGNITUDES: dict[str, tuple[str, ...]] = {
    "mag": ("mag", "magnitude"),
    "mag_err": (
        *("mag_err", "magerr", "e_mag", "emag", "mag_error", "magerror", "mag_unc"),
        *("magnitude_err", "magnitude_error", "e_magnitude", "magnitudeError"),
    ),
}
"""Names of the magnitudes and of their errors."""

FLUXES: dict[str, tuple[str, str]] = {
    f"{spelling}_{written}": (name, unit)
    for unit in ("nJy", "uJy", "mJy", "Jy")
    for written in (unit, unit.lower())
    for name, spellings in (
        ("flux", ("flux",)),
        ("flux_err", ("flux_err", "fluxerr", "flux_error")),
    )
    for spelling in spellings
}
"""Names of fluxes that state their unit: our name and the unit of each."""

LIMITS = ("upper_limit", "upperlimit", "is_upper_limit", "is_limit")
"""Names of a column that is true where the magnitude is an upper limit."""

LIMITING = ("limiting_mag", "limitingmag", "diffmaglim", "maglim", "limmag")
"""Names of the limiting magnitude of an exposure, as they stand in hints."""

DATES = ("jd", "JD", "bjd", "BJD", "hjd", "HJD", "bjd_tdb", "BJD_TDB")
"""Names of Julian Dates. Those of the barycentre differ by up to 8.3 minutes, and time
scales by 69 s, which no network resolves: both are taken as they are."""

FORMULA = "flux = 10 ** (-0.4 * (mag - 27.5)), flux_err = 0.921 * flux * mag_err"
"""How to make fluxes at zero point 27.5 of AB magnitudes; 0.921 is ln(10) / 2.5."""

_OF_FLUXES = {
    name: tuple(column for column, (ours, _) in FLUXES.items() if ours == name)
    for name in ("flux", "flux_err")
}
_NAMES = PHOTOMETRY | MAGNITUDES | {"jd": DATES}
_NO_NUMBER = frozenset(("", "-", "--", "---", "...", "nan", "null", "none", "n/a"))
_TRUE = frozenset(("1", "1.0", "true", "t", "yes", "y"))
_FALSE = frozenset(("0", "0.0", "false", "f", "no", "n"))
_SENTINELS = (-999.0, -99.0, -9.0, -1.0, 0.0)  # and what is not below 50


def meanings(columns: Iterable[Any]) -> dict[Any, str]:
    """As `zoo.light_curves.columns.canonical`, with the columns above where they count:
    `jd` in place of `mjd`, `mag` and `mag_err` in place of a flux with its error.

    Raises:
        ValueError: two columns stand for one.

    Example:
        >>> meanings(["object_id", "JD", "filter", "mag", "magerr"])["magerr"]
        'mag_err'
    """
    columns = list(columns)
    names = canonical(columns)
    further: dict[str, tuple[str, ...]] = {}
    if "mjd" not in names.values():
        further["jd"] = DATES
    if not {"flux", "flux_err"} & set(names.values()):
        further |= _OF_FLUXES
    if not _has_fluxes(names.values(), columns):
        further |= {**MAGNITUDES, "upper_limit": LIMITS}
    for name, spellings in further.items():
        found = [column for column in columns if column in spellings]
        if len(found) > 1:
            raise ValueError(
                f"the columns {found[0]} and {found[1]} both stand for {name}. Keep "
                "one."
            )
        names |= dict.fromkeys(found, name)
    return names


def _has_fluxes(names: Iterable[str], columns: Iterable[Any]) -> bool:
    in_names = {FLUXES[column][0] for column in columns if column in FLUXES}
    return any({"flux", "flux_err"} <= set(some) for some in (names, in_names))


def units_in_names(names: Mapping[Any, str]) -> dict[str, str]:
    """The units that names of columns state, by our names.

    Args:
        names: our name of each column, from `meanings`.

    Example:
        >>> units_in_names(meanings(["mjd", "flux_ujy", "flux_err_ujy"]))
        {'flux': 'uJy', 'flux_err': 'uJy'}
    """
    return {names[one]: FLUXES[one][1] for one in names if one in FLUXES}


def is_light_curve(columns: Collection[Any], needed: Iterable[str] = ()) -> bool:
    """Whether columns are those of light curves: a time, `band`, and fluxes or
    magnitudes with errors.

    Args:
        columns: names in a table.
        needed: further columns.
    """
    there = set(columns)
    names = {FLUXES[column][0] for column in there & FLUXES.keys()}
    names |= {name for name, known in _NAMES.items() if not there.isdisjoint(known)}
    measured = names >= {"flux", "flux_err"} or (
        names >= {"mag", "mag_err"} and "isdiffpos" not in there
    )
    return (
        measured and names >= {"band", *needed} and not names.isdisjoint({"mjd", "jd"})
    )


def lacking(
    names: Iterable[str], columns: Iterable[Any], needed: Iterable[str] = ()
) -> str:
    """What a table of light curves lacks, in a sentence with the remedy.

    Args:
        names: our names of its columns, those of `meanings`.
        columns: its columns.
        needed: further columns that it must have.
    """
    names = set(names)
    there = f"it has {', '.join(map(str, columns)) or 'no columns'}"
    missing = [name for name in needed if name not in names]
    missing += [] if names & {"mjd", "jd"} else ["mjd"]
    missing += [] if "band" in names else ["band"]
    if "mag" in names and not names & {"flux", "flux_err"}:
        missing += [] if "mag_err" in names else ["mag_err"]
        hint = f"Magnitudes need an error in mag: {FORMULA}."
    elif "flux" in names:
        missing += [] if "flux_err" in names else ["flux_err"]
        hint = "Rename or add the columns."
    else:
        missing += [one for one in ("flux", "flux_err") if one not in names]
        hint = "Rename or add the columns; mag and mag_err will do in place of fluxes."
    return f"the table lacks {', '.join(missing)}; {there}. {hint}"


def is_limit(magnitude: np.ndarray) -> np.ndarray:
    """Where a number stands for no magnitude: NaN, a sentinel (0, -1, -9, -99, -999, 99
    and larger). bool `(n,)`.

    Example:
        >>> is_limit(np.array([19.5, 99.0, np.nan])).tolist()
        [False, True, True]
    """
    return ~(magnitude < 50) | np.isin(magnitude, _SENTINELS)


def to_fluxes(
    table: pd.DataFrame, options: ReadOptions, left_out: Counter[str], name: str
) -> pd.DataFrame:
    """Replace magnitudes by fluxes at zero point 27.5, and JD by MJD.

    Args:
        table: with our names, those of `meanings`.
        options: what passbands stand for.
        left_out: limits and magnitudes without an error are counted here.
        name: of the data, for messages.

    Raises:
        ValueError: a value is no number, no magnitude or no Julian Date; the system is
            not known; or a zero point is given.
    """
    if "mjd" not in table and "jd" in table:
        table = _with_mjd(table)
    if {"flux", "flux_err"} <= set(table):
        return table
    if options.zeropoint is not None or "zeropoint" in table:
        raise ValueError(
            f"{name} has magnitudes and no fluxes: a zero point cannot be given. Leave "
            "it out, and state the system in a column magsys (ab or vega)."
        )
    object_id = ObjectIds.of(table, "photometry")
    magnitude, limit = _magnitudes(table, object_id)
    error, _ = _texts_to_numbers(table, "mag_err", object_id)
    left_out["upper limits"] += int(limit.sum())
    measured = (error > 0) & (error < 50)
    left_out["magnitudes without an error above 0"] += int((~limit & ~measured).sum())
    kept = ~limit & measured
    refuse(
        kept & (magnitude < 0),
        object_id,
        "mag",
        magnitude,
        "is below 0, as services write a negative flux",
        "Give its flux, or drop these rows.",
    )
    table, magnitude, error = table[kept], magnitude[kept], error[kept]
    magnitude = magnitude + _offsets(table, options, object_id, np.flatnonzero(kept))
    flux, flux_err = units.from_magnitudes(magnitude, error, np.ones(len(error), bool))
    unused = ["mag", "mag_err", "upper_limit", "zpsys"]
    table = table.drop(columns=unused, errors="ignore")
    return table.assign(flux=flux, flux_err=flux_err)


def _with_mjd(table: pd.DataFrame) -> pd.DataFrame:
    object_id = ObjectIds.of(table, "photometry")
    date = numbers(table, "jd", object_id)
    refuse(
        date < 1_000_000,  # 1975 BC
        object_id,
        "jd",
        date,
        "is no Julian Date",
        "Name the column mjd if it holds MJDs.",
    )
    return table.drop(columns="jd").assign(mjd=date - units.MJD_EPOCH)


def _magnitudes(
    table: pd.DataFrame, object_id: ObjectIds
) -> tuple[np.ndarray, np.ndarray]:
    """Magnitudes, float64 `(m,)`, and which are upper limits, bool `(m,)`."""
    magnitude, marked = _texts_to_numbers(table, "mag", object_id)
    limit = marked | is_limit(magnitude)
    if "upper_limit" in table:
        values = table["upper_limit"].map(lambda value: str(value).strip().lower())
        known = values.isin(_TRUE | _FALSE | _NO_NUMBER).to_numpy()
        if not known.all():
            at = int((~known).argmax())
            raise ValueError(
                f"{object_id.where(at)}: upper_limit is "
                f"{shown(table['upper_limit'].iloc[at])}. It must be true or false."
            )
        limit |= values.isin(_TRUE).to_numpy()
    return magnitude, limit


def _texts_to_numbers(
    table: pd.DataFrame, column: str, object_id: ObjectIds
) -> tuple[np.ndarray, np.ndarray]:
    """A column as float64 `(m,)`, and where a text starts with < or >, bool `(m,)`."""
    values = table[column]
    if is_real(values.dtype):
        return numbers(table, column, object_id), np.zeros(len(table), bool)
    values = values.astype(object)
    is_text = [isinstance(value, str) for value in values]
    texts = values.where(is_text, "").astype(str).str.strip()
    marked = texts.str.startswith(("<", ">")).to_numpy(bool)
    blank = marked | texts.str.lower().isin(_NO_NUMBER).to_numpy(bool)
    parsed = pd.to_numeric(texts.where(~blank), errors="coerce")
    # What is neither a numeral nor blank stays, to be refused with its row.
    readable = parsed.notna().to_numpy() | (blank & np.array(is_text, bool))
    mixed = values.where(~readable, parsed.astype(object))
    return numbers(table.assign(**{column: mixed}), column, object_id), marked


def _offsets(
    table: pd.DataFrame, options: ReadOptions, object_id: ObjectIds, rows: np.ndarray
) -> np.ndarray:
    """What makes the magnitudes AB, mag `(m,)`.

    Raises:
        ValueError: the system of a row is not known.
    """
    codes, names = pd.factorize(table["band"].astype(str))
    passbands = [options.passband(band) for band in names]
    not_said = np.ones(len(table), bool)
    offsets = np.zeros(len(table))
    if "zpsys" in table:
        systems = table["zpsys"].replace("", np.nan)
        not_said = systems.isna().to_numpy()
        offsets = ab_offsets(
            systems, passbands, codes, ~not_said, lambda at: object_id.where(rows[at])
        )
    often_vega = [p is not None and p.survey in OFTEN_VEGA for p in passbands]
    doubtful = np.array([*often_vega, False])[codes] & not_said
    if doubtful.any():
        at = int(doubtful.argmax())
        raise ValueError(
            f"{object_id.where(rows[at])}: magnitudes in passband "
            f"{shown(table['band'].iloc[at])} are often of the Vega system, and "
            "nothing says which. Add a column magsys (ab or vega)."
        )
    if not_said.any():
        warnings.warn(
            f"took {int(not_said.sum())} magnitudes as AB: no column magsys (ab or "
            "vega) states their system.",
            stacklevel=2,
        )
    return offsets
