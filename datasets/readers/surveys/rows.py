"""Rules that several surveys share: sentinels and repeated rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import build

SENTINELS = (-9.0, -99.0, -999.0, -9999.0, 999.0)
"""Numbers that surveys write for "not known"; none of them is a redshift or a
reddening."""


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
    # The tolerance covers values in single precision.
    unknown = np.isclose(numbers[:, None], SENTINELS, rtol=1e-6).any(1)
    return np.where(unknown, np.nan, numbers)


def first_known(candidates: Sequence[ArrayLike], count: int) -> np.ndarray:
    """The first of several values of each object that is known.

    Args:
        candidates: redshifts or reddenings `(n,)` each, as in `unknown_to_nan`.
        count: n, the number of objects.

    Returns:
        float64 `(n,)`, NaN where none is known.

    Example:
        >>> first_known([[-9.0, 0.1], [0.3, 0.2]], 2)
        array([0.3, 0.1])
    """
    known = np.full(count, np.nan)
    for values in candidates:
        known = np.where(np.isnan(known), unknown_to_nan(values), known)
    return known


def assemble(
    photometry: pd.DataFrame,
    metadata: pd.DataFrame,
    source: Path | str,
    left_out: Counter[str],
    options: ReadOptions = DEFAULT,
) -> Iterator[LightCurves]:
    """Build light curves, without what real files hold and a table refuses.

    Rows without a flux or a valid error are left out. Of several rows at the same time
    and in the same passband the one with the smallest error is kept. Objects without a
    row are left out.

    Args:
        photometry: `object_id`, `mjd` (days), `band`, `flux`, `flux_err` (zero point
            27.5, or that of a column `zeropoint`), and `detected` where the survey has
            it.
        metadata: `object_id`, `redshift`, `mwebv` and `label` of the same objects.
        source: the file, for messages.
        left_out: what is left out is counted here, by reason.
        options: what names of passbands stand for.

    Yields:
        The light curves; nothing where no row is left.

    Raises:
        ValueError: the rows break another rule of a light-curve table.
    """
    flux, flux_err = photometry["flux"], photometry["flux_err"]
    valid = np.isfinite(flux) & np.isfinite(flux_err) & (flux_err > 0)
    photometry = photometry[valid]
    left_out["rows without a flux or an error above 0"] += int((~valid).sum())

    key = ["object_id", "mjd", "band"]
    if photometry.duplicated(key).any():
        best = photometry.sort_values("flux_err", kind="stable").drop_duplicates(key)
        left_out[
            "repeated rows of one time and passband (kept: the smallest error)"
        ] += len(photometry) - len(best)
        photometry = best.sort_index()

    observed = metadata["object_id"].isin(photometry["object_id"].unique())
    left_out["objects without an observation"] += int((~observed).sum())
    if len(photometry):
        try:
            yield build(photometry, metadata[observed], options).light_curves
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from error


def columns_of(path: Path) -> set[str]:
    """The names of the columns of a CSV file; an empty set for any other file."""
    try:
        return set(pd.read_csv(path, nrows=0).columns)
    except (ValueError, OSError, EOFError):
        return set()
