"""Depths and noise of each passband, from the errors of the fluxes."""

import math
from typing import Any

import numpy as np

from zoo.datasets.survey_files import QUANTILES
from zoo.light_curves.ragged import DETECTION_SNR, ZEROPOINT, LightCurves

FEWEST = 30
"""Rows from which a quantile, or objects from which a distribution, is measured."""

_FAINT, _BRIGHT = 10.0, 20.0  # signal-to-noise ratios: sky alone, and the object too
# What the simulator adds to the sky noise of a depth: the median excess of a host and
# of the subtraction (`observe`: exp(|N(0, 0.12)|)), and a reference image 1.25 mag
# deeper (`survey_files.read`).
_ADDED = 2.5 * np.log10(np.exp(0.12 * 0.6745) * np.sqrt(1 + 10 ** (-0.8 * 1.25)))


def measure_noise(
    light_curves: LightCurves,
) -> tuple[dict[str, dict[str, Any]], float | None, list[str]]:
    """Measure every passband with enough rows.

    Returns:
        The tables [passband.NAME], the error floor (None where it cannot be told), and
        a note on what was left out or could not be measured.

    Raises:
        ValueError: no passband has enough rows.
    """
    tables: dict[str, dict[str, Any]] = {}
    notes, floors = [], []
    flux = light_curves.flux.astype(float)
    error = light_curves.flux_err.astype(float)
    for passband in light_curves.observed:
        name = passband.name
        rows = light_curves.band == light_curves.passbands.index(passband)
        if rows.sum() < FEWEST:
            notes.append(
                f"passband {name} is left out: it has {rows.sum()} rows, fewer than "
                f"{FEWEST}"
            )
            continue
        faint = rows & (flux < _FAINT * error)
        if faint.sum() < FEWEST:
            faint = rows
            notes.append(
                f"depth of {name}: from all rows, as fewer than {FEWEST} are fainter "
                f"than {_FAINT:g} sigma; bright objects make it too shallow"
            )
        sky = error[faint]
        limits = ZEROPOINT - 2.5 * np.log10(DETECTION_SNR * sky) + _ADDED
        table: dict[str, Any] = {}
        if passband in light_curves.own:
            table["wavelength"] = round(passband.wavelength, 6)
        table["depth"] = _rounded(np.quantile(limits, QUANTILES))
        bright = rows & (flux > _BRIGHT * error)
        if bright.sum() >= FEWEST:
            floor, electrons = _object_noise(
                flux[bright], error[bright], float(np.median(sky))
            )
            floors.append(floor)
            if electrons is not None:
                table["zeropoint"] = round(ZEROPOINT + 2.5 * math.log10(electrons), 2)
            else:
                notes.append(
                    f"zeropoint of {name}: left out, as the errors do not grow as the "
                    "root of the flux"
                )
        else:
            notes.append(
                f"zeropoint of {name}: left out, as fewer than {FEWEST} rows are "
                f"brighter than {_BRIGHT:g} sigma"
            )
        tables[name] = table
    if not tables:
        raise ValueError(
            f"no passband has {FEWEST} rows, so that nothing can be measured. Give "
            "more light curves."
        )
    return tables, (round(float(np.median(floors)), 4) if floors else None), notes


def _object_noise(
    flux: np.ndarray, error: np.ndarray, sky: float
) -> tuple[float, float | None]:
    """Error floor, and electrons per flux unit where the errors tell."""
    floor = float(np.clip(np.quantile(error / flux, 0.02), 0, 0.2))
    left = error**2 - sky**2 - (floor * flux) ** 2
    per_flux = float(np.median(left / flux))
    # Photons matter where they add a tenth to the variance of the sky.
    seen = per_flux > 0 and per_flux * np.median(flux) > 0.1 * sky**2
    return floor, 1 / per_flux if seen else None


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(one), 2) for one in np.maximum.accumulate(values)]
