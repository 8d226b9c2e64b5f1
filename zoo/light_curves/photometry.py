"""The columns of a photometry table, checked one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zoo.light_curves.columns import Columns, plain, shown
from zoo.light_curves.ragged import ZEROPOINT, joined_passbands
from zoo.light_curves.values import ObjectIds, factorize, numbers, refuse
from zoo.passbands import (
    CATALOGUE,
    FILE,
    TOLERANCE,
    Passband,
    find,
    make,
    read_passbands,
    what_to_state,
)


@dataclass(frozen=True)
class ReadOptions:
    """What a user knows of data that the data do not state.

    Attributes:
        zeropoint: AB zero point of fluxes whose unit the data do not state; None: 27.5.
        passbands: what names in the data stand for, before any other meaning of them.
        learned: passbands of a model, for names that nothing else explains.
        columns: further columns of the metadata that a model uses.
        format: name of the format, one of `zoo.datasets.readers.FORMATS`;
            None: it is recognised.
        schema: of packets as Avro without their schema: the schema (as JSON or parsed),
            or a function that returns that of an id, such as `get_schema` of
            Confluent's client; None: that of Rubin by its id, or the key of a message.
    """

    zeropoint: float | None = None
    passbands: Mapping[str, Passband] = field(default_factory=dict)
    learned: Mapping[str, Passband] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    format: str | None = None
    schema: Any = None

    def __post_init__(self) -> None:
        for name, one in self.passbands.items():
            if not isinstance(one, Passband):
                raise ValueError(
                    f"passbands[{name!r}] is {one!r}, which is no passband. Give "
                    "zoo.passbands.find(...) or zoo.passbands.register(...)."
                )

    def passband(self, name: str) -> Passband | None:
        """The passband that a name in the data stands for; None where there is none."""
        return (
            self.passbands.get(name)
            or find(name)
            or next((one for one in self.passbands.values() if one.name == name), None)
            or self.learned.get(name)
        )

    def beside(self, folder: Path) -> "ReadOptions":
        """The same, with the passbands that a folder describes in `passbands.toml`.

        Raises:
            ValueError: the file cannot be read.
        """
        path = folder / FILE
        if not path.is_file():
            return self
        return replace(self, passbands={**read_passbands(path), **self.passbands})


DEFAULT = ReadOptions()
"""Fluxes at zero point 27.5, passbands of the catalogue."""

LARGEST = 1e18
"""Of a flux at zero point 27.5: magnitude -17.5, brighter than the Moon. float32 can
hold the quotient of two numbers that differ by no more than the square of this."""

JULIAN_DATE = 1_000_000
"""Largest MJD, in the year 4596; as a Julian Date it lies in 1975 BC."""

LAST_JULIAN_DATE = 10_000_000
"""In the year 22666; as seconds since 1970, in April of that year."""

_PLACES = {passband: place for place, passband in enumerate(CATALOGUE)}

LARGEST_ZEROPOINT = 100
"""Of AB zero points, positive or negative: -48.6 is that of erg/s/cm2/Hz, -56.1 that
of W/m2/Hz."""


def refuse_values(
    kept: np.ndarray,
    object_id: ObjectIds,
    mjd: np.ndarray,
    flux: np.ndarray,
    flux_err: np.ndarray,
) -> None:
    """Raise ValueError, naming the first row that breaks a rule of the numbers.

    All are `(m,)`; fluxes are at zero point 27.5, and only rows that are kept must have
    an mjd and a flux_err.
    """
    good = (mjd <= JULIAN_DATE) & (mjd > -np.inf) & (np.abs(flux) <= LARGEST)
    good &= (flux_err >= 1 / LARGEST) & (flux_err <= LARGEST)
    if (good | ~kept).all():
        return
    positive = np.isfinite(flux_err) & (flux_err > 0)
    unlike = (flux_err < 1 / LARGEST) | (flux_err > LARGEST)
    julian = "looks like a Julian Date, not a Modified Julian Date"
    seconds = "looks like seconds since 1970, not a Modified Julian Date"
    beyond = f"at zero point {ZEROPOINT} is beyond {LARGEST:g}"
    outside = (
        f"at zero point {ZEROPOINT} is not between {1 / LARGEST:g} and {LARGEST:g}"
    )
    drop, correct = "Drop these rows.", "Correct or drop these rows."
    rescale = "Give the zero point of these fluxes, or drop these rows."
    values = {"mjd": mjd, "flux": flux, "flux_err": flux_err}
    for bad, column, rule, remedy in (
        (kept & ~np.isfinite(mjd), "mjd", "is not finite", drop),
        (
            kept & (mjd > LAST_JULIAN_DATE),
            "mjd",
            seconds,
            "Divide by 86400, add 40587.",
        ),
        (kept & (mjd > JULIAN_DATE), "mjd", julian, "Subtract 2400000.5."),
        (np.isinf(flux), "flux", "is not finite", drop),
        (kept & ~positive, "flux_err", "is not finite and greater than 0", correct),
        (np.abs(flux) > LARGEST, "flux", beyond, rescale),
        (kept & unlike, "flux_err", outside, rescale),
    ):
        refuse(bad, object_id, column, values[column], rule, remedy)


def bands(
    table: Columns,
    object_id: ObjectIds,
    needed: np.ndarray,
    options: ReadOptions = DEFAULT,
) -> tuple[np.ndarray, tuple[Passband, ...]]:
    """Passband of each row, int16 `(m,)`, and what the codes stand for.

    A name that the options do not explain is that of a passband of the user's own where
    a column `wavelength` tells its effective wavelength, um.

    Raises:
        ValueError: the passband of a needed row is not known, or its wavelength is not
            one number in um, or not that of the passband of this name.
    """
    codes, names = factorize(table["band"])
    names = np.asarray(names, dtype=object)  # faster to go through
    passbands = [options.passband(n) if isinstance(n, str) else None for n in names]
    if "wavelength" in table:
        wavelength = numbers(table, "wavelength", object_id)
        for number, name in enumerate(names):
            rows = np.flatnonzero(needed & (codes == number))
            values = np.unique(wavelength[rows][np.isfinite(wavelength[rows])])
            if not len(values) or not isinstance(name, str):
                continue
            known = passbands[number]
            if len(values) > 1 or (
                known is not None and abs(known.wavelength - values[0]) > TOLERANCE
            ):
                expected = values[0] if known is None else known.wavelength
                other = values[-1] if known is None else values[0]
                raise ValueError(
                    f"passband {name!r} has wavelength {expected:g} um, but {other:g} "
                    f"in the photometry (object {object_id[rows[0]]!r}). Use another "
                    "name, or correct the column."
                )
            passbands[number] = known or make(name, wavelength=float(values[0]))
    own = joined_passbands([[p for p in passbands if p and p not in _PLACES]])
    own_places = {p: len(CATALOGUE) + i for i, p in enumerate(own)}
    of_name = [
        -1 if p is None else _PLACES.get(p, own_places.get(p, -1)) for p in passbands
    ]
    band = np.array([*of_name, -1], dtype=np.int16)[codes]
    unknown = needed & (band < 0)
    if unknown.any():
        at = np.flatnonzero(unknown)[0]
        value = plain(table["band"])[at]
        lost = [names[code] for code in np.unique(codes[unknown]) if code >= 0]
        hint, example = what_to_state(value, lost)
        raise ValueError(
            f"passband {shown(value)} ({object_id.where(at)}) is not known.{hint} "
            f"State what it stands for ({example}; in Python rename it), or its "
            "wavelength, um (--passbands FILE, zoo.passbands.register or a column "
            "`wavelength`), or drop these rows."
        )
    return band, (*CATALOGUE, *own) if own else CATALOGUE


def fluxes(
    table: Columns,
    given: np.ndarray,
    zeropoint: float,
    object_id: ObjectIds,
    needed: np.ndarray,
    passbands: Sequence[Passband | None],
    band: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Flux and its error at zero point 27.5, float32 `(m,)` each.

    Raises:
        ValueError: a zero point is out of range, or of a system that cannot be
            converted to AB, or an error is not a number.
    """
    if not abs(zeropoint) <= LARGEST_ZEROPOINT:
        raise ValueError(
            f"zeropoint is {zeropoint}. It must lie between -{LARGEST_ZEROPOINT} and "
            f"{LARGEST_ZEROPOINT}: 31.4 for nJy, 23.9 for uJy."
        )
    zeropoints: float | np.ndarray = zeropoint
    if "zeropoint" in table:
        zeropoints = numbers(table, "zeropoint", object_id)
        refuse(
            needed & ~(np.abs(zeropoints) <= LARGEST_ZEROPOINT),
            object_id,
            "zeropoint",
            zeropoints,
            f"is not between -{LARGEST_ZEROPOINT} and {LARGEST_ZEROPOINT}",
            "Fill the column, or drop it and give one zero point for all.",
        )
    if "zpsys" in table:
        offsets = ab_offsets(table["zpsys"], passbands, band, needed, object_id.where)
        if offsets.any():
            zeropoints = zeropoints + offsets
    errors = numbers(table, "flux_err", object_id)
    # What float32 cannot hold is refused as infinite; rows that are dropped may have
    # any zero point.
    with np.errstate(over="ignore", invalid="ignore"):
        scale = 10.0 ** (-0.4 * (zeropoints - ZEROPOINT))
        return (given * scale).astype(np.float32), (errors * scale).astype(np.float32)


