"""Light curves from formulas, for golden values and examples."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.table import from_tables
from zoo.passbands import find

# Bazin et al. 2009 (A&A 499, 653): amplitude (flux, zero point 27.5), rise and fall
# (days), redshift and mwebv, chosen to cover short and long, bright and faint.
_SHAPES = (
    ("SNIa", 4000.0, 3.0, 18.0, 0.04, 0.03),
    ("SNIa-91bg", 900.0, 2.5, 10.0, 0.03, np.nan),
    ("SNIb", 1200.0, 4.0, 15.0, np.nan, 0.08),
    ("SNII", 2500.0, 2.0, 60.0, 0.02, 0.02),
    ("SNIIn", 800.0, 8.0, 45.0, 0.06, 0.05),
    ("TDE", 700.0, 10.0, 70.0, np.nan, np.nan),
    ("SLSN-I", 500.0, 14.0, 40.0, 0.25, 0.02),
    ("SNIc-BL", 60.0, 3.0, 12.0, 0.4, 0.1),
)


def golden_light_curves(
    bands: tuple[str, ...] = (), wavelengths: Mapping[str, float] | None = None
) -> LightCurves:
    """Eight analytic light curves in the given passbands; none given: ztfg and ztfr.

    `wavelengths`, um, are needed of passbands that a user gave.

    They hold non-detections before the rise, negative fluxes and unknown metadata.

    Example:
        >>> len(golden_light_curves())
        8
    """
    days = np.arange(-30.0, 90.0, 3.0)
    rows, metadata = [], []
    for number, (label, amplitude, rise, fall, redshift, mwebv) in enumerate(_SHAPES):
        object_id = f"golden-{number}"
        metadata.append((object_id, label, redshift, mwebv))
        for index, band in enumerate(bands or ("ztfg", "ztfr")):
            mjd = 60000 + 100 * number + days + 0.4 * index
            shape = np.exp(-days / fall) / (1 + np.exp(-days / rise))
            wiggle = np.sin(7 * days + index)  # stands in for noise
            flux_err = 0.02 * amplitude * (1 + 0.3 * index) + 1
            flux = amplitude * (0.7 + 0.2 * index) * shape + wiggle * flux_err
            frame = pd.DataFrame({"mjd": mjd, "flux": flux, "flux_err": flux_err})
            rows.append(frame.assign(object_id=object_id, band=band))
    photometry = pd.concat(rows, ignore_index=True)
    if unknown := [band for band in bands if find(band) is None]:
        own = {band: (wavelengths or {})[band] for band in unknown}
        photometry["wavelength"] = photometry["band"].map(own)
    return from_tables(
        photometry,
        pd.DataFrame(metadata, columns=["object_id", "label", "redshift", "mwebv"]),
    )
