"""Fluxes at the zero point of the zoo, from whatever a survey writes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from zoo.columns import METADATA, PHOTOMETRY
from zoo.light_curves.photometry import LARGEST_ZEROPOINT, ReadOptions, ab_offsets
from zoo.light_curves.ragged import ZEROPOINT
from zoo.light_curves.values import ObjectIds, factorize, is_real, numbers

NANOJANSKY = 31.4
"""AB zero point of fluxes in nJy: 8.9 for Jy (Oke & Gunn 1983, ApJ 266 713) + 22.5."""

MJD_EPOCH = 2400000.5
"""Julian Date of MJD 0 (IAU 1997, resolution B1)."""


def from_zeropoint(flux: ArrayLike, zeropoint: ArrayLike) -> np.ndarray:
    """Fluxes or their errors at zero point 27.5.

    Args:
        flux: `(n,)`, AB, at `zeropoint`.
        zeropoint: one for all, or `(n,)`; 31.4 for nJy.

    Returns:
        float64 `(n,)`.

    Example:
        >>> from_zeropoint([1000.0], NANOJANSKY).round(4)  # 1000 * 10 ** -1.56
        array([27.5423])
    """
    with np.errstate(all="ignore"):  # what overflows is left out as not finite
        scale = 10.0 ** (-0.4 * (np.asarray(zeropoint, np.float64) - ZEROPOINT))
        return np.asarray(flux, np.float64) * scale


def light_curve_columns(table: pd.DataFrame, options: ReadOptions) -> pd.DataFrame:
    """The columns of a light-curve table, with fluxes at zero point 27.5.

    Args:
        table: one row per observation, with our names. Its `zeropoint` column is
            dropped, unless a zero point is no number or out of range: then the checks
            of `zoo.light_curves.table` will name it.
        options: the AB zero point of fluxes without such a column, default 27.5, and
            what names of passbands stand for.

    Raises:
        ValueError: the fluxes are of another system than AB and Vega.
    """
    table = table[[name for name in (*PHOTOMETRY, *METADATA) if name in table]]
    offsets: float | np.ndarray = 0.0
    if "zpsys" in table:
        needed = table["flux"].notna().to_numpy()
        systems = table.pop("zpsys")
        codes, names = factorize(table["band"])
        passbands = [options.passband(n) if isinstance(n, str) else None for n in names]
        offsets = ab_offsets(
            systems, [*passbands, None], codes, needed, "row {}".format
        )
    if "zeropoint" not in table:
        if options.zeropoint is None and not np.any(offsets):
            return table
        given = ZEROPOINT if options.zeropoint is None else options.zeropoint
        table = table.assign(zeropoint=given)
    zeropoints = table["zeropoint"]
    if not is_real(zeropoints.dtype):
        return table
    if not (zeropoints.abs() <= LARGEST_ZEROPOINT).all():
        return table
    table, zeropoints = table.drop(columns="zeropoint"), zeropoints + offsets
    if (zeropoints == ZEROPOINT).all():
        return table
    fluxes = {
        name: from_zeropoint(table[name], zeropoints) for name in ("flux", "flux_err")
    }
    return table.assign(**fluxes)


_MAGNITUDES: dict[str, str | None] = {
    **dict.fromkeys(("mag", "mags", "magnitude", "magnitudes")),
    **dict.fromkeys(("abmag", "magab"), "ab"),
    **dict.fromkeys(("vegamag", "magvega"), "vega"),
}
"""Units of magnitudes, by their letters, with the system that each states."""


def of_magnitudes(unit: Any, name: str) -> tuple[float, str | None]:
    """What a unit of magnitudes means: mag in one of it, and the system it states.

    Raises:
        ValueError: it is none, or of another system than AB and Vega.

    Example:
        >>> of_magnitudes("mmag", "t"), of_magnitudes("mag(AB)", "t")
        ((0.001, None), (1.0, 'ab'))
    """
    letters = "".join(filter(str.isalpha, str(unit).lower()))
    scale = 1e-3 if letters == "mmag" else 1.0
    letters = "mag" if letters == "mmag" else letters
    if letters not in _MAGNITUDES:
        raise ValueError(
            f"{name}: the magnitudes have the unit {unit}, which is neither mag nor "
            "that of the AB or Vega system. Convert them."
        )
    return scale, _MAGNITUDES[letters]


def in_days(values: np.ndarray, unit: Any, name: str) -> np.ndarray:
    """Times in days; a unit that is none of astropy's, such as MJD, is passed over.

    Raises:
        ValueError: the unit is not one of time.
    """
    from astropy import units as u

    unit = u.Unit(str(unit), parse_strict="silent")
    if isinstance(unit, u.UnrecognizedUnit):
        return values
    try:
        return (values * unit).to_value(u.day)
    except u.UnitConversionError as error:
        raise ValueError(
            f"{name}: the times have the unit {unit}, which is no unit of time. "
            "Convert them to days."
        ) from error


def from_unit(values: np.ndarray, unit: Any, name: str) -> np.ndarray:
    """Fluxes at zero point 27.5, of those in a unit of flux density.

    Raises:
        ValueError: the unit is not one of flux density.
    """
    from astropy import units as u

    try:
        nanojansky = (values * u.Unit(str(unit))).to_value(u.nJy)
    except (u.UnitConversionError, ValueError, TypeError) as error:
        raise ValueError(
            f"{name}: the flux has the unit {unit}, which is not a flux "
            "density. Convert it to nJy."
        ) from error
    return from_zeropoint(nanojansky, NANOJANSKY)


def apply(
    table: pd.DataFrame, stated: Mapping[str, Any], name: str
) -> tuple[pd.DataFrame, bool]:
    """A table with our names, without the units that its columns state.

    Args:
        table: one row per observation.
        stated: unit of `mjd`, `jd`, `flux`, `flux_err`, `mag` or `mag_err`, where there
            is one.
        name: of the data, for messages.

    Returns:
        The table with days, magnitudes in mag (and the system that their unit states,
        where no column does), and fluxes at zero point 27.5 where these have a unit;
        and whether they have.

    Raises:
        ValueError: only one of flux and error has a unit, there is a zero point beside
            it, or a unit cannot be converted.
    """
    united = [column for column in ("flux", "flux_err") if stated.get(column)]
    if len(united) == 1 or (united and "zeropoint" in table):
        raise ValueError(
            f"{name}: a unit stands at {' and '.join(united)}, beside a column "
            "without a unit or a zero point. Give all of them one unit, or none."
        )
    rows = ObjectIds(np.zeros(len(table), np.int64), np.array([name], object))
    converted = {
        column: from_unit(numbers(table, column, rows), stated[column], name)
        for column in united
    }
    for column in ("mjd", "jd"):
        if stated.get(column) and column in table:
            time = numbers(table, column, rows)
            converted[column] = in_days(time, stated[column], name)
    for column in ("mag", "mag_err"):
        if stated.get(column) and column in table:
            scale, system = of_magnitudes(stated[column], name)
            if scale != 1:  # else it may be text, such as <19.5
                converted[column] = scale * numbers(table, column, rows)
            if system and "zpsys" not in table:
                table = table.assign(zpsys=system)
    if united:  # of any system
        table = table.drop(columns="zpsys", errors="ignore")
    return table.assign(**converted), bool(united)


def is_magnitude(magnitude: ArrayLike) -> np.ndarray:
    """Where there is a magnitude: not NaN, and none of -999, 0, 99 and 100, by which
    surveys and brokers say that there is none.

    Args:
        magnitude: `(n,)`.

    Returns:
        bool `(n,)`.
    """
    magnitude = np.asarray(magnitude, np.float64)
    return (magnitude > 0) & (magnitude < 50)


def from_magnitudes(
    magnitude: ArrayLike, error: ArrayLike, positive: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Fluxes and their errors at zero point 27.5.

    Args:
        magnitude: AB, `(n,)`, of the absolute value of the difference flux.
        error: mag, `(n,)`.
        positive: bool `(n,)`; False where the source is fainter than in the reference.

    Returns:
        float64 `(n,)` each: `flux = 10 ** (-0.4 * (magnitude - 27.5))`, negative where
        not positive, and `flux_err = |flux| * error * ln(10) / 2.5`.

    Example:
        >>> flux, flux_err = from_magnitudes([20.0], [0.1], [True])
        >>> flux.item(), round(flux_err.item(), 4)
        (1000.0, 92.1034)
    """
    flux = 10.0 ** (-0.4 * (np.asarray(magnitude, np.float64) - ZEROPOINT))
    flux_err = flux * np.asarray(error, np.float64) * (np.log(10) / 2.5)
    return np.where(np.asarray(positive, bool), flux, -flux), flux_err