def ab_offsets(
    systems: Any,
    passbands: Sequence[Passband | None],
    band: np.ndarray,
    needed: np.ndarray,
    where: Callable[[int], str],
) -> np.ndarray:
    """What to add to magnitudes, or to zero points, to have them in the AB system.

    Args:
        systems: name of the system of each row, `ab` or `vega` in any case; where it is
            missing, AB.
        passbands: by code.
        band: int `(m,)`, code of each row.
        needed: bool `(m,)`; other rows may have any system.
        where: what to call a row.

    Returns:
        float64 `(m,)`: 0 for AB, the `vega` of the passband for Vega.

    Raises:
        ValueError: the system of a needed row is another one, or the catalogue does
            not know Vega in its passband.
    """
    codes, names = factorize(systems)
    kinds = [name.strip().lower() if isinstance(name, str) else "" for name in names]
    is_ab, is_vega = (
        np.array([*(kind == system for kind in kinds), not_known])[codes]
        for system, not_known in (("ab", True), ("vega", False))
    )
    of_vega = np.array([np.nan if p is None else p.vega for p in passbands], np.float64)
    offsets = np.where(is_vega, of_vega[band], 0.0)
    other = needed & ~(is_ab | is_vega)
    unknown = needed & np.isnan(offsets)
    if (other | unknown).any():
        at = int(np.flatnonzero(other | unknown)[0])
        problem = "neither ab nor vega"
        if not other[at]:
            problem = "and the catalogue has no magnitude of Vega in its passband"
        raise ValueError(
            f"{where(at)}: zpsys is {shown(plain(systems)[at])}, {problem}. Convert "
            "the fluxes to the AB system."
        )
    return np.where(needed, offsets, 0.0)


def detections(
    table: Columns, object_id: ObjectIds, needed: np.ndarray
) -> np.ndarray | None:
    """Detection flags, bool `(m,)`; None where the table has none.

    Raises:
        ValueError: the flag of a needed row is neither true nor false.
    """
    if "detected" not in table:
        return None
    flags = plain(table["detected"])
    if flags.dtype == np.bool_:
        return np.asarray(flags) & needed
    values = np.asarray(flags, dtype=object)
    bad = needed & ~_is_truth(values)
    if bad.any():
        at = np.flatnonzero(bad)[0]
        raise ValueError(
            f"{object_id.where(at)}: detected is {shown(values[at])}. It must be true "
            "or false in every row; leave the column out if it is not known."
        )
    return np.where(needed, values, False).astype(bool)


def _is_truth(values: np.ndarray) -> np.ndarray:
    try:
        return pd.Series(values, dtype=object).isin([True, False]).to_numpy()
    except TypeError:  # lists and the like
        kinds = (bool, np.bool_, int, float)
        return np.array([isinstance(x, kinds) and x in (True, False) for x in values])
