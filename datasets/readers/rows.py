"""What every reader does with the rows of a survey's files."""

import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

SENTINELS = (-9.0, -99.0, -999.0, -9999.0, 999.0)
"""Numbers that surveys write for "not known"; none of them is a redshift or a
reddening."""

DETECTED = 4096
"""Bit of SNANA's PHOTFLAG: the observation is a detection (ELAsTiCC, YSE)."""

SATURATED = 1024
"""Bit of SNANA's PHOTFLAG: the observation is saturated (ELAsTiCC)."""


def unknown_to_nan(values: ArrayLike) -> np.ndarray:
    """Replace the sentinels of the surveys by NaN.

    Args:
        values: redshifts or reddenings `(n,)`; text that is no number counts as not
            known.

    Returns:
        float64 `(n,)`.

    Example:
        >>> unknown_to_nan([0.05, -9.0])
        array([0.05,  nan])
    """
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(np.float64)
    # Single precision tells -9.0 from a neighbour, and so does `isclose`.
    unknown = np.isclose(numbers[:, None], SENTINELS, rtol=1e-6).any(1)
    return np.where(unknown, np.nan, numbers)


def apply_photflag(photometry: pd.DataFrame, photflag: np.ndarray) -> pd.DataFrame:
    """Drop saturated rows and add `detected` from SNANA's PHOTFLAG.

    Args:
        photometry: `n` rows.
        photflag: int `(n,)`. All zero means that the survey set no flags: then
            `detected` is left out, and the signal-to-noise rule applies.
    """
    if not photflag.any():
        return photometry
    flagged = photometry.assign(detected=(photflag & DETECTED) != 0)
    return flagged[(photflag & SATURATED) == 0]


def keep_valid(photometry: pd.DataFrame, dropped: Counter[str]) -> pd.DataFrame:
    """Drop the rows that real files hold and a light-curve table refuses.

    Of several observations at the same time and in the same passband the one with the
    smallest error stays.

    Args:
        photometry: `object_id`, `mjd` (days), `band`, `flux` and `flux_err`.
        dropped: the number of rows left out is added here, by reason.
    """
    flux, flux_err = photometry["flux"], photometry["flux_err"]
    valid = np.isfinite(flux) & np.isfinite(flux_err) & (flux_err > 0)
    if not valid.all():
        dropped["rows without a flux or an error above 0"] += int((~valid).sum())
        photometry = photometry[valid]
    key = ["object_id", "mjd", "band"]
    if photometry.duplicated(key).any():
        best = photometry.sort_values("flux_err", kind="stable").drop_duplicates(key)
        dropped[
            "repeated rows of one time and passband (kept: the smallest error)"
        ] += len(photometry) - len(best)
        photometry = best.sort_index()
    return photometry


def keep_observed(
    metadata: pd.DataFrame, photometry: pd.DataFrame, dropped: Counter[str]
) -> pd.DataFrame:
    """Drop the objects without any row of photometry, and count them in `dropped`."""
    observed = metadata["object_id"].isin(photometry["object_id"].unique())
    if not observed.all():
        dropped["objects without an observation"] += int((~observed).sum())
    return metadata[observed]


def warn_dropped(dropped: Counter[str], folder: Path) -> None:
    """Say once what was left out of a folder, if anything was."""
    if dropped:
        counts = "; ".join(f"{count} {reason}" for reason, count in dropped.items())
        warnings.warn(f"{folder}: left out {counts}.", stacklevel=3)
