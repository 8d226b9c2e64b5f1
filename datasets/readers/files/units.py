"""Fluxes at the zero point of the zoo, from whatever a survey writes."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from zoo.light_curves.columns import METADATA, PHOTOMETRY, is_real
from zoo.light_curves.photometry import LARGEST_ZEROPOINT, refuse_other_systems
from zoo.light_curves.ragged import ZEROPOINT

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


def light_curve_columns(table: pd.DataFrame, zeropoint: float | None) -> pd.DataFrame:
    """The columns of a light-curve table, with fluxes at zero point 27.5.

    Args:
        table: one row per observation, with our names. Its `zeropoint` column is
            dropped, unless a zero point is no number or out of range: then the checks
            of `zoo.light_curves.table` will name it.
        zeropoint: AB zero point of the fluxes without such a column; default 27.5.

    Raises:
        ValueError: the fluxes are not of the AB system.
    """
    table = table[[name for name in (*PHOTOMETRY, *METADATA) if name in table]]
    if "zpsys" in table:
        needed = table["flux"].notna().to_numpy()
        refuse_other_systems(table.pop("zpsys"), needed, "row {}".format)
    if "zeropoint" not in table:
        if zeropoint is None:
            return table
        table = table.assign(zeropoint=zeropoint)
    zeropoints = table["zeropoint"]
    if not is_real(zeropoints.dtype):
        return table
    if not (zeropoints.abs() <= LARGEST_ZEROPOINT).all():
        return table
    table = table.drop(columns="zeropoint")
    if (zeropoints == ZEROPOINT).all():
        return table
    fluxes = {
        name: from_zeropoint(table[name], zeropoints) for name in ("flux", "flux_err")
    }
    return table.assign(**fluxes)


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
